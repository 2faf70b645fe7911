-- What the actions of AppConfig can be allowed on (lua/aws/permissions.lua).

local arn = require "aws.arn"

local LISTS = "AWS has no resource for what is listed"

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
}

local function on(...)
    local wanted = { ... }
    return function(input, home)
        local found = {}
        for _, place in ipairs(wanted) do
            local resource = places[place](input)
            found[#found + 1] = resource and arn.make(home, "appconfig", resource)
        end
        return found
    end
end

return {
    on = {
        ListApplications = LISTS,
        ListDeploymentStrategies = LISTS,
        CreateDeploymentStrategy = "a strategy that does not exist yet has no id",
        GetApplication = on "application",
        ListEnvironments = on "application",
        ListConfigurationProfiles = on "application",
        GetEnvironment = on("application", "environment"),
        UpdateEnvironment = on("application", "environment"),
        GetConfigurationProfile = on("application", "profile"),
        ListHostedConfigurationVersions = on("application", "profile"),
        CreateHostedConfigurationVersion = on("application", "profile"),
        GetHostedConfigurationVersion = on("application", "profile", "version"),
        ValidateConfiguration = on("application", "profile", "version"),
        GetDeploymentStrategy = on "strategy",
        ListDeployments = on("application", "environment"),
        GetDeployment = on("application", "environment", "deployment"),
        StopDeployment = on("application", "environment", "deployment"),
        StartDeployment = on("application", "environment", "profile", "strategy", "deployment"),
    },
}
