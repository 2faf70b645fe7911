-- The inside of judge.lua: judge.ratio, its options and what they may be.

local check = require "check"
local kinds = require "kinds"

---@class judge_ratio: judging.Kind
local M = { example = "ratio:alpha=0.01" }

---@class (exact) judge.Metric
---@field events string    # what goes wrong: "errors"
---@field trials string    # among what: "requests"
---@field weight? number   # share of the evidence; equal shares unless given, together 1

---@class (exact) judge.RatioOptions
---@field name? string          # how reports call it; "errors" after its first metric
---@field events? string        # "errors"; or `metrics` for several
---@field trials? string        # "requests"
---@field metrics? judge.Metric[]
---@field alpha? number         # probability of a false alarm over the whole rollout; 0.01
---@field psi0? number          # canary rate / baseline rate that is still tolerated; 1
---@field grid? number[]        # { low, high, count }: multiples of psi0; {1.7, 4, 5}
---@field min_abs? number       # harm also needs this difference of the rates; 0.00002
---@field dispersion? number    # variance over the binomial's, from an A/A period; 1
---@field safe_tol? number      # "safe" means that a ratio of this much is refuted; 2
---@field safe_alpha? number    # probability of a false "safe"; 0.05
---@field restarts? integer     # watches planned in all; 0: not known beforehand

local chance = kinds.number(nil, nil, 0, 1)

M.fields = {
    name = kinds.name,
    events = kinds.name,
    trials = kinds.name,
    metrics = { expected = "a list of { events =, trials =, weight = }" },
    alpha = chance,
    psi0 = kinds.number(nil, 1000, 0),
    grid = { expected = "{ low, high, count } such as { 1.7, 4, 5 }" },
    min_abs = kinds.number(0, 1),
    dispersion = kinds.number(1, 1000000),
    safe_tol = kinds.number(nil, 1000, 1),
    safe_alpha = chance,
    restarts = kinds.integer(0, 1000),
}

local metric_fields = { events = kinds.name, trials = kinds.name, weight = kinds.number(nil, 1, 0) }

local function read_metric(metric, count)
    if type(metric) ~= "table" or not metric.events then
        return nil
    end
    local read = { trials = "requests", weight = 1 / count }
    for name, value in pairs(metric) do
        read[name] = metric_fields[name] and metric_fields[name].read(value)
        if read[name] == nil then
            return nil, ("%s is not what a metric's %s can be"):format(check.show(value), name)
        end
    end
    return read
end

function M.fields.metrics.read(value)
    if type(value) ~= "table" or #value < 1 or #value > 8 then
        return nil, "expected one to eight metrics"
    end
    local metrics, sum = {}, 0
    for i, metric in ipairs(value) do
        local read, why = read_metric(metric, #value)
        if not read then
            return nil, why
        end
        metrics[i], sum = read, sum + read.weight
    end
    if math.abs(sum - 1) > 1e-9 then
        return nil, ("the weights of the metrics must be 1 together, but are %s"):format(sum)
    end
    return metrics
end

function M.fields.grid.read(value)
    if type(value) ~= "table" or #value ~= 3 then
        return nil
    end
    local low = kinds.number(nil, 1000, 1).read(value[1])
    local high = low and kinds.number(nil, 1000, low).read(value[2])
    local count = kinds.integer(2, 64).read(value[3])
    return high and count and { low, high, count } or nil,
        "expected 1 < low < high <= 1000 and 2 to 64 points"
end

function M.make(options)
    local ratio, why = check.take(options, M.fields, {
        judge = "ratio", alpha = 0.01, psi0 = 1.0, grid = { 1.7, 4.0, 5 }, min_abs = 0.00002,
        dispersion = 1.0, safe_tol = 2.0, safe_alpha = 0.05, restarts = 0,
    })
    if not ratio then
        return nil, why
    elseif ratio.metrics and (ratio.events or ratio.trials) then
        return nil, "give either metrics, or events and trials for a single one"
    elseif ratio.safe_tol <= ratio.psi0 then
        return nil, ("safe_tol (%s) must be greater than psi0 (%s)"):format(ratio.safe_tol,
            ratio.psi0)
    end
    ratio.metrics = ratio.metrics or {
        { events = ratio.events or "errors", trials = ratio.trials or "requests", weight = 1.0 },
    }
    for _, metric in ipairs(ratio.metrics) do
        if kinds.is_measured(metric.events) or kinds.is_measured(metric.trials) then
            return nil, ("%s is no count, and has no rate: compare it with judge.latency {}, or "
                .. 'limit it with judge.threshold { metric = "%s", per = "none", above = MS }')
                :format(metric.events, metric.events)
        end
    end
    ratio.name = ratio.name or ratio.metrics[1].events
    ratio.events, ratio.trials = nil, nil
    return ratio
end

function M.asks(one)
    local list = {}
    for _, metric in ipairs(one.metrics) do
        list[#list + 1] = { metric = metric.events, count = true }
        list[#list + 1] = { metric = metric.trials, requests = true }
    end
    return list
end

return M
