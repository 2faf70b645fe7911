-- A JSON value (document.read) as its shape says. What the shape does not name is passed over;
-- what has another kind is refused, but for the liberties that servers are known to take: numbers
-- as text, text as numbers, times in any of the three ways.

local canonical = require "canonical"
local document = require "aws.protocols.document"
local null = require "aws.protocols.null"
local scalar = require "aws.protocols.scalar"

local M = {}

local type, next = type, next

local readers = {}

-- `nothing` stands for null in lists and maps; without it they go without.
local function read(shape, value, position, nothing)
    local reader = readers[shape.type]
    if reader then
        return reader(shape, value, position, nothing)
    end
    return scalar.read(shape, value, position)
end

local function check_object(value, position)
    if type(value) ~= "table" or value[1] ~= nil or getmetatable(value) == false then
        position:expected("an object", value)
    end
end

local function read_members(shape, names, value, position, nothing)
    check_object(value, position)
    local out = {}
    for i = 1, #names do
        local name = names[i]
        local member = shape.members[name]
        local item = value[member.locationName or name]
        if item ~= nil and item ~= null then
            position:push(name)
            out[name] = read(member, item, position, nothing)
            position:pop()
        end
    end
    return out
end

function readers.structure(shape, value, position, nothing)
    if shape.document then
        return document.without_null(value, nothing)
    end
    return read_members(shape, shape.names, value, position, nothing)
end

function readers.list(shape, value, position, nothing)
    if type(value) ~= "table" or value[1] == nil and getmetatable(value) ~= false then
        position:expected("a list", value)
    end
    local out = canonical.array({})
    for i = 1, #value do
        local item = value[i]
        if item == null then
            out[#out + 1] = nothing
        else
            position:push(i)
            out[#out + 1] = read(shape.member, item, position, nothing)
            position:pop()
        end
    end
    return out
end

function readers.map(shape, value, position, nothing)
    check_object(value, position)
    local out = {}
    for key, item in next, value do
        if item == null then
            out[key] = nothing
        else
            position:push(key)
            out[key] = read(shape.value, item, position, nothing)
            position:pop()
        end
    end
    return out
end

M.read = read

function M.read_body(shape, value, position, nothing)
    return read_members(shape, shape.answered_names, value, position, nothing)
end

return M
