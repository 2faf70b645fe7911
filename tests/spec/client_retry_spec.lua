require "sim_modules"
local retry = require "aws.client.retry"

local function call(fields)
    local params = { attempt = 1, attempts = 3, quota = 500, now = 0, unit = 1 }
    for name, value in pairs(fields or {}) do
        params[name] = value
    end
    return params
end

describe("the wait before another attempt", function()
    it("doubles up to 20 seconds, and is longer where AWS said to slow down", function()
        local transient, throttling = {}, {}
        for attempt = 1, 10 do
            transient[attempt] = retry.delay(attempt, "transient", 1)
            throttling[attempt] = retry.delay(attempt, "throttling", 1)
        end
        assert.same({ 50, 100, 200, 400, 800, 1600, 3200, 6400, 12800, 20000 }, transient)
        assert.same({ 1000, 2000, 4000, 8000, 16000, 20000, 20000, 20000, 20000, 20000 },
            throttling)
        assert.equal(20000, retry.delay(5000, "throttling", 1))
        assert.same({ 0, 25 }, { retry.delay(1, "transient", 0), retry.delay(1, "transient", 0.5) })
    end)

    it("is what the server asks for, but at most five seconds more", function()
        assert.equal(1500, retry.delay(1, "transient", 1, 1500))
        assert.equal(5050, retry.delay(1, "transient", 1, 10000))
        assert.equal(50, retry.delay(1, "transient", 1, 10))
    end)
end)

describe("whether there is another attempt", function()
    it("depends on the answer, on how many there were, and on the quota", function()
        assert.same({ delay = 50, quota = 486 }, retry.following({ retry = "transient" }, call()))
        assert.same({ delay = 2000, quota = 495 }, retry.following({ retry = "throttling" },
            call { attempt = 2 }))
        assert.is_nil(retry.following({}, call()))
        assert.is_nil(retry.following({ retry = "transient" }, call { attempt = 3 }))
        assert.is_nil(retry.following({ retry = "transient" }, call { quota = 13 }))
        assert.is_truthy(retry.following({ retry = "throttling" }, call { quota = 5 }))
    end)

    it("refills the quota by what the success had cost, or one", function()
        assert.same({ 500, 500, 414, 405, 401 }, { retry.refilled(499), retry.refilled(500,
            "transient"), retry.refilled(400, "transient"), retry.refilled(400, "throttling"),
            retry.refilled(400) })
    end)
end)

describe("a clock that is wrong", function()
    it("is corrected once", function()
        local answer = { retry = "skew", date = 9000, certain = true }
        assert.same({ delay = 0, quota = 500, skew = 8000 }, retry.following(answer,
            call { now = 1000 }))
        assert.is_nil(retry.following(answer, call { now = 1000, corrected = true }))
    end)

    it("may be meant by a bad signature only if it is far off", function()
        local answer = { retry = "skew", date = 600000 }
        assert.equal(600000, retry.skew(answer, 0))
        assert.equal(-400000, retry.skew(answer, 1000000))
        assert.is_nil(retry.skew(answer, 500000))
        assert.is_nil(retry.following(answer, call { now = 500000 }))
        assert.is_nil(retry.skew({ retry = "skew" }, 0))
    end)
end)
