-- Times as exports spell them, in milliseconds since 1970.

local instant = require "instant"
local invalid = require "import.invalid"

local M = {}

-- Seconds reach the year 5138 below this, milliseconds begin in 1973 above it.
local MILLISECONDS_FROM = 1e11
local MILLISECONDS_TO = 1e14

function M.is_seconds(number)
    return number >= 0 and number < MILLISECONDS_FROM
end

-- An epoch time of either unit; nil if it is neither.
function M.from_number(number)
    if number ~= number or number < 0 or number >= MILLISECONDS_TO then
        return nil
    end
    local ms = number < MILLISECONDS_FROM and number * 1000 or number
    return math.floor(ms + 0.5)
end

-- ISO 8601, or digits; nil if it is neither.
function M.from_text(text)
    local number = text:find("^%s*%d+%.?%d*%s*$") and tonumber(text)
    if number then
        return M.from_number(number)
    end
    local ok, ms = pcall(instant.parse, text)
    return ok and math.tointeger(ms) or nil
end

function M.parse(value, where)
    local ms
    if type(value) == "number" then
        ms = M.from_number(value)
    elseif type(value) == "string" then
        ms = M.from_text(value)
    end
    if not ms then
        invalid("%s: \"%s\" is no time, expected ISO 8601 (2026-11-24T07:51:00Z), or seconds or "
            .. "milliseconds since 1970", where, tostring(value):sub(1, 80))
    end
    return ms
end

local PERIOD_MAX = 31 * 86400000 -- what a recording takes (docs/recordings.md)

-- A period in milliseconds, checked; `where` says where it was found.
function M.check_period(ms, where)
    local whole = math.tointeger(ms)
    if not whole or whole < 1 or whole > PERIOD_MAX then
        invalid("%s: expected a period of 1 ms to 31 days, found %s ms", where, tostring(ms))
    end
    return whole
end

local UNITS = {{"d", 86400000}, {"h", 3600000}, {"m", 60000}, {"s", 1000}, {"ms", 1}}

-- 90000 -> "1m30s", for messages.
function M.duration(ms)
    local text = ""
    for _, unit in ipairs(UNITS) do
        local count = ms // unit[2]
        if count > 0 then
            text = text .. string.format("%d%s", count, unit[1])
            ms = ms - count * unit[2]
        end
    end
    return text ~= "" and text or "0s"
end

function M.format(ms)
    return instant.format(ms)
end

return M
