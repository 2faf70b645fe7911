-- Step Functions in the simulated account: what it is like at first, and what its owner would call
-- changed.

local operations = require "services.states.simulated.operations"

local M = {}

M.operations = operations
M.latency = { read = 50, write = 100 }
M.refused = "ValidationException" -- the code for input that does not fit

-- A part of the account without any state machine.
function M.begin(home)
    return { home = home, machines = {}, aliases = {}, traffic = {} }
end

-- What the owner would miss if it changed: { what it is called = plain value }. A weight of 0
-- carries nothing.
function M.view(state)
    local view = {}
    for arn, machine in pairs(state.machines) do
        view[arn] = machine.versions
    end
    for arn, alias in pairs(state.aliases) do
        local weights = {}
        for _, item in ipairs(alias.routingConfiguration) do
            weights[item.stateMachineVersionArn] = item.weight ~= 0 and item.weight or nil
        end
        view[arn] = { description = alias.description, weights = weights }
    end
    return view
end

return M
