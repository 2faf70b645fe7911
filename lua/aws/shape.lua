-- What an operation's input may be. A shape is made once, when its service is loaded: `check`
-- returns nil for a value that fits, and allocates nothing for it; for any other it returns the
-- reason, which each part around it puts its own name in front of: ".Actions[1].Order must be
-- 1..50000, got 0". `expects` says in words what fits; the other fields are for the reference
-- page.

local arn = require "aws.arn"
local closest = require "aws.closest"

local M = {}

local find, char_count, integer_kind, type = string.find, utf8.len, math.type, type

local SHOWN_MAX = 60 -- bytes of a text that are shown
local TIME_MAX = 253402300799999 -- the last millisecond of the year 9999

-- A value as a reason shows it.
local function show(value)
    local kind = type(value)
    if kind == "string" then
        local long = #value > SHOWN_MAX
        local text = long and value:sub(1, utf8.offset(value, 0, SHOWN_MAX) - 1) .. "..." or value
        return '"' .. text .. '"'
    elseif kind == "number" then
        return integer_kind(value) == "integer" and ("%d"):format(value) or ("%.14g"):format(value)
    elseif kind == "table" then
        return value[1] ~= nil and "a list" or next(value) == nil and "an empty table"
            or "an object"
    end
    return kind == "boolean" and tostring(value) or "a " .. kind
end

local function reason(expects, value)
    return (" must be %s, got %s"):format(expects, show(value))
end

local function range(min, max)
    return max and ("%d..%d"):format(min, max) or ("%d or more"):format(min)
end

-- Text. options: min, max (characters), pattern (Lua), fits (a predicate), expects (in words).
function M.text(options)
    options = options or {}
    local min, max, pattern = options.min or 0, options.max or math.maxinteger, options.pattern
    local fits = options.fits
    local expects = options.expects or "text"
    if not options.expects and (options.min or options.max) then
        expects = ("text of %s characters"):format(range(min, options.max))
    end
    return {
        kind = "text",
        expects = expects,
        check = function(value)
            if type(value) ~= "string" or #value < min or pattern and not find(value, pattern)
                or #value > max and (char_count(value) or #value) > max
                or fits and not fits(value) then
                return reason(expects, value)
            end
        end,
    }
end

-- One of a list of texts.
function M.choice(texts)
    local known, quoted = {}, {}
    for i, text in ipairs(texts) do
        known[text], quoted[i] = true, '"' .. text .. '"'
    end
    local expects = #quoted == 1 and quoted[1] or "one of " .. table.concat(quoted, ", ")
    return {
        kind = "choice",
        expects = expects,
        quoted = quoted,
        check = function(value)
            if not known[value] then
                return reason(expects, value)
            end
        end,
    }
end

-- The ARN of a service's resource: M.arn("elasticloadbalancing", "targetgroup").
function M.arn(service, resource)
    local pattern = ("^%s/[^,%%s]+$"):format((resource:gsub("%-", "%%-")))
    return M.text {
        fits = function(value)
            local parts = arn.of(service, value)
            return parts ~= nil and parts.path:find(pattern) ~= nil
        end,
        expects = ('an ARN "arn:...:%s:REGION:ACCOUNT:%s/..."'):format(service, resource),
    }
end

function M.integer(min, max)
    local whole, limits = "a whole number " .. range(min, max), range(min, max)
    return {
        kind = "integer",
        expects = whole,
        check = function(value)
            if integer_kind(value) ~= "integer" then
                return reason(whole, value)
            elseif value < min or max and value > max then
                return reason(limits, value)
            end
        end,
    }
end

-- A number, whole or not.
function M.number(min, max)
    local expects = min and ("%g..%g"):format(min, max) or "a number"
    return {
        kind = "number",
        expects = min and "a number " .. expects or expects,
        check = function(value)
            if type(value) ~= "number" or min and not (value >= min and value <= max) then
                return reason(expects, value)
            end
        end,
    }
end

M.flag = {
    kind = "flag",
    expects = "true or false",
    check = function(value)
        if type(value) ~= "boolean" then
            return reason("true or false", value)
        end
    end,
}

-- A time as it is everywhere in Tidelock: whole milliseconds since 1970.
M.time = {
    kind = "time",
    expects = "a time in milliseconds since 1970",
    check = function(value)
        if integer_kind(value) ~= "integer" or value < 0 or value > TIME_MAX then
            return reason("a time in milliseconds since 1970", value)
        end
    end,
}

-- A list of one shape with min..max items.
function M.list(of, min, max)
    min = min or 0
    local expects = "a list"
    if min > 0 or max then
        expects = ("a list of %s"):format(min == max and ("%d"):format(min) or range(min, max))
    end
    local check_item = of.check
    return {
        kind = "list",
        expects = expects,
        of = of,
        check = function(value)
            local count = type(value) == "table" and #value or -1
            if count < min or count == 0 and next(value) ~= nil then
                return reason(expects, value)
            elseif max and count > max then
                return (" must be %s, got %d"):format(expects, count)
            end
            for i = 1, count do
                local why = check_item(value[i])
                if why then
                    return ("[%d]%s"):format(i, why)
                end
            end
        end,
    }
end

local function sorted_names(map)
    local names = {}
    for name in next, map do
        names[#names + 1] = tostring(name)
    end
    table.sort(names)
    return names
end

-- The first thing that is wrong with an object, in the order of the names and not of the table,
-- which differs from one process to the next.
local function first_wrong(value, wrong_of)
    for _, name in ipairs(sorted_names(value)) do
        local why = wrong_of(name, value[name])
        if why then
            return why
        end
    end
end

-- Texts of one shape to values of another, with at most `max` of them.
function M.map(key, of, max)
    local check_key, check_item = key.check, of.check
    local names = max == 1 and "name" or "names"
    local expects = max and ("an object with at most %d %s"):format(max, names) or "an object"
    local function wrong_of(name, item)
        local why = check_key(name)
        if why then
            return (": the name%s"):format(why)
        end
        why = check_item(item)
        return why and ("[%s]%s"):format(show(name), why)
    end
    return {
        kind = "map",
        expects = expects,
        key = key,
        of = of,
        check = function(value)
            if type(value) ~= "table" or value[1] ~= nil then
                return reason(expects, value)
            end
            local count = 0
            for name, item in next, value do
                count = count + 1
                if check_key(name) or check_item(item) then
                    return first_wrong(value, wrong_of)
                end
            end
            if max and count > max then
                return (" must be %s, got %d"):format(expects, count)
            end
        end,
    }
end

local function wrong_member(checks, names)
    return function(name, item)
        local check = checks[name]
        if not check then
            return (".%s is not a member of this%s"):format(name, closest.hint(name, names))
        end
        local why = check(item)
        return why and "." .. name .. why
    end
end

-- An object with named members. options: needed (names), name (how the reference page calls it),
-- wrong (a function that says what is wrong between members that each fit, or nil).
function M.structure(members, options)
    options = options or {}
    local checks, names = {}, sorted_names(members)
    for name, shape in pairs(members) do
        checks[name] = shape.check
    end
    local needed, wrong = options.needed or {}, options.wrong
    local wrong_of = wrong_member(checks, names)
    return {
        kind = "structure",
        expects = "an object",
        name = options.name,
        members = members,
        names = names,
        needed = needed,
        check = function(value)
            if type(value) ~= "table" or value[1] ~= nil then
                return reason("an object", value)
            end
            for name, item in next, value do
                local check = checks[name]
                if not check or check(item) then
                    return first_wrong(value, wrong_of)
                end
            end
            for i = 1, #needed do
                if value[needed[i]] == nil then
                    return (".%s is missing"):format(needed[i])
                end
            end
            return wrong and wrong(value)
        end,
    }
end

return M
