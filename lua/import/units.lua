-- Units of what is imported. Times become milliseconds, which is what latencies are everywhere;
-- what happens per second becomes what happened in a period; all others keep their name.

local M = {}

local TIMES = {
    ns = 1e-6, us = 1e-3, ["µs"] = 1e-3, ["μs"] = 1e-3, ms = 1, s = 1000, sec = 1000,
    min = 60000, mins = 60000, h = 3600000, hour = 3600000, hours = 3600000,
    nanoseconds = 1e-6, microseconds = 1e-3, milliseconds = 1, seconds = 1000, minutes = 60000,
}

local PER_SECOND = {
    ["req/s"] = true, reqps = true, rps = true, ["ops/s"] = true, ops = true, ["/s"] = true,
    ["c/s"] = true, ["count/s"] = true, ["count/second"] = true, ["errors/s"] = true,
    ["rd/s"] = true, ["wr/s"] = true,
}

-- What stands before or without a unit where a tool writes large numbers short.
local THOUSANDS = {K = 1e3, k = 1e3, Mil = 1e6, M = 1e6, Bil = 1e9, B = 1e9}

local OTHERS = {["%"] = true}

-- How many milliseconds it is; nil if it is no unit of time.
function M.milliseconds(unit)
    return TIMES[unit] or TIMES[unit:lower()]
end

function M.is_per_second(unit)
    return PER_SECOND[unit:lower()] == true
end

-- What stands behind a number in a cell: the factor that makes it plain, and its unit ("ms" for any
-- time, nil for none). Nil for what is no unit that is known.
function M.of_cell(text)
    local factor, unit = 1, text
    local first, rest = text:match("^(%a+)%s*(.*)$")
    if THOUSANDS[first] and not M.milliseconds(text) and not M.is_per_second(text) then
        factor, unit = THOUSANDS[first], rest
    end
    if unit == "" then
        return factor, nil
    elseif M.milliseconds(unit) then
        return factor * M.milliseconds(unit), "ms"
    elseif M.is_per_second(unit) then
        return factor, "/s"
    end
    return OTHERS[unit] and factor, unit
end

-- Metrics of AWS whose unit an answer does not always tell.
local OF_AWS = {TargetResponseTime = "Seconds", Duration = "Milliseconds", Latency = "Seconds"}

function M.of_aws(namespace, metric)
    local known = namespace and namespace:find("^AWS/") and metric
    return known and OF_AWS[known] or nil
end

-- By the rule that Prometheus's metrics are named after their unit.
function M.of_prometheus(name)
    local unit = name and name:gsub("_total$", ""):match("_(%a+)$")
    return unit and M.milliseconds(unit) and unit or nil
end

return M
