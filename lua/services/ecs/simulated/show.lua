-- How AWS shows what the simulated ECS knows: services, their deployments, tasks, definitions.

local array = require "canonical".array
local arn = require "aws.arn"
local rollout = require "services.ecs.simulated.rollout"
local shifting = require "services.ecs.shifting"
local tables = require "simulation.tables"

local M = {}

local over = tables.over

function M.arn(home, kind, id)
    return arn.make(home, "ecs", kind .. "/" .. id)
end

-- A made-up number of 19 digits that belongs to a text.
function M.number(text)
    return ("%019d"):format(tonumber(tables.digits(text, 15), 16))
end

local function definition_arn(home, revision)
    return M.arn(home, "task-definition", revision)
end

local function revision_arn(home, id, definition)
    return M.arn(home, "service-revision", id .. "/" .. M.number(id .. " " .. definition))
end

-- What containers have that nobody mentioned.
local container_defaults = {
    cpu = 0, essential = true, environment = array {}, mountPoints = array {},
    portMappings = array {}, volumesFrom = array {}, systemControls = array {},
}

function M.definition(home, input, number, now)
    local containers = {}
    for i, container in ipairs(input.containerDefinitions) do
        containers[i] = over(container_defaults, container)
    end
    local shown = over({ volumes = array {}, placementConstraints = array {} }, input)
    shown.tags = nil
    return over(shown, {
        taskDefinitionArn = definition_arn(home, ("%s:%d"):format(input.family, number)),
        containerDefinitions = containers,
        revision = number,
        status = "ACTIVE",
        compatibilities = input.requiresCompatibilities or { "EC2" },
        registeredAt = now,
        registeredBy = ("arn:%s:iam::%s:role/deployer"):format(home.partition, home.account),
    })
end

-- Of a service's settings those that its deployments show again.
local shared = { "launchType", "platformFamily", "networkConfiguration" }

local function deployment(home, service, one, primary)
    local shown = {
        id = "ecs-svc/" .. one.id,
        status = primary and "PRIMARY" or "ACTIVE",
        taskDefinition = definition_arn(home, one.definition),
        desiredCount = primary and service.shown.desiredCount or 0,
        runningCount = one.running,
        pendingCount = one.pending,
        failedTasks = one.failed,
        createdAt = one.created,
        updatedAt = one.updated,
        rolloutState = one.state,
        rolloutStateReason = one.reason
            or ("ECS deployment ecs-svc/%s in progress."):format(one.id),
        platformVersion = "1.4.0",
    }
    for _, member in ipairs(shared) do
        shown[member] = service.shown[member]
    end
    return shown
end

-- Of a service whose traffic ECS shifts, the target group that a revision's tasks are in.
local function resolved(service, value, definition)
    local side, list = (value.sides or {})[definition], array {}
    for i, one in ipairs(side and shifting.balancers(service.shown) or {}) do
        local advanced = one.advancedConfiguration
        list[i] = {
            targetGroupArn = side == 1 and one.targetGroupArn or advanced.alternateTargetGroupArn,
            productionListenerRule = advanced.productionListenerRule,
        }
    end
    return { loadBalancers = list }
end

-- The revision with this ARN among those that the service has had, or nil.
function M.revision(home, id, service, now, wanted)
    local value = tables.effective(service.course, now)
    local definitions = { value.definition }
    for _, record in ipairs(value.records) do
        table.move({ record.definition, record.source }, 1, 2, #definitions + 1, definitions)
    end
    for _, definition in ipairs(definitions) do
        if revision_arn(home, id, definition) == wanted then
            return {
                serviceRevisionArn = wanted,
                serviceArn = service.shown.serviceArn,
                clusterArn = service.shown.clusterArn,
                taskDefinition = definition_arn(home, definition),
                launchType = service.shown.launchType,
                loadBalancers = service.shown.loadBalancers,
                networkConfiguration = service.shown.networkConfiguration,
                resolvedConfiguration = resolved(service, value, definition),
                createdAt = service.shown.createdAt,
            }
        end
    end
end

-- The new revision's percent of the traffic, of a deployment that shifts it.
function M.weight(value)
    local record = value.records[1]
    return record and not record.finished and record.weight or 0
end

-- The weights of a listener rule that a service's deployments move, as ECS writes them; nil where
-- the rule is none of its own.
function M.rule(service, wanted, now)
    local value = tables.effective(service.course, now)
    for _, one in ipairs(shifting.balancers(service.shown)) do
        local advanced = one.advancedConfiguration
        if advanced.productionListenerRule == wanted then
            local weight = M.weight(value)
            local source = value.records[1] and not value.records[1].finished
                and value.records[1].source or value.definition
            local side = (value.sides or {})[source] or 1
            local scale = math.tointeger(weight) and 1 or 10
            local green = math.floor(weight * scale + 0.5)
            local blue = 100 * scale - green
            return {
                RuleArn = wanted, Priority = "10", Conditions = array {}, IsDefault = false,
                Actions = { { Type = "forward", ForwardConfig = { TargetGroups = {
                    { TargetGroupArn = one.targetGroupArn,
                        Weight = side == 1 and blue or green },
                    { TargetGroupArn = advanced.alternateTargetGroupArn,
                        Weight = side == 1 and green or blue },
                } } } },
            }
        end
    end
end

local function current_record(home, id, value)
    local record = value.records[1]
    if record and not record.finished then
        return M.arn(home, "service-deployment", id .. "/" .. record.id)
    end
end

function M.service(home, id, service, now)
    local value = tables.effective(service.course, now)
    local deployments, revisions, running, pending = {}, {}, 0, 0
    for i, one in ipairs(value.deployments) do
        deployments[i] = deployment(home, service, one, i == 1)
        revisions[i] = {
            arn = revision_arn(home, id, one.definition),
            requestedTaskCount = deployments[i].desiredCount,
            runningTaskCount = one.running,
            pendingTaskCount = one.pending,
        }
        running, pending = running + one.running, pending + one.pending
    end
    return over(service.shown, {
        taskDefinition = definition_arn(home, value.definition),
        runningCount = running,
        pendingCount = pending,
        deployments = deployments,
        currentServiceDeployment = current_record(home, id, value),
        currentServiceRevisions = revisions,
    })
end

local function revision_summary(home, id, service, value, definition, weight)
    local running, pending = 0, 0
    for _, one in ipairs(value.deployments) do
        if one.definition == definition then
            running, pending = running + one.running, pending + one.pending
        end
    end
    return {
        arn = revision_arn(home, id, definition),
        requestedTaskCount = service.shown.desiredCount,
        runningTaskCount = running,
        pendingTaskCount = pending,
        requestedProductionTrafficWeight = weight,
    }
end

local function hook_details(record)
    local list = array {}
    for i, hook in ipairs(record.hooks) do
        list[i] = { hookId = hook.id, targetType = "PAUSE", status = hook.status,
            expiresAt = hook.expires, timeoutAction = hook.action }
    end
    return list
end

-- What else a deployment shows that shifts the traffic.
local function shifted(record)
    return record.hooks and {
        deploymentConfiguration = record.config,
        lifecycleStage = record.stage,
        lifecycleHookDetails = hook_details(record),
        deploymentCircuitBreaker = { status = "DISABLED", failureCount = 0, threshold = 0 },
        alarms = record.config.alarms and {
            status = record.alarmed and "TRIGGERED" or "MONITORING",
            alarmNames = record.config.alarms.alarmNames,
            triggeredAlarmNames = record.alarmed and record.config.alarms.alarmNames or array {},
        } or nil,
    } or {}
end

local watching = { IN_PROGRESS = "MONITORING", SUCCESSFUL = "MONITORING_COMPLETE" }

local function breaker_status(service, record)
    local threshold = rollout.threshold(service.shown.deploymentConfiguration,
        service.shown.desiredCount)
    local status = not threshold and "DISABLED"
        or record.failed >= threshold and "TRIGGERED"
        or watching[record.status] or "MONITORING_COMPLETE"
    return { status = status, failureCount = record.failed, threshold = threshold or 0 }
end

-- The service deployments of a service, the latest first.
function M.records(home, id, service, now)
    local value, records = tables.effective(service.course, now), {}
    for i, record in ipairs(value.records) do
        local back = record.status:find("^ROLLBACK") and {
            reason = record.reason,
            startedAt = record.back_at or record.created,
            serviceRevisionArn = revision_arn(home, id, record.source),
        } or nil
        local weight = record.weight
        records[i] = over({
            serviceDeploymentArn = M.arn(home, "service-deployment", id .. "/" .. record.id),
            serviceArn = service.shown.serviceArn,
            clusterArn = service.shown.clusterArn,
            createdAt = record.created,
            startedAt = record.created,
            finishedAt = record.finished,
            updatedAt = record.finished or record.created,
            sourceServiceRevisions = { revision_summary(home, id, service, value, record.source,
                weight and 100 - weight) },
            targetServiceRevision = revision_summary(home, id, service, value, record.definition,
                weight),
            status = record.status,
            statusReason = record.reason,
            deploymentConfiguration = service.shown.deploymentConfiguration,
            rollback = back,
            deploymentCircuitBreaker = breaker_status(service, record),
        }, shifted(record))
    end
    return records
end

-- What a list shows of a service deployment.
function M.brief(record)
    return {
        serviceDeploymentArn = record.serviceDeploymentArn,
        serviceArn = record.serviceArn,
        clusterArn = record.clusterArn,
        createdAt = record.createdAt,
        startedAt = record.startedAt,
        finishedAt = record.finishedAt,
        targetServiceRevisionArn = record.targetServiceRevision.arn,
        status = record.status,
        statusReason = record.statusReason,
    }
end

-- Adds the tasks of a service to a list.
function M.tasks(home, id, service, now, tasks)
    local value = tables.effective(service.course, now)
    local cluster, name = id:match("^([^/]+)/(.*)$")
    for _, one in ipairs(value.deployments) do
        for i = 1, one.running + one.pending do
            local running = i <= one.running
            local code = tables.digits(one.seed .. i, 16) .. tables.digits(i .. one.seed, 16)
            tasks[#tasks + 1] = {
                taskArn = M.arn(home, "task", cluster .. "/" .. code),
                clusterArn = M.arn(home, "cluster", cluster),
                taskDefinitionArn = definition_arn(home, one.definition),
                group = "service:" .. name,
                startedBy = "ecs-svc/" .. one.id,
                launchType = service.shown.launchType,
                desiredStatus = "RUNNING",
                lastStatus = running and "RUNNING" or "PENDING",
                healthStatus = running and "HEALTHY" or "UNKNOWN",
                createdAt = one.created,
            }
        end
    end
end

return M
