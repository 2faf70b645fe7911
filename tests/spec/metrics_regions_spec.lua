-- Where metrics are asked for: in the region of the target, whatever the run's own is.

local modules = require "metrics_modules"
local fake_tasks = require "fake_tasks"

local metrics = require "metrics.run"
local rehearsal = require "simulation.rehearsal"

local MINUTE = modules.MINUTE
local provider = modules.provider

local HOME = { partition = "aws", account = "123456789012", region = "eu-west-1" }

local function arn_of(region)
    return "arn:aws:lambda:" .. region .. ":123456789012:function:pay"
end

local function alias(called)
    return { type = "lambda_alias", ["function"] = called, alias = "live", canary = "8" }
end

local function known(called)
    return provider.known(alias(called), { FunctionVersion = "7" })
end

-- What is asked, by "operation region".
local function places(calls)
    local list = {}
    for i, call in ipairs(calls) do
        list[i] = ("%s %s"):format(call.operation, call.region)
    end
    return list
end

local function plan_at(config, target, names)
    local to = modules.START + 2 * MINUTE
    return provider.plan(provider.check(config, HOME), target, names or { "errors" },
        modules.START, to, to + 3600000)
end

describe("the region of a plan", function()
    it("is that of the target's identity, else the home's", function()
        assert.same({ "cloudwatch.get_metric_data us-east-1" },
            places(plan_at({}, known(arn_of "us-east-1")).calls))
        assert.same({ "cloudwatch.get_metric_data eu-west-1" },
            places(plan_at({}, known "pay").calls))
        assert.same({ "cloudwatch.get_metric_data eu-central-1" },
            places(plan_at({}, modules.rule).calls))
        assert.same({ "cloudwatch.get_metric_data nil" },
            places(modules.plan({}, known "pay", { "errors" }).calls))
    end)

    it("is the provider's where the operator says one", function()
        local config = { providers = { cloudwatch = { kind = "cloudwatch",
            region = "ap-south-1" } } }
        assert.same({ "cloudwatch.get_metric_data ap-south-1" },
            places(plan_at(config, known(arn_of "us-east-1")).calls))
        for _, wrong in ipairs { "", "everywhere", "eu-west-1.example.com/", 5, {} } do
            config.providers.cloudwatch.region = wrong
            assert.is_truthy(modules.refusal(provider.check, config):find(
                'providers.cloudwatch.region: expected a region such as "eu-west-1"', 1, true))
        end
    end)

    it("is of each provider by itself, and what each answered is read", function()
        local plan = plan_at({
            providers = { edge = { kind = "cloudwatch", region = "us-east-1" } },
            metrics = { hits = { provider = "edge", namespace = "AWS/CloudFront",
                metric = "Requests", stat = "Sum", statistic = "sum",
                dimensions = { DistributionId = "{{arm}}" } } },
        }, known "pay", { "requests", "hits" })
        assert.same({ "cloudwatch.get_metric_data eu-west-1",
            "cloudwatch.get_metric_data us-east-1" }, places(plan.calls))
        local answers = {}
        for i, call in ipairs(plan.calls) do
            local results = {}
            for k, query in ipairs(call.input.MetricDataQueries) do
                results[k] = { Id = query.Id, StatusCode = "Complete",
                    Timestamps = { modules.START }, Values = { 10.0 * i + k } }
            end
            answers[i] = { outcome = "ok", value = { MetricDataResults = results } }
        end
        local got = provider.read(plan, answers)
        assert.same({ 11.0, "no data" }, modules.column(got, "requests", "baseline"))
        assert.same({ 22.0, "no data" }, modules.column(got, "hits", "canary"))
    end)
end)

-- Of every region: version 7 is in service, and CloudWatch has nothing.
local function driver()
    return fake_tasks.new { call = function(call)
        local results = {}
        for i, query in ipairs(call.input.MetricDataQueries or {}) do
            results[i] = { Id = query.Id, StatusCode = "Complete", Timestamps = {}, Values = {} }
        end
        return { outcome = "ok", value = { FunctionVersion = "7", MetricDataResults = results } }
    end }
end

describe("a run", function()
    local function begun(...)
        local run, tasks = metrics.new {}, driver()
        tasks:run(run.begin, run, { ... }, HOME)
        return run, tasks
    end

    it("looks its targets up where they are", function()
        local _, tasks = begun(alias(arn_of "us-east-1"), alias "pay")
        assert.same({ "lambda.get_alias us-east-1", "lambda.get_alias eu-west-1" },
            places(tasks:all "call"))
    end)

    it("asks in the target's region, whatever asks", function()
        local there = alias(arn_of "us-east-1")
        local run, tasks = begun(there)
        tasks:run(run.sample, run, there, { "errors" }, 0, 10 * MINUTE)
        tasks:run(run.query, run, { target = there, metric = "errors", arm = "canary", from = 0,
            to = 5 * MINUTE }, 10 * MINUTE)
        tasks:run(run.distribution, run, { target = there, metric = "latency", from = 0,
            to = 5 * MINUTE }, 10 * MINUTE)
        local asked = places(tasks:all "call")
        assert.equal(4, #asked)
        for i = 2, #asked do
            assert.equal("cloudwatch.get_metric_data us-east-1", asked[i])
        end
    end)

    it("knows the same name of two regions for two series", function()
        local here, there = alias(arn_of "eu-west-1"), alias(arn_of "us-east-1")
        local run, tasks = begun(here, there)
        for _, target in ipairs { here, there } do
            tasks:run(run.sample, run, target, { "errors" }, 0, 10 * MINUTE)
        end
        assert.same({ "cloudwatch.get_metric_data eu-west-1",
            "cloudwatch.get_metric_data us-east-1" }, { places(tasks:all "call")[3],
            places(tasks:all "call")[4] })
    end)

    it("that is recorded afterwards is asked for where it was at home", function()
        local run, tasks = metrics.new {}, driver()
        tasks:run(run.backfill, run, { questions = { { target = alias "pay",
            metrics = { "errors" } } }, ticks = {}, from = 0, to = 2 * MINUTE, now = 9 * MINUTE,
            home = HOME })
        assert.same({ "lambda.get_alias eu-west-1", "cloudwatch.get_metric_data eu-west-1" },
            places(tasks:all "call"))
    end)
end)

describe("what is configured", function()
    local function config_of(query, kind)
        local of = { provider = "api", statistic = "sum", companion = "requests", points = "",
            time = "t", value = "v", path = query }
        return {
            providers = { api = { kind = "http", url = "https://example.com" } },
            metrics = { broken = kind and { [kind] = of } or of },
        }
    end

    local function begin(config, target)
        local run = metrics.new(config)
        return run.begin, driver(), run, target
    end

    local function refused(config, target)
        local call, tasks, run = begin(config, target)
        return modules.refusal(tasks.run, tasks, call, run, { target }, HOME)
    end

    it("is tried for each target before anything is changed", function()
        assert.is_truthy(refused(config_of "/n?of={{name}}&arm={{arm}}", alias "pay"):find(
            "metrics.broken: nothing is known as {{name}} of this target; there are ", 1, true))
        assert.is_truthy(refused(config_of "/n?of=all", alias "pay"):find(
            "metrics.broken: baseline and canary would be one series", 1, true))
        local named = alias "pay"
        named.name = "payments"
        local call, tasks, run = begin(config_of "/n?of={{name}}&arm={{arm}}", named)
        assert.is_true(tasks:run(call, run, { named }, HOME))
    end)

    it("is not tried for other types of targets, nor where there are no two arms", function()
        for _, config in ipairs { config_of("/n?of={{rule}}&arm={{arm}}", "alb_rule"),
            config_of "/n?of={{version}}" } do
            local target = alias "pay"
            target.canary = config.metrics.broken.alb_rule and "8" or "7"
            local call, tasks, run = begin(config, target)
            assert.is_true(tasks:run(call, run, { target }, HOME))
        end
    end)

    it("is tried by a rehearsal, in the target's region", function()
        local tasks = driver()
        local run = rehearsal.new(HOME, {})
        local there = alias(arn_of "us-east-1")
        assert.is_true(tasks:run(run.check_metrics, run, there, { "errors" }))
        assert.same({ "lambda.get_alias us-east-1" }, places(tasks:all "call"))
        run = rehearsal.new(HOME, config_of "/n?of={{name}}&arm={{arm}}")
        assert.is_truthy(modules.refusal(tasks.run, tasks, run.check_metrics, run, there,
            { "broken" }):find("nothing is known as {{name}}", 1, true))
    end)
end)
