-- Histograms of Prometheus (series that a label `le` tells apart) as counts per threshold, which is
-- how a recording has latencies: how many requests took at most so many milliseconds, and how many
-- there were (docs/recordings.md).

local invalid = require "import.invalid"
local mapping = require "import.mapping"
local units = require "import.units"

local M = {}

-- {["0.25"] = {series...}}, or nil for what is no histogram.
local function by_threshold(list)
    local found, count = {}, 0
    for _, series in ipairs(list) do
        local le = (series.labels or {}).le
        if not le then
            return nil
        end
        count = count + (found[le] and 0 or 1)
        found[le] = found[le] or {}
        table.insert(found[le], series)
    end
    return count > 1 and found or nil
end

-- How many milliseconds the unit of the thresholds is.
local function unit_of(entry, options)
    local name = entry.series.name and entry.series.name:gsub("_bucket$", "")
    local unit = mapping.value_for(options.units, entry, "--unit") or units.of_prometheus(name)
    local ms = unit and units.milliseconds(unit)
    if not ms then
        invalid("\"%s\" is a histogram, and nothing says in which unit of time: add --unit %s=s, "
            .. "or =ms", entry.key, entry.metric)
    end
    return ms
end

local function part_of(entry, le, list, ms)
    local number = tonumber(le)
    if le ~= "+Inf" and not (number and number > 0 and number < math.huge) then
        invalid("%s: the label le is \"%s\", expected a time above 0", list[1].shown, le)
    end
    local tail = le == "+Inf" and "_count" or ("_within_%.15gms"):format(number * ms)
    return {
        series = list[1], list = list, metric = entry.metric .. tail, arm = entry.arm,
        target = entry.target, family = entry.metric, at_most = number or math.huge,
        key = le == "+Inf" and entry.key or entry.key .. " le=" .. le,
    }
end

-- "50, 100, 250 ms"
local function told(parts, ms)
    local list = {}
    for i = 1, #parts - 1 do
        list[i] = ("%.15g"):format(parts[i].at_most * ms)
    end
    return table.concat(list, ", ") .. " ms"
end

local function split(entry, thresholds, options)
    local parts, ms = {}, unit_of(entry, options)
    if not thresholds["+Inf"] then
        invalid("\"%s\" is a histogram without le=\"+Inf\": how many there were is not to be told",
            entry.key)
    elseif entry.metric:find("_p[%d.]+$") then
        invalid("\"%s\" is a histogram, and has counts: call it %s", entry.key,
            (entry.metric:gsub("_p[%d.]+$", "")))
    end
    for le, list in pairs(thresholds) do
        parts[#parts + 1] = part_of(entry, le, list, ms)
    end
    table.sort(parts, function(a, b)
        return a.at_most < b.at_most
    end)
    parts[#parts].note = "and how many were within " .. told(parts, ms)
    return parts
end

-- The entries of mapping.apply, with a histogram's in its place.
function M.split(mapped, options)
    local all = {}
    for _, entry in ipairs(mapped) do
        local thresholds = by_threshold(entry.list)
        for _, part in ipairs(thresholds and split(entry, thresholds, options) or {entry}) do
            all[#all + 1] = part
        end
    end
    return all
end

-- One line of a report is for a whole histogram: that of the count of all.
function M.is_told(entry)
    return entry.family == nil or entry.at_most == math.huge
end

return M
