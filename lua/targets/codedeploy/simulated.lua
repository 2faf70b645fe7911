-- Deployment groups of CodeDeploy in the simulated account: how they are at first, and how their
-- traffic is split.
--
-- At first a group's service runs the revision before the canary; where none is given, the first of
-- a family that is called like the group.

local arns = require "aws.arn"
local course = require "services.codedeploy.simulated.course"
local fresh = require "services.codedeploy.simulated.fresh"

local M = { service = "codedeploy" }

local function short(id)
    return id:match("([^/]+)$")
end

-- The revision before the canary; before the first one, the second.
local function baseline_of(canary)
    local family, number = short(canary):match("^(.*):(%d+)$")
    number = math.tointeger(tonumber(number))
    return ("%s:%d"):format(family, number > 1 and number - 1 or number + 1)
end

-- Adds the groups that targets name to a part of the account.
function M.begin(state, targets)
    for _, one in ipairs(targets) do
        local key = ("%s/%s"):format(one.application, one.group)
        local definition = arns.make(state.home, "ecs", "task-definition/"
            .. (one.canary and baseline_of(one.canary) or one.group .. ":1"))
        state.groups[key] = state.groups[key]
            or fresh.group(state.home, one.application, one.group, definition)
    end
end

-- Percent of a target's traffic on the canary, and until when; nil if there is no such target.
function M.share(state, one, now)
    local group = state.groups[("%s/%s"):format(one.application, one.group)]
    if not group then
        return nil
    end
    local standing = course.at(group, now)
    local percent = 0
    if not one.canary then
        return 0
    elseif short(standing.primary.definition) == short(one.canary) then
        percent = 100 - standing.weight
    elseif standing.other and short(standing.other.definition) == short(one.canary) then
        percent = standing.weight
    end
    return percent, course.changes(group, now)
end

return M
