local modules = require "metrics_modules"

local START, MINUTE = modules.START, modules.MINUTE
local provider = modules.provider

-- The ids under which a plan asks, by "MetricName stat last-dimension", behind it " version".
local function ids(plan)
    local found = {}
    for _, query in ipairs(plan.calls[1].input.MetricDataQueries) do
        local metric = query.MetricStat.Metric
        local first, last = metric.Dimensions[1], metric.Dimensions[#metric.Dimensions].Value
        local version = first.Name == "ExecutedVersion" and " " .. first.Value or ""
        found[("%s %s %s%s"):format(metric.MetricName, query.MetricStat.Stat,
            last:match("([^/]+)/[^/]+$") or last, version)] = query.Id
    end
    return found
end

-- A result of GetMetricData: values by minute, nil where there is none.
local function result(id, values, status)
    local stamps, list = {}, {}
    for minute, value in pairs(values) do
        stamps[#stamps + 1], list[#list + 1] = START + minute * MINUTE, value
    end
    return { Id = id, Label = id, StatusCode = status or "Complete", Timestamps = stamps,
        Values = list }
end

local function ok(results, more)
    local output = { MetricDataResults = results }
    for name, value in pairs(more or {}) do
        output[name] = value
    end
    return { outcome = "ok", value = output }
end

-- Answers every id of the plan; `values` by the names of `ids`, nothing where it says nothing.
local function answer(plan, values, statuses)
    local results = {}
    for name, id in pairs(ids(plan)) do
        results[#results + 1] = result(id, values[name] or {}, (statuses or {})[name])
    end
    return { ok(results) }
end

describe("metrics on CloudWatch", function()
    it("asks for an ALB's arms by the ends of their ARNs", function()
        local plan = modules.plan({}, modules.rule, { "requests" })
        local call = plan.calls[1]
        assert.are.equal(1, #plan.calls)
        assert.are.equal("cloudwatch.get_metric_data", call.operation)
        assert.are.same({ START, START + 2 * MINUTE, "TimestampAscending" },
            { call.input.StartTime, call.input.EndTime, call.input.ScanBy })
        assert.are.same({
            Id = "q1", ReturnData = true,
            MetricStat = {
                Metric = { Namespace = "AWS/ApplicationELB", MetricName = "RequestCount",
                    Dimensions = {
                        { Name = "LoadBalancer", Value = "app/shop/50dc6c495c0c9188" },
                        { Name = "TargetGroup", Value = "targetgroup/blue/73e2d6bc24d8a067" },
                    } },
                Period = 60, Stat = "Sum",
            },
        }, call.input.MetricDataQueries[1])
        assert.are.equal("targetgroup/green/44b5c0e1f0a8d217",
            call.input.MetricDataQueries[2].MetricStat.Metric.Dimensions[2].Value)
    end)

    it("asks for a listener's, and refuses other load balancers", function()
        local listener = { type = "alb_listener", baseline = modules.rule.baseline,
            canary = modules.rule.canary,
            listener = "arn:aws:elasticloadbalancing:r:1:listener/app/shop/50dc/f2f7" }
        local plan = modules.plan({}, listener, { "requests" })
        assert.are.equal("app/shop/50dc",
            plan.calls[1].input.MetricDataQueries[1].MetricStat.Metric.Dimensions[1].Value)
        listener.listener = "arn:aws:elasticloadbalancing:r:1:listener/net/shop/50dc/f2f7"
        assert.is_truthy(modules.refusal(modules.plan, {}, listener, { "requests" })
            :find("neither a listener nor a rule of an application load balancer", 1, true))
    end)

    it("asks for an alias by function, alias and version", function()
        for name, given in pairs { checkout = "checkout",
            pay = "arn:aws:lambda:eu-central-1:123456789012:function:pay",
            cart = "123456789012:function:cart" } do
            local alias = { type = "lambda_alias", ["function"] = given, alias = "live",
                baseline = "7", canary = "8" }
            local plan = modules.plan({}, alias, { "errors" })
            assert.are.same({
                { Name = "ExecutedVersion", Value = "7" }, { Name = "FunctionName", Value = name },
                { Name = "Resource", Value = name .. ":live" },
            }, plan.calls[1].input.MetricDataQueries[1].MetricStat.Metric.Dimensions)
        end
    end)

    it("has an alias's baseline looked up", function()
        local alias = { type = "lambda_alias", ["function"] = "f", alias = "live", canary = "8" }
        assert.are.equal("a lambda_alias needs its baseline looked up before metrics can be asked "
            .. "for", modules.refusal(modules.plan, {}, alias, { "errors" }))
        assert.are.same({ operation = "lambda.get_alias",
            input = { FunctionName = "f", Name = "live" } }, provider.lookup(alias))
        local known = provider.known(alias, { FunctionVersion = "7" })
        assert.are.equal("7", known.baseline)
        assert.is_nil(provider.lookup(known))
        assert.is_nil(provider.lookup(modules.rule))
    end)

    it("asks only for periods that are over and settled", function()
        local checked = provider.check {}
        local function at(from, now)
            return provider.plan(checked, modules.rule, { "requests" }, START + from,
                START + now, START + now)
        end
        assert.are.same({ not_ready = true, period = MINUTE, settle = 120000,
            ready_at = START + 180000 }, at(0, 179999))
        assert.are.same({ not_ready = true }, provider.read(at(0, 179999), {}))
        local plan = at(0, 180000)
        assert.are.same({ START, START + MINUTE }, { plan.from, plan.to })
        plan = at(1, 299999) -- the first period that starts at or after `from`
        assert.are.same({ START + MINUTE, START + 2 * MINUTE }, { plan.from, plan.to })
    end)

    it("tells zero errors from no requests", function()
        local plan = modules.plan({}, modules.rule, { "errors", "requests" }, 3)
        local got = provider.read(plan, answer(plan, {
            ["RequestCount Sum blue"] = { [0] = 900.0, 800.0 },
            ["RequestCount Sum green"] = { [0] = 90.0, 0.0 },
            ["HTTPCode_Target_5XX_Count Sum blue"] = { [1] = 3.0, [2] = 1.0 },
            ["TargetConnectionErrorCount Sum blue"] = { [1] = 2.0 },
        }))
        assert.are.same({ START, START + MINUTE, START + 2 * MINUTE },
            { got.periods[1].at, got.periods[2].at, got.periods[3].at })
        assert.are.same({ 0, 5.0, "no data" }, modules.column(got, "errors", "baseline"))
        assert.are.same({ 0, "no data", "no data" }, modules.column(got, "errors", "canary"))
        assert.are.same({ 900.0, 800.0, "no data" }, modules.column(got, "requests", "baseline"))
        assert.are.same({ 90.0, 0.0, "no data" }, modules.column(got, "requests", "canary"))
    end)

    -- CloudWatch tells versions apart only while the alias divides its calls.
    it("takes an alias's own series for the version that has all of its calls", function()
        local plan = modules.plan({}, modules.alias, { "errors", "requests" }, 3)
        local function columns(alone)
            local got = provider.read(plan, answer(plan, {
                ["Invocations Sum checkout:live"] = { [0] = 1000.0, 1000.0, 1000.0 },
                ["Errors Sum checkout:live"] = { [0] = 4.0, 5.0 },
                ["Invocations Sum checkout:live " .. modules.alias.baseline] = { [1] = 900.0 },
                ["Invocations Sum checkout:live " .. modules.alias.canary] = { [1] = 100.0 },
                ["Errors Sum checkout:live " .. modules.alias.canary] = { [1] = 5.0 },
            }), alone)
            return { modules.column(got, "requests", "baseline"),
                modules.column(got, "errors", "baseline"),
                modules.column(got, "requests", "canary"), modules.column(got, "errors", "canary") }
        end
        local none = "no data"
        assert.are.same({ { none, 900.0, none }, { none, 0, none }, { none, 100.0, none },
            { none, 5.0, none } }, columns(nil))
        assert.are.same({ { none, 900.0, none }, { none, 0, none }, { 1000.0, 100.0, 1000.0 },
            { 4.0, 5.0, 0 } }, columns("canary"))
        assert.are.same({ { 1000.0, 900.0, 1000.0 }, { 4.0, 0, 0 }, { none, 100.0, none },
            { none, 5.0, none } }, columns("baseline"))
    end)

    it("asks for the requests that errors rest on, though nobody named them", function()
        local plan = modules.plan({}, modules.alias, { "errors" }, 1)
        local got = provider.read(plan, answer(plan, { ["Invocations Sum checkout:live"] = {} }))
        assert.are.same({ "no data" }, modules.column(got, "errors", "canary"))
        assert.are.same({ "no data" }, modules.column(got, "requests", "canary"))
        assert.is_false(plan.metrics[2].asked)
    end)

    it("takes a percentile of few values for none", function()
        local plan = modules.plan({}, modules.rule, { "latency_p99" }, 3)
        local got = provider.read(plan, answer(plan, {
            ["TargetResponseTime p99 green"] = { [0] = 0.25, 0.5 },
            ["TargetResponseTime SampleCount green"] = { [0] = 100.0, 99.0 },
            ["TargetResponseTime p99 blue"] = { [0] = 0.25 },
        }))
        assert.are.same({ 250.0, "no data", "no data" },
            modules.column(got, "latency_p99", "canary"))
        assert.are.same({ "no data", "no data", "no data" },
            modules.column(got, "latency_p99", "baseline"))
        assert.are.equal("p99 of 99 values: at least 100 are needed",
            got.periods[2].metrics.latency_p99.canary.message)
    end)

    it("merges pages by Id, whatever order they have", function()
        local plan = modules.plan({}, modules.rule, { "requests" }, 3)
        local blue, green = ids(plan)["RequestCount Sum blue"], ids(plan)["RequestCount Sum green"]
        local pages = {
            { MetricDataResults = { result(green, { [2] = 3.0 }, "PartialData"),
                result(blue, { [0] = 10.0 }) }, NextToken = "more" },
            { MetricDataResults = { result(green, { [1] = 2.0, [0] = 1.0 }) } },
        }
        local got = provider.read(plan, { { outcome = "ok", pages = pages } })
        assert.are.same({ 1.0, 2.0, 3.0 }, modules.column(got, "requests", "canary"))
        assert.are.same({ 10.0, "no data", "no data" },
            modules.column(got, "requests", "baseline"))
        local joined = {}
        for _, page in ipairs(pages) do
            table.move(page.MetricDataResults, 1, #page.MetricDataResults, #joined + 1, joined)
        end
        assert.are.same(got, provider.read(plan, { ok(joined) }))
    end)

    it("tells an answer in part, a fault and a refusal from no data", function()
        local plan = modules.plan({}, modules.rule, { "errors", "requests" }, 1)
        local values = { ["RequestCount Sum green"] = { [0] = 5.0 },
            ["RequestCount Sum blue"] = { [0] = 5.0 } }
        local statuses = { PartialData = true, InternalError = true, Forbidden = false }
        for status, again in pairs(statuses) do
            local got = provider.read(plan, answer(plan, values,
                { ["HTTPCode_Target_5XX_Count Sum green"] = status }))
            assert.are.same({ status = "provider error", again = again or nil,
                message = "CloudWatch answered " .. status }, got.periods[1].metrics.errors.canary)
            assert.are.same({ 0 }, modules.column(got, "errors", "baseline"))
            assert.are.same({ 5.0 }, modules.column(got, "requests", "canary"))
            -- Without the requests nobody can say that there were no errors.
            got = provider.read(plan, answer(plan, values, { ["RequestCount Sum green"] = status }))
            assert.are.same({ "provider error" }, modules.column(got, "errors", "canary"))
        end
    end)

    it("takes an answer that lacks something for none", function()
        local plan = modules.plan({}, modules.rule, { "requests" }, 1)
        local function message(answers)
            local reading = provider.read(plan, answers).periods[1].metrics.requests.canary
            assert.are.equal("provider error", reading.status)
            return reading.message .. (reading.again and " (again)" or "")
        end
        local blue, green = ids(plan)["RequestCount Sum blue"], ids(plan)["RequestCount Sum green"]
        assert.are.equal("CloudWatch gave no answer for a metric: too many (again)", message {
            ok({ result(blue, {}) }, { Messages = { { Code = "M", Value = "too many" } } }) })
        assert.are.equal("CloudWatch has more pages than were read (again)",
            message { ok({ result(green, {}) }, { NextToken = "x" }) })
        assert.are.equal("CloudWatch: AccessDenied: not you", message {
            { outcome = "rejected", error = { code = "AccessDenied", message = "not you" } } })
        assert.are.equal("CloudWatch: Timeout: gone (again)", message {
            { outcome = "unknown", error = { code = "Timeout", message = "gone" } } })
        assert.are.equal("CloudWatch: NotAsked: no answer (again)", message {})
        assert.are.equal("CloudWatch: 1 Timestamps but 0 Values", message {
            ok { { Id = green, Timestamps = { START }, Values = {} } } })
        assert.are.equal("CloudWatch: 1.0 at 2026-03-02T09:00:01Z is no value of a period of 1m",
            message { ok { { Id = green, Timestamps = { START + 1000 }, Values = { 1.0 } } } })
        assert.are.equal("-1.0 is no count of requests", message {
            ok { result(green, { [0] = -1.0 }) } })
    end)

    it("keeps to 500 queries and 100,800 values a call", function()
        local metrics, names = {}, {}
        for i = 1, 260 do
            names[i] = "m" .. i
            metrics[names[i]] = { provider = "cloudwatch", namespace = "N", metric = names[i],
                stat = "Sum", dimensions = { Arm = "{{arm}}" } }
        end
        local config = { metrics = metrics }
        local plan = modules.plan(config, { type = "state_machine" }, names, 300)
        local total, answers = 0, {}
        for i, call in ipairs(plan.calls) do
            local periods = (call.input.EndTime - call.input.StartTime) // MINUTE
            assert.is_true(#call.input.MetricDataQueries <= 500)
            assert.is_true(#call.input.MetricDataQueries * periods <= 100800)
            total = total + #call.input.MetricDataQueries * periods
            local results = {}
            for k, query in ipairs(call.input.MetricDataQueries) do
                results[k] = { Id = query.Id, StatusCode = "Complete",
                    Timestamps = { call.input.StartTime }, Values = { 1.0 } }
            end
            answers[i] = ok(results)
        end
        assert.are.equal(520 * 300, total)
        assert.are.equal(3, #plan.calls) -- 201 and 99 periods of 500 queries, 300 of 20
        local got = provider.read(plan, answers)
        assert.are.equal(1.0, got.periods[202].metrics.m1.canary.value)
        assert.are.equal("no data", got.periods[203].metrics.m1.canary.status)
        assert.are.equal(1.0, got.periods[1].metrics.m260.canary.value)
    end)

    it("refuses to look at different periods together", function()
        local config = { providers = { slow = { kind = "cloudwatch", period = "5m" } },
            metrics = { depth = { provider = "slow", namespace = "N", metric = "Depth",
                stat = "Maximum" } } }
        assert.are.equal("requests has a period of 1m and depth one of 5m: metrics that are looked "
            .. "at together need one period",
            modules.refusal(modules.plan, config, modules.rule, { "requests", "depth" }))
    end)
end)
