-- Taking back what somebody else deploys by a group of CodeDeploy: what is under way is stopped
-- with rollback; where nothing is, what ran before is deployed, as CodeDeploy has recorded it.
-- Either way it is followed until the old version has all of the traffic and healthy targets.

local look = require "targets.codedeploy.look_policy"
local past = require "targets.past_policy"

local M = {}

local ask, newest_of, primary_of = look.ask, look.newest, look.primary
local share_of, short, going_on = look.share, look.short, look.going_on

-- Whether the one task set has all of the traffic, and targets that are all healthy.
local function is_whole(output)
    local primary, healthy = primary_of(output), 0
    for _, set in ipairs(output.service.taskSets or {}) do
        if set.status == "ACTIVE" then
            return false
        end
    end
    for _, one in ipairs(output.health or {}) do
        local state = one.TargetHealth and one.TargetHealth.State
        if state ~= "healthy" and state ~= "draining" then
            return false
        end
        healthy = healthy + (state == "healthy" and 1 or 0)
    end
    local balancer = primary and primary.loadBalancers and primary.loadBalancers[1] or {}
    return healthy > 0 and share_of(output, balancer.targetGroupArn) == 100
end

-- Looks until the deployment with this id, or the one that takes it back, is over and what it leads
-- to serves; returns the last look, and for how long that was waited.
local function follow(target, id, wanted)
    local waited = 0
    while waited < 2 * look.BESIDE do
        target:sleep(look.EVERY)
        waited = waited + look.EVERY
        local output = ask(target)
        local newest, running = newest_of(output), short(primary_of(output).taskDefinition)
        local over = not going_on[newest.status]
        if over and newest.status ~= "Succeeded" and newest.deploymentId ~= id then
            target:undo("could not be taken back: CodeDeploy's deployment %s is %s",
                newest.deploymentId, newest.status)
        elseif over and running == wanted and is_whole(output) then
            return output, waited
        end
    end
    target:undo("is not back after %s", require "duration".format(waited))
end

local function tell(target, waited, how)
    local output = ask(target)
    target:tell("it runs %s, with all of the traffic and healthy targets: %s, in %s",
        short(primary_of(output).taskDefinition), how, require "duration".format(waited))
end

local function definition_in(deployment)
    local location = deployment.revision or {}
    local kept = location.appSpecContent or location.string
    return kept and kept.content
        and short(kept.content:match("[Tt]ask[Dd]efinition[\"']?%s*:%s*[\"']?([%w:/_-]+)"))
end

-- The task definition that served before this deployment.
local function before(output, deployment)
    local running = short(primary_of(output).taskDefinition)
    if running ~= definition_in(deployment) then
        return running
    end
    for _, set in ipairs(output.service.taskSets or {}) do
        if set.status == "ACTIVE" then
            return short(set.taskDefinition)
        end
    end
end

-- What is under way is stopped; what is on its way back already is only followed.
local function stop(target, output, newest)
    local wanted = before(output, newest)
    if newest.creator == "codeDeployRollback" then
        local _, waited = follow(target, newest.deploymentId, wanted)
        return tell(target, waited, "CodeDeploy had begun to take it back")
    end
    target:call("codedeploy.stop_deployment", { deploymentId = newest.deploymentId,
        autoRollbackEnabled = true })
    local _, waited = follow(target, newest.deploymentId, wanted)
    tell(target, waited, ("deployment %s was stopped and rolled back"):format(newest.deploymentId))
end

-- Whether what a deployment was about came to serve, for good: one that was taken back may read as
-- Succeeded too, and so does what takes it back.
local function served(deployment)
    local rollback = deployment.rollbackInfo or {}
    return deployment.creator ~= "codeDeployRollback"
        and (rollback.rollbackDeploymentId or "") == "" and definition_in(deployment) ~= nil
end

-- The deployments that succeeded, the latest first, and what each was about.
local function succeeded(target)
    local value = target.value
    local ids = target:call("codedeploy.list_deployments", {
        applicationName = value.application, deploymentGroupName = value.group,
        includeOnlyStatuses = { "Succeeded" },
    }).deployments
    local list, names = {}, {}
    for from = 1, #ids, 100 do
        for _, one in ipairs(target:call("codedeploy.batch_get_deployments", {
            deploymentIds = table.move(ids, from, math.min(from + 99, #ids), 1, {}),
        }).deploymentsInfo) do
            list[#list + 1] = served(one) and one or nil
        end
    end
    table.sort(list, function(one, other)
        return (one.createTime or 0) > (other.createTime or 0)
    end)
    for i, one in ipairs(list) do
        names[i] = definition_in(one)
    end
    return list, names
end

-- What ran before, deployed anew.
local function deploy(target, running, old)
    local value, definition = target.value, definition_in(old)
    target:call("codedeploy.create_deployment", {
        applicationName = value.application,
        deploymentGroupName = value.group,
        deploymentConfigName = look.AT_ONCE,
        description = ("tidelock: %s is taken back to %s"):format(running, definition),
        revision = { revisionType = "AppSpecContent", appSpecContent = {
            content = (old.revision.appSpecContent or old.revision.string).content } },
        autoRollbackConfiguration = { enabled = true, events = { "DEPLOYMENT_FAILURE" } },
    })
    local _, waited = follow(target, nil, definition)
    tell(target, waited, ("it was deployed anew, as deployment %s had it"):format(old.deploymentId))
end

---@param target Target
---@param check fun(target: Target, group: table)  # fails where the group is none for us
function M.of(target, check)
    local output = ask(target)
    check(target, output.deploymentGroupInfo)
    local newest, primary = newest_of(output), primary_of(output)
    if newest and going_on[newest.status] then
        return stop(target, output, newest)
    elseif not primary then
        return target:tell(past.NOTHING, "its service runs nothing")
    elseif newest and newest.creator == "codeDeployRollback" and newest.status == "Succeeded" then
        return target:tell(past.NOTHING, "CodeDeploy has taken the last deployment back")
    end
    local running, list, names = short(primary.taskDefinition), succeeded(target)
    local place, why = past.before(names, running)
    if not place then
        return target:tell(past.NOTHING, why)
    end
    deploy(target, running, list[place])
end

return M
