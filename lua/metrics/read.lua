-- From answers to readings: one for each period, metric and arm, each a value, "no data" (the
-- source answered: nothing there) or "provider error" (it did not answer, or not in full).
--
-- Some sources leave out what did not happen. Errors that are absent while requests are present are
-- zero where their definition says so (absent = "zero"), and otherwise no data, as are those of
-- which the requests are absent. A percentile of a handful of values is none.

local config = require "metrics.config"

local M = {}

local ARMS = { "baseline", "canary" }

local function value(number)
    return { status = "value", value = number }
end

local function no_data(message)
    return { status = "no data", message = message }
end

local function failed(series)
    return { status = "provider error", message = series.problem, again = series.again or nil }
end

-- A count is a number of things.
local function checked(metric, number)
    if metric.statistic == "sum" and (number < 0 or number > 2 ^ 53) then
        return failed { problem = ("%s is no count of %s"):format(number, metric.name) }
    end
    return value(number * (metric.scale or 1))
end

local function plain(metric, series, at)
    if series.problem then
        return failed(series)
    end
    local number = series.values[at]
    return number and checked(metric, number) or no_data()
end

-- A count among others, by the companion that tells zero from nothing.
local function counted(metric, reading, of)
    if of.status == "provider error" then
        return of
    elseif of.status ~= "value" or of.value <= 0 then
        return no_data()
    elseif reading.status ~= "value" and metric.absent == "zero" then
        return value(0)
    end
    return reading
end

local function gated(metric, series, reading, at, gate)
    local samples = series.samples and series.samples[at]
    if not samples and gate then
        if gate.status == "provider error" then
            return gate
        end
        samples = gate.value or 0
    elseif series.samples then
        samples = samples or 0
    end
    if reading.status == "value" and samples and samples < metric.at_least then
        return no_data(("%s of %.0f values: at least %.0f are needed"):format(metric.statistic,
            samples, metric.at_least))
    end
    return reading
end

-- Readings of one arm in one period, by metric. Whatever is rested on is read first.
local function read_arm(plan, all, arm, at)
    local raw, done = {}, {}
    for _, metric in ipairs(plan.metrics) do
        raw[metric.name] = plain(metric, all[metric.name][arm], at)
    end
    for _, metric in ipairs(plan.metrics) do
        local reading = raw[metric.name]
        if reading.status ~= "provider error" and metric.companion then
            reading = counted(metric, reading, raw[metric.companion])
        elseif metric.at_least then
            reading = gated(metric, all[metric.name][arm], reading, at, raw[metric.gate])
        end
        done[metric.name] = reading
    end
    return done
end

local function read_period(plan, all, at)
    local metrics = {}
    for _, arm in ipairs(ARMS) do
        for name, reading in pairs(read_arm(plan, all, arm, at)) do
            metrics[name] = metrics[name] or {}
            metrics[name][arm] = reading
        end
    end
    return { at = at, metrics = metrics }
end

-- Whether either arm has anything in a period.
local function is_divided(plan, all, at)
    for _, metric in ipairs(plan.metrics) do
        for _, arm in ipairs(ARMS) do
            local series = all[metric.name][arm]
            if series.problem or series.values[at] then
                return true
            end
        end
    end
    return false
end

-- Where the arms are told apart only while both have something, the one that has all of the traffic
-- has what there is of both.
local function take_whole(plan, all, alone)
    for at = plan.from, plan.to - 1, plan.period do
        local divided = is_divided(plan, all, at)
        for _, metric in ipairs(divided and {} or plan.metrics) do
            local whole = all[metric.name].service
            if whole and whole.problem then
                all[metric.name][alone] = whole
            elseif whole then
                all[metric.name][alone].values[at] = whole.values[at]
                if whole.samples then
                    all[metric.name][alone].samples[at] = whole.samples[at]
                end
            end
        end
    end
end

-- `alone` is the arm that has all of the traffic, if one has.
--
-- `answers` stand as plan.calls do. That of an AWS read is what the client made of it ({outcome=,
-- value= | error=}; instead of `value`, `pages` in their order); that of an HTTP request {status=,
-- headers=, body=} or {lost = true, message=}. Returns {periods = {{at=, metrics = {name =
-- {canary=, baseline=}}}...}}, the metrics that others rest on included, or {not_ready = true}.
function M.read(plan, answers, alone)
    if plan.not_ready then
        return { not_ready = true }
    end
    local all = {}
    for _, metric in ipairs(plan.metrics) do
        all[metric.name] = {}
        for arm in pairs(metric.arms) do
            all[metric.name][arm] = config.kinds[metric.kind].read(plan, metric.arms[arm], answers)
        end
    end
    if alone then
        take_whole(plan, all, alone)
    end
    local periods = {}
    for at = plan.from, plan.to - 1, plan.period do
        periods[#periods + 1] = read_period(plan, all, at)
    end
    return { periods = periods }
end

return M
