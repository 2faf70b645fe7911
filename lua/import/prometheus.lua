-- Prometheus /api/v1/query_range. The answer has the labels of each series, not the query. A value
-- at t speaks of the step that ends at t; recordings name periods by their start.

local invalid = require "import.invalid"
local json = require "import.json"
local times = require "import.times"

local M = {source = "prometheus query_range"}

local function sorted_labels(labels)
    local parts = {}
    for name, value in pairs(labels) do
        if name ~= "__name__" then
            parts[#parts + 1] = string.format("%s=%q", name, value)
        end
    end
    table.sort(parts)
    return "{" .. table.concat(parts, ",") .. "}"
end

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
    for i, pair in ipairs(json.array(values, where)) do
        local at = string.format("%s[%d]", where, i - 1)
        if type(pair) ~= "table" or #pair ~= 2 then
            invalid("%s: expected [time, \"value\"], found %s", at, json.kind_of(pair))
        end
        series.times[i] = read_time(pair[1], at .. "[0]")
        series.values[i] = json.text(pair[2], at .. "[1]")
        series.wheres[i] = at
    end
end

local function read_series(result, input, alone, where)
    json.object(result, where)
    local labels = read_metric(result.metric, where .. ".metric")
    local shown = (labels.__name__ or "") .. sorted_labels(labels)
    if result.values == nil then
        invalid("%s: there are no \"values\": native histograms are not read, ask for "
            .. "histogram_quantile(...) or a sum", where)
    end
    local series = {
        keys = alone and {input.stem, input.name} or {}, name = labels.__name__, labels = labels,
        file = input.name, stem = input.stem,
        -- What a query sums up has no labels: the file's name is all it goes by.
        shown = alone and shown == "{}" and input.stem or input.name .. " " .. shown,
        query = next(labels) and {labels = labels}, times_are_ends = true,
        times = {}, values = {}, wheres = {},
    }
    read_values(series, result.values, where .. ".values")
    return series
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

function M.read(options, report)
    local found = {}
    for _, file in ipairs(options.inputs) do
        local stem = file.name:match("([^/]+)$"):gsub("%.[^.]*$", "")
        local input = {name = file.name, stem = stem}
        local answer, where = json.decode(file.text, file.name), file.name .. ": $"
        local results = check_answer(answer, where)
        report_warnings(answer, where, report)
        for i, result in ipairs(results) do
            local at = string.format("%s.data.result[%d]", where, i - 1)
            found[#found + 1] = read_series(result, input, #results == 1, at)
        end
        -- No series at all: a count that never was, such as errors of a healthy service.
        if #results == 0 then
            found[#found + 1] = {
                keys = {stem, input.name}, file = input.name, stem = stem,
                shown = input.name .. " (no series)", times_are_ends = true,
                times = {}, values = {}, wheres = {},
            }
        end
    end
    return found
end

return M
