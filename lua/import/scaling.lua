-- The unit of a series, by what its cells, its source or the user says, and its values in the unit
-- that a recording has them in.

local invalid = require "import.invalid"
local mapping = require "import.mapping"
local statistics = require "import.statistics"
local units = require "import.units"

local M = {}

local function factor_of(entry, options)
    local text = mapping.value_for(options.scales, entry, "--scale")
    local factor = text and tonumber(text)
    if text and not (factor and factor > 0 and factor < math.huge) then
        invalid("--scale %s=%s: expected a factor, a number above 0", entry.metric, text)
    end
    return factor or 1
end

-- A time that a cell gives is in milliseconds by now.
local function unit_of(entry)
    local cell = entry.cells and entry.cells.unit
    local source, given = entry.series.unit, entry.given_unit
    local told = cell or source
    if given and told and units.milliseconds(given) ~= units.milliseconds(told) then
        invalid("--unit %s=%s: the unit is %s by what %s", entry.metric, given, told,
            cell and "stands at " .. entry.cells.where or "the source says")
    end
    return given or told, cell ~= nil
end

local function check(entry, unit, ms)
    if statistics.is_latency(entry.metric) and entry.statistic ~= "sum" and not ms then
        invalid("\"%s\" is %s, and nothing says in which unit%s: add --unit %s=s, or =ms",
            entry.key, entry.metric, unit and " of time, only " .. unit or "", entry.metric)
    elseif statistics.counts(entry.metric) and ms then
        invalid("\"%s\" cannot be %s: it is a time (%s), expected a count", entry.key,
            entry.metric, unit)
    end
end

-- Sets entry.unit and, for what happens per second, entry.rate; scales the points.
function M.apply(entry, points, options, note)
    local unit, done = unit_of(entry)
    local ms = unit and units.milliseconds(unit)
    check(entry, unit, ms)
    local factor = factor_of(entry, options) * (ms and not done and ms or 1)
    if unit and units.is_per_second(unit) and entry.statistic == "sum" then
        entry.rate, entry.unit = true, nil
        note("per second (%s): taken times its period", unit)
    else
        entry.unit = ms and "ms" or unit
    end
    if factor == 1 then
        return
    end
    note("multiplied by %.15g%s", factor, ms and " to milliseconds" or "")
    for _, point in ipairs(points) do
        point.v = type(point.v) == "number" and point.v * factor or point.v
    end
end

return M
