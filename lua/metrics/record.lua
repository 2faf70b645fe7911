-- What was read becomes a recording (docs/recordings.md): the readings that decided, each with the
-- time from which on it could be had, so that a simulation decides the same.

local canonical = require "canonical"
local count = require "import.count"
local histogram = require "metrics.histogram"
local invalid = require "import.invalid"
local recording = require "import.recording"
local sorted = require "sorted"
local targets = require "metrics.targets"
local times = require "import.times"
local words = require "import.words"

local M = {}

local ARMS = { "baseline", "canary" }

-- A book is kept while a run lasts, or while a time is asked for part by part.
function M.new()
    return { found = {}, by_key = {}, metrics = {}, labels = {}, targets = 0, unanswered = 0,
        alarms = {} }
end

-- The targets are told apart only where there are several.
local function note_target(book, target)
    local label = targets.label(target)
    if label and not book.labels[label] then
        book.labels[label] = true
        book.targets = book.targets + 1
    end
    return label or ""
end

local function series_of(book, metric, arm, plan, label)
    local name = histogram.recorded(metric.name, arm)
    local key = ("%s\n%s\n%s"):format(name, arm, label)
    local series = book.by_key[key]
    if not series then
        series = {
            metric = name, arm = arm, label = label, query = metric.arms[arm].query,
            absent = metric.companion and not metric.absent and "no data" or nil,
            period = plan.period, unit = metric.unit, statistic = metric.statistic,
            source = metric.source, whole = true, times = {}, values = {}, wheres = {},
            seens = {}, last = {},
        }
        book.by_key[key] = series
        book.found[#book.found + 1] = series
        book.metrics[metric.name] = metric
    end
    return series
end

local function add_point(series, at, value, seen)
    local n = #series.times + 1
    series.last[at] = value
    series.times[n], series.values[n], series.seens[n] = at, value, seen
    series.wheres[n] = series.metric
end

-- What was read can be had again as soon as it has settled. The same seen again is nothing new;
-- something else is a revision, if it is known when it was seen. What is asked for afterwards does
-- not go before what was seen at the time, and what is not there then is no point.
local function take_reading(book, series, at, reading, entry)
    local value = reading.status == "value" and reading.value or words[reading.status]
    local settled = at + series.period + entry.plan.settle
    local before = series.last[at]
    if before == value or not entry.seen and (before or value == words["no data"]) then
        return
    end
    book.unanswered = book.unanswered + (value == words["provider error"] and 1 or 0)
    local first = before == nil and settled < (entry.seen or math.huge)
    add_point(series, at, value, first and settled or entry.seen)
end

-- `entry`: {plan=, read = what read made of it, seen = the instant at which the run had it; not
-- there for what is asked for afterwards}.
function M.add(book, entry)
    if entry.plan.not_ready then
        return
    end
    local label = note_target(book, entry.plan.target)
    for _, metric in ipairs(entry.plan.metrics) do
        for _, arm in ipairs(ARMS) do
            local series = series_of(book, metric, arm, entry.plan, label)
            for _, period in ipairs(entry.read.periods or {}) do
                local readings = period.metrics[metric.name]
                if readings then
                    take_reading(book, series, period.at, readings[arm], entry)
                end
            end
        end
    end
end

local function alarm_of(book, called, label)
    local key = called .. "\n" .. label
    local alarm = book.by_key[key]
    if not alarm then
        alarm = { name = called, label = label, states = {} }
        book.by_key[key] = alarm
        book.alarms[#book.alarms + 1] = alarm
    end
    return alarm
end

-- What alarms said at an instant, {[as called] = {state, since, reason}}: what they say holds until
-- they say something else, so that only that is kept. `settle` is how late they are.
function M.add_alarms(book, target, states, at, settle)
    book.settle = settle
    local label = note_target(book, target)
    for _, called in ipairs(sorted(states)) do
        local list, said = alarm_of(book, called, label).states, states[called]
        local last = list[#list]
        if not last or last.state ~= said.state or last.since ~= said.since
            or last.reason ~= said.reason then
            list[#list + 1] = { at = at, state = said.state, since = said.since,
                reason = said.reason }
        end
    end
end

-- As a recording has them: by name, then by target where there are several.
local function alarms_of(book)
    local list = canonical.array {}
    for i, alarm in ipairs(book.alarms) do
        list[i] = { name = alarm.name, settle = book.settle,
            states = canonical.array(alarm.states),
            target = book.targets > 1 and alarm.label ~= "" and alarm.label or nil }
    end
    table.sort(list, function(a, b)
        return a.name < b.name or a.name == b.name and (a.target or "") < (b.target or "")
    end)
    return #list > 0 and list or nil
end

local function reading_of_tick(value)
    if type(value) == "number" then
        return { status = "value", value = value }
    end
    return { status = value }
end

local function period_of_tick(period)
    local metrics = {}
    for name, arms in pairs(period.metrics) do
        metrics[name] = {
            baseline = reading_of_tick(arms.baseline), canary = reading_of_tick(arms.canary),
        }
    end
    return { at = period.at, metrics = metrics }
end

-- A watch looks at one period after the other. Another length of them than now is not to be told
-- from points that are missing.
local function check_step(plan, at, before)
    local step = before and at - before or plan.period
    if at % plan.period ~= 0 or step ~= plan.period then
        invalid("the run looked at %s (%s), and tidelock.lua says periods of %s now: with the "
            .. "periods that it had, or of another time (--from, --to), it can be recorded",
            step ~= plan.period and "periods of " .. times.duration(step) or "other periods",
            times.format(at), times.duration(plan.period))
    end
end

-- The periods of a tick in a journal, {at, metrics = {name = {arm = a number, "no data" or
-- "provider error"}}}, as `read` would have made those of the plan. `before` is the period that the
-- same watch looked at before them; the last one is returned behind.
function M.of_tick(plan, periods, before)
    local read = { periods = {} }
    for _, period in ipairs(periods) do
        if not plan.not_ready and period.at >= plan.from and period.at < plan.to then
            check_step(plan, period.at, before)
            before = period.at
            read.periods[#read.periods + 1] = period_of_tick(period)
        end
    end
    return read, before
end

local function companions_of(book)
    local list = {}
    for name, metric in pairs(book.metrics) do
        if metric.companion and metric.companion ~= "requests" and not histogram.parse(name) then
            list[#list + 1] = name .. "=" .. metric.companion
        end
    end
    table.sort(list)
    return list
end

-- Says which series is what, in the way of an import.
local function name_series(book)
    local specs = {}
    for i, series in ipairs(book.found) do
        local target = book.targets > 1 and series.label ~= "" and series.label
        local key = ("%s:%s%s"):format(series.metric, series.arm,
            target and " of " .. target or "")
        series.keys, series.shown = { key }, key
        specs[i] = ("%s=%s:%s%s"):format(key, series.metric, series.arm,
            target and "@" .. target or "")
    end
    return specs
end

local function sources_of(book)
    local sources, known = {}, {}
    for _, series in ipairs(book.found) do
        if not known[series.source] then
            known[series.source] = true
            sources[#sources + 1] = series.source
        end
    end
    sources[#sources + 1] = book.alarms[1] and "cloudwatch describe_alarms"
    table.sort(sources)
    return table.concat(sources, ", ")
end

-- What was seen at the time comes before what was asked for afterwards.
local function put_in_order(series)
    local order, times_of = {}, series.times
    for i = 1, #times_of do
        order[i] = i
    end
    table.sort(order, function(a, b)
        return times_of[a] < times_of[b] or times_of[a] == times_of[b] and a < b
    end)
    for _, column in ipairs { "times", "values", "seens", "wheres" } do
        local ordered = {}
        for i, from in ipairs(order) do
            ordered[i] = series[column][from]
        end
        series[column] = ordered
    end
end

local function check_silent(series)
    for i, value in ipairs(series.values) do
        if series.statistic == "sum" and type(value) == "number" and value > 0 then
            invalid("the canary had %s at %s: the baseline was not the whole service then",
                series.metric, times.format(series.times[i]))
        end
    end
end

-- While nothing is shifted the baseline has all of the traffic, and speaks for the service.
local function take_for_service(book)
    local kept = {}
    for _, series in ipairs(book.found) do
        if series.arm == "baseline" then
            series.arm = "service"
            kept[#kept + 1] = series
        else
            check_silent(series)
        end
    end
    book.found = kept
end

local function hint_at_silence(book, report)
    for _, series in ipairs(book.found) do
        if series.arm == "service" or series.arm == "canary" and #series.times > 0 then
            return
        end
    end
    report[#report + 1] = book.found[1] and "the canary has nothing: where the baseline had all of "
        .. "the traffic, record it with --service" or nil
end

-- Returns {recording = text, report = {line...}}. Options: note, service.
function M.finish(book, options)
    local report = {}
    for _, series in ipairs(book.found) do
        put_in_order(series)
    end
    if options.service then
        take_for_service(book)
    end
    local text = recording.build(book.found, sources_of(book), {
        series = name_series(book), companions = companions_of(book), note = options.note,
        alarms = alarms_of(book),
    }, report)
    hint_at_silence(book, report)
    if book.unanswered > 0 then
        report[#report + 1] = ("%s that the provider did not answer"):format(
            count(book.unanswered, "reading"))
    end
    return { recording = text, report = report }
end

return M
