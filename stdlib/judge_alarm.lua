-- The inside of judge.lua: judge.alarm, its options and what they may be.

local check = require "check"
local kinds = require "kinds"

---@class judge_alarm: judging.Kind
local M = { example = "alarm:checkout-5xx" }

---@class (exact) judge.AlarmOptions
---@field [integer] string      # names or ARNs of CloudWatch alarms, composite ones too
---@field alarms? string[]      # the same as a list of its own
---@field name? string          # how reports call it; "alarm"
---@field lasting? Duration     # harm once one has been in ALARM for so long; at once

local options = { name = kinds.name, lasting = kinds.duration }

M.fields = { name = kinds.name, alarms = kinds.alarms, lasting = kinds.duration }

-- The list part is the alarms.
local function split(given)
    local parts = {}
    for name, value in pairs(given) do
        if math.type(name) == "integer" then
            parts.alarms = parts.alarms or {}
            parts.alarms[name] = value
        elseif options[name] then
            parts[name] = value
        else
            return nil, ('expected names of alarms, name or lasting, got "%s"'):format(
                tostring(name))
        end
    end
    return parts
end

function M.make(given)
    local alarm, why
    local parts = given
    if type(given) == "table" and given.alarms == nil then
        parts, why = split(given)
    end
    if parts then
        alarm, why = check.take(parts, M.fields, { judge = "alarm", lasting = 0, alarms = {} })
    end
    if not alarm then
        return nil, why
    elseif #alarm.alarms == 0 then
        return nil, "expected at least one alarm"
    end
    alarm.name = alarm.name or "alarm"
    return alarm
end

---Its text is not of the form NAME=VALUE: the names themselves.
function M.parse(text)
    local alarms, why = kinds.alarms.parse(text)
    if not alarms then
        return nil, why
    end
    return M.make { alarms = alarms }
end

---A run does not begin while one of them is in ALARM.
function M.heeds(one)
    return one.alarms
end

return M
