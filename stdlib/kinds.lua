-- The sorts of values that options and parameters take. Each knows how to take one from Lua
-- (`read`) and from command-line text (`parse`), and what to call it when it is given something
-- else.

local check = require "check"
local duration = require "duration"
local effect = require "effect"

---@class kinds
local M = {}

-- Whole numbers are integers whichever way they were written, so that 5 and 5.0 are journaled
-- alike. Not a number is not equal to itself.
local function number(value)
    if math.type(value) == "integer" then
        return value
    elseif math.type(value) == "float" and value == value and math.abs(value) < math.huge then
        return math.tointeger(value) or value
    end
end

-- Decimal only: tonumber alone would take "0x10" and "1e400" as well.
local function number_text(text)
    local digits = text:match("^%s*([+-]?[%d.]+[eE]?[+-]?%d*)%s*$")
    return digits and number(tonumber(digits))
end

local function range_text(low, high)
    if low and high then
        return (" from %s to %s"):format(low, high)
    elseif low then
        return (" of at least %s"):format(low)
    end
    return high and (" of at most %s"):format(high) or ""
end

---A number in [low, high]; with `above`, low itself is excluded.
---@param low? number
---@param high? number
---@param above? number  # must be greater than this
---@param below? number  # must be less than this
---@return check.Kind
function M.number(low, high, above, below)
    local expected = "a number" .. range_text(low, high)
    if above then
        expected = ("%s above %s"):format(expected, above)
    end
    if below then
        expected = ("%s%s below %s"):format(expected, above and " and" or "", below)
    end
    local function read(value)
        local n = number(value)
        if n and (not low or n >= low) and (not high or n <= high)
            and (not above or n > above) and (not below or n < below) then
            return n
        end
    end
    return {
        expected = expected,
        read = read,
        parse = function(text) return read(number_text(text)) end,
    }
end

---A whole number in [low, high].
---@param low? integer
---@param high? integer
---@return check.Kind
function M.integer(low, high)
    local range = M.number(low, high)
    local function read(value)
        local whole = range.read(value)
        return whole and math.tointeger(whole)
    end
    return {
        expected = "a whole number" .. range_text(low, high),
        read = read,
        parse = function(text) return read(number_text(text)) end,
    }
end

---@type check.Kind
M.text = {
    expected = "a text",
    read = function(value) return type(value) == "string" and value or nil end,
    parse = function(text) return text end,
}

---@type check.Kind
M.name = {
    expected = "a name",
    read = function(value)
        return type(value) == "string" and #value <= 200 and value:find("%S") and value or nil
    end,
    parse = function(text) return text:find("%S") and text or nil end,
}

---Whether a metric, by its name, is a value that a period had: a latency or a percentile of
---something. Such values do not add up, and nothing is a part of them.
---@param name string
---@return boolean
function M.is_measured(name)
    return name == "latency" or name:find "_p%d[%d.]*$" ~= nil
end

local ALARMS_MAX, ALARM_MAX = 32, 512

local function alarms(values)
    local seen = {}
    if type(values) ~= "table" then
        return nil
    elseif #values > ALARMS_MAX then
        return nil, ("expected at most %d alarms, got %d"):format(ALARMS_MAX, #values)
    end
    for _, name in ipairs(values) do
        if type(name) ~= "string" or #name > ALARM_MAX or not name:find("%S")
            or name:find("%c") then
            return nil, ("expected the name or the ARN of an alarm, got %s"):format(
                check.show(name))
        elseif seen[name] then
            return nil, ("the alarm %s is there twice"):format(check.show(name))
        end
        seen[name] = true
    end
    return effect.array(values)
end

---CloudWatch alarms, by name or ARN. As text names stand between commas; one that has a comma
---itself is given in a rollout file.
---@type check.Kind
M.alarms = {
    sort = "alarms",
    expected = 'names of alarms such as { "checkout-5xx" }',
    read = alarms,
    parse = function(text) return M.alarms.many { text } end,
    many = function(texts)
        local names = {}
        for _, text in ipairs(texts) do
            for name in (text == "" and "" or text .. ","):gmatch("([^,]*),") do
                names[#names + 1] = name:match("^%s*(.-)%s*$")
            end
        end
        if not names[1] then -- such as an empty variable of a pipeline
            return nil, "expected at least one alarm"
        end
        return alarms(names)
    end,
}

local flags = { ["true"] = true, yes = true, on = true, ["false"] = false, no = false, off = false }

---@type check.Kind
M.flag = {
    expected = "true or false",
    read = function(value)
        if type(value) == "boolean" then
            return value
        end
    end,
    parse = function(text) return flags[text] end,
}

---One of a few texts.
---@param choices string[]
---@return check.Kind
function M.choice(choices)
    local known, quoted = {}, {}
    for i, choice in ipairs(choices) do
        known[choice], quoted[i] = choice, check.show(choice)
    end
    local function read(value)
        return known[value]
    end
    return { expected = "one of " .. table.concat(quoted, ", "), read = read, parse = read }
end

-- Authors repeat the same few durations at every step.
local durations = {}

---@param text string
---@return integer?
local function duration_text(text)
    local ms = durations[text] or duration.parse(text)
    durations[text] = ms
    return ms
end

-- Numbers are milliseconds; a small one is a forgotten unit.
local function within(ms)
    if ms and ms >= 1000 then
        return ms
    elseif ms and ms > 0 then
        return nil, ("%d ms is less than a second; write a text such as \"5m\""):format(ms)
    end
end

---A duration of at least a second.
---@type check.Kind
M.duration = {
    sort = "duration",
    expected = 'a duration such as "90s", "5m" or "1h30m"',
    read = function(value) -- parameters have been read: most are milliseconds
        if math.type(value) == "integer" then
            return within(value)
        end
        return within(type(value) == "string" and duration_text(value) or nil)
    end,
    parse = function(text) return within(duration_text(text)) end,
}

local function or_none(read)
    return function(value)
        if value == 0 or value == "0" or value == "0s" then
            return 0
        end
        return read(value)
    end
end

---The same, and 0 for none.
---@type check.Kind
M.duration_or_none = {
    sort = "duration",
    expected = 'a duration such as "90s" or "5m", or 0',
    read = or_none(M.duration.read),
    parse = or_none(M.duration.parse),
}

-- Rounded, because 3 * 0.1 is not 0.3; no target can carry more digits than these.
local function percent_kind(least, above)
    local range, least_whole = M.number(least, 100, above), least or 1
    local function read(value)
        if math.type(value) == "integer" and value >= least_whole and value <= 100 then
            return value
        end
        local percent = range.read(value)
        if math.type(percent) == "float" then
            percent = number(math.floor(percent * 1000000 + 0.5) / 1000000)
        end
        return percent
    end
    return {
        sort = "percent",
        expected = least and "a percentage from 0 to 100" or "a percentage above 0, up to 100",
        read = read,
        parse = function(text)
            return read(number_text((text:gsub("%s*%%%s*$", ""))))
        end,
    }
end

---A share of the traffic, above 0.
---@type check.Kind
M.percent = percent_kind(nil, 0)

---The same, and 0 for none.
---@type check.Kind
M.percent_or_none = percent_kind(0)

local function rising(percents)
    if #percents == 0 then
        return nil, "expected at least one percentage, got none"
    end
    for i = 2, #percents do
        if percents[i] <= percents[i - 1] then
            return nil, ("percentages must rise, but %s comes after %s"):format(percents[i],
                percents[i - 1])
        end
    end
    return percents
end

local function each_percent(values, take)
    local percents = {}
    for i, value in ipairs(values) do
        percents[i] = take(value)
        if not percents[i] then
            return nil, ("expected %s, got %s"):format(M.percent.expected, check.show(value))
        end
    end
    return rising(percents)
end

---Rising shares of the traffic.
---@type check.Kind
M.percents = {
    sort = "percents",
    expected = "rising percentages such as { 5, 25, 100 }",
    read = function(value)
        if type(value) == "table" then
            return each_percent(value, M.percent.read)
        end
    end,
    parse = function(text) return M.percents.many { text } end,
    many = function(texts)
        local pieces = {}
        for _, text in ipairs(texts) do
            for piece in text:gmatch("[^,]+") do
                pieces[#pieces + 1] = piece
            end
        end
        return each_percent(pieces, M.percent.parse)
    end,
}

return M
