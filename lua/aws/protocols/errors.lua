-- Errors as the wire has them: {code, message, status, ...}. The code is the one on the wire,
-- without namespace and what else servers put around it.

local document = require "aws.protocols.document"
local xml = require "aws.protocols.xml"

local M = {}

local MESSAGE_MAX = 500 -- bytes that are kept of a body that is no error of the protocol

local reasons = {
    [301] = "Moved Permanently", [302] = "Found", [303] = "See Other", [304] = "Not Modified",
    [307] = "Temporary Redirect", [308] = "Permanent Redirect", [400] = "Bad Request",
    [401] = "Unauthorized", [403] = "Forbidden", [404] = "Not Found",
    [405] = "Method Not Allowed", [407] = "Proxy Authentication Required",
    [408] = "Request Timeout", [409] = "Conflict", [410] = "Gone",
    [411] = "Length Required", [412] = "Precondition Failed",
    [413] = "Request Entity Too Large", [414] = "Request-URI Too Long",
    [415] = "Unsupported Media Type", [429] = "Too Many Requests",
    [431] = "Request Header Fields Too Large", [500] = "Internal Server Error",
    [501] = "Not Implemented", [502] = "Bad Gateway", [503] = "Service Unavailable",
    [504] = "Gateway Timeout",
}

local function is_page(body)
    local start = body:sub(1, 200):lower()
    return start:find("^%s*<html") or start:find("^%s*<!doctype")
end

-- Cut where no character is torn.
local function shortened(text)
    text = text:match("^%s*(.-)%s*$")
    if not utf8.len(text) then
        return ""
    end
    return #text > MESSAGE_MAX and text:sub(1, utf8.offset(text, 0, MESSAGE_MAX + 1) - 1) .. "..."
        or text
end

-- Of an answer that is no error of the protocol: a proxy's page, nothing at all. The code is the
-- status; pages say nothing that a person wants to read here.
function M.of_status(response)
    local text = is_page(response.body) and "" or shortened(response.body)
    return {
        code = ("%d"):format(response.status_code),
        message = text ~= "" and text or reasons[response.status_code] or "",
    }
end

-- "aws.some#FooError:http://..." -> "FooError"
function M.bare_code(text)
    return text:match("^[^:]*"):match("[^#]*$")
end

function M.request_id(lowered)
    return lowered["x-amzn-requestid"] or lowered["x-amz-request-id"]
        or lowered["x-amzn-request-id"] or lowered["x-amz-requestid"]
end

local function text_in(body, ...)
    for _, name in ipairs { ... } do
        if type(body[name]) == "string" and body[name] ~= "" then
            return body[name]
        end
    end
end

-- A service that once spoke the query protocol says its old code as well: "Code;Fault".
local function use_query_code(problem, header)
    local code, fault = (header or ""):match("^([^;]+);([^;]*)$")
    if code then
        problem.shape_code, problem.code, problem.fault = problem.code, code, fault
    end
end

-- `header_first`: whether the code's header goes before the body's `__type` (rest-json) or after.
function M.of_json(response, header_first)
    local ok, body = pcall(document.read, response.body)
    if not ok or type(body) ~= "table" then
        body = nil
    end
    local header = response.lowered["x-amzn-errortype"]
    local kind = body and text_in(body, "__type")
    local code = header_first and header or kind or header or body and text_in(body, "code", "Code")
    if not code or M.bare_code(code) == "" then
        local problem = M.of_status(response)
        problem.message = body and (text_in(body, "message", "Message") or "") or problem.message
        problem.body = body
        return problem
    end
    local problem = {
        code = M.bare_code(code),
        message = body and text_in(body, "message", "Message", "errorMessage") or "",
        body = body,
    }
    use_query_code(problem, response.lowered["x-amzn-query-error"])
    return problem
end

-- <ErrorResponse><Error>, <Response><Errors><Error>, or <Error> alone.
local function error_node(root)
    if root.name == "Error" then
        return root
    end
    local errors = xml.child(root, "Errors")
    return xml.child(root, "Error") or errors and xml.child(errors, "Error")
end

function M.of_xml(response)
    local ok, root = pcall(xml.read, response.body)
    local node = ok and error_node(root)
    local code = node and xml.child_text(node, "Code")
    if not code or code == "" then
        return M.of_status(response)
    end
    return {
        code = M.bare_code(code),
        message = xml.child_text(node, "Message") or xml.child_text(node, "message") or "",
        fault = xml.child_text(node, "Type"),
        request_id = xml.child_text(root, "RequestId") or xml.child_text(root, "RequestID")
            or xml.child_text(node, "RequestId"),
        body = node,
    }
end

return M
