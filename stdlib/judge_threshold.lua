-- The inside of judge.lua: judge.threshold, its options and what they may be.

local check = require "check"
local kinds = require "kinds"

---@class judge_threshold: judging.Kind
local M = { example = "threshold:above=0.02" }

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

M.fields = {
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

function M.make(options)
    local threshold, why = check.take(options, M.fields, {
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
    if threshold.per ~= "none" and kinds.is_measured(threshold.metric) then
        return nil, ('%s is no count, and is not divided by %s: write per = "none"')
            :format(threshold.metric, threshold.per)
    end
    threshold.per = threshold.per ~= "none" and threshold.per or nil
    threshold.name = threshold.name or threshold.metric .. " limit"
    return threshold
end

function M.asks(one)
    return one.per and { { metric = one.metric, count = true },
        { metric = one.per, requests = true } } or { { metric = one.metric } }
end

return M
