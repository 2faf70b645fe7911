-- The parameters of the simulated account: none at first, since no target names one.

local M = {}

M.latency = { read = 40, write = 80 }
M.refused = "ValidationException" -- the code for input that does not fit

M.targets = {}

function M.begin(_, home)
    return { home = home, parameters = {} }
end

-- What the owner would miss if it changed: { what it is called = plain value }. A version's number
-- and time are new with every write.
function M.view(state)
    local view = {}
    for name, versions in pairs(state.parameters) do
        local last = versions[#versions]
        view["parameter " .. name] = {
            Type = last.Type,
            Value = last.Value,
            Description = last.Description,
            AllowedPattern = last.AllowedPattern,
            DataType = last.DataType,
            Tier = last.Tier,
            Policies = last.Policies,
        }
    end
    return view
end

return M
