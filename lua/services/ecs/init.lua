-- Amazon ECS: what Tidelock asks of it, and how each change is undone.
--
-- UpdateService has no token and no compare-and-set, and leaves alone what it does not mention. So
-- each setting of a service is captured, probed and put back by itself, and has an identity of its
-- own: a desired count that autoscaling moves meanwhile is no reason not to put a task definition
-- back.

local names = require "services.ecs.names"
local settings = require "services.ecs.settings"
local shapes = require "services.ecs.inputs"
local tasks = require "services.ecs.task_inputs"

-- AWS calls itself eventually consistent and says no more; ten seconds are our assumption.
local SETTLE = 10000

-- How often a deployment that puts back is looked at.
local LOOK_EVERY = 15000

local operations = {}

local function identity_of_definition(input, home)
    return names.definition(input.taskDefinition, home)
end

-- Services

local function service_of(input, output)
    local name = names.last(input.service)
    for _, service in ipairs(output.services or {}) do
        if service.serviceName == name then
            if service.status ~= "ACTIVE" then
                return nil, ("the service %s is %s"):format(name, service.status)
            end
            return service
        end
    end
    return nil, ("there is no service %s in the cluster %s"):format(name,
        names.last(input.cluster) or "default")
end

local steered = {
    CODE_DEPLOY = "CodeDeploy steers the service %s: it is not changed behind its back",
    EXTERNAL = "task sets steer the service %s: it is not changed behind their back",
}

-- Why a service is not ours to change, or nil.
local function foreign(service)
    local controller = service.deploymentController and service.deploymentController.type or "ECS"
    local config = service.deploymentConfiguration or {}
    if steered[controller] then
        return steered[controller]:format(service.serviceName)
    elseif (config.strategy or "ROLLING") ~= "ROLLING" then
        return ("ECS itself steers the traffic of the service %s (%s): it is not changed behind "
            .. "its back"):format(service.serviceName, config.strategy)
    elseif config.lifecycleHooks and config.lifecycleHooks[1] then
        return ("the service %s has lifecycle hooks, which would run on the way back too"):format(
            service.serviceName)
    end
end

local function setting_of(service, name)
    if name == "desiredCount" and service.schedulingStrategy == "DAEMON" then
        return nil -- one on each host: the number shown is theirs
    end
    return service[name]
end

-- The settings whose change is a new deployment: it replaces all tasks.
local deploys = { taskDefinition = true, networkConfiguration = true }

-- Whether a deployment has replaced all tasks: after how long to look again, 0 if it has; nil and
-- why it never will.
local function deployed(service)
    local primary, others = nil, 0
    for _, one in ipairs(service.deployments or {}) do
        if one.status == "PRIMARY" then
            primary = one
        else
            others = others + one.runningCount
        end
    end
    if not primary then
        return 0 -- not told: the setting is all there is to see
    elseif primary.rolloutState == "FAILED" then
        return nil, ("the tasks of %s do not start: %s"):format(
            names.last(primary.taskDefinition), primary.rolloutStateReason or "FAILED")
    elseif others > 0 or primary.rolloutState == "IN_PROGRESS" then
        return LOOK_EVERY
    end
    local told = primary.rolloutState ~= nil -- behind a Classic Load Balancer it is not
    return (told or primary.runningCount == service.desiredCount) and 0 or LOOK_EVERY
end

-- The circuit breaker, or an alarm, took our undo back: the tasks that ran before fail now.
local function taken_back(definition, service)
    local primary, failed = nil, false
    for _, one in ipairs(service.deployments or {}) do
        if one.status == "PRIMARY" then
            primary = one
        elseif one.rolloutState == "FAILED" then
            failed = failed
                or names.last(one.taskDefinition) == names.last(definition)
        end
    end
    return failed and (primary.rolloutStateReason or ""):find("rolling back", 1, true) ~= nil
end

operations["ecs.update_service"] = {
    class = "mutation",
    action = "UpdateService",
    summary = "Changes one setting of a service, such as its task definition.",
    undo = "`ecs.update_service` with the captured value of that setting: the revision that ran, "
        .. "never the one numbered before",
    notes = {
        "One setting at a time: each is captured and put back by itself, so that autoscaling, "
            .. "which moves desiredCount, does not stand in the way of another.",
        "A service that CodeDeploy or ECS itself steers (a controller CODE_DEPLOY or EXTERNAL, a "
            .. "strategy other than ROLLING) is refused.",
        "Under a rolling deployment the undo is a new deployment of what was captured, also while "
            .. "ours is under way. StopServiceDeployment would do less: it puts back revisions "
            .. "only, is refused once the deployment is over, and answers before the service "
            .. "shows anything.",
        "The undo is done when the service names what it had and ECS has replaced the tasks, "
            .. "within an hour. Whether they start, ECS decides: if its circuit breaker was faster "
            .. "than us, nothing is sent, and if it takes the undo back, it is not sent again.",
        "ECS refuses to go back to a revision that was deregistered meanwhile.",
        "deploymentConfiguration and networkConfiguration are sent whole: what "
            .. "`ecs.describe_services` shows, with what is to be different.",
        "What it does not show as it was given (volumes, Service Connect, VPC Lattice, gateways, "
            .. "monitoring, capacity providers, load balancers, registries, the platform version) "
            .. "is not taken, nor is forceNewDeployment, which leaves nothing to compare.",
    },
    input = shapes.update_service,
    settle = SETTLE,
    shown = function(state)
        return { taskDefinition = state.taskDefinition }
    end,
    identity = function(input, home)
        return names.service(input, home) .. "#" .. shapes.changed(input)
    end,
    observe = function(input)
        return {
            operation = "ecs.describe_services",
            input = { cluster = input.cluster, services = { input.service } },
        }
    end,
    state = function(input, output)
        local service, why = service_of(input, output)
        local name = shapes.changed(input)
        return service and { [name] = settings.normal(name, setting_of(service, name)) }, why
    end,
    after = function(input, _, output)
        local service, name = service_of(input, output), shapes.changed(input)
        local why = foreign(service)
            or settings.irreversible(name, setting_of(service, name), input[name])
        return not why and { [name] = settings.normal(name, input[name]) }, why
    end,
    inverse = function(input, _, output)
        local service, name = service_of(input, output), shapes.changed(input)
        return {
            operation = "ecs.update_service",
            input = {
                cluster = input.cluster,
                service = input.service,
                [name] = settings.restored(name, setting_of(service, name)),
            },
        }
    end,
    steady = function(input, output)
        if not deploys[shapes.changed(input)] then
            return 0
        end
        return deployed(service_of(input, output))
    end,
    guard = function(undo, output)
        local input = undo.input
        local config, service = input.deploymentConfiguration, service_of(input, output)
        if service and input.taskDefinition and taken_back(input.taskDefinition, service) then
            return nil, ("ECS took the service back from %s, whose tasks do not start"):format(
                names.last(input.taskDefinition))
        elseif not config or not service then
            return undo
        end
        return {
            operation = undo.operation,
            input = {
                cluster = input.cluster,
                service = input.service,
                deploymentConfiguration = settings.switched_off(config,
                    service.deploymentConfiguration),
            },
        }
    end,
}

-- Task definitions

local function mark_of(tags)
    for _, tag in ipairs(tags or {}) do
        if tag.key == tasks.TAG then
            return tag.value
        end
    end
end

operations["ecs.register_task_definition"] = {
    class = "mutation",
    action = "RegisterTaskDefinition",
    summary = "Registers a new revision of a task definition.",
    undo = "`ecs.deregister_task_definition` of the revision that carries our tag, and of no other",
    notes = {
        "Every call makes a revision, also an equal one, and nobody can tell its number "
            .. "beforehand. The tag `tidelock`, with a value that no other registration has (a "
            .. "commit and a build number, say), is what it is found by.",
        "The undo leaves the revision INACTIVE: running tasks stay, its number is not given "
            .. "again, and it cannot be made ACTIVE again.",
        "The family must have an ACTIVE revision: that is what is looked at before.",
        "It also needs `ecs:TagResource`, and `iam:PassRole` for the roles that it names.",
        "What is registered stands in the journal: give secrets by `secrets`, never by "
            .. "`environment`.",
    },
    fleeting = "others may register later revisions, which are then the ones that are shown",
    input = shapes.register_task_definition,
    settle = SETTLE,
    identity = function(input, home)
        return ("%s#%s"):format(names.definition(input.family, home), mark_of(input.tags))
    end,
    observe = function(input)
        return {
            operation = "ecs.describe_task_definition",
            input = { taskDefinition = input.family, include = { "TAGS" } },
        }
    end,
    state = function(input, output)
        local found = output.taskDefinition
        if not found or found.family ~= input.family then
            return nil, ("there is no task definition %s"):format(input.family)
        elseif mark_of(output.tags) == mark_of(input.tags) then
            return { registered = mark_of(input.tags) }
        end
        return { latest = names.last(found.taskDefinitionArn) }
    end,
    after = function(input, before)
        if before.registered then
            return nil, ("a revision of %s is already registered with the tag %s = %s"):format(
                input.family, tasks.TAG, before.registered)
        end
        return { registered = mark_of(input.tags) }
    end,
    by_hand = function() end,
    -- Which revision is known when it is there: no revision has the number 0.
    inverse = function(input)
        return {
            operation = "ecs.deregister_task_definition",
            input = { taskDefinition = input.family .. ":0" },
        }
    end,
    guard = function(undo, output)
        return {
            operation = undo.operation,
            input = { taskDefinition = output.taskDefinition.taskDefinitionArn },
        }
    end,
}

operations["ecs.deregister_task_definition"] = {
    class = "undo",
    action = "DeregisterTaskDefinition",
    summary = "Makes a revision of a task definition INACTIVE.",
    notes = { "Only as the undo of `ecs.register_task_definition`: an INACTIVE revision does not "
        .. "become ACTIVE again, and a service cannot go back to it, so policies cannot ask for "
        .. "it." },
    input = shapes.deregister_task_definition,
    identity = identity_of_definition,
}

-- Reads

local function read(action, summary, verb, identity)
    return { class = "read", action = action, summary = summary, input = shapes[verb],
        identity = identity }
end

operations["ecs.describe_services"] = read("DescribeServices",
    "Shows services: settings, deployments, how many tasks run.", "describe_services",
    names.service)
operations["ecs.describe_task_definition"] = read("DescribeTaskDefinition",
    "Shows one revision of a task definition.", "describe_task_definition",
    identity_of_definition)
operations["ecs.list_service_deployments"] = read("ListServiceDeployments",
    "Lists the deployments of a service, the latest first.", "list_service_deployments",
    names.service)
operations["ecs.describe_service_deployments"] = read("DescribeServiceDeployments",
    "Shows deployments of services: status, circuit breaker, revisions.",
    "describe_service_deployments", function(input) return input.serviceDeploymentArns[1] end)
operations["ecs.list_tasks"] = read("ListTasks", "Lists tasks of a cluster.", "list_tasks",
    names.cluster)
operations["ecs.describe_tasks"] = read("DescribeTasks",
    "Shows tasks: definition, status, health.", "describe_tasks", names.cluster)

return { title = "Amazon ECS", iam = "ecs", operations = operations }
