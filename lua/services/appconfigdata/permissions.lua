-- What the actions of AppConfig's data plane can be allowed on (lua/aws/permissions.lua): a
-- configuration, whose ARN has ids. A thing that is called by its name may be any.

local arn = require "aws.arn"

local function id_of(name)
    local is_id = type(name) == "string" and #name >= 4 and #name <= 7 and name:find("^[%l%d]+$")
    return is_id and name or "*"
end

local function of_configuration(input, home)
    return input.ApplicationIdentifier and { arn.make(home, "appconfig",
        ("application/%s/environment/%s/configuration/%s"):format(
            id_of(input.ApplicationIdentifier), id_of(input.EnvironmentIdentifier),
            id_of(input.ConfigurationProfileIdentifier))) } or {}
end

return {
    on = {
        StartConfigurationSession = of_configuration,
        GetLatestConfiguration = of_configuration,
    },
}
