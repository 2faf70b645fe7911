-- Lambda in the simulated account: what it is like at first, and what its owner would call changed.

local lambda = require "services.lambda.simulated.operations"

local M = {}

M.operations = lambda
M.latency = { read = 40, write = 90 }
M.refused = "ValidationException" -- the code for input that does not fit

-- A part of the account without any function.
function M.begin(home)
    return { home = home, functions = {}, traffic = {}, writes = 0 }
end

-- What the owner would miss if it changed: { what it is called = plain value }. A RevisionId is new
-- after every write, and a weight of 0 carries nothing.
function M.view(state)
    local view = {}
    for arn, known in pairs(state.functions) do
        view[arn] = known.versions
        for alias_called, alias in pairs(known.aliases) do
            local weights = {}
            for other, weight in pairs(lambda.weights_of(alias)) do
                weights[other] = weight ~= 0 and weight or nil
            end
            view[arn .. ":" .. alias_called] = {
                FunctionVersion = alias.FunctionVersion,
                Description = alias.Description,
                AdditionalVersionWeights = weights,
            }
        end
    end
    return view
end

return M
