-- Requests of rest-json and rest-xml: members of the input go to the path, the query string and
-- headers; the others to a body whose form the protocol gives.

local headers = require "aws.protocols.headers"
local json_write = require "aws.protocols.json_write"
local null = require "aws.protocols.null"
local scalar = require "aws.protocols.scalar"
local uri = require "aws.protocols.uri"

local M = {}

local function text_of(member, value, position)
    return scalar.write(member, value, "iso8601", position)
end

local function add_list(query, name, member, value, position)
    for i = 1, #value do
        if value[i] ~= null then
            position:push(i)
            query[#query + 1] = { name, text_of(member, value[i], position) }
            position:pop()
        end
    end
end

-- Names that a member of the input gives come before those of a map: they cannot be overridden.
local function add_map(query, member, value, position)
    for _, key in ipairs(json_write.keys(value, position)) do
        position:push(key)
        if not query.named[key] then
            local of, item = member.value, value[key]
            if of.type == "list" then
                add_list(query, key, of.member, item, position)
            else
                query[#query + 1] = { key, text_of(of, item, position) }
            end
        end
        position:pop()
    end
end

local places = {}

function places.uri(request, member, name, value, position)
    request.labels[member.locationName or name] = text_of(member, value, position)
end

function places.querystring(request, member, name, value, position)
    local query, key = request.query, member.locationName or name
    if member.type == "map" then
        request.query_maps[#request.query_maps + 1] = { member, value, name }
    elseif member.type == "list" then
        query.named[key] = true
        add_list(query, key, member.member, value, position)
    else
        query.named[key] = true
        query[#query + 1] = { key, text_of(member, value, position) }
    end
end

function places.header(request, member, name, value, position)
    request.headers[member.locationName or name] = headers.write(member, value, position)
end

function places.headers(request, member, _, value, position)
    headers.write_map(member, value, request.headers, position)
end

local function place_members(request, shape, params, position)
    for _, name in ipairs(shape.names) do
        local member, value = shape.members[name], params[name]
        local place = places[member.location]
        if place and value ~= nil and value ~= null then
            position:push(name)
            place(request, member, name, value, position)
            position:pop()
        end
    end
    for _, map in ipairs(request.query_maps) do
        position:push(map[3])
        add_map(request.query, map[1], map[2], position)
        position:pop()
    end
end

local function full_uri(template, request, position)
    local path, fixed = template:match("^([^?]*)%??(.*)$")
    local query = uri.query(request.query)
    path = uri.expand(path, request.labels, position)
    local joined = fixed ~= "" and query ~= "" and fixed .. "&" .. query or fixed .. query
    return joined ~= "" and path .. "?" .. joined or path
end

local function is_raw(member)
    return member.type == "blob" or member.type == "string"
end

-- A blob or text that is the whole body, as it is.
local function raw_body(member, name, value, position)
    if value == nil then
        return ""
    end
    position:push(name)
    local is_blob = member.type == "blob"
    local body = (is_blob and scalar.check_bytes or scalar.check_text)(value, position)
    position:pop()
    return body, is_blob and "application/octet-stream" or "text/plain"
end

local function has_body_member(shape, params)
    for _, name in ipairs(shape.sent_names) do
        if params[name] ~= nil and params[name] ~= null then
            return true
        end
    end
    return false
end

-- `format` is {payload(member, value, position, name), body(shape, params, position), empty (of a
-- payload that is absent), empty_body (of members that are all absent), content_type}.
local function body_of(shape, params, format, position)
    local name = shape.payload
    if not name then
        if has_body_member(shape, params) then
            return format.body(shape, params, position), format.content_type
        end
        local empty = #shape.sent_names > 0 and format.empty_body or ""
        return empty, empty ~= "" and format.content_type or nil
    end
    local member, value = shape.members[name], params[name]
    if value == null then
        value = nil
    end
    if member.eventstream then
        position:refuse("%s is an event stream, which is not spoken here", name)
    elseif is_raw(member) then
        return raw_body(member, name, value, position)
    elseif value == nil then
        local empty = member.union and "" or format.empty
        return empty, empty ~= "" and format.content_type or nil
    end
    position:push(name)
    local body = format.payload(member, value, position, name)
    position:pop()
    return body, format.content_type
end

local function has_header(given, wanted)
    for name in next, given do
        if name:lower() == wanted then
            return true
        end
    end
    return false
end

function M.serialize(operation, params, format, position)
    local request = { headers = {}, labels = {}, query = { named = {} }, query_maps = {} }
    local shape, body, content_type = operation.input, "", nil
    if shape then
        json_write.check_members(shape, params, position)
        place_members(request, shape, params, position)
        body, content_type = body_of(shape, params, format, position)
    end
    if content_type and not has_header(request.headers, "content-type") then
        request.headers["Content-Type"] = content_type
    end
    return {
        method = operation.http.method or "POST",
        uri = full_uri(operation.http.requestUri or "/", request, position),
        headers = request.headers,
        body = body,
    }
end

return M
