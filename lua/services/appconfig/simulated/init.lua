-- AppConfig in the simulated account: what it is like at first, and what its owner would call
-- changed.

local growth = require "services.appconfig.simulated.growth"
local appconfig = require "services.appconfig.simulated.operations"
local store = require "services.appconfig.simulated.store"
local tables = require "simulation.tables"

local M = {}

M.operations = appconfig
M.latency = { read = 40, write = 150 }
M.refused = "BadRequestException" -- the code for input that does not fit

-- A part of the account without any application.
function M.begin(home)
    return { home = home, applications = {}, environments = {}, profiles = {},
        versions = {}, deployments = {}, strategies = {}, sessions = {}, writes = 0 }
end

-- What the owner would miss if it changed: { what it is called = plain value }. That is what
-- clients are served once everything has come to rest; a version that is not deployed and a
-- strategy do nothing.
function M.view(state)
    local view = {}
    for _, place in ipairs(tables.names(state.environments)) do
        view["environment " .. place] = state.environments[place]
        for _, key in ipairs(tables.names(state.profiles)) do
            local profile = state.profiles[key]
            local served = growth.served(state.deployments[place], profile.Id, math.maxinteger)
            local version = served[1] and store.version(state, key, served[1].version)
            view[("%s in %s"):format(key, place)] = version and {
                version = version.VersionNumber, content = version.Content }
        end
    end
    return view
end

return M
