-- What is asked for before a run changes anything, and what is refused then.

local modules = require "metrics_modules"
local fake_tasks = require "fake_tasks"

local metrics = require "metrics.run"

local MINUTE, HOUR = modules.MINUTE, 3600000
local NOW = modules.START + 4 * HOUR
local HOME = { partition = "aws", account = "123456789012", region = "eu-west-1" }

local function alias(name)
    return { type = "lambda_alias", ["function"] = name, alias = "live", canary = "8" }
end

local ERRORS, REQUESTS = { metric = "errors", count = true }, { metric = "requests",
    requests = true }

-- Each metric has what `values` says of its name, in every minute; nil: it was never published.
local function driver(values, answered)
    return fake_tasks.new { call = function(call)
        if answered and call.operation == "cloudwatch.get_metric_data" then
            return answered
        end
        local results = {}
        for i, query in ipairs(call.input.MetricDataQueries or {}) do
            local value = values[query.MetricStat.Metric.MetricName]
            results[i] = { Id = query.Id, StatusCode = "Complete", Timestamps = {}, Values = {} }
            for at = NOW - 2 * HOUR, value and NOW - 5 * MINUTE or 0, MINUTE do
                table.insert(results[i].Timestamps, at)
                table.insert(results[i].Values, value)
            end
        end
        return { outcome = "ok", value = { FunctionVersion = "7", MetricDataResults = results } }
    end }
end

local function tried(values, asks, config, targets, answered)
    local run, tasks = metrics.new(config or {}), driver(values, answered)
    targets = targets or { alias "pay" }
    tasks:run(run.begin, run, targets, HOME)
    local known = #tasks:all "call"
    local ok, came = pcall(tasks.run, tasks, run.preflight, run, targets, { asks }, NOW)
    return came, #tasks:all "call" - known, ok
end

local function refusal(...)
    local came, _, ok = tried(...)
    assert.is_false(ok)
    return came.invalid or "failed: " .. came.failed
end

describe("before a run", function()
    it("all that its judges look at is asked for once, and what came is told", function()
        local came, calls = tried({ Invocations = 50, Errors = 1 }, { ERRORS, REQUESTS })
        assert.equal(1, calls)
        assert.equal(2, #came)
        local first = came[2]
        assert.same({ "errors", "baseline", "pay:live", 116, 178, 4 * MINUTE, "zero" },
            { first.metric, first.arm, first.target, first.points, first.periods, first.late,
                first.absent })
        assert.is_truthy(first.asked:find("cloudwatch eu-west-1", 1, true))
    end)

    it("a quiet service is as quiet as it is, and where zeros are not reported there are none",
        function()
            local came = tried({ Invocations = 2 }, { ERRORS, REQUESTS })
            assert.equal(116, came[2].points)
        end)

    it("requests that were not there are refused, and so are zeros alone", function()
        assert.is_truthy(refusal({}, { REQUESTS }):find("requests of the old version were not "
            .. "there in the 2h58m before: nothing came of 178 periods (asked for cloudwatch "
            .. "eu-west-1 {",
            1, true))
        assert.is_truthy(refusal({ Invocations = 0 }, { REQUESTS }):find("zeros came of 178 "
            .. "periods", 1, true))
    end)

    local FAILURES = { namespace = "Shop", metric = "Failures", stat = "Sum",
        provider = "cloudwatch", dimensions = { Track = "{{version}}" } }

    it("a count that was never reported is refused, unless absent means zero", function()
        local config = { metrics = { errors = { lambda_alias = FAILURES } } }
        assert.is_truthy(refusal({ Invocations = 50 }, { ERRORS, REQUESTS }, config):find(
            "errors of the old version were never reported in the 2h58m before: nothing came of "
            .. "178 periods (asked for cloudwatch", 1, true))
        FAILURES.absent = "zero"
        assert.equal(4, #tried({ Invocations = 50 }, { ERRORS, REQUESTS }, config) + 2)
        FAILURES.absent = nil
        assert.equal(2, #tried({ Invocations = 50, Failures = 0 }, { ERRORS, REQUESTS }, config))
    end)

    it("a metric that nobody defines is refused", function()
        assert.is_truthy(refusal({ Invocations = 5 }, { { metric = "orders" } }):find(
            'there is no metric "orders" for the target type lambda_alias', 1, true))
        local config = { metrics = { waits = { lambda_alias = FAILURES } } }
        assert.is_truthy(refusal({ Failures = 5 }, { { metric = "queue", family = true } }, config)
            :find('there are neither counts per threshold of "queue" nor percentiles', 1, true))
    end)

    it("what several watches look at is asked for by its count, where it is a family", function()
        local came = tried({ Duration = 50 }, { { metric = "latency", family = true } })
        assert.same({ "latency_count", "baseline" }, { came[1].metric, came[1].arm })
        assert.is_truthy(refusal({}, { { metric = "latency", family = true } }):find(
            "latency_count of the old version were not there", 1, true))
    end)

    it("one series for two targets is refused", function()
        local config = { metrics = { requests = { lambda_alias = { provider = "cloudwatch",
            namespace = "Shop", metric = "Visits", stat = "Sum",
            dimensions = { Track = "{{arm}}" } } } } }
        assert.is_truthy(refusal({ Visits = 9 }, { REQUESTS }, config, { alias "pay", alias "buy" })
            :find("requests is one series, cloudwatch", 1, true))
    end)

    it("who does not answer is told from who refuses", function()
        local function answer(code, again)
            return { outcome = "rejected", error = { code = code, message = "no", again = again } }
        end
        assert.is_truthy(refusal({}, { REQUESTS }, nil, nil, answer "AccessDenied"):find(
            "^requests cannot be read, and nothing was changed: .*AccessDenied"))
        assert.is_truthy(refusal({}, { REQUESTS }, nil, nil, answer "NotSent"):find(
            "^failed: requests cannot be read, and nothing was changed: "))
    end)
end)
