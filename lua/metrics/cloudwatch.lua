-- CloudWatch, by GetMetricData. Only plain series are asked for, never metric math: what is
-- computed is computed here, where a missing minute can be told from a zero.

local fields = require "metrics.fields"
local histogram = require "metrics.histogram"
local invalid = require "import.invalid"
local statistics = require "import.statistics"
local template = require "metrics.template"
local times = require "import.times"
local window = require "metrics.window"

local QUERIES_MAX, DATAPOINTS_MAX = 500, 100800 -- of one call
local SHORT_PERIODS = { [1000] = true, [5000] = true, [10000] = true, [20000] = true,
    [30000] = true }

local M = { source = "cloudwatch get_metric_data", needed = {}, is_regional = true }

local function region(value, where)
    if type(value) ~= "string" or not value:find("^%l%l[%l%d-]*-%d+$") then
        fields.expected('a region such as "eu-west-1"', value, where)
    end
    return value
end

-- A target's metrics are in its own region, unless the operator says another.
M.provider = { region = region }

-- The newest minute is incomplete, and the one before it can still grow.
function M.settle(period)
    return 2 * period
end

function M.check_period(period, where)
    if period % 60000 ~= 0 and not SHORT_PERIODS[period] then
        invalid("%s: CloudWatch has periods of 1s, 5s, 10s, 20s, 30s and whole minutes", where)
    end
end

local function metric_names(value, where)
    if type(value) == "string" then
        return { fields.text(value, where) }
    elseif type(value) ~= "table" or #value == 0 then
        fields.expected("the name of a metric or a list of names", value, where)
    end
    local list = {}
    for i, name in ipairs(value) do
        list[i] = fields.text(name, ("%s[%d]"):format(where, i))
    end
    return list
end

local function dimensions(value, where)
    return fields.each(value, where, function(_, member, at)
        return template.check(fields.text(member, at), at)
    end)
end

M.arm = {
    namespace = fields.text, metric = metric_names, stat = fields.text, dimensions = dimensions,
}
M.arm_needed = { "namespace", "metric", "stat" }
M.definition = {}

function M.check_arm(arm, where)
    if #arm.metric > 1 and arm.stat ~= "Sum" then
        invalid("%s: several metrics are added up, which needs the stat \"Sum\"", where)
    end
end

function M.statistic(arm)
    return statistics.of_cloudwatch(arm.stat)
end

-- TC(:t) is how many values are at most t.
function M.histogram(spec, _, what)
    spec.stat = what.count and "SampleCount" or what.percentile
        or ("TC(:%s)"):format(histogram.decimal(what.at_most))
    return #spec.metric == 1 and spec or nil
end

-- Before anything was shifted the baseline is the whole: what tells it apart is left out.
local function filled(ask)
    local list = {}
    for _, name in ipairs(fields.names(ask.spec.dimensions or {})) do
        if not (ask.whole and ask.whole[name]) then
            list[#list + 1] = {
                Name = name,
                Value = template.fill(ask.spec.dimensions[name], ask.values, template.plain,
                    ask.where .. ".dimensions." .. name),
            }
        end
    end
    return list
end

local function key_of(spec, metric, stat, shown)
    local parts = { spec.namespace, metric, stat }
    for _, dimension in ipairs(shown) do
        parts[#parts + 1] = dimension.Name .. "=" .. dimension.Value
    end
    return table.concat(parts, "\n")
end

-- The id under which a series is asked for; the same series is asked for once.
local function id_of(queries, ask, metric, stat)
    local shown = filled(ask)
    local key = key_of(ask.spec, metric, stat, shown)
    local id = queries.by_key[key]
    if not id then
        id = ("q%d"):format(#queries + 1)
        queries.by_key[key] = id
        queries[#queries + 1] = {
            Id = id,
            MetricStat = {
                Metric = { Namespace = ask.spec.namespace, MetricName = metric,
                    Dimensions = #shown > 0 and shown or nil },
                Period = ask.period // 1000,
                Stat = stat,
            },
            ReturnData = true,
        }
    end
    return id
end

local function add_calls(plan, queries, at)
    local places = {} -- id -> the calls that ask for it
    for first = 1, #queries, QUERIES_MAX do
        local batch = table.move(queries, first, math.min(first + QUERIES_MAX - 1, #queries), 1, {})
        local calls = {}
        local most = DATAPOINTS_MAX // #batch
        for _, part in ipairs(window.slices(plan.from, plan.to, plan.period, most)) do
            plan.calls[#plan.calls + 1] = {
                operation = "cloudwatch.get_metric_data",
                input = {
                    MetricDataQueries = batch, StartTime = part[1], EndTime = part[2],
                    ScanBy = "TimestampAscending",
                },
                region = at,
            }
            calls[#calls + 1] = #plan.calls
        end
        for _, query in ipairs(batch) do
            places[query.Id] = calls
        end
    end
    return places
end

local function shown_query(ask)
    local shown = {}
    for _, dimension in ipairs(filled(ask)) do
        shown[dimension.Name] = dimension.Value
    end
    return {
        namespace = ask.spec.namespace, metric = table.concat(ask.spec.metric, "+"),
        statistic = ask.spec.stat, dimensions = next(shown) and shown,
    }
end

-- Of one region, nil where none is known.
local function ask_region(plan, asks, at)
    local queries = { by_key = {} }
    for _, ask in ipairs(asks) do
        ask.reading.parts = {}
        ask.reading.query = shown_query(ask)
        for i, metric in ipairs(ask.spec.metric) do
            ask.reading.parts[i] = { id = id_of(queries, ask, metric, ask.spec.stat) }
        end
        if statistics.is_percentile(ask.spec.stat) then
            ask.reading.samples =
                { id = id_of(queries, ask, ask.spec.metric[1], "SampleCount") }
        end
    end
    queries.by_key = nil
    local places = add_calls(plan, queries, at)
    for _, ask in ipairs(asks) do
        for _, part in ipairs(ask.reading.parts) do
            part.calls = places[part.id]
        end
        if ask.reading.samples then
            ask.reading.samples.calls = places[ask.reading.samples.id]
        end
    end
end

function M.ask(plan, asks)
    local by_region = {}
    for _, ask in ipairs(asks) do
        local at = ask.region or ""
        by_region[at] = by_region[at] or {}
        table.insert(by_region[at], ask)
    end
    for _, at in ipairs(fields.names(by_region)) do
        ask_region(plan, by_region[at], at ~= "" and at or nil)
    end
end

local function is_number(value)
    return type(value) == "number" and value == value and math.abs(value) < math.huge
end

local function append(found, result, plan)
    local stamps, values = result.Timestamps or {}, result.Values or {}
    if #stamps ~= #values then
        invalid("%d Timestamps but %d Values", #stamps, #values)
    end
    for i, stamp in ipairs(stamps) do
        local at = times.parse(stamp, ("Timestamps[%d]"):format(i - 1))
        if at % plan.period ~= 0 or not is_number(values[i]) then
            invalid("%s at %s is no value of a period of %s", tostring(values[i]),
                times.format(at), times.duration(plan.period))
        end
        found.values[at] = values[i]
    end
end

local AGAIN = { PartialData = true, InternalError = true }
local UNREACHED = { NotSent = true, Lost = true }

-- One Id may stand on several pages; the last word about it counts.
local function read_pages(found, id, pages, plan)
    local status, said
    for _, page in ipairs(pages) do
        for _, result in ipairs(page.MetricDataResults or {}) do
            if result.Id == id then
                append(found, result, plan)
                status = result.StatusCode or "Complete"
            end
        end
        said = page.Messages and page.Messages[1] or said
    end
    if not status then
        return "CloudWatch gave no answer for a metric" .. (said and ": " .. tostring(said.Value)
            or ""), true
    elseif pages[#pages].NextToken then
        return "CloudWatch has more pages than were read", true
    elseif status ~= "Complete" then
        return "CloudWatch answered " .. status, AGAIN[status] or false
    end
end

local function read_answer(found, id, answer, plan)
    if not answer or answer.error then
        local err = answer and answer.error or { code = "NotAsked", message = "no answer" }
        return ("CloudWatch: %s: %s"):format(err.code, err.message),
            not answer or answer.outcome == "unknown" or answer.retry ~= nil
                or UNREACHED[err.code] ~= nil
    end
    local pages = answer.pages or { answer.value }
    local ok, problem, again = pcall(read_pages, found, id, pages, plan)
    if not ok and type(problem) ~= "table" then
        error(problem, 0) -- a mistake of ours
    end
    return ok and problem or not ok and "CloudWatch: " .. problem.invalid or nil, ok and again
end

local function read_series(plan, part, answers)
    local found = { values = {} }
    for _, call in ipairs(part.calls) do
        local problem, again = read_answer(found, part.id, answers[call], plan)
        if problem then
            return { problem = problem, again = again }
        end
    end
    return found
end

-- {values = {[at] = number}, samples = {[at] = number}}, or {problem=, again=}.
function M.read(plan, reading, answers)
    local sum = read_series(plan, reading.parts[1], answers)
    for i = 2, #reading.parts do
        local part = read_series(plan, reading.parts[i], answers)
        if sum.problem or part.problem then
            return sum.problem and sum or part
        end
        for at, value in pairs(part.values) do
            sum.values[at] = (sum.values[at] or 0) + value
        end
    end
    if reading.samples and not sum.problem then
        local samples = read_series(plan, reading.samples, answers)
        if samples.problem then
            return samples
        end
        sum.samples = samples.values
    end
    return sum
end

return M
