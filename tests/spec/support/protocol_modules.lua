-- For the specs of lua/aws/protocols. It needs what C lends (canonical with exact integers, lxp),
-- so they run in tidelock-lua; in plain Lua `lent` is false, and they define nothing.

package.path = "lua/?.lua;lua/?/init.lua;" .. package.path

local ok, canonical = pcall(require, "canonical")

local M = { lent = ok and canonical.decode ~= nil }

-- What a call refuses, as text; fails if it was taken, or if it was a mistake of ours.
function M.refusal(call, ...)
    local taken, problem = pcall(call, ...)
    assert(not taken, "it was taken")
    return type(problem) == "table" and problem.invalid or error(problem, 0)
end

local shapes = {
    String = { type = "string" },
    Integer = { type = "integer" },
    Long = { type = "long" },
    Double = { type = "double" },
    Boolean = { type = "boolean" },
    Blob = { type = "blob" },
    Time = { type = "timestamp" },
    Texts = { type = "list", member = { shape = "String" } },
    FlatTexts = { type = "list", member = { shape = "String", locationName = "Line" },
        flattened = true },
    Tags = { type = "map", key = { shape = "String" }, value = { shape = "String" } },
    Part = { type = "structure", members = { Name = { shape = "String" },
        Parts = { shape = "Parts" } } },
    Parts = { type = "list", member = { shape = "Part" } },
    Free = { type = "structure", members = {}, document = true },
    Thing = {
        type = "structure",
        members = {
            Text = { shape = "String" }, Count = { shape = "Integer" },
            Size = { shape = "Long", locationName = "size" }, Ratio = { shape = "Double" },
            Ready = { shape = "Boolean" }, Bytes = { shape = "Blob" }, At = { shape = "Time" },
            Texts = { shape = "Texts" }, Flat = { shape = "FlatTexts" },
            Tags = { shape = "Tags" }, Part = { shape = "Part" }, Free = { shape = "Free" },
        },
    },
    Placed = {
        type = "structure",
        members = {
            Id = { shape = "String", location = "uri", locationName = "id" },
            Path = { shape = "String", location = "uri" },
            Force = { shape = "Boolean", location = "header", locationName = "X-Force" },
            Marks = { shape = "Texts", location = "header", locationName = "X-Marks" },
            Since = { shape = "Time", location = "header", locationName = "X-Since" },
            More = { shape = "Tags", location = "headers", locationName = "X-More-" },
            Page = { shape = "Integer", location = "querystring", locationName = "page" },
            Kinds = { shape = "Texts", location = "querystring", locationName = "kind" },
            Extra = { shape = "Tags", location = "querystring" },
            Token = { shape = "String", idempotencyToken = true },
            Text = { shape = "String" },
        },
    },
    Raw = { type = "structure", payload = "Content",
        members = { Content = { shape = "Blob" },
            Version = { shape = "Integer", location = "header", locationName = "Version-Number" },
            Status = { shape = "Integer", location = "statusCode" } } },
    Stream = { type = "structure", payload = "Events",
        members = { Events = { shape = "EventStream" } } },
    EventStream = { type = "structure", members = {}, eventstream = true },
    NotThere = { type = "structure", exception = true, error = { code = "ThingNotFound" },
        members = { Message = { shape = "String" }, Which = { shape = "String" },
            Retry = { shape = "Integer", location = "header", locationName = "Retry-After" } } },
}

local function operation(method, uri, input, output)
    return {
        http = { method = method, requestUri = uri },
        input = input and { shape = input, locationName = input .. "Request" },
        output = output and { shape = output },
    }
end

-- A small service in any protocol.
function M.model(protocol)
    local protocols = require "aws.protocols"
    return protocols.load {
        metadata = { protocol = protocol, apiVersion = "2020-02-02", jsonVersion = "1.1",
            targetPrefix = "Things_2020" },
        shapes = shapes,
        operations = {
            PutThing = operation("POST", "/", "Thing", "Thing"),
            Place = operation("PUT", "/a/{id}/{Path+}?fixed=1", "Placed", "Thing"),
            PutRaw = operation("POST", "/raw", "Raw", "Raw"),
            Listen = operation("POST", "/listen", "Stream", "Stream"),
            Nothing = operation("POST", "/", nil, nil),
            Prefixed = {
                http = { method = "POST", requestUri = "/" },
                endpoint = { hostPrefix = "{Text}.data." },
                input = { shape = "Thing" },
            },
        },
    }
end

return M
