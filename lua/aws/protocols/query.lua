-- The query protocol: a form goes out, XML comes back. (ec2's variant of it is not spoken.)

local errors = require "aws.protocols.errors"
local json_write = require "aws.protocols.json_write"
local null = require "aws.protocols.null"
local scalar = require "aws.protocols.scalar"
local uri = require "aws.protocols.uri"
local xml = require "aws.protocols.xml"
local xml_read = require "aws.protocols.xml_read"

local M = {}

local writers = {}

-- Appends {name, value} pairs to `form`.
local function write(shape, prefix, value, form, position)
    local writer = writers[shape.type]
    if writer then
        return writer(shape, prefix, value, form, position)
    end
    form[#form + 1] = { prefix, scalar.write(shape, value, "iso8601", position) }
end

function writers.structure(shape, prefix, value, form, position)
    json_write.check_members(shape, value, position)
    for _, name in ipairs(shape.names) do
        local member, item = shape.members[name], value[name]
        if item ~= nil and item ~= null then
            local wire_name = member.locationName or name
            position:push(name)
            write(member, prefix and prefix .. "." .. wire_name or wire_name, item, form, position)
            position:pop()
        end
    end
end

-- "a.b" and "c" -> "a.c": a flattened list goes by the name of its items.
local function beside(prefix, name)
    return (prefix:match("^.*%.") or "") .. name
end

local function item_prefix(shape, prefix)
    local name = shape.member.locationName
    if shape.flattened then
        return name and beside(prefix, name) or prefix
    end
    return prefix .. "." .. (name or "member")
end

-- An empty list is sent as such: it is another thing than none.
function writers.list(shape, prefix, value, form, position)
    if type(value) ~= "table" or value[1] == nil and next(value) ~= nil then
        position:expected("a list", value)
    elseif #value == 0 then
        form[#form + 1] = { prefix, "" }
    end
    local items = item_prefix(shape, prefix)
    for i = 1, #value do
        position:push(i)
        write(shape.member, ("%s.%d"):format(items, i), value[i], form, position)
        position:pop()
    end
end

function writers.map(shape, prefix, value, form, position)
    local entries = shape.flattened and prefix or prefix .. ".entry"
    for i, key in ipairs(json_write.keys(value, position)) do
        local entry = ("%s.%d."):format(entries, i)
        position:push(key)
        write(shape.key, entry .. (shape.key.locationName or "key"), key, form, position)
        write(shape.value, entry .. (shape.value.locationName or "value"), value[key], form,
            position)
        position:pop()
    end
end

function M.serialize(model, operation, params, position)
    local form = { { "Action", operation.name }, { "Version", model.metadata.apiVersion } }
    if operation.input then
        write(operation.input, nil, params, form, position)
    end
    return {
        method = operation.http.method or "POST",
        uri = operation.http.requestUri or "/",
        headers = { ["Content-Type"] = "application/x-www-form-urlencoded; charset=utf-8" },
        body = uri.query(form),
    }
end

-- The document of an answer is called after the operation; another's is a page, or somebody else's.
local function read_response(body, name, position)
    local root = xml.read(body)
    return root.name == name .. "Response" and root
        or position:refuse("is a <%s>, not a <%sResponse>", root.name, name)
end

-- <NameResponse><NameResult>...; where the model names no wrapper there may be none.
local function result_node(root, shape, name, position)
    local wrapper = shape.resultWrapper
    local node = xml.child(root, wrapper or name .. "Result")
    return node or wrapper and position:refuse("has no <%s>", wrapper) or root
end

function M.parse(operation, response, position)
    local shape = operation.output
    local expected = shape and #shape.names > 0
    if not expected and not response.body:find("%S") then
        return {}
    end
    -- Also where nothing is expected: a page is no answer.
    local root = read_response(response.body, operation.name, position)
    if not expected then
        return {}
    end
    return xml_read.read_node(shape, result_node(root, shape, operation.name, position), position)
end

function M.problem(response)
    return errors.of_xml(response)
end

function M.problem_fields(shape, problem, _, position)
    return problem.body and xml_read.read_node(shape, problem.body, position) or {}
end

return M
