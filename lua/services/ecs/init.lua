-- Amazon ECS: what Tidelock asks of it, and how each change is undone.
--
-- UpdateService has no token and no compare-and-set, and leaves alone what it does not mention. So
-- each setting of a service is captured, probed and put back by itself, and has an identity of its
-- own: a desired count that autoscaling moves meanwhile is no reason not to put a task definition
-- back.

local names = require "services.ecs.names"
local looks = require "services.ecs.looks"
local settings = require "services.ecs.settings"
local shapes = require "services.ecs.inputs"
local shifting = require "services.ecs.shifting"
local tasks = require "services.ecs.task_inputs"
local way_back = require "services.ecs.way_back"

-- AWS calls itself eventually consistent and says no more; ten seconds are our assumption.
local SETTLE = 10000

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

-- Of a service whose traffic ECS shifts: what it runs, and how it is deployed.
local shiftable = { taskDefinition = true, deploymentConfiguration = true }

-- Why a setting of a service is not ours to change, or nil.
local function foreign(service, name)
    local controller = service.deploymentController and service.deploymentController.type or "ECS"
    local config = service.deploymentConfiguration or {}
    if steered[controller] then
        return steered[controller]:format(service.serviceName)
    elseif shiftable[name] and shifting.is_set_up(service) then
        return nil
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

-- What a look at one of these settings is made of.
local function look_for(input)
    if shiftable[shapes.changed(input)] then
        return { operation = "ecs.look_at_service",
            input = { cluster = input.cluster, service = input.service } }
    end
    return { operation = "ecs.describe_services",
        input = { cluster = input.cluster, services = { input.service } } }
end

-- Why a deployment cannot be begun now, or nil.
local function in_the_middle(name, service, look)
    if name == "taskDefinition" and shifting.shifts(service)
        and shifting.is_working(look.deployment) then
        return ("the service %s is in the middle of a deployment (%s)"):format(service.serviceName,
            look.deployment.status)
    end
end

operations["ecs.update_service"] = {
    class = "mutation",
    action = "UpdateService",
    summary = "Changes one setting of a service, such as its task definition.",
    undo = "`ecs.update_service` with the captured value of that setting: the revision that ran, "
        .. "never the one numbered before; where ECS shifts the traffic and is not done, "
        .. "`ecs.continue_service_deployment` with ROLLBACK at a pause, else "
        .. "`ecs.stop_service_deployment`",
    notes = {
        "One setting at a time: each is captured and put back by itself, so that autoscaling, "
            .. "which moves desiredCount, does not stand in the way of another.",
        "A service with a controller CODE_DEPLOY or EXTERNAL is refused. Where ECS shifts the "
            .. "traffic (a strategy other than ROLLING), taskDefinition and "
            .. "deploymentConfiguration may be changed if a load balancer is set up for it, and "
            .. "nothing while a deployment is under way ([ecs.md](ecs.md)).",
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
    observe = look_for,
    state = function(input, output)
        local service, why = service_of(input, output)
        local name = shapes.changed(input)
        return service and { [name] = settings.normal(name, setting_of(service, name)) }, why
    end,
    after = function(input, _, output)
        local service, name = service_of(input, output), shapes.changed(input)
        local why = foreign(service, name)
            or in_the_middle(name, service, output)
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
        return way_back.carried_out(service_of(input, output), output)
    end,
    guard = function(undo, output)
        local service = service_of(undo.input, output)
        if not service then
            return undo
        end
        return way_back.next(undo, service, output)
    end,
}

-- Service deployments

-- "checkout" and "shop" of a deployment's ARN, as members of an input.
local function service_of_deployment(arn)
    local place, cluster, service = arn:match("^(.*):service%-deployment/([^/]+)/([^/]+)/")
    return { service = ("%s:service/%s/%s"):format(place, cluster, service) }
end

local function pause_named(hook, deployment)
    for _, one in ipairs(deployment.lifecycleHookDetails or {}) do
        if one.hookId == hook then
            return one.status
        end
    end
end

local function observe_deployment(input)
    return { operation = "ecs.describe_service_deployments",
        input = { serviceDeploymentArns = { input.serviceDeploymentArn } } }
end

operations["ecs.continue_service_deployment"] = {
    class = "mutation",
    action = "ContinueServiceDeployment",
    summary = "Lets a deployment that waits at a pause go on.",
    undo = "nothing of its own: the deployment is taken back whole, with the `ecs.update_service` "
        .. "that began it",
    notes = {
        "A pause has an id of its own each time, and one that was continued is over: what is sent "
            .. "twice, or lands late, moves nothing.",
        "ROLLBACK is for the way back; a policy raises an error instead.",
    },
    input = shapes.continue_service_deployment,
    settle = SETTLE,
    stays = "the deployment is taken back whole, with the change that began it",
    fleeting = "the deployment goes on",
    by_hand = function() end,
    identity = function(input, home)
        local hook = input.hookId
        return ("%s#%s"):format(names.service(service_of_deployment(input.serviceDeploymentArn),
            home), hook)
    end,
    observe = observe_deployment,
    state = function(input, output)
        local deployment = output.serviceDeployments[1]
        if not deployment then
            return nil, "there is no such deployment"
        elseif shifting.is_going_back(deployment) then
            return { deployment = "going back" }
        end
        local waits = pause_named(input.hookId, deployment) == "AWAITING_ACTION"
        return { pause = waits and "waits" or "over" }
    end,
    after = function(input, before)
        if input.action == "ROLLBACK" then
            return nil, "a policy takes a deployment back by raising an error"
        elseif before.pause ~= "waits" then
            return nil, before.deployment and "ECS is taking the deployment back"
                or "the deployment does not wait at this pause"
        end
        return { pause = "over" }
    end,
    inverse = function() end,
}

-- Before a deployment is over it may be stopped.
local stoppable = { PENDING = true, IN_PROGRESS = true }

operations["ecs.stop_service_deployment"] = {
    class = "mutation",
    action = "StopServiceDeployment",
    summary = "Has ECS take back a deployment that is under way.",
    undo = "nothing: it is itself the way back",
    stays = "a stop is itself the way back",
    notes = {
        "A deployment that is over is refused, and so is one that ECS takes back already.",
    },
    input = shapes.stop_service_deployment,
    settle = SETTLE,
    identity = function(input, home)
        local arn = input.serviceDeploymentArn
        return ("%s#%s"):format(names.service(service_of_deployment(arn), home), names.last(arn))
    end,
    observe = observe_deployment,
    state = function(_, output)
        local deployment = output.serviceDeployments[1]
        if not deployment then
            return nil, "there is no such deployment"
        end
        local status = deployment.status
        return { stopped = not stoppable[status] and status ~= "SUCCESSFUL" }
    end,
    shown = function(state)
        return { stopped = state.stopped and "stopped" or "under way" }
    end,
    after = function(_, _, output)
        local status = output.serviceDeployments[1].status
        if not stoppable[status] then
            return nil, ("the deployment is over, or on its way back (%s)"):format(status)
        end
        return { stopped = true }
    end,
    inverse = function() end,
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
operations["ecs.describe_service_revisions"] = read("DescribeServiceRevisions",
    "Shows revisions of services: task definition, target groups.", "describe_service_revisions",
    function(input) return input.serviceRevisionArns[1] end)
operations["ecs.list_clusters"] = read("ListClusters", "Lists clusters.", "list_clusters")
operations["ecs.list_services"] = read("ListServices", "Lists services of a cluster.",
    "list_services", names.cluster)
operations["ecs.list_tasks"] = read("ListTasks", "Lists tasks of a cluster.", "list_tasks",
    names.cluster)
operations["ecs.describe_tasks"] = read("DescribeTasks",
    "Shows tasks: definition, status, health.", "describe_tasks", names.cluster)

return { title = "Amazon ECS", iam = "ecs", operations = operations, looks = looks }
