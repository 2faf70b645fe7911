require "sim_modules"
local fake_metrics = require "fake_metrics"
local fake_tasks = require "fake_tasks"

local MINUTE = fake_metrics.MINUTE
local metrics = fake_metrics.load()

local shop = { service = "shop" }
local alias = { alias = "live" }

-- Calls are answered by `answer(call, driver)`.
local function driver_of(answer)
    return fake_tasks.new { call = answer }
end

local function ok(value)
    return { outcome = "ok", value = value }
end

local function refused(code, message, again)
    return { outcome = "rejected", error = { code = code, message = message, again = again } }
end

local function seven()
    return ok(7)
end

local function sample(run, driver, after, now, names)
    return driver:run(run.sample, run, shop, names or { "errors" }, after, now)
end

-- What a call raises, as a table.
local function problem(call, ...)
    local succeeded, raised = pcall(call, ...)
    assert.is_false(succeeded)
    return raised
end

describe("the targets of a run", function()
    it("are looked at once, while they are as it found them", function()
        local run = metrics.new {}
        local driver = driver_of(function() return ok { FunctionVersion = "7" } end)
        driver:run(run.begin, run, { alias, shop, alias })
        assert.same({ { operation = "lambda.get_alias", input = { Name = "live" } } },
            driver:all("call"))
        driver.answer.call = seven
        driver:run(run.sample, run, alias, { "errors" }, 0, MINUTE)
        assert.same({ alias = "live", baseline = "7" }, run.book[1].target)
    end)

    it("that nobody tells of end the run: as wrong, or as not reached", function()
        local run = metrics.new {}
        assert.same({ invalid = "the target could not be looked at: AccessDenied: no" },
            problem(fake_tasks.run, driver_of(function() return refused("AccessDenied", "no") end),
                run.begin, run, { alias }))
        for _, code in ipairs { "NotSent", "Lost" } do
            assert.same({ failed = "the target could not be looked at: no route" },
                problem(fake_tasks.run, driver_of(function() return refused(code, "no route") end),
                    run.begin, run, { alias }))
        end
        for _, code in ipairs { "TooManyRequestsException", "InternalFailure", "ExpiredToken" } do
            assert.same({ failed = ("the target could not be looked at: %s: later"):format(code) },
                problem(fake_tasks.run, driver_of(function() return refused(code, "later") end),
                    run.begin, run, { alias }))
        end
    end)
end)

describe("a sample", function()
    it("asks for all its metrics at the same time", function()
        local run, driver = metrics.new {}, driver_of(seven)
        local period = sample(run, driver, 0, MINUTE, { "errors", "requests" }).period
        assert.equal(0, period.at)
        assert.equal(7, period.metrics.requests.canary.value)
        assert.equal(2, #driver:all("call"))
        assert.equal(1, driver.rounds)
    end)

    it("is not there yet while nothing is over", function()
        local run, driver = metrics.new {}, driver_of(seven)
        assert.same({}, sample(run, driver, 0, MINUTE - 1))
        assert.same({}, driver.asked)
    end)

    it("is taken from what the one before brought, as long as that lasts", function()
        local run, driver = metrics.new {}, driver_of(seven)
        for i = 0, 2 do
            assert.equal(i * MINUTE, sample(run, driver, i * MINUTE, 3 * MINUTE).period.at)
        end
        assert.equal(1, #driver:all("call"))
        assert.same({}, sample(run, driver, 3 * MINUTE, 3 * MINUTE))
        assert.equal(1, #driver:all("call"))
        sample(run, driver, 3 * MINUTE, 4 * MINUTE)
        assert.equal(2, #driver:all("call"))
        sample(run, driver, 3 * MINUTE, 4 * MINUTE, { "requests" })
        assert.equal(3, #driver:all("call"))
    end)

    -- A source goes on counting a minute that is over.
    it("is asked for again at another instant, and says for how long", function()
        local value = 7
        local run, driver = metrics.new {}, driver_of(function() return ok(value) end)
        local got = sample(run, driver, 0, MINUTE)
        assert.equal(7, got.period.metrics.errors.canary.value)
        assert.same({ MINUTE, 5000 }, { got.length, got.still })
        value = 9
        assert.equal(7, sample(run, driver, 0, MINUTE).period.metrics.errors.canary.value)
        assert.equal(9, sample(run, driver, 0, 2 * MINUTE).period.metrics.errors.canary.value)
    end)

    it("is kept with the instant at which the run had it", function()
        local run, driver = metrics.new {}, driver_of(seven)
        sample(run, driver, 0, 2 * MINUTE)
        assert.same({ { target = shop, metrics = { "errors" }, from = 0, count = 2,
            seen = 2 * MINUTE } }, run.book)
    end)

    it("warns when a provider stops answering, and when it says something else", function()
        local message = "gone"
        local run = metrics.new {}
        local driver = driver_of(function()
            return message and refused("Lost", message) or ok(1)
        end)
        local function warning(minute)
            return sample(run, driver, minute * MINUTE, (minute + 1) * MINUTE).warning
        end
        assert.equal("errors cannot be read: gone", warning(0))
        assert.is_nil(warning(1))
        message = "still gone"
        assert.equal("errors cannot be read: still gone", warning(2))
        message = nil
        assert.is_nil(warning(3))
        message = "still gone"
        assert.equal("errors cannot be read: still gone", warning(4))
    end)
end)

describe("a query of the policy", function()
    local function query(driver, fields)
        local effect = { target = shop, metric = "errors", arm = "canary", from = 0,
            to = 2 * MINUTE }
        for name, value in pairs(fields or {}) do
            effect[name] = value
        end
        local run = metrics.new {}
        return driver:run(run.query, run, effect, 5 * MINUTE)
    end

    it("is answered with points, floats all of them", function()
        local points = query(driver_of(seven)).points
        assert.same({ { at = 0, value = 7.0 }, { at = MINUTE, value = 7.0 } }, points)
        assert.equal("float", math.type(points[1].value))
        assert.same({}, query(driver_of(seven), { arm = "baseline" }).points)
    end)

    it("is refused where it makes no sense", function()
        local driver = driver_of(seven)
        for _, wrong in ipairs { { arm = "both" }, { from = -1 }, { to = -5 }, { from = 1.5 } } do
            assert.is_string(problem(query, driver, wrong).invalid)
        end
        assert.same({}, driver.asked)
    end)

    it("is asked again for a minute where nobody answers", function()
        local driver = driver_of(function() return refused("Lost", "gone", true) end)
        assert.matches("^errors cannot be read: .*gone", problem(query, driver).unanswered)
        assert.equal(MINUTE, driver.now)
    end)

    it("is answered once the provider is there again", function()
        local away = 4
        local points = query(driver_of(function(...)
            away = away - 1
            return away >= 0 and refused("Lost", "gone", true) or seven(...)
        end)).points
        assert.equal(2, #points)
    end)

    it("is not asked again on the way back, or where that would not help", function()
        local driver = driver_of(function() return refused("Lost", "gone", true) end)
        driver.halted = true
        assert.is_string(problem(query, driver).unanswered)
        assert.equal(0, driver.now)
        driver = driver_of(function() return refused("AccessDenied", "not allowed") end)
        assert.matches("^errors cannot be read: .*not allowed", problem(query, driver).invalid)
        assert.equal(0, driver.now)
    end)
end)

describe("a series that is read for two targets", function()
    it("is refused, whenever the second one asks", function()
        local run, driver = metrics.new {}, driver_of(seven)
        driver:run(run.sample, run, shop, { "errors" }, 0, MINUTE)
        local other = { service = "shop", name = "other" }
        assert.same({ invalid = 'errors is one series, errorsshop, for two targets: '
            .. '{"service":"shop"} and {"name":"other","service":"shop"}' },
            problem(fake_tasks.run, driver, run.sample, run, other, { "errors" }, 0, MINUTE))
        driver:run(run.sample, run, shop, { "errors" }, 0, MINUTE)
    end)
end)

describe("a time that is over", function()
    local DAY = 1440 * MINUTE

    local function backfill(driver, run, asked)
        local all = { questions = { { target = shop, metrics = { "errors" } } }, ticks = {},
            from = 0, to = 2 * MINUTE, now = 5 * DAY }
        for name, value in pairs(asked or {}) do
            all[name] = value
        end
        return driver:run(run.backfill, run, all)
    end

    it("is asked for in parts of a day of minutes, and kept", function()
        local run, driver = metrics.new {}, driver_of(seven)
        backfill(driver, run, { to = 2 * DAY + MINUTE })
        local parts = {}
        for i, kept in ipairs(run.book) do
            assert.is_nil(kept.seen)
            parts[i] = { kept.from // MINUTE, kept.count }
        end
        assert.same({ { 0, 1440 }, { 1440, 1440 }, { 2880, 1 } }, parts)
    end)

    it("asks no question that another one contains", function()
        local run, driver = metrics.new {}, driver_of(function(call)
            return call.input.Name and ok { FunctionVersion = "7" } or ok(7)
        end)
        backfill(driver, run, { questions = {
            { target = shop, metrics = { "errors" } },
            { target = shop, metrics = { "errors", "requests" }, watch = 3 },
            { target = shop, metrics = { "requests" } },
            { target = alias, metrics = { "errors" } },
        } })
        local asked = {}
        for i, call in ipairs(driver:all("call")) do
            asked[i] = call.input.name or call.operation
        end
        assert.same({ "lambda.get_alias", "errors", "requests", "errors" }, asked)
    end)

    it("has what the run itself read before what is answered now", function()
        local run, driver = metrics.new {}, driver_of(seven)
        backfill(driver, run, {
            questions = { { target = shop, metrics = { "errors" }, watch = 4 } },
            ticks = { { watch = 4, at = 99, periods = { { at = 0 } } },
                { watch = 5, at = 100, periods = { { at = 0 } } } },
        })
        assert.same({ 99, "nil" }, { run.book[1].seen, tostring(run.book[2].seen) })
        assert.equal(2, #run.book)
    end)

    it("is asked for three times where that may help", function()
        local tries = 0
        local run = metrics.new {}
        local driver = driver_of(function()
            tries = tries + 1
            return tries < 3 and refused("Lost", "gone", true) or ok(1)
        end)
        backfill(driver, run)
        assert.same({ 3, 2000 }, { tries, driver.now })
        assert.same({ failed = "errors (canary) was not answered for 1970-01-01T00:00:00Z: gone" },
            problem(backfill, driver_of(function() return refused("Lost", "gone", true) end),
                metrics.new {}))
        driver = driver_of(function() return refused("Forbidden", "no") end)
        problem(backfill, driver, metrics.new {})
        assert.equal(1, #driver:all("call"))
    end)

    it("of which nothing has settled is refused", function()
        local message = problem(backfill, driver_of(seven), metrics.new {}, { from = 5 * DAY,
            to = 6 * DAY }).invalid
        assert.matches("there is no period yet .* from 1970%-01%-06T00:01:00Z on", message)
    end)
end)
