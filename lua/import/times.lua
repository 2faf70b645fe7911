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

-- "11/27/2026 09:00 PM", "27.11.2026 21:00:15", "2026/11/27 21:00": three numbers, and a time.
local DATE = "^%s*(%d+)[/.-](%d+)[/.-](%d+)[T ,]+(%d%d?):(%d%d):?(%d*)%s*([AaPp]?)[Mm]?%s*$"

local ORDERS = {["day-first"] = {3, 2, 1}, ["month-first"] = {3, 1, 2}, year = {1, 2, 3}}

function M.check_dates(order)
    if order and (not ORDERS[order] or order == "year") then
        invalid("--dates %s: expected day-first or month-first", order)
    end
end

-- False for "13 PM".
local function hour_of(text, half)
    local hour = tonumber(text)
    if half == "" then
        return hour
    end
    return hour >= 1 and hour <= 12 and hour % 12 + (half:lower() == "p" and 12 or 0)
end

-- As ISO 8601; nil for what is no such text. Whether a day or a month comes first nobody can see.
local function iso_of(text, where, dates)
    local found = {text:match(DATE)}
    if #found == 0 or (#found[1] ~= 4 and #found[3] ~= 4) then
        return nil
    elseif #found[1] ~= 4 and not dates then
        invalid("%s: \"%s\": say whether its day or its month comes first, with --dates day-first "
            .. "or --dates month-first", where, text)
    end
    local order = ORDERS[#found[1] == 4 and "year" or dates]
    local month, hour = tonumber(found[order[2]]), hour_of(found[4], found[7])
    return month <= 12 and hour and string.format("%04d-%02d-%02dT%02d:%02d:%02dZ",
        found[order[1]], month, found[order[3]], hour, tonumber(found[5]), tonumber(found[6]) or 0)
end

-- ISO 8601, a date as dashboards write it, or digits; nil if it is none of them.
local function from_text(text, where, dates)
    local number = text:find("^%s*%d+%.?%d*%s*$") and tonumber(text)
    if number then
        return M.from_number(number)
    end
    local ok, ms = pcall(instant.parse, iso_of(text, where, dates) or text)
    return ok and math.tointeger(ms) or nil
end

-- `dates`: "day-first" or "month-first", by the user's word.
function M.parse(value, where, dates)
    local ms
    if type(value) == "number" then
        ms = M.from_number(value)
    elseif type(value) == "string" then
        ms = from_text(value, where, dates)
    end
    if not ms then
        invalid("%s: \"%s\" is no time%s, expected ISO 8601 (2026-11-24T07:51:00Z), or seconds or "
            .. "milliseconds since 1970", where, tostring(value):sub(1, 80),
            dates and " (" .. dates .. ")" or "")
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
