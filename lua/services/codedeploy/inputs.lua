-- What CodeDeploy's operations take, as far as deployments of ECS services need it.

local revision = require "services.codedeploy.revision"
local shape = require "aws.shape"

local text, choice, list, structure = shape.text, shape.choice, shape.list, shape.structure

local M = {}

local function name(expects)
    return text { min = 1, max = 100, pattern = "^[%w+=,.@_-]+$", expects = expects }
end

local application = name "the name of an application"
local group = name "the name of a deployment group"
local config_name = name "the name of a deployment configuration"

local id = text { min = 1, max = 100, pattern = "^[%w-]+$",
    expects = 'the id of a deployment such as "d-A1B2C3D4E"' }

local status = choice { "Created", "Queued", "InProgress", "Baking", "Succeeded", "Failed",
    "Stopped", "Ready" }

local alarm = structure({ name = text { min = 1, max = 255 } },
    { name = "Alarm", needed = { "name" } })

M.alarms = structure({
    enabled = shape.flag,
    ignorePollAlarmFailure = shape.flag,
    alarms = list(alarm, 0, 10),
}, { name = "AlarmConfiguration" })

M.auto_rollback = structure({
    enabled = shape.flag,
    events = list(choice { "DEPLOYMENT_FAILURE", "DEPLOYMENT_STOP_ON_ALARM",
        "DEPLOYMENT_STOP_ON_REQUEST" }),
}, { name = "AutoRollbackConfiguration" })

local content = text {
    min = 1,
    fits = function(value) return revision.definition(value) ~= nil end,
    expects = 'an AppSpec that names a task definition, such as "TaskDefinition: shop:42"',
}

local app_spec = structure({ content = content, sha256 = text { pattern = "^%x+$", min = 64,
    max = 64, expects = 'a SHA-256 such as "' .. ("0a"):rep(32) .. '"' } },
    { name = "AppSpecContent", needed = { "content" } })

local location = structure({ revisionType = choice { "AppSpecContent" },
    appSpecContent = app_spec },
    { name = "RevisionLocation", needed = { "appSpecContent", "revisionType" } })

local minutes = shape.integer(1, 2880)
local percent = shape.integer(1, 99)

local canary = structure({ canaryPercentage = percent, canaryInterval = minutes },
    { name = "TimeBasedCanary", needed = { "canaryInterval", "canaryPercentage" } })

local linear = structure({ linearPercentage = percent, linearInterval = minutes },
    { name = "TimeBasedLinear", needed = { "linearInterval", "linearPercentage" } })

local kinds = { timeBasedCanary = "TimeBasedCanary", timeBasedLinear = "TimeBasedLinear" }

M.routing = structure({
    type = choice { "TimeBasedCanary", "TimeBasedLinear", "AllAtOnce" },
    timeBasedCanary = canary,
    timeBasedLinear = linear,
}, {
    name = "TrafficRoutingConfig",
    needed = { "type" },
    wrong = function(routing)
        for member, kind in pairs(kinds) do
            if (routing[member] ~= nil) ~= (routing.type == kind) then
                return (".%s goes with the type %s"):format(member, kind)
            end
        end
    end,
})

local page = text { min = 1 }

M.get_deployment_group = structure({ applicationName = application, deploymentGroupName = group },
    { needed = { "applicationName", "deploymentGroupName" } })

M.batch_get_deployments = structure({ deploymentIds = list(id, 1, 100) },
    { needed = { "deploymentIds" } })

M.look_for_alias = structure({ functionName = page, alias = page },
    { needed = { "functionName", "alias" } })

M.list_deployments = structure({
    applicationName = application,
    deploymentGroupName = group,
    includeOnlyStatuses = list(status),
    createTimeRange = structure({ start = shape.time, ["end"] = shape.time },
        { name = "TimeRange" }),
    nextToken = page,
}, {
    wrong = function(input)
        if (input.applicationName == nil) ~= (input.deploymentGroupName == nil) then
            return " must hold both applicationName and deploymentGroupName, or neither"
        end
    end,
})

M.create_deployment = structure({
    applicationName = application,
    deploymentGroupName = group,
    deploymentConfigName = config_name,
    description = text { max = 256 },
    revision = location,
    autoRollbackConfiguration = M.auto_rollback,
    overrideAlarmConfiguration = M.alarms,
}, { needed = { "applicationName", "deploymentGroupName", "revision" } })

M.stop_deployment = structure({ deploymentId = id, autoRollbackEnabled = shape.flag },
    { needed = { "deploymentId" } })

M.get_deployment_config = structure({ deploymentConfigName = config_name },
    { needed = { "deploymentConfigName" } })

local own_name = text {
    min = 1,
    max = 100,
    pattern = "^[%w+=,.@_-]+$",
    fits = function(value) return not value:find("^CodeDeployDefault%.") end,
    expects = "the name of a deployment configuration that is none of CodeDeploy's own",
}

M.create_deployment_config = structure({
    deploymentConfigName = own_name,
    computePlatform = choice { "ECS", "Lambda" },
    trafficRoutingConfig = M.routing,
}, { needed = { "computePlatform", "deploymentConfigName", "trafficRoutingConfig" } })

M.delete_deployment_config = structure({ deploymentConfigName = own_name },
    { needed = { "deploymentConfigName" } })

return M
