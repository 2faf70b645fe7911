-- The points of what one word of the user's means: of one series, or of several that are added up,
-- as the requests of a service are those of its pods and of all status codes.

local count = require "import.count"
local invalid = require "import.invalid"
local points = require "import.points"
local sorted = require "sorted"
local times = require "import.times"

local M = {}

local SHOWN = 8 -- values of a label in a report

-- Only what was counted in a period adds up, and only what is the same thing: answers of two
-- queries lie in two files, under labels that may be equal.
function M.check(entry)
    local first = entry.list[1]
    for i = 2, #entry.list do
        local other = entry.list[i]
        local same = first.name and first.name == other.name
            or not first.name and first.file == other.file
        if entry.statistic ~= "sum" or not same then
            invalid("both %s and %s answer to \"%s\", and %s: add labels, or sum them in the query",
                first.shown, other.shown, entry.key,
                same and "only counts can be added up, not the " .. entry.statistic
                    or "they are not of one name")
        elseif other.seens or first.seens then
            invalid("both %s and %s answer to \"%s\", and counts that were revised later cannot be "
                .. "added up: add labels", first.shown, other.shown, entry.key)
        end
    end
end

-- The same entry with one of its series alone.
local function part_of(entry, series)
    local part = {}
    for name, value in pairs(entry) do
        part[name] = value
    end
    part.series = series
    return part
end

-- {label = {value...}} of the labels in which the series differ, in the order of the series.
local function differences(list)
    local values, seen = {}, {}
    for _, series in ipairs(list) do
        for name, value in pairs(series.labels or {}) do
            values[name], seen[name] = values[name] or {}, seen[name] or {}
            if not seen[name][value] then
                table.insert(values[name], value)
                seen[name][value] = true
            end
        end
    end
    for name, found in pairs(values) do
        values[name] = #found > 1 and found or nil
    end
    return values
end

-- "code 200, 404, 500; pod checkout-0, checkout-1 and 7 more"
local function told(list)
    local parts, values = {}, differences(list)
    for _, name in ipairs(sorted(values)) do
        local found = values[name]
        local shown = table.concat(found, ", ", 1, math.min(#found, SHOWN))
        parts[#parts + 1] = name .. " " .. shown
            .. (#found > SHOWN and string.format(" and %d more", #found - SHOWN) or "")
    end
    return table.concat(parts, "; ")
end

-- What was said of single series, once, and of how many of them.
local function gather(note, said, total)
    local order, times_said = {}, {}
    for _, text in ipairs(said) do
        if not times_said[text] then
            order[#order + 1] = text
        end
        times_said[text] = (times_said[text] or 0) + 1
    end
    for _, text in ipairs(order) do
        note("%s (in %d of %s)", text, times_said[text], count(total, "series"))
    end
end

local function read_parts(entry, options, said)
    local parts = {}
    for i, series in ipairs(entry.list) do
        local part = part_of(entry, series)
        part.points, part.period = points.read(part, options, function(format, ...)
            said[#said + 1] = string.format(format, ...)
        end)
        parts[i] = part
    end
    return parts
end

-- Series that began or ended within the time have one point, or none, and no period of their own.
local function common_period(entry, parts)
    local first
    for _, part in ipairs(parts) do
        if part.period and first and part.period ~= first.period then
            invalid("\"%s\" means %s with a period of %s, and %s with one of %s", entry.key,
                first.series.shown, times.duration(first.period), part.series.shown,
                times.duration(part.period))
        end
        first = first or part.period and part
    end
    return first and first.period
end

local function add_up(parts)
    local by_time, sum = {}, {}
    for _, part in ipairs(parts) do
        for _, point in ipairs(part.period and part.points or {}) do
            local total = by_time[point.t]
            if not total then
                total = {t = point.t, v = 0, where = point.where, of = 0}
                by_time[point.t] = total
                sum[#sum + 1] = total
            end
            total.v, total.of = total.v + point.v, total.of + 1
        end
    end
    table.sort(sum, function(a, b)
        return a.t < b.t
    end)
    return sum
end

local function note_thin(sum, total, note)
    local thin = 0
    for _, point in ipairs(sum) do
        thin = thin + (point.of < total and 1 or 0)
    end
    if thin > 0 then
        note("%s had less than all %d series: those that were there are added up",
            count(thin, "period"), total)
    end
end

-- As points.read.
function M.read(entry, options, note)
    if #entry.list == 1 then
        return points.read(entry, options, note)
    end
    local said = {}
    local parts = read_parts(entry, options, said)
    local sum = add_up(parts)
    note("sum of %s: %s", count(#parts, "series"), told(entry.list))
    gather(note, said, #parts)
    note_thin(sum, #parts, note)
    entry.unit = parts[1].unit
    return sum, common_period(entry, parts)
end

-- What the recording keeps of what the source was asked.
function M.query(entry)
    if #entry.list == 1 then
        return entry.series.query
    end
    return {sum = entry.key}
end

return M
