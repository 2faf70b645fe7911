-- How a deployment is undone. What a change governs is the version of its profile that is in
-- effect in its environment, so a ramp of many deployments goes back in one step to the version
-- before the first of them.
--
-- Which call does that depends on what a fresh look shows. A deployment in progress is stopped. A
-- complete one is reverted where that leads to the captured version: AWS reverts for 72 hours, and
-- only by one. Otherwise the captured version is deployed anew, with the strategy of the rollout's
-- own deployments if that neither grows nor bakes. Where AppConfig is at work, one waits.

local M = {}

local REVERT_WINDOW = 72 * 60 * 60 * 1000
local WAIT = 2000 -- ms until the next look at a rollback that is on its way

-- What stands nobody in the way: the version of everybody, or of nobody any more.
local at_rest = { COMPLETE = true, ROLLED_BACK = true, REVERTED = true }
local in_effect = {
    COMPLETE = true, BAKING = true, DEPLOYING = true, VALIDATING = true, ROLLING_BACK = true,
}

local function newest_first(items)
    local list = {}
    for i, item in ipairs(items or list) do
        list[i] = item
    end
    table.sort(list, function(a, b) return a.DeploymentNumber > b.DeploymentNumber end)
    return list
end

-- Endpoints that do not tell the profiles of their deployments (there are such) can be believed
-- where all of an environment's deployments are of one.
local function only_one(items)
    for _, item in ipairs(items) do
        if item.ConfigurationProfileId or item.ConfigurationName ~= items[1].ConfigurationName then
            return false
        end
    end
    return true
end

-- The deployments of one profile that are in effect, or were until a later one: newest first. The
-- profile is called by its id or by its name.
function M.effective(items, profile)
    local all, list = newest_first(items), {}
    local one = only_one(all)
    for _, item in ipairs(all) do
        local ours = one or item.ConfigurationProfileId == profile
            or item.ConfigurationName == profile
        list[#list + 1] = ours and in_effect[item.State] and item or nil
    end
    return list
end

-- The number of the newest deployment, 0 where there is none.
function M.latest(items)
    local newest = newest_first(items)[1]
    return newest and newest.DeploymentNumber or 0
end

local function stop(input, number)
    return {
        operation = "appconfig.stop_deployment",
        input = {
            ApplicationId = input.ApplicationId,
            EnvironmentId = input.EnvironmentId,
            DeploymentNumber = number,
            AllowRevert = true,
        },
    }
end

-- Nothing to send yet: a harmless look, and after how long to look again.
local function wait(input, number)
    return {
        operation = "appconfig.get_deployment",
        input = {
            ApplicationId = input.ApplicationId,
            EnvironmentId = input.EnvironmentId,
            DeploymentNumber = number,
        },
        wait = WAIT,
    }
end

-- The request that undoes a start_deployment, as it is foretold, and in `otherwise` the one that
-- leads there from anywhere.
function M.inverse(input, before, observed)
    local undo = stop(input, M.latest(observed.Items) + 1)
    undo.otherwise = {
        operation = "appconfig.start_deployment",
        input = {
            ApplicationId = input.ApplicationId,
            EnvironmentId = input.EnvironmentId,
            ConfigurationProfileId = input.ConfigurationProfileId,
            ConfigurationVersion = before.ConfigurationVersion,
            DeploymentStrategyId = input.DeploymentStrategyId,
            Description = "tidelock: back to version " .. before.ConfigurationVersion,
        },
    }
    return undo
end

-- What leads back from anywhere, for a person who cannot know what a fresh look would show.
function M.by_hand(undo)
    return undo.otherwise
end

-- Whether a revert of the newest leads to the version, at `now` (nil: in time).
local function reverts_to(effective, version, now)
    local completed = effective[1].CompletedAt
    return effective[1].State == "COMPLETE" and effective[2] ~= nil
        and effective[2].ConfigurationVersion == version
        and not (now and completed and now - completed > REVERT_WINDOW)
end

-- The first deployment of the rollout, which came after the captured version, had its strategy.
local function is_instant(effective, version)
    local first
    for _, item in ipairs(effective) do
        if item.ConfigurationVersion == version then
            break
        end
        first = item
    end
    return first ~= nil and first.DeploymentDurationInMinutes == 0
        and first.FinalBakeTimeInMinutes == 0
end

-- What to send now. Somebody else's deployment in the environment is waited for, too: there can
-- be only one.
function M.guard(undo, output, now)
    local back = undo.otherwise.input
    local effective = M.effective(output.Items, back.ConfigurationProfileId)
    local newest = newest_first(output.Items)[1]
    local current = effective[1]
    if current.State == "ROLLING_BACK" then
        return wait(back, current.DeploymentNumber)
    elseif not at_rest[current.State] or reverts_to(effective, back.ConfigurationVersion, now) then
        return stop(back, current.DeploymentNumber)
    elseif not at_rest[newest.State] then
        return wait(back, newest.DeploymentNumber)
    end
    local input = { LatestDeploymentNumber = newest.DeploymentNumber }
    for name, value in next, back do
        input[name] = value
    end
    if not is_instant(effective, back.ConfigurationVersion) then
        input.DeploymentStrategyId = "AppConfig.AllAtOnce"
    end
    return { operation = undo.otherwise.operation, input = input }
end

return M
