-- What providers have of the hours before of all that a run will look at: asked once, before
-- anything is changed. What could not be judged is refused then, and not by the first watch.

local config = require "metrics.config"
local invalid = require "import.invalid"
local sorted = require "sorted"
local times = require "import.times"
local window = require "metrics.window"

local M = {}

local HOURS, PERIODS_MAX = 3 * 3600000, 1440
local ARMS = { "baseline", "canary" }

-- The names that stand for a family: its count if there is one, else its percentiles.
local function names_of_family(checked, kind, family)
    local count = family .. "_count"
    if pcall(config.definition, checked, kind, count) then
        return { { metric = count, requests = true } }
    end
    local list = {}
    for i, name in ipairs(config.percentiles(checked, kind, family)) do
        list[i] = { metric = name }
    end
    if #list == 0 then
        invalid("there are neither counts per threshold of \"%s\" nor percentiles for the target "
            .. "type %s; write it into `metrics` of tidelock.lua", family, kind)
    end
    return list
end

-- What is asked for, by the period of its provider: metrics of one period go together.
local function by_period(checked, kind, asks)
    local groups, known = {}, {}
    local function add(ask)
        local period = config.definition(checked, kind, ask.metric).provider.period
        groups[period] = groups[period] or { asks = {}, names = {}, period = period }
        local group = groups[period]
        group.asks[#group.asks + 1] = ask
        group.names[#group.names + 1] = not known[ask.metric] and ask.metric or nil
        known[ask.metric] = true
    end
    for _, ask in ipairs(asks) do
        for _, one in ipairs(ask.family and names_of_family(checked, kind, ask.metric)
            or { ask }) do
            add(one)
        end
    end
    local list = {}
    for _, group in pairs(groups) do
        list[#list + 1] = group
    end
    table.sort(list, function(a, b) return a.period < b.period end)
    return list
end

-- What came of one arm: how many points, of how many periods, how late the newest was.
local function count(periods, name, arm, plan)
    local came = { points = 0, sum = 0, failed = 0 }
    for _, period in ipairs(periods) do
        local reading = period.metrics[name][arm]
        if reading.status == "value" then
            came.points, came.sum = came.points + 1, came.sum + reading.value
            came.first = came.first or period.at
            came.newest = period.at + plan.period
        elseif reading.status == "provider error" then
            came.failed, came.message = came.failed + 1, reading.message
            came.again = reading.again
        end
    end
    return came
end

local function asked_for(plan, name, arm)
    for _, metric in ipairs(plan.metrics) do
        if metric.name == name then
            return metric.arms[arm].series, metric
        end
    end
end

local function check_answered(name, came, periods, series)
    if came.failed < periods or periods == 0 then
        return
    end
    local text = ("%s cannot be read, and nothing was changed: %s (asked for %s)"):format(name,
        came.message or "no answer", series)
    if came.again then
        error({ failed = text }, 0)
    end
    invalid("%s", text)
end

-- Whether it could be judged.
local function check_there(ask, came, context)
    local enough = came.points > 0
    if ask.requests then
        enough = came.sum > 0
    elseif not ask.count then
        return
    end
    if not enough then
        invalid("%s of the old version %s in the %s before: %s came of %d periods (asked for %s)",
            ask.metric, ask.requests and "were not there" or "were never reported",
            times.duration(context.plan.to - context.plan.from),
            came.points > 0 and "zeros" or "nothing", context.periods, context.series)
    end
end

local function entry_of(ask, arm, came, context)
    return {
        metric = ask.metric, arm = arm, target = context.label, points = came.points,
        periods = context.periods, late = came.newest and context.now - came.newest or nil,
        asked = context.series, absent = context.metric.absent, of = context.of,
        period = context.plan.period, sum = (ask.count or ask.requests) and came.sum + 0.0 or nil,
        span = came.first and context.plan.to - came.first or nil,
    }
end

-- Before anything was shifted, what tells a baseline apart in CloudWatch is left out where it is
-- the whole: there is no canary to be read then.
local function arms_of(plan, metric)
    return plan.whole and metric.kind == "cloudwatch" and { "baseline" } or ARMS
end

local function read_metric(plan, periods, ask, question, entries)
    local _, described = asked_for(plan, ask.metric, "baseline")
    for _, arm in ipairs(arms_of(plan, described)) do
        local came = count(periods, ask.metric, arm, plan)
        local series, metric = asked_for(plan, ask.metric, arm)
        local context = { plan = plan, periods = #periods, series = series, metric = metric,
            label = question.label, now = question.now, of = question.of }
        if #arms_of(plan, described) == 1 then
            context.series = ("%s without %s"):format(series,
                table.concat(sorted(plan.whole), ", "))
        end
        check_answered(ask.metric, came, #periods, context.series)
        if arm == "baseline" and #periods > 0 then
            check_there(ask, came, context)
        end
        entries[#entries + 1] = entry_of(ask, arm, came, context)
    end
end

-- Requests first: where there are none, nothing is counted among them.
local function read_group(run, question, group, entries)
    local plan, answers = run:answers(question, group.names)
    local periods = run.read_answers(plan, answers).periods or {}
    for _, of_requests in ipairs { true, false } do
        for _, ask in ipairs(group.asks) do
            if (ask.requests or false) == of_requests then
                read_metric(plan, periods, ask, question, entries)
            end
        end
    end
end

-- The asks of several lists, each metric once.
local function joined(lists)
    local asks, known = {}, {}
    for _, list in ipairs(lists) do
        for _, ask in ipairs(list) do
            local one = known[ask.metric]
            if not one then
                one = { metric = ask.metric, family = ask.family }
                known[ask.metric], asks[#asks + 1] = one, one
            end
            one.count, one.requests = one.count or ask.count, one.requests or ask.requests
        end
    end
    return asks
end

-- lists: as world.h says of `preflight`. What came, arm by arm: a list of { metric, arm, target,
-- points, periods, late, asked, absent, of, period, sum, span }: `of` is the target's place in the
-- list, from 0; `sum` what all points add up to, `span` how long it is from the first of them (ms).
function M.carry_out(run, targets, lists, now, label_of)
    local entries, asks = {}, joined(lists)
    for i, target in ipairs(targets) do
        for _, group in ipairs(by_period(run.config, target.type, asks)) do
            local back = math.min(HOURS, PERIODS_MAX * group.period)
            read_group(run, { target = target, label = label_of(target), of = i - 1, now = now,
                to = now, from = window.down(now - back, group.period) }, group, entries)
        end
    end
    return entries
end

return M
