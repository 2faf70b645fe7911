-- Durations: milliseconds inside, text such as "5m" or "1h30m" where people write them.

local check = require "check"

---@class duration
local M = {}

---@alias Duration string|integer  # "90s", "5m", "1h30m", "2d"; a number is milliseconds

local units = { ms = 1, s = 1000, m = 60000, h = 3600000, d = 86400000 }

-- A year: beyond any rollout, and sums of such durations stay exact.
local longest = 366 * units.d

---Reads "90s", "5m", "1h30m", "500ms", "1d": one or more of number and unit.
---
---    duration.parse "1h30m"  --> 5400000
---@param text string
---@return integer? ms  # nil if it is none
function M.parse(text)
    local total, rest = 0, text
    repeat
        local number, unit, after = rest:match("^(%d+)(%l+)(.*)$")
        if not number or not units[unit] or #number > 12 then
            return nil
        end
        total = total + math.tointeger(tonumber(number)) * units[unit]
        rest = after
    until rest == "" or total > longest
    return total <= longest and total or nil
end

---The shortest text that parse reads back.
---
---    duration.format(90000)  --> "1m30s"
---@param ms integer
---@return string
function M.format(ms)
    local parts = {}
    for _, unit in ipairs { "d", "h", "m", "s", "ms" } do
        local count = ms // units[unit]
        if count > 0 then
            parts[#parts + 1] = count .. unit
            ms = ms - count * units[unit]
        end
    end
    return #parts > 0 and table.concat(parts) or "0s"
end

return check.strict("duration", M)
