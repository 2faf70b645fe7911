-- What the simulated AppConfig keeps, and how it is found. A state is a table that is never
-- changed:
--
--     home          { partition, region, account }
--     applications  Id -> application
--     environments  APPLICATION/ENVIRONMENT -> environment, without its state
--     profiles      APPLICATION/PROFILE -> configuration profile
--     versions      APPLICATION/PROFILE -> list of hosted configuration versions
--     deployments   APPLICATION/ENVIRONMENT -> list of deployments (growth.lua)
--     strategies    Id -> deployment strategy
--     sessions      token -> session of the data plane (services/appconfigdata)
--     writes        how many things got a new id

local cjson = require "cjson"
local tables = require "simulation.tables"

local M = {}

local refuse = tables.refuse

-- AWS's four strategies that everybody has.
M.predefined = {}

local function predefine(name, minutes, growth, factor, bake)
    local id = "AppConfig." .. name
    M.predefined[id] = {
        Id = id,
        Name = id,
        Description = "",
        DeploymentDurationInMinutes = minutes,
        GrowthType = growth,
        GrowthFactor = factor,
        FinalBakeTimeInMinutes = bake,
        ReplicateTo = "NONE",
    }
end

predefine("AllAtOnce", 0, "LINEAR", 100.0, 10)
predefine("Linear50PercentEvery30Seconds", 1, "LINEAR", 50.0, 1)
predefine("Canary10Percent20Minutes", 20, "EXPONENTIAL", 10.0, 10)
predefine("Linear20PercentEvery6Minutes", 30, "LINEAR", 20.0, 30)

M.FLAGS = "AWS.AppConfig.FeatureFlags"

-- An id as AWS makes them: seven letters and digits.
function M.id(text)
    return tables.digits(text, 7)
end

local function not_found(what, identifier)
    return refuse("ResourceNotFoundException", "%s %s could not be found.", what, identifier)
end

-- Things of one kind are called by their ids or by their names.
local function find(things, identifier, fits)
    for _, key in ipairs(tables.names(things)) do
        local thing = things[key]
        if (thing.Id == identifier or thing.Name == identifier) and (not fits or fits(thing)) then
            return thing, key
        end
    end
end

function M.application(state, input)
    local found = find(state.applications, input.ApplicationId)
    if not found then
        return not_found("Application", input.ApplicationId)
    end
    return found
end

local function part_of(state, input, things, identifier, what)
    local application, refusal = M.application(state, input)
    if not application then
        return nil, refusal
    end
    local found, key = find(things, identifier, function(thing)
        return thing.ApplicationId == application.Id
    end)
    if not found then
        return not_found(what, identifier)
    end
    return found, key
end

-- The environment and its key, or nil and why AWS refuses.
function M.environment(state, input)
    return part_of(state, input, state.environments, input.EnvironmentId, "Environment")
end

-- The configuration profile and its key, or nil and why AWS refuses.
function M.profile(state, input)
    return part_of(state, input, state.profiles, input.ConfigurationProfileId,
        "Configuration profile")
end

function M.strategy(state, id)
    local found = state.strategies[id] or M.predefined[id]
    if not found then
        return not_found("DeploymentStrategy with Id", id)
    end
    return found
end

-- A hosted version by its number as text, or nil.
function M.version(state, key, number)
    for _, version in ipairs(state.versions[key]) do
        if tostring(version.VersionNumber) == number then
            return version
        end
    end
end

-- The JSON of a text, or nil and what is wrong with it.
function M.json(text)
    local ok, value = pcall(cjson.decode, text)
    return ok and type(value) == "table" and value or nil, not ok and value or "no object"
end

-- Why a text is not the content of a feature-flag profile, or nil.
function M.wrong_flags(text)
    local content, why = M.json(text)
    if not content then
        return why
    elseif type(content.flags) ~= "table" or type(content.values) ~= "table" then
        return "flags and values must be objects"
    end
    for _, name in ipairs(tables.names(content.values)) do
        if content.flags[name] == nil then
            return ("the flag %s has values, but is not declared"):format(name)
        end
    end
end

-- Percent that a flag's attribute gives in a version's content; a flag that is off gives none.
function M.percent(text, flag, attribute)
    local content = M.json(text)
    local values = content and content.values and content.values[flag]
    local percent = values and values.enabled == true and values[attribute]
    return type(percent) == "number" and math.max(0, math.min(percent, 100)) or 0
end

-- One page of a list in its order, as AWS gives lists; `id` is the member that tells items apart.
function M.page(items, id, input)
    local page, at = {}, input.NextToken and 0 or 1
    for i, item in ipairs(items) do
        if tostring(item[id]) == input.NextToken then
            at = i
        end
    end
    if at == 0 then
        return refuse("BadRequestException", "Invalid NextToken: %s", input.NextToken)
    end
    local size = input.MaxResults or 50
    for i = at, math.min(#items, at + size - 1) do
        page[#page + 1] = items[i]
    end
    local following = items[at + size]
    return page, following and tostring(following[id])
end

return M
