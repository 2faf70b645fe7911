-- Times at which a rollout may go on: days of the week, times of the day, in a time zone, and the
-- dates that are excepted. What clocks show is asked of the run, in rollout time; it is journaled.

local check = require "check"
local duration = require "duration"
local effect = require "effect"
local holding = require "holding"
local kinds = require "kinds"

---@class window
local M = {}

---@class (exact) rollout.WindowOptions
---@field days? string|string[]    # "mon-thu", { "mon", "wed" }; every day
---@field from? string             # "09:00"; "00:00"
---@field to? string               # "16:00"; "24:00"; earlier than `from`: on the next day
---@field zone? string             # "Europe/Berlin"; "UTC"
---@field except? string[]         # { "2026-12-24" }, by the clocks of the zone

local week = { "mon", "tue", "wed", "thu", "fri", "sat", "sun" }
local number_of = {}
for i, day in ipairs(week) do
    number_of[day] = i
end

-- "mon-thu", "fri-mon", "wed"
local function add_days(text, into)
    local first, last = text:match("^(%l%l%l)%-(%l%l%l)$")
    first, last = number_of[first or text], number_of[last or text]
    if not first or not last then
        return false
    end
    for i = first, last < first and last + 7 or last do
        into[week[(i - 1) % 7 + 1]] = true
    end
    return true
end

local function days(value)
    local set, list = {}, {}
    for _, text in ipairs(type(value) == "table" and value or { value }) do
        for piece in tostring(text):gmatch("[^,+%s]+") do
            if not add_days(piece, set) then
                return nil
            end
        end
    end
    for _, day in ipairs(week) do
        list[#list + 1] = set[day] and day or nil
    end
    return list[1] and effect.array(list)
end

-- Minutes after midnight.
local function time(most)
    return function(value)
        local hours, minutes = tostring(value):match("^(%d%d?):(%d%d)$")
        local total = hours and tonumber(hours) * 60 + tonumber(minutes)
        return total and tonumber(minutes) < 60 and total <= most and math.tointeger(total) or nil
    end
end

local DATES_MAX = 366
local lengths = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 }

-- Whether the calendar has this day (the Gregorian one's leap years).
local function is_date(text)
    local year, month, day = text:match("^(%d%d%d%d)%-(%d%d)%-(%d%d)$")
    year, month, day = tonumber(year), tonumber(month), tonumber(day)
    local leap = month == 2 and year % 4 == 0 and (year % 100 ~= 0 or year % 400 == 0)
    local length = month and lengths[month]
    return length ~= nil and day >= 1 and day <= length + (leap and 1 or 0)
end

local function dates(value)
    if type(value) ~= "table" then
        return nil
    elseif #value > DATES_MAX then
        return nil, ("expected at most %d dates, got %d"):format(DATES_MAX, #value)
    end
    for _, date in ipairs(value) do
        if not is_date(tostring(date)) then
            return nil, "expected a date such as \"2026-12-24\", got " .. check.show(date)
        end
    end
    return effect.array(table.move(value, 1, #value, 1, {}))
end

local function list_of(text)
    local list = {}
    for piece in text:gmatch("[^+]+") do
        list[#list + 1] = piece
    end
    return list
end

local function kind(expected, read, parse)
    return { expected = expected, read = read, parse = parse or read }
end

local fields = {
    days = kind('days such as "mon-thu"', days),
    from = kind('a time such as "09:00"', time(1439)),
    to = kind('a time such as "16:00"', time(1440)),
    zone = kind('a time zone such as "Europe/Berlin"', function(value)
        return type(value) == "string" and value:find("^%a[%w_+/-]*$") and value or nil
    end),
    except = kind('dates such as { "2026-12-24" }', dates, function(text)
        return dates(list_of(text))
    end),
}

local function whole(given)
    given.days = given.days or effect.array(table.move(week, 1, 7, 1, {}))
    given.from, given.to, given.zone = given.from or 0, given.to or 1440, given.zone or "UTC"
    if given.from == given.to then
        return nil, "from and to are the same time"
    end
    return given
end

local function one(value)
    if type(value) ~= "table" then
        return nil
    end
    local taken, why = check.take(value, fields, {})
    if not taken then
        return nil, why
    end
    return whole(taken)
end

local function one_of_text(text)
    if text == "always" then
        return whole {}
    elseif not text:find "%S" then
        return nil, 'expected options such as days=mon-thu, or always; got ""'
    end
    local taken, why = check.options(text, fields, {})
    if not taken then
        return nil, why
    end
    return whole(taken)
end

-- It is open where one of them is.
local function each(values, take)
    local list = {}
    for i, value in ipairs(values) do
        local taken, why = take(value)
        if not taken then
            return nil, why
        end
        list[i] = taken
    end
    return effect.array(list)
end

-- What stands beside a list holds for none of its windows.
local function beside(list)
    for name in pairs(list) do
        if math.type(name) ~= "integer" then
            return tostring(name)
        end
    end
end

---@type check.Kind
M.kind = {
    sort = "window",
    expected = 'a window such as { days = "mon-thu", from = "09:00", to = "16:00", zone = "UTC" }, '
        .. "or several",
    read = function(value)
        local several = type(value) == "table" and #value > 0
        local stray = several and beside(value)
        if stray then
            return nil, ("%s stands beside several windows: each has its own"):format(stray)
        end
        return each(several and value or { value }, one)
    end,
    parse = function(text) return M.kind.many { text } end,
    many = function(texts) return each(texts, one_of_text) end,
}

---@class rollout.Window
local Window = {}
Window.__index = check.strict("a window", Window)
Window.__newindex = function(_, name)
    check.fail("a window cannot be changed: %s", check.show(name))
end

local VALUE = {} -- the name under which a window keeps what it is

-- Open where one of them is, and otherwise until the first of them opens.
local function ask(value)
    local best
    for _, part in ipairs(value) do
        local result = effect.perform { kind = "window", window = part }
        if result.error then
            check.fail("window: %s", result.error.message)
        end
        local asked = result.value
        if asked.open then
            return asked
        end
        best = best and best["until"] <= asked["until"] and best or asked
    end
    return best
end

---What a policy holds of a window.
---@param value table
---@return rollout.Window
function M.new(value)
    return setmetatable({ [VALUE] = value }, Window)
end

---Asks for each before the policy acts: one that never opens, or of a zone that nobody knows, is
---told while nothing is touched.
---@async
---@param values table<string, any>
---@param names string[]
function M.begin(values, names)
    for _, name in ipairs(names) do
        for _, part in ipairs(values[name]) do
            local result = effect.perform { kind = "window", window = part, first = true }
            if result.error then
                error(('parameter "%s": %s'):format(name, result.error.message), 0)
            end
        end
        values[name] = M.new(values[name])
    end
end

---Whether it is open now.
---
---    if not p.office:open() then rollout.notify "nobody is there" end
---@async
---@return boolean
function Window:open()
    return ask(rawget(self, VALUE)).open
end

---@class (exact) rollout.WindowWait
---@field within? Duration  # it is rolled back, at once, if that would take longer

local wait_fields = { within = kinds.duration }

---Waits until it is open; if it is, not at all. What was watched before goes on being watched. A
---person who cuts the wait short (`tidelock promote`) has it go on.
---
---    p.office:wait { within = "3d" }
---@async
---@param options? rollout.WindowWait
function Window:wait(options)
    local given = check.record("window:wait", options or {}, wait_fields)
    local value = rawget(self, VALUE)
    local asked = ask(value)
    while not asked.open do
        local ms = asked["until"] - asked.now
        if given.within and ms > given.within then
            effect.perform { kind = "rollback", reason = ("the window opens in %s, and not within "
                .. "%s"):format(duration.format(ms), duration.format(given.within)) }
        end
        holding.wait(ms, function()
            return effect.perform { kind = "sleep", ["for"] = ms }
        end)
        local opens = asked["until"]
        asked = ask(value)
        if asked.now < opens then
            return
        end
    end
end

return M
