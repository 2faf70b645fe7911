-- What the specs of the catalogue try of Amazon ECS: inputs, right and wrong; changes that are
-- performed one after another and undone together; a service for them.

local tables = require "simulation.tables"

local M = {}

M.target = { type = "ecs_service", cluster = "shop", service = "checkout",
    canary = "checkout:43" }

-- What needs a deployment that is under way is tried where there is one (ecs_shifting_spec.lua).
M.waits = { ["ecs.continue_service_deployment"] = true, ["ecs.stop_service_deployment"] = true }

-- One whose traffic ECS shifts.
M.shifted = { type = "ecs_service", cluster = "shop", service = "checkout",
    canary = "checkout:43", strategy = "linear" }

local prefix = "arn:aws:ecs:eu-west-1:111122223333:"

local function service(fields)
    return tables.over({ cluster = "shop", service = "checkout" }, fields)
end

local function definition(fields)
    return tables.over({ family = "checkout", containerDefinitions = { { name = "checkout",
        image = "registry.example/checkout:44" } }, tags = { { key = "tidelock",
        value = "build-44" } } }, fields)
end

local function rolling(fields)
    return service { deploymentConfiguration = tables.over({ strategy = "ROLLING",
        minimumHealthyPercent = 50, maximumPercent = 150,
        deploymentCircuitBreaker = { enable = true, rollback = false } }, fields or {}) }
end

local function network(fields)
    return service { networkConfiguration = { awsvpcConfiguration = tables.over({
        subnets = { "subnet-b", "subnet-a" }, securityGroups = { "sg-a" },
        assignPublicIp = "ENABLED" }, fields or {}) } }
end

M.service, M.definition, M.rolling, M.network = service, definition, rolling, network

local deployment = prefix .. "service-deployment/shop/checkout/NCWGC2ZR-taawPAYrIaU5"

local revision = prefix .. "service-revision/shop/checkout/4980306466373577095"

-- Operation, input, and what is wrong with it (nil: nothing).
M.inputs = {
    { "ecs.describe_services", { cluster = "shop", services = { "checkout" } } },
    { "ecs.describe_services", { services = { prefix .. "service/shop/checkout" } } },
    { "ecs.describe_services", { services = {} }, "services must be a list of 1..10" },
    { "ecs.describe_services", { cluster = prefix .. "service/shop", services = { "a" } },
        "cluster must be the name or ARN of a cluster" },
    { "ecs.describe_task_definition", { taskDefinition = "checkout", include = { "TAGS" } } },
    { "ecs.describe_task_definition", { taskDefinition = "checkout:" },
        "taskDefinition must be a task definition such as" },
    { "ecs.describe_service_deployments", { serviceDeploymentArns = { deployment } } },
    { "ecs.describe_service_deployments", { serviceDeploymentArns = { "a" } },
        'serviceDeploymentArns[1] must be the ARN of a service deployment' },
    { "ecs.list_service_deployments", service { status = { "PENDING", "IN_PROGRESS" },
        createdAt = { after = 1764000000000 } } },
    { "ecs.list_service_deployments", service { status = { "RUNNING" } },
        'status[1] must be one of "PENDING"' },
    { "ecs.list_clusters", {} },
    { "ecs.list_clusters", { maxResults = 0 }, "maxResults must be 1..100, got 0" },
    { "ecs.list_services", { cluster = "shop", maxResults = 100 } },
    { "ecs.list_services", { cluster = prefix .. "service/shop" },
        "cluster must be the name or ARN of a cluster" },
    { "ecs.list_tasks", { cluster = "shop", serviceName = "checkout", maxResults = 100 } },
    { "ecs.list_tasks", { maxResults = 101 }, "maxResults must be 1..100, got 101" },
    { "ecs.describe_tasks", { cluster = "shop", tasks = { prefix .. "task/shop/1" } } },
    { "ecs.describe_tasks", { cluster = "shop" }, "tasks is missing" },
    { "ecs.deregister_task_definition", { taskDefinition = "checkout:44" } },
    { "ecs.deregister_task_definition", { taskDefinition = "checkout" },
        "taskDefinition must be one revision of a task definition" },
    { "ecs.register_task_definition", definition {} },
    { "ecs.register_task_definition", definition { tags = { { key = "a", value = "b" } } },
        'tags must hold one with the key "tidelock" and a value of its own' },
    { "ecs.register_task_definition", definition { tags = { { key = "tidelock", value = "" } } },
        'tags must hold one with the key "tidelock" and a value of its own' },
    { "ecs.register_task_definition", definition { family = "a:1" },
        "family must be the name of a family" },
    { "ecs.register_task_definition", definition { containerDefinitions = { { name = "a",
        ulimits = { { name = "nofile", softLimit = -2, hardLimit = -1 } } } } },
        "containerDefinitions[1].ulimits[1].softLimit must be -1 or more, got -2" },
    { "ecs.update_service", service { taskDefinition = "checkout:43" } },
    { "ecs.update_service", service { taskDefinition = "checkout" },
        "taskDefinition must be one revision of a task definition" },
    { "ecs.update_service", service {}, "the input must hold exactly one of "
        .. "availabilityZoneRebalancing, deploymentConfiguration, desiredCount" },
    { "ecs.update_service", service { taskDefinition = "checkout:43", desiredCount = 5 },
        "it has 2" },
    { "ecs.update_service", rolling { strategy = "EXTERNAL" },
        'strategy must be one of "ROLLING"' },
    { "ecs.update_service", rolling { strategy = "LINEAR",
        linearConfiguration = { stepPercent = 2.5 } }, "stepPercent must be 3..100, got 2.5" },
    { "ecs.update_service", rolling { strategy = "CANARY",
        canaryConfiguration = { canaryPercent = 0.5, canaryBakeTimeInMinutes = 0 },
        lifecycleHooks = { { targetType = "PAUSE", lifecycleStages = {
            "PRE_PRODUCTION_TRAFFIC_SHIFT" }, timeoutConfiguration = { timeoutInMinutes = 90,
            action = "ROLLBACK" } } } } },
    { "ecs.update_service", rolling { lifecycleHooks = { { lifecycleStages = { "BAKE_TIME" } } } },
        "lifecycleHooks[1].lifecycleStages[1] must be one of" },
    { "ecs.continue_service_deployment", { serviceDeploymentArn = deployment, hookId = "h" } },
    { "ecs.continue_service_deployment", { serviceDeploymentArn = deployment },
        "hookId is missing" },
    { "ecs.stop_service_deployment", { serviceDeploymentArn = deployment,
        stopType = "ROLLBACK" } },
    { "ecs.stop_service_deployment", { serviceDeploymentArn = deployment, stopType = "ABORT" },
        'stopType must be "ROLLBACK"' },
    { "ecs.describe_service_revisions", { serviceRevisionArns = { revision } } },
    { "ecs.describe_service_revisions", { serviceRevisionArns = { deployment } },
        "serviceRevisionArns[1] must be the ARN of a service revision" },
    { "ecs.update_service", service { forceNewDeployment = true }, "is not a member of this" },
}

-- Operation -> inputs that are performed one after another, and undone together.
M.changes = {
    ["ecs.update_service"] = {
        { service { taskDefinition = "checkout:43" } },
        { service { taskDefinition = "checkout:43" },
            { cluster = prefix .. "cluster/shop", service = prefix .. "service/shop/checkout",
                taskDefinition = prefix .. "task-definition/checkout:42" },
            service { taskDefinition = "checkout:43" } },
        { service { desiredCount = 7 }, service { taskDefinition = "checkout:43" },
            service { desiredCount = 0 } },
        { rolling() },
        { rolling { alarms = { alarmNames = { "b", "a" }, enable = true, rollback = true } },
            rolling { alarms = { alarmNames = {}, enable = false, rollback = false } } },
        { rolling { earlySuccessCriteria = { enable = true, healthyPercent = 80 } } },
        { network() },
        { service { healthCheckGracePeriodSeconds = 0 }, service { enableExecuteCommand = true },
            service { enableECSManagedTags = false }, service { propagateTags = "SERVICE" },
            service { availabilityZoneRebalancing = "DISABLED" } },
        { service { placementStrategy = { { type = "spread", field = "instanceId" } } },
            service { placementConstraints = { { type = "distinctInstance" } } } },
    },
    ["ecs.register_task_definition"] = {
        { definition {} },
        { definition {}, definition { tags = { { key = "team", value = "shop" },
            { key = "tidelock", value = "build-45" } } } },
    },
}

return M
