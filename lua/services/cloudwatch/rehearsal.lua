-- What a rehearsal learns of CloudWatch: alarms, by their names.

local learned = require "simulation.learned"
local simulated = require "services.cloudwatch.simulated"

local M = {}

function M.learn(part, operation, _, output)
    if operation ~= "cloudwatch.describe_alarms" or not output then
        return part
    end
    for _, alarm in ipairs(output.MetricAlarms or {}) do
        part = learned.add(part, "metric", alarm.AlarmName, alarm)
    end
    for _, alarm in ipairs(output.CompositeAlarms or {}) do
        part = learned.add(part, "composite", alarm.AlarmName, alarm)
    end
    return part
end

local function is_changed(part, name)
    return learned.is_changed(part, "metric", name) or learned.is_changed(part, "composite", name)
end

-- Alarms that are called by name, some of which were changed, and the others of which are known.
function M.ours(part, operation, input)
    local changed, known = false, operation == "cloudwatch.describe_alarms"
    for _, name in ipairs(input.AlarmNames or {}) do
        changed = changed or is_changed(part, name)
        known = known and (part.metric[name] or part.composite[name]
            or part.learned["metric " .. name]) ~= nil
    end
    return changed and known
end

-- A rehearsal sends no signs of life; the run that it rehearses will.
function M.ready(part, operation, input)
    return operation == "cloudwatch.put_metric_alarm" and simulated.alive(part, input) or part
end

return M
