-- AWS AppConfig in the simulated account: what each operation answers and changes. What a state
-- holds: store.lua; how a deployment goes on: growth.lua.
--
-- Every function here takes a state, the operation's input and the time, and returns the output
-- and the next state, or nil and why AWS refuses.

local array = require "canonical".array
local growth = require "services.appconfig.simulated.growth"
local store = require "services.appconfig.simulated.store"
local tables = require "simulation.tables"

local M = {}

local with, over, names, refuse = tables.with, tables.over, tables.names, tables.refuse

-- How long clients take to follow: those that ask as often as they may ask every fifteen seconds.
M.PROPAGATION = 15000

local REVERT_WINDOW = 72 * 60 * 60 * 1000

local function bad(format, ...)
    return refuse("BadRequestException", format, ...)
end

local function conflict(format, ...)
    return refuse("ConflictException", format, ...)
end

local function listed(state, items, id, input)
    local page, token = store.page(items, id, input)
    if not page then
        return nil, token
    end
    return { Items = array(page), NextToken = token }, state
end

-- Things in the order of their keys, those that fit.
local function sorted(things, fits)
    local list = {}
    for _, key in ipairs(names(things)) do
        list[#list + 1] = (not fits or fits(things[key])) and things[key] or nil
    end
    return list
end

local function of_application(id)
    return function(thing) return thing.ApplicationId == id end
end

-- Applications, environments, profiles

function M.get_application(state, input)
    local found, refusal = store.application(state, input)
    return found, found and state or refusal
end

function M.list_applications(state, input)
    return listed(state, sorted(state.applications), "Id", input)
end

-- Deployments are newest last; in a rehearsal they may be unknown.
local function latest_of(state, key)
    local list = state.deployments[key] or {}
    return list[#list]
end

local environment_states = {
    COMPLETE = "READY_FOR_DEPLOYMENT",
    ROLLING_BACK = "ROLLING_BACK",
    ROLLED_BACK = "ROLLED_BACK",
    REVERTED = "REVERTED",
}

local function shown_environment(state, key, now)
    local latest = latest_of(state, key)
    local called = latest and (environment_states[growth.state(latest, now)] or "DEPLOYING")
        or "READY_FOR_DEPLOYMENT"
    return with(state.environments[key], "State", called)
end

function M.get_environment(state, input, now)
    local found, key = store.environment(state, input)
    if not found then
        return nil, key
    end
    return shown_environment(state, key, now), state
end

function M.list_environments(state, input, now)
    local application, refusal = store.application(state, input)
    if not application then
        return nil, refusal
    end
    local list = {}
    for _, key in ipairs(names(state.environments)) do
        list[#list + 1] = state.environments[key].ApplicationId == application.Id
            and shown_environment(state, key, now) or nil
    end
    return listed(state, list, "Id", input)
end

-- What is not mentioned stays; a list is replaced whole.
function M.update_environment(state, input, now)
    local found, key = store.environment(state, input)
    if not found then
        return nil, key
    end
    local changed = over(found, { Name = input.Name, Description = input.Description })
    changed.Monitors = input.Monitors and array(input.Monitors) or found.Monitors
    local after = with(state, "environments", with(state.environments, key, changed))
    return shown_environment(after, key, now), after
end

function M.get_configuration_profile(state, input)
    local found, refusal = store.profile(state, input)
    return found, found and state or refusal
end

function M.list_configuration_profiles(state, input)
    local application, refusal = store.application(state, input)
    if not application then
        return nil, refusal
    end
    local here, list = of_application(application.Id), {}
    for i, profile in ipairs(sorted(state.profiles, function(profile)
        return here(profile) and (not input.Type or profile.Type == input.Type)
    end)) do
        list[i] = {
            ApplicationId = profile.ApplicationId, Id = profile.Id, Name = profile.Name,
            LocationUri = profile.LocationUri, Type = profile.Type, ValidatorTypes = array {},
        }
    end
    return listed(state, list, "Id", input)
end

-- Hosted configuration versions

function M.list_hosted_configuration_versions(state, input)
    local profile, key = store.profile(state, input)
    if not profile then
        return nil, key
    end
    local list, versions = {}, state.versions[key]
    for i = #versions, 1, -1 do
        local label = versions[i].VersionLabel
        list[#list + 1] = (not input.VersionLabel or label == input.VersionLabel)
            and with(versions[i], "Content", nil) or nil
    end
    return listed(state, list, "VersionNumber", input)
end

function M.get_hosted_configuration_version(state, input)
    local profile, key = store.profile(state, input)
    if not profile then
        return nil, key
    end
    local found = store.version(state, key, tostring(input.VersionNumber))
    if not found then
        return refuse("ResourceNotFoundException",
            "Hosted configuration version %d could not be found.", input.VersionNumber)
    end
    return found, state
end

local function wrong_version(profile, versions, input)
    local latest = #versions > 0 and versions[#versions].VersionNumber or 0
    if input.LatestVersionNumber and input.LatestVersionNumber ~= latest then
        return conflict("LatestVersionNumber is %d, not %d", latest, input.LatestVersionNumber)
    end
    for _, version in ipairs(versions) do
        if input.VersionLabel and version.VersionLabel == input.VersionLabel then
            return conflict("VersionLabel %s is taken", input.VersionLabel)
        end
    end
    local why = profile.Type == store.FLAGS and store.wrong_flags(input.Content)
    return not why or nil, why and select(2, bad("Invalid content: %s", why))
end

function M.create_hosted_configuration_version(state, input)
    local profile, key = store.profile(state, input)
    if not profile then
        return nil, key
    end
    local versions = state.versions[key]
    local fits, refusal = wrong_version(profile, versions, input)
    if not fits then
        return nil, refusal
    end
    local version = {
        ApplicationId = profile.ApplicationId,
        ConfigurationProfileId = profile.Id,
        VersionNumber = #versions > 0 and versions[#versions].VersionNumber + 1 or 1,
        Content = input.Content,
        ContentType = input.ContentType,
        Description = input.Description,
        VersionLabel = input.VersionLabel,
    }
    local list = with(versions, #versions + 1, version)
    return version, with(state, "versions", with(state.versions, key, list))
end

-- Answers nothing where the version may be deployed.
function M.validate_configuration(state, input)
    local profile, key = store.profile(state, input)
    if not profile then
        return nil, key
    end
    local version = store.version(state, key, input.ConfigurationVersion)
    if not version then
        return bad("there is no version %s", input.ConfigurationVersion)
    end
    local why = profile.Type == store.FLAGS and store.wrong_flags(version.Content)
    if why then
        return bad("Invalid content: %s", why)
    end
    return {}, state
end

-- Strategies

function M.get_deployment_strategy(state, input)
    local found, refusal = store.strategy(state, input.DeploymentStrategyId)
    return found, found and state or refusal
end

function M.list_deployment_strategies(state, input)
    return listed(state, sorted(over(store.predefined, state.strategies)), "Id", input)
end

function M.create_deployment_strategy(state, input)
    local id = store.id(("strategy %d %s"):format(state.writes, input.Name))
    local strategy = {
        Id = id,
        Name = input.Name,
        Description = input.Description,
        DeploymentDurationInMinutes = input.DeploymentDurationInMinutes,
        GrowthType = input.GrowthType or "LINEAR",
        GrowthFactor = input.GrowthFactor + 0.0,
        FinalBakeTimeInMinutes = input.FinalBakeTimeInMinutes or 0,
        ReplicateTo = input.ReplicateTo or "NONE",
    }
    return strategy, over(state, {
        strategies = with(state.strategies, id, strategy),
        writes = state.writes + 1,
    })
end

-- Deployments

local function summary(state, key, one, now)
    local environment = state.environments[key]
    local profile = state.profiles[environment.ApplicationId .. "/" .. one.profile]
    local called, percent = growth.state(one, now)
    return {
        DeploymentNumber = one.number,
        ConfigurationProfileId = one.profile,
        ConfigurationName = profile.Name,
        ConfigurationVersion = one.version,
        DeploymentDurationInMinutes = one.strategy.DeploymentDurationInMinutes,
        GrowthType = one.strategy.GrowthType,
        GrowthFactor = one.strategy.GrowthFactor,
        FinalBakeTimeInMinutes = one.strategy.FinalBakeTimeInMinutes,
        State = called,
        PercentageComplete = percent,
        StartedAt = one.started,
        CompletedAt = growth.completed(one, now),
        VersionLabel = one.label,
    }
end

local function whole(state, key, one, now)
    local environment = state.environments[key]
    return over(summary(state, key, one, now), {
        ApplicationId = environment.ApplicationId,
        EnvironmentId = environment.Id,
        DeploymentStrategyId = one.strategy.Id,
        ConfigurationLocationUri = "hosted",
        Description = one.description,
        EventLog = array(growth.events(one, now)),
    })
end

function M.list_deployments(state, input, now)
    local environment, key = store.environment(state, input)
    if not environment then
        return nil, key
    end
    local list, deployments = {}, state.deployments[key]
    for i = #deployments, 1, -1 do
        list[#list + 1] = summary(state, key, deployments[i], now)
    end
    return listed(state, list, "DeploymentNumber", input)
end

-- The deployment, its environment's key and its place in the list; or nil and why not.
local function find_deployment(state, input)
    local environment, key = store.environment(state, input)
    if not environment then
        return nil, key
    end
    for i, one in ipairs(state.deployments[key]) do
        if one.number == input.DeploymentNumber then
            return one, key, i
        end
    end
    return refuse("ResourceNotFoundException", "Deployment %d could not be found.",
        input.DeploymentNumber)
end

function M.get_deployment(state, input, now)
    local one, key = find_deployment(state, input)
    if not one then
        return nil, key
    end
    return whole(state, key, one, now), state
end

local over_and_done = { COMPLETE = true, ROLLED_BACK = true, REVERTED = true }

local function occupied(latest, input, now)
    local number = latest and latest.number or 0
    if latest and not over_and_done[growth.state(latest, now)] then
        return conflict("Deployment %d is in progress in this environment", number)
    elseif input.LatestDeploymentNumber and input.LatestDeploymentNumber ~= number then
        return conflict("The latest deployment is %d, not %d", number,
            input.LatestDeploymentNumber)
    end
    return true
end

function M.start_deployment(state, input, now)
    local environment, key = store.environment(state, input)
    local profile, profile_key = store.profile(state, input)
    local strategy, refusal = store.strategy(state, input.DeploymentStrategyId)
    if not environment or not profile or not strategy then
        return nil, not environment and key or not profile and profile_key or refusal
    end
    local version = store.version(state, profile_key, input.ConfigurationVersion)
    if not version then
        return refuse("ResourceNotFoundException", "Hosted configuration version %s could not be "
            .. "found.", input.ConfigurationVersion)
    end
    local latest = latest_of(state, key)
    local free, taken = occupied(latest, input, now)
    if not free then
        return nil, taken
    end
    local one = {
        number = latest and latest.number + 1 or 1,
        profile = profile.Id,
        version = input.ConfigurationVersion,
        label = version.VersionLabel,
        strategy = strategy,
        description = input.Description,
        started = now,
    }
    local list = with(state.deployments[key], #state.deployments[key] + 1, one)
    local after = with(state, "deployments", with(state.deployments, key, list))
    return whole(after, key, one, now), after
end

-- A deployment that is to be rolled back from `now` on, by a person or by a monitor.
function M.roll_back(state, key, index, by, now)
    local list = state.deployments[key]
    local stopped = with(list[index], "stopped", { at = now, by = by })
    return with(state, "deployments", with(state.deployments, key, with(list, index, stopped)))
end

-- In progress it is rolled back; when complete it is reverted, for 72 hours. Both need to be
-- allowed once it bakes.
function M.stop_deployment(state, input, now)
    local one, key, index = find_deployment(state, input)
    if not one then
        return nil, key
    end
    local called, completed = growth.state(one, now), growth.completed(one, now)
    local allowed = called == "DEPLOYING"
        or input.AllowRevert and (called == "BAKING" or called == "COMPLETE")
    if not allowed then
        return bad("Deployment %d is %s and cannot be stopped", one.number, called)
    elseif completed and now - completed > REVERT_WINDOW then
        return bad("Deployment %d was completed more than 72 hours ago", one.number)
    end
    local after = M.roll_back(state, key, index, "USER", now)
    return whole(after, key, after.deployments[key][index], now), after
end

return M
