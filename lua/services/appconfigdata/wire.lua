-- AWS AppConfig's data plane on the wire (API version 2021-11-11): a configuration is the body
-- itself. It is signed as AppConfig.

local kinds = require "aws.kinds"

local text, whole = kinds.text, kinds.whole

return {
    metadata = {
        serviceId = "AppConfigData",
        endpointPrefix = "appconfigdata",
        signingName = "appconfig",
        protocol = "rest-json",
        apiVersion = "2021-11-11",
    },
    operations = {
        StartConfigurationSession = {
            http = "POST /configurationsessions",
            output = kinds.structure { InitialConfigurationToken = text },
            always = { "InitialConfigurationToken" },
        },
        GetLatestConfiguration = {
            http = "GET /configuration",
            query = { ConfigurationToken = "configuration_token" },
            output = kinds.structure({
                NextPollConfigurationToken = text,
                NextPollIntervalInSeconds = whole,
                ContentType = text,
                Configuration = text,
                VersionLabel = text,
            }, {
                headers = {
                    NextPollConfigurationToken = "Next-Poll-Configuration-Token",
                    NextPollIntervalInSeconds = "Next-Poll-Interval-In-Seconds",
                    ContentType = "Content-Type",
                    VersionLabel = "Version-Label",
                },
                payload = "Configuration",
            }),
            always = { "NextPollConfigurationToken" },
        },
    },
}
