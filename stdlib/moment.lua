-- Moments as people read them. Policies know no clock; what AWS says of times is in milliseconds.

local check = require "check"

---@class moment
local M = {}

local DAY = 86400000

-- The civil date of a day since 1970-01-01, by the proleptic Gregorian calendar: years begin in
-- March, so that a leap day is the last of its year.
local function date(days)
    days = days + 719468
    local era = days // 146097
    local of_era = days % 146097
    local year = (of_era - of_era // 1460 + of_era // 36524 - of_era // 146096) // 365
    local of_year = of_era - (365 * year + year // 4 - year // 100)
    local month = (5 * of_year + 2) // 153
    local day = of_year - (153 * month + 2) // 5 + 1
    month = month < 10 and month + 3 or month - 9
    return era * 400 + year + (month <= 2 and 1 or 0), month, day
end

---A moment in milliseconds since 1970, to the minute.
---
---    moment.format(1767225600000)  --> "2026-01-01 00:00 UTC"
---@param ms integer
---@return string
function M.format(ms)
    local year, month, day = date(ms // DAY)
    local minutes = ms % DAY // 60000
    return ("%04d-%02d-%02d %02d:%02d UTC"):format(year, month, day, minutes // 60, minutes % 60)
end

return check.strict("moment", M)
