-- Inputs of Amazon ECS (API version 2014-11-13). Limits are those of the service model, and where
-- it has none, of the developer guide.

local arn = require "aws.arn"
local shape = require "aws.shape"
local tasks = require "services.ecs.task_inputs"

local M = {}

local text, choice, list, structure = shape.text, shape.choice, shape.list, shape.structure
local integer, flag = shape.integer, shape.flag

local any, switch = text { min = 1 }, choice { "ENABLED", "DISABLED" }

-- Names

-- What an ARN calls a thing of this kind, or a name; nil for every other text.
local function called(value, path, name)
    local parts = arn.of("ecs", value)
    return parts and parts.path:match(path) or value:match(name)
end

local function fits_cluster(value)
    local name = called(value, "^cluster/([%w_-]+)$", "^([%w_-]+)$")
    return name ~= nil and #name <= 255
end

local cluster = text { fits = fits_cluster, expects = "the name or ARN of a cluster" }

local function fits_service(value)
    local name = called(value, "^service/[%w_-]+/([%w_-]+)$", "^([%w_-]+)$")
    return name ~= nil and #name <= 255
end

local service = text {
    fits = fits_service,
    expects = "the name of a service, or its ARN with the cluster's name in it",
}

-- "service-deployment/CLUSTER/SERVICE/ID" and its like.
local function made(kind, noun)
    return text {
        fits = function(value)
            local parts = arn.of("ecs", value)
            local pattern = "^" .. kind:gsub("%-", "%%-") .. "/[%w_-]+/[%w_-]+/[%w_-]+$"
            return parts and parts.path:find(pattern) ~= nil
        end,
        expects = ('the ARN of a service %s "arn:...:ecs:REGION:ACCOUNT:%s/CLUSTER/SERVICE/ID"')
            :format(noun, kind),
    }
end

local service_deployment = made("service-deployment", "deployment")
local service_revision = made("service-revision", "revision")

local function fits_revision(value)
    return called(value, "^task%-definition/([%w_-]+:%d+)$", "^([%w_-]+:%d+)$") ~= nil
end

-- A family alone means its latest revision, which is another one a moment later.
M.revision = text {
    fits = fits_revision,
    expects = 'one revision of a task definition such as "shop:42", or its ARN',
}

local definition = text {
    fits = function(value)
        return fits_revision(value) or value:find("^[%w_-]+$") ~= nil
    end,
    expects = 'a task definition such as "shop:42", its ARN, or a family for its latest ACTIVE '
        .. "revision",
}

local page_size = integer(1, 100)
local tags = list(choice { "TAGS" }, 0, 1)

-- Reads

M.describe_services = structure({
    cluster = cluster,
    services = list(service, 1, 10),
    include = tags,
}, { needed = { "services" } })

M.describe_task_definition = structure({
    taskDefinition = definition,
    include = tags,
}, { needed = { "taskDefinition" } })

M.describe_service_deployments = structure({
    serviceDeploymentArns = list(service_deployment, 1, 20),
}, { needed = { "serviceDeploymentArns" } })

M.describe_service_revisions = structure({
    serviceRevisionArns = list(service_revision, 1, 20),
}, { needed = { "serviceRevisionArns" } })

M.list_clusters = structure { nextToken = any, maxResults = page_size }

M.list_services = structure { cluster = cluster, nextToken = any, maxResults = page_size }

M.look_for_groups = structure({ targetGroupArns = list(any, 1, 10) },
    { needed = { "targetGroupArns" } })

M.look_at_service = structure({ cluster = cluster, service = service },
    { needed = { "service" } })

M.list_service_deployments = structure({
    cluster = cluster,
    service = service,
    status = list(choice { "PENDING", "SUCCESSFUL", "STOPPED", "STOP_REQUESTED", "IN_PROGRESS",
        "ROLLBACK_REQUESTED", "ROLLBACK_IN_PROGRESS", "ROLLBACK_SUCCESSFUL", "ROLLBACK_FAILED" }),
    createdAt = structure({ before = shape.time, after = shape.time }, { name = "CreatedAt" }),
    nextToken = any,
    maxResults = page_size,
}, { needed = { "service" } })

M.list_tasks = structure {
    cluster = cluster,
    serviceName = service,
    family = any,
    containerInstance = any,
    startedBy = any,
    desiredStatus = choice { "RUNNING", "PENDING", "STOPPED" },
    launchType = choice { "EC2", "FARGATE", "EXTERNAL", "MANAGED_INSTANCES" },
    daemonName = any,
    nextToken = any,
    maxResults = page_size,
}

M.describe_tasks = structure({
    cluster = cluster,
    tasks = list(any, 1, 100),
    include = tags,
}, { needed = { "tasks" } })

-- Mutations

M.register_task_definition = tasks.register_task_definition

M.deregister_task_definition = structure({ taskDefinition = M.revision },
    { needed = { "taskDefinition" } })

M.continue_service_deployment = structure({
    serviceDeploymentArn = service_deployment,
    hookId = any,
    action = choice { "CONTINUE", "ROLLBACK" },
}, { needed = { "serviceDeploymentArn", "hookId" } })

M.stop_service_deployment = structure({
    serviceDeploymentArn = service_deployment,
    stopType = choice { "ROLLBACK" },
}, { needed = { "serviceDeploymentArn" } })

local threshold = structure({
    type = choice { "COUNT", "BOUNDED_PERCENT", "UNBOUNDED_PERCENT" },
    value = integer(0),
}, { name = "ThresholdConfiguration", needed = { "type", "value" } })

local breaker = structure({
    enable = flag,
    rollback = flag,
    resetOnHealthyTask = flag,
    thresholdConfiguration = threshold,
}, { name = "DeploymentCircuitBreaker", needed = { "enable", "rollback" } })

local alarms = structure({
    alarmNames = list(any),
    enable = flag,
    rollback = flag,
}, { name = "DeploymentAlarms", needed = { "alarmNames", "enable", "rollback" } })

local early_success = structure({
    enable = flag,
    healthyPercent = integer(0, 100),
    sourceServiceRevisionCleanup = choice { "BLOCKING", "DEFERRED" },
}, { name = "EarlySuccessCriteria", needed = { "enable" } })

local stage = choice { "RECONCILE_SERVICE", "PRE_SCALE_UP", "POST_SCALE_UP", "TEST_TRAFFIC_SHIFT",
    "POST_TEST_TRAFFIC_SHIFT", "PRE_PRODUCTION_TRAFFIC_SHIFT", "PRODUCTION_TRAFFIC_SHIFT",
    "POST_PRODUCTION_TRAFFIC_SHIFT" }

local hook = structure({
    targetType = choice { "AWS_LAMBDA", "PAUSE" },
    hookTargetArn = any,
    roleArn = any,
    lifecycleStages = list(stage, 1, 8),
    timeoutConfiguration = structure({
        timeoutInMinutes = integer(1, 20160),
        action = choice { "ROLLBACK", "CONTINUE" },
    }, { name = "TimeoutConfiguration" }),
}, { name = "DeploymentLifecycleHook", needed = { "lifecycleStages" } })

local minutes = integer(0, 1440)

local deployment_configuration = structure({
    strategy = choice { "ROLLING", "BLUE_GREEN", "LINEAR", "CANARY" },
    linearConfiguration = structure({
        stepPercent = shape.number(3, 100),
        stepBakeTimeInMinutes = minutes,
    }, { name = "LinearConfiguration" }),
    canaryConfiguration = structure({
        canaryPercent = shape.number(0.1, 100),
        canaryBakeTimeInMinutes = minutes,
    }, { name = "CanaryConfiguration" }),
    lifecycleHooks = list(hook, 0, 20),
    maximumPercent = integer(0),
    minimumHealthyPercent = integer(0, 100),
    deploymentCircuitBreaker = breaker,
    alarms = alarms,
    bakeTimeInMinutes = integer(0, 1440),
    earlySuccessCriteria = early_success,
}, { name = "DeploymentConfiguration", needed = { "maximumPercent", "minimumHealthyPercent" } })

local network_configuration = structure({
    awsvpcConfiguration = structure({
        subnets = list(any, 1, 16),
        securityGroups = list(any, 0, 5),
        assignPublicIp = switch,
    }, { name = "AwsVpcConfiguration", needed = { "subnets" } }),
}, { name = "NetworkConfiguration", needed = { "awsvpcConfiguration" } })

local placement_constraint = structure({
    type = choice { "distinctInstance", "memberOf" },
    expression = any,
}, { name = "PlacementConstraint", needed = { "type" } })

local placement_strategy = structure({
    type = choice { "random", "spread", "binpack" },
    field = any,
}, { name = "PlacementStrategy", needed = { "type" } })

-- What one UpdateService may change: all that DescribeServices shows as it was given.
M.changeable = {
    taskDefinition = M.revision,
    desiredCount = integer(0, 5000),
    deploymentConfiguration = deployment_configuration,
    networkConfiguration = network_configuration,
    placementConstraints = list(placement_constraint, 0, 10),
    placementStrategy = list(placement_strategy, 0, 5),
    healthCheckGracePeriodSeconds = integer(0, 2147483647),
    enableExecuteCommand = flag,
    enableECSManagedTags = flag,
    propagateTags = choice { "TASK_DEFINITION", "SERVICE", "NONE" },
    availabilityZoneRebalancing = switch,
}

local changeable_names = {}
for name in pairs(M.changeable) do
    changeable_names[#changeable_names + 1] = name
end
table.sort(changeable_names)

-- The member that an UpdateService changes, or nil and how many it has.
function M.changed(input)
    local found, count = nil, 0
    for _, name in ipairs(changeable_names) do
        if input[name] ~= nil then
            found, count = name, count + 1
        end
    end
    return count == 1 and found or nil, count
end

local members = { cluster = cluster, service = service }
for name, of in pairs(M.changeable) do
    members[name] = of
end

M.update_service = structure(members, {
    needed = { "service" },
    wrong = function(input)
        local found, count = M.changed(input)
        if not found then
            return (" must hold exactly one of %s; it has %d"):format(
                table.concat(changeable_names, ", "), count)
        end
    end,
})

return M
