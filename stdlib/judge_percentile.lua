-- The inside of judge.lua: judge.percentile, its options and what they may be.

local check = require "check"
local kinds = require "kinds"

---@class judge_percentile: judging.Kind
local M = { example = "percentile:metric=latency_p50" }

---@class (exact) judge.PercentileOptions
---@field name? string          # how reports call it; the metric
---@field metric? string        # a percentile or a mean of a period; "latency_p50"
---@field trials? string        # the requests behind it; "requests"
---@field at_least? number      # of them in each arm, for a period to say something; 2/(1-q)
---@field half? boolean         # it says nothing while the canary has most requests; not of a p50
---@field tolerance? number     # the part by which the canary may be above; 0.1
---@field alpha? number         # probability of a false alarm over the whole rollout; 0.01
---@field restarts? integer     # watches planned in all; 0: not known beforehand

M.fields = {
    name = kinds.name,
    metric = kinds.name,
    trials = kinds.name,
    at_least = kinds.number(1, 1e15),
    half = kinds.flag,
    tolerance = kinds.number(0, 100),
    alpha = kinds.number(nil, nil, 0, 1),
    restarts = kinds.integer(0, 1000),
}

-- What a few requests have for a percentile is only the slowest of them.
local function least_of(quantile)
    return quantile and quantile < 1 and math.ceil(2 / (1 - quantile) - 1e-9) + 0.0 or 2.0
end

function M.make(options)
    local percentile, why = check.take(options, M.fields, {
        judge = "percentile", metric = "latency_p50", trials = "requests", tolerance = 0.1,
        alpha = 0.01, restarts = 0,
    })
    if not percentile then
        return nil, why
    end
    local percent = tonumber(percentile.metric:match "_p([%d.]+)$")
    percentile.at_least = percentile.at_least or least_of(percent and percent / 100)
    if percentile.half == nil then
        percentile.half = percent ~= 50
    end
    percentile.name = percentile.name or percentile.metric
    return percentile
end

function M.asks(one)
    return { { metric = one.metric }, { metric = one.trials, requests = true } }
end

return M
