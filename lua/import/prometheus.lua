-- Prometheus /api/v1/query_range, of raw counters best. The answer has the labels of each series,
-- not the query. A value at t speaks of the step that ends at t; recordings name periods by their
-- start.

local invalid = require "import.invalid"
local json = require "import.json"
local label_sets = require "import.labels"
local times = require "import.times"
local units = require "import.units"

local M = {source = "prometheus query_range"}

local function read_metric(metric, where)
    for name, value in pairs(json.object(metric, where)) do
        json.text(value, where .. "." .. name)
    end
    return metric
end

-- Always seconds here, to the millisecond.
local function read_time(seconds, where)
    if not times.is_seconds(json.number(seconds, where)) then
        invalid("%s: %s is no time, expected seconds since 1970", where, tostring(seconds))
    end
    return times.from_number(seconds)
end

local function read_values(series, values, where)
    local before = #series.times
    for i, pair in ipairs(json.array(values, where)) do
        local at, n = string.format("%s[%d]", where, i - 1), before + i
        if type(pair) ~= "table" or #pair ~= 2 then
            invalid("%s: expected [time, \"value\"], found %s", at, json.kind_of(pair))
        end
        series.times[n] = read_time(pair[1], at .. "[0]")
        series.values[n] = json.text(pair[2], at .. "[1]")
        series.wheres[n] = at
    end
end

-- What ends like this only ever grows (https://prometheus.io/docs/practices/naming/), and any
-- function would have taken the name away.
local function is_counter(name)
    local ending = name and name:match("_(%a+)$")
    return ending == "total" or ending == "count" or ending == "sum" or ending == "bucket"
end

local function new_series(labels, input, alone)
    local name, shown = labels.__name__, (labels.__name__ or "") .. label_sets.text(labels)
    return {
        keys = alone and {input.stem, input.name} or {}, name = name, labels = labels,
        file = input.name, stem = input.stem, counter = is_counter(name),
        unit = units.of_prometheus(name),
        -- What a query sums up has no labels: the file's name is all it goes by.
        shown = alone and shown == "{}" and input.stem or input.name .. " " .. shown,
        query = next(labels) and {labels = labels}, times_are_ends = true,
        times = {}, values = {}, wheres = {},
    }
end

-- Several files may have parts of one series, one file has each only once. What has no name is the
-- answer to a query, which may be another one in each file.
local function read_series(state, result, input, alone, where)
    json.object(result, where)
    local labels = read_metric(result.metric, where .. ".metric")
    if result.values == nil then
        invalid("%s: there are no \"values\": native histograms are not read, ask for "
            .. "histogram_quantile(...) or a sum", where)
    end
    local key = (labels.__name__ or input.name) .. label_sets.text(labels)
    local series = state.by_key[key]
    if not series or series.file == input.name then
        series = new_series(labels, input, alone)
        state.by_key[key] = series
        state.found[#state.found + 1] = series
    end
    read_values(series, result.values, where .. ".values")
end

local function check_answer(answer, where)
    json.object(answer, where)
    if answer.status == "error" then
        invalid("%s: Prometheus answered with an error: %s", where, tostring(answer.error))
    end
    local data = answer.data
    if answer.status ~= "success" or type(data) ~= "table" then
        invalid("%s: expected an answer of /api/v1/query_range, with status and data", where)
    end
    if data.resultType ~= "matrix" then
        invalid("%s.data.resultType: expected \"matrix\", found \"%s\": ask with query_range, not "
            .. "query", where, tostring(data.resultType))
    end
    return json.array(data.result, where .. ".data.result")
end

local function report_warnings(answer, where, report)
    for i, warning in ipairs(json.array(json.optional(answer.warnings) or {},
        where .. ".warnings")) do
        report[#report + 1] = string.format("%s.warnings[%d]: %s", where, i - 1, tostring(warning))
    end
end

local function read_file(state, file, report)
    local stem = file.name:match("([^/]+)$"):gsub("%.[^.]*$", "")
    local input = {name = file.name, stem = stem}
    local answer, where = json.decode(file.text, file.name), file.name .. ": $"
    local results = check_answer(answer, where)
    report_warnings(answer, where, report)
    for i, result in ipairs(results) do
        local at = string.format("%s.data.result[%d]", where, i - 1)
        read_series(state, result, input, #results == 1, at)
    end
    -- No series at all: a count that never was, such as errors of a healthy service.
    if #results == 0 then
        state.found[#state.found + 1] = {
            keys = {stem, input.name}, file = input.name, stem = stem,
            shown = input.name .. " (no series)", times_are_ends = true,
            times = {}, values = {}, wheres = {},
        }
    end
end

function M.read(options, report)
    local state = {found = {}, by_key = {}}
    for _, file in ipairs(options.inputs) do
        read_file(state, file, report)
    end
    return state.found
end

return M
