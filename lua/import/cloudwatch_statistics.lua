-- CloudWatch get-metric-statistics: one metric per file, its datapoints in no order.

local invalid = require "import.invalid"
local json = require "import.json"
local sorted = require "sorted"
local statistics = require "import.statistics"
local times = require "import.times"

local M = {source = "cloudwatch get-metric-statistics"}

local SIMPLE = {"Average", "Maximum", "Minimum", "SampleCount", "Sum"}

-- The request, if it was kept (--cli-input-json): what the answer does not say.
local function read_request(text)
    if not text then
        return {}
    end
    local request = json.object(json.decode(text, "the queries"), "the queries: $")
    local period = json.optional(request.Period)
    return {
        period = period and times.check_period(
            json.number(period, "the queries: $.Period") * 1000, "the queries: $.Period"),
        shown = json.plain({
            namespace = request.Namespace, metric = request.MetricName,
            dimensions = request.Dimensions,
        }),
    }
end

-- All statistics that one datapoint has, as {name = value}.
local function values_of(point, where)
    local values = {}
    for _, name in ipairs(SIMPLE) do
        if json.optional(point[name]) then
            values[name] = json.number(point[name], where .. "." .. name)
        end
    end
    local extended = json.optional(point.ExtendedStatistics) or {}
    for name, value in pairs(json.object(extended, where .. ".ExtendedStatistics")) do
        values[name] = json.number(value, where .. ".ExtendedStatistics." .. name)
    end
    return values
end

local function new_series(input, label, name, request)
    return {
        keys = {label .. "." .. name, input.stem .. "." .. name}, shown = label .. "." .. name,
        counts = statistics.is_count(name), label = label, stem = input.stem,
        statistic = statistics.of_cloudwatch(name),
        period = request.period, query = next(request.shown or {}) and request.shown,
        times = {}, values = {}, wheres = {},
    }
end

local function add(series, at, value, point, where)
    local unit = json.optional(point.Unit) and json.text(point.Unit, where .. ": its Unit")
    if series.unit and unit and series.unit ~= unit then
        invalid("%s: the unit is %s, it was %s before: ask for one unit", where, unit, series.unit)
    end
    series.unit = not series.counts and (series.unit or unit) or nil
    local n = #series.times + 1
    series.times[n], series.values[n], series.wheres[n] = at, value, where
end

local function read_file(input, request, found)
    local document = json.decode(input.text, input.name)
    local where = input.name .. ": $"
    json.object(document, where)
    if document.Datapoints == nil then
        invalid("%s: expected an answer of get-metric-statistics, with Datapoints", where)
    end
    local label = json.text(json.optional(document.Label) or input.stem, where .. ".Label")
    local by_name = {}
    for i, point in ipairs(json.array(document.Datapoints, where .. ".Datapoints")) do
        local at = string.format("%s.Datapoints[%d]", where, i - 1)
        json.object(point, at)
        local time = times.parse(point.Timestamp, at .. ".Timestamp")
        for name, value in pairs(values_of(point, at)) do
            by_name[name] = by_name[name] or new_series(input, label, name, request)
            add(by_name[name], time, value, point, at .. "." .. name)
        end
    end
    local names = sorted(by_name)
    for _, name in ipairs(names) do
        found[#found + 1] = by_name[name]
    end
    -- An answer with a single statistic, or with no datapoints, needs no ".Sum" behind its name.
    if #names == 0 then
        found[#found + 1] = new_series(input, label, "Sum", request)
        found[#found].statistic = nil
    end
    if #names <= 1 then
        local series = found[#found]
        series.keys = {label, input.stem, input.name, table.unpack(series.keys)}
    end
end

function M.read(options)
    local request = read_request(options.queries)
    local found = {}
    for _, input in ipairs(options.inputs) do
        local stem = input.name:match("([^/]+)$"):gsub("%.[^.]*$", "")
        read_file({name = input.name, text = input.text, stem = stem}, request, found)
    end
    return found
end

return M
