-- Any service that answers a GET with JSON: a list of points somewhere in a document, or a list of
-- times and one of values beside it.

local endpoint = require "metrics.endpoint"
local fields = require "metrics.fields"
local instant = require "instant"
local invalid = require "import.invalid"
local json = require "import.json"
local points = require "import.points"
local statistics = require "import.statistics"
local template = require "metrics.template"
local times = require "import.times"
local window = require "metrics.window"

local M = { source = "http json", needed = { "url" }, short = "path" }

M.provider = endpoint.fields
M.placeholders = { from = true, to = true, from_ms = true, to_ms = true, from_iso = true,
    to_iso = true, period_ms = true }
M.check_provider = endpoint.check

function M.settle(period)
    return period
end

function M.check_period() end

local function path(value, where)
    if fields.text(value, where):sub(1, 1) ~= "/" or value:find("[%s#]") then
        fields.expected("a path such as /series?name=errors&arm={{arm}}&from={{from}}", value,
            where)
    end
    return template.check(value, where)
end

-- "data.series.0.points": members by name, items by number from 0. "" is the whole document.
local function place(value, where)
    if type(value) ~= "string" or value:find("%.%.") or value:find("^%.") or value:find("%.$") then
        fields.expected('a place in the document such as "data.series.0"', value, where)
    end
    return template.check(value, where)
end

M.arm = { path = path, points = place, time = place, value = place, times = place, values = place }
M.arm_needed = { "path" }
M.definition = {
    rate = fields.flag, counter = fields.flag, times_are = fields.choice { "start", "end" },
}

function M.check_arm(arm, where, definition)
    if (arm.times == nil) ~= (arm.values == nil) then
        invalid("%s: \"times\" and \"values\" go together", where)
    elseif arm.times and (arm.points or arm.time or arm.value) then
        invalid("%s: either \"points\" with \"time\" and \"value\", or \"times\" and \"values\"",
            where)
    elseif definition.counter and definition.rate then
        invalid("%s: cannot be a counter and a rate", where)
    end
end

function M.statistic(_, name, definition)
    return (definition.counter or definition.rate) and "sum" or statistics.by_name(name)
end

local function add_times(values, from, to, period)
    values.from, values.to = window.seconds(from), window.seconds(to)
    values.from_ms, values.to_ms = ("%d"):format(from), ("%d"):format(to)
    values.from_iso, values.to_iso = instant.format(from), instant.format(to)
    values.period, values.period_ms = window.seconds(period), ("%d"):format(period)
end

local PLACES = { "points", "time", "value", "times", "values" }

function M.ask(plan, asks)
    for _, ask in ipairs(asks) do
        add_times(ask.values, plan.from, plan.to, plan.period)
        local reading = ask.reading
        local filled = template.fill(ask.spec.path, ask.values, template.uri, ask.where)
        -- What stands behind the "?" may be nobody's business.
        reading.query = { path = (filled:gsub("%?.*", "")) }
        reading.call = endpoint.add_call(plan, ask.provider, filled)
        reading.counter, reading.rate = ask.definition.counter, ask.definition.rate
        reading.times_are = ask.definition.times_are
        for _, name in ipairs(PLACES) do
            reading[name] = ask.spec[name] and template.fill(ask.spec[name], ask.values,
                template.plain, ask.where)
        end
    end
end

local function go(document, steps, where)
    local at = document
    for step in steps:gmatch("[^.]+") do
        local index = math.tointeger(tonumber(step))
        local next_at = type(at) == "table" and (at[step] or index and at[index + 1])
        if next_at == nil or next_at == false then
            invalid("%s: there is no \"%s\" in %s", where, step, json.kind_of(at))
        end
        at = next_at
    end
    return at
end

-- A null is no number; text may be one.
local function value_of(value, where)
    value = json.optional(value)
    if value == nil then
        return ""
    elseif type(value) ~= "number" and type(value) ~= "string" then
        invalid("%s: expected a number, found %s", where, json.kind_of(value))
    end
    return value
end

local function add(series, time, value, where)
    local n = #series.times + 1
    series.times[n] = times.parse(time, where)
    series.values[n] = value_of(value, where)
    series.wheres[n] = where
end

local function read_points(series, reading, document)
    local where = "the answer: " .. (reading.points or "$")
    local list = json.array(go(document, reading.points or "", "the answer"), where)
    for i, point in ipairs(list) do
        local at = ("%s.%d"):format(where, i - 1)
        add(series, go(point, reading.time or "time", at), go(point, reading.value or "value", at),
            at)
    end
end

local function read_columns(series, reading, document)
    local stamps = json.array(go(document, reading.times, "the answer"), reading.times)
    local values = json.array(go(document, reading.values, "the answer"), reading.values)
    if #stamps ~= #values then
        invalid("the answer: %d times but %d values", #stamps, #values)
    end
    for i, stamp in ipairs(stamps) do
        add(series, stamp, values[i], ("the answer: %s.%d"):format(reading.values, i - 1))
    end
end

-- Shards that are listed one by one have several values of one time, of which none is the whole.
local function check_once(series)
    local seen = {}
    for i, time in ipairs(series.times) do
        if seen[time] and seen[time] ~= series.values[i] then
            invalid("%s: two values of %s: what is to be one number must come as one",
                series.wheres[i], times.format(time))
        end
        seen[time] = series.values[i]
    end
end

local function read_body(plan, reading, body, found)
    local document = json.decode(body, "the answer")
    local series = { times = {}, values = {}, wheres = {},
        times_are_ends = reading.times_are == "end" }
    local read = reading.times and read_columns or read_points
    read(series, reading, document)
    check_once(series)
    local entry = {
        series = series, key = "the answer", metric = reading.metric,
        statistic = reading.statistic, counter = reading.counter, rate = reading.rate,
    }
    for _, point in ipairs(points.read(entry, { period = plan.period }, function() end)) do
        if point.t % plan.period ~= 0 then
            invalid("%s is not the start of a period of %s", times.format(point.t),
                times.duration(plan.period))
        end
        found.values[point.t] = point.v
    end
end

function M.read(plan, reading, answers)
    local answer, call = answers[reading.call], plan.calls[reading.call]
    local problem, again = endpoint.problem(answer, call)
    if problem then
        return { problem = problem, again = again }
    end
    local found = { values = {} }
    local ok, raised = pcall(read_body, plan, reading, answer.body, found)
    if not ok then
        return { problem = type(raised) == "table" and raised.invalid or error(raised, 0) }
    end
    return found
end

return M
