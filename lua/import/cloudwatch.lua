-- CloudWatch get-metric-data, as `aws cloudwatch get-metric-data` prints it. The answer has neither
-- period nor statistic nor metric: those stand in the queries it was asked with.

local invalid = require "import.invalid"
local json = require "import.json"
local statistics = require "import.statistics"
local times = require "import.times"
local units = require "import.units"

local M = {source = "cloudwatch get-metric-data"}

local function dimensions_of(list, where)
    local dimensions = {}
    for i, dimension in ipairs(json.array(list, where)) do
        local at = string.format("%s[%d]", where, i - 1)
        json.object(dimension, at)
        dimensions[json.text(dimension.Name, at .. ".Name")] =
            json.text(dimension.Value, at .. ".Value")
    end
    return next(dimensions) and dimensions or nil
end

local function period_of(object, where)
    local seconds = json.number(object.Period, where .. ".Period")
    return times.check_period(seconds * 1000, where .. ".Period")
end

local function read_stat(query, stat, where)
    json.object(stat, where)
    local metric = json.object(stat.Metric, where .. ".Metric")
    query.period = period_of(stat, where)
    query.stat = json.text(stat.Stat, where .. ".Stat")
    query.unit = json.optional(stat.Unit) and json.text(stat.Unit, where .. ".Unit")
        or units.of_aws(metric.Namespace, metric.MetricName)
    query.unit = not statistics.is_count(query.stat) and query.unit or nil
    query.shown = {
        namespace = json.text(metric.Namespace, where .. ".Metric.Namespace"),
        metric = json.text(metric.MetricName, where .. ".Metric.MetricName"),
        dimensions = dimensions_of(json.optional(metric.Dimensions) or {},
            where .. ".Metric.Dimensions"),
        statistic = query.stat,
    }
end

local function read_query(entry, where)
    json.object(entry, where)
    local query = {shown = {}}
    if json.optional(entry.MetricStat) then
        read_stat(query, entry.MetricStat, where .. ".MetricStat")
    else
        query.shown.expression = json.text(entry.Expression, where .. ".Expression")
        query.period = json.optional(entry.Period) and period_of(entry, where)
    end
    return json.text(entry.Id, where .. ".Id"), query
end

-- The file given to --metric-data-queries, or to --cli-input-json: {id = query}.
local function read_queries(text)
    local queries = {}
    if not text then
        return queries
    end
    local list, where = json.decode(text, "the queries"), "the queries: $"
    if type(list) == "table" and list.MetricDataQueries then
        list, where = list.MetricDataQueries, "the queries: $.MetricDataQueries"
    end
    for i, entry in ipairs(json.array(list, where)) do
        local id, query = read_query(entry, string.format("%s[%d]", where, i - 1))
        queries[id] = query
    end
    return queries
end

local function new_series(id, label, query)
    return {
        keys = {id, label}, shown = id, query = query and query.shown,
        period = query and query.period, unit = query and query.unit,
        statistic = query and query.stat and statistics.of_cloudwatch(query.stat),
        times = {}, values = {}, wheres = {},
    }
end

local REFUSALS = {Forbidden = true, InternalError = true}

-- Only the last word counts: a page may say PartialData and the next one Complete.
local function note_status(series, status)
    series.refused = REFUSALS[status]
        and string.format("CloudWatch answered %s: what is missing would pass for zero", status)
        or nil
    series.partial = status == "PartialData"
end

local function append(series, result, where)
    local stamps = json.array(result.Timestamps, where .. ".Timestamps")
    local values = json.array(result.Values, where .. ".Values")
    if #stamps ~= #values then
        invalid("%s: %d Timestamps but %d Values", where, #stamps, #values)
    end
    for i, stamp in ipairs(stamps) do
        local n = #series.times + 1
        series.times[n] = times.parse(stamp, string.format("%s.Timestamps[%d]", where, i - 1))
        series.values[n] = json.number(values[i], string.format("%s.Values[%d]", where, i - 1))
        series.wheres[n] = string.format("%s.Values[%d]", where, i - 1)
    end
end

local function read_result(found, by_key, queries, result, where)
    json.object(result, where)
    local id = json.text(result.Id, where .. ".Id")
    local label = json.text(json.optional(result.Label) or id, where .. ".Label")
    -- A SEARCH answers with many series under one Id, told apart by their labels.
    local key = id .. "\0" .. label
    local series = by_key[key]
    if not series then
        series = new_series(id, label, queries[id])
        by_key[key] = series
        found[#found + 1] = series
    end
    append(series, result, where)
    note_status(series, json.optional(result.StatusCode) or "Complete")
end

local function report_messages(messages, where, report)
    for i, message in ipairs(json.array(json.optional(messages) or {}, where .. ".Messages")) do
        local at = string.format("%s.Messages[%d]", where, i - 1)
        json.object(message, at)
        report[#report + 1] = string.format("%s: %s: %s", at, tostring(message.Code),
            tostring(message.Value))
    end
end

local function pages_of(document, where)
    if type(document) == "table" and #document > 0 then
        local pages = {}
        for i, page in ipairs(document) do
            pages[i] = {value = page, where = string.format("%s[%d]", where, i - 1)}
        end
        return pages
    end
    return {{value = document, where = where}}
end

local function read_page(page, found, by_key, queries, report)
    json.object(page.value, page.where)
    local list = page.value.MetricDataResults
    if list == nil then
        invalid("%s: expected an answer of get-metric-data, with MetricDataResults", page.where)
    end
    local where = page.where .. ".MetricDataResults"
    for i, result in ipairs(json.array(list, where)) do
        read_result(found, by_key, queries, result, string.format("%s[%d]", where, i - 1))
    end
    report_messages(page.value.Messages, page.where, report)
end

local function finish(found, last, asked, report)
    if not asked then
        report[#report + 1] = "without --queries: periods are told from the points, statistics "
            .. "from the names of the metrics"
    end
    for _, series in ipairs(found) do
        if asked and not series.query then
            report[#report + 1] = string.format("%s is not among the queries", series.shown)
        end
        if series.partial then
            report[#report + 1] = string.format(
                "%s: the last answer is PartialData: points are missing", series.shown)
        end
    end
    if json.optional(last.value.NextToken) then
        report[#report + 1] = string.format(
            "%s: the last page has a NextToken: there is more that was not fetched", last.where)
    end
end

function M.read(options, report)
    local queries = read_queries(options.queries)
    local found, by_key, last = {}, {}, nil
    for _, input in ipairs(options.inputs) do
        local documents = json.documents(input.text, input.name)
        for i, document in ipairs(documents) do
            local root = #documents > 1 and string.format("%s: page %d: $", input.name, i)
                or input.name .. ": $"
            for _, page in ipairs(pages_of(document.value, root)) do
                read_page(page, found, by_key, queries, report)
                last = page
            end
        end
    end
    finish(found, last, options.queries, report)
    return found
end

return M
