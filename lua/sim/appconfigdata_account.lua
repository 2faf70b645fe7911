-- AppConfig's data plane has no state of its own: sim/appconfig_account.lua has it.

local M = {}

M.latency = { read = 20, write = 20 }
M.refused = "BadRequestException" -- the code for input that does not fit

M.state_of = "appconfig" -- the service whose part of the state it is

M.targets = {}

function M.begin()
    return {}
end

function M.view()
    return {}
end

return M
