-- When a request is made again: the standard mode of AWS's SDKs since November 2026, as pure
-- functions. It is for reads and for what was refused for certain; whether an answer is such a
-- one is said by its `retry` (lua/aws/client/outcome.lua).
--
-- All requests of a run share one quota, so that a service that is down is not also besieged. It
-- is a number that a run keeps (run.lua).

local M = {}

M.ATTEMPTS = 3 -- in all, the first one included; AWS_MAX_ATTEMPTS says otherwise
M.QUOTA = 500

local scale = { transient = 50, throttling = 1000 } -- ms
local cost = { transient = 14, throttling = 5, skew = 0 }

local DELAY_MAX = 20000
local AFTER_MAX = 5000 -- how much longer than our own delay a server may let us wait
local SKEW_MIN = 4 * 60 * 1000 -- AWS tolerates five minutes

-- How long to wait after the attempt'th try failed. `unit` is a random number in [0, 1); `after`
-- what the server asked for, or nil. Whole milliseconds.
function M.delay(attempt, class, unit, after)
    if class == "skew" then
        return 0
    end
    local own = unit * math.min(scale[class] * 2.0 ^ (attempt - 1), DELAY_MAX)
    if after then
        own = math.max(own, math.min(after, own + AFTER_MAX))
    end
    return math.floor(own + 0.5)
end

-- By how much the local clock is behind the server's (ms), if that may be why a signature was
-- refused; nil otherwise.
function M.skew(answer, now)
    local offset = answer.retry == "skew" and answer.date and answer.date - now
    return offset and (answer.certain or math.abs(offset) > SKEW_MIN) and offset or nil
end

-- What follows the attempt'th answer: {delay, quota, skew}, or nil if it is the last word. `call`
-- is {attempt, attempts, quota, now, unit, corrected}: attempts is the most that are made,
-- corrected whether the clock was corrected before for this request (once is enough).
function M.following(answer, call)
    local class = answer.retry
    if not class or call.attempt >= call.attempts or call.quota < cost[class] then
        return nil
    end
    local skew = M.skew(answer, call.now)
    if class == "skew" and (not skew or call.corrected) then
        return nil
    end
    return {
        delay = M.delay(call.attempt, class, call.unit, answer.after),
        quota = call.quota - cost[class],
        skew = skew,
    }
end

-- The quota after a success: what the last retry cost comes back, and one where there was none.
function M.refilled(quota, class)
    return math.min(quota + (class and cost[class] or 1), M.QUOTA)
end

return M
