-- What a rehearsal learns of ECS: services with their deployments, and task definitions.

local learned = require "simulation.learned"
local names = require "services.ecs.names"
local tables = require "simulation.tables"

local M = {}

local function id_of(input, called)
    return ("%s/%s"):format(names.last(input.cluster) or "default", names.last(called))
end

local function deployment_of(shown)
    local id = names.last(shown.id) or "0"
    return {
        id = id, seed = id,
        definition = names.last(shown.taskDefinition),
        created = shown.createdAt, updated = shown.updatedAt,
        running = shown.runningCount or 0, pending = shown.pendingCount or 0,
        failed = shown.failedTasks or 0,
        state = shown.rolloutState or "COMPLETED", reason = shown.rolloutStateReason,
    }
end

-- The course of a service that nobody touches: it stays as it was found.
local function course_of(service)
    local deployments = {}
    for i, shown in ipairs(service.deployments or {}) do
        deployments[i] = deployment_of(shown)
    end
    local definition = names.last(service.taskDefinition)
    local complete = deployments[1] and deployments[1].state == "COMPLETED"
    return { {
        at = math.mininteger,
        value = { definition = definition, completed = complete and definition or nil,
            deployments = deployments, records = {} },
    } }
end

-- What AWS does not show is what it assumes.
local function settings_of(service)
    local assumed = { minimumHealthyPercent = 100, maximumPercent = 200 }
    return tables.over(service, {
        deploymentController = service.deploymentController or { type = "ECS" },
        deploymentConfiguration = tables.over(assumed, service.deploymentConfiguration or {}),
    })
end

local function add_service(part, input, service)
    local cluster = names.last(input.cluster) or "default"
    part = tables.with(part, "clusters", tables.with(part.clusters, cluster, true))
    return learned.add(part, "services", id_of(input, service.serviceName),
        { shown = settings_of(service), course = course_of(service) })
end

local function add_definition(part, output)
    local shown = output.taskDefinition
    local revision = names.last(shown.taskDefinitionArn)
    return learned.add(part, "definitions", revision, { shown = shown, tags = output.tags or {} })
end

-- One that is not shown is taken to be there.
local function assumed_definition(called)
    local family, number = names.last(called):match("^(.*):(%d+)$")
    return { taskDefinition = { taskDefinitionArn = called, family = family or names.last(called),
        revision = math.tointeger(tonumber(number)) or 1, status = "ACTIVE" } }
end

function M.learn(part, operation, input, output)
    if operation == "ecs.describe_services" and output then
        for _, service in ipairs(output.services or {}) do
            part = add_service(part, input, service)
        end
    elseif operation == "ecs.describe_task_definition" then
        part = add_definition(part, output or assumed_definition(input.taskDefinition))
    end
    return part
end

local function any_service_changed(part, input, list)
    local changed, known = false, true
    for _, called in ipairs(list) do
        local id = id_of(input, called)
        changed = changed or learned.is_changed(part, "services", id)
        known = known and part.services[id] ~= nil
    end
    return changed and known
end

local ours = {
    describe_services = function(part, input)
        return any_service_changed(part, input, input.services)
    end,
    list_tasks = function(part, input)
        return input.serviceName ~= nil and any_service_changed(part, input, { input.serviceName })
    end,
    list_service_deployments = function(part, input)
        return any_service_changed(part, input, { input.service })
    end,
}

-- Deployments and revisions of a service that was changed, by their ARNs.
local function made_by_changed(member)
    return function(part, input)
        local path = input[member][1]:match(":service%-%l+/(.*)/[^/]*$")
        return path ~= nil and part.services[path] ~= nil
            and learned.is_changed(part, "services", path)
    end
end

ours.describe_service_deployments = made_by_changed "serviceDeploymentArns"
ours.describe_service_revisions = made_by_changed "serviceRevisionArns"

-- A revision that was registered or given up, or a family that has one.
function ours.describe_task_definition(part, input)
    local called = names.last(input.taskDefinition)
    for revision in pairs(part.definitions) do
        local same = revision == called or revision:match("^(.*):%d+$") == called
        if same and learned.is_changed(part, "definitions", revision) then
            return true
        end
    end
    return false
end

function M.ours(part, operation, input)
    local asked = ours[operation:match("%.(.*)$")]
    return asked ~= nil and asked(part, input)
end

function M.needs(part, operation, input)
    local called = operation == "ecs.update_service" and input.taskDefinition
    if not called or part.definitions[names.last(called)] then
        return {}
    end
    return { { operation = "ecs.describe_task_definition", input = { taskDefinition = called } } }
end

return M
