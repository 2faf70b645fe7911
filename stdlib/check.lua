-- Checking what authors write, and saying what is wrong with it at their own line.
--
-- A *kind* describes one sort of value: what to call it in a message, how to take it from Lua and
-- how to take it from command-line text (kinds.lua). This module applies kinds to tables of
-- options.

local effect = require "effect"

---@class check
local M = {}

---@class (exact) check.Kind
---@field expected string                                    # "a duration such as \"5m\""
---@field read fun(value: any): any, string?                 # what is meant, or nil and why not
---@field parse? fun(text: string): any, string?             # from text; absent: not from text
---@field many? fun(texts: string[]): any, string?           # a name given several times
---@field plain? fun(value: any): any                        # as it is journaled; absent: as it is
---@field sort? string                                       # "target", "percents": for fitting

---Raises a formatted message at the author's line.
---@param format string
function M.fail(format, ...)
    effect.fail(format:format(...))
end

---How a value is shown in a message.
---@param value any
---@return string
function M.show(value)
    local kind = type(value)
    if kind == "string" then
        return #value > 80 and ('"%s..."'):format(value:sub(1, 77)) or ('"%s"'):format(value)
    elseif kind == "nil" then
        return "nothing"
    elseif kind == "number" or kind == "boolean" then
        return tostring(value)
    end
    return "a " .. kind
end

-- How many letters must be changed, added, dropped or swapped with their neighbour to get from a
-- to b.
local function distance(a, b)
    local before, row = {}, {}
    for j = 0, #b do
        row[j] = j
    end
    for i = 1, #a do
        local above = row
        row = { [0] = i }
        for j = 1, #b do
            local same = a:byte(i) == b:byte(j) and 0 or 1
            row[j] = math.min(above[j] + 1, row[j - 1] + 1, above[j - 1] + same)
            if i > 1 and j > 1 and a:byte(i) == b:byte(j - 1) and a:byte(i - 1) == b:byte(j) then
                row[j] = math.min(row[j], before[j - 2] + 1)
            end
        end
        before = above
    end
    return row[#b]
end

---The names of a table, in order.
---@param named table<string, any>
---@return string[]
function M.names(named)
    local names = {}
    for name in pairs(named) do
        names[#names + 1] = name
    end
    table.sort(names)
    return names
end

---What to add to "there is no ...": the closest name, or all there are.
---@param name string
---@param named table<string, any>
---@return string
function M.instead(name, named)
    local names = M.names(named)
    local best, least = nil, math.max(1, #name // 3) + 1
    for _, candidate in ipairs(names) do
        local steps = distance(name:sub(1, 40), candidate)
        if steps < least then
            best, least = candidate, steps
        end
    end
    if best then
        return ('did you mean "%s"?'):format(best)
    end
    return ("there %s: %s"):format(#names == 1 and "is" or "are", table.concat(names, ", "))
end

---Why a value is not of a kind, as half a sentence.
---@param kind check.Kind
---@param value any
---@param why? string
---@return string
function M.reason(kind, value, why)
    return why or ("expected %s, got %s"):format(kind.expected, M.show(value))
end

---Takes a table of options: every field must be known and of its kind.
---@param given any
---@param fields table<string, check.Kind>
---@param into? table                        # holds the defaults; is filled and returned
---@param needed? string[]                   # fields that must be there
---@return table? record, string? why
function M.take(given, fields, into, needed)
    if type(given) ~= "table" then
        return nil, "expected a table of options, got " .. M.show(given)
    end
    local record = into or {}
    for name, value in pairs(given) do
        local kind = fields[name]
        if not kind then
            return nil, type(name) == "string"
                and ('there is no option "%s"; %s'):format(name, M.instead(name, fields))
                or ("options have names, got %s without one"):format(M.show(value))
        end
        local read, why = kind.read(value)
        if read == nil then
            return nil, ("%s: %s"):format(name, M.reason(kind, value, why))
        end
        record[name] = read
    end
    for _, name in ipairs(needed or {}) do
        if record[name] == nil then
            return nil, ("%s is missing: expected %s"):format(name, fields[name].expected)
        end
    end
    return record
end

-- Most text has nothing to trim, and is not gone through for it.
local function trimmed(text)
    return text:find("%s", -1) and text:match("^(.-)%s*$") or text
end

---The same from text such as "alpha=0.005,psi0=1.5": the options it spells, not yet taken together.
---@param text string
---@param fields table<string, check.Kind>
---@param into? table
---@return table? options, string? why
function M.options(text, fields, into)
    local options, seen = into or {}, {}
    for piece in text:gmatch("[^,]+") do
        local name, value = piece:match("^%s*([%a_][%w_]*)%s*=%s*(.*)$")
        local kind = fields[name or ""]
        if not name then
            return nil, ("expected name=value, got %s"):format(M.show(piece))
        elseif not kind or not kind.parse then
            return nil, ('there is no option "%s"; %s'):format(name, M.instead(name, fields))
        elseif seen[name] then
            return nil, ('the option "%s" is given twice'):format(name)
        end
        seen[name] = true
        local read, why = kind.parse(trimmed(value))
        if read == nil then
            return nil, ("%s: %s"):format(name, M.reason(kind, value, why))
        end
        options[name] = read
    end
    return options
end

local more_of = {} -- of strict tables: the names that are there besides

---The names that an author may look up in a table.
---@param named table<string, any>
---@return string[]
function M.known(named)
    local all = {}
    for _, names in ipairs { named, more_of[named] } do
        for known in next, names do
            all[tostring(known)] = true
        end
    end
    return M.names(all)
end

---The same table, in which a name that is not there is an error at the author's line.
---@generic T: table
---@param what string       # "rollout", to say "rollout has no ..."
---@param named T
---@param more? table<string, any>          # names that are there besides, once they are asked for
---@param make? fun(name: string): any
---@return T
function M.strict(what, named, more, make)
    more_of[named] = more
    return setmetatable(named, {
        __index = function(_, name)
            if more and more[name] then
                return make(name)
            end
            local all = {}
            for _, names in ipairs { named, more } do
                for known in pairs(names) do
                    all[known] = true
                end
            end
            M.fail("%s has no %s; %s", what, M.show(name), M.instead(tostring(name), all))
        end,
    })
end

---Like take, but what is wrong is raised at the author's line, after `what`.
---@param what string                        # "watch"
---@param given any
---@param fields table<string, check.Kind>
---@param into? table
---@param needed? string[]
---@return table record
function M.record(what, given, fields, into, needed)
    local record, why = M.take(given, fields, into, needed)
    if not record then
        M.fail("%s: %s", what, why)
    end
    return record
end

---Takes one value of a kind.
---@param what string
---@param value any
---@param kind check.Kind
---@return any
function M.value(what, value, kind)
    local read, why = kind.read(value)
    if read == nil then
        M.fail("%s: %s", what, M.reason(kind, value, why))
    end
    return read
end

return M
