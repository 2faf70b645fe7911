-- Actions and conditions of ELBv2 as AWS shows them once they are stored.

local actions = require "services.elbv2.actions"
local conditions = require "services.elbv2.conditions"
local tables = require "simulation.tables"

local M = {}

local function stored_groups(groups)
    local out = {}
    for i, group in ipairs(groups) do
        out[i] = { TargetGroupArn = group.TargetGroupArn, Weight = group.Weight or 1 }
    end
    return out
end

-- A forward to one group is shown in both spellings, one to several only as ForwardConfig.
local function stored_forward(action)
    local config = action.ForwardConfig or { TargetGroups = { action } }
    local groups = stored_groups(config.TargetGroups)
    return {
        Type = "forward",
        TargetGroupArn = not groups[2] and groups[1].TargetGroupArn or nil,
        ForwardConfig = {
            TargetGroups = groups,
            TargetGroupStickinessConfig = config.TargetGroupStickinessConfig or { Enabled = false },
        },
    }
end

local function stored_action(action)
    if action.Type == "forward" then
        return stored_forward(action)
    end
    local out = tables.over(action, {})
    for member, assumed in next, actions.defaults do
        if action[member] then
            out[member] = tables.over(assumed, action[member])
            out[member].UseExistingClientSecret = nil -- asked for, never shown
        end
    end
    return out
end

-- What AWS leaves out is filled in, as is the place of every action.
function M.stored(list)
    local out = {}
    for i, action in ipairs(list) do
        out[i] = tables.with(stored_action(action), "Order", action.Order or i)
    end
    return out
end

-- Fields that old clients know are shown with plain Values beside their configuration.
local plain = { ["host-header"] = true, ["path-pattern"] = true }

local function stored_condition(condition)
    local member = conditions.configs[condition.Field]
    local config = condition[member]
        or { Values = condition.Values, RegexValues = condition.RegexValues }
    return {
        Field = condition.Field,
        Values = plain[condition.Field] and config.Values or nil,
        [member] = config,
    }
end

function M.stored_conditions(list)
    local out = {}
    for i, condition in ipairs(list) do
        out[i] = stored_condition(condition)
    end
    return out
end

-- The target groups that a list of stored actions names, with their weights; stickiness or not.
function M.groups(list)
    for _, action in ipairs(list) do
        if action.Type == "forward" then
            return action.ForwardConfig.TargetGroups
        end
    end
    return {}
end

-- Percent of the requests that a list of stored actions gives to a group.
function M.share(list, arn)
    local sum, share = 0, 0
    for _, group in ipairs(M.groups(list)) do
        sum = sum + group.Weight
        share = share + (group.TargetGroupArn == arn and group.Weight or 0)
    end
    return sum > 0 and 100 * share / sum or 0
end

return M
