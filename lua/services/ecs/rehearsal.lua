-- What a rehearsal learns of ECS: services with their deployments, and task definitions.

local array = require "canonical".array
local learned = require "simulation.learned"
local names = require "services.ecs.names"
local shifting = require "services.ecs.shifting"
local show = require "services.ecs.simulated.show"
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

-- The hooks of a deployment as the simulated account keeps them.
local function hooks_of(deployment)
    local hooks = {}
    for i, one in ipairs(deployment.lifecycleHookDetails or {}) do
        hooks[i] = { id = one.hookId, status = one.status, expires = one.expiresAt,
            action = one.timeoutAction }
    end
    return hooks
end

-- The record of a deployment under way; `from` is the revision that it comes from.
local function record_of(service, value, deployment)
    local target = deployment.targetServiceRevision or {}
    local record = { id = names.last(deployment.serviceDeploymentArn),
        definition = value.definition, created = deployment.createdAt, status = "IN_PROGRESS",
        failed = 0, from = ((deployment.sourceServiceRevisions or {})[1] or {}).arn }
    return shifting.shifts(service) and tables.over(record, {
        config = deployment.deploymentConfiguration, stage = deployment.lifecycleStage,
        weight = target.requestedProductionTrafficWeight or 0.0, hooks = hooks_of(deployment),
    }) or record
end

-- A service that nobody has changed here, with more that was learned of it.
local function with_value(part, id, members)
    local service = part.services[id]
    local step = service.course[1]
    local value = tables.over(step.value, members)
    local known = tables.with(service, "course", { tables.with(step, "value", value) })
    return tables.over(part, {
        services = tables.with(part.services, id, known),
        learned = tables.with(part.learned, "services " .. id, known),
    })
end

local stoppable = { PENDING = true, IN_PROGRESS = true }

-- The deployment that is under way on a service.
local function add_deployment(part, deployment)
    local id = deployment.serviceDeploymentArn:match(":service%-deployment/(.*)/[^/]*$")
    local service = part.services[id]
    if not service or learned.is_changed(part, "services", id) or not stoppable[deployment.status]
    then
        return part
    end
    local value = service.course[1].value
    return with_value(part, id, { records = { record_of(service.shown, value, deployment) } })
end

-- What a revision runs that a deployment under way comes from.
local function add_revision(part, revision)
    local id = revision.serviceRevisionArn:match(":service%-revision/(.*)/[^/]*$")
    local service = part.services[id]
    local record = service and service.course[1].value.records[1]
    if not record or record.from ~= revision.serviceRevisionArn or record.source then
        return part
    end
    local source = names.last(revision.taskDefinition)
    return with_value(part, id, { records = { tables.with(record, "source", source) },
        sides = record.hooks and { [source] = 1, [record.definition] = 2 } or nil })
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
    elseif operation == "ecs.describe_service_deployments" then
        for _, deployment in ipairs(output and output.serviceDeployments or {}) do
            part = add_deployment(part, deployment)
        end
    elseif operation == "ecs.describe_service_revisions" then
        for _, revision in ipairs(output and output.serviceRevisions or {}) do
            part = add_revision(part, revision)
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

-- The rules of services that were changed here.
M.made = {
    ["elbv2.describe_rules"] = function(part, input, now)
        local rules = array {}
        for id, service in pairs(part.services) do
            for _, arn in ipairs(learned.is_changed(part, "services", id) and input.RuleArns or {})
            do
                rules[#rules + 1] = show.rule(service, arn, now)
            end
        end
        return rules[1] and { Rules = rules } or nil
    end,
}

local needs = {}

-- A service must know the definition that it is to run.
function needs.update_service(part, input)
    local called = input.taskDefinition
    return called and not part.definitions[names.last(called)]
        and { operation = "ecs.describe_task_definition", input = { taskDefinition = called } }
end

-- Who takes a deployment back must know what it comes from.
function needs.stop_service_deployment(part, input)
    local id = input.serviceDeploymentArn:match(":service%-deployment/(.*)/[^/]*$")
    local record = part.services[id] and part.services[id].course[1].value.records[1]
    return record and record.from and not record.source
        and { operation = "ecs.describe_service_revisions",
            input = { serviceRevisionArns = { record.from } } }
end

function M.needs(part, operation, input)
    local need = needs[learned.verb_of(operation)]
    return { need and need(part, input) or nil }
end

return M
