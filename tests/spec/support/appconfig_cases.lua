-- What the specs of the catalogue try of AWS AppConfig: inputs, right and wrong; changes that are
-- performed one after another and undone together; a flag for them.

local tables = require "simulation.tables"

local M = {}

M.target = { type = "appconfig_flag", application = "shop", environment = "prod",
    profile = "flags", flag = "new-checkout", attribute = "percent", strategy = "zero000" }

M.text = "appconfig-flag:shop/prod/flags/new-checkout,attribute=percent"

local function profile(fields)
    return tables.over({ ApplicationId = "shop", ConfigurationProfileId = "flags" }, fields)
end

local function environment(fields)
    return tables.over({ ApplicationId = "shop", EnvironmentId = "prod" }, fields)
end

-- The content of the flag's profile, with this percentage.
function M.content(percent)
    return ('{"version":"1","flags":{"new-checkout":{"name":"new-checkout"}},'
        .. '"values":{"new-checkout":{"enabled":true,"percent":%s}}}'):format(percent)
end

local function version(fields)
    return profile(tables.over({ Content = M.content(5), ContentType = "application/json",
        LatestVersionNumber = 1 }, fields))
end

local function deployment(fields)
    return environment(tables.over({ ConfigurationProfileId = "flags", ConfigurationVersion = "1",
        DeploymentStrategyId = "zero000" }, fields))
end

local function strategy(fields)
    return tables.over({ Name = "slow", DeploymentDurationInMinutes = 20, GrowthFactor = 10 },
        fields)
end

M.profile, M.environment, M.version = profile, environment, version
M.deployment, M.strategy = deployment, strategy

local session = { ApplicationIdentifier = "shop", EnvironmentIdentifier = "prod",
    ConfigurationProfileIdentifier = "flags" }

M.session = session

-- Operation, input, and what is wrong with it (nil: nothing).
M.inputs = {
    { "appconfig.get_application", { ApplicationId = "shop" } },
    { "appconfig.get_application", {}, "ApplicationId is missing" },
    { "appconfig.list_applications", { MaxResults = 50 } },
    { "appconfig.list_applications", { MaxResults = 51 }, "MaxResults must be 1..50, got 51" },
    { "appconfig.get_environment", environment {} },
    { "appconfig.get_environment", { ApplicationId = "shop" }, "EnvironmentId is missing" },
    { "appconfig.list_environments", { ApplicationId = "shop" } },
    { "appconfig.list_environments", environment {}, "EnvironmentId is not a member of this" },
    { "appconfig.update_environment", environment { Monitors = { { AlarmArn = "a" } } } },
    { "appconfig.update_environment", environment { Monitors = { {} } },
        "Monitors[1].AlarmArn is missing" },
    { "appconfig.get_configuration_profile", profile {} },
    { "appconfig.get_configuration_profile", profile { ConfigurationProfileId = "" },
        "ConfigurationProfileId must be text of 1..128 characters" },
    { "appconfig.list_configuration_profiles", { ApplicationId = "shop", Type = "AWS.Freeform" } },
    { "appconfig.list_configuration_profiles", { ApplicationId = "shop", Type = "a b" },
        'Type must be a type such as "AWS.Freeform"' },
    { "appconfig.get_deployment_strategy", { DeploymentStrategyId = "AppConfig.AllAtOnce" } },
    { "appconfig.get_deployment_strategy", { DeploymentStrategyId = "AppConfig.No" },
        'DeploymentStrategyId must be the id of a strategy such as "abc1234"' },
    { "appconfig.list_deployment_strategies", { NextToken = "t" } },
    { "appconfig.list_deployment_strategies", { NextToken = "" }, "NextToken must be text of" },
    { "appconfig.create_deployment_strategy", strategy {} },
    { "appconfig.create_deployment_strategy", strategy { GrowthFactor = 0.5 },
        "GrowthFactor must be 1..100, got 0.5" },
    { "appconfig.get_hosted_configuration_version", profile { VersionNumber = 1 } },
    { "appconfig.get_hosted_configuration_version", profile { VersionNumber = "1" },
        "VersionNumber must be a whole number" },
    { "appconfig.list_hosted_configuration_versions", profile { VersionLabel = "v2" } },
    { "appconfig.list_hosted_configuration_versions", profile { Label = "v2" },
        "Label is not a member of this" },
    { "appconfig.create_hosted_configuration_version", version { VersionLabel = "v2 of it" } },
    { "appconfig.create_hosted_configuration_version", version { VersionLabel = "2" },
        "VersionLabel must be a label of up to 64 ASCII characters, not only digits" },
    { "appconfig.create_hosted_configuration_version", version { Description = "größer" },
        "Description must be up to 1024 ASCII characters" },
    { "appconfig.create_hosted_configuration_version", tables.with(version {},
        "LatestVersionNumber", nil), "LatestVersionNumber is missing" },
    { "appconfig.validate_configuration", profile { ConfigurationVersion = "1" } },
    { "appconfig.validate_configuration", profile {}, "ConfigurationVersion is missing" },
    { "appconfig.get_deployment", environment { DeploymentNumber = 1 } },
    { "appconfig.get_deployment", environment { DeploymentNumber = 0 },
        "DeploymentNumber must be 1 or more, got 0" },
    { "appconfig.list_deployments", environment {} },
    { "appconfig.list_deployments", { EnvironmentId = "prod" }, "ApplicationId is missing" },
    { "appconfig.start_deployment", deployment { LatestDeploymentNumber = 1 } },
    { "appconfig.start_deployment", deployment { ConfigurationVersion = 1 },
        "ConfigurationVersion must be text of 1..1024 characters, got 1" },
    { "appconfig.stop_deployment", environment { DeploymentNumber = 1, AllowRevert = true } },
    { "appconfig.stop_deployment", environment { DeploymentNumber = 1, AllowRevert = "true" },
        "AllowRevert must be true or false" },
    { "appconfigdata.start_configuration_session", session },
    { "appconfigdata.start_configuration_session", tables.with(session,
        "RequiredMinimumPollIntervalInSeconds", 5), "must be 15..86400, got 5" },
    { "appconfigdata.get_latest_configuration", { ConfigurationToken = "t" } },
    { "appconfigdata.get_latest_configuration", {}, "ConfigurationToken is missing" },
}

-- Operation -> inputs that are performed one after another, and undone together. What else they
-- need of the account (versions to deploy) is in M.prepared.
M.changes = {
    ["appconfig.create_hosted_configuration_version"] = {
        { version { LatestVersionNumber = 3, VersionLabel = "v4" } },
        { version { LatestVersionNumber = 3 }, version { LatestVersionNumber = 4 } },
    },
    ["appconfig.create_deployment_strategy"] = {
        { strategy {} },
        { strategy { FinalBakeTimeInMinutes = 1, GrowthType = "EXPONENTIAL" },
            strategy { Name = "other" } },
    },
    ["appconfig.start_deployment"] = {
        { deployment { ConfigurationVersion = "2" } },
        { deployment { ConfigurationVersion = "2", DeploymentStrategyId =
            "AppConfig.Linear20PercentEvery6Minutes" } },
    },
    ["appconfig.update_environment"] = {
        { environment { Description = "new", Monitors = { { AlarmArn = "a" } } } },
        { environment { Monitors = { { AlarmArn = "a" } } }, environment { Monitors = {} },
            environment { Name = "prod", Description = "new" } },
    },
}

-- The state with versions 2 and 3 of the target's profile, which raise the percentage to 5 and 10.
function M.prepared(state)
    local all = {}
    for key, versions in pairs(state.versions) do
        local first = versions[1]
        local ours = first.Content:find(M.target.flag, 1, true)
        all[key] = not ours and versions or {
            first,
            tables.over(first, { VersionNumber = 2, Content = M.content(5) }),
            tables.over(first, { VersionNumber = 3, Content = M.content(10) }),
        }
    end
    return tables.with(state, "versions", all)
end

return M
