-- What a rehearsal learns of AppConfig. Applications, environments and profiles are kept by the
-- name or id that they are called by, as AWS may never show the other one. What is made in the
-- rehearsal comes after what was learned.

local array = require "canonical".array
local learned = require "simulation.learned"
local simulated = require "services.appconfig.simulated.operations"
local store = require "services.appconfig.simulated.store"
local tables = require "simulation.tables"

local M = {}

local function called(id)
    return { Id = id, Name = id }
end

local function add_application(part, input)
    return learned.add(part, "applications", input.ApplicationId, called(input.ApplicationId))
end

local function add_environment(part, input, shown)
    local app, id = input.ApplicationId, input.EnvironmentId
    local environment = tables.over(shown or { Monitors = array {} },
        { Id = id, Name = shown and shown.Name or id, ApplicationId = app })
    return learned.add(add_application(part, input), "environments", app .. "/" .. id, environment)
end

local learn = {}

function learn.get_environment(part, input, output)
    local place = input.ApplicationId .. "/" .. input.EnvironmentId
    if output and part.environments[place] and not learned.is_changed(part, "environments", place)
    then -- until now only its name was known
        part = tables.with(part, "environments", tables.with(part.environments, place, nil))
    end
    return add_environment(part, input, output)
end

local function add_profile(part, input, profile)
    local app = input.ApplicationId
    local key = ("%s/%s"):format(app, input.ConfigurationProfileId)
    part = add_application(part, input)
    return tables.with(part, "profiles", tables.with(part.profiles, key,
        tables.with(profile, "ApplicationId", app)))
end

function learn.get_configuration_profile(part, input, output)
    local id = input.ConfigurationProfileId
    return add_profile(part, input, output
        or { Id = id, Name = id, LocationUri = "hosted", Type = "AWS.Freeform" })
end

local at_rest = { COMPLETE = true, ROLLED_BACK = true, REVERTED = true }

-- A deployment of AWS's as the pretend account keeps one: over, or as it goes on by itself.
local function deployment_of(item)
    local over = at_rest[item.State]
    return {
        number = item.DeploymentNumber,
        profile = item.ConfigurationProfileId or item.ConfigurationName or "",
        version = item.ConfigurationVersion,
        started = over and 0 or item.StartedAt or 0,
        strategy = {
            DeploymentDurationInMinutes = over and 0 or item.DeploymentDurationInMinutes or 0,
            FinalBakeTimeInMinutes = over and 0 or item.FinalBakeTimeInMinutes or 0,
            GrowthType = item.GrowthType or "LINEAR",
            GrowthFactor = item.GrowthFactor or 100.0,
        },
    }
end

local function newest(items, number)
    local found
    for _, item in ipairs(items or {}) do
        found = (not found or item[number] > found[number]) and item or found
    end
    return found
end

function learn.list_deployments(part, input, output)
    part = add_environment(part, input)
    local last = newest(output and output.Items, "DeploymentNumber")
    return learned.add(part, "deployments", input.ApplicationId .. "/" .. input.EnvironmentId,
        { last and deployment_of(last) })
end

local function profile_key(part, input)
    local found, key = store.profile(part, input)
    return found and key
end

function learn.list_hosted_configuration_versions(part, input, output)
    local id, items = input.ConfigurationProfileId, output and output.Items or {}
    local list = table.move(items, 1, #items, 1, {})
    table.sort(list, function(a, b) return a.VersionNumber < b.VersionNumber end)
    if not store.profile(part, input) then -- until it is asked for, only its name is known
        part = add_profile(part, input, { Id = id, Name = id, assumed = true })
    end
    return learned.add(part, "versions", profile_key(part, input), list)
end

local function add_strategy(part, strategy)
    return learned.add(part, "strategies", strategy.Id, strategy)
end

function learn.get_deployment_strategy(part, input, output)
    local id = input.DeploymentStrategyId
    return add_strategy(part, output or { Id = id, Name = id, DeploymentDurationInMinutes = 0,
        FinalBakeTimeInMinutes = 0, GrowthType = "LINEAR", GrowthFactor = 100.0 })
end

function learn.list_deployment_strategies(part, _, output)
    for _, strategy in ipairs(output and output.Items or {}) do
        part = add_strategy(part, strategy)
    end
    return part
end

M.learn = learned.by_verb(learn)

-- Whether one of a list was added to what was learned.
local function is_made(part, kind, key, member, number)
    local before = key and part.learned[kind .. " " .. key]
    for i = before and #before + 1 or 1, before and #part[kind][key] or 0 do
        if part[kind][key][i][member] == number then
            return true
        end
    end
    return false
end

local function made_version(part, input, number)
    return is_made(part, "versions", profile_key(part, input), "VersionNumber", number)
end

local ours = {
    get_environment = function(part, input)
        return learned.is_changed(part, "environments",
            input.ApplicationId .. "/" .. input.EnvironmentId)
    end,
    get_deployment = function(part, input)
        return is_made(part, "deployments", input.ApplicationId .. "/" .. input.EnvironmentId,
            "number", input.DeploymentNumber)
    end,
    get_hosted_configuration_version = function(part, input)
        return made_version(part, input, input.VersionNumber)
    end,
    validate_configuration = function(part, input)
        return made_version(part, input, math.tointeger(tonumber(input.ConfigurationVersion)))
    end,
    get_deployment_strategy = function(part, input)
        return learned.is_changed(part, "strategies", input.DeploymentStrategyId)
    end,
}

function M.ours(part, operation, input)
    local asked = ours[learned.verb_of(operation)]
    return asked ~= nil and asked(part, input)
end

local function request(verb, input, ...)
    local named = {}
    for _, name in ipairs { ... } do
        named[name] = input[name]
    end
    return { operation = "appconfig." .. verb, input = named }
end

local needs = {}

function needs.create_hosted_configuration_version(part, input)
    local list, profile, key = {}, store.profile(part, input)
    if not profile or profile.assumed then
        list[1] = request("get_configuration_profile", input, "ApplicationId",
            "ConfigurationProfileId")
    end
    if not profile or not part.versions[key] then
        list[#list + 1] = request("list_hosted_configuration_versions", input, "ApplicationId",
            "ConfigurationProfileId")
    end
    return list
end

function needs.start_deployment(part, input)
    local list = needs.create_hosted_configuration_version(part, input)
    if not store.strategy(part, input.DeploymentStrategyId) then
        list[#list + 1] = request("get_deployment_strategy", input, "DeploymentStrategyId")
    end
    if not store.environment(part, input) then
        list[#list + 1] = request("get_environment", input, "ApplicationId", "EnvironmentId")
    end
    return list
end

function M.needs(part, operation, input)
    local list = needs[learned.verb_of(operation)]
    return list and list(part, input) or {}
end

-- Lists, with what was made in the rehearsal before the rest.

local function before_others(mine, output)
    local count = #mine
    return tables.with(output, "Items",
        array(table.move(output.Items, 1, #output.Items, count + 1, mine)))
end

-- What was added to a list that was learned.
local function made(part, kind, key)
    local before, list = part.learned[kind .. " " .. key], {}
    for i = before and #before + 1 or 1, before and #part[kind][key] or 0 do
        list[#list + 1] = part[kind][key][i]
    end
    return list
end

local function only_made(part, kind, key)
    return tables.with(part, kind, tables.with(part[kind], key, made(part, kind, key)))
end

local shown = {}

function shown.list_deployments(part, input, output, now)
    local place = input.ApplicationId .. "/" .. input.EnvironmentId
    local list = simulated.list_deployments(only_made(part, "deployments", place), {
        ApplicationId = input.ApplicationId, EnvironmentId = input.EnvironmentId }, now)
    return before_others(list.Items, output)
end

function shown.list_hosted_configuration_versions(part, input, output)
    local key = profile_key(part, input)
    if not key or not part.versions[key] then
        return output
    end
    local list = simulated.list_hosted_configuration_versions(only_made(part, "versions", key), {
        ApplicationId = input.ApplicationId,
        ConfigurationProfileId = input.ConfigurationProfileId })
    return before_others(list.Items, output)
end

function shown.list_deployment_strategies(part, _, output)
    local mine = {}
    for _, id in ipairs(tables.names(part.strategies)) do
        mine[#mine + 1] = learned.is_changed(part, "strategies", id) and part.strategies[id] or nil
    end
    return before_others(mine, output)
end

function M.shown(part, operation, input, output, now)
    local show = shown[learned.verb_of(operation)]
    return show and show(part, input, output, now) or output
end

return M
