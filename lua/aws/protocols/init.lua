-- The protocols of AWS: parameters to a request, and an answer to a result, as a service's model
-- says (lua/aws/protocols/model.lua). docs/protocols.md has the whole of it.
--
--     local model = protocols.load(document)
--     local request = protocols.serialize(model, "GetAlias", { FunctionName = "f", Name = "live" })
--     local output, problem = protocols.parse(model, "GetAlias", response)

local errors = require "aws.protocols.errors"
local headers = require "aws.protocols.headers"
local model = require "aws.protocols.model"
local null = require "aws.protocols.null"
local position = require "aws.protocols.position"
local uri = require "aws.protocols.uri"

local M = {}

local by_name = {
    json = require "aws.protocols.json",
    query = require "aws.protocols.query",
    ["rest-json"] = require "aws.protocols.rest_json",
    ["rest-xml"] = require "aws.protocols.rest_xml",
}

M.load = model.load
M.url = uri.join

local function find(loaded, name)
    local protocol = by_name[loaded.metadata.protocol]
        or error(("the protocol %q is not spoken"):format(loaded.metadata.protocol), 0)
    local operation = loaded.operations[name]
        or error(("the model has no operation %q"):format(name), 0)
    return protocol, operation
end

-- A token that the caller gives goes where the model wants one and the parameters have none.
local function with_token(shape, params, token)
    for _, name in ipairs(token and shape and shape.names or {}) do
        local absent = params[name] == nil or params[name] == null
        if absent and shape.members[name].idempotencyToken then
            local out = { [name] = token }
            for given, value in next, params do
                out[given] = given ~= name and value or out[given]
            end
            return out
        end
    end
    return params
end

-- "{Name}.data." with the members that are labels of the host's name.
local function host_prefix(operation, params, at)
    local template = operation.endpoint and operation.endpoint.hostPrefix
    return template and (template:gsub("{([^}]+)}", function(name)
        local text = params[name]
        at:push(name)
        if type(text) ~= "string" or not text:find("^[%w.-]+$") then
            at:expected("letters, digits, dots and hyphens: it is a part of the host's name", text)
        end
        at:pop()
        return text
    end))
end

-- {method, uri, headers, body, host_prefix}; options: token (for idempotency). Raises
-- {invalid = message} for parameters that are not what the model says.
function M.serialize(loaded, name, params, options)
    local protocol, operation = find(loaded, name)
    local at = position.new("the input of " .. name)
    params = with_token(operation.input, params, options and options.token)
    local request = protocol.serialize(loaded, operation, params, at)
    request.host_prefix = host_prefix(operation, params, at)
    return request
end

-- What a call returns, or nil and what it refuses; other errors are ours, and go on.
local function try(call, ...)
    local ok, result = pcall(call, ...)
    if ok then
        return result
    elseif type(result) == "table" and result.invalid then
        return nil, result.invalid
    end
    error(result, 0)
end

local function read_problem(loaded, protocol, response, nothing)
    local problem = protocol.problem(response)
    local shape = loaded.errors[problem.code] or loaded.errors[problem.shape_code]
    problem.fields = shape and try(protocol.problem_fields, shape, problem, response,
        position.new("the error " .. problem.code), nothing) or {}
    problem.body = nil
    problem.status = response.status_code
    problem.request_id = problem.request_id or errors.request_id(response.lowered)
    return problem
end

-- The output, nil and the request's id; or nil and the problem {code, message, status, fields,
-- request_id, fault, shape_code, unreadable}. An answer of success that cannot be read is a
-- problem with `unreadable`: what was asked may well have been done. options: null (what stands
-- for null in lists and maps; without it they go without).
function M.parse(loaded, name, response, options)
    local protocol, operation = find(loaded, name)
    local nothing = options and options.null
    local answer = {
        status_code = response.status_code,
        headers = response.headers or {},
        lowered = headers.lowered(response.headers),
        body = response.body or "",
    }
    if answer.status_code > 300 then
        return nil, read_problem(loaded, protocol, answer, nothing)
    end
    local id = errors.request_id(answer.lowered)
    local output, why = try(protocol.parse, operation, answer,
        position.new("the answer to " .. name), nothing)
    if output then
        return output, nil, id
    end
    return nil, {
        code = "UnreadableResponse",
        message = why,
        unreadable = true,
        status = answer.status_code,
        fields = {},
        request_id = id,
    }
end

return M
