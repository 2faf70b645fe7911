-- Taking back what somebody else deploys by a group of CodeDeploy: what is under way is stopped
-- with rollback; where nothing is, what ran before is deployed, as CodeDeploy has recorded it.
-- Either way it is followed until the old version has all of the traffic and healthy targets.

local look = require "targets.codedeploy.look_policy"

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

-- The last deployment that succeeded with something else than what runs, or nil.
local function earlier(target, running)
    local value = target.value
    local ids = target:call("codedeploy.list_deployments", {
        applicationName = value.application, deploymentGroupName = value.group,
        includeOnlyStatuses = { "Succeeded" },
    }).deployments
    local found
    for from = 1, #ids, 100 do
        for _, one in ipairs(target:call("codedeploy.batch_get_deployments", {
            deploymentIds = table.move(ids, from, math.min(from + 99, #ids), 1, {}),
        }).deploymentsInfo) do
            local definition = definition_in(one)
            local later = not found or (one.createTime or 0) > (found.createTime or 0)
            found = definition and definition ~= running and later and one or found
        end
    end
    return found
end

---@param target Target
---@param check fun(target: Target, group: table)  # fails where the group is none for us
function M.of(target, check)
    local output = ask(target)
    check(target, output.deploymentGroupInfo)
    local newest, primary = newest_of(output), primary_of(output)
    if newest and going_on[newest.status] then
        return stop(target, output, newest)
    end
    local running = primary and short(primary.taskDefinition)
    local old = running and earlier(target, running)
    if not old then
        return target:tell("there is nothing to take back: nothing is under way, and CodeDeploy "
            .. "has no record of what ran before")
    end
    local value = target.value
    target:call("codedeploy.create_deployment", {
        applicationName = value.application,
        deploymentGroupName = value.group,
        deploymentConfigName = look.AT_ONCE,
        description = ("tidelock: %s is taken back to %s"):format(running, definition_in(old)),
        revision = { revisionType = "AppSpecContent", appSpecContent = {
            content = (old.revision.appSpecContent or old.revision.string).content } },
        autoRollbackConfiguration = { enabled = true, events = { "DEPLOYMENT_FAILURE" } },
    })
    local _, waited = follow(target, nil, definition_in(old))
    tell(target, waited, ("it was deployed anew, as deployment %s had it"):format(old.deploymentId))
end

return M
