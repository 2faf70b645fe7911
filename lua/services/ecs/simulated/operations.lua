-- Amazon ECS in the simulated account: what each operation answers and changes. A state is a table
-- that is never changed:
--
--     home          { partition, region, account }
--     clusters      name -> true
--     definitions   "FAMILY:REVISION" -> { shown = what AWS shows of it, tags = its tags }
--     services      "CLUSTER/SERVICE" -> { shown = its settings, course = the values it goes
--                   through by itself (rollout.lua) }
--     failing       "FAMILY:REVISION" -> true: its tasks do not start
--     alarmed       service -> since when an alarm of its deployments is in ALARM
--     writes        how many there were: every one names things anew
--
-- Every function here takes a state, the operation's input and the time, and returns the output
-- and the next state, or nil and why AWS refuses.

local array = require "canonical".array
local names = require "services.ecs.names"
local rollout = require "services.ecs.simulated.rollout"
local shift = require "services.ecs.simulated.shift"
local shifting = require "services.ecs.shifting"
local show = require "services.ecs.simulated.show"
local tables = require "simulation.tables"

local M = {}

local with, over, keys, refuse = tables.with, tables.over, tables.names, tables.refuse

local PAGE_SIZE = 100

-- The name of the cluster that an input means, or nil and the refusal.
local function cluster_of(state, input)
    local name = names.last(input.cluster or "default")
    if not state.clusters[name] then
        return nil, { code = "ClusterNotFoundException", message = "Cluster not found." }
    end
    return name
end

local function service_refusal()
    return nil, { code = "ServiceNotFoundException", message = "Service not found." }
end

-- Its revision and what is known of it; a family alone stands for the latest ACTIVE one.
local function find_definition(state, called)
    local revision = names.last(called)
    if revision:find(":") then
        return revision, state.definitions[revision]
    end
    local latest, number = nil, 0
    for candidate, known in next, state.definitions do
        local shown = known.shown
        if shown.family == revision and shown.status == "ACTIVE" and shown.revision > number then
            latest, number = candidate, shown.revision
        end
    end
    return latest, latest and state.definitions[latest]
end

-- Reads

function M.describe_services(state, input, now)
    local cluster, refusal = cluster_of(state, input)
    if not cluster then
        return nil, refusal
    end
    local services, failures = array {}, array {}
    for _, called in ipairs(input.services) do
        local id = cluster .. "/" .. names.last(called)
        local service = state.services[id]
        if service then
            services[#services + 1] = show.service(state.home, id, service, now)
        else
            failures[#failures + 1] = { arn = show.arn(state.home, "service", id),
                reason = "MISSING" }
        end
    end
    return { services = services, failures = failures }, state
end

function M.describe_task_definition(state, input)
    local _, known = find_definition(state, input.taskDefinition)
    if not known then
        return refuse("ClientException", "Unable to describe task definition.")
    end
    return { taskDefinition = known.shown, tags = input.include and array(known.tags) or nil },
        state
end

-- A page of a list whose items are known by `id`, and the token of the next.
local function page(items, id, input)
    local found, token = tables.page(items, id, input.nextToken, input.maxResults or PAGE_SIZE)
    if not found then
        return refuse("InvalidParameterException", "Invalid token.")
    end
    return array(found), token
end

local function wanted(record, input)
    local created, ok = input.createdAt or {}, not input.status
    for _, status in ipairs(input.status or {}) do
        ok = ok or record.status == status
    end
    return ok and (not created.after or record.createdAt >= created.after)
        and (not created.before or record.createdAt <= created.before)
end

function M.list_service_deployments(state, input, now)
    local cluster, refusal = cluster_of(state, input)
    if not cluster then
        return nil, refusal
    end
    local id = cluster .. "/" .. names.last(input.service)
    if not state.services[id] then
        return service_refusal()
    end
    local items = {}
    for _, record in ipairs(show.records(state.home, id, state.services[id], now)) do
        local brief = show.brief(record)
        items[#items + 1] = wanted(brief, input) and brief or nil
    end
    local found, token = page(items, "serviceDeploymentArn", input)
    if not found then
        return nil, token
    end
    return { serviceDeployments = found, nextToken = token }, state
end

local function find_record(state, arn, now)
    local id = arn:match(":service%-deployment/(.*)/[^/]*$")
    local service = state.services[id]
    for _, record in ipairs(service and show.records(state.home, id, service, now) or {}) do
        if record.serviceDeploymentArn == arn then
            return record
        end
    end
end

function M.describe_service_deployments(state, input, now)
    local found, failures = array {}, array {}
    for _, arn in ipairs(input.serviceDeploymentArns) do
        local record = find_record(state, arn, now)
        if record then
            found[#found + 1] = record
        else
            failures[#failures + 1] = { arn = arn, reason = "MISSING" }
        end
    end
    return { serviceDeployments = found, failures = failures }, state
end

function M.describe_service_revisions(state, input, now)
    local found, failures = array {}, array {}
    for _, arn in ipairs(input.serviceRevisionArns) do
        local id = arn:match(":service%-revision/(.*)/[^/]*$")
        local service = state.services[id]
        local revision = service and show.revision(state.home, id, service, now, arn)
        if revision then
            found[#found + 1] = revision
        else
            failures[#failures + 1] = { arn = arn, reason = "MISSING" }
        end
    end
    return { serviceRevisions = found, failures = failures }, state
end

-- A page of the ARNs of some things.
local function arns_of(kind, ids, input, home, member)
    local items = {}
    for i, id in ipairs(ids) do
        items[i] = { arn = show.arn(home, kind, id) }
    end
    local found, token = page(items, "arn", input)
    if not found then
        return nil, token
    end
    local arns = array {}
    for i, one in ipairs(found) do
        arns[i] = one.arn
    end
    return { [member] = arns, nextToken = token }
end

function M.list_clusters(state, input)
    local output, refusal = arns_of("cluster", keys(state.clusters), input, state.home,
        "clusterArns")
    return output, output and state or refusal
end

function M.list_services(state, input)
    local cluster, refusal = cluster_of(state, input)
    if not cluster then
        return nil, refusal
    end
    local ids = {}
    for _, id in ipairs(keys(state.services)) do
        ids[#ids + 1] = id:match("^[^/]+") == cluster and id or nil
    end
    local output, wrong = arns_of("service", ids, input, state.home, "serviceArns")
    return output, output and state or wrong
end

-- The tasks of a cluster's services, by ARN.
local function tasks_of(state, cluster, now)
    local tasks = {}
    for _, id in ipairs(keys(state.services)) do
        if id:match("^[^/]+") == cluster then
            show.tasks(state.home, id, state.services[id], now, tasks)
        end
    end
    table.sort(tasks, function(a, b) return a.taskArn < b.taskArn end)
    return tasks
end

local function listed(task, input)
    return (not input.serviceName or task.group == "service:" .. names.last(input.serviceName))
        and (not input.family or names.last(task.taskDefinitionArn):match("^[^:]+") == input.family)
        and (not input.startedBy or task.startedBy == input.startedBy)
        and (not input.launchType or task.launchType == input.launchType)
        and (input.desiredStatus or "RUNNING") == task.desiredStatus
        and not input.containerInstance and not input.daemonName
end

function M.list_tasks(state, input, now)
    local cluster, refusal = cluster_of(state, input)
    if not cluster then
        return nil, refusal
    elseif input.serviceName and not state.services[cluster .. "/" .. names.last(input.serviceName)]
    then
        return service_refusal()
    end
    local tasks = {}
    for _, task in ipairs(tasks_of(state, cluster, now)) do
        tasks[#tasks + 1] = listed(task, input) and task or nil
    end
    local found, token = page(tasks, "taskArn", input)
    if not found then
        return nil, token
    end
    local arns = array {}
    for i, task in ipairs(found) do
        arns[i] = task.taskArn
    end
    return { taskArns = arns, nextToken = token }, state
end

function M.describe_tasks(state, input, now)
    local cluster, refusal = cluster_of(state, input)
    if not cluster then
        return nil, refusal
    end
    local by_name, found, failures = {}, array {}, array {}
    for _, task in ipairs(tasks_of(state, cluster, now)) do
        by_name[names.last(task.taskArn)] = task
    end
    for _, called in ipairs(input.tasks) do
        local task = by_name[names.last(called)]
        if task then
            found[#found + 1] = task
        else
            failures[#failures + 1] = { arn = show.arn(state.home, "task",
                cluster .. "/" .. names.last(called)), reason = "MISSING" }
        end
    end
    return { tasks = found, failures = failures }, state
end

-- Mutations

-- The deployment that is under way where ECS shifts the traffic, or nil.
local function under_way(value)
    local record = value.records[1]
    return record and record.hooks and not record.finished and record or nil
end

-- Why a service cannot be changed as asked, or nil. AWS does not say what becomes of a deployment
-- that is begun while ECS shifts the traffic of another: here it is refused.
local function wrong_update(state, service, input, value)
    local controller = service.shown.deploymentController.type
    if service.shown.status ~= "ACTIVE" then
        return { code = "ServiceNotActiveException", message = "Service was not ACTIVE." }
    elseif not input.taskDefinition then
        return nil
    elseif controller ~= "ECS" then
        return { code = "InvalidParameterException", message = "Unable to update task definition "
            .. "on services with a " .. controller .. " deployment controller." }
    end
    local _, known = find_definition(state, input.taskDefinition)
    if under_way(value) then
        return { code = "InvalidParameterException",
            message = "A service deployment is in progress." }
    elseif not known then
        return { code = "ClientException", message = "TaskDefinition not found." }
    elseif known.shown.status ~= "ACTIVE" then
        return { code = "ClientException", message = "TaskDefinition is inactive" }
    end
end

-- The settings with those that are mentioned; parts of the deployment configuration stay.
local function updated(shown, input)
    local settings = over(shown, input)
    settings.cluster, settings.service, settings.taskDefinition = nil, nil, nil
    settings.deploymentConfiguration = over(shown.deploymentConfiguration,
        input.deploymentConfiguration or {})
    return settings
end

-- What a service goes through from now on.
local function course_of(state, id, service, input, now, shown)
    local value, definition = service.value, input.taskDefinition and names.last(
        input.taskDefinition)
    local options = {
        desired = shown.desiredCount,
        config = shown.deploymentConfiguration,
        failing = state.failing,
        alarmed = (state.alarmed or {})[id],
        definition = definition,
        id = show.number(id .. " " .. state.writes + 1),
    }
    if under_way(value) then
        return service.course
    elseif definition and definition ~= value.definition and shifting.shifts(shown) then
        return shift.begin(value, now, options)
    end
    return rollout.course(value, now, options)
end

function M.update_service(state, input, now)
    local cluster, refusal = cluster_of(state, input)
    if not cluster then
        return nil, refusal
    end
    local id = cluster .. "/" .. names.last(input.service)
    local service = state.services[id]
    if not service then
        return service_refusal()
    end
    local value = tables.effective(service.course, now)
    refusal = wrong_update(state, service, input, value)
    if refusal then
        return nil, refusal
    end
    local shown = updated(service.shown, input)
    local changed = { shown = shown, course = course_of(state, id,
        { value = value, course = service.course }, input, now, shown) }
    return { service = show.service(state.home, id, changed, now) },
        over(state, { services = with(state.services, id, changed), writes = state.writes + 1 })
end

-- The service whose deployment an ARN names, and that deployment while it is under way.
local function deployment_of(state, arn, now)
    local id, number = arn:match(":service%-deployment/(.*)/([^/]*)$")
    local service = state.services[id]
    for _, record in ipairs(service and tables.effective(service.course, now).records or {}) do
        if record.id == number then
            return id, record
        end
    end
    return refuse("ServiceDeploymentNotFoundException", "Service deployment not found.")
end

local function with_course(state, id, course, arn)
    local service = with(state.services[id], "course", course)
    return { serviceDeploymentArn = arn },
        over(state, { services = with(state.services, id, service), writes = state.writes + 1 })
end

local function awaits(record, hook)
    for _, one in ipairs(record.hooks or {}) do
        if one.id == hook then
            return one.status == "AWAITING_ACTION"
        end
    end
    return false
end

function M.continue_service_deployment(state, input, now)
    local arn = input.serviceDeploymentArn
    local id, record = deployment_of(state, arn, now)
    if not id then
        return nil, record
    elseif record.status ~= "IN_PROGRESS" or not awaits(record, input.hookId) then
        return refuse("InvalidParameterException",
            "The lifecycle hook %s does not await an action.", input.hookId)
    end
    local value = tables.effective(state.services[id].course, now)
    if input.action == "ROLLBACK" then
        return with_course(state, id, shift.back(value, now,
            "A rollback was requested at a lifecycle hook."), arn)
    end
    return with_course(state, id, shift.continue(value, now,
        { alarmed = (state.alarmed or {})[id] }), arn)
end

function M.stop_service_deployment(state, input, now)
    local arn = input.serviceDeploymentArn
    local id, record = deployment_of(state, arn, now)
    if not id then
        return nil, record
    elseif record.status ~= "IN_PROGRESS" then
        return refuse("ConflictException", "The service deployment is in the state %s.",
            record.status)
    end
    local service, reason = state.services[id], "A rollback was requested."
    local value = tables.effective(service.course, now)
    local course = record.hooks and shift.back(value, now, reason)
        or rollout.back(value, now, reason, { desired = service.shown.desiredCount,
            config = service.shown.deploymentConfiguration, failing = state.failing })
    return with_course(state, id, course, arn)
end

local function next_revision(state, family)
    local number = 0
    for _, known in next, state.definitions do
        number = known.shown.family == family and math.max(number, known.shown.revision) or number
    end
    return number + 1
end

local function put_definition(state, revision, known)
    return with(state, "definitions", with(state.definitions, revision, known))
end

function M.register_task_definition(state, input, now)
    local number = next_revision(state, input.family)
    local revision = ("%s:%d"):format(input.family, number)
    local known = { shown = show.definition(state.home, input, number, now), tags = input.tags }
    return { taskDefinition = known.shown, tags = array(known.tags) },
        put_definition(state, revision, known)
end

function M.deregister_task_definition(state, input, now)
    local revision, known = find_definition(state, input.taskDefinition)
    if not known then
        return refuse("ClientException", "The specified task definition does not exist.")
    elseif known.shown.status ~= "ACTIVE" then
        return refuse("InvalidParameterException", "The specified task definition is inactive.")
    end
    local shown = over(known.shown, { status = "INACTIVE", deregisteredAt = now })
    return { taskDefinition = shown }, put_definition(state, revision, with(known, "shown", shown))
end

return M
