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

local function write(shape, value, trail)
    if value == null then
        return "null"
    end
    local writer = writers[shape.type]
        or trail:refuse("is a %s, which JSON does not have", shape.type)
    return writer(shape, value, trail)
end

-- Members that are absent, and those that are `null`, are not written; `names` are those that may.
local function write_members(shape, names, value, trail)
    local parts = {}
    for i = 1, #names do
        local name = names[i]
        local item = value[name]
        if item ~= nil and item ~= null then
            local member = shape.members[name]
            trail:push(name)
            parts[#parts + 1] = encode(member.locationName or name) .. ":"
                .. write(member, item, trail)
            trail:pop()
        end
    end
    return "{" .. concat(parts, ",") .. "}"
end

function M.check_members(shape, value, trail)
    if type(value) ~= "table" or value[1] ~= nil then
        trail:expected("an object", value)
    end
    for name in next, value do
        if not shape.members[name] then
            trail:refuse("has no member %q", tostring(name))
        end
    end
end

function writers.structure(shape, value, trail)
    if shape.document then
        return document.write(value, trail)
    end
    M.check_members(shape, value, trail)
    return write_members(shape, shape.names, value, trail)
end

function writers.list(shape, value, trail)
    if type(value) ~= "table" or value[1] == nil and next(value) ~= nil then
        trail:expected("a list", value)
    end
    local parts = {}
    for i = 1, #value do
        trail:push(i)
        parts[i] = write(shape.member, value[i], trail)
        trail:pop()
    end
    return "[" .. concat(parts, ",") .. "]"
end

-- The keys of a map, in order, each checked.
function M.keys(value, trail)
    if type(value) ~= "table" or value[1] ~= nil then
        trail:expected("an object", value)
    end
    local keys = {}
    for key in next, value do
        keys[#keys + 1] = scalar.check_text(key, trail)
    end
    table.sort(keys)
    return keys
end

function writers.map(shape, value, trail)
    local keys = M.keys(value, trail)
    local parts = {}
    for i, key in ipairs(keys) do
        trail:push(key)
        parts[i] = encode(key) .. ":" .. write(shape.value, value[key], trail)
        trail:pop()
    end
    return "{" .. concat(parts, ",") .. "}"
end

function writers.string(_, value, trail)
    return encode(scalar.check_text(value, trail))
end

function writers.blob(_, value, trail)
    return encode(base64.encode(scalar.check_bytes(value, trail)))
end

function writers.boolean(_, value, trail)
    return scalar.check_boolean(value, trail) and "true" or "false"
end

local function write_integer(_, value, trail)
    return ("%d"):format(scalar.check_integer(value, trail))
end

local function write_float(_, value, trail)
    local special = scalar.special_text(scalar.check_number(value, trail))
    return special and encode(special) or encode(value)
end

function writers.timestamp(shape, value, trail)
    local format = shape.timestampFormat or "unixtimestamp"
    local text = timestamp.write(value, format, trail)
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
function M.write_body(shape, value, trail)
    return write_members(shape, shape.sent_names, value, trail)
end

return M
