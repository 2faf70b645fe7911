-- CloudWatch: what Tidelock asks of alarms and of metrics, and how each change is undone.
--
-- An alarm has three parts that are changed and put back apart from one another, each with an
-- identity of its own: its configuration, whether its actions are enabled, and its state. So every
-- call takes one alarm: with a list, the same alarm could belong to several identities.

local arn = require "aws.arn"
local governed = require "aws.governed"
local metrics = require "services.cloudwatch.metrics"
local same = require "same"
local shape = require "aws.shape"
local sorted = require "sorted"

-- Alarms mostly answer what was written at once, and AWS does not say for how long they may not;
-- ten seconds are our assumption.
local SETTLE = 10000

local text, choice, list, structure = shape.text, shape.choice, shape.list, shape.structure

local name = text { min = 1, max = 255 }
local one_name = list(name, 1, 1)
local state_value = choice { "OK", "ALARM", "INSUFFICIENT_DATA" }
local resources = list(text { min = 1, max = 1024 }, 0, 5)
-- How an alarm is evaluated where it is not by the plain count of periods.
local evaluation_window = structure({
    WallClockWindow = structure({ Timezone = text { min = 1, max = 50 } },
        { name = "WallClockWindow" }),
    SlidingWindow = structure({}, { name = "SlidingWindow" }),
}, {
    name = "EvaluationWindow",
    wrong = function(window)
        if (window.WallClockWindow == nil) == (window.SlidingWindow == nil) then
            return " must hold either WallClockWindow or SlidingWindow"
        end
    end,
})

local tag_keys = list(text { min = 1, max = 128 }, 1)

local action_configuration = structure({
    AlarmTagsPropagation = structure({
        Enabled = shape.flag,
        IncludedTagKeys = tag_keys,
        ExcludedTagKeys = tag_keys,
    }, { name = "AlarmTagsPropagation", needed = { "Enabled" } }),
}, { name = "ActionConfiguration" })

local warm_up = structure({
    WarmUpPeriodDurationInMinutes = shape.integer(1, 2880),
    OnlyStartEvaluatingAfterWarmUpPeriodEnds = shape.flag,
}, { name = "WarmUpConfiguration", needed = { "WarmUpPeriodDurationInMinutes" } })

-- Everything that PutMetricAlarm sets and DescribeAlarms shows again, but for ActionsEnabled,
-- which is a part of its own. A member that is left out is unset, and shown as absent or empty.
local config = {
    AlarmDescription = text { max = 1024 },
    OKActions = resources,
    AlarmActions = resources,
    InsufficientDataActions = resources,
    MetricName = text { min = 1, max = 255 },
    Namespace = metrics.namespace,
    Statistic = metrics.statistic,
    ExtendedStatistic = text { min = 1 },
    Dimensions = metrics.dimensions,
    Period = metrics.period,
    Unit = metrics.unit,
    EvaluationPeriods = shape.integer(1),
    DatapointsToAlarm = shape.integer(1),
    Threshold = shape.number(),
    ComparisonOperator = choice { "GreaterThanOrEqualToThreshold", "GreaterThanThreshold",
        "LessThanThreshold", "LessThanOrEqualToThreshold",
        "LessThanLowerOrGreaterThanUpperThreshold", "LessThanLowerThreshold",
        "GreaterThanUpperThreshold" },
    TreatMissingData = choice { "breaching", "notBreaching", "ignore", "missing" },
    EvaluateLowSampleCountPercentile = choice { "evaluate", "ignore" },
    Metrics = list(metrics.query, 0),
    ThresholdMetricId = text { min = 1, max = 255 },
    EvaluationWindow = evaluation_window,
    WarmUpConfiguration = warm_up,
    ActionConfiguration = action_configuration,
}

local config_names = {}
for member in pairs(config) do
    config_names[#config_names + 1] = member
end
table.sort(config_names)

local function put_members()
    local members = { AlarmName = name, ActionsEnabled = shape.flag }
    for member, of in pairs(config) do
        members[member] = of
    end
    return members
end

local function wrong_alarm(input)
    local queries = input.Metrics and input.Metrics[1] ~= nil
    if queries == (input.MetricName ~= nil) then
        return " must hold either MetricName or Metrics"
    elseif input.Statistic and input.ExtendedStatistic then
        return ".ExtendedStatistic must not be there together with Statistic"
    elseif not queries and not (input.Namespace and input.Period
        and (input.Statistic or input.ExtendedStatistic)) then
        return " must hold Namespace, Period and a statistic for its MetricName"
    elseif not input.Threshold and not input.ThresholdMetricId then
        return ".Threshold is missing"
    end
end

local put_metric_alarm = structure(put_members(), {
    needed = { "AlarmName", "ComparisonOperator", "EvaluationPeriods" },
    wrong = wrong_alarm,
})

-- The identity of a part of an alarm; of the alarms that a read names, that of the first.
local function identity_of(part)
    return function(input, home)
        local called = input.AlarmName or input.AlarmNames and input.AlarmNames[1]
        return called and arn.make(home, "cloudwatch", "alarm:" .. called .. part)
    end
end

local function observe(input)
    return {
        operation = "cloudwatch.describe_alarms",
        input = {
            AlarmNames = { input.AlarmName or input.AlarmNames[1] },
            AlarmTypes = { "CompositeAlarm", "MetricAlarm" },
        },
    }
end

local function named(alarms, wanted)
    for i = 1, alarms and #alarms or 0 do
        if alarms[i].AlarmName == wanted then
            return alarms[i]
        end
    end
end

local function alarm_of(input, output)
    local wanted = input.AlarmName or input.AlarmNames[1]
    local alarm = named(output.MetricAlarms, wanted) or named(output.CompositeAlarms, wanted)
    return alarm, not alarm and ("there is no alarm %q"):format(wanted) or nil
end

local operations = {}

-- Actions

local function switch(action, summary, enabled)
    return {
        class = "mutation",
        action = action,
        summary = summary,
        undo = "`cloudwatch.enable_alarm_actions` or `cloudwatch.disable_alarm_actions`, as it "
            .. "was before",
        notes = { "One alarm per call. Metric alarms and composite alarms." },
        input = structure({ AlarmNames = one_name }, { needed = { "AlarmNames" } }),
        settle = SETTLE,
        identity = identity_of "#actions",
        observe = observe,
        state = function(input, output)
            local alarm, why = alarm_of(input, output)
            return alarm and { ActionsEnabled = alarm.ActionsEnabled }, why
        end,
        after = function()
            return { ActionsEnabled = enabled }
        end,
        inverse = function(input, before)
            return {
                operation = before.ActionsEnabled and "cloudwatch.enable_alarm_actions"
                    or "cloudwatch.disable_alarm_actions",
                input = { AlarmNames = input.AlarmNames },
            }
        end,
    }
end

operations["cloudwatch.enable_alarm_actions"] = switch("EnableAlarmActions",
    "Lets an alarm perform its actions when its state changes.", true)
operations["cloudwatch.disable_alarm_actions"] = switch("DisableAlarmActions",
    "Keeps an alarm from performing its actions; its state still changes.", false)

-- State

operations["cloudwatch.set_alarm_state"] = {
    class = "mutation",
    action = "SetAlarmState",
    summary = "Sets an alarm's state until its next evaluation.",
    undo = "`cloudwatch.set_alarm_state` to the captured state and reason",
    dangerous = "An alarm that goes to ALARM performs its actions, and makes CodeDeploy, ECS and "
        .. "AppConfig roll back what they watch with it. Setting the state back undoes none "
        .. "of that.",
    fleeting = "the next evaluation of the alarm sets its real state",
    input = structure({
        AlarmName = name,
        StateValue = state_value,
        StateReason = text { max = 1023 },
        StateReasonData = text { max = 4000 },
    }, { needed = { "AlarmName", "StateValue", "StateReason" } }),
    settle = SETTLE,
    identity = identity_of "#state",
    observe = observe,
    state = function(input, output)
        local alarm, why = alarm_of(input, output)
        return alarm and { StateValue = alarm.StateValue }, why
    end,
    after = function(input)
        return { StateValue = input.StateValue }
    end,
    inverse = function(input, before, output)
        local alarm = alarm_of(input, output)
        return {
            operation = "cloudwatch.set_alarm_state",
            input = {
                AlarmName = input.AlarmName,
                StateValue = before.StateValue,
                StateReason = alarm.StateReason or "",
                StateReasonData = alarm.StateReasonData,
            },
        }
    end,
}

-- Configuration

local function is_empty(value)
    return value == "" or type(value) == "table" and next(value) == nil
end

-- What is said and means what it means unsaid.
local unsaid = {
    TreatMissingData = function(value) return value == "missing" end,
    EvaluationWindow = function(value) return value.WallClockWindow == nil end,
    ActionConfiguration = function(value)
        return not (value.AlarmTagsPropagation and value.AlarmTagsPropagation.Enabled)
    end,
}

-- The members that are set; empty lists and texts are as good as absent. Numbers as floats where
-- AWS has floats, so that 5 and 5.0 compare equal.
local function config_of(alarm)
    local out = {}
    for _, member in ipairs(config_names) do
        local value = alarm[member]
        if value ~= nil and not is_empty(value) and not (unsaid[member] and unsaid[member](value))
        then
            out[member] = value
        end
    end
    out.Threshold = out.Threshold and out.Threshold + 0.0
    return out
end

-- Its name is what shows that there is an alarm.
local function state_of(alarm)
    local state = config_of(alarm)
    state.AlarmName = alarm.AlarmName
    return state
end

-- A configuration is put whole: what the change made of it is what differs.
local function differing(_, before, after)
    local names, any = { AlarmName = true }, false
    for _, member in ipairs(config_names) do
        names[member] = not same(before[member], after[member]) or nil
        any = any or names[member] ~= nil
    end
    for _, member in ipairs(any and {} or config_names) do
        names[member] = true
    end
    return names
end

-- The request that puts an alarm back which the change has made `after` of. `changed`: which
-- members are put back, also those that were not there.
local function put_back(input, alarm, after)
    local restored = state_of(alarm)
    restored.ActionsEnabled = alarm.ActionsEnabled
    return { operation = "cloudwatch.put_metric_alarm", input = restored,
        changed = sorted(differing(input, state_of(alarm), after)) }
end

-- One such request of two.
local function join(undo, later)
    local joined, members = governed.join(undo, { input = {} }), {}
    for _, member in ipairs(undo.changed) do
        members[member] = true
    end
    for _, member in ipairs(later.changed) do
        if not members[member] then
            joined.input[member], members[member] = later.input[member], true
        end
    end
    joined.changed = sorted(members)
    return joined
end

-- Whether actions are enabled, and all that was not changed, stays as it is found.
local function keep_others(undo, output)
    local alarm = undo.changed and named(output.MetricAlarms, undo.input.AlarmName)
    if not alarm then
        return undo
    end
    local input = state_of(alarm)
    input.ActionsEnabled = alarm.ActionsEnabled
    for _, member in ipairs(undo.changed) do
        input[member] = undo.input[member]
    end
    return { operation = undo.operation, input = input }
end

local function enabled_of(input)
    return input.ActionsEnabled ~= false
end

operations["cloudwatch.put_metric_alarm"] = {
    class = "mutation",
    action = "PutMetricAlarm",
    summary = "Creates a metric alarm, or replaces the configuration of one.",
    undo = "`cloudwatch.put_metric_alarm` with the captured values of what was changed, and all "
        .. "else as it is then; or `cloudwatch.delete_alarms` where there was no such alarm",
    notes = {
        "A new alarm begins in INSUFFICIENT_DATA; an existing one keeps its state.",
        "What is not mentioned is unset. On an existing alarm ActionsEnabled (true unless given) "
            .. "must be what it is: it is changed by `cloudwatch.enable_alarm_actions` and "
            .. "`cloudwatch.disable_alarm_actions`.",
    },
    input = put_metric_alarm,
    settle = SETTLE,
    identity = identity_of "",
    observe = observe,
    state = function(input, output)
        local metric_alarm = named(output.MetricAlarms, input.AlarmName)
        if not metric_alarm and named(output.CompositeAlarms, input.AlarmName) then
            return nil, ("%q is a composite alarm"):format(input.AlarmName)
        elseif metric_alarm and metric_alarm.EvaluationCriteria then
            return nil, ("%q is an alarm on a PromQL query, which is not put here"):format(
                input.AlarmName)
        end
        return metric_alarm and state_of(metric_alarm) or {}
    end,
    governs = differing,
    after = function(input, _, output)
        local metric_alarm = named(output.MetricAlarms, input.AlarmName)
        if metric_alarm and metric_alarm.ActionsEnabled ~= enabled_of(input) then
            return nil, ("ActionsEnabled of an existing alarm must stay %s here: change it by "
                .. "cloudwatch.enable_alarm_actions or cloudwatch.disable_alarm_actions"):format(
                metric_alarm.ActionsEnabled)
        end
        return state_of(input)
    end,
    inverse = function(input, _, output)
        local metric_alarm = named(output.MetricAlarms, input.AlarmName)
        if not metric_alarm then
            return {
                operation = "cloudwatch.delete_alarms",
                input = { AlarmNames = { input.AlarmName } },
            }
        end
        return put_back(input, metric_alarm, state_of(input))
    end,
    join = join,
    guard = keep_others,
}

operations["cloudwatch.delete_alarms"] = {
    class = "mutation",
    action = "DeleteAlarms",
    summary = "Deletes an alarm that a run made for itself.",
    undo = "`cloudwatch.put_metric_alarm` with the captured configuration",
    notes = { "Only alarms on metrics in the namespace Tidelock: a deleted alarm's history and "
        .. "tags do not come back, and of those nobody has a use for them." },
    input = structure({ AlarmNames = one_name }, { needed = { "AlarmNames" } }),
    settle = SETTLE,
    identity = identity_of "",
    observe = observe,
    state = function(input, output)
        local alarm = named(output.MetricAlarms, input.AlarmNames[1])
        return alarm and state_of(alarm) or {}
    end,
    governs = differing,
    after = function(input, before)
        local called = input.AlarmNames[1]
        if next(before) == nil then
            return nil, ("there is no alarm %q"):format(called)
        elseif before.Namespace ~= metrics.OURS then
            return nil, ("%q is no alarm on a metric of Tidelock's own"):format(called)
        end
        return {}
    end,
    inverse = function(input, _, output)
        local alarm = named(output.MetricAlarms, input.AlarmNames[1])
        return alarm and put_back(input, alarm, {})
    end,
    join = join,
    guard = keep_others,
}

operations["cloudwatch.put_metric_data"] = {
    class = "beat",
    action = "PutMetricData",
    summary = "Counts a sign of life.",
    notes = { "Sent every minute while a run on a CodeDeploy target lives: when it stops, an alarm "
        .. "makes CodeDeploy take the canary back." },
    input = structure({
        Namespace = shape.choice { metrics.OURS },
        MetricData = list(structure({
            MetricName = text { min = 1, max = 255 },
            Dimensions = metrics.dimensions,
            Value = shape.number(),
            Unit = metrics.unit,
        }, { name = "MetricDatum", needed = { "MetricName" } }), 1, 1),
    }, { needed = { "MetricData", "Namespace" } }),
    identity = function(_, home)
        return arn.make(home, "cloudwatch", "metrics:" .. metrics.OURS)
    end,
}

-- Reads

operations["cloudwatch.describe_alarms"] = {
    class = "read",
    action = "DescribeAlarms",
    summary = "Shows alarms: state, configuration, whether their actions are enabled.",
    notes = { "Without AlarmTypes only metric alarms are shown. Composite alarms need the "
        .. "permission on every resource (`*`), and so do changes of alarms, which look "
        .. "for both." },
    input = structure({
        AlarmNames = list(name, 0, 100),
        AlarmNamePrefix = text { min = 1, max = 255 },
        AlarmTypes = list(choice { "CompositeAlarm", "MetricAlarm" }),
        StateValue = state_value,
        ActionPrefix = text { min = 1, max = 1024 },
        MaxRecords = shape.integer(1, 100),
        NextToken = text { min = 1 },
    }, {
        wrong = function(input)
            if input.AlarmNames and input.AlarmNamePrefix then
                return ".AlarmNamePrefix must not be there together with AlarmNames"
            end
        end,
    }),
    identity = identity_of "",
}

for called, entry in pairs(metrics.operations) do
    operations[called] = entry
end

return { title = "Amazon CloudWatch", iam = "cloudwatch", operations = operations }
