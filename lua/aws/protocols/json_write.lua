-- A value as JSON text, as its shape says. The text is built directly, so that integers stay exact.

local base64 = require "aws.protocols.base64"
local canonical = require "canonical"
local document = require "aws.protocols.document"
local null = require "aws.protocols.null"
local scalar = require "aws.protocols.scalar"
local timestamp = require "aws.protocols.timestamp"

local M = {}

local encode, concat, type, next = canonical.encode, table.concat, type, next

local writers = {}

local function write(shape, value, position)
    if value == null then
        return "null"
    end
    local writer = writers[shape.type]
        or position:refuse("is a %s, which JSON does not have", shape.type)
    return writer(shape, value, position)
end

-- Members that are absent, and those that are `null`, are not written; `names` are those that may.
local function write_members(shape, names, value, position)
    local parts = {}
    for i = 1, #names do
        local name = names[i]
        local item = value[name]
        if item ~= nil and item ~= null then
            local member = shape.members[name]
            position:push(name)
            parts[#parts + 1] = encode(member.locationName or name) .. ":"
                .. write(member, item, position)
            position:pop()
        end
    end
    return "{" .. concat(parts, ",") .. "}"
end

function M.check_members(shape, value, position)
    if type(value) ~= "table" or value[1] ~= nil then
        position:expected("an object", value)
    end
    for name in next, value do
        if not shape.members[name] then
            position:refuse("has no member %q", tostring(name))
        end
    end
end

function writers.structure(shape, value, position)
    if shape.document then
        return document.write(value, position)
    end
    M.check_members(shape, value, position)
    return write_members(shape, shape.names, value, position)
end

function writers.list(shape, value, position)
    if type(value) ~= "table" or value[1] == nil and next(value) ~= nil then
        position:expected("a list", value)
    end
    local parts = {}
    for i = 1, #value do
        position:push(i)
        parts[i] = write(shape.member, value[i], position)
        position:pop()
    end
    return "[" .. concat(parts, ",") .. "]"
end

-- The keys of a map, in order, each checked.
function M.keys(value, position)
    if type(value) ~= "table" or value[1] ~= nil then
        position:expected("an object", value)
    end
    local keys = {}
    for key in next, value do
        keys[#keys + 1] = scalar.check_text(key, position)
    end
    table.sort(keys)
    return keys
end

function writers.map(shape, value, position)
    local keys = M.keys(value, position)
    local parts = {}
    for i, key in ipairs(keys) do
        position:push(key)
        parts[i] = encode(key) .. ":" .. write(shape.value, value[key], position)
        position:pop()
    end
    return "{" .. concat(parts, ",") .. "}"
end

function writers.string(_, value, position)
    return encode(scalar.check_text(value, position))
end

function writers.blob(_, value, position)
    return encode(base64.encode(scalar.check_bytes(value, position)))
end

function writers.boolean(_, value, position)
    return scalar.check_boolean(value, position) and "true" or "false"
end

local function write_integer(_, value, position)
    return ("%d"):format(scalar.check_integer(value, position))
end

local function write_float(_, value, position)
    local special = scalar.special_text(scalar.check_number(value, position))
    return special and encode(special) or encode(value)
end

function writers.timestamp(shape, value, position)
    local format = shape.timestampFormat or "unixtimestamp"
    local text = timestamp.write(value, format, position)
    return format:lower() == "unixtimestamp" and text or encode(text)
end

writers.character = writers.string
for kind in next, scalar.integer_kinds do
    writers[kind] = write_integer
end
for kind in next, scalar.float_kinds do
    writers[kind] = write_float
end

M.write = write

-- Only the members that no location takes elsewhere: the body of a REST operation.
function M.write_body(shape, value, position)
    return write_members(shape, shape.sent_names, value, position)
end

return M
