-- The JSON protocols, 1.0 and 1.1: everything in the body, the operation in X-Amz-Target.

local document = require "aws.protocols.document"
local errors = require "aws.protocols.errors"
local json_read = require "aws.protocols.json_read"
local json_write = require "aws.protocols.json_write"

local M = {}

local none = { type = "structure", members = {}, names = {} } -- an output without members

function M.serialize(model, operation, params, position)
    local metadata = model.metadata
    local request_headers = {
        ["X-Amz-Target"] = ("%s.%s"):format(metadata.targetPrefix, operation.name),
        ["Content-Type"] = "application/x-amz-json-" .. metadata.jsonVersion,
    }
    if metadata.awsQueryCompatible then
        request_headers["x-amzn-query-mode"] = "true"
    end
    return {
        method = operation.http.method or "POST",
        uri = operation.http.requestUri or "/",
        headers = request_headers,
        body = operation.input and json_write.write(operation.input, params, position) or "{}",
    }
end

function M.parse(operation, response, position, nothing)
    local shape = operation.output
    if not response.body:find("%S") then
        return {}
    end
    -- Also where nothing is expected: a page is no answer.
    local value = document.read(response.body)
    return json_read.read(shape or none, value, position, nothing)
end

function M.problem(response)
    return errors.of_json(response, false)
end

function M.problem_fields(shape, problem, _, position, nothing)
    return json_read.read(shape, problem.body or {}, position, nothing)
end

return M
