-- A deployment group of the simulated account as it is at first: a service that runs one task
-- definition behind the first of two target groups, deployed long ago.

local array = require "canonical".array
local arn = require "aws.arn"
local tables = require "simulation.tables"

local M = {}

local TASKS = 2
local TERMINATION = 5 -- minutes for which the old tasks are kept

local function target_group(home, name)
    return arn.make(home, "elasticloadbalancing", ("targetgroup/%s/%s"):format(name,
        tables.digits(name, 16)))
end

local function info_of(home, application, group, called)
    local listener = arn.make(home, "elasticloadbalancing", ("listener/app/%s/%s/%s"):format(
        application, tables.digits(application, 16), tables.digits(group, 16)))
    return {
        applicationName = application,
        deploymentGroupName = group,
        deploymentGroupId = tables.digits(application .. "/" .. group, 16),
        deploymentConfigName = "CodeDeployDefault.ECSAllAtOnce",
        serviceRoleArn = ("arn:%s:iam::%s:role/codedeploy"):format(home.partition, home.account),
        computePlatform = "ECS",
        deploymentStyle = { deploymentType = "BLUE_GREEN",
            deploymentOption = "WITH_TRAFFIC_CONTROL" },
        blueGreenDeploymentConfiguration = {
            terminateBlueInstancesOnDeploymentSuccess = { action = "TERMINATE",
                terminationWaitTimeInMinutes = TERMINATION },
            deploymentReadyOption = { actionOnTimeout = "CONTINUE_DEPLOYMENT",
                waitTimeInMinutes = 0 },
        },
        autoRollbackConfiguration = { enabled = true,
            events = array { "DEPLOYMENT_FAILURE", "DEPLOYMENT_STOP_ON_ALARM" } },
        loadBalancerInfo = { targetGroupPairInfoList = array { {
            targetGroups = array { { name = called .. "-blue" }, { name = called .. "-green" } },
            prodTrafficRoute = { listenerArns = array { listener } },
        } } },
        ecsServices = array { { clusterName = application, serviceName = group } },
    }
end

-- definition: the ARN of what it runs.
function M.group(home, application, group, definition)
    local called = (application .. "-" .. group):gsub("[^%w-]", "-"):sub(1, 24)
    local groups = { target_group(home, called .. "-blue"), target_group(home, called .. "-green") }
    return {
        info = info_of(home, application, group, called),
        service = {
            serviceName = group,
            clusterArn = arn.make(home, "ecs", "cluster/" .. application),
            serviceArn = arn.make(home, "ecs", ("service/%s/%s"):format(application, group)),
        },
        set = { id = "ecs-svc/" .. tables.digits(definition, 12), definition = definition,
            group = groups[1], tasks = TASKS, container = "web", port = 8080, created = 0 },
        groups = groups,
        past = {},
        deployments = {},
    }
end

return M
