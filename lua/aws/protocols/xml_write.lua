-- A value as XML text, as its shape says.

local json_write = require "aws.protocols.json_write"
local null = require "aws.protocols.null"
local scalar = require "aws.protocols.scalar"
local xml = require "aws.protocols.xml"

local M = {}

local next = next

local function namespace(shape)
    local given = shape.xmlNamespace
    if not given then
        return ""
    end
    local uri = type(given) == "table" and given.uri or given
    local prefix = type(given) == "table" and given.prefix
    return (' xmlns%s="%s"'):format(prefix and ":" .. prefix or "", xml.escape(uri))
end

local function text_of(shape, value, position)
    local text = scalar.write(shape, value, "iso8601", position)
    if not xml.can_carry(text) then
        position:refuse("has characters that XML cannot carry")
    end
    return xml.escape(text)
end

local writers = {}

-- Appends to `out` the element, or the elements of a flattened list or map.
local function write(shape, name, value, out, position)
    local writer = writers[shape.type]
    if writer then
        return writer(shape, name, value, out, position)
    end
    out[#out + 1] = ("<%s%s>%s</%s>"):format(name, namespace(shape),
        text_of(shape, value, position), name)
end

local function attributes(shape, value, position)
    local parts = {}
    for _, name in ipairs(shape.names) do
        local member, item = shape.members[name], value[name]
        if member.xmlAttribute and item ~= nil and item ~= null then
            position:push(name)
            parts[#parts + 1] = (' %s="%s"'):format(member.locationName or name,
                text_of(member, item, position))
            position:pop()
        end
    end
    return table.concat(parts)
end

local function write_structure(shape, names, element, value, out, position)
    json_write.check_members(shape, value, position)
    out[#out + 1] = ("<%s%s%s>"):format(element, namespace(shape),
        attributes(shape, value, position))
    for _, name in ipairs(names) do
        local member, item = shape.members[name], value[name]
        if item ~= nil and item ~= null and not member.xmlAttribute then
            position:push(name)
            write(member, member.locationName or name, item, out, position)
            position:pop()
        end
    end
    out[#out + 1] = ("</%s>"):format(element)
end

function writers.structure(shape, name, value, out, position)
    write_structure(shape, shape.names, name, value, out, position)
end

function writers.list(shape, name, value, out, position)
    if type(value) ~= "table" or value[1] == nil and next(value) ~= nil then
        position:expected("a list", value)
    end
    local wrapped = not shape.flattened
    local element = wrapped and (shape.member.locationName or "member") or name
    if wrapped then
        out[#out + 1] = ("<%s%s>"):format(name, namespace(shape))
    end
    for i = 1, #value do
        position:push(i)
        write(shape.member, element, value[i], out, position)
        position:pop()
    end
    if wrapped then
        out[#out + 1] = ("</%s>"):format(name)
    end
end

function writers.map(shape, name, value, out, position)
    local wrapped = not shape.flattened
    local entry = wrapped and "entry" or name
    if wrapped then
        out[#out + 1] = ("<%s%s>"):format(name, namespace(shape))
    end
    for _, key in ipairs(json_write.keys(value, position)) do
        position:push(key)
        out[#out + 1] = ("<%s>"):format(entry)
        write(shape.key, shape.key.locationName or "key", key, out, position)
        write(shape.value, shape.value.locationName or "value", value[key], out, position)
        out[#out + 1] = ("</%s>"):format(entry)
        position:pop()
    end
    if wrapped then
        out[#out + 1] = ("</%s>"):format(name)
    end
end

function M.write(shape, name, value, position)
    local out = {}
    write(shape, name, value, out, position)
    return table.concat(out)
end

-- Only the members that no location takes elsewhere: the body of a REST operation.
function M.write_body(shape, name, value, position)
    local out = {}
    write_structure(shape, shape.sent_names, name, value, out, position)
    return table.concat(out)
end

return M
