-- rest-json: paths, query strings and headers as the model says, JSON in the body.

local document = require "aws.protocols.document"
local errors = require "aws.protocols.errors"
local json_read = require "aws.protocols.json_read"
local json_write = require "aws.protocols.json_write"
local rest_read = require "aws.protocols.rest_read"
local rest_write = require "aws.protocols.rest_write"

local M = {}

local writing = {
    content_type = "application/json",
    body = json_write.write_body,
    empty_body = "{}",
    empty = "{}",
}

writing.payload = json_write.write

function M.serialize(_, operation, params, position)
    return rest_write.serialize(operation, params, writing, position)
end

-- An answer without a body is one without members.
local function reading(nothing)
    local function read_with(read)
        return function(shape, body, position)
            local value = body:find("%S") and document.read(body) or {}
            return read(shape, value, position, nothing)
        end
    end
    return {
        payload = read_with(json_read.read),
        body = read_with(json_read.read_body),
    }
end

local none = { members = {}, names = {}, answered_names = {} } -- an output without members

-- Also where nothing is expected: a page is no answer.
function M.parse(operation, response, position, nothing)
    return rest_read.parse(operation.output or none, response, reading(nothing), position)
end

function M.problem(response)
    return errors.of_json(response, true)
end

function M.problem_fields(shape, _, response, position, nothing)
    return rest_read.parse(shape, response, reading(nothing), position)
end

return M
