-- What the specs of the catalogue try of CodeDeploy: inputs, right and wrong; changes that are
-- performed one after another and undone together; a group for them.

local fresh = require "services.codedeploy.simulated.fresh"
local tables = require "simulation.tables"

local M = {}

local FAMILY = "arn:aws:ecs:eu-west-1:111122223333:task-definition/"

function M.definition(name)
    return FAMILY .. name
end

-- The AppSpec of a task definition.
function M.content(name)
    return ('{"version":0.0,"Resources":[{"TargetService":{"Type":"AWS::ECS::Service",'
        .. '"Properties":{"TaskDefinition":"%s","LoadBalancerInfo":{"ContainerName":"web",'
        .. '"ContainerPort":8080}}}}]}'):format(FAMILY .. name)
end

-- The input of a deployment of a task definition.
function M.deploy(name, fields)
    return tables.over({
        applicationName = "shop", deploymentGroupName = "web",
        revision = { revisionType = "AppSpecContent",
            appSpecContent = { content = M.content(name) } },
    }, fields or {})
end

function M.canary(percent, minutes)
    return { type = "TimeBasedCanary",
        timeBasedCanary = { canaryPercentage = percent, canaryInterval = minutes } }
end

function M.config(name, percent, minutes)
    return { deploymentConfigName = name, computePlatform = "ECS",
        trafficRoutingConfig = M.canary(percent, minutes) }
end

-- The alarm of a rollout, as it is when it was put back.
M.silence = {
    AlarmName = "silence", Namespace = "Tidelock", MetricName = "SignsOfLife", Period = 60,
    Statistic = "Sum", Threshold = 1.0, EvaluationPeriods = 3, ActionsEnabled = false,
    ComparisonOperator = "LessThanThreshold", TreatMissingData = "breaching",
    StateValue = "INSUFFICIENT_DATA", AlarmConfigurationUpdatedTimestamp = 1, OKActions = {},
    AlarmActions = {}, InsufficientDataActions = {}, Dimensions = {},
    AlarmArn = "arn:aws:cloudwatch:eu-west-1:111122223333:alarm:silence",
    StateReason = "Unchecked: Initial alarm creation",
}

M.group_input = { applicationName = "shop", deploymentGroupName = "web" }

-- A part of the account with two groups: one at rest that runs shop:41, and one that deploys what
-- it runs once more, for ever.
function M.prepared(part)
    local slow = fresh.group(part.home, "shop", "slow", M.definition "slow:7")
    slow.deployments = { { id = "d-SLOW", created = 1763999000000, definition = M.definition
        "slow:7", content = M.content "slow:7", config = M.canary(10, 2880),
        config_name = "two-days" } }
    return tables.over(part, {
        groups = {
            ["shop/web"] = fresh.group(part.home, "shop", "web", M.definition "shop:41"),
            ["shop/slow"] = slow,
        },
        configs = { old = M.config("old", 20, 7) },
    })
end

local function odd(content)
    return M.deploy("shop:42", { revision = { revisionType = "AppSpecContent",
        appSpecContent = { content = content } } })
end

local function linear(fields)
    return { deploymentConfigName = "l", computePlatform = "ECS",
        trafficRoutingConfig = tables.over({ type = "TimeBasedLinear" }, fields) }
end

-- Operation, input, and what is wrong with it (nil: nothing).
M.inputs = {
    { "codedeploy.get_deployment_group", M.group_input },
    { "codedeploy.get_deployment_group", { applicationName = "shop" },
        "deploymentGroupName is missing" },
    { "codedeploy.get_deployment_group", { applicationName = "a/b", deploymentGroupName = "g" },
        'applicationName must be the name of an application, got "a/b"' },
    { "codedeploy.batch_get_deployments", { deploymentIds = { "d-1" } } },
    { "codedeploy.batch_get_deployments", { deploymentIds = {} },
        "deploymentIds must be a list of 1..100" },
    { "codedeploy.list_deployments", {} },
    { "codedeploy.list_deployments", { applicationName = "shop" },
        "must hold both applicationName and deploymentGroupName, or neither" },
    { "codedeploy.list_deployments", { includeOnlyStatuses = { "InProgress" },
        createTimeRange = { start = 0 } } },
    { "codedeploy.create_deployment", M.deploy "shop:42" },
    { "codedeploy.create_deployment", odd "TaskDefinition: shop:42" },
    { "codedeploy.create_deployment", odd '{"taskdefinition":"shop:42"}' },
    { "codedeploy.create_deployment", odd '{"taskDefinition":"shop:42"}' },
    { "codedeploy.create_deployment", odd "Hooks: []",
        "content must be an AppSpec that names a task definition" },
    { "codedeploy.create_deployment", M.deploy("shop:42", { overrideAlarmConfiguration = {
        enabled = true, alarms = { { name = "errors" } } } }) },
    { "codedeploy.create_deployment", M.deploy("shop:42", { description = ("x"):rep(257) }),
        "description must be text of 0..256 characters" },
    { "codedeploy.stop_deployment", { deploymentId = "d-1", autoRollbackEnabled = true } },
    { "codedeploy.stop_deployment", {}, "deploymentId is missing" },
    { "codedeploy.create_deployment_config", M.config("c", 99, 2880) },
    { "codedeploy.create_deployment_config", M.config("c", 100, 5), "must be 1..99, got 100" },
    { "codedeploy.create_deployment_config", M.config("c", 2.5, 5),
        "must be a whole number 1..99" },
    { "codedeploy.create_deployment_config", M.config("CodeDeployDefault.Mine", 10, 5),
        "is none of CodeDeploy's own" },
    { "codedeploy.create_deployment_config", linear { timeBasedLinear = { linearPercentage = 10,
        linearInterval = 1 } } },
    { "codedeploy.create_deployment_config", linear {},
        "timeBasedLinear goes with the type TimeBasedLinear" },
    { "codedeploy.delete_deployment_config", { deploymentConfigName = "c" } },
    { "codedeploy.delete_deployment_config", { deploymentConfigName =
        "CodeDeployDefault.ECSAllAtOnce" }, "is none of CodeDeploy's own" },
    { "codedeploy.get_deployment_config", { deploymentConfigName =
        "CodeDeployDefault.ECSAllAtOnce" } },
    { "codedeploy.get_deployment_config", { deploymentConfigName = "" },
        "must be the name of a deployment configuration" },
}

-- Operation -> inputs that are performed one after another, and undone together.
M.changes = {
    ["cloudwatch.delete_alarms"] = {
        { { AlarmNames = { "silence" } } },
    },
    ["codedeploy.create_deployment"] = {
        { M.deploy "shop:42" },
        { M.deploy("shop:43", { deploymentConfigName = "old" }) },
    },
    ["codedeploy.stop_deployment"] = {
        { { deploymentId = "d-SLOW", autoRollbackEnabled = true } },
    },
    ["codedeploy.create_deployment_config"] = {
        { M.config("new", 10, 60) },
    },
    ["codedeploy.delete_deployment_config"] = {
        { { deploymentConfigName = "old" } },
    },
}

return M
