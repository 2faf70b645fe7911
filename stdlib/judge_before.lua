-- The inside of judge.lua: judge.before, its options and what they may be.

local check = require "check"
local kinds = require "kinds"

---@class judge_before: judging.Kind
local M = { example = "before:tolerance=2" }

---@class (exact) judge.BeforeOptions
---@field name? string          # how reports call it; "errors before"
---@field events? string        # "errors"
---@field trials? string        # "requests"
---@field tolerance? number     # canary rate / rate of the old version before that is let pass; 2
---@field min_abs? number       # harm also needs this difference of the rates; 0.00002
---@field alpha? number         # probability of a false alarm; 0.01
---@field dispersion? number    # variance over the binomial's; that of the time before if more; 1
---@field last? Duration        # how far back "before" reaches; "1h"

M.fields = {
    name = kinds.name,
    events = kinds.name,
    trials = kinds.name,
    tolerance = kinds.number(1, 1000),
    min_abs = kinds.number(0, 1),
    alpha = kinds.number(nil, 0.5, 0),
    dispersion = kinds.number(1, 1000000),
    last = kinds.duration,
}

function M.make(options)
    local before, why = check.take(options, M.fields, {
        judge = "before", events = "errors", trials = "requests", tolerance = 2.0,
        min_abs = 0.00002, alpha = 0.01, dispersion = 1.0, last = 3600000,
    })
    if not before then
        return nil, why
    end
    before.name = before.name or before.events .. " before"
    return before
end

---What is asked for: what the old version did before. `past`: the answer stays with the run, which
---knows it by a number; where a simulation has no time before the rollout, its first hour stands
---for it.
function M.learns(one)
    local list = {}
    for i, metric in ipairs { one.events, one.trials } do
        list[i] = { kind = "metric", metric = metric, arm = "baseline", last = one.last,
            past = true }
    end
    return list
end

function M.learned(one, answers)
    local copy = {}
    for name, value in next, one do
        copy[name] = value
    end
    copy.last, copy.past = nil, { events = answers[1], trials = answers[2] }
    return copy
end

function M.asks(one)
    return { { metric = one.events, count = true }, { metric = one.trials, requests = true } }
end

return M
