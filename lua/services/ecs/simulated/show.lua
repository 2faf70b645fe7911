-- How AWS shows what the simulated ECS knows: services, their deployments, tasks, definitions.

local array = require "canonical".array
local arn = require "aws.arn"
local rollout = require "services.ecs.simulated.rollout"
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

local function revision_summary(home, id, service, value, definition)
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
    }
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
            startedAt = record.created,
            serviceRevisionArn = revision_arn(home, id, record.source),
        } or nil
        records[i] = {
            serviceDeploymentArn = M.arn(home, "service-deployment", id .. "/" .. record.id),
            serviceArn = service.shown.serviceArn,
            clusterArn = service.shown.clusterArn,
            createdAt = record.created,
            startedAt = record.created,
            finishedAt = record.finished,
            updatedAt = record.finished or record.created,
            sourceServiceRevisions = { revision_summary(home, id, service, value, record.source) },
            targetServiceRevision = revision_summary(home, id, service, value, record.definition),
            status = record.status,
            statusReason = record.reason,
            deploymentConfiguration = service.shown.deploymentConfiguration,
            rollback = back,
            deploymentCircuitBreaker = breaker_status(service, record),
        }
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
