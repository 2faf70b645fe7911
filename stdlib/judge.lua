-- Judges: what compares the canary with the baseline while a watch lasts. A judge is a plain
-- value; the statistics behind it are the program's own (docs/statistics.md).

local check = require "check"
local judging = require "judging"

---@class judge
local M = {}

---Harm when the canary's rate is more than psi0 times the baseline's: a sequential test that may be
---looked at every minute and still keeps its false-alarm rate over the whole rollout. It needs
---traffic on both arms, so at 100 % it has nothing to say.
---
---    judge.ratio { alpha = 0.005, psi0 = 1.5 }
---@param options? judge.RatioOptions
---@return Judge
function M.ratio(options)
    return judging.made("ratio", options or {})
end

---Harm when the canary's requests are slower than 1 + tolerance times the baseline's, anywhere in
---their distribution: a sequential test of counts per threshold, which may be looked at every
---minute and still keeps its false-alarm rate over the whole rollout. A request that times out has
---no latency: judge errors beside it.
---
---    judge.latency { tolerance = 0.2 }
---@param options? judge.LatencyOptions
---@return Judge
function M.latency(options)
    return judging.made("latency", options or {})
end

---The same of a percentile or a mean, where there are no counts: a sign test, period by period. It
---is coarse, and takes at least eight periods.
---
---    judge.percentile { metric = "latency_p50" }
---@param options? judge.PercentileOptions
---@return Judge
function M.percentile(options)
    return judging.made("percentile", options or {})
end

---Harm when the canary's rate is more than `tolerance` times what the old version's was in the hour
---before, and while it still had traffic since: for 100 %, where there is nothing else to compare
---with. While the baseline has traffic it only learns.
---
---    judge.before { tolerance = 1.5 }
---@param options? judge.BeforeOptions
---@return Judge
function M.before(options)
    return judging.made("before", options or {})
end

---Harm when m of the last n periods of one arm are beyond a fixed limit.
---
---    judge.threshold { metric = "errors", per = "requests", above = 0.02 }
---@param options judge.ThresholdOptions
---@return Judge
function M.threshold(options)
    return judging.made("threshold", options)
end

---Harm while one of these CloudWatch alarms is in ALARM; composite ones too, by name or ARN. One
---without enough data is no evidence. A run does not begin where one that its parameters name is in
---ALARM already, or is not there.
---
---    judge.alarm { "checkout-5xx", "checkout-latency" }
---@param options judge.AlarmOptions
---@return Judge
function M.alarm(options)
    return judging.made("alarm", options)
end

return check.strict("judge", M)
