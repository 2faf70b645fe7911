-- Where the things of AppConfig are below one another, as the paths of their ARNs say it. A thing
-- may be called by its name or by its id; `called` (optional) says what stands for it in the path.
--
--     places.environment({ ApplicationId = "abc1234", EnvironmentId = "def5678" })
--     -> "application/abc1234/environment/def5678"

local keys = require "aws.keys"

local M = {}

local function as_given(id)
    return id
end

-- Pairs of a kind and its id as a path; nil where one of the ids is not said.
local function path(called, ...)
    local parts = { ... }
    for i = 2, #parts, 2 do
        parts[i] = (called or as_given)(parts[i])
    end
    return table.concat(parts, "/")
end

function M.application(input, called)
    return input.ApplicationId and path(called, "application", input.ApplicationId)
end

function M.environment(input, called)
    return input.EnvironmentId and path(called, "application", input.ApplicationId, "environment",
        input.EnvironmentId)
end

function M.profile(input, called)
    return input.ConfigurationProfileId and path(called, "application", input.ApplicationId,
        "configurationprofile", input.ConfigurationProfileId)
end

-- The paths, as they are called, of what an input names that also has an id.
function M.named(input)
    local environment, profile = M.environment(input), M.profile(input)
    local list = { environment }
    list[#list + 1] = profile
    return list
end

-- The same paths by ids, as far as the home knows them (aws/names.lua).
function M.environment_by_id(input, home)
    return keys.known(home, "appconfig", M.environment(input))
end

function M.profile_by_id(input, home)
    return keys.known(home, "appconfig", M.profile(input))
end

-- What a profile's deployments lead to in an environment.
function M.configuration_by_id(input, home)
    return ("%s/configuration/%s"):format(M.environment_by_id(input, home),
        M.profile_by_id(input, home):match("[^/]+$"))
end

function M.strategy(input)
    return input.DeploymentStrategyId and "deploymentstrategy/" .. input.DeploymentStrategyId
end

return M
