-- How a deployment group stands, of what was gathered about it (observation.lua), and whether
-- CodeDeploy has carried out what it was told.
--
-- What a deployment governs is the task definition that its service runs, or is on the way to: that
-- of the deployment under way, else that of the PRIMARY task set. It stays the same from the moment
-- a deployment is made until it has succeeded, whatever its shares are meanwhile.

local observation = require "services.codedeploy.observation"
local revision = require "services.codedeploy.revision"

local M = {}

local LOOK_EVERY = 15000 -- ms between two looks at what CodeDeploy carries out

M.unfinished = { Created = true, Queued = true, InProgress = true, Baking = true, Ready = true }

local ended_badly = { Failed = true, Stopped = true }

local function is_rollback(deployment)
    return deployment.creator == "codeDeployRollback"
end

-- The later of two; what takes a deployment back comes after it.
local function later(a, b)
    local first, second = a.createTime or 0, b.createTime or 0
    return first == second and is_rollback(b) or second > first
end

-- The deployment that was made last, or nil.
function M.newest(output)
    local found
    for _, one in ipairs(output.deployments or {}) do
        found = (not found or later(found, one)) and one or found
    end
    return found
end

-- Whether a task set beside the PRIMARY one is still there.
local function has_other(output)
    for _, set in ipairs(output.service and output.service.taskSets or {}) do
        if set.status == "ACTIVE" then
            return true
        end
    end
    return false
end

-- { newest, primary (its task set), running (what that runs), under_way (a deployment), rolling
-- (a rollback under way), unanswered (one that was ended, of whose rollback nothing is told yet) }.
function M.of(output)
    local newest, primary = M.newest(output), observation.primary(output)
    local busy = newest and M.unfinished[newest.status]
    local named = newest and newest.rollbackInfo and newest.rollbackInfo.rollbackDeploymentId
    return {
        newest = newest,
        primary = primary,
        running = primary and revision.short(primary.taskDefinition),
        under_way = busy and not is_rollback(newest) and newest or nil,
        rolling = busy and is_rollback(newest) and newest or nil,
        unanswered = newest and ended_badly[newest.status] and not is_rollback(newest)
            and (named or "") == "" and has_other(output) and newest or nil,
    }
end

-- The task definition that the service runs or is on the way to; nil and why not.
function M.definition(output)
    local at = M.of(output)
    local group = output.deploymentGroupInfo
    if not group or group.computePlatform ~= "ECS" or not output.service then
        return nil, ("%s deploys no ECS service"):format(group and group.deploymentGroupName
            or "it")
    elseif not at.primary then
        return nil, ("the service %s has no PRIMARY task set"):format(output.service.serviceName)
    end
    return at.under_way and revision.of(at.under_way) or at.running
end

-- The share of a target group in the traffic of the listener, in percent: of the rules that forward
-- to the pair, the one that gives it the least. Nil where no rule forwards to them.
function M.share(output, group)
    local least
    for _, rule in ipairs(output.rules or {}) do
        local sum, own = 0, 0
        for arn, weight in pairs(observation.forwards(rule)) do
            sum, own = sum + weight, own + (arn == group and weight or 0)
        end
        local percent = sum > 0 and 100 * own / sum or 0
        least = least and math.min(least, percent) or percent
    end
    return least
end

local function is_healthy(output)
    local count = 0
    for _, one in ipairs(output.health or {}) do
        local state = one.TargetHealth and one.TargetHealth.State
        if state == "healthy" then
            count = count + 1
        elseif state ~= "draining" then
            return false
        end
    end
    return count > 0
end

-- Why a rollback of CodeDeploy's own did not do it, or nil.
local function failed(deployment)
    if deployment and is_rollback(deployment) and ended_badly[deployment.status] then
        local told = deployment.errorInformation or {}
        return ("CodeDeploy's rollback %s is %s: %s"):format(deployment.deploymentId,
            deployment.status, told.message or told.code or "no reason is given")
    end
end

-- Whether all is carried out: after how many ms to look again, 0 if it is; nil and why it never
-- will be. The deployment may go on: its old tasks are kept for a while.
function M.steady(output)
    local at = M.of(output)
    local why = failed(at.newest)
    if why then
        return nil, why
    elseif at.rolling or at.unanswered
        or at.under_way and revision.of(at.under_way) ~= at.running
        or M.share(output, observation.group_of(at.primary)) ~= 100
        or not is_healthy(output) then
        return LOOK_EVERY
    end
    return 0
end

local function stop(deployment)
    return {
        operation = "codedeploy.stop_deployment",
        input = { deploymentId = deployment.deploymentId, autoRollbackEnabled = true },
    }
end

-- Nothing to send yet: after how long to look again.
local function wait(undo)
    return { operation = undo.operation, input = undo.input, wait = LOOK_EVERY }
end

-- What leads back to what ran before. While CodeDeploy has not finished it is one stop; after that
-- the old tasks are gone, and what they ran is deployed anew.
function M.back(undo, output)
    local at = M.of(output)
    local why = failed(at.newest)
    if why then
        return nil, why
    elseif at.under_way then
        return stop(at.under_way)
    elseif at.rolling or at.unanswered then
        return wait(undo)
    end
    return undo
end

return M
