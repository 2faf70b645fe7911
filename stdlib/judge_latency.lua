-- The inside of judge.lua: judge.latency, its options and what they may be.

local check = require "check"
local kinds = require "kinds"

---@class judge_latency: judging.Kind
local M = { example = "latency:tolerance=0.2" }

---@class (exact) judge.LatencyOptions
---@field name? string          # how reports call it; the metric
---@field metric? string        # whose counts per threshold are compared; "latency"
---@field tolerance? number     # the part by which the canary may be slower; 0.1
---@field thresholds? number[]  # where the requests are cut, ms; else where the hour before says
---@field alpha? number         # probability of a false alarm over the whole rollout; 0.01
---@field dispersion? number    # variance over the multinomial's, from an A/A period; 1
---@field restarts? integer     # watches planned in all; 0: not known beforehand

local CUTS_MAX = 12

local function rising(list)
    for i, cut in ipairs(list) do
        if not kinds.number(0.001, 1e9).read(cut) or i > 1 and cut <= list[i - 1] then
            return false
        end
    end
    return true
end

local thresholds = { expected = "rising milliseconds such as { 100, 250, 1000 }" }

function thresholds.read(value)
    if type(value) ~= "table" or #value < 1 or #value > CUTS_MAX or not rising(value) then
        return nil
    end
    local cuts = {}
    for i, cut in ipairs(value) do
        cuts[i] = cut + 0.0
    end
    return cuts
end

-- "100/250/1000": commas separate options.
function thresholds.parse(text)
    local cuts = {}
    for part in (text .. "/"):gmatch "([^/]*)/" do
        cuts[#cuts + 1] = kinds.number().parse(part) or math.huge
    end
    return thresholds.read(cuts)
end

local metric = { expected = "a name of at most 24 characters" }

function metric.read(value)
    local name = kinds.name.read(value)
    return name and #name <= 24 and name:find("^%a[%w_.-]*$") and name or nil
end

metric.parse = metric.read

M.fields = {
    name = kinds.name,
    metric = metric,
    tolerance = kinds.number(0, 100),
    thresholds = thresholds,
    alpha = kinds.number(nil, nil, 0, 1),
    dispersion = kinds.number(1, 1000000),
    restarts = kinds.integer(0, 1000),
}

function M.make(options)
    local latency, why = check.take(options, M.fields, {
        judge = "latency", metric = "latency", tolerance = 0.1, alpha = 0.01, dispersion = 1.0,
        restarts = 0,
    })
    if not latency then
        return nil, why
    end
    latency.name = latency.name or latency.metric
    return latency
end

-- Thresholds that were not given are learned before the first watch.

local HOUR = 3600000

---What is asked for: what the baseline's requests took in the hour before.
function M.learns(one)
    return not one.thresholds
        and { { kind = "distribution", metric = one.metric, last = HOUR } } or nil
end

local QUANTILES = { 0.25, 0.5, 0.75, 0.9, 0.95, 0.99, 0.995 }

local function sum(list)
    local all = 0
    for _, count in ipairs(list) do
        all = all + count
    end
    return all
end

-- How many requests took at most so many ms: straight between the bounds that were counted.
local function within(seen, ms)
    local below, low = 0, 0
    for i, bound in ipairs(seen.bounds) do
        if ms < bound then
            return below + seen.counts[i] * (ms - low) / (bound - low)
        end
        below, low = below + seen.counts[i], bound
    end
    return below
end

-- What the part q of the requests took at most, if that lies within the bounds; three digits do.
local function at_quantile(seen, q)
    local rank, below, low = q * sum(seen.counts), 0, 0
    for i, bound in ipairs(seen.bounds) do
        if seen.counts[i] > 0 and below + seen.counts[i] >= rank then
            local at = low + (bound - low) * (rank - below) / seen.counts[i]
            return tonumber(("%.3g"):format(at)) + 0.0
        end
        below, low = below + seen.counts[i], bound
    end
end

-- Rising, each once.
local function add(list, value)
    if value and value > 0 and value > (list[#list] or 0) and #list < CUTS_MAX then
        list[#list + 1] = value
    end
end

local function quantiles_of(seen)
    local cuts = {}
    for _, q in ipairs(QUANTILES) do
        add(cuts, at_quantile(seen, q))
    end
    return cuts
end

-- The one that is by the smallest factor away from what is wanted.
local function nearest(list, wanted)
    local best
    for _, value in ipairs(list) do
        local off = math.max(value / wanted, wanted / value)
        if not best or off < math.max(best / wanted, wanted / best) then
            best = value
        end
    end
    return best
end

-- Where a source has the bounds that it has: all of them if they are few, else those nearest to
-- the quantiles; and for each the canary's bound that comes nearest to what is tolerated.
local function pairs_of(seen, tolerance)
    local wanted, baseline, canary = seen.bounds, {}, {}
    if #wanted > #QUANTILES + 1 then
        wanted = {}
        for _, cut in ipairs(quantiles_of(seen)) do
            add(wanted, nearest(seen.bounds, cut))
        end
    end
    for _, cut in ipairs(wanted) do
        local other = nearest(seen.canary_bounds, (1 + tolerance) * cut)
        if other and other >= cut and other > (canary[#canary] or 0) then
            baseline[#baseline + 1], canary[#canary + 1] = cut, other
        end
    end
    return baseline, canary
end

-- The counts of five periods, by bucket.
local function counts_at(seen, cuts)
    local counts, before, scale = {}, 0, 5 / seen.periods
    for i, cut in ipairs(cuts) do
        local upto = within(seen, cut)
        counts[i], before = (upto - before) * scale, upto
    end
    counts[#cuts + 1] = (sum(seen.counts) - before) * scale
    return counts
end

-- Of percentiles the one that most requests are behind.
local function fallback(one, names)
    local best, least = names[1], math.huge
    for _, name in ipairs(names) do
        local off = math.abs((tonumber(name:match "_p([%d.]+)$") or math.huge) - 50)
        if off < least then
            best, least = name, off
        end
    end
    return require("judge_percentile").make {
        name = one.name, metric = best, tolerance = one.tolerance, alpha = one.alpha,
        restarts = one.restarts,
    }
end

---The judge with thresholds of what was seen, or nil and why there are none. Where there are
---percentiles only, judge.percentile in its place.
function M.learned(one, answers)
    local seen = answers[1]
    if seen.percentiles then
        return fallback(one, seen.percentiles)
    elseif (seen.periods or 0) == 0 or sum(seen.counts) == 0 then
        return nil, ("the baseline had no %s in the hour before: give thresholds"):format(
            one.metric)
    end
    local copy = {}
    for name, value in next, one do
        copy[name] = value
    end
    if seen.canary_bounds then
        copy.thresholds, copy.canary_thresholds = pairs_of(seen, one.tolerance)
    else
        copy.thresholds = quantiles_of(seen)
    end
    if #copy.thresholds == 0 then
        return nil, ("most of the baseline's requests are beyond all bounds of %s: give thresholds")
            :format(one.metric)
    end
    copy.learned = counts_at(seen, copy.thresholds)
    return copy
end

function M.asks(one)
    return { { metric = one.metric, family = true } }
end

return M
