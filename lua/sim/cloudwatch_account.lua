-- The alarms of the simulated account: none at first, since no target names one.

local M = {}

M.latency = { read = 60, write = 90 }
M.refused = "ValidationError" -- the code for input that does not fit

M.targets = {}

function M.begin(_, home)
    return { home = home, metric = {}, composite = {} }
end

-- What changes whenever an alarm is written to.
local times = { "AlarmConfigurationUpdatedTimestamp", "StateUpdatedTimestamp",
    "StateTransitionedTimestamp" }

-- Without times and without what is as good as absent.
local function essence(alarm)
    local shown = {}
    for member, value in pairs(alarm) do
        if value ~= "" and not (type(value) == "table" and next(value) == nil) then
            shown[member] = value
        end
    end
    for _, member in ipairs(times) do
        shown[member] = nil
    end
    if shown.TreatMissingData == "missing" then
        shown.TreatMissingData = nil
    end
    return shown
end

-- What the owner would miss if it changed: { what it is called = plain value }.
function M.view(state)
    local view = {}
    for _, kind in ipairs { "metric", "composite" } do
        for _, alarm in pairs(state[kind]) do
            view["alarm " .. alarm.AlarmName] = essence(alarm)
        end
    end
    return view
end

return M
