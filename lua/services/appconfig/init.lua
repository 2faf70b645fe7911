-- AWS AppConfig: what Tidelock asks of it, and how each change is undone.
--
-- Only one deployment at a time goes on in an environment; to start another is refused with 409.
-- Both writes of a rollout have compare-and-set: a hosted version names the one it was made from,
-- a deployment the latest one it knows. How a deployment is undone: undo.lua.

local arn = require "aws.arn"
local governed = require "aws.governed"
local keys = require "aws.keys"
local places = require "services.appconfig.places"
local shape = require "aws.shape"
local undo = require "services.appconfig.undo"

-- Clients that ask as often as they may have a change after fifteen seconds.
local SETTLE = 20000

local text, structure, integer = shape.text, shape.structure, shape.integer

local name = text { min = 1, max = 64 }
local profile_name = text { min = 1, max = 128 }
local description = text { max = 1024 }
local number = integer(1)
local token = text { min = 1, max = 2048 }
local page_size = integer(1, 50)

local function fits_strategy(value)
    local predefined = value:match("^AppConfig%.(%w+)$")
    if predefined then
        return #predefined >= 9 and #predefined <= 40
    end
    return #value >= 4 and #value <= 7 and value:find("^[%l%d]+$") ~= nil
end

local strategy = text {
    fits = fits_strategy,
    expects = 'the id of a strategy such as "abc1234" or "AppConfig.AllAtOnce"',
}

local label = text {
    min = 1,
    max = 64,
    pattern = "^[\32-\126]+$",
    fits = function(value) return value:find("%D") ~= nil end,
    expects = "a label of up to 64 ASCII characters, not only digits",
}

-- Headers carry no other characters.
local header_text = text {
    max = 1024,
    pattern = "^[\32-\126]*$",
    expects = "up to 1024 ASCII characters",
}

local minutes = integer(0, 1440)

-- The input of an operation: the members that are needed, each with its shape, and the others.
local function input(needed, others)
    local members, names = {}, {}
    for member, of in pairs(needed) do
        members[member], names[#names + 1] = of, member
    end
    for member, of in pairs(others or {}) do
        members[member] = of
    end
    table.sort(names)
    return structure(members, { needed = names })
end

local pages = { MaxResults = page_size, NextToken = token }

local operations = {}

-- The identity of what an input names. A read's has the names or ids that things are called by.
local function identity_of(place)
    return function(given, home)
        return arn.make(home, "appconfig", place(given, home))
    end
end

-- That of a change is by ids, whatever the input calls things by.
local function called_by(given, home)
    return keys.unknown(home, "appconfig", places.named(given))
end

local function read_identity_of(place)
    return identity_of(function(given) return place(given) end)
end

local function read(verb, action, summary, shaped, place)
    operations["appconfig." .. verb] = { class = "read", action = action, summary = summary,
        input = shaped, identity = place and read_identity_of(place) }
end

read("get_application", "GetApplication", "Shows an application.",
    input { ApplicationId = name }, places.application)

read("list_applications", "ListApplications", "Lists the applications.", input({}, pages))

read("get_environment", "GetEnvironment", "Shows an environment: its state and its monitors.",
    input { ApplicationId = name, EnvironmentId = name }, places.environment)

read("list_environments", "ListEnvironments", "Lists the environments of an application.",
    input({ ApplicationId = name }, pages), places.application)

read("get_configuration_profile", "GetConfigurationProfile",
    "Shows a configuration profile: where its configuration is, and of what type.",
    input { ApplicationId = name, ConfigurationProfileId = profile_name }, places.profile)

read("list_configuration_profiles", "ListConfigurationProfiles",
    "Lists the configuration profiles of an application.",
    input({ ApplicationId = name }, {
        MaxResults = page_size,
        NextToken = token,
        Type = text { pattern = "^[%w.-]+$", expects = 'a type such as "AWS.Freeform"' },
    }), places.application)

read("get_deployment_strategy", "GetDeploymentStrategy",
    "Shows a deployment strategy: how long it grows and bakes.",
    input { DeploymentStrategyId = strategy }, places.strategy)

read("list_deployment_strategies", "ListDeploymentStrategies", "Lists the deployment strategies.",
    input({}, pages))

read("get_hosted_configuration_version", "GetHostedConfigurationVersion",
    "Shows a version of a hosted configuration, with its content.",
    input { ApplicationId = name, ConfigurationProfileId = profile_name, VersionNumber = number },
    places.profile)

read("list_hosted_configuration_versions", "ListHostedConfigurationVersions",
    "Lists the versions of a hosted configuration, without their content.",
    input({ ApplicationId = name, ConfigurationProfileId = profile_name }, {
        MaxResults = page_size, NextToken = token, VersionLabel = text { min = 1, max = 64 },
    }), places.profile)

read("validate_configuration", "ValidateConfiguration",
    "Checks a version with the validators of its profile; refused where it does not pass.",
    input {
        ApplicationId = name,
        ConfigurationProfileId = profile_name,
        ConfigurationVersion = text { min = 1, max = 1024 },
    }, places.profile)

read("get_deployment", "GetDeployment", "Shows a deployment: its state, growth and events.",
    input { ApplicationId = name, EnvironmentId = name, DeploymentNumber = number },
    places.environment)

read("list_deployments", "ListDeployments", "Lists the deployments in an environment.",
    input({ ApplicationId = name, EnvironmentId = name }, pages), places.environment)

local function place_of(given)
    return ("%s/%s"):format(given.ApplicationId, given.EnvironmentId)
end

operations["appconfig.start_deployment"] = {
    class = "mutation",
    action = "StartDeployment",
    summary = "Deploys a version of a configuration in an environment.",
    undo = "`appconfig.stop_deployment` with `AllowRevert` where that leads to the version that "
        .. "was in effect, else `appconfig.start_deployment` of that version; what is in progress "
        .. "is stopped first",
    notes = {
        "One deployment goes on in an environment at a time; another is refused with 409.",
        "Give the LatestDeploymentNumber of what you read: it is refused if somebody was faster.",
        "A monitor of the environment rolls back by itself. That is what happened, and nothing to "
            .. "repair.",
        "AWS reverts a complete deployment for 72 hours. After that, and after several deployments "
            .. "in a rollout, the version from before is deployed anew: with the rollout's "
            .. "strategy if that neither grows nor bakes, else with AppConfig.AllAtOnce, which "
            .. "serves all at once but keeps the environment occupied for ten minutes.",
        "A profile that was never deployed in the environment has nothing to go back to: refused.",
    },
    input = input({
        ApplicationId = name,
        EnvironmentId = name,
        DeploymentStrategyId = strategy,
        ConfigurationProfileId = profile_name,
        ConfigurationVersion = text { min = 1, max = 1024 },
    }, {
        Description = description,
        LatestDeploymentNumber = integer(0),
        KmsKeyIdentifier = text { min = 1, max = 2048 },
        Tags = shape.map(text { min = 1, max = 128 }, text { max = 256 }, 50),
    }),
    settle = SETTLE,
    unknown = called_by,
    identity = identity_of(places.configuration_by_id),
    observe = function(given)
        return {
            operation = "appconfig.list_deployments",
            input = { ApplicationId = given.ApplicationId, EnvironmentId = given.EnvironmentId },
        }
    end,
    state = function(given, output)
        local current = undo.effective(output.Items, given.ConfigurationProfileId)[1]
        return { ConfigurationVersion = current and current.ConfigurationVersion or "" }
    end,
    shown = function(state)
        return { ConfigurationVersion = "version " .. state.ConfigurationVersion }
    end,
    after = function(given, before)
        if before.ConfigurationVersion == "" then
            return nil, ("nothing of %s was ever deployed in %s, so there would be nothing to go "
                .. "back to; deploy a first version by hand"):format(given.ConfigurationProfileId,
                place_of(given))
        end
        return { ConfigurationVersion = given.ConfigurationVersion }
    end,
    inverse = undo.inverse,
    guard = undo.guard,
    by_hand = undo.by_hand,
    steps = "AWS reverts to the deployment before",
}

operations["appconfig.stop_deployment"] = {
    class = "undo",
    action = "StopDeployment",
    summary = "Rolls back a deployment in progress, or reverts one that is complete.",
    input = input({ ApplicationId = name, EnvironmentId = name, DeploymentNumber = number },
        { AllowRevert = shape.flag }),
    identity = read_identity_of(places.environment),
}

-- The version after the one that the input was made from, "" where there is none.
local function next_version(given, output)
    for _, item in ipairs(output.Items or {}) do
        if item.VersionNumber == given.LatestVersionNumber + 1 then
            return item
        end
    end
    return { VersionNumber = 0 }
end

operations["appconfig.create_hosted_configuration_version"] = {
    class = "mutation",
    action = "CreateHostedConfigurationVersion",
    summary = "Adds a version to a hosted configuration.",
    undo = "nothing: a version never changes, does nothing until it is deployed, and its number is "
        .. "what the next one is made from, so it stays",
    stays = "a version does nothing until it is deployed",
    notes = {
        "LatestVersionNumber is the number of the version that this one was made from: refused "
            .. "with 409 if there is a later one by now.",
        "Give a VersionLabel: by it a version whose answer was lost is known for certain.",
    },
    input = input({
        ApplicationId = name,
        ConfigurationProfileId = profile_name,
        Content = text { min = 1, max = 4194304 },
        ContentType = text { min = 1, max = 255, pattern = "^[\32-\126]+$",
            expects = 'a content type such as "application/json"' },
        LatestVersionNumber = integer(0),
    }, { Description = header_text, VersionLabel = label }),
    settle = SETTLE,
    unknown = called_by,
    identity = identity_of(function(given, home)
        return ("%s/hostedconfigurationversion/%d"):format(places.profile_by_id(given, home),
            given.LatestVersionNumber + 1)
    end),
    observe = function(given)
        return {
            operation = "appconfig.list_hosted_configuration_versions",
            input = { ApplicationId = given.ApplicationId,
                ConfigurationProfileId = given.ConfigurationProfileId },
        }
    end,
    state = function(given, output)
        local found = next_version(given, output)
        return { VersionNumber = found.VersionNumber, VersionLabel = found.VersionLabel or "" }
    end,
    shown = function(state)
        local found, called = state.VersionNumber, state.VersionLabel
        return {
            VersionNumber = found == 0 and "no such version" or ("version %d"):format(found),
            VersionLabel = called == "" and "" or ("%q"):format(called),
        }
    end,
    after = function(given)
        return { VersionNumber = given.LatestVersionNumber + 1,
            VersionLabel = given.VersionLabel or "" }
    end,
    inverse = function() end,
}

local function strategy_called(called, output)
    for _, item in ipairs(output.Items or {}) do
        if item.Name == called then
            return item
        end
    end
end

operations["appconfig.create_deployment_strategy"] = {
    class = "mutation",
    action = "CreateDeploymentStrategy",
    summary = "Makes a deployment strategy.",
    undo = "nothing: a strategy does nothing by itself, and other rollouts may have come to use "
        .. "it, so it stays",
    stays = "a strategy does nothing by itself",
    notes = { "A second strategy of the same name is refused here, though not by AWS." },
    input = input({
        Name = name,
        DeploymentDurationInMinutes = minutes,
        GrowthFactor = shape.number(1, 100),
    }, {
        Description = description,
        FinalBakeTimeInMinutes = minutes,
        GrowthType = shape.choice { "LINEAR", "EXPONENTIAL" },
        ReplicateTo = shape.choice { "NONE", "SSM_DOCUMENT" },
        Tags = shape.map(text { min = 1, max = 128 }, text { max = 256 }, 50),
    }),
    settle = SETTLE,
    identity = identity_of(function(given) return "deploymentstrategy/" .. given.Name end),
    observe = function()
        return { operation = "appconfig.list_deployment_strategies", input = {} }
    end,
    state = function(given, output)
        return { there = strategy_called(given.Name, output) ~= nil }
    end,
    shown = function(state)
        return { there = state.there and "there" or "not there" }
    end,
    after = function(given, before)
        if before.there then
            return nil, ("there is a strategy %s already"):format(given.Name)
        end
        return { there = true }
    end,
    inverse = function() end,
}

local function monitors_of(output)
    local list = {}
    for i, monitor in ipairs(output.Monitors or list) do
        list[i] = { AlarmArn = monitor.AlarmArn, AlarmRoleArn = monitor.AlarmRoleArn }
    end
    return list
end

operations["appconfig.update_environment"] = {
    class = "mutation",
    action = "UpdateEnvironment",
    summary = "Changes an environment: its name, its description, the alarms that watch it.",
    undo = "`appconfig.update_environment` with what was changed of name, description and "
        .. "monitors, as it was captured",
    notes = { "What is not mentioned stays; Monitors are replaced whole." },
    input = input({ ApplicationId = name, EnvironmentId = name }, {
        Name = name,
        Description = description,
        Monitors = shape.list(structure({
            AlarmArn = text { min = 1, max = 2048 },
            AlarmRoleArn = text { min = 20, max = 2048 },
        }, { name = "Monitor", needed = { "AlarmArn" } }), 0, 5),
    }),
    settle = SETTLE,
    unknown = called_by,
    identity = identity_of(places.environment_by_id),
    observe = function(given)
        return {
            operation = "appconfig.get_environment",
            input = { ApplicationId = given.ApplicationId, EnvironmentId = given.EnvironmentId },
        }
    end,
    governs = governed.named { Name = { "Name" }, Description = { "Description" },
        Monitors = { "Monitors" } },
    state = function(_, output)
        return { Name = output.Name, Description = output.Description or "",
            Monitors = monitors_of(output) }
    end,
    after = function(given, before)
        return {
            Name = given.Name or before.Name,
            Description = given.Description or before.Description,
            Monitors = given.Monitors and monitors_of(given) or before.Monitors,
        }
    end,
    inverse = function(given, before)
        return {
            operation = "appconfig.update_environment",
            input = {
                ApplicationId = given.ApplicationId,
                EnvironmentId = given.EnvironmentId,
                Name = before.Name,
                Description = before.Description,
                Monitors = before.Monitors,
            },
        }
    end,
}

return { title = "AWS AppConfig", iam = "appconfig", operations = operations }
