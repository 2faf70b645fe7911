-- Alarms: where they are asked for, what is asked, and what becomes of the answers.

local modules = require "metrics_modules"
local fake_tasks = require "fake_tasks"

local alarms = require "metrics.alarms"
local metrics = require "metrics.run"
local rehearsal = require "simulation.rehearsal"

local HOME = { partition = "aws", account = "123456789012", region = "eu-west-1" }
local MINUTE, START = modules.MINUTE, modules.START

local function arn_of(region, name, account)
    return ("arn:aws:cloudwatch:%s:%s:alarm:%s"):format(region, account or "123456789012", name)
end

local function alias(called)
    return { type = "lambda_alias", ["function"] = called or "pay", alias = "live", canary = "8",
        baseline = "7" }
end

local far = alias "arn:aws:lambda:us-east-1:123456789012:function:pay"

local function plan_of(names, target, config)
    return alarms.plan(modules.provider.check(config or {}, HOME), target or alias(), names)
end

local function ok(value)
    return { outcome = "ok", value = value }
end

local function states_of(names, answers)
    return alarms.read(plan_of(names), answers)
end

describe("a plan of alarms", function()
    it("asks for all of a region in one call, of both types", function()
        local plan = plan_of { "a", "b", arn_of("eu-west-1", "c"), "a" }
        assert.same({ { operation = "cloudwatch.describe_alarms", region = "eu-west-1", input = {
            AlarmNames = { "a", "b", "c" }, AlarmTypes = { "CompositeAlarm", "MetricAlarm" },
            MaxRecords = 100 } } }, plan.calls)
        assert.equal(2 * MINUTE, plan.settle)
    end)

    it("asks in the target's region, in the provider's, and where an ARN says", function()
        local config = { providers = { cloudwatch = { kind = "cloudwatch",
            region = "ap-south-1", settle = "5m" } } }
        for _, case in ipairs {
            { { "a" }, alias(), nil, { "eu-west-1" } },
            { { "a" }, far, nil, { "us-east-1" } },
            { { "a" }, far, config, { "ap-south-1" } },
            { { arn_of("us-west-2", "a"), "a" }, far, config, { "us-west-2", "ap-south-1" } },
        } do
            local regions = {}
            for i, call in ipairs(plan_of(case[1], case[2], case[3]).calls) do
                regions[i] = call.region
            end
            assert.same(case[4], regions)
        end
        assert.equal(300000, plan_of({ "a" }, far, config).settle)
    end)

    it("asks for a hundred at a time", function()
        local names = {}
        for i = 1, 201 do
            names[i] = "a" .. i
        end
        local plan = plan_of(names)
        assert.equal(3, #plan.calls)
        assert.equal(100, #plan.calls[1].input.AlarmNames)
        assert.same({ "a201" }, plan.calls[3].input.AlarmNames)
    end)

    it("refuses what is no alarm, or another account's", function()
        for _, case in ipairs {
            { "arn:aws:sns:eu-west-1:123456789012:alarm:a", "is no alarm: expected a name, or" },
            { "arn:aws:cloudwatch:eu-west-1:123456789012:dashboard:a", "is no alarm" },
            { arn_of("eu-west-1", "a", "999999999999"),
                "is of the account 999999999999, and the run of 123456789012" },
            { ("x"):rep(256), "is no name of an alarm, which has up to 255 characters" },
        } do
            local why = modules.refusal(plan_of, { case[1] })
            assert.is_truthy(why:find(case[2], 1, true), why)
        end
    end)
end)

describe("the answer about alarms", function()
    it("is the state of each, a composite's too, by its name", function()
        assert.same({
            a = { state = "ALARM", since = START, reason = "Threshold Crossed" },
            b = { state = "OK" }, c = { state = "INSUFFICIENT_DATA" },
            d = { state = "ALARM", since = START + MINUTE },
        }, states_of({ "a", "b", "c", "d" }, { ok {
            MetricAlarms = {
                { AlarmName = "b", StateValue = "OK", StateReason = "fine" },
                { AlarmName = "a", StateValue = "ALARM", StateReason = "Threshold Crossed",
                    StateTransitionedTimestamp = START, StateUpdatedTimestamp = START + MINUTE },
                { AlarmName = "c", StateValue = "INSUFFICIENT_DATA", StateReason = "x" },
            },
            CompositeAlarms = { { AlarmName = "d", StateValue = "ALARM", StateReason = "",
                StateUpdatedTimestamp = START + MINUTE } },
        } }))
    end)

    it("is no evidence where CloudWatch could not evaluate it", function()
        for _, case in ipairs {
            { "OK", "EVALUATION_ERROR", "INSUFFICIENT_DATA" },
            { "OK", "EVALUATION_FAILURE", "INSUFFICIENT_DATA" },
            { "OK", "PARTIAL_DATA", "OK" }, { "ALARM", "EVALUATION_ERROR", "ALARM" },
        } do
            assert.equal(case[3], states_of({ "a" }, { ok { MetricAlarms = {
                { AlarmName = "a", StateValue = case[1], EvaluationState = case[2] } } } }).a.state)
        end
    end)

    it("is a provider error where nobody answered, or there is none", function()
        local called = arn_of("eu-west-1", "a")
        for _, case in ipairs {
            { { outcome = "rejected", error = { code = "Throttling", message = "slow down" } },
                "CloudWatch: Throttling: slow down" },
            { ok { MetricAlarms = {} }, "there is no such alarm in eu-west-1 (DescribeAlarms, "
                .. 'AlarmNames "a", CompositeAlarm and MetricAlarm)', true },
            { ok { MetricAlarms = { { AlarmName = "A", StateValue = "OK" } } },
                "there is no such alarm", true },
            { ok { MetricAlarms = { { AlarmName = "a", StateValue = "OK",
                AlarmArn = arn_of("us-east-1", "a") } } }, "there is no such alarm", true },
            { ok { MetricAlarms = { { AlarmName = "a", StateValue = "FINE" } } },
                'CloudWatch says that it is in "FINE"' },
        } do
            local state = states_of({ called }, { case[1] })[called]
            assert.equal("provider error", state.state)
            assert.equal(case[3], state.missing)
            assert.is_truthy(state.reason:find(case[2], 1, true), state.reason)
        end
        assert.equal("provider error", states_of({ "a" }, {}).a.state)
    end)

    it("has a reason of whole characters, of bounded length", function()
        for pad = 0, 3 do
            local reason = ("x"):rep(pad) .. ("\u{20ac}"):rep(400)
            local state = states_of({ "a" }, { ok { MetricAlarms = { { AlarmName = "a",
                StateValue = "ALARM", StateReason = reason } } } }).a
            assert.is_true(#state.reason <= 180 and utf8.len(state.reason) ~= nil)
            assert.equal("...", state.reason:sub(-3))
        end
    end)
end)

-- A run whose alarms are answered by `say(name)`: a state, or nil for none.
local function driver_of(say)
    return fake_tasks.new { call = function(call)
        if call.operation ~= "cloudwatch.describe_alarms" then
            return { outcome = "rejected", error = { code = "Other", message = "no metrics" } }
        end
        local found = {}
        for _, name in ipairs(call.input.AlarmNames) do
            found[#found + 1] = say(name) and { AlarmName = name, StateValue = say(name),
                StateReason = "why", StateTransitionedTimestamp = START } or nil
        end
        return ok { MetricAlarms = found }
    end }
end

local function begun(driver)
    local run = metrics.new {}
    driver:run(run.begin, run, { alias() }, HOME)
    return run
end

local function sample(run, driver, names, now, of)
    return driver:run(run.sample, run, alias(), of or {}, START, now, 10, names)
end

local function problem(call, ...)
    local succeeded, raised = pcall(call, ...)
    assert.is_false(succeeded)
    return raised
end

describe("a run that heeds alarms", function()
    it("asks for them together with the metrics, in one go", function()
        local driver = driver_of(function() return "OK" end)
        local run = begun(driver)
        local rounds = driver.rounds
        local found = sample(run, driver, { "a", "b" }, START + 5 * MINUTE, { "errors" })
        assert.equal(rounds + 1, driver.rounds)
        assert.same({ a = { state = "OK" }, b = { state = "OK" } }, found.alarms)
        assert.equal(START, found.period.at)
        local calls = driver:all "call"
        assert.equal("cloudwatch.get_metric_data", calls[#calls - 1].operation)
        assert.equal("cloudwatch.describe_alarms", calls[#calls].operation)
        found = driver:run(run.sample, run, alias(), { "errors" }, START + 1, START + 5 * MINUTE)
        assert.is_nil(found.alarms)
        assert.equal(rounds + 1, driver.rounds)
    end)

    it("needs no metrics for it, and asks while there is no period yet", function()
        local driver = driver_of(function() return "ALARM" end)
        local run = begun(driver)
        local alone = sample(run, driver, { "a" }, START)
        assert.equal("ALARM", alone.alarms.a.state)
        assert.equal(2 * MINUTE, alone.settle)
        assert.is_nil(alone.period)
        local early = sample(run, driver, { "a" }, START + 1, { "errors" })
        assert.equal("ALARM", early.alarms.a.state)
        assert.is_nil(early.period)
    end)

    it("is told of one that was never there; of one that is gone it is warned, once", function()
        local there = true
        local driver = driver_of(function(name) return (there or name == "b") and "OK" or nil end)
        local run = begun(driver)
        assert.is_nil(sample(run, driver, { "a", "b" }, START).warning)
        there = false
        local found = sample(run, driver, { "a", "b" }, START + 1)
        assert.equal("provider error", found.alarms.a.state)
        assert.matches("^the alarm a cannot be read: there is no such alarm in eu%-west%-1",
            found.warning)
        assert.is_nil(sample(run, driver, { "a", "b" }, START + 2).warning)
        assert.matches('^the alarm "c": there is no such alarm in eu%-west%-1 %(DescribeAlarms, '
            .. 'AlarmNames "c"', problem(sample, run, driver, { "a", "c" }, START + 3).invalid)
    end)

    it("goes on where one is gone that could not be asked for at first", function()
        local answer = { outcome = "rejected", error = { code = "Throttling", message = "no" } }
        local driver = fake_tasks.new { call = function() return answer end }
        local run = metrics.new {}
        driver:run(run.begin, run, {}, HOME)
        assert.equal("provider error", sample(run, driver, { "a" }, START).alarms.a.state)
        answer = ok { MetricAlarms = {} }
        local found = sample(run, driver, { "a" }, START + 1)
        assert.equal("provider error", found.alarms.a.state)
        assert.matches("there is no such alarm", found.warning)
    end)

    it("keeps what they said, as often as it changed", function()
        local state = "OK"
        local driver = driver_of(function() return state end)
        local run = begun(driver)
        for i, said in ipairs { "OK", "OK", "ALARM", "ALARM", "INSUFFICIENT_DATA", "OK" } do
            state = said
            sample(run, driver, { "a" }, START + 1000 * i)
        end
        local kept = run:recording {}
        assert.same({ "alarm a: 4 states, 2026-03-02T09:00:01Z to 2026-03-02T09:00:06Z, "
            .. "at last OK" }, kept.report)
        assert.equal('{"alarms":[{"name":"a","settle":120000,"states":[{"at":1772442001000,'
            .. '"state":"OK"},{"at":1772442003000,"reason":"why","since":1772442000000,'
            .. '"state":"ALARM"},{"at":1772442005000,"state":"INSUFFICIENT_DATA"},'
            .. '{"at":1772442006000,"state":"OK"}]}],"format":"tidelock-recording","series":[],'
            .. '"source":"cloudwatch describe_alarms","version":1}\n',
            (kept.recording:gsub('"series":{}', '"series":[]'))) -- plain Lua tells no empty list
    end)

    it("is recorded again from its journal, of the time that is asked for", function()
        local driver = driver_of(function() return "OK" end)
        local run = metrics.new {}
        driver:run(run.backfill, run, {
            questions = { { target = alias(), metrics = {}, watch = 3 } },
            ticks = {
                { at = START, watch = 3, periods = {}, alarms = { a = { state = "OK" } } },
                { at = START + 9, watch = 3, periods = {}, alarms = { a = { state = "ALARM" } } },
                { at = START + 99, watch = 3, periods = {}, alarms = { a = { state = "OK" } } },
            }, from = START, to = START + 50, now = START + 100, home = HOME })
        assert.same({}, driver:all "call")
        assert.matches("alarm a: 2 states, .*, at last ALARM", run:recording({}).report[1])
    end)
end)

describe("a rehearsal", function()
    it("asks for alarms once", function()
        local driver = driver_of(function(name) return name == "a" and "ALARM" or nil end)
        local one = rehearsal.new(HOME, {})
        assert.same({ a = { state = "ALARM", since = START, reason = "why" } },
            driver:run(one.heed, one, alias(), { "a" }))
        driver:run(one.heed, one, alias(), { "a" })
        assert.equal(1, #driver:all "call")
        assert.matches("there is no such alarm",
            problem(fake_tasks.run, driver, one.heed, one, alias(), { "b" }).invalid)
    end)
end)
