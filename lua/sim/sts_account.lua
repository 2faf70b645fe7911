-- The Security Token Service of the simulated account: nothing in it changes.

local M = {}

M.latency = { read = 60, write = 60 }
M.refused = "ValidationError" -- the code for input that does not fit

M.targets = {}

function M.begin(_, home)
    return { home = home }
end

function M.view()
    return {}
end

return M
