-- Prometheus, by /api/v1/query_range. Answers are read by the importer of the same format; several
-- series of one answer (one per instance) are added up where they are counts.

local endpoint = require "metrics.endpoint"
local fields = require "metrics.fields"
local histogram = require "metrics.histogram"
local importer = require "import.prometheus"
local invalid = require "import.invalid"
local points = require "import.points"
local statistics = require "import.statistics"
local template = require "metrics.template"
local unread = require "metrics.unread"
local window = require "metrics.window"

local STEPS_MAX = 10000 -- Prometheus refuses more than 11,000 points of a series
local QUERY_MAX = 4000  -- it travels in the address

local M = { source = "prometheus query_range", needed = { "url" }, short = "query" }

M.provider = endpoint.fields
M.check_provider = endpoint.check

-- By then the last scrape of a period is in.
function M.settle()
    return 30000
end

function M.check_period() end

M.arm = {
    query = function(value, where)
        if #fields.long_text(value, where) > QUERY_MAX then
            invalid("%s: %d bytes, at most %d", where, #value, QUERY_MAX)
        end
        return template.check(value, where)
    end,
}
M.arm_needed = { "query" }
M.definition = {
    counter = fields.flag, rate = fields.flag, histogram = fields.choice { "classic", "native" },
}

function M.check_arm(arm, where, definition)
    if definition.counter and definition.rate then
        invalid("%s: cannot be a counter and a rate", where)
    elseif not definition.histogram then
        return
    elseif definition.counter or definition.rate then
        invalid("%s: a histogram is neither a counter nor a rate", where)
    elseif not arm.query:find "^%s*[%a_:][%w_:]*%s*{.*}%s*$"
        and not arm.query:find "^%s*[%a_:][%w_:]*%s*$" then
        invalid("%s: of a histogram the query is the series alone, such as %s{job=\"shop\"}", where,
            definition.histogram == "classic" and "latency_seconds_bucket" or "latency_seconds")
    end
end

local CLASSIC = "histogram_quantile(%s, sum by (le) (increase(%s[{{period}}])))"
local NATIVE = {
    count = "histogram_count(sum(increase(%s[{{period}}])))",
    percentile = "histogram_quantile(%s, sum(increase(%s[{{period}}])))",
    at_most = "histogram_fraction(-Inf, %s, sum(increase(%s[{{period}}])))"
        .. " * histogram_count(sum(increase(%s[{{period}}])))",
}

local function native(spec, what)
    local series = spec.query
    if what.count then
        spec.query = NATIVE.count:format(series)
    elseif what.percentile then
        spec.query = NATIVE.percentile:format(tonumber(what.percentile:sub(2)) / 100, series)
    else
        spec.query = NATIVE.at_most:format(histogram.decimal(what.at_most), series, series)
    end
    return spec
end

-- The buckets of a classic histogram are counters, each with its upper bound as the label `le`, and
-- come in one answer whatever the threshold; a native one is cut where it is wanted.
function M.histogram(spec, definition, what)
    if definition.histogram == "native" then
        return native(spec, what)
    elseif definition.histogram ~= "classic" then
        return nil
    elseif what.percentile then
        spec.query = CLASSIC:format(tonumber(what.percentile:sub(2)) / 100, spec.query)
        return spec
    end
    definition.counter = true
    spec.le = what.at_most or "+Inf"
    return spec
end

function M.statistic(_, name, definition)
    return (definition.counter or definition.rate) and "sum" or statistics.by_name(name)
end

local function duration(ms)
    return ms % 1000 == 0 and ("%ds"):format(ms // 1000) or ("%dms"):format(ms)
end

-- A value at t speaks of the step that ends at t; a counter's increase needs the reading before.
local function address(ask, query, part)
    local first = ask.definition.counter and part[1] or part[1] + ask.period
    return ("/api/v1/query_range?query=%s&start=%s&end=%s&step=%s"):format(template.uri(query),
        window.seconds(first), window.seconds(part[2]), window.seconds(ask.period))
end

function M.ask(plan, asks)
    for _, ask in ipairs(asks) do
        ask.values.period = duration(ask.period)
        local query = template.fill(ask.spec.query, ask.values, template.word, ask.where)
        ask.reading.query = { query = query }
        ask.reading.counter = ask.definition.counter
        ask.reading.rate = ask.definition.rate
        ask.reading.le = ask.spec.le
        ask.reading.calls = {}
        for i, part in ipairs(window.slices(plan.from, plan.to, plan.period, STEPS_MAX)) do
            ask.reading.calls[i] = endpoint.add_call(plan, ask.provider, address(ask, query, part))
        end
    end
end

local function read_one(plan, reading, series, found)
    local entry = {
        series = series, key = "the answer", metric = reading.metric,
        statistic = reading.statistic, counter = reading.counter, rate = reading.rate,
    }
    for _, point in ipairs(points.read(entry, { period = plan.period }, function() end)) do
        if point.t % plan.period ~= 0 then
            invalid("a value that lies on no step that was asked for")
        end
        found.values[point.t] = (found.values[point.t] or 0) + point.v
    end
end

-- Remarks on the query are not about the data; other warnings say that some of it is missing, which
-- would pass for zero.
local function check_warnings(report)
    for _, line in ipairs(report) do
        local warning = line:match("%.warnings%[%d+%]: (.*)$")
        if warning and not warning:find("^PromQL ") then
            invalid("Prometheus warns: %s", warning:sub(1, 200):gsub("%c", " "))
        end
    end
end

local function le_of(series)
    local text = series.labels and series.labels.le or ""
    return text == "+Inf" and math.huge or tonumber(text)
end

-- The buckets of a classic histogram with this upper bound, of every instance.
local function with_bound(list, le)
    local kept, others = {}, {}
    le = le == "+Inf" and math.huge or le
    for _, series in ipairs(list) do
        local bound = le_of(series)
        local same = bound == le
            or bound and bound < math.huge and math.abs(bound - le) <= 1e-9 * bound
        kept[#kept + 1] = same and series or nil
        others[#others + 1] = not same and series.labels and series.labels.le or nil
    end
    if #kept == 0 and #others > 0 then
        invalid("there is no bucket with le=\"%s\", only %s", histogram.decimal(le),
            table.concat(others, ", "):sub(1, 200))
    end
    return kept
end

-- The same answer has all buckets of a histogram, and is parsed once.
local function parse(answer)
    if not answer.series then
        local report = {}
        local list = importer.read({ inputs = { { name = "the answer", text = answer.body } } },
            report)
        check_warnings(report)
        answer.series = list
    end
    return answer.series
end

local function read_body(plan, reading, answer, found)
    local list = parse(answer)
    list = reading.le and with_bound(list, reading.le) or list
    if #list > 1 and reading.statistic ~= "sum" then
        invalid("%d series, of which no one value of the %s can be made: the query must give one",
            #list, reading.statistic)
    end
    for _, series in ipairs(list) do
        read_one(plan, reading, series, found)
    end
end

-- Prometheus says in JSON what is wrong with a query, in an answer of status 400 or 422.
local function explained(body)
    local message = type(body) == "string" and body:match('"error"%s*:%s*"(.-[^\\])"')
    return message and ": " .. message:sub(1, 200):gsub("%c", " "):gsub('\\"', '"') or ""
end

-- What a classic histogram counted in the time of a plan: {[ms] = how many took at most so long},
-- how many there were, and in how many periods.
function M.buckets(plan, reading, answers, scale)
    local bounds, within = {}, {}
    for _, index in ipairs(reading.calls) do
        local answer = answers[index]
        local problem, again = endpoint.problem(answer, plan.calls[index])
        if problem then
            unread.raise(problem .. explained(answer and answer.body), again)
        end
        for _, series in ipairs(parse(answers[index])) do
            bounds[le_of(series) or 0] = true
        end
    end
    local all, periods = 0, 0
    for le in pairs(bounds) do
        reading.le = le
        local read = le > 0 and M.read(plan, reading, answers) or { values = {} }
        local counted, seen = 0, 0
        for _, value in pairs(read.values) do
            counted, seen = counted + value, seen + 1
        end
        if le == math.huge then
            all, periods = counted, seen
        elseif le > 0 then
            within[le * scale] = counted
        end
    end
    return within, all, periods
end

function M.read(plan, reading, answers)
    local found = { values = {} }
    for _, index in ipairs(reading.calls) do
        local answer = answers[index]
        local problem, again = endpoint.problem(answer, plan.calls[index])
        if problem then
            return { problem = problem .. explained(answer and answer.body), again = again }
        end
        local ok, raised = pcall(read_body, plan, reading, answer, found)
        if not ok then
            return { problem = type(raised) == "table" and raised.invalid or error(raised, 0) }
        end
    end
    return found
end

return M
