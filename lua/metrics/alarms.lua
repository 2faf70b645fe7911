-- What CloudWatch alarms say, as judge.alarm heeds them: one call for all that are in one region.
-- A name is of the target's region, as its metrics are; an ARN is asked where it says. As with
-- metrics nothing is sent here: a plan says what to ask, and what was answered is read with it.

local arn = require "aws.arn"
local fields = require "metrics.fields"
local invalid = require "import.invalid"
local targets = require "metrics.targets"
local times = require "import.times"

local M = {}

local NAMES_MAX = 100 -- of one call
local NAME_MAX, REASON_MAX = 255, 180

-- Where an alarm is, and what it is called there: { name, region, arn }.
local function place_of(checked, called, at_home)
    local parts = arn.of("cloudwatch", called)
    local name = parts and parts.path:match("^alarm:(.+)$")
    if called:find("^arn:") and not name then
        invalid("%s is no alarm: expected a name, or arn:aws:cloudwatch:REGION:ACCOUNT:alarm:NAME",
            fields.show(called))
    elseif #(name or called) > NAME_MAX then
        invalid("%s is no name of an alarm, which has up to %d characters", fields.show(called),
            NAME_MAX)
    end
    local account = checked.home and checked.home.account
    if parts and account and parts.account ~= account then
        invalid("the alarm %s is of the account %s, and the run of %s: CloudWatch is asked with "
            .. "the run's credentials", called, parts.account, account)
    end
    return name and { name = name, region = parts.region, arn = called }
        or { name = called, region = at_home }
end

-- The call that asks for an alarm of this region, with room for one more name.
local function call_for(plan, region)
    for i = #plan.calls, 1, -1 do
        local call = plan.calls[i]
        if call.region == region and #call.input.AlarmNames < NAMES_MAX then
            return i
        end
    end
    plan.calls[#plan.calls + 1] = {
        operation = "cloudwatch.describe_alarms", region = region,
        input = { AlarmNames = {}, AlarmTypes = { "CompositeAlarm", "MetricAlarm" },
            MaxRecords = NAMES_MAX },
    }
    return #plan.calls
end

local function add_name(names, name)
    for _, other in ipairs(names) do
        if other == name then
            return
        end
    end
    names[#names + 1] = name
end

-- What must be asked for these alarms: { calls, places = { [as called] = ... }, settle }. `settle`
-- is how long it takes until the metrics behind an alarm are there.
function M.plan(checked, target, names)
    local provider = checked.providers.cloudwatch
    local at_home = provider.region or targets.region(target, checked.home)
    local plan = { calls = {}, places = {}, settle = provider.settle, target = target }
    for _, called in ipairs(names) do
        local place = place_of(checked, called, at_home)
        place.call = call_for(plan, place.region)
        add_name(plan.calls[place.call].input.AlarmNames, place.name)
        plan.places[called] = place
    end
    return plan
end

local function find(output, place)
    for _, list in ipairs { "MetricAlarms", "CompositeAlarms" } do
        for _, alarm in ipairs(output[list] or {}) do
            if alarm.AlarmName == place.name
                and (not place.arn or not alarm.AlarmArn or alarm.AlarmArn == place.arn) then
                return alarm
            end
        end
    end
end

-- As many whole characters as there is room for.
local function bounded(text)
    if #text <= REASON_MAX then
        return text
    end
    local cut = REASON_MAX - 3
    while cut > 0 and text:byte(cut + 1) & 0xC0 == 0x80 do
        cut = cut - 1
    end
    return text:sub(1, cut) .. "..."
end

local function unanswered(format, ...)
    return { state = "provider error", reason = bounded(format:format(...)) }
end

local function since_of(alarm)
    local stamp = alarm.StateTransitionedTimestamp or alarm.StateUpdatedTimestamp
    return stamp and times.parse(stamp, "StateTransitionedTimestamp") or nil
end

-- CloudWatch could not evaluate it: what it says of itself is of before.
local BLIND = { EVALUATION_ERROR = true, EVALUATION_FAILURE = true }

local function state_of(alarm)
    local state = alarm.StateValue
    if state == "ALARM" then
        return { state = state, since = since_of(alarm),
            reason = alarm.StateReason and alarm.StateReason ~= "" and bounded(alarm.StateReason)
                or nil }
    elseif state == "OK" and not BLIND[alarm.EvaluationState] then
        return { state = state }
    elseif state == "OK" or state == "INSUFFICIENT_DATA" then
        return { state = "INSUFFICIENT_DATA" }
    end
    return unanswered("CloudWatch says that it is in %s", fields.show(state))
end

local function read_one(place, answer)
    if not answer or answer.error then
        local problem = answer and answer.error or { code = "NotAsked", message = "no answer" }
        return unanswered("CloudWatch: %s: %s", problem.code, problem.message)
    end
    local alarm = find(answer.value, place)
    if alarm then
        return state_of(alarm)
    end
    local state = unanswered("there is no such alarm%s (DescribeAlarms, AlarmNames %s, "
        .. "CompositeAlarm and MetricAlarm)", place.region and " in " .. place.region or "",
        fields.show(place.name))
    state.missing = true
    return state
end

-- { [as called] = { state = "OK", "ALARM", "INSUFFICIENT_DATA" or "provider error", since, reason,
-- missing } }; answers stand as plan.calls do.
function M.read(plan, answers)
    local states = {}
    for called, place in pairs(plan.places) do
        states[called] = read_one(place, answers[place.call])
    end
    return states
end

-- The first, by name, that fits.
local function first(states, fits)
    local found
    for called, state in pairs(states) do
        if fits(state, called) and (not found or called < found) then
            found = called
        end
    end
    return found
end

-- Raises where one is not there the first time that anybody answers for it; `known` is the set of
-- those that were asked for before.
function M.check(states, known)
    local missing = first(states, function(state, called)
        return state.missing and not known[called]
    end)
    if missing then
        invalid("the alarm %s: %s", fields.show(missing), states[missing].reason)
    end
    for called, state in pairs(states) do
        known[called] = known[called] or not state.missing or nil
    end
end

-- What a person should know of it: nil where all were answered.
function M.problem(states)
    local called = first(states, function(state) return state.state == "provider error" end)
    return called and ("the alarm %s cannot be read: %s"):format(called, states[called].reason)
end

return M
