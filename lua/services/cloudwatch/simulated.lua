-- CloudWatch in the simulated account: what each operation answers and changes. A state is
-- a table that is never changed:
--
--     home      { partition, region, account }
--     metric    name -> metric alarm, as DescribeAlarms shows it
--     composite name -> composite alarm
--     beats     metric ("NAMESPACE NAME DIMENSIONS") -> when it was last counted
--
-- Nothing evaluates the alarms: their state is what SetAlarmState last said. The exception are
-- those on what Tidelock itself counts, which are in ALARM once nothing was counted for as long as
-- they look back. Every function here takes a state, the operation's input and the time, and
-- returns the output and the next state, or nil and why AWS refuses.

local array = require "canonical".array
local arn = require "aws.arn"
local canonical = require "canonical"
local metrics = require "services.cloudwatch.metrics"
local tables = require "simulation.tables"

local operations = {}

local with, over, names, refuse = tables.with, tables.over, tables.names, tables.refuse

local PAGE_SIZE = 50

local function has_prefix(alarm, prefix)
    for _, member in ipairs { "OKActions", "AlarmActions", "InsufficientDataActions" } do
        for _, action in ipairs(alarm[member] or {}) do
            if action:sub(1, #prefix) == prefix then
                return true
            end
        end
    end
    return false
end

local function set_of(list)
    local set = list and list[1] and {}
    for _, item in ipairs(set and list or {}) do
        set[item] = true
    end
    return set
end

local function fits(alarm, input, wanted)
    local prefix = input.AlarmNamePrefix
    return (not wanted or wanted[alarm.AlarmName])
        and (not prefix or alarm.AlarmName:sub(1, #prefix) == prefix)
        and (not input.StateValue or alarm.StateValue == input.StateValue)
        and (not input.ActionPrefix or has_prefix(alarm, input.ActionPrefix))
end

local kinds = { CompositeAlarm = "composite", MetricAlarm = "metric" }

-- Of the types that are asked for, composite alarms first, each kind by name.
local function selected(state, input)
    local types = set_of(input.AlarmTypes) or { MetricAlarm = true }
    local wanted, items = set_of(input.AlarmNames), {}
    for _, type in ipairs { "CompositeAlarm", "MetricAlarm" } do
        local kind = kinds[type]
        for _, name in ipairs(types[type] and names(state[kind]) or {}) do
            local alarm = state[kind][name]
            if fits(alarm, input, wanted) then
                items[#items + 1] = { name = name, kind = kind, alarm = alarm }
            end
        end
    end
    return items
end

local function metric_key(namespace, datum)
    return ("%s %s %s"):format(namespace, datum.MetricName,
        canonical.encode(datum.Dimensions or array {}))
end

function operations.put_metric_data(state, input, now)
    local key = metric_key(input.Namespace, input.MetricData[1])
    return {}, with(state, "beats", with(state.beats, key, now))
end

-- Since when an alarm on a sign of life is in ALARM, or will be if none comes any more; nil for all
-- other alarms.
local function silent_at(state, alarm)
    if alarm.Namespace ~= metrics.OURS or alarm.TreatMissingData ~= "breaching" then
        return nil
    end
    local last = state.beats[metric_key(alarm.Namespace, alarm)]
    return (last or alarm.AlarmConfigurationUpdatedTimestamp)
        + alarm.Period * alarm.EvaluationPeriods * 1000, last
end

-- The alarm with the state that it has come to by now.
local function evaluated(state, alarm, now)
    local at, last = silent_at(state, alarm)
    if not at then
        return alarm
    end
    local value = now >= at and "ALARM" or last and "OK" or "INSUFFICIENT_DATA"
    return with(alarm, "StateValue", value)
end

function operations.describe_alarms(state, input, now)
    local found, token = tables.page(selected(state, input), "name", input.NextToken,
        input.MaxRecords or PAGE_SIZE)
    if not found then
        return refuse("InvalidNextToken", "The next token specified is invalid")
    end
    local shown = { metric = {}, composite = {} }
    for _, item in ipairs(found) do
        table.insert(shown[item.kind], evaluated(state, item.alarm, now))
    end
    return {
        MetricAlarms = array(shown.metric),
        CompositeAlarms = array(shown.composite),
        NextToken = token,
    }, state
end

local function kind_of(state, name)
    return state.metric[name] and "metric" or state.composite[name] and "composite"
end

local function put(state, kind, alarm)
    return with(state, kind, with(state[kind], alarm.AlarmName, alarm))
end

-- Names that no alarm has are passed over.
local function switch(state, input, enabled)
    for _, name in ipairs(input.AlarmNames) do
        local kind = kind_of(state, name)
        if kind then
            state = put(state, kind, with(state[kind][name], "ActionsEnabled", enabled))
        end
    end
    return {}, state
end

function operations.enable_alarm_actions(state, input)
    return switch(state, input, true)
end

function operations.disable_alarm_actions(state, input)
    return switch(state, input, false)
end

function operations.set_alarm_state(state, input, now)
    local kind = kind_of(state, input.AlarmName)
    if not kind then
        return refuse("ResourceNotFound", "Unknown alarm %s", input.AlarmName)
    end
    local alarm = state[kind][input.AlarmName]
    local changed = over(alarm, {
        StateValue = input.StateValue,
        StateReason = input.StateReason,
        StateUpdatedTimestamp = now,
    })
    changed.StateReasonData = input.StateReasonData
    if alarm.StateValue ~= input.StateValue then
        changed.StateTransitionedTimestamp = now
    end
    return {}, put(state, kind, changed)
end

-- What an alarm keeps when its configuration is replaced, or has when it is new.
local function kept(state, name, now)
    local old, home = state.metric[name], state.home
    return {
        AlarmName = name,
        AlarmArn = old and old.AlarmArn or arn.make(home, "cloudwatch", "alarm:" .. name),
        StateValue = old and old.StateValue or "INSUFFICIENT_DATA",
        StateReason = old and old.StateReason or "Unchecked: Initial alarm creation",
        StateReasonData = old and old.StateReasonData,
        StateUpdatedTimestamp = old and old.StateUpdatedTimestamp or now,
        StateTransitionedTimestamp = old and old.StateTransitionedTimestamp or now,
        AlarmConfigurationUpdatedTimestamp = now,
    }
end

-- What is not mentioned is unset: lists are shown as empty.
local function unset()
    return {
        ActionsEnabled = true,
        OKActions = array {},
        AlarmActions = array {},
        InsufficientDataActions = array {},
        Dimensions = array {},
    }
end

function operations.put_metric_alarm(state, input, now)
    local name = input.AlarmName
    if state.composite[name] then
        return refuse("ValidationError", "A composite alarm with the name %s already exists", name)
    elseif input.DatapointsToAlarm and input.DatapointsToAlarm > input.EvaluationPeriods then
        return refuse("ValidationError", "DatapointsToAlarm must not exceed EvaluationPeriods")
    end
    local alarm = over(over(unset(), input), kept(state, name, now))
    alarm.Threshold = input.Threshold and input.Threshold + 0.0
    if input.Metrics and input.Metrics[1] then
        alarm.Dimensions = nil
    end
    return {}, put(state, "metric", alarm)
end

function operations.delete_alarms(state, input)
    for _, name in ipairs(input.AlarmNames) do
        local kind = kind_of(state, name)
        if not kind then
            return refuse("ResourceNotFound", "Unknown alarm %s", name)
        end
        state = with(state, kind, with(state[kind], name, nil))
    end
    return {}, state
end

-- Metrics have no points here, which AWS answers as it answers for one that does not exist.

function operations.get_metric_data(state, input)
    local results = {}
    for _, query in ipairs(input.MetricDataQueries) do
        local metric = query.MetricStat and query.MetricStat.Metric
        results[#results + 1] = query.ReturnData ~= false and {
            Id = query.Id,
            Label = query.Label or metric and metric.MetricName or query.Id,
            Timestamps = array {},
            Values = array {},
            StatusCode = "Complete",
        } or nil
    end
    return { MetricDataResults = array(results), Messages = array {} }, state
end

function operations.get_metric_statistics(state, input)
    return { Label = input.MetricName, Datapoints = array {} }, state
end

local M = { operations = operations }

M.latency = { read = 60, write = 90 }
M.refused = "ValidationError" -- the code for input that does not fit

function M.begin(home)
    return { home = home, metric = {}, composite = {}, beats = {} }
end

-- Since when an alarm is in ALARM, as far as that was so by `now`; nil if it is not, and false if
-- there is no such alarm.
function M.alarmed(state, name, now)
    local alarm = state.metric[name] or state.composite[name]
    if not alarm then
        return false
    end
    local at = silent_at(state, alarm)
    if at then
        return now >= at and at or nil
    end
    return alarm.StateValue == "ALARM" and (alarm.StateTransitionedTimestamp or now) or nil
end

-- The same with an alarm that hears of the run at any time: whoever rehearses it lives.
function M.alive(state, alarm)
    if alarm.Namespace ~= metrics.OURS then
        return state
    end
    return with(state, "beats", with(state.beats, metric_key(alarm.Namespace, alarm),
        math.maxinteger // 2))
end

-- What changes whenever an alarm is written to.
local times = { "AlarmConfigurationUpdatedTimestamp", "StateUpdatedTimestamp",
    "StateTransitionedTimestamp" }

-- Without times and without what is as good as absent.
local function essence(alarm)
    local shown = {}
    for member, value in pairs(alarm) do
        if value ~= "" and not (type(value) == "table" and next(value) == nil) then
            shown[member] = value
        end
    end
    for _, member in ipairs(times) do
        shown[member] = nil
    end
    if shown.TreatMissingData == "missing" then
        shown.TreatMissingData = nil
    end
    return shown
end

-- What the owner would miss if it changed: { what it is called = plain value }.
function M.view(state)
    local view = {}
    for _, kind in ipairs { "metric", "composite" } do
        for _, alarm in pairs(state[kind]) do
            view["alarm " .. alarm.AlarmName] = essence(alarm)
        end
    end
    return view
end

return M
