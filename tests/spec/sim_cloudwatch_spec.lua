local sim = require "sim_run"
local tables = require "simulation.tables"

local function put(run, fields)
    return run:call("cloudwatch.put_metric_alarm", tables.over({ AlarmName = "errors",
        MetricName = "Errors", Namespace = "AWS/Lambda", Period = 60, Statistic = "Sum",
            Threshold = 5,
        EvaluationPeriods = 3, ComparisonOperator = "GreaterThanThreshold" }, fields or {}))
end

local function describe_alarms(run, input)
    return run:call("cloudwatch.describe_alarms", input or {})
end

-- An account with composite alarms, which nothing here creates.
local function with_composite(name)
    return sim.on(sim.edit(sim.begin().origin, "cloudwatch", "composite", name, { AlarmName = name,
        AlarmRule = "ALARM(errors)", ActionsEnabled = true, StateValue = "OK", AlarmActions = {} }))
end

describe("a simulated alarm", function()
    it("begins in INSUFFICIENT_DATA and is shown with what was left out", function()
        local run = sim.begin()
        local at = run.now
        assert.same({}, put(run))
        assert.same({
            AlarmName = "errors",
            AlarmArn = "arn:aws:cloudwatch:us-east-1:123456789012:alarm:errors",
            MetricName = "Errors", Namespace = "AWS/Lambda", Period = 60, Statistic = "Sum",
            Threshold = 5, EvaluationPeriods = 3, ComparisonOperator = "GreaterThanThreshold",
            Dimensions = {}, OKActions = {}, AlarmActions = {}, InsufficientDataActions = {},
            ActionsEnabled = true,
            StateValue = "INSUFFICIENT_DATA", StateReason = "Unchecked: Initial alarm creation",
            StateUpdatedTimestamp = at, StateTransitionedTimestamp = at,
            AlarmConfigurationUpdatedTimestamp = at,
        }, describe_alarms(run).MetricAlarms[1])
    end)

    it("keeps its state when its configuration is replaced, and nothing else", function()
        local run = sim.begin()
        put(run, { AlarmDescription = "d", ActionsEnabled = false })
        run:call("cloudwatch.set_alarm_state", { AlarmName = "errors", StateValue = "OK",
            StateReason = "r" })
        put(run, { Threshold = 6 })
        local alarm = describe_alarms(run).MetricAlarms[1]
        assert.same({ "OK", "r", 6, true }, { alarm.StateValue, alarm.StateReason, alarm.Threshold,
            alarm.ActionsEnabled })
        assert.is_nil(alarm.AlarmDescription)
    end)

    it("is switched, and unknown ones are passed over", function()
        local run = sim.begin()
        put(run)
        run:call("cloudwatch.disable_alarm_actions", { AlarmNames = { "errors" } })
        assert.is_false(describe_alarms(run).MetricAlarms[1].ActionsEnabled)
        run:call("cloudwatch.enable_alarm_actions", { AlarmNames = { "errors" } })
        assert.is_true(describe_alarms(run).MetricAlarms[1].ActionsEnabled)
        assert.same({}, run:call("cloudwatch.enable_alarm_actions", { AlarmNames = { "other" } }))
    end)

    it("is refused where AWS would refuse it", function()
        local run = with_composite("all")
        local function code(operation, input)
            local _, refusal = run:call("cloudwatch." .. operation, input)
            return refusal.code
        end
        assert.equal("ResourceNotFound", code("set_alarm_state", { AlarmName = "x", StateValue =
            "OK",
            StateReason = "r" }))
        assert.equal("ResourceNotFound", code("delete_alarms", { AlarmNames = { "x" } }))
        assert.equal("InvalidNextToken", code("describe_alarms", { NextToken = "x" }))
        local _, refusal = put(run, { AlarmName = "all" })
        assert.equal("ValidationError", refusal.code)
        _, refusal = put(run, { DatapointsToAlarm = 4 })
        assert.equal("ValidationError", refusal.code)
    end)

    it("goes when it is deleted", function()
        local run = sim.begin()
        put(run)
        run:call("cloudwatch.delete_alarms", { AlarmNames = { "errors" } })
        assert.same({}, describe_alarms(run).MetricAlarms)
        assert.is_true(run:equal())
    end)
end)

describe("simulated alarms", function()
    local function names(list)
        local found = {}
        for i, alarm in ipairs(list) do
            found[i] = alarm.AlarmName
        end
        return found
    end

    it("are chosen by name, prefix, type, state and action", function()
        local run = with_composite("all")
        put(run, { AlarmName = "a1", AlarmActions = { "arn:aws:sns:us-east-1:123456789012:page" } })
        put(run, { AlarmName = "a2" })
        put(run, { AlarmName = "b1" })
        run:call("cloudwatch.set_alarm_state", { AlarmName = "b1", StateValue = "ALARM",
            StateReason = "r" })
        local both = { "CompositeAlarm", "MetricAlarm" }
        for _, case in ipairs {
            { {}, { "a1", "a2", "b1" }, {} },
            { { AlarmTypes = both }, { "a1", "a2", "b1" }, { "all" } },
            { { AlarmTypes = { "CompositeAlarm" } }, {}, { "all" } },
            { { AlarmNames = { "a2", "zz" } }, { "a2" }, {} },
            { { AlarmNamePrefix = "a" , AlarmTypes = both }, { "a1", "a2" }, { "all" } },
            { { StateValue = "ALARM" }, { "b1" }, {} },
            { { ActionPrefix = "arn:aws:sns:" }, { "a1" }, {} },
        } do
            local found = describe_alarms(run, case[1])
            assert.same(case[2], names(found.MetricAlarms))
            assert.same(case[3], names(found.CompositeAlarms))
        end
    end)

    it("come in pages", function()
        local run = with_composite("all")
        put(run, { AlarmName = "a" })
        put(run, { AlarmName = "b" })
        local input = { AlarmTypes = { "CompositeAlarm", "MetricAlarm" }, MaxRecords = 2 }
        local first = describe_alarms(run, input)
        assert.same({ "all" }, names(first.CompositeAlarms))
        assert.same({ "a" }, names(first.MetricAlarms))
        local second = describe_alarms(run, tables.with(input, "NextToken", first.NextToken))
        assert.same({ "b" }, names(second.MetricAlarms))
        assert.is_nil(second.NextToken)
    end)
end)
