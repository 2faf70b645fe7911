-- What `require "test"` asks for, and what its assertions make of what it is told.

local fake = require "fake_effect"
fake.install()
local faults = require "test_faults"
local outcome = require "test_outcome"
local share = require "test_share"
local test = require "test"

-- What a simulation asks for, and what it returns where this is told.
local function simulate(options, told)
    local asked, run
    local done = fake.run(function()
        run = test.simulate(options)
    end, { simulate = function(request)
        asked = request
        return told
    end })
    return asked, run, done.error
end

local TOLD = { outcome = "promoted", exit = 0, reason = "", cause = "none", duration = 1500000,
    peak_share = 100.0, restored = true, runs = 1, seed = 1, story = "promoted after 25m\n",
    shares = { { share = 5.0 }, { share = 100.0 } }, watches = { { verdict = "safe" } },
    calls = { { operation = "lambda.get_alias", back = false },
        { operation = "lambda.update_alias", back = true } },
    met = { calls = {}, metrics = {}, deeds = {} } }

local function told(changes)
    local copy = {}
    for name, value in pairs(TOLD) do
        copy[name] = value
    end
    for name, value in pairs(changes or {}) do
        copy[name] = value
    end
    return outcome.new(copy)
end

local function fails(text, run)
    local ok, message = pcall(run)
    assert.is_false(ok)
    assert.is_truthy(message:find(text, 1, true), message)
end

describe("test.simulate", function()
    it("writes parameters as -p gives them", function()
        local asked = simulate({ policy = "linear", recording = "r", params = {
            steps = { 5, 50 }, target = { "a", "b" }, bake = "5m", on = true, rate = 0.5 } }, TOLD)
        assert.same({ { "bake", "5m" }, { "on", "true" }, { "rate", "0.5" }, { "steps", "5,50" },
            { "target", "a" }, { "target", "b" } }, asked.arguments)
    end)

    it("takes faults apart by what they are done to", function()
        local asked = simulate({ policy = "linear", recording = "r", inject = "errors*2",
            faults = {
                { "throttled", call = "lambda.update_alias", nth = 2 },
                { "metrics late", by = "2m", from = "5m" },
                { "alarm", name = "x", from = "90s", during = "1m" },
                { "somebody else", at = "3m", operation = "ssm.put_parameter" },
            },
            hands = { { "pause", at = 0 } } }, told { met = { calls = { 1 }, metrics = { 3 },
            deeds = { 1, 1 } } })
        assert.same({ { fate = "throttled", operation = "lambda.update_alias", nth = 2, times = 1,
            from = 0, length = 0 } }, asked.calls)
        assert.same({ { fate = "metrics late", metric = "", arm = "", by = 120000, from = 300000,
            length = 0 } }, asked.metrics)
        assert.same({ "alarm:x@1m30s~1m", "errors*2" }, asked.inject)
        assert.same({ { at = 180000, change = { operation = "ssm.put_parameter", input = {} } },
            { at = 0, by = "a test", request = "pause" } }, asked.deeds)
    end)

    it("lets a fault that lasts befall any number of calls", function()
        local asked = simulate({ policy = "linear", recording = "r",
            faults = { { "broken", from = "1m", during = "2m" } } },
            told { met = { calls = { 4 }, metrics = {}, deeds = {} } })
        assert.equal(0, asked.calls[1].times)
    end)

    it("fails where a fault befell nothing, and says which", function()
        local _, _, why = simulate({ policy = "linear", recording = "r",
            faults = { { "broken" }, { "metrics NaN" } } },
            told { met = { calls = { 1 }, metrics = { 0 }, deeds = {} } })
        assert.is_truthy(why:find("faults: item 2: metrics NaN befell nothing", 1, true), why)
    end)

    it("refuses what is misspelt, at its place", function()
        local cases = {
            { { policy = "x", recordin = "r" }, 'did you mean "recording"?' },
            { { policy = "x" }, "recording is missing" },
            { { policy = "x", recording = "r", params = { a = {} } }, '"a": expected a text' },
            { { policy = "x", recording = "r", runs = 0 }, "runs: expected a whole number" },
            { { policy = "x", recording = "r", runs = 2, kill = 1 }, "kill is of one run" },
            { { policy = "x", recording = "r", faults = { { "alarm" } } }, "name is missing" },
            { { policy = "x", recording = "r", faults = { 7 } }, "item 1: expected a fault" },
            { { policy = "x", recording = "r", hands = { { "pause" } } }, "at is missing" },
            { { policy = "x", recording = "r", account = { { "x" } } }, "expected a call" },
            { { policy = "x", recording = "r", kill = "now" }, "kill: expected a number" },
        }
        for _, case in ipairs(cases) do
            local _, _, why = simulate(case[1], TOLD)
            assert.is_truthy(why and why:find(case[2], 1, true), tostring(why))
        end
    end)

    it("says how a run dies", function()
        assert.same({ everywhere = true }, faults.kill.read "everywhere")
        assert.same({ records = 3, as = "before sending" }, faults.kill.read(3))
        assert.same({ records = 3, as = "zeros" }, faults.kill.read { after = 3, as = "zeros" })
    end)
end)

describe("an assertion", function()
    it("returns the run where it holds", function()
        local run = told()
        assert.equal(run, run:promoted():shifted_to(5, 100):peak { at_least = 100 }
            :lasted { at_most = "25m" }:called("lambda.get_alias"):verdicts("safe")
            :said("promoted  after\n25m"):is_restored():exits(0))
    end)

    it("counts no call of the way back", function()
        told():called("lambda.update_alias", 0)
        fails("it was called 0 times", function() told():called("lambda.update_alias") end)
    end)

    it("says what was expected and what came", function()
        local back = told { outcome = "rolled back", exit = 10, reason = "errors: many",
            restored = false, difference = "pay:live: Weight: 0.1, not 0" }
        fails("expected it to end as promoted; it ended as rolled back after 25m (exit 10): "
            .. "errors: many", function() back:promoted() end)
        fails('which says "latency"; it says "errors: many"', function()
            back:rolled_back { because = "latency" }
        end)
        fails("within 10m", function() back:rolled_back { within = "10m" } end)
        fails("differs at pay:live: Weight: 0.1, not 0", function() back:is_restored() end)
    end)

    it("asks for every kill", function()
        fails("after each of 9 kills; it was after 8; after 3 records", function()
            told { points = { tried = 9, restored = 8, first = "after 3 records" } }:is_restored()
        end)
    end)

    it("of many runs is one of all of them", function()
        local many = outcome.new { outcome = "many", runs = 100, seed = 1, outcomes = {
            promoted = { runs = 99, first_seed = 1 }, ["rolled back"] = { runs = 1,
            first_seed = 77 } } }
        fails("expected all of 100 runs to end as promoted; they ended as promoted 99 (as with "
            .. "seed = 1), rolled back 1 (as with seed = 77)", function() many:promoted() end)
        fails("is asked of one run, and these are 100", function() many:shifted_to(5) end)
        assert.equal(99, many:share("promoted"):at_least(0.94).count)
        fails("94.55 % to 99.82 % with 95 % confidence", function()
            many:share("promoted"):at_least(0.95)
        end)
        assert.equal(0, many:share("aborted"):at_most(0.05).count)
    end)

    it("that there is not is told with the closest one", function()
        fails('did you mean "promoted"?', function() return told().promted end)
    end)
end)

describe("the interval", function()
    -- Wilson's, from the formula in exact arithmetic (Brown, Cai and DasGupta, table 1 has others).
    it("is Wilson's", function()
        local low, high = share.interval(10, 100, 0.95)
        assert.is_near(0.05522914, low, 1e-7)
        assert.is_near(0.17436566, high, 1e-7)
        low, high = share.interval(0, 10, 0.95)
        assert.equal(0, low)
        assert.is_near(0.27753280, high, 1e-7)
        low, high = share.interval(10, 10, 0.99)
        assert.is_near(0.60114591, low, 1e-7)
        assert.equal(1, high)
    end)

    it("holds what it says: over all rates it misses about one in twenty", function()
        math.randomseed(7)
        local missed = 0
        for _ = 1, 4000 do
            local rate, count = 0.01 + 0.98 * math.random(), 0
            for _ = 1, 200 do
                count = count + (math.random() < rate and 1 or 0)
            end
            local low, high = share.interval(count, 200, 0.95)
            missed = missed + ((rate < low or rate > high) and 1 or 0)
        end
        assert.is_true(missed > 140 and missed < 260, missed)
    end)
end)

describe("test.equal, check and raises", function()
    it("say where values differ", function()
        test.equal({ a = { 1, { b = "x" } } }, { a = { 1, { b = "x" } } })
        fails('a.2.b: expected "y", got "x"', function()
            test.equal({ a = { 1, { b = "x" } } }, { a = { 1, { b = "y" } } })
        end)
        fails("expected 1, got nothing", function() test.equal(nil, 1) end)
        fails("it is so", function() test.check(nil, "it is so") end)
        assert.matches("boom", test.raises(function() error("boom") end, "boom"))
        fails("none was raised", function() test.raises(function() end) end)
        assert.equal(300000, test.ms "5m")
    end)
end)
