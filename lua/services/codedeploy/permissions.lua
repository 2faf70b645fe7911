-- What the actions of CodeDeploy can be allowed on (lua/aws/permissions.lua).

local arn = require "aws.arn"

local function group(input, home)
    local application = input.applicationName
    return application and { arn.make(home, "codedeploy",
        ("deploymentgroup:%s/%s"):format(application, input.deploymentGroupName)) } or {}
end

local function application(input, home)
    local name = input.applicationName
    return name and { arn.make(home, "codedeploy", "application:" .. name) } or {}
end

local function config(input, home)
    local name = input.deploymentConfigName
    return name and { arn.make(home, "codedeploy", "deploymentconfig:" .. name) } or {}
end

return {
    on = {
        GetDeploymentGroup = group,
        BatchGetDeployments = group,
        ListDeployments = group,
        CreateDeployment = group,
        StopDeployment = group,
        GetDeploymentConfig = config,
        CreateDeploymentConfig = config,
        DeleteDeploymentConfig = config,
    },
    along = { CreateDeployment = { RegisterApplicationRevision = application } },
}
