-- What was read while running becomes a recording (docs/recordings.md): the numbers that decided,
-- each with the time at which it was first seen, so that a simulation decides the same.

local count = require "import.count"
local recording = require "import.recording"
local targets = require "metrics.targets"

local M = {}

local ARMS = { "baseline", "canary" }

-- The targets by label, in the order in which they were met.
local function label_targets(log)
    local labels, known = {}, {}
    for _, entry in ipairs(log) do
        local label = not entry.plan.not_ready and targets.label(entry.plan.target)
        if label and not known[label] then
            known[label] = true
            labels[#labels + 1] = label
        end
    end
    return labels
end

local function new_series(metric, arm, period, target)
    local key = ("%s:%s%s"):format(metric.name, arm, target and " of " .. target or "")
    return {
        keys = { key }, shown = key, query = metric.arms[arm].query, period = period,
        unit = metric.unit, statistic = metric.statistic, source = metric.source,
        spec = ("%s=%s:%s%s"):format(key, metric.name, arm, target and "@" .. target or ""),
        times = {}, values = {}, wheres = {}, seens = {}, last = {},
    }
end

local function series_of(book, metric, arm, plan)
    local target = #book.labels > 1 and targets.label(plan.target) or nil
    local key = ("%s\n%s\n%s"):format(metric.name, arm, target or "")
    local series = book.by_key[key]
    if not series then
        series = new_series(metric, arm, plan.period, target)
        book.by_key[key] = series
        book.found[#book.found + 1] = series
        book.specs[#book.specs + 1] = series.spec
        book.metrics[metric.name] = metric
    end
    return series
end

-- The same number seen again is nothing new; another one is a revision.
local function add_point(series, at, value, seen)
    if series.last[at] == value then
        return
    end
    local n = #series.times + 1
    series.last[at] = value
    series.times[n], series.values[n] = at, value
    series.seens[n] = seen or at + series.period
    series.wheres[n] = series.shown
end

-- A recording has no word for a provider that did not answer. Where a count is missing so, its
-- companion is left out too, or the count would pass for zero.
local function lost_companions(plan, period, arm)
    local lost = {}
    for _, metric in ipairs(plan.metrics) do
        if period.metrics[metric.name][arm].status == "provider error" and metric.companion then
            lost[metric.companion] = true
        end
    end
    return lost
end

local function add_period(book, entry, period, arm)
    local lost = lost_companions(entry.plan, period, arm)
    for _, metric in ipairs(entry.plan.metrics) do
        local reading = period.metrics[metric.name][arm]
        local series = series_of(book, metric, arm, entry.plan)
        if reading.status == "provider error" then
            book.unanswered = book.unanswered + 1
        elseif reading.status == "value" and not lost[metric.name] then
            add_point(series, period.at, reading.value, entry.seen)
        end
    end
end

local function companions_of(book)
    local list = {}
    for name, metric in pairs(book.metrics) do
        if metric.companion and metric.companion ~= "requests" then
            list[#list + 1] = name .. "=" .. metric.companion
        end
    end
    table.sort(list)
    return list
end

local function sources_of(book)
    local sources, known, period = {}, {}, book.found[1] and book.found[1].period
    for _, series in ipairs(book.found) do
        period = period == series.period and period or nil
        if not known[series.source] then
            known[series.source] = true
            sources[#sources + 1] = series.source
        end
    end
    table.sort(sources)
    return table.concat(sources, ", "), period
end

-- `log` is what happened, in order: {plan=, read = what read made of it, seen = the instant at
-- which the run had it; not there for what is read afterwards}. Returns {recording = text, report
-- = {line...}}. Options: note.
function M.build(log, options)
    local book = { found = {}, by_key = {}, specs = {}, metrics = {}, unanswered = 0,
        labels = label_targets(log) }
    for _, entry in ipairs(log) do
        for _, period in ipairs(entry.read.periods or {}) do
            for _, arm in ipairs(ARMS) do
                add_period(book, entry, period, arm)
            end
        end
    end
    local source, period = sources_of(book)
    local report = {}
    local text = recording.build(book.found, source, {
        series = book.specs, companions = companions_of(book), period = period,
        note = options and options.note,
    }, report)
    if book.unanswered > 0 then
        report[#report + 1] = ("%s that the provider did not answer: no data in the recording")
            :format(count(book.unanswered, "reading"))
    end
    return { recording = text, report = report }
end

return M
