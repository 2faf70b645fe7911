-- The inside of judge.lua: how judges are made of options and of text, and taken in lists.

local check = require "check"
local kinds = require "kinds"

---@class judging
local M = {}

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
---@field psi0? number          # canary rate / baseline rate that is still tolerated; 1.25
---@field grid? number[]        # { low, high, count }: multiples of psi0; {1.15, 20, 24}
---@field min_abs? number       # harm also needs this difference of the rates; 0.001
---@field dispersion? number    # variance over the binomial's, from an A/A period; 1
---@field safe_tol? number      # "safe" means that a ratio of this much is refuted; 2
---@field safe_alpha? number    # probability of a false "safe"; 0.05
---@field restarts? integer     # watches planned in all; 0: not known beforehand

---@class (exact) judge.ThresholdOptions
---@field name? string
---@field metric? string        # "errors"
---@field per? string           # divided by this metric; "requests", or "none" for the value itself
---@field arm? "canary"|"baseline"  # "canary"
---@field above? number         # beyond is more than this; either this or `below`
---@field below? number         # beyond is less than this
---@field m? integer            # harm when m of the last n periods are beyond; 2
---@field n? integer            # 3
---@field min_requests? number  # a period with fewer is no evidence; 100

---@class Judge  # a plain value, made by judge.ratio or judge.threshold
---@field judge "ratio"|"threshold"
---@field name string

local rate = kinds.number(0, 1)
local chance = kinds.number(nil, nil, 0, 1)

local ratio_fields = {
    name = kinds.name,
    events = kinds.name,
    trials = kinds.name,
    metrics = { expected = "a list of { events =, trials =, weight = }" },
    alpha = chance,
    psi0 = kinds.number(nil, 1000, 0),
    grid = { expected = "{ low, high, count } such as { 1.15, 20, 24 }" },
    min_abs = rate,
    dispersion = kinds.number(1, 1000000),
    safe_tol = kinds.number(nil, 1000, 1),
    safe_alpha = chance,
    restarts = kinds.integer(0, 1000),
}

local threshold_fields = {
    name = kinds.name,
    metric = kinds.name,
    per = kinds.name,
    arm = kinds.choice { "canary", "baseline" },
    above = kinds.number(),
    below = kinds.number(),
    m = kinds.integer(1, 64),
    n = kinds.integer(1, 64),
    min_requests = kinds.number(0),
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

function ratio_fields.metrics.read(value)
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

function ratio_fields.grid.read(value)
    if type(value) ~= "table" or #value ~= 3 then
        return nil
    end
    local low = kinds.number(nil, 1000, 1).read(value[1])
    local high = low and kinds.number(nil, 1000, low).read(value[2])
    local count = kinds.integer(2, 64).read(value[3])
    return high and count and { low, high, count } or nil,
        "expected 1 < low < high <= 1000 and 2 to 64 points"
end

-- Each makes a judge of options, or says why that cannot be.
local make = {}

function make.ratio(options)
    local ratio, why = check.take(options, ratio_fields, {
        judge = "ratio", alpha = 0.01, psi0 = 1.25, grid = { 1.15, 20.0, 24 }, min_abs = 0.001,
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
    ratio.name = ratio.name or ratio.metrics[1].events
    ratio.events, ratio.trials = nil, nil
    return ratio
end

function make.threshold(options)
    local threshold, why = check.take(options, threshold_fields, {
        judge = "threshold", metric = "errors", per = "requests", arm = "canary", m = 2, n = 3,
        min_requests = 100,
    })
    if not threshold then
        return nil, why
    elseif (threshold.above == nil) == (threshold.below == nil) then
        return nil, "expected either above = a number or below = a number"
    elseif threshold.m > threshold.n then
        return nil, ("%d of the last %d periods can never be beyond"):format(threshold.m,
            threshold.n)
    end
    threshold.per = threshold.per ~= "none" and threshold.per or nil
    threshold.name = threshold.name or threshold.metric .. " limit"
    return threshold
end

---A judge of options; what is wrong with them is raised at the author's line.
---@param which "ratio"|"threshold"
---@param options table
---@return Judge
function M.made(which, options)
    local one, why = make[which](options)
    if not one then
        check.fail("judge.%s: %s", which, why)
    end
    return one
end

---The same ratio judge when it is known how many watches there will be, so that the evidence of
---each weighs alike.
---@param ratio Judge
---@param watches integer
---@return Judge
function M.planned(ratio, watches)
    local planned = {}
    for name, value in next, ratio do
        planned[name] = value
    end
    planned.restarts = watches
    return planned
end

local fields = { ratio = ratio_fields, threshold = threshold_fields }

---A judge from text: "ratio", "ratio:alpha=0.005,psi0=1.5", "threshold:above=0.02".
---@param text string
---@return Judge? judge, string? why
function M.parse(text)
    local which, rest = text:match("^%s*(%l+):?(.*)$")
    if not make[which or ""] then
        return nil, 'expected a judge such as "ratio:alpha=0.01" or "threshold:above=0.02", got '
            .. check.show(text)
    end
    local options, why = check.options(rest, fields[which])
    local one
    if options then
        one, why = make[which](options)
    end
    return one, why and ("%s: %s"):format(which, why)
end

---Takes a list of judges; their names tell their findings apart, so no two may share one.
---@type check.Kind
M.list = {
    expected = "a list of judges such as { judge.ratio {} }",
    read = function(value)
        if type(value) ~= "table" then
            return nil
        elseif value.judge then
            return nil, ("expected a list of judges: write { judge.%s {} }"):format(value.judge)
        elseif #value == 0 then
            return nil, "expected at least one judge, got an empty list"
        end
        local seen = {}
        for _, one in ipairs(value) do
            if type(one) ~= "table" or not make[one.judge] then
                return nil, "expected judges made by judge.ratio or judge.threshold, got "
                    .. check.show(one)
            elseif seen[one.name] then
                return nil, ('two judges are called "%s"; give one another name'):format(one.name)
            end
            seen[one.name] = true
        end
        return value
    end,
    parse = function(text) return M.list.many { text } end,
    many = function(texts)
        local judges = {}
        for i, text in ipairs(texts) do
            local one, why = M.parse(text)
            if not one then
                return nil, why
            end
            judges[i] = one
        end
        return M.list.read(judges)
    end,
}

return M
