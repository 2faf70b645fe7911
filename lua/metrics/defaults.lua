-- What CloudWatch has of the targets it knows, in the words of tidelock.lua, so that nothing need
-- be configured for them. Latencies are in milliseconds on every target.

local statistics = require "import.statistics"
local types = require "targets"

local M = {}

-- The definition of a metric of a type of target, or nil.
function M.find(kind, name)
    local of = types.type(kind)
    local percentile = name:match("^latency_(p[%d.]+)$")
    if of and of.latency and percentile and statistics.is_percentile(percentile) then
        return of.latency(percentile)
    elseif of and of.latency and name == "latency" then
        return of.latency("Average")
    end
    return of and of.metrics and of.metrics[name]
end

-- What there is for a type, in words; nil if nothing is.
function M.list(kind)
    local of = types.type(kind)
    if not of or not of.metrics then
        return nil
    end
    local names = of.latency and { "latency", "latency_p99" } or {}
    for name in pairs(of.metrics) do
        names[#names + 1] = name
    end
    table.sort(names)
    return table.concat(names, ", ")
end

return M
