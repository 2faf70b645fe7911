-- A service as lua/aws/protocols wants it, {metadata, shapes, operations}: made of the catalogue's
-- inputs (lua/aws/shape.lua) and what its `wire` says of the rest. Made once a service, when the
-- first of its operations is sent.

local catalogue = require "aws.catalogue"
local protocols = require "aws.protocols"

local M = {}

local types = {
    text = "string", choice = "string", integer = "long", number = "double", flag = "boolean",
    time = "timestamp", blob = "blob",
}

local Document = {}
Document.__index = Document

-- The name of a shape in the document. Shapes that are used twice are one there, too, and a shape
-- may contain itself: its name is known before its parts are.
function Document:shape(shape)
    local name = self.names[shape]
    if name then
        return name
    end
    self.count = self.count + 1
    name = ("%s%d"):format(shape.kind, self.count)
    self.names[shape] = name
    self.shapes[name] = self:traits(shape)
    return name
end

function Document:traits(shape)
    local kind = shape.kind
    if kind == "structure" then
        return { type = "structure", payload = shape.payload, members = self:members(shape) }
    elseif kind == "list" then
        return { type = "list", member = { shape = self:shape(shape.of) } }
    elseif kind == "map" then
        return { type = "map", key = { shape = self:shape(shape.key) },
            value = { shape = self:shape(shape.of) } }
    end
    return { type = assert(types[kind], kind), timestampFormat = shape.format }
end

function Document:members(shape)
    local members = {}
    for name, of in next, shape.members do
        members[name] = { shape = self:shape(of),
            locationName = shape.wire_names and shape.wire_names[name] }
    end
    for name, header in next, shape.headers or {} do
        members[name].location, members[name].locationName = "header", header
    end
    if shape.status then
        members[shape.status].location = "statusCode"
    end
    return members
end

local function place(members, names, location)
    for name, wire_name in next, names or {} do
        members[name].location, members[name].locationName = location, wire_name
    end
end

-- The members of an input that go to the path: those that are called like its labels, but for the
-- ones that `labels` says.
local function place_labels(members, path, labels)
    local member_of = {}
    for name, label in next, labels or {} do
        member_of[label] = name
    end
    for label in path:gmatch("{([%w_]+)%+?}") do
        local member = members[member_of[label] or label]
        member.location, member.locationName = "uri", label
    end
end

-- The input of an operation, with what only this operation says of its members.
function Document:input(shape, wire, path)
    local input = self:traits(shape)
    local members = input.members
    input.payload = wire.payload
    place(members, wire.names, nil)
    place(members, wire.query, "querystring")
    place(members, wire.headers, "header")
    place_labels(members, path, wire.labels)
    if wire.idempotency then
        members[wire.idempotency].idempotencyToken = true
    end
    self.count = self.count + 1
    local name = ("input%d"):format(self.count)
    self.shapes[name] = input
    return { shape = name }
end

function Document:output(action, shape)
    local reference = shape and { shape = self:shape(shape) }
    if reference and self.metadata.protocol == "query" then
        reference.resultWrapper = action .. "Result"
    end
    return reference
end

function Document:operation(action, wire, input)
    local method, path = (wire.http or "POST /"):match("^(%u+) (/%S*)$")
    self.operations[action] = {
        http = { method = method, requestUri = path },
        input = self:input(input, wire, path),
        output = self:output(action, wire.output),
    }
end

-- {wire, model} of each service that was asked for.
local loaded = {}

local function load_service(name)
    local wire = require("services." .. name .. ".wire")
    local document = setmetatable({ metadata = wire.metadata, shapes = {}, operations = {},
        names = {}, count = 0 }, Document)
    for called, entry in next, catalogue.service(name).operations do
        local of = wire.operations[entry.action]
            or error(("nothing is said of how %s is sent"):format(called), 0)
        document:operation(entry.action, of, entry.input)
    end
    return { wire = wire, model = protocols.load(document) }
end

-- Of an operation of the catalogue: its service {wire, model}, its entry, and what the wire's file
-- says of it.
function M.find(operation)
    local entry = catalogue.entry(operation)
    if not entry then
        error({ invalid = "there is no operation " .. operation }, 0)
    end
    local name = operation:match("^[^.]*")
    loaded[name] = loaded[name] or load_service(name)
    return loaded[name], entry, loaded[name].wire.operations[entry.action]
end

return M
