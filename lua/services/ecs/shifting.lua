-- ECS services whose traffic ECS itself shifts, as one look shows them (looks.lua): whether one is
-- set up for it, where its deployment stands, and who has the traffic. Pure.
--
-- The two target groups of such a service stand with its load balancer; which of them a revision
-- got, only that revision's own configuration says.

local last_name = require "services.ecs.names".last

local M = {}

-- The load balancers of a service that ECS may shift between two target groups.
function M.balancers(service)
    local found = {}
    for _, one in ipairs(service.loadBalancers or {}) do
        local advanced = one.advancedConfiguration
        if advanced and advanced.alternateTargetGroupArn and advanced.productionListenerRule then
            found[#found + 1] = one
        end
    end
    return found
end

function M.strategy(service)
    return (service.deploymentConfiguration or {}).strategy or "ROLLING"
end

-- Whether ECS could shift the traffic of a service from one target group to another.
function M.is_set_up(service)
    return M.balancers(service)[1] ~= nil
end

-- Whether its deployments do.
function M.shifts(service)
    return M.strategy(service) ~= "ROLLING" and M.is_set_up(service)
end

-- --- deployments ---

local working = { PENDING = true, IN_PROGRESS = true, STOP_REQUESTED = true,
    ROLLBACK_REQUESTED = true, ROLLBACK_IN_PROGRESS = true }

-- Whether a service deployment is not over yet.
function M.is_working(deployment)
    return deployment ~= nil and working[deployment.status] == true
end

-- Whether ECS is on its way back, or is back.
function M.is_going_back(deployment)
    return deployment ~= nil and deployment.status:find("^ROLLBACK") ~= nil
end

-- The pause at which a deployment waits for somebody: { hookId, expiresAt, ... }, or nil.
function M.pause(deployment)
    for _, hook in ipairs(deployment and deployment.lifecycleHookDetails or {}) do
        if hook.targetType == "PAUSE" and hook.status == "AWAITING_ACTION" then
            return hook
        end
    end
end

-- Why a deployment was taken back, as ECS says it.
function M.reason(deployment)
    local alarms = deployment.alarms and deployment.alarms.triggeredAlarmNames or {}
    local told = deployment.rollback and deployment.rollback.reason or deployment.statusReason
    if alarms[1] then
        return ("%s (alarm %s)"):format(told or "an alarm", table.concat(alarms, ", "))
    end
    return told or "no reason is given"
end

-- --- revisions and their target groups ---

local function revision_by_arn(look, arn)
    for _, revision in ipairs(look.revisions or {}) do
        if revision.serviceRevisionArn == arn then
            return revision
        end
    end
end

-- The revision that a deployment goes to.
function M.target(look)
    local target = look.deployment and look.deployment.targetServiceRevision
    return target and revision_by_arn(look, target.arn)
end

-- The newest revision of a task definition that the look shows.
function M.revision_of(look, definition)
    local found
    for _, revision in ipairs(look.revisions or {}) do
        if last_name(revision.taskDefinition) == last_name(definition)
            and (not found or (revision.createdAt or 0) > (found.createdAt or 0)) then
            found = revision
        end
    end
    return found
end

-- Listener rule -> the target group that a revision got there.
function M.groups(revision)
    local groups = {}
    for _, one in ipairs(revision and revision.resolvedConfiguration
        and revision.resolvedConfiguration.loadBalancers or {}) do
        if one.productionListenerRule and one.targetGroupArn then
            groups[one.productionListenerRule] = one.targetGroupArn
        end
    end
    return groups
end

-- The weights of a rule: target group -> weight.
local function weights_of(rule)
    local weights = {}
    for _, action in ipairs(rule.Actions or {}) do
        local groups = action.ForwardConfig and action.ForwardConfig.TargetGroups
        for _, group in ipairs(groups or {}) do
            weights[group.TargetGroupArn] = group.Weight or 1
        end
        if not groups and action.TargetGroupArn then
            weights[action.TargetGroupArn] = 1
        end
    end
    return weights
end

-- Whether all of the traffic goes to the target groups of a revision; nil where that does not show.
function M.has_all(look, revision)
    local groups, seen = M.groups(revision), nil
    for _, rule in ipairs(look.rules or {}) do
        local group, weights = groups[rule.RuleArn], weights_of(rule)
        for arn, weight in pairs(group and weights or {}) do
            if (arn == group) ~= (weight > 0) then
                return false
            end
            seen = true
        end
    end
    return seen
end

-- How many tasks run beside those of one deployment: of every revision, also of those that ECS
-- removes behind the back of a deployment that counts as successful, and no longer lists.
function M.others(service, primary)
    local listed, all = 0, 0
    for _, one in ipairs(service.deployments or {}) do
        listed = listed + (one ~= primary and one.runningCount or 0)
    end
    for _, one in ipairs(service.currentServiceRevisions or {}) do
        all = all + (one.runningTaskCount or 0)
    end
    return math.max(listed, (service.runningCount or 0) - primary.runningCount,
        all - primary.runningCount)
end

return M
