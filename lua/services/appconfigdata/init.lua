-- AWS AppConfig's data plane: what an application asks to have its configuration.

local arn = require "aws.arn"
local shape = require "aws.shape"

local identifier = shape.text { min = 1, max = 128 }

local operations = {}

operations["appconfigdata.start_configuration_session"] = {
    class = "read",
    action = "StartConfigurationSession",
    summary = "Begins a session; its token is for the first `get_latest_configuration`.",
    input = shape.structure({
        ApplicationIdentifier = identifier,
        EnvironmentIdentifier = identifier,
        ConfigurationProfileIdentifier = identifier,
        RequiredMinimumPollIntervalInSeconds = shape.integer(15, 86400),
    }, { needed = { "ApplicationIdentifier", "EnvironmentIdentifier",
        "ConfigurationProfileIdentifier" } }),
    identity = function(input, home)
        return arn.make(home, "appconfig", ("application/%s/environment/%s/configuration/%s")
            :format(input.ApplicationIdentifier, input.EnvironmentIdentifier,
                input.ConfigurationProfileIdentifier))
    end,
}

operations["appconfigdata.get_latest_configuration"] = {
    class = "read",
    action = "GetLatestConfiguration",
    summary = "Gives a session its configuration; an empty one where it has it already.",
    notes = {
        "A token is good for one call and for 24 hours; each answer holds the next one. After a "
            .. "lost answer a new session is needed.",
        "Feature flags come as their values, without their declarations.",
    },
    input = shape.structure({ ConfigurationToken = shape.text { min = 1, max = 8192 } },
        { needed = { "ConfigurationToken" } }),
}

return { title = "AWS AppConfig Data", iam = "appconfig", operations = operations }
