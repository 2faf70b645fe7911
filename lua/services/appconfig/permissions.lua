-- What the actions of AppConfig can be allowed on (lua/aws/permissions.lua).

local arn = require "aws.arn"
local places = require "services.appconfig.places"

local LISTS = "AWS has no resource for what is listed"

-- AppConfig's ARNs have ids; a thing that is called by its name may be any.
local function id_of(name)
    local is_id = type(name) == "string" and #name >= 4 and #name <= 7 and name:find("^[%l%d]+$")
    return is_id and name or "*"
end

local function version(input)
    local profile = places.profile(input, id_of)
    return profile and ("%s/hostedconfigurationversion/%s"):format(profile,
        input.VersionNumber or "*")
end

local function deployment(input)
    local environment = places.environment(input, id_of)
    return environment and ("%s/deployment/%s"):format(environment, input.DeploymentNumber or "*")
end

local function on(...)
    local wanted = { ... }
    return function(input, home)
        local found = {}
        for _, place in ipairs(wanted) do
            local resource = place(input, id_of)
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
        GetApplication = on(places.application),
        ListEnvironments = on(places.application),
        ListConfigurationProfiles = on(places.application),
        GetEnvironment = on(places.application, places.environment),
        UpdateEnvironment = on(places.application, places.environment),
        GetConfigurationProfile = on(places.application, places.profile),
        ListHostedConfigurationVersions = on(places.application, places.profile),
        CreateHostedConfigurationVersion = on(places.application, places.profile),
        GetHostedConfigurationVersion = on(places.application, places.profile, version),
        ValidateConfiguration = on(places.application, places.profile, version),
        GetDeploymentStrategy = on(places.strategy),
        ListDeployments = on(places.application, places.environment),
        GetDeployment = on(places.application, places.environment, deployment),
        StopDeployment = on(places.application, places.environment, deployment),
        StartDeployment = on(places.application, places.environment, places.profile,
            places.strategy, deployment),
    },
}
