require "sim_modules"
local fake_tasks = require "fake_tasks"

-- HTTP is not what is looked at here: an answer is what client.answer would make of it.
local pages_rules = { token = "Marker", next = "NextMarker", items = { "Items" } }
package.loaded["aws.client"] = {
    where = function(operation)
        if operation == "no.such" then
            error({ invalid = "there is no operation no.such" }, 0)
        end
        return { service_id = "Lambda", endpoint_prefix = "lambda", signing_name = "lambda",
            signed = operation ~= "sts.unsigned" }
    end,
    request = function(operation, input, url, tokens)
        if input.wrong then
            error({ invalid = "the input is wrong" }, 0)
        end
        return { operation = operation, input = input, url = url, tokens = tokens }
    end,
    answer = function(_, response)
        return response.answer
    end,
    next_page = function(_, input, output)
        return require("aws.client.pages").following(pages_rules, input, output)
    end,
    merged = function(_, list)
        return require("aws.client.pages").all(pages_rules, list)
    end,
}
package.loaded["aws.client.run"] = nil
local run = require "aws.client.run"

local function ok(value)
    return { outcome = "ok", value = value or { Name = "live" } }
end

local function refused(code, more)
    local answer = { outcome = "rejected", error = { code = code, message = "m" } }
    for name, value in pairs(more or {}) do
        answer[name] = value
    end
    return answer
end

local throttled = refused("Throttling", { retry = "throttling" })
local failed = refused("InternalFailure", { retry = "transient" })
local expired = refused("ExpiredToken", { expired = true })

-- A driver that answers with these, one after the other, and the last one from then on.
local function driver_of(answers, more)
    local sent = 0
    local answer = { endpoint = function(service)
        return { url = "https://" .. service.prefix .. "." .. service.region }
    end, send = function(_, driver)
        sent = sent + 1
        local next_one = answers[sent] or answers[#answers]
        if next_one.refused then
            error(next_one, 0)
        end
        return { answer = next_one, at = driver.now, keys = 1 }
    end }
    for name, value in pairs(more or {}) do
        answer[name] = value
    end
    return fake_tasks.new(answer)
end

local function new(params)
    local given = { agent = "t/1", seed = { 1, 2 } }
    for name, value in pairs(params or {}) do
        given[name] = value
    end
    return run.new(given)
end

local function call(driver, of, operation, input)
    return driver:run(of.call, of, operation or "lambda.get_alias", input or {}, "eu-west-1")
end

local function attempts(driver)
    local list = {}
    for i, request in ipairs(driver:all("send")) do
        list[i] = request.tokens.attempt
    end
    return list
end

describe("an operation", function()
    it("is asked where its service is, once a run, and sent to be signed", function()
        local of, driver = new(), driver_of { ok() }
        assert.same(ok(), call(driver, of))
        assert.same(ok(), call(driver, of))
        assert.equal(1, #driver:all("endpoint"))
        local request = driver:all("send")[1]
        assert.equal("https://lambda.eu-west-1", request.url)
        assert.same({ service = "lambda", region = "eu-west-1", skew = 0 }, request.sign)
        assert.same({ "t/1", 1, 3 }, { request.tokens.agent, request.tokens.attempt,
            request.tokens.attempts })
        assert.is_nil(call(driver, of, "sts.unsigned") and driver:all("send")[3].sign)
    end)

    it("has a token and an id of its own, the same for all of its attempts", function()
        local driver = driver_of { throttled, ok() }
        local of = new()
        call(driver, of)
        call(driver, of)
        local sent = driver:all("send")
        for _, name in ipairs { "idempotency", "invocation" } do
            local first = sent[1].tokens[name]
            assert.matches("^%x+%-%x%x%x%x%-4%x%x%x%-[89ab]%x%x%x%-%x+$", first)
            assert.equal(36, #first)
            assert.equal(first, sent[2].tokens[name])
            assert.not_equal(first, sent[3].tokens[name])
        end
        assert.not_equal(sent[1].tokens.idempotency, sent[1].tokens.invocation)
    end)

    it("that cannot be sent is refused, and nothing leaves", function()
        local of, driver = new(), driver_of { ok() }
        assert.same({ code = "NotSent", message = "the input is wrong" },
            call(driver, of, nil, { wrong = true }).error)
        assert.same({ code = "NotSent", message = "there is no operation no.such" },
            call(driver, of, "no.such").error)
        assert.equal(0, #driver:all("send"))
        driver = driver_of({ ok() }, { endpoint = function()
            error({ refused = "no region is configured" }, 0)
        end })
        assert.same({ outcome = "rejected", error = { code = "NotSent",
            message = "no region is configured" } }, call(driver, new()))
        driver = driver_of { { refused = "credentials: none" } }
        assert.same({ outcome = "rejected", error = { code = "NotSent",
            message = "credentials: none" } }, call(driver, new()))
        assert.equal(1, #driver:all("send"))
    end)
end)

describe("another attempt", function()
    it("is made of what was refused for certain, three in all", function()
        local driver = driver_of { throttled }
        local answer = call(driver, new())
        assert.same({ "rejected", "Throttling" }, { answer.outcome, answer.error.code })
        assert.same({ 1, 2, 3 }, attempts(driver))
        local waits = driver:all("wait")
        assert.equal(2, #waits)
        assert.is_true(waits[1] <= 1000 and waits[2] <= 2000)
    end)

    it("is made as often as the operator says", function()
        local driver = driver_of { failed }
        call(driver, new { attempts = "5" })
        assert.same({ 1, 2, 3, 4, 5 }, attempts(driver))
        assert.equal(5, driver:all("send")[1].tokens.attempts)
        for _, text in ipairs { "", "0", "many" } do
            driver = driver_of { failed }
            call(driver, new { attempts = text })
            assert.equal(3, #driver:all("send"))
        end
    end)

    it("is not made of what nobody knows", function()
        local driver = driver_of { { outcome = "unknown", error = { code = "Lost", message = "" } },
            ok() }
        assert.equal("unknown", call(driver, new(), "lambda.update_alias").outcome)
        assert.equal(1, #driver:all("send"))
    end)

    it("costs all calls of a run together, and a success pays back", function()
        local of, driver = new(), driver_of { failed }
        for _ = 1, 17 do
            call(driver, of)
        end
        assert.equal(500 - 34 * 14, of.quota)
        local before = #driver:all("send")
        call(driver, of)
        call(driver, of)
        assert.equal(500 - 35 * 14, of.quota)
        assert.equal(before + 3, #driver:all("send"))
        call(driver_of { ok() }, of)
        assert.equal(500 - 35 * 14 + 1, of.quota)
        assert.equal(500, new().quota)
    end)

    it("is not made once the wait for it is cut short", function()
        local driver = driver_of { throttled, ok() }
        driver.halted = true
        assert.equal("Throttling", call(driver, new()).error.code)
        assert.equal(1, #driver:all("send"))
    end)
end)

describe("a session that has ended", function()
    it("is renewed once a call, with other keys than it had", function()
        local driver = driver_of { expired, ok() }
        assert.same(ok(), call(driver, new()))
        assert.equal(1, driver:all("send")[2].sign.other_than)
        assert.same({ 1, 2 }, attempts(driver))
        driver = driver_of { expired }
        assert.equal("ExpiredToken", call(driver, new()).error.code)
        assert.equal(2, #driver:all("send"))
    end)

    it("is told as it was where there are no other keys, with why", function()
        local driver = driver_of { expired, { refused = "" } }
        local message = call(driver, new()).error.message
        assert.matches("^m %(the session has ended: sign in again", message)
        assert.is_nil(message:find("failed"))
        driver = driver_of { expired, { refused = "call home" } }
        assert.matches("asking for new ones failed: call home", call(driver, new()).error.message)
    end)

    it("is not renewed where nothing is to be sent any more", function()
        local driver = driver_of { expired, ok() }
        driver.halted = true
        assert.equal("ExpiredToken", call(driver, new()).error.code)
        assert.equal(1, #driver:all("send"))
    end)
end)

describe("a clock that is wrong", function()
    it("is corrected for the rest of the run, once a request", function()
        local skewed = refused("RequestExpired", { retry = "skew", certain = true,
            date = 3600000 })
        local of, driver = new(), driver_of { skewed, ok() }
        assert.same(ok(), call(driver, of))
        call(driver, of)
        local sent = driver:all("send")
        assert.same({ 0, 3600000, 3600000 }, { sent[1].sign.skew, sent[2].sign.skew,
            sent[3].sign.skew })
        driver = driver_of { skewed }
        call(driver, new())
        assert.equal(2, #driver:all("send"))
    end)
end)

describe("an answer in pages", function()
    -- Pages 1, 2, 3 ... up to `count`.
    local function book(count, more)
        return driver_of({ {} }, { send = function(request, driver)
            local page = tonumber(request.input.Marker or "1")
            if more and more[page] then
                return { answer = more[page], at = driver.now, keys = 1 }
            end
            return { at = driver.now, keys = 1, answer = ok { Items = { page },
                NextMarker = page < count and tostring(page + 1) or nil } }
        end })
    end

    it("is asked for to its end, and is one", function()
        local driver = book(5)
        assert.same({ Items = { 1, 2, 3, 4, 5 } }, call(driver, new()).value)
        assert.same({ 1, 1, 1, 1, 1 }, attempts(driver))
    end)

    it("is refused where a page of it is, and a page that cannot be sent never left", function()
        assert.equal("InternalFailure", call(book(5, { [3] = failed }), new()).error.code)
        local driver = book(5)
        local send = driver.answer.send
        driver.answer.send = function(request, of)
            if request.input.Marker == "3" then
                error({ refused = "credentials: gone" }, 0)
            end
            return send(request, of)
        end
        assert.same({ outcome = "rejected", error = { code = "NotSent",
            message = "credentials: gone" } }, call(driver, new()))
    end)

    it("is never cut silently: a thousand pages are taken, and no more", function()
        assert.equal(run.PAGES, #call(book(run.PAGES), new()).value.Items)
        local driver = book(run.PAGES + 1)
        local answer = call(driver, new())
        assert.same({ "rejected", "TooManyPages", "lambda.get_alias has answered 1000 pages, and "
            .. "there are more: ask for less" }, { answer.outcome, answer.error.code,
            answer.error.message })
        assert.equal(run.PAGES, #driver:all("send"))
    end)
end)
