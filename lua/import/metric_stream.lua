-- CloudWatch metric streams in their JSON form: one object per line and minute, as Firehose leaves
-- them in S3.

local json = require "import.json"
local sorted = require "sorted"
local statistics = require "import.statistics"
local times = require "import.times"

local M = {source = "cloudwatch metric stream"}

local PERIOD = 60000 -- streams have one-minute values only

local STATISTICS = {count = "sum", sum = "sum", min = "minimum", max = "maximum"}

-- Dimensions, account and region together tell metrics of one name apart.
local function labels_of(object, where)
    local labels = {}
    local dimensions = json.optional(object.dimensions) or {}
    for name, value in pairs(json.object(dimensions, where .. ".dimensions")) do
        labels[name] = json.text(value, where .. ".dimensions." .. name)
    end
    labels.account_id = json.optional(object.account_id)
    labels.region = json.optional(object.region)
    return labels
end

local function identity(object, labels, statistic)
    local parts = {}
    for name, value in pairs(labels) do
        parts[#parts + 1] = name .. "\0" .. tostring(value)
    end
    table.sort(parts)
    return table.concat({object.namespace, object.metric_name, statistic,
        table.concat(parts, "\0")}, "\1")
end

local function new_series(object, labels, statistic)
    local name = object.metric_name .. "." .. statistic
    return {
        keys = {name, object.namespace .. "/" .. name}, name = name, labels = labels,
        shown = object.namespace .. "/" .. name, period = PERIOD,
        statistic = STATISTICS[statistic] or statistics.of_cloudwatch(statistic),
        unit = statistic ~= "count" and not statistics.is_count(statistic)
            and json.optional(object.unit) or nil,
        query = {namespace = object.namespace, metric = object.metric_name,
            dimensions = next(labels) and labels, statistic = statistic},
        times = {}, values = {}, wheres = {},
    }
end

-- Statistics in a fixed order, so that what is listed in messages is the same every time.
local function sorted_statistics(values, where)
    return sorted(json.object(values, where .. ".value"))
end

local function add(state, object, labels, time, statistic, value, where)
    local key = identity(object, labels, statistic)
    local series = state.by_key[key]
    if not series then
        series = new_series(object, labels, statistic)
        state.by_key[key] = series
        state.found[#state.found + 1] = series
    end
    local n = #series.times + 1
    series.times[n] = time
    series.values[n] = value
    series.wheres[n] = where
end

local function read_object(state, object, where)
    json.object(object, where)
    json.text(object.namespace, where .. ".namespace")
    json.text(object.metric_name, where .. ".metric_name")
    if json.optional(object.unit) then
        json.text(object.unit, where .. ".unit")
    end
    local labels = labels_of(object, where)
    local time = times.parse(object.timestamp, where .. ".timestamp")
    for _, name in ipairs(sorted_statistics(object.value, where)) do
        local value = json.number(object.value[name], where .. ".value." .. name)
        add(state, object, labels, time, name, value, where .. ".value." .. name)
    end
    local count, sum = object.value.count, object.value.sum
    if count and sum and count > 0 then
        add(state, object, labels, time, "average", sum / count, where .. ".value")
    end
end

function M.read(options)
    local state = {found = {}, by_key = {}}
    for _, input in ipairs(options.inputs) do
        local number = 0
        for line in (input.text .. "\n"):gmatch("(.-)\r?\n") do
            number = number + 1
            local name = string.format("%s:%d", input.name, number)
            if line:find("%S") then
                for _, document in ipairs(json.documents(line, name)) do
                    read_object(state, document.value, name .. ": $")
                end
            end
        end
    end
    return state.found
end

return M
