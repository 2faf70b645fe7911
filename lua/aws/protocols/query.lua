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
local function write(shape, prefix, value, form, trail)
    local writer = writers[shape.type]
    if writer then
        return writer(shape, prefix, value, form, trail)
    end
    form[#form + 1] = { prefix, scalar.write(shape, value, "iso8601", trail) }
end

function writers.structure(shape, prefix, value, form, trail)
    json_write.check_members(shape, value, trail)
    for _, name in ipairs(shape.names) do
        local member, item = shape.members[name], value[name]
        if item ~= nil and item ~= null then
            local wire_name = member.locationName or name
            trail:push(name)
            write(member, prefix and prefix .. "." .. wire_name or wire_name, item, form, trail)
            trail:pop()
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
function writers.list(shape, prefix, value, form, trail)
    if type(value) ~= "table" or value[1] == nil and next(value) ~= nil then
        trail:expected("a list", value)
    elseif #value == 0 then
        form[#form + 1] = { prefix, "" }
    end
    local items = item_prefix(shape, prefix)
    for i = 1, #value do
        trail:push(i)
        write(shape.member, ("%s.%d"):format(items, i), value[i], form, trail)
        trail:pop()
    end
end

function writers.map(shape, prefix, value, form, trail)
    local entries = shape.flattened and prefix or prefix .. ".entry"
    for i, key in ipairs(json_write.keys(value, trail)) do
        local entry = ("%s.%d."):format(entries, i)
        trail:push(key)
        write(shape.key, entry .. (shape.key.locationName or "key"), key, form, trail)
        write(shape.value, entry .. (shape.value.locationName or "value"), value[key], form, trail)
        trail:pop()
    end
end

function M.serialize(model, operation, params, trail)
    local form = { { "Action", operation.name }, { "Version", model.metadata.apiVersion } }
    if operation.input then
        write(operation.input, nil, params, form, trail)
    end
    return {
        method = operation.http.method or "POST",
        uri = operation.http.requestUri or "/",
        headers = { ["Content-Type"] = "application/x-www-form-urlencoded; charset=utf-8" },
        body = uri.query(form),
    }
end

-- <NameResponse><NameResult>...; where the model names no wrapper there may be none.
local function result_node(root, shape, name, trail)
    local wrapper = shape.resultWrapper
    local node = xml.child(root, wrapper or name .. "Result")
    return node or wrapper and trail:refuse("has no <%s>", wrapper) or root
end

function M.parse(operation, response, trail)
    local shape = operation.output
    local expected = shape and #shape.names > 0
    if not expected and not response.body:find("%S") then
        return {}
    end
    -- Also where nothing is expected: a page is no answer.
    local root = xml.read(response.body)
    if not expected then
        return {}
    end
    return xml_read.read_node(shape, result_node(root, shape, operation.name, trail), trail)
end

function M.problem(response)
    return errors.of_xml(response)
end

function M.problem_fields(shape, problem, _, trail)
    return problem.body and xml_read.read_node(shape, problem.body, trail) or {}
end

return M
