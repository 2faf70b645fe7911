-- One imported series becomes points on a grid: numbers read, put in order, doubles and gaps
-- counted, counters turned into increases.

local count = require "import.count"
local invalid = require "import.invalid"
local numbers = require "import.numbers"
local times = require "import.times"

local M = {}

local function note_absences(absent, total, note)
    local parts = {}
    for why, times_seen in pairs(absent) do
        parts[#parts + 1] = string.format("%s %d", why, times_seen)
    end
    table.sort(parts)
    if total > 0 then
        note("%s without a number left out (%s)", count(total, "value"), table.concat(parts, ", "))
    end
end

-- Who writes nothing had no point there (a wide table has rows for all of its series); who writes
-- NaN had one, which tells the period as well as others do.
local NO_POINT = {empty = true, null = true}

-- A number, or one of import.words, and its unit; or nil, nil and why there is none. Who converts
-- no units takes none.
local function read_value(series, i, options)
    local value = series.values[i]
    if type(value) ~= "string" then
        return value
    elseif options.convert then
        return numbers.read(value, options.decimal or series.decimal, series.wheres[i])
    end
    return numbers.read_plain(value, series.wheres[i])
end

-- A zero is one in every unit.
local function take_unit(entry, unit, number, where)
    local known = entry.cells and entry.cells.unit
    if entry.cells and unit ~= known and number ~= 0 then
        invalid("%s: %s, but %s at %s", where,
            unit and "the unit is " .. unit or "there is no unit",
            known and "it is " .. known or "there is none", entry.cells.where)
    end
    if number ~= 0 then
        entry.cells = entry.cells or {unit = unit, where = where}
    end
end

-- Points, some of them without a number.
local function read_points(entry, options, note)
    local series, points, absent, absences = entry.series, {}, {}, 0
    -- The increase between two readings was first seen when neither says.
    local seens = not entry.counter and series.seens or {}
    for i in ipairs(series.values) do
        local number, unit, why = read_value(series, i, options)
        if number then
            take_unit(entry, unit, number, series.wheres[i])
        end
        if not NO_POINT[why] then
            points[#points + 1] = {
                t = series.times[i], v = number, seen = seens[i], where = series.wheres[i], n = i,
            }
        end
        if why then
            absent[why] = (absent[why] or 0) + 1
            absences = absences + 1
        end
    end
    note_absences(absent, absences, note)
    return points
end

local function with_numbers(points)
    local kept = {}
    for _, point in ipairs(points) do
        kept[#kept + 1] = point.v and point or nil
    end
    return kept
end

-- One point for each time there is, in order.
local function distinct_times(points)
    local kept = {}
    for _, point in ipairs(points) do
        local last = kept[#kept]
        kept[#kept + 1] = (not last or last.t ~= point.t) and point or nil
    end
    return kept
end

local function take_order(points, note)
    local rises, falls = 0, 0
    for i = 2, #points do
        local before, here = points[i - 1].t, points[i].t
        rises = rises + (here > before and 1 or 0)
        falls = falls + (here < before and 1 or 0)
    end
    if falls > 0 and rises == 0 then
        note("newest first: put in order")
    elseif falls > 0 then
        note("%s out of order: put in order", count(falls, "point"))
    end
    if falls > 0 then
        table.sort(points, function(a, b)
            if a.t ~= b.t then
                return a.t < b.t
            end
            return a.n < b.n
        end)
    end
end

-- Of points of one time the one given last is kept: exports that overlap repeat what they had, with
-- later values. Different first-seen times make revisions instead, which all stay.
local function drop_doubles(points, note)
    local kept, same, other = {}, 0, 0
    for _, point in ipairs(points) do
        local last = kept[#kept]
        if last and last.t == point.t and last.seen == point.seen then
            same = same + (last.v == point.v and 1 or 0)
            other = other + (last.v ~= point.v and 1 or 0)
            kept[#kept] = point
        else
            kept[#kept + 1] = point
        end
    end
    if same + other > 0 then
        note("%s dropped: %d with the same value, %d with another (the one given last was kept)",
            count(same + other, "duplicate"), same, other)
    end
    return kept
end

local function order_revisions(points)
    table.sort(points, function(a, b)
        if a.t ~= b.t then
            return a.t < b.t
        elseif (a.seen or 0) ~= (b.seen or 0) then
            return (a.seen or 0) < (b.seen or 0)
        end
        return a.n < b.n
    end)
end

local function smallest_step(points)
    local step, at
    for i = 2, #points do
        local apart = points[i].t - points[i - 1].t
        if apart > 0 and (not step or apart < step) then
            step, at = apart, i
        end
    end
    return step, at
end

local function mixed(key, points, i, apart, k, other)
    invalid("\"%s\" has mixed periods: points are %s apart at %s and %s apart at %s: import the "
        .. "parts by themselves, or take times down to whole periods with --period and --align",
        key, times.duration(apart), points[i].where, times.duration(other), points[k].where)
end

-- Every distance must be whole periods. One that is not is named together with one that is.
local function check_steps(key, points, period, period_at, declared)
    for i = 2, #points do
        local apart = points[i].t - points[i - 1].t
        if apart % period ~= 0 then
            if not declared then
                mixed(key, points, period_at, period, i, apart)
            end
            invalid("%s: \"%s\" has a period of %s, but points %s apart (--align takes times down "
                .. "to whole periods)", points[i].where, key, times.duration(period),
                times.duration(apart))
        end
    end
end

local RUN = 5

-- How many equal steps longer than the period there are at one end of the series, and how long.
local function run_at_end(points, period, first, last, way)
    local run, length = 0, nil
    for i = first, last, way do
        local apart = points[i].t - points[i - 1].t
        if apart <= period or (length and apart ~= length) then
            break
        end
        run, length = run + 1, apart
    end
    return run, length
end

-- What a provider keeps for long it keeps in longer periods, and sums over five minutes lie on the
-- grid of one minute too: a series that begins or ends with equal longer steps is not one with
-- gaps.
local function check_coarse_end(key, points, period, period_at)
    local run, length = run_at_end(points, period, 2, #points, 1)
    if run >= RUN and run < #points - 1 then
        mixed(key, points, period_at, period, 2, length)
    end
    run, length = run_at_end(points, period, #points, 2, -1)
    if run >= RUN and run < #points - 1 then
        mixed(key, points, period_at, period, #points, length)
    end
end

-- Returns how many times were moved, and how many came to lie on another's.
local function align(points, period)
    local moved, taken, shared = 0, {}, 0
    for _, point in ipairs(points) do
        local was = point.t
        point.t = was - was % period
        moved = moved + (point.t ~= was and 1 or 0)
        shared = shared + ((taken[point.t] or was) ~= was and 1 or 0)
        taken[point.t] = was
    end
    return moved, shared
end

-- The period as the user or the source declared it, as the companion has it, or as the points lie;
-- nil if nothing tells.
local function settle_period(entry, points, options)
    local own = entry.series.period
    if options.period and own and options.period ~= own then
        invalid("\"%s\" has a period of %s, --period says %s", entry.key, times.duration(own),
            times.duration(options.period))
    end
    local declared = options.period or own or entry.assumed_period
    local step, at = smallest_step(points)
    local period = declared or step
    if not period then
        return nil
    end
    check_steps(entry.key, points, period, at, declared)
    if not entry.companion and not options.period and not entry.series.whole
        and step == period then
        check_coarse_end(entry.key, points, period, at)
    end
    return period
end

-- A counter's increase belongs to the period between two readings. After a reset it counts from
-- zero.
local function increases(points, period, note)
    local result, resets, across = {}, 0, 0
    for i = 2, #points do
        local before, here = points[i - 1], points[i]
        local reset = here.v < before.v
        resets = resets + (reset and 1 or 0)
        if here.t - before.t == period then
            result[#result + 1] = {
                t = before.t, v = reset and here.v or here.v - before.v, where = here.where,
            }
        else
            across = across + 1
        end
    end
    if resets > 0 then
        note("%s: counted from zero again", count(resets, "counter reset"))
    end
    if across > 0 then
        note("%s across gaps left out: nobody knows to which period they belong",
            count(across, "increase"))
    end
    return result
end

local COUNTER_POINTS = 8

-- Never falls, but for a few times and then to less than half: what counts from the start of a
-- process does that, what counts per period hardly ever.
local function looks_like_counter(points)
    local rises, resets = 0, 0
    for i = 2, #points do
        local before, here = points[i - 1].v, points[i].v
        if here < before and here * 2 >= before then
            return false
        end
        rises = rises + (here > before and 1 or 0)
        resets = resets + (here < before and 1 or 0)
    end
    return #points >= COUNTER_POINTS and rises * 2 >= #points and resets * 5 <= #points
end

local function transform(entry, points, period, note)
    if entry.counter then
        return increases(points, period, note)
    end
    if entry.series.times_are_ends and not entry.rate and looks_like_counter(points) then
        note("looks like a counter, which is no count of a period: add --counter %s", entry.metric)
    end
    for _, point in ipairs(points) do
        if entry.series.times_are_ends then
            point.t = point.t - period
        end
        if entry.rate then
            point.v = point.v * period / 1000
        end
    end
    return points
end

local function check_values(entry, points, period)
    for _, point in ipairs(points) do
        if point.t < 0 then
            invalid("%s: a period that starts before 1970", point.where)
        end
        local number = type(point.v) == "number"
        if number and entry.statistic == "sum" and (point.v < 0 or point.v > 2 ^ 53) then
            invalid("%s: %s is no count: expected 0 to 2^53", point.where, tostring(point.v))
        end
        if point.seen and point.seen < point.t then
            invalid("%s: first seen at %s, before its period began at %s", point.where,
                times.format(point.seen), times.format(point.t))
        end
    end
    return points, period
end

-- Points that do not say so were first seen when their period was over.
local function settle_seen(points, period)
    for _, point in ipairs(points) do
        point.seen = point.seen or point.t + period
    end
    order_revisions(points)
end

local function align_all(entry, points, options, note)
    local period = options.period or entry.series.period
    if not period then
        invalid("--align needs --period: to what should times be taken down?")
    end
    local moved, shared = align(points, period)
    if shared * 2 >= #points and shared > 0 then
        invalid("\"%s\": %d of %d points fall into a period of %s that has one already: the period "
            .. "is too long, and points are not added up", entry.key, shared, #points,
            times.duration(period))
    end
    if moved > 0 then
        note("%s taken down to whole periods", count(moved, "time"))
    end
    if shared > 0 then
        note("%s fell into a period that had one already", count(shared, "point"))
    end
end

-- entry: {series, key, statistic, counter, rate, companion, assumed_period}; options.convert(entry,
-- points, options, note) may change numbers as they were read. Returns points {t, v, seen} in order
-- and their period, nil if there are too few to tell.
function M.read(entry, options, note)
    local points = read_points(entry, options, note)
    if options.convert then
        options.convert(entry, points, options, note)
    end
    if options.align then
        align_all(entry, points, options, note)
    end
    take_order(points, note)
    local period = settle_period(entry, distinct_times(points), options)
    points = with_numbers(points)
    if entry.series.seens then
        order_revisions(points)
    end
    points = drop_doubles(points, note)
    if not period then
        return points, nil
    end
    points = transform(entry, points, period, note)
    if entry.series.seens and not entry.counter then
        settle_seen(points, period)
        points = drop_doubles(points, note)
    end
    return check_values(entry, points, period)
end

return M
