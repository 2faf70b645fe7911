-- Puts together a recording (docs/recordings.md) from the series that an importer found.

local buckets = require "import.buckets"
local canonical = require "canonical"
local count = require "import.count"
local invalid = require "import.invalid"
local mapping = require "import.mapping"
local statistics = require "import.statistics"
local sums = require "import.sums"
local times = require "import.times"

local M = {}

local SERIES_MAX, POINTS_MAX = 256, 10000000

local function statistic_of(entry, options)
    local given = mapping.value_for(options.statistics, entry, "--statistic")
    if given then
        return statistics.check(given, "--statistic " .. entry.metric)
    elseif entry.counter or entry.rate or entry.family then
        return "sum"
    end
    return entry.series.statistic or statistics.by_name(entry.metric)
end

local function check_statistic(entry)
    local exact = entry.metric == "requests" or entry.metric == "errors"
    if exact and entry.statistic ~= "sum" then
        invalid("\"%s\" cannot be %s: it is the %s of a period, expected the sum", entry.key,
            entry.metric, entry.statistic)
    end
end

local function sibling(mapped, of, metric)
    for _, entry in ipairs(mapped) do
        if entry.metric == metric and entry.arm == of.arm and entry.target == of.target then
            return entry
        end
    end
end

-- Errors of any kind are among the requests; other counts only if the user says so.
local function companion_of(entry, mapped, options)
    local given = mapping.value_for(options.companions, entry, "--companion")
    local implied = entry.metric == "errors" or entry.metric:find("^errors_")
    local name = given or (implied and entry.statistic == "sum" and "requests")
    if not name then
        return nil
    end
    local companion = sibling(mapped, entry, name)
    if given and (not companion or entry.statistic ~= "sum" or companion == entry
        or companion.statistic ~= "sum") then
        invalid("--companion %s=%s: both must be counts of the same arm and target",
            entry.metric, name)
    end
    return companion
end

local function describe(entry, options)
    entry.rate = mapping.listed(options.rates, entry)
    entry.counter = mapping.listed(options.counters, entry)
        or (entry.series.counter and not entry.rate)
    if entry.counter and entry.rate then
        invalid("\"%s\" cannot be a counter and a rate", entry.key)
    end
    for _, series in ipairs(entry.list) do
        if series.refused then
            invalid("\"%s\": %s", entry.key, series.refused)
        end
    end
    entry.statistic = statistic_of(entry, options)
    check_statistic(entry)
    sums.check(entry)
    -- That of a histogram is the unit of its thresholds, which they have by now.
    entry.given_unit = not entry.family and mapping.value_for(options.units, entry, "--unit") or nil
    entry.unit = entry.given_unit or entry.series.unit
end

local function read_entry(entry, options)
    entry.notes = {entry.note}
    local function note(format, ...)
        entry.notes[#entry.notes + 1] = string.format(format, ...)
    end
    entry.assumed_period = entry.companion and entry.companion.period
    entry.points, entry.period = sums.read(entry, options, note)
    -- One reading is no step; a count that never was tells none either.
    entry.period = entry.period or entry.assumed_period
end

-- Companions first: their period is that of the counts that are only there when there is something
-- to count.
local function read_entries(mapped, options)
    for _, entry in ipairs(mapped) do
        if not entry.companion then
            read_entry(entry, options)
        end
    end
    for _, entry in ipairs(mapped) do
        if entry.companion then
            read_entry(entry, options)
        end
    end
end

local function check_periods(mapped)
    for _, entry in ipairs(mapped) do
        local companion = entry.companion
        if not entry.period then
            invalid("\"%s\" has %s, from which no period can be told: add --period", entry.key,
                count(#entry.points, "point"))
        elseif companion and companion.period ~= entry.period then
            invalid("\"%s\" has a period of %s, its companion %s one of %s", entry.key,
                times.duration(entry.period), companion.metric, times.duration(companion.period))
        end
    end
end

local function common_grid(a, b)
    local fine, coarse = math.min(a.period, b.period), math.max(a.period, b.period)
    return coarse % fine == 0 and (a.points[1].t - b.points[1].t) % fine == 0
end

local function check_grids(mapped)
    for i, a in ipairs(mapped) do
        for k = 1, i - 1 do
            local b = mapped[k]
            if #a.points > 0 and #b.points > 0 and not common_grid(a, b) then
                invalid("\"%s\" (every %s from %s) and \"%s\" (every %s from %s) have no common "
                    .. "periods: ask for both with the same start and step, or use --align",
                    b.key, times.duration(b.period), times.format(b.points[1].t),
                    a.key, times.duration(a.period), times.format(a.points[1].t))
            end
        end
    end
end

local function distinct(list)
    local different, last = 0, nil
    for _, point in ipairs(list) do
        different = different + (point.t ~= last and 1 or 0)
        last = point.t
    end
    return different
end

-- What will not come out as one might expect when the recording is used.
local function report_doubts(entry, report)
    if entry.statistic == "sum" and entry.metric:find("^errors") and not entry.companion then
        report[#report + 1] = string.format("  there are no requests (%s): periods without errors "
            .. "are no data, and rates cannot be told", entry.arm)
    end
    local tail = "_" .. entry.statistic
    if statistics.is_percentile(entry.statistic) and entry.arm == "service"
        and entry.metric:sub(-#tail) ~= tail then
        report[#report + 1] = string.format("  not named %s%s: both arms will have the service's "
            .. "value, none is drawn", entry.metric, tail)
    end
end

local function report_entry(entry, report)
    local list = entry.points
    local head = string.format("%s (%s%s) from \"%s\": %s", entry.metric, entry.arm,
        entry.target and " of " .. entry.target or "", entry.key, count(#list, "point"))
    if #list > 0 then
        head = head .. string.format(", %s to %s", times.format(list[1].t),
            times.format(list[#list].t + entry.period))
    end
    report[#report + 1] = string.format("%s, %s of every %s", head, entry.statistic,
        times.duration(entry.period))
    for _, note in ipairs(entry.notes) do
        report[#report + 1] = "  " .. note
    end
    local periods = #list > 0 and (list[#list].t - list[1].t) // entry.period + 1 or 0
    local gaps = periods - distinct(list)
    if gaps > 0 then
        report[#report + 1] = string.format("  %d of %d periods without a point (%s)", gaps,
            periods, entry.companion and "zero where there are " .. entry.companion.metric
                or "no data")
    end
    report_doubts(entry, report)
end

-- What it means where a count is not there and its companion is. CloudWatch reports no zeros: a
-- count without a point was always zero there. What a run read says it of itself.
local function absent_of(entry, source)
    if entry.series.absent or not entry.companion or #entry.points > 0 then
        return entry.series.absent
    end
    return (source:find("^cloudwatch") or source:find("^metric%-stream")) and "zero" or nil
end

local function manifest_of(mapped, source, options)
    local list = {}
    for i, entry in ipairs(mapped) do
        list[i] = {
            id = i, metric = entry.metric, arm = entry.arm, period = entry.period,
            statistic = entry.statistic, unit = entry.unit, query = sums.query(entry),
            absent = absent_of(entry, source),
            companion = entry.companion and entry.companion.metric,
            target = entry.target or options.target,
        }
    end
    return {
        format = "tidelock-recording", version = 1, source = source,
        series = canonical.array(list),
        note = options.note, alarms = options.alarms,
    }
end

local function value_text(number)
    if type(number) == "table" then
        return canonical.encode(number.word)
    end
    local whole = math.tointeger(number + 0.0) -- as the double that it is read as
    if whole and math.abs(whole) <= 2 ^ 53 then
        return string.format("%d", whole)
    end
    return canonical.encode(number + 0.0)
end

-- A time that says nothing new is not written: what is not said was seen when its period ended.
local function point_text(id, point, period)
    local seen = point.seen and point.seen ~= point.t + period
        and string.format("\"seen\":%d,", point.seen) or ""
    return string.format("{\"s\":%d,%s\"t\":%d,\"v\":%s}", id, seen, point.t,
        value_text(point.v))
end

-- The series whose next point is earliest; of equal ones the first.
local function earliest(mapped, written)
    local first, first_at
    for i, entry in ipairs(mapped) do
        local point = entry.points[written[i] + 1]
        if point and (not first or point.t < first_at) then
            first, first_at = i, point.t
        end
    end
    return first
end

-- Texts of the command line come as they are.
local function manifest_text(manifest)
    local ok, text = pcall(canonical.encode, manifest)
    if not ok then
        invalid("the manifest cannot be written: %s", tostring(text))
    end
    return text
end

local function report_alarm(alarm, report)
    local last = alarm.states[#alarm.states]
    report[#report + 1] = string.format("alarm %s: %s, %s to %s, at last %s", alarm.name,
        count(#alarm.states, "state"), times.format(alarm.states[1].at), times.format(last.at),
        last.state)
end

local function write(mapped, source, options)
    local lines = {manifest_text(manifest_of(mapped, source, options))}
    local written = {}
    for i in ipairs(mapped) do
        written[i] = 0
    end
    while true do
        local i = earliest(mapped, written)
        if not i then
            return table.concat(lines, "\n") .. "\n"
        end
        written[i] = written[i] + 1
        lines[#lines + 1] = point_text(i, mapped[i].points[written[i]], mapped[i].period)
    end
end

local function check_size(mapped, alarms)
    if #mapped > SERIES_MAX then
        invalid("%d series, a recording holds at most %d", #mapped, SERIES_MAX)
    end
    local total = 0
    for _, entry in ipairs(mapped) do
        total = total + #entry.points
    end
    if total == 0 and not alarms then
        invalid("there is not one point in what was given")
    elseif total > POINTS_MAX then
        invalid("%d points, a recording holds at most %d", total, POINTS_MAX)
    end
end

local function check_options(mapped, options)
    mapping.check_names(options.counters, mapped, "--counter")
    mapping.check_names(options.rates, mapped, "--rate")
    mapping.check_names(options.units, mapped, "--unit")
    mapping.check_names(options.scales, mapped, "--scale")
    mapping.check_names(options.statistics, mapped, "--statistic")
    mapping.check_names(options.companions, mapped, "--companion")
end

-- `options` are those of import.run, `convert` of points.read, and a recording's `alarms`.
function M.build(found, source, options, report)
    local mapped = (#found > 0 or not options.alarms)
        and buckets.split(mapping.apply(found, options.series, report), options) or {}
    check_options(mapped, options)
    for _, entry in ipairs(mapped) do
        describe(entry, options)
    end
    for _, entry in ipairs(mapped) do
        entry.companion = companion_of(entry, mapped, options)
    end
    read_entries(mapped, options)
    check_size(mapped, options.alarms)
    check_periods(mapped)
    check_grids(mapped)
    for _, entry in ipairs(mapped) do
        if buckets.is_told(entry) then
            report_entry(entry, report)
        end
    end
    for _, alarm in ipairs(options.alarms or {}) do
        report_alarm(alarm, report)
    end
    return write(mapped, source, options)
end

return M
