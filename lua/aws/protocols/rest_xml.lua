-- rest-xml: paths, query strings and headers as the model says, XML in the body.

local errors = require "aws.protocols.errors"
local rest_read = require "aws.protocols.rest_read"
local rest_write = require "aws.protocols.rest_write"
local xml = require "aws.protocols.xml"
local xml_read = require "aws.protocols.xml_read"
local xml_write = require "aws.protocols.xml_write"

local M = {}

local writing = { content_type = "application/xml", empty = "", empty_body = "" }

-- Models often repeat a member's name as its locationName: only another one outranks the shape's.
function writing.payload(member, value, position, name)
    local given = member.locationName
    local root = given ~= name and given or member.own_name or given or member.name
    return xml_write.write(member, root, value, position)
end

function writing.body(shape, params, position)
    local root = shape.own_name or shape.locationName or shape.name
    return xml_write.write_body(shape, root, params, position)
end

function M.serialize(_, operation, params, position)
    return rest_write.serialize(operation, params, writing, position)
end

local empty = { name = "", attributes = {}, text = "" }

local function root_of(body)
    return body:find("%S") and xml.read(body) or empty
end

local reading = {}

function reading.payload(shape, body, position)
    return xml_read.read_node(shape, root_of(body), position)
end

function reading.body(shape, body, position)
    return xml_read.read_body(shape, root_of(body), position)
end

function M.parse(operation, response, position)
    local shape = operation.output
    return shape and rest_read.parse(shape, response, reading, position) or {}
end

function M.problem(response)
    return errors.of_xml(response)
end

function M.problem_fields(shape, problem, response, position)
    local of_error = {
        payload = reading.payload,
        body = function(of, _, at)
            return xml_read.read_body(of, problem.body or empty, at)
        end,
    }
    return rest_read.parse(shape, response, of_error, position)
end

return M
