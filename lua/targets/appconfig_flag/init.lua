-- Percentages in feature flags of AWS AppConfig as targets.

local arn = require "aws.arn"
local keys = require "aws.keys"
local places = require "services.appconfig.places"

local M = {}

M.summary = "feature flag in AppConfig"
M.deploys = { "appconfig.start_deployment" }
M.resting = function(value, ask)
    return require "targets.appconfig_flag.resting"(value, ask)
end
M.stand_in = { "appconfig-flag:pretended/live/features/%s,attribute=percent", rank = 3 }
M.begins = { "flag_ramp", target = [[
    target = rollout.appconfig_flag {
        application = "NAME",
        environment = "live",
        profile = "features",
        flag = "NAME",
        attribute = "percent",
    },
]] }
M.arms = "the users who have it and those who do not"
M.ready = "A flag has nothing to wait for."
M.notes = [[
A flag has a percentage of its users: those who have it are the canary, the others the baseline.
`shift` waits until AppConfig has deployed it. How the flag must look, how it is taken back, and
how an application decides who has it: [flags.md](flags.md).]]

-- How AppConfig's operations name it.
local function input_of(value)
    return { ApplicationId = value.application, EnvironmentId = value.environment,
        ConfigurationProfileId = value.profile }
end

-- Whichever of its attributes and whatever strategy: one rollout for one flag.
function M.identity(value, home)
    local input = input_of(value)
    return arn.make(home, "appconfig", ("%s/configurationprofile/%s/flag/%s"):format(
        places.environment_by_id(input, home), places.profile_by_id(input, home):match("[^/]+$"),
        value.flag))
end

function M.unknown(value, home)
    return keys.unknown(home, "appconfig", places.named(input_of(value)))
end

-- What is deployed is the whole configuration.
function M.changes(value, home)
    return arn.make(home, "appconfig", places.configuration_by_id(input_of(value), home))
end

M.routes = {
    -- policy.lua says in the description what the version that it deploys is about.
    ["appconfig.start_deployment"] = function(input, value)
        local flag, attribute, share =
            (input.Description or ""):match("^tidelock: (%S+) (%S+) = (%S+)$")
        return flag == value.flag and attribute == value.attribute
            and input.ApplicationId == value.application
            and input.EnvironmentId == value.environment
            and input.ConfigurationProfileId == value.profile and tonumber(share) or nil
    end,
}

function M.about(value)
    return { {
        ApplicationId = value.application,
        EnvironmentId = value.environment,
        ConfigurationProfileId = value.profile,
        DeploymentStrategyId = value.strategy,
        ApplicationIdentifier = value.application,
        EnvironmentIdentifier = value.environment,
        ConfigurationProfileIdentifier = value.profile,
    } }
end

M.draws = {}

function M.series(value)
    return value.flag
end

M.metric_notes = [[
Which metrics speak of an arm of a flag depends on the application that asks for it: they are
configured.]]

return M
