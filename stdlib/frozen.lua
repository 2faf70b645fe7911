-- What an author declares stays as it was declared: a policy or a parameter can be read, and to
-- write to it, or to a table in it, is an error at the author's line. Whoever works with one takes
-- a copy: there is no way to what was declared itself.

local check = require "check"

---@class frozen
local M = {}

local origin = {} ---@type table<table, table>
M.origin = origin -- of a copy of a part: what it is a copy of

local what_of, record_of = {}, {} ---@type table<table, string>, table<table, table>

local function is_plain(value)
    return type(value) == "table" and getmetatable(value) == nil
end

-- What has a metatable is frozen itself, or is a value that only its own module changes.
local function copy_of(record)
    local copy = {}
    for name, item in next, record do
        if type(item) == "table" and getmetatable(item) == nil then
            item = copy_of(item)
        end
        copy[name] = item
    end
    return copy
end

local function view(what, record)
    local function shown(name)
        local value = record[name]
        return is_plain(value) and view(what, value) or value
    end
    return setmetatable({}, {
        __index = function(_, name) return shown(name) end,
        __newindex = function(_, name)
            check.fail("%s cannot be changed once it is declared: %s", what, check.show(name))
        end,
        __len = function() return #record end,
        __pairs = function()
            return function(_, name)
                local following = next(record, name)
                return following, following ~= nil and shown(following) or nil
            end
        end,
        __metatable = what,
    })
end

---Freezes what was declared.
---@param what string    # "a policy", for messages
---@param record table   # no longer its maker's
---@return table
function M.new(what, record)
    local one = view(what, record)
    what_of[one], record_of[one] = what, record
    return one
end

---Whether a value was declared as this.
---@param value any
---@param what string
---@return boolean
function M.is(value, what)
    return value ~= nil and what_of[value] == what
end

---What was declared itself: for who reads it, and hands nothing of it to an author.
---@param one table
---@return table record
function M.record(one)
    return record_of[one]
end

---A value of what was declared: a copy, where it could be written to.
---@param value any
---@return any
function M.plain(value)
    return is_plain(value) and copy_of(value) or value
end

---A copy of what was declared.
---@param one table
---@return table record
function M.copy(one)
    return copy_of(record_of[one])
end

---A copy of one part of it.
---@param one table
---@param name string
---@return any
function M.part(one, name)
    local part = record_of[one][name]
    if not is_plain(part) then
        return part
    end
    local copy = copy_of(part)
    origin[copy] = part
    return copy
end

return M
