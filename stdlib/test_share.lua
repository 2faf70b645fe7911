-- How many of many runs ended in a way, with the interval that it may really be in.
--
-- The interval is Wilson's (E. B. Wilson, "Probable inference, the law of succession, and
-- statistical inference", Journal of the American Statistical Association 22, 1927, 209-212), which
-- holds what it says for shares near 0 and 1, too (L. D. Brown, T. T. Cai, A. DasGupta, "Interval
-- estimation for a binomial proportion", Statistical Science 16, 2001, 101-133). An assertion goes
-- by its end: "at least 99 %" holds where the whole interval is above.

local check = require "check"
local kinds = require "kinds"

local M = {}

-- Quantiles of the normal distribution, of both sides.
local quantiles = {
    [0.9] = 1.6448536269514722, [0.95] = 1.959963984540054, [0.99] = 2.5758293035489004,
    [0.999] = 3.2905267314919255,
}

---Between what two shares the true one is, with a confidence.
---@param count integer
---@param runs integer
---@param confidence number
---@return number low, number high
function M.interval(count, runs, confidence)
    local z = quantiles[confidence]
    local share, spread = count / runs, z * z / runs
    local middle = (share + spread / 2) / (1 + spread)
    local half = z / (1 + spread) * math.sqrt(share * (1 - share) / runs + spread / runs / 4)
    return count == 0 and 0.0 or middle - half, count == runs and 1.0 or middle + half
end

---@class test.Share
---@field name string
---@field count integer
---@field runs integer
---@field value number
---@field low number
---@field high number
---@field confidence number
local Share = {}
Share.__index = Share

local confidence = {
    expected = "0.9, 0.95, 0.99 or 0.999",
    read = function(value) return quantiles[value] and value or nil end,
}

---@param name string
---@param count integer
---@param runs integer
---@param options? { confidence: number? }
---@return test.Share
function M.new(name, count, runs, options)
    local given = check.record("share", options or {}, { confidence = confidence },
        { confidence = 0.95 })
    local low, high = M.interval(count, runs, given.confidence)
    return setmetatable({ name = name, count = count, runs = runs, value = count / runs, low = low,
        high = high, confidence = given.confidence }, Share)
end

-- Four digits say the same on every machine, and are more than an interval is worth.
local function percent(share)
    return ("%.4g %%"):format(100 * share)
end

local function fail(share, wanted)
    check.fail("expected the share of %s to be %s; it was so in %d of %d runs, %s to %s with %s %% "
        .. "confidence", share.name, wanted, share.count, share.runs, percent(share.low),
        percent(share.high), ("%g"):format(100 * share.confidence))
end

local fraction = kinds.number(0, 1)

---The whole interval is at or above this, from 0 to 1.
---@param least number
---@return test.Share
function Share:at_least(least)
    local wanted = check.value("at_least", least, fraction)
    return self.low >= wanted and self or fail(self, "at least " .. percent(wanted))
end

---The whole interval is at or below this, from 0 to 1.
---@param most number
---@return test.Share
function Share:at_most(most)
    local wanted = check.value("at_most", most, fraction)
    return self.high <= wanted and self or fail(self, "at most " .. percent(wanted))
end

return M
