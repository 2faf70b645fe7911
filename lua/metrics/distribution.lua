-- How long the requests of a baseline took, in a time that is over: where judge.latency takes its
-- thresholds from (the effect `distribution`, docs/architecture.md).

local canonical = require "canonical"
local config = require "metrics.config"
local invalid = require "import.invalid"
local sorted = require "sorted"
local unread = require "metrics.unread"

local M = {}

-- Of what a percentile is worth asking for; its share.
local PERCENTILES = { { "p25", 0.25 }, { "p50", 0.5 }, { "p75", 0.75 }, { "p90", 0.9 },
    { "p95", 0.95 }, { "p99", 0.99 }, { "p99.5", 0.995 } }

-- To the ten digits that names of thresholds have.
local function rounded(list)
    local copy = {}
    for i, value in ipairs(list) do
        copy[i] = tonumber(("%.10g"):format(value)) + 0.0
    end
    return canonical.array(copy)
end

-- `fixed`: the source counts at these bounds alone, and the canary has no others.
local function result(bounds, counts, periods, fixed)
    return {
        bounds = rounded(bounds), counts = rounded(counts), periods = periods,
        canary_bounds = fixed and rounded(bounds) or nil,
    }
end

local function check_answered(name, readings)
    local last
    for _, reading in ipairs(readings) do
        if reading.status ~= "provider error" then
            return
        end
        last = reading
    end
    if last then
        unread.raise(unread.text(name, last), last.again)
    end
end

local function values_of(periods, name)
    local readings, values = {}, {}
    for i, period in ipairs(periods) do
        local reading = period.metrics[name].baseline
        readings[i] = reading
        values[#values + 1] = reading.status == "value" and reading.value or nil
    end
    check_answered(name, readings)
    return values
end

local function sum(values)
    local all = 0
    for _, value in ipairs(values) do
        all = all + value
    end
    return all
end

local function median(values)
    table.sort(values)
    return values[(#values + 1) // 2]
end

-- Where a source can be cut anywhere: at its percentiles, which are those of most periods.
local function by_percentiles(run, question)
    local names = { question.family .. "_count" }
    for i, percentile in ipairs(PERCENTILES) do
        names[i + 1] = question.family .. "_" .. percentile[1]
    end
    local periods = run:history(question, names)
    local all = values_of(periods, names[1])
    local bounds, counts, before = {}, {}, 0
    for i, percentile in ipairs(PERCENTILES) do
        local value = median(values_of(periods, names[i + 1]))
        if value and value > (bounds[#bounds] or 0) then
            bounds[#bounds + 1] = value
            counts[#counts + 1] = sum(all) * (percentile[2] - before)
            before = percentile[2]
        end
    end
    counts[#counts + 1] = sum(all) * (1 - before)
    return result(bounds, counts, #all)
end

-- By the bounds that there are: `within` is {[ms] = how many took at most so long}.
local function by_bounds(within, all, periods)
    local bounds, counts, before = sorted(within), {}, 0
    for i, bound in ipairs(bounds) do
        counts[i] = math.max(within[bound] - before, 0)
        before = math.max(within[bound], before)
    end
    counts[#counts + 1] = math.max(all - before, 0)
    return result(bounds, counts, periods, true)
end

local function by_names(run, question, thresholds)
    local names = { question.family .. "_count" }
    for name in pairs(thresholds) do
        names[#names + 1] = name
    end
    local periods, within = run:history(question, names), {}
    for name, bound in pairs(thresholds) do
        within[bound] = sum(values_of(periods, name))
    end
    local all = values_of(periods, names[1])
    return by_bounds(within, sum(all), #all)
end

local function by_buckets(run, question, definition)
    local plan, answers = run:answers(question, { question.family .. "_count" })
    if plan.not_ready then
        return result({}, { 0 }, 0)
    end
    local within, all, periods = config.kinds[definition.kind].buckets(plan,
        plan.metrics[1].arms.baseline, answers, definition.bucket_scale)
    return by_bounds(within, all, periods)
end

-- effect: { target, metric, from, to }. What core/world/traffic.h says of traffic_distribution.
function M.of(run, effect, now)
    local kind, family = effect.target.type, effect.metric
    local question = { target = effect.target, family = family, from = effect.from, to = effect.to,
        now = now }
    local there, definition = pcall(config.definition, run.config, kind, family .. "_count")
    local thresholds = config.thresholds(run.config, kind, family)
    if there and next(thresholds) then
        return by_names(run, question, thresholds)
    elseif there and definition.histogram == "classic" then
        return by_buckets(run, question, definition)
    elseif there then
        return by_percentiles(run, question)
    end
    local percentiles = config.percentiles(run.config, kind, family)
    if not percentiles[1] then
        invalid("there are neither counts per threshold of \"%s\" nor percentiles for the target "
            .. "type %s; write it into `metrics` of tidelock.lua", family, kind)
    end
    return { percentiles = canonical.array(percentiles) }
end

return M
