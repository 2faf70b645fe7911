-- How people read where a listener or a rule sends requests: "blue 95 %, green 5 %".

local percent = require "percent"

-- "blue" of ".../targetgroup/blue/73e2d6bc24d8a067"
local function group_name(arn)
    return arn:match(":targetgroup/([^/]+)/") or arn
end

local function forward(action)
    local parts, sum = {}, 0
    local groups = action.ForwardConfig and action.ForwardConfig.TargetGroups or {}
    for _, group in ipairs(groups) do
        sum = sum + (group.Weight or 1)
    end
    for i, group in ipairs(groups) do
        local share = sum > 0 and 100 * (group.Weight or 1) / sum or 0
        parts[i] = ("%s %s"):format(group_name(group.TargetGroupArn), percent(share))
    end
    return table.concat(parts, ", ")
end

local function actions(list)
    local parts = {}
    for i, action in ipairs(list) do
        parts[i] = action.Type == "forward" and forward(action) or action.Type
    end
    return table.concat(parts, "; ")
end

-- Of the state of a listener or of a rule.
return function(state)
    return { Actions = state.Actions and actions(state.Actions),
        DefaultActions = state.DefaultActions and actions(state.DefaultActions) }
end
