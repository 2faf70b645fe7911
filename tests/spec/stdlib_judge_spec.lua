local fake = require "fake_effect"
fake.install()
local judge = require "judge"
local judging = require "judging"

local function refused(make, options)
    local ok, message = pcall(make, options)
    assert.is_false(ok)
    return message
end

describe("judge.ratio", function()
    it("has the defaults of docs/statistics.md", function()
        assert.same({
            judge = "ratio", name = "errors", alpha = 0.01, psi0 = 1.0, grid = { 1.7, 4.0, 5 },
            min_abs = 0.00002, dispersion = 1.0, safe_tol = 2.0, safe_alpha = 0.05, restarts = 0,
            metrics = { { events = "errors", trials = "requests", weight = 1.0 } },
        }, judge.ratio())
    end)

    it("takes one metric or several that share the evidence", function()
        assert.same({ { events = "slow", trials = "requests", weight = 1.0 } },
            judge.ratio { events = "slow" }.metrics)
        local metrics = judge.ratio { metrics = {
            { events = "errors", weight = 0.75 },
            { events = "slow", trials = "timed", weight = 0.25 },
        } }.metrics
        assert.same({ events = "errors", trials = "requests", weight = 0.75 }, metrics[1])
        assert.same({ events = "slow", trials = "timed", weight = 0.25 }, metrics[2])
        local shared = judge.ratio { metrics = { { events = "a" }, { events = "b" } } }
        assert.equal(0.5, shared.metrics[2].weight)
        assert.equal("a", shared.name)
    end)

    it("refuses what the statistics cannot take, at the author's line", function()
        local here = "^stdlib_judge_spec.lua:%d+: judge.ratio: "
        for _, case in ipairs {
            { { alpha = 0 }, "alpha: expected a number above 0 and below 1, got 0" },
            { { alpha = 1 }, "alpha: expected" },
            { { aplha = 0.01 }, 'there is no option "aplha"; did you mean "alpha"' },
            { { psi0 = 0 }, "psi0: expected" },
            { { psi0 = 2 }, "safe_tol %(2.0%) must be greater than psi0 %(2%)" },
            { { dispersion = 0.5 }, "dispersion: expected" },
            { { grid = { 1, 20, 24 } }, "grid: expected 1 < low < high" },
            { { grid = { 2, 1.5, 24 } }, "grid: expected 1 < low < high" },
            { { grid = { 1.15, 20, 65 } }, "grid: expected 1 < low < high" },
            { { grid = 5 }, "grid: expected { low, high, count }" },
            { { metrics = {} }, "metrics: expected one to eight" },
            { { metrics = { { trials = "x" } } }, "metrics: expected a list of" },
            { { metrics = { { events = "x", weight = 0.5 } } }, "must be 1 together" },
            { { metrics = { { events = 5 } } }, "5 is not what a metric's events can be" },
            { { metrics = { { events = "x", wait = 1 } } }, "is not what a metric's wait can be" },
            { { metrics = { { events = "x" } }, events = "y" }, "either metrics, or events" },
            { "errors", 'expected a table of options, got "errors"' },
        } do
            assert.matches(here .. ".*" .. case[2], refused(judge.ratio, case[1]))
        end
    end)

    it("is planned for a number of watches without touching the original", function()
        local one = judge.ratio()
        assert.equal(5, judging.planned(one, 5).restarts)
        assert.equal(0, one.restarts)
        assert.equal(3, judging.planned(judge.ratio { restarts = 3 }, 5).restarts)
        local limit = judge.threshold { above = 1 }
        assert.equal(limit, judging.planned(limit, 5))
    end)
end)

describe("judge.alarm", function()
    it("takes names as a list, and options beside them", function()
        assert.same({ judge = "alarm", name = "alarm", alarms = { "a", "b" }, lasting = 0 },
            judge.alarm { "a", "b" })
        assert.same({ judge = "alarm", name = "slo", alarms = { "a" }, lasting = 180000 },
            judge.alarm { "a", name = "slo", lasting = "3m" })
        assert.same(judge.alarm { "a" }, judge.alarm { alarms = { "a" } })
        assert.same(judge.alarm { "a:b", "c d" }, judging.parse "alarm:a:b, c d")
    end)

    it("refuses what is no alarm, at the author's line", function()
        for _, case in ipairs {
            { {}, "expected at least one alarm" },
            { { alarms = {} }, "expected at least one alarm" },
            { { "" }, 'alarms: expected the name or the ARN of an alarm, got ""' },
            { { "a\nb" }, "alarms: expected the name or the ARN of an alarm" },
            { { 5 }, "alarms: expected the name or the ARN of an alarm, got 5" },
            { { ("x"):rep(513) }, "alarms: expected the name or the ARN of an alarm" },
            { { "a", "a" }, 'the alarm "a" is there twice' },
            { { "a", last = "3m" }, 'expected names of alarms, name or lasting, got "last"' },
            { { "a", lasting = 5 }, "lasting: 5 ms is less than a second" },
            { "a", 'expected a table of options, got "a"' },
        } do
            assert.matches("^stdlib_judge_spec.lua:%d+: judge.alarm: .*" .. case[2],
                refused(judge.alarm, case[1]))
        end
        local many = {}
        for i = 1, 33 do
            many[i] = "a" .. i
        end
        assert.matches("expected at most 32 alarms, got 33", refused(judge.alarm, many))
        assert.is_nil((judging.parse "alarm:"))
    end)

    it("says which alarms must not be in ALARM before", function()
        assert.same({ "a", "b", "c" }, judging.known({ judge.ratio(), judge.alarm { "a", "b" },
            judge.alarm { "c", name = "other" } }).heeds)
        assert.is_nil(judging.known({ judge.ratio() }).heeds)
    end)
end)

describe("judge.threshold", function()
    it("has defaults", function()
        assert.same({
            judge = "threshold", name = "errors limit", metric = "errors", per = "requests",
            arm = "canary", above = 0.02, m = 2, n = 3, min_requests = 100,
        }, judge.threshold { above = 0.02 })
    end)

    it("can look at a value itself", function()
        assert.is_nil(judge.threshold { metric = "p99", per = "none", above = 300 }.per)
    end)

    it("refuses what can never be judged", function()
        for _, case in ipairs {
            { {}, "either above" },
            { { above = 1, below = 0 }, "either above" },
            { { above = 1, m = 4, n = 3 }, "4 of the last 3 periods can never be beyond" },
            { { above = 1, arm = "green" },
                'arm: expected one of "canary", "baseline", got "green"' },
            { { above = 1, n = 65 }, "n: expected a whole number from 1 to 64, got 65" },
            { { above = "2%" }, 'above: expected a number, got "2%%"' },
        } do
            assert.matches(case[2], refused(judge.threshold, case[1]))
        end
        assert.matches("expected a table of options, got nothing", refused(judge.threshold, nil))
    end)
end)

describe("judges from text", function()
    it("are what they say", function()
        assert.same(judge.ratio(), judging.parse "ratio")
        assert.same(judge.ratio { alpha = 0.005, psi0 = 1.5 },
            judging.parse "ratio:alpha=0.005,psi0=1.5")
        assert.same(judge.threshold { above = 0.02, m = 1 },
            judging.parse "threshold:above=0.02,m=1")
    end)

    it("are refused with a reason", function()
        for text, reason in pairs {
            ["ratio:alpha=2"] = "ratio: alpha: expected a number above 0 and below 1, got \"2\"",
            ["ratio:aplha=0.1"] = 'ratio: there is no option "aplha"; did you mean "alpha"',
            ["ratio:metrics=x"] = 'there is no option "metrics"',
            ["ratio:alpha"] = 'expected name=value, got "alpha"',
            ["threshold"] = "threshold: expected either above",
            ["threshold:above=1,m=9"] = "can never be beyond",
            ["kayenta"] = 'expected a judge such as "alarm:checkout%-5xx" or "before:',
            [""] = "expected a judge such as",
        } do
            local one, why = judging.parse(text)
            assert.is_nil(one)
            assert.matches(reason, why, 1, false)
        end
    end)

    it("are told apart by name", function()
        local list = judging.list.many { "ratio", "threshold:above=0.02" }
        assert.equal("threshold", list[2].judge)
        local twice, why = judging.list.many { "ratio", "ratio:alpha=0.1" }
        assert.is_nil(twice)
        assert.equal('two judges are called "errors"; give one another name', why)
        assert.is_nil(judging.list.read(judge.ratio()))
        assert.is_nil(judging.list.read {})
        assert.is_nil(judging.list.read { "ratio" })
    end)
end)

describe("judge.latency", function()
    it("has the defaults of docs/statistics.md", function()
        assert.same({
            judge = "latency", name = "latency", metric = "latency", tolerance = 0.1, alpha = 0.01,
            dispersion = 1.0, restarts = 0, thresholds = { 100.0, 250.0 },
        }, judge.latency { thresholds = { 100, 250 } })
    end)

    it("is read from text", function()
        assert.same({ 100.0, 250.0, 1000.5 },
            assert(judging.parse "latency:thresholds=100/250/1000.5,tolerance=0.2").thresholds)
        for _, text in ipairs { "100/", "/100", "200/100", "0/1", "1/2e9", "x" } do
            local _, why = judging.parse("latency:thresholds=" .. text)
            assert.matches("latency: thresholds: expected rising milliseconds", why)
        end
    end)

    it("refuses what cannot be cut", function()
        local here = "^stdlib_judge_spec.lua:%d+: judge.latency: "
        local many = {}
        for i = 1, 13 do
            many[i] = i
        end
        for _, cuts in ipairs { {}, { 2, 1 }, { 1, 1 }, { 0 }, { "1" }, many, 5 } do
            assert.matches(here .. "thresholds: expected rising milliseconds",
                refused(judge.latency, { thresholds = cuts }))
        end
        assert.matches(here .. "metric: expected a name of at most 24 characters",
            refused(judge.latency, { metric = ("a"):rep(25), thresholds = { 1 } }))
    end)

    it("is planned for a number of watches", function()
        local one = judge.latency { thresholds = { 1 } }
        assert.equal(5, judging.planned(one, 5).restarts)
        assert.equal(0, one.restarts)
    end)
end)

describe("judge.percentile", function()
    it("knows how many requests a percentile needs, and when the coin is fair", function()
        local p50, p99 = judge.percentile {}, judge.percentile { metric = "latency_p99" }
        assert.same({ 4.0, false }, { p50.at_least, p50.half })
        assert.same({ 200.0, true }, { p99.at_least, p99.half })
        local mean = judge.percentile { metric = "latency", at_least = 10 }
        assert.same({ 10, true }, { mean.at_least, mean.half })
    end)
end)

describe("a value that is no count", function()
    it("has no rate", function()
        local want = "is no count, and has no rate: compare it with judge.latency {}, or limit it "
            .. 'with judge.threshold { metric = "latency_p99", per = "none", above = MS }'
        for _, options in ipairs {
            { events = "latency_p99" },
            { metrics = { { events = "errors" }, { events = "latency_p99" } } },
        } do
            assert.is_truthy(refused(judge.ratio, options):find(want, 1, true))
        end
        assert.matches("latency is no count", refused(judge.ratio, { events = "latency" }))
    end)

    it("is not divided by requests", function()
        assert.matches('latency_p99 is no count, and is not divided by requests: write per = "none',
            refused(judge.threshold, { metric = "latency_p99", above = 800 }))
        assert.equal("latency_p99",
            judge.threshold { metric = "latency_p99", per = "none", above = 800 }.metric)
    end)
end)

describe("judge.latency without thresholds", function()
    local function learned(seen, options)
        return judging.learned(judge.latency(options or {}), { seen })
    end

    it("asks for the hour before, and only then", function()
        assert.same({ { kind = "distribution", metric = "wait", last = 3600000 } },
            judging.learns(judge.latency { metric = "wait" }))
        assert.is_nil(judging.learns(judge.latency { thresholds = { 1 } }))
        assert.is_nil(judging.learns(judge.ratio {}))
    end)

    it("cuts at the quantiles, and knows the shares of five periods", function()
        local one = learned { bounds = { 100.0, 200.0, 400.0 },
            counts = { 3000, 3000, 3000, 1000 }, periods = 10 }
        assert.same({ 83.3, 167.0, 300.0, 400.0 }, one.thresholds)
        assert.is_nil(one.canary_thresholds)
        assert.equal(5000, math.floor(one.learned[1] + one.learned[2] + one.learned[3]
            + one.learned[4] + one.learned[5] + 0.5))
        assert.equal(500, one.learned[5])
        assert.equal(2499, math.floor(2 * one.learned[1] + 0.5))
    end)

    it("takes all bounds of a source that has few, and the nearest ones for the canary", function()
        local one = learned { bounds = { 100.0, 200.0 }, counts = { 5, 4, 1 }, periods = 5,
            canary_bounds = { 105.0, 110.0, 150.0, 230.0 } }
        assert.same({ { 100.0, 200.0 }, { 110.0, 230.0 } },
            { one.thresholds, one.canary_thresholds })
        assert.same({ 5, 4, 1 }, one.learned)
    end)

    it("takes of many bounds those nearest to the quantiles", function()
        local bounds, counts = {}, {}
        for i = 1, 40 do
            bounds[i], counts[i] = 10.0 * i, 25
        end
        counts[41] = 0
        local one = learned({ bounds = bounds, counts = counts, canary_bounds = bounds,
            periods = 1 }, { tolerance = 0.2 })
        assert.same({ 120.0, 240.0, 360.0, 400.0 }, one.canary_thresholds)
        assert.same({ 100.0, 200.0, 300.0, 360.0 }, one.thresholds)
    end)

    it("is judge.percentile where there is nothing else", function()
        local one = learned { percentiles = { "latency_p99", "latency_p50", "latency_p90" } }
        assert.same({ "percentile", "latency_p50", "latency" }, { one.judge, one.metric, one.name })
    end)

    it("is refused where there is nothing", function()
        for _, seen in ipairs {
            { bounds = { 1.0 }, counts = { 0, 0 }, periods = 0 },
            { bounds = { 1.0 }, counts = { 0, 0 }, periods = 60 },
        } do
            assert.matches("judge.latency: the baseline had no latency in the hour before",
                refused(learned, seen))
        end
        assert.matches("beyond all bounds", refused(learned,
            { bounds = { 1.0 }, counts = { 1, 99 }, periods = 1 }))
    end)
end)

describe("judge.before", function()
    it("asks for what the old version did in the hour before", function()
        local one = judge.before { events = "slow", last = "30m" }
        assert.same({
            { kind = "metric", metric = "slow", arm = "baseline", last = 1800000, past = true },
            { kind = "metric", metric = "requests", arm = "baseline", last = 1800000,
                past = true },
        }, judging.learns(one))
    end)

    it("hands the answers on, which the run has", function()
        local one = judging.learned(judge.before(), { { answer = 7 }, { answer = 8 } })
        assert.same({ events = { answer = 7 }, trials = { answer = 8 } }, one.past)
        assert.is_nil(one.last)
        assert.equal("errors before", one.name)
    end)
end)
