-- Feature flags in the simulated account: how they are at first, and how their users are split.
--
-- At first every flag is on and its percentage is 0: version 1 of its profile, deployed long ago.

local array = require "canonical".array
local appconfig = require "services.appconfig.simulated.operations"
local growth = require "services.appconfig.simulated.growth"
local store = require "services.appconfig.simulated.store"
local tables = require "simulation.tables"

local M = { service = "appconfig" }

-- An application, environment or profile: called by name, it also has an id.
local function thing(called, parent)
    local id = called:find("^[%l%d]+$") and #called >= 4 and #called <= 7 and called
    return { Id = id or store.id((parent or "") .. "/" .. called), Name = called,
        ApplicationId = parent, Description = "" }
end

-- Adds a thing unless it is there; returns it and its key.
local function add(things, called, parent)
    local new = thing(called, parent)
    local key = parent and parent .. "/" .. new.Id or new.Id
    things[key] = things[key] or new
    return things[key], key
end

-- The first content of a profile: its flags with their attributes of 0.
local function content_of(flags)
    local declared, values = {}, {}
    for _, flag in ipairs(tables.names(flags)) do
        local attributes, numbers = {}, {}
        for i, attribute in ipairs(tables.names(flags[flag])) do
            attributes[i] = ('"%s":{"constraints":{"type":"number","minimum":0,"maximum":100}}')
                :format(attribute)
            numbers[i] = ('"%s":0'):format(attribute)
        end
        declared[#declared + 1] = ('"%s":{"name":"%s","attributes":{%s}}'):format(flag, flag,
            table.concat(attributes, ","))
        values[#values + 1] = ('"%s":{"enabled":true,%s}'):format(flag, table.concat(numbers, ","))
    end
    return ('{"version":"1","flags":{%s},"values":{%s}}'):format(table.concat(declared, ","),
        table.concat(values, ","))
end

-- Adds what a target names, and notes its flag and the environment it is deployed in.
local function add_target(state, one, noted)
    local application = add(state.applications, one.application)
    local environment, place = add(state.environments, one.environment, application.Id)
    local profile, key = add(state.profiles, one.profile, application.Id)
    environment.Monitors = array {}
    profile.LocationUri, profile.Type = "hosted", store.FLAGS
    local strategy = one.strategy
    if strategy and not store.predefined[strategy] then
        state.strategies[strategy] = {
            Id = strategy, Name = strategy, Description = "", DeploymentDurationInMinutes = 0,
            GrowthType = "LINEAR", GrowthFactor = 100.0, FinalBakeTimeInMinutes = 0,
            ReplicateTo = "NONE",
        }
    end
    local here = noted[key] or { flags = {}, places = {}, profile = profile }
    noted[key] = here
    here.flags[one.flag] = here.flags[one.flag] or {}
    here.flags[one.flag][one.attribute] = true
    here.places[place] = true
end

local function deploy_first(state, place, profile)
    local list = state.deployments[place] or {}
    state.deployments[place] = list
    list[#list + 1] = {
        number = #list + 1, profile = profile.Id, version = "1", started = 0, description = "",
        strategy = store.predefined["AppConfig.AllAtOnce"],
    }
end

-- Adds what targets name to a part of the account.
function M.begin(state, targets)
    local noted = {}
    for _, one in ipairs(targets) do
        add_target(state, one, noted)
    end
    for _, key in ipairs(tables.names(noted)) do
        local here = noted[key]
        state.versions[key] = { {
            ApplicationId = here.profile.ApplicationId,
            ConfigurationProfileId = here.profile.Id,
            VersionNumber = 1,
            Content = content_of(here.flags),
            ContentType = "application/json",
            Description = "",
        } }
        for _, place in ipairs(tables.names(here.places)) do
            deploy_first(state, place, here.profile)
        end
    end
end

-- Percent of a target's users on the canary, and until when; nil if there is no such target. The
-- clients have what was served a while ago.
function M.share(state, one, now)
    local input = { ApplicationId = one.application, EnvironmentId = one.environment,
        ConfigurationProfileId = one.profile }
    local environment, place = store.environment(state, input)
    local profile, key = store.profile(state, input)
    if not environment or not profile then
        return nil
    end
    local served, changes = growth.served(state.deployments[place], profile.Id,
        now - appconfig.PROPAGATION)
    local percent = 0
    for _, part in ipairs(served) do
        local version = store.version(state, key, part.version)
        percent = percent + part.part * store.percent(version.Content, one.flag, one.attribute)
    end
    return math.floor(percent * 1e4 + 0.5) / 1e4, changes and changes + appconfig.PROPAGATION
end

return M
