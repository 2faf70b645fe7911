-- On which resources an action can be allowed: what AWS's Service Authorization Reference says, as
-- data. Each action has a function of an input and the home { partition, region, account } that
-- lists the ARNs it is about (nothing where the input does not say), or a text: why it can only be
-- allowed on everything.

local M = {}

-- Without a home, each part may be any.
local function arn(home, service, resource)
    home = home or {}
    return ("arn:%s:%s:%s:%s:%s"):format(home.partition or "*", service, home.region or "*",
        home.account or "*", resource)
end

local function is_arn(value)
    return type(value) == "string" and value:find("^arn:") ~= nil
end

-- The texts of a member, which may be one or a list of them.
local function each(value)
    return type(value) == "table" and value or { value }
end

-- ARNs that the input names itself.
local function named(member)
    return function(input)
        local found = {}
        for _, value in ipairs(each(input[member])) do
            found[#found + 1] = is_arn(value) and value or nil
        end
        return found
    end
end

local function lambda_function(input, home)
    local name = input.FunctionName
    if not name then
        return {}
    elseif is_arn(name) then
        return { name }
    end
    local account, short = name:match("^(%d+):function:(.+)$")
    short = short or name:match("^function:(.+)$") or name
    local at = account and { partition = home and home.partition, region = home and home.region,
        account = account } or home
    return { arn(at, "lambda", "function:" .. short) }
end

-- A version or an alias is a resource of its own.
local function lambda_qualified(input, home)
    local found = lambda_function(input, home)
    if found[1] and input.Qualifier then
        found[2] = found[1] .. ":" .. input.Qualifier
    end
    return found
end

local function alarms(input, home)
    local found = {}
    for _, name in ipairs(each(input.AlarmName or input.AlarmNames)) do
        found[#found + 1] = arn(home, "cloudwatch", "alarm:" .. name)
    end
    return found
end

-- "/a/b:3", "a", or an ARN, with a version or without.
local function parameters(input, home)
    local found = {}
    for _, name in ipairs(each(input.Name or input.Names)) do
        if is_arn(name) then
            found[#found + 1] = name:match("^(arn:[^:]+:ssm:[^:]*:[^:]*:parameter/[^:]+)")
        else
            local bare = name:match("^[^:]*"):gsub("^/", "")
            found[#found + 1] = arn(home, "ssm", "parameter/" .. bare)
        end
    end
    return found
end

local function last_part(id)
    return id:match("([^/]+)$")
end

local function ecs_services(input, home)
    local found, cluster = {}, last_part(input.cluster or "default")
    for _, id in ipairs(each(input.service or input.services)) do
        found[#found + 1] = is_arn(id) and id
            or arn(home, "ecs", ("service/%s/%s"):format(cluster, last_part(id)))
    end
    return found
end

local function ecs_tasks(input, home)
    local found, cluster = {}, last_part(input.cluster or "default")
    for _, id in ipairs(each(input.tasks)) do
        found[#found + 1] = is_arn(id) and id
            or arn(home, "ecs", ("task/%s/%s"):format(cluster, last_part(id)))
    end
    return found
end

-- AppConfig's ARNs have ids; a thing that is called by its name may be any.
local function id_of(name)
    local is_id = type(name) == "string" and #name >= 4 and #name <= 7 and name:find("^[%l%d]+$")
    return is_id and name or "*"
end

local places = {
    application = function(input)
        return input.ApplicationId and "application/" .. id_of(input.ApplicationId)
    end,
    environment = function(input)
        return input.ApplicationId and input.EnvironmentId
            and ("application/%s/environment/%s"):format(id_of(input.ApplicationId),
                id_of(input.EnvironmentId))
    end,
    profile = function(input)
        return input.ApplicationId and input.ConfigurationProfileId
            and ("application/%s/configurationprofile/%s"):format(id_of(input.ApplicationId),
                id_of(input.ConfigurationProfileId))
    end,
    version = function(input)
        local profile = input.ApplicationId and input.ConfigurationProfileId
        return profile and ("application/%s/configurationprofile/%s/hostedconfigurationversion/%s")
            :format(id_of(input.ApplicationId), id_of(profile), input.VersionNumber or "*")
    end,
    deployment = function(input)
        return input.ApplicationId and input.EnvironmentId
            and ("application/%s/environment/%s/deployment/%s"):format(id_of(input.ApplicationId),
                id_of(input.EnvironmentId), input.DeploymentNumber or "*")
    end,
    strategy = function(input)
        return input.DeploymentStrategyId and "deploymentstrategy/" .. input.DeploymentStrategyId
    end,
    configuration = function(input)
        return input.ApplicationIdentifier and ("application/%s/environment/%s/configuration/%s")
            :format(id_of(input.ApplicationIdentifier), id_of(input.EnvironmentIdentifier),
                id_of(input.ConfigurationProfileIdentifier))
    end,
}

local function appconfig(...)
    local wanted = { ... }
    return function(input, home)
        local found = {}
        for _, place in ipairs(wanted) do
            local resource = places[place](input)
            found[#found + 1] = resource and arn(home, "appconfig", resource)
        end
        return found
    end
end

local lists = "AWS has no resource for what is listed"
local elb_reads = "Elastic Load Balancing allows its reads on everything or not at all"
local metrics = "metrics are no resources"
local definitions = "ECS allows reading and registering task definitions on everything or not at "
    .. "all"
local any_strategy = "a strategy that does not exist yet has no id"

M.of = {
    ["elasticloadbalancing:DescribeListeners"] = elb_reads,
    ["elasticloadbalancing:DescribeRules"] = elb_reads,
    ["elasticloadbalancing:DescribeTargetGroups"] = elb_reads,
    ["elasticloadbalancing:DescribeTargetHealth"] = elb_reads,
    ["elasticloadbalancing:DescribeTargetGroupAttributes"] = elb_reads,
    ["elasticloadbalancing:ModifyListener"] = named "ListenerArn",
    ["elasticloadbalancing:ModifyRule"] = named "RuleArn",
    ["elasticloadbalancing:ModifyTargetGroupAttributes"] = named "TargetGroupArn",
    ["lambda:GetAlias"] = lambda_function,
    ["lambda:UpdateAlias"] = lambda_function,
    ["lambda:ListVersionsByFunction"] = lambda_function,
    ["lambda:GetFunctionConfiguration"] = lambda_qualified,
    ["cloudwatch:DescribeAlarms"] = "composite alarms are shown only to those who may see all",
    ["cloudwatch:GetMetricData"] = metrics,
    ["cloudwatch:GetMetricStatistics"] = metrics,
    ["cloudwatch:EnableAlarmActions"] = alarms,
    ["cloudwatch:DisableAlarmActions"] = alarms,
    ["cloudwatch:SetAlarmState"] = alarms,
    ["cloudwatch:PutMetricAlarm"] = alarms,
    ["cloudwatch:DeleteAlarms"] = alarms,
    ["ssm:GetParameter"] = parameters,
    ["ssm:GetParameters"] = parameters,
    ["ssm:GetParameterHistory"] = parameters,
    ["ssm:PutParameter"] = parameters,
    ["ssm:DeleteParameter"] = parameters,
    ["sts:AssumeRole"] = named "RoleArn",
    ["ecs:DescribeServices"] = ecs_services,
    ["ecs:UpdateService"] = ecs_services,
    ["ecs:ListServiceDeployments"] = ecs_services,
    ["ecs:DescribeServiceDeployments"] = named "serviceDeploymentArns",
    ["ecs:DescribeTasks"] = ecs_tasks,
    ["ecs:ListTasks"] = lists,
    ["ecs:DescribeTaskDefinition"] = definitions,
    ["ecs:RegisterTaskDefinition"] = definitions,
    ["ecs:DeregisterTaskDefinition"] = definitions,
    ["appconfig:ListApplications"] = lists,
    ["appconfig:ListDeploymentStrategies"] = lists,
    ["appconfig:CreateDeploymentStrategy"] = any_strategy,
    ["appconfig:GetApplication"] = appconfig "application",
    ["appconfig:ListEnvironments"] = appconfig "application",
    ["appconfig:ListConfigurationProfiles"] = appconfig "application",
    ["appconfig:GetEnvironment"] = appconfig("application", "environment"),
    ["appconfig:UpdateEnvironment"] = appconfig("application", "environment"),
    ["appconfig:GetConfigurationProfile"] = appconfig("application", "profile"),
    ["appconfig:ListHostedConfigurationVersions"] = appconfig("application", "profile"),
    ["appconfig:CreateHostedConfigurationVersion"] = appconfig("application", "profile"),
    ["appconfig:GetHostedConfigurationVersion"] = appconfig("application", "profile", "version"),
    ["appconfig:ValidateConfiguration"] = appconfig("application", "profile", "version"),
    ["appconfig:GetDeploymentStrategy"] = appconfig "strategy",
    ["appconfig:ListDeployments"] = appconfig("application", "environment"),
    ["appconfig:GetDeployment"] = appconfig("application", "environment", "deployment"),
    ["appconfig:StopDeployment"] = appconfig("application", "environment", "deployment"),
    ["appconfig:StartDeployment"] = appconfig("application", "environment", "profile",
        "strategy", "deployment"),
    ["appconfig:StartConfigurationSession"] = appconfig "configuration",
    ["appconfig:GetLatestConfiguration"] = appconfig "configuration",
}

-- What needs no permission.
M.free = { ["sts:GetCallerIdentity"] = true }

-- Roles that an action hands on, each with the service that gets them.
M.passed = {
    ["ecs:RegisterTaskDefinition"] = {
        service = "ecs-tasks.amazonaws.com",
        roles = function(input)
            local found = named "taskRoleArn"(input)
            found[#found + 1] = named "executionRoleArn"(input)[1]
            return found
        end,
    },
}

-- What the operations on a target are about, for those whose input is not known.
M.of_target = {
    alb_listener = function(one)
        return { { ListenerArn = one.listener }, { TargetGroupArn = one.baseline },
            { TargetGroupArn = one.canary } }
    end,
    alb_rule = function(one)
        return { { RuleArn = one.rule }, { TargetGroupArn = one.baseline },
            { TargetGroupArn = one.canary } }
    end,
    lambda_alias = function(one)
        return { { FunctionName = one["function"] },
            { FunctionName = one["function"], Qualifier = one.canary } }
    end,
    ecs_service = function(one)
        return { { cluster = one.cluster, service = one.service } }
    end,
    appconfig_flag = function(one)
        return { {
            ApplicationId = one.application,
            EnvironmentId = one.environment,
            ConfigurationProfileId = one.profile,
            DeploymentStrategyId = one.strategy,
            ApplicationIdentifier = one.application,
            EnvironmentIdentifier = one.environment,
            ConfigurationProfileIdentifier = one.profile,
        } }
    end,
}

return M
