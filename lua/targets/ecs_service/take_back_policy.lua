-- Taking back what somebody else deploys to an ECS service: a deployment that is under way is
-- stopped and rolled back; where none is, the revision that ran before is deployed, as ECS has
-- recorded it. Either way it is followed until that revision has all of the tasks and of the
-- traffic. A service that CodeDeploy steers is taken back by the group that deployed it.

local look = require "targets.codedeploy.look_policy"
local past = require "targets.past_policy"
local services = require "targets.ecs_service.service_policy"

local M = {}

local EVERY = 15000 -- how often a deployment is looked at
local WITHIN = 60 * 60000 -- how long the way back may take unless the target says otherwise
local AT_ONCE = 20 -- deployments or revisions that ECS shows in one answer
local BACK = 25 -- deployments that are asked about what ran before

local short = services.short

local function ask(target, operation, input)
    return target:call(operation, input, services.region(target.value))
end

local function of_service(target)
    return { cluster = target.value.cluster, service = target.value.service }
end

-- The deployments that ECS lists, the latest first.
local function listed(target)
    local list = target:call("ecs.list_service_deployments", of_service(target)).serviceDeployments
    table.sort(list, function(a, b) return a.createdAt > b.createdAt end)
    return list
end

-- What a list of ARNs is about: ARN -> as ECS shows it.
local function shown(target, arns, operation, member, items, called)
    local found = {}
    for from = 1, #arns, AT_ONCE do
        local some = table.move(arns, from, math.min(from + AT_ONCE - 1, #arns), 1, {})
        for _, one in ipairs(ask(target, operation, { [member] = some })[items]) do
            found[one[called]] = one
        end
    end
    return found
end

local function deployments(target, arns)
    return shown(target, arns, "ecs.describe_service_deployments", "serviceDeploymentArns",
        "serviceDeployments", "serviceDeploymentArn")
end

local function revisions(target, arns)
    return shown(target, arns, "ecs.describe_service_revisions", "serviceRevisionArns",
        "serviceRevisions", "serviceRevisionArn")
end

-- --- following ---

-- The target group that a revision got at the rule of its load balancer.
local function group_of(revision)
    for _, one in ipairs((revision.resolvedConfiguration or {}).loadBalancers or {}) do
        if one.productionListenerRule then
            return one.targetGroupArn
        end
    end
end

-- Whether the revision has all of the tasks, and of the traffic where ECS shifts that.
local function is_whole(target, definition)
    local output = target:call("ecs.look_at_service", of_service(target))
    local service = output.services[1]
    local primary, only = service.deployments[1], service.deployments[2] == nil
    local whole = only and short(service.taskDefinition) == definition
        and primary.runningCount == service.desiredCount
        and (primary.rolloutState or "COMPLETED") == "COMPLETED"
        and (service.runningCount or 0) == primary.runningCount
    for _, revision in ipairs(whole and output.rules and output.revisions or {}) do
        local group = short(revision.taskDefinition) == definition and group_of(revision)
        if group and look.share(output, group) == 100 then
            return true
        end
    end
    return whole and not output.rules, ("%d of %d tasks run, and it names %s (%s)"):format(
        primary.runningCount, service.desiredCount, short(service.taskDefinition),
        primary.rolloutState or "no state is given")
end

-- Looks until it is done; returns for how long that was waited.
local function await(target, is_done)
    local within, waited = target.value.within or WITHIN, 0
    while true do
        target:sleep(EVERY)
        waited = waited + EVERY
        local done, state = is_done()
        if done then
            return waited
        elseif waited + EVERY > within then
            target:undo("is not back after %s: %s", require "duration".format(waited), state)
        end
    end
end

local function tell(target, definition, waited, how)
    target:tell("it runs %s, with all of the tasks and the traffic: %s, in %s", definition, how,
        require "duration".format(waited))
end

-- --- a deployment that is under way ---

local going_on = { PENDING = true, IN_PROGRESS = true }
local going_back = { STOP_REQUESTED = true, ROLLBACK_REQUESTED = true, ROLLBACK_IN_PROGRESS = true }

-- The task definition that ECS takes it back to, once that shows.
local function wanted(target, deployment)
    local arn = (deployment.rollback or {}).serviceRevisionArn
    local revision = arn and revisions(target, { arn })[arn]
    return revision and short(revision.taskDefinition)
end

local function follow(target, arn, how)
    local definition
    local waited = await(target, function()
        local deployment = deployments(target, { arn })[arn]
        local status = deployment.status
        if status == "ROLLBACK_FAILED" or status == "STOPPED" or status == "SUCCESSFUL" then
            target:undo("could not be taken back: its deployment is %s: %s", status,
                deployment.statusReason or "no reason is given")
        elseif status ~= "ROLLBACK_SUCCESSFUL" then
            return false, status
        end
        definition = definition or wanted(target, deployment)
        return is_whole(target, definition)
    end)
    tell(target, definition, waited, how)
end

-- What has no revision before it cannot be taken back by ECS.
local function stop(target, arn)
    local deployment = deployments(target, { arn })[arn]
    if going_back[deployment.status] then
        return follow(target, arn, "ECS had begun to take it back")
    elseif not (deployment.sourceServiceRevisions or {})[1] then
        target:fail("is deployed for the first time: ECS has nothing to go back to")
    end
    ask(target, "ecs.stop_service_deployment", { serviceDeploymentArn = arn,
        stopType = "ROLLBACK" })
    follow(target, arn, ("deployment %s was stopped and rolled back"):format(short(arn)))
end

-- --- what ran before ---

-- The revisions of the last deployments that succeeded, the latest first: where each went to, and
-- where it came from.
local function recorded(target, list)
    local arns = {}
    for _, one in ipairs(list) do
        arns[#arns + 1] = one.status == "SUCCESSFUL" and #arns < BACK
            and one.serviceDeploymentArn or nil
    end
    local found, ids = deployments(target, arns), {}
    for _, arn in ipairs(arns) do
        local one = found[arn] or {}
        ids[#ids + 1] = (one.targetServiceRevision or {}).arn
        for _, source in ipairs(one.sourceServiceRevisions or {}) do
            ids[#ids + 1] = source.arn
        end
    end
    return ids
end

local function definitions(target, list)
    local ids = recorded(target, list)
    local known, arns, names = revisions(target, ids), {}, {}
    for _, id in ipairs(ids) do
        local definition = known[id] and known[id].taskDefinition
        arns[#arns + 1], names[#names + 1] = definition, definition and short(definition)
    end
    return arns, names
end

local function check_active(target, definition)
    local status = ask(target, "ecs.describe_task_definition",
        { taskDefinition = definition }).taskDefinition.status
    if status ~= "ACTIVE" then
        target:fail("ran %s before, which is %s: ECS would refuse to deploy it", short(definition),
            status)
    end
end

-- A deployment of the service's own would wait there for somebody.
local function check_pauses(target, service)
    for _, hook in ipairs((service.deploymentConfiguration or {}).lifecycleHooks or {}) do
        if hook.targetType == "PAUSE" then
            target:fail("has a pause in its deployments, at which somebody is to decide: what ran "
                .. "before would wait there; take it out of the service first")
        end
    end
end

local function deploy(target, service, list)
    local running = short(service.taskDefinition)
    if list[1] and list[1].status == "ROLLBACK_SUCCESSFUL" then
        return target:tell(past.NOTHING, "ECS has taken the last deployment back to " .. running)
    end
    local arns, names = definitions(target, list)
    local place, why = past.before(names, running)
    if not place then
        return target:tell(past.NOTHING, why)
    end
    check_pauses(target, service)
    check_active(target, arns[place])
    services.update(target, "taskDefinition", arns[place])
    local definition = names[place]
    tell(target, definition, await(target, function()
        return is_whole(target, definition)
    end), ("it was deployed anew, as ECS had it before %s"):format(running))
end

-- --- whose it is ---

-- The group of CodeDeploy that deployed the service, as a target of that kind.
local function group_of_service(target, service)
    local ids = {}
    for _, set in ipairs(service.taskSets or {}) do
        ids[#ids + 1] = set.externalId
    end
    local one = ids[1] and target:call("codedeploy.batch_get_deployments",
        { deploymentIds = ids }).deploymentsInfo[1]
    if not one then
        target:fail("is steered by CodeDeploy, and does not show by which group: give "
            .. "codedeploy:APPLICATION/GROUP")
    end
    return setmetatable({ value = { application = one.applicationName,
        group = one.deploymentGroupName, region = target.value.region } }, { __index = target })
end

---@param target Target
function M.of(target)
    local service = services.describe(target)
    local controller = (service.deploymentController or {}).type or "ECS"
    if controller == "CODE_DEPLOY" then
        return require "targets.codedeploy.policy".take_back(group_of_service(target, service))
    elseif controller ~= "ECS" then
        target:fail("is steered by task sets: AWS has no deployment there to take back")
    end
    local list = listed(target)
    local newest = list[1]
    if newest and (going_on[newest.status] or going_back[newest.status]) then
        return stop(target, newest.serviceDeploymentArn)
    end
    deploy(target, service, list)
end

return M
