-- What a rollout file leaves open: a hole that the command line must fill, so that the file is
-- committed once and the pipeline says only what is new.

local check = require "check"
local effect = require "effect"

---@class given
local M = {}

---@class given.Hole
---@field name string    # what fills it: "-p version=43"
---@field what string    # what belongs there, for people
---@field place string   # where it stands: "checkout.lua:7"
local Hole = {}

---A value with holes: `make` has it once it can `read` what fills each, by its kind.
---@class given.Unfilled
---@field holes given.Hole[]
---@field make fun(read: fun(hole: given.Hole, kind: check.Kind): any): any
local Unfilled = {}

---Leaves a hole in a rollout file.
---@param name string
---@param what string
---@return given.Hole
function M.new(name, what)
    if type(name) ~= "string" or not name:find("^[%a_][%w_]*$") then
        check.fail("rollout.given: %s is no name for a parameter", check.show(name))
    elseif type(what) ~= "string" or what == "" then
        check.fail("rollout.given: expected what belongs there, in a few words, got %s",
            check.show(what))
    end
    return setmetatable({ name = name, what = what, place = tostring((effect.where())) }, Hole)
end

---Whether a value is a hole.
---@param value any
---@return boolean
function M.is(value)
    return type(value) == "table" and getmetatable(value) == Hole
end

---Whether a value has holes.
---@param value any
---@return boolean
function M.is_unfilled(value)
    return type(value) == "table" and getmetatable(value) == Unfilled
end

---A value with holes.
---@param holes given.Hole[]
---@param make fun(read: fun(hole: given.Hole, kind: check.Kind): any): any
---@return given.Unfilled
function M.unfilled(holes, make)
    return setmetatable({ holes = holes, make = make }, Unfilled)
end

---A kind of which the value may also be a hole.
---@param kind check.Kind
---@return check.Kind
function M.or_hole(kind)
    return {
        expected = kind.expected,
        read = function(value)
            if not M.is(value) or not kind.parse then -- what fills it is text
                return kind.read(value)
            end
            return M.unfilled({ value }, function(read) return read(value, kind) end)
        end,
    }
end

---The holes among options, by the name of their option, and the options without them; none where
---there are no holes.
---@param options any
---@return table<string, given.Hole>? holes, table? others
function M.among(options)
    local holes, others
    for name, value in pairs(type(options) == "table" and options or {}) do
        if M.is(value) then
            holes = holes or {}
            holes[name] = value
        end
    end
    for name, value in pairs(holes and options or {}) do
        others = others or {}
        others[name] = not holes[name] and value or nil
    end
    return holes, others
end

return M
