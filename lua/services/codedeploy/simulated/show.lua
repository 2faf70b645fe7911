-- What the simulated account shows of a deployment group: as CodeDeploy, ECS and the load balancer
-- would.

local array = require "canonical".array
local course = require "services.codedeploy.simulated.course"
local observation = require "services.codedeploy.observation"
local tables = require "simulation.tables"

local M = {}

local function revision_of(content)
    return { revisionType = "AppSpecContent", appSpecContent = { content = content } }
end

-- A deployment that was ended tells of the one that takes it back a little later.
local function rollback_of(one, now)
    if one.takes_back then
        return { rollbackTriggeringDeploymentId = one.takes_back,
            rollbackMessage = "Deployment " .. one.takes_back .. " is rolled back." }
    elseif one.taken_back and now >= one.ended + course.NAMED then
        return { rollbackDeploymentId = one.taken_back }
    end
end

local messages = {
    ALARM_ACTIVE = "One or more alarms have been activated according to the Amazon CloudWatch "
        .. "metrics you selected, and the affected deployments have been stopped.",
    MANUAL_STOP = "The deployment was stopped by a user.",
    ECS_UPDATE_ERROR = "The ECS service cannot be updated: its tasks do not become healthy.",
}

-- As BatchGetDeployments shows one.
function M.deployment(group, one, now)
    local info, status = group.info, course.status(group, one, now)
    local _, shifted, over = course.times(group, one)
    local ended = one.ended or (one.takes_back and one.created + course.REROUTE) or over
    local code = status == "Stopped" and (one.reason or "MANUAL_STOP")
        or status == "Failed" and one.reason or nil
    return {
        applicationName = info.applicationName,
        deploymentGroupName = info.deploymentGroupName,
        deploymentConfigName = one.config_name,
        deploymentId = one.id,
        revision = revision_of(one.content),
        status = status,
        errorInformation = code and { code = code, message = messages[code] or code } or nil,
        createTime = one.created,
        startTime = one.created,
        completeTime = now >= ended and ended or nil,
        description = one.description,
        creator = one.takes_back and "codeDeployRollback" or "user",
        autoRollbackConfiguration = one.auto,
        rollbackInfo = rollback_of(one, now),
        instanceTerminationWaitTimeStarted = not one.takes_back and status == "InProgress"
            and now >= shifted,
        blueGreenDeploymentConfiguration = info.blueGreenDeploymentConfiguration,
        loadBalancerInfo = info.loadBalancerInfo,
        computePlatform = "ECS",
        deploymentStyle = info.deploymentStyle,
        overrideAlarmConfiguration = one.alarms,
    }
end

-- All deployments, the oldest first; those from before are as AWS showed them.
function M.deployments(group, now)
    local list = {}
    for i, one in ipairs(group.past) do
        list[i] = one
    end
    for _, one in ipairs(group.deployments) do
        list[#list + 1] = one.created <= now and M.deployment(group, one, now) or nil
    end
    return list
end

local function last_of(list, fits)
    for i = #list, 1, -1 do
        local one = list[i]
        if not fits or fits(one) then
            return { deploymentId = one.deploymentId, status = one.status,
                createTime = one.createTime, endTime = one.completeTime }
        end
    end
end

local function task_set(group, set, status)
    return {
        id = set.id,
        taskSetArn = group.service.serviceArn:gsub(":service/", ":task-set/") .. "/" .. set.id,
        serviceArn = group.service.serviceArn,
        clusterArn = group.service.clusterArn,
        startedBy = set.by and "CODE_DEPLOY" or nil,
        externalId = set.by,
        status = status,
        taskDefinition = set.definition,
        computedDesiredCount = set.tasks, runningCount = set.tasks, pendingCount = 0,
        createdAt = set.created,
        loadBalancers = array { { targetGroupArn = set.group, containerName = set.container,
            containerPort = set.port } },
        scale = { value = 100.0, unit = "PERCENT" },
        stabilityStatus = "STEADY_STATE",
    }
end

local function service(group, standing)
    local sets = array { task_set(group, standing.primary, "PRIMARY") }
    sets[2] = standing.other and task_set(group, standing.other, "ACTIVE") or nil
    return tables.over(group.service, {
        status = "ACTIVE",
        taskDefinition = standing.primary.definition,
        desiredCount = standing.primary.tasks,
        deploymentController = { type = "CODE_DEPLOY" },
        taskSets = sets,
    })
end

-- CodeDeploy leaves weights of 100 and 0, in no order that counts.
local function rules(group, standing)
    local other = standing.primary.group == group.groups[1] and group.groups[2] or group.groups[1]
    local tuples = array {
        { TargetGroupArn = standing.primary.group, Weight = 100 - standing.weight },
        { TargetGroupArn = other, Weight = standing.weight },
    }
    local listener = group.info.loadBalancerInfo.targetGroupPairInfoList[1].prodTrafficRoute
        .listenerArns[1]
    return array { { RuleArn = listener:gsub(":listener/", ":listener-rule/") .. "/default",
        Actions = array { { Type = "forward", ForwardConfig = { TargetGroups = tuples } } } } }
end

-- Their ARNs by their names.
local function groups(group)
    local arns = {}
    for _, arn in ipairs(group.groups) do
        arns[observation.group_name(arn)] = arn
    end
    return arns
end

local function health(set)
    local list = array {}
    for i = 1, set.tasks do
        list[i] = { Target = { Id = ("10.0.0.%d"):format(i), Port = set.port },
            TargetHealth = { State = "healthy" } }
    end
    return list
end

-- As GetDeploymentGroup answers, with all that it is joined by.
function M.group(group, now)
    local standing, all = course.at(group, now), M.deployments(group, now)
    local info = tables.over(group.info, {
        lastAttemptedDeployment = last_of(all),
        lastSuccessfulDeployment = last_of(all, function(one)
            return one.status == "Succeeded"
        end),
    })
    local shown = array {}
    for i = math.max(1, #all - 3), #all do
        shown[#shown + 1] = all[i]
    end
    return { deploymentGroupInfo = info, deployments = shown,
        service = service(group, standing), rules = rules(group, standing),
        groups = groups(group),
        health = health(standing.primary) }
end

return M
