-- Times on the wire, in the three ways that models name (timestampFormat), and in milliseconds
-- since 1970 everywhere else.

local instant = require "instant"

local M = {}

local FIRST, LAST = -62135596800000, 253402300799999 -- the years 1 to 9999
local DAY = 86400000

local weekdays = { [0] = "Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed" }
local months = { "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov",
    "Dec" }
local month_numbers = {}
for number, name in ipairs(months) do
    month_numbers[name] = number
end

local formats = {}

formats.iso8601 = instant.format

-- Seconds; where there are milliseconds, as a decimal fraction that says no more than them.
function formats.unixtimestamp(ms)
    if ms % 1000 == 0 then
        return ("%d"):format(ms // 1000)
    end
    local whole, rest = ms // 1000, ms % 1000
    if whole < 0 then
        whole, rest = whole + 1, 1000 - rest
    end
    local sign = ms < 0 and "-" or ""
    return ((sign .. "%d.%03d"):format(math.abs(whole), rest):gsub("0+$", ""))
end

-- RFC 822 as HTTP has it; milliseconds are dropped.
function formats.rfc822(ms)
    local year, month, day, clock =
        instant.format(ms - ms % 1000):match("^(%d+)-(%d+)-(%d+)T([%d:]+)Z$")
    return ("%s, %s %s %s %s GMT"):format(weekdays[ms // DAY % 7], day,
        months[math.tointeger(tonumber(month))], year, clock)
end

function M.write(ms, format, position)
    if math.type(ms) ~= "integer" or ms < FIRST or ms > LAST then
        position:expected("a time in milliseconds since 1970", ms)
    end
    return formats[format:lower()](ms)
end

local function from_seconds(seconds)
    local ms = seconds * 1000
    return ms >= FIRST and ms <= LAST and math.floor(ms + 0.5) or nil
end

local function from_iso8601(text)
    local ok, ms = pcall(instant.parse, text)
    return ok and ms or nil
end

-- "Sun, 02 Jan 2000 20:34:56.456 GMT"
local function from_rfc822(text)
    local day, name, year, clock =
        text:match("^%a+, *(%d%d?)[ -](%a%a%a)[ -](%d%d%d%d) (%d%d:%d%d:%d%d%.?%d*) %a+$")
    local month = month_numbers[name]
    return month and from_iso8601(("%s-%02d-%02dT%sZ"):format(year, month, tonumber(day), clock))
end

-- Whatever the model says, all three ways are read: not every server keeps to it.
function M.read(value, position)
    local ms
    if type(value) == "number" then
        ms = from_seconds(value)
    elseif type(value) == "string" then
        local number = value:find("^%-?%d+%.?%d*$") or value:find("^%-?%d+%.?%d*[eE][+-]?%d+$")
        ms = number and from_seconds(tonumber(value)) or from_iso8601(value) or from_rfc822(value)
    end
    return ms or position:expected("a time", value)
end

return M
