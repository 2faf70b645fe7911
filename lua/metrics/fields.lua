-- What an operator writes into tidelock.lua is checked member by member; a message begins with the
-- path of what is wrong: "providers.prom.url: expected ...".

local closest = require "aws.closest"
local instant = require "instant"
local invalid = require "import.invalid"
local sorted = require "sorted"
local times = require "import.times"

local M = {}

M.names = sorted

function M.show(value)
    if type(value) == "string" then
        return ("%q"):format(value:sub(1, 60)):gsub("\\\n", "\\n")
    end
    return type(value) == "table" and "a table" or tostring(value)
end

local function expected(what, value, where)
    invalid("%s: expected %s, found %s", where, what, M.show(value))
end

M.expected = expected

local function check_names(value, fields, where)
    for name in pairs(value) do
        if not fields[name] then
            local names = sorted(fields)
            local hint = type(name) == "string" and closest.hint(name, names) or ""
            invalid("%s: there is no member %s%s; expected %s", where, M.show(name), hint,
                table.concat(names, ", "))
        end
    end
end

-- A copy of the table `value` with each member as its field's check returned it. `needed` is a list
-- of names.
function M.take(value, fields, where, needed)
    if type(value) ~= "table" then
        expected("a table", value, where)
    end
    check_names(value, fields, where)
    local copy = {}
    for _, name in ipairs(sorted(fields)) do
        if value[name] ~= nil then
            copy[name] = fields[name](value[name], where .. "." .. name)
        end
    end
    for _, name in ipairs(needed or {}) do
        if copy[name] == nil then
            invalid("%s: \"%s\" is missing", where, name)
        end
    end
    return copy
end

-- A copy of a table of named things, in the order of their names: each(name, member, where).
function M.each(value, where, each)
    if type(value) ~= "table" then
        expected("a table", value, where)
    end
    local copy = {}
    for name in pairs(value) do
        if type(name) ~= "string" or not name:find("^%a[%w_.-]*$") or #name > 64 then
            invalid("%s: %s is no name, expected a letter, then letters, digits, '_', '.' or '-'",
                where, M.show(name))
        end
    end
    for _, name in ipairs(sorted(value)) do
        copy[name] = each(name, value[name], where .. "." .. name)
    end
    return copy
end

function M.text(value, where)
    if type(value) ~= "string" or value == "" or value:find("%c") then
        expected("a text", value, where)
    end
    return value
end

-- A query may have several lines.
function M.long_text(value, where)
    if type(value) ~= "string" or not value:find("%S") then
        expected("a text", value, where)
    end
    return value
end

function M.flag(value, where)
    if type(value) ~= "boolean" then
        expected("true or false", value, where)
    end
    return value
end

function M.number_above(least)
    return function(value, where)
        local above = type(value) == "number" and value > least and value < math.huge
        if not above then
            expected(("a number above %s"):format(least), value, where)
        end
        return value
    end
end

function M.choice(names)
    return function(value, where)
        for _, name in ipairs(names) do
            if value == name then
                return value
            end
        end
        expected(table.concat(names, " or "), value, where)
    end
end

-- "1m30s", or milliseconds.
local function duration(value, where)
    local ms = math.tointeger(value)
    if type(value) == "string" then
        local ok, parsed = pcall(instant.duration, value)
        ms = ok and parsed or nil
    end
    if not ms or ms < 0 then
        expected('a duration such as "1m"', value, where)
    end
    return ms
end

M.duration = duration

function M.period(value, where)
    return times.check_period(duration(value, where), where)
end

return M
