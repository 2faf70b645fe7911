-- AppConfig's data plane in the simulated account: sessions of clients, each of which has its
-- place among the users, so that a growing deployment reaches it once and for all. The state is
-- that of AppConfig (services/appconfig/simulated/store.lua).

local cjson = require "cjson"
local growth = require "services.appconfig.simulated.growth"
local store = require "services.appconfig.simulated.store"
local tables = require "simulation.tables"

local operations = {}

local over, with, refuse = tables.over, tables.with, tables.refuse

local TOKEN_LIFE = 24 * 60 * 60 * 1000
local POLL = 60 -- seconds between two looks, where a client does not say

local function bad(format, ...)
    return refuse("BadRequestException", format, ...)
end

local function new_token(state, session)
    local token = ("%s%s"):format(tables.digits("token" .. state.writes, 16),
        tables.digits(session.seed .. state.writes, 16))
    return token, over(state, {
        sessions = with(state.sessions, token, session),
        writes = state.writes + 1,
    })
end

function operations.start_configuration_session(state, input, now)
    local named = {
        ApplicationId = input.ApplicationIdentifier,
        EnvironmentId = input.EnvironmentIdentifier,
        ConfigurationProfileId = input.ConfigurationProfileIdentifier,
    }
    local environment, place = store.environment(state, named)
    local profile, key = store.profile(state, named)
    if not environment or not profile then
        return nil, not environment and place or key
    end
    local token, after = new_token(state, {
        place = place, key = key, profile = profile.Id, issued = now,
        seed = ("session %d"):format(state.writes),
        poll = input.RequiredMinimumPollIntervalInSeconds or POLL,
    })
    return { InitialConfigurationToken = token }, after
end

-- An object as JSON with its names sorted, so that the same values are the same text.
local function encode(object, encode_member)
    local parts = {}
    for i, name in ipairs(tables.names(object)) do
        parts[i] = cjson.encode(name) .. ":" .. encode_member(object[name])
    end
    return "{" .. table.concat(parts, ",") .. "}"
end

-- An attribute is a text, a number, a boolean or a list of them.
local function encode_attribute(value)
    return value ~= cjson.null and type(value) == "table" and next(value) == nil and "[]"
        or cjson.encode(value)
end

-- A flag that is off has no attributes.
local function encode_flag(flag)
    return encode(flag.enabled == true and flag or { enabled = false }, encode_attribute)
end

-- Flags are served as what applications need of them: their values.
local function served_content(profile, version)
    if profile.Type ~= store.FLAGS then
        return version.Content
    end
    return encode(store.json(version.Content).values, encode_flag)
end

-- The version for a client at this place among the users (0 to 1).
local function version_at(served, place)
    local from = 0
    for _, part in ipairs(served) do
        from = from + part.part
        if place < from then
            return part.version
        end
    end
end

function operations.get_latest_configuration(state, input, now)
    local session = state.sessions[input.ConfigurationToken]
    if not session or now - session.issued > TOKEN_LIFE then
        return bad("the ConfigurationToken is not valid: it was used before, or is too old")
    end
    local served = growth.served(state.deployments[session.place], session.profile, now)
    local place = tonumber(tables.digits(session.seed, 16):sub(-8), 16) / 0x100000000
    local number = version_at(served, place)
    local version = number and store.version(state, session.key, number)
    local token, after = new_token(
        with(state, "sessions", with(state.sessions, input.ConfigurationToken, nil)),
        over(session, { has = number, issued = now }))
    local news = version and number ~= session.has
    return {
        NextPollConfigurationToken = token,
        NextPollIntervalInSeconds = session.poll,
        ContentType = version and version.ContentType or "application/octet-stream",
        Configuration = news and served_content(state.profiles[session.key], version) or "",
        VersionLabel = version and version.VersionLabel,
    }, after
end

local M = { operations = operations }

M.latency = { read = 20, write = 20 }
M.refused = "BadRequestException" -- the code for input that does not fit

M.state_of = "appconfig" -- the service whose part of the state it is

function M.begin()
    return {}
end

function M.view()
    return {}
end

return M
