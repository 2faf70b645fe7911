-- An operation of the catalogue as HTTP, and HTTP's answer as the engine's outcome. Pure: who asks
-- for attempts, waits and pages is run.lua.
--
--     local request = client.request("lambda.get_alias", input, "https://lambda...", tokens)
--     local answer = client.answer("lambda.get_alias", { status = 200, headers = ..., body = ... })
--
-- A time is in milliseconds since 1970 in every input and output.

local instant = require "instant"
local model = require "aws.client.model"
local outcome = require "aws.client.outcome"
local pages = require "aws.client.pages"
local protocols = require "aws.protocols"

local M = {}

-- Where an operation is sent and how it is signed.
function M.where(operation)
    local service, _, wire = model.find(operation)
    local metadata = service.wire.metadata
    return {
        service_id = metadata.serviceId,
        endpoint_prefix = metadata.endpointPrefix,
        signing_name = metadata.signingName or metadata.endpointPrefix,
        signed = not wire.unsigned,
    }
end

local function by_name(a, b)
    return a[1] < b[1]
end

-- {{name, value}...}, sorted: the request's own, and what tells AWS which attempt this is.
local function header_list(headers, tokens)
    local list = {}
    for name, value in next, headers do
        list[#list + 1] = { name, value }
    end
    if tokens.agent then
        list[#list + 1] = { "User-Agent", tokens.agent }
    end
    if tokens.invocation then
        list[#list + 1] = { "amz-sdk-invocation-id", tokens.invocation }
    end
    if tokens.attempt then
        list[#list + 1] = { "amz-sdk-request", ("attempt=%d; max=%d"):format(tokens.attempt,
            tokens.attempts) }
    end
    table.sort(list, by_name)
    return list
end

-- {method, url, headers = {{name, value}...}, body}: everything but the signature and its headers.
-- tokens (each may be left out): idempotency (text, the same for every attempt at one call),
-- invocation (likewise), attempt and attempts (numbers), agent (User-Agent). Raises {invalid = why}
-- for an input that cannot be sent.
function M.request(operation, input, endpoint_url, tokens)
    local service, entry = model.find(operation)
    tokens = tokens or {}
    local request = protocols.serialize(service.model, entry.action, input,
        { token = tokens.idempotency })
    return {
        method = request.method,
        url = protocols.url(endpoint_url, request),
        headers = header_list(request.headers, tokens),
        body = request.body,
    }
end

-- By name; one that comes several times has its values in a row.
local function header_map(list)
    local map, spelled = {}, {}
    for _, header in ipairs(list or {}) do
        local lower = header[1]:lower()
        local name = spelled[lower] or header[1]
        spelled[lower] = name
        map[name] = map[name] and map[name] .. ", " .. header[2] or header[2]
    end
    return map
end

local function header(list, wanted)
    for _, one in ipairs(list or {}) do
        if one[1]:lower() == wanted then
            return one[2]
        end
    end
end

-- x-amz-retry-after in ms; what is no plain number is passed over.
local function after_of(headers)
    local text = header(headers, "x-amz-retry-after")
    return text and text:find("^%d+$") and math.tointeger(tonumber(text)) or nil
end

-- The server's clock: "Sun, 06 Nov 1994 08:49:37 GMT".
local months = { Jan = 1, Feb = 2, Mar = 3, Apr = 4, May = 5, Jun = 6, Jul = 7, Aug = 8, Sep = 9,
    Oct = 10, Nov = 11, Dec = 12 }

local function date_of(headers)
    local day, month, year, clock = (header(headers, "date") or "")
        :match("^%a%a%a, (%d%d) (%a%a%a) (%d%d%d%d) (%d%d:%d%d:%d%d) GMT$")
    if not months[month] then
        return nil
    end
    local ok, ms = pcall(instant.parse, ("%s-%02d-%sT%sZ"):format(year, months[month], day, clock))
    return ok and ms or nil
end

-- A success with another status is not AWS's own whole answer: a part of it, or one that somebody
-- between has changed.
local whole = { [200] = true, [201] = true, [202] = true, [204] = true }

local function unreadable(status, format, ...)
    return { code = "UnreadableResponse", message = format:format(...), unreadable = true,
        status = status }
end

-- What an answer says, or nil and what is wrong with it. One without a member that the operation
-- always returns says nothing: an empty page, or somebody else's.
local function read(service, action, wire, response)
    local output, problem = protocols.parse(service.model, action, {
        status_code = response.status,
        headers = header_map(response.headers),
        body = response.body,
    })
    if output and not whole[response.status] then
        return nil, unreadable(response.status, "the answer to %s has the status %d, which none "
            .. "of AWS's has", action, response.status)
    end
    for _, member in ipairs(output and wire.always or {}) do
        if output[member] == nil then
            return nil, unreadable(response.status, "the answer to %s has no %s", action, member)
        end
    end
    return output, problem
end

-- {outcome = "ok", value}, or {outcome = "rejected" | "unknown", error = {code, message}} with
-- `retry` ("throttling", "transient" or "skew") where it may be sent again as it was, `after` (ms,
-- what the server asks to wait), and for skew `date` (the server's clock) and `certain`.
-- response is {status, headers, body}, or {lost = true, sent, message}.
function M.answer(operation, response)
    local service, entry, wire = model.find(operation)
    local mutation = entry.class ~= "read"
    if response.lost then
        return outcome.of_loss(mutation, response)
    end
    local output, problem = read(service, entry.action, wire, response)
    if output then
        return { outcome = "ok", value = output }
    end
    local answer = outcome.of_problem(service.wire, mutation, problem)
    answer.after = after_of(response.headers)
    answer.date = answer.retry == "skew" and date_of(response.headers) or nil
    return answer
end

-- The input that asks for the page after this one, or nil.
function M.next_page(operation, input, output)
    local _, _, wire = model.find(operation)
    return pages.following(wire.pages, input, output)
end

-- All pages, in their order, as one output.
function M.merged(operation, list)
    local _, _, wire = model.find(operation)
    return pages.all(wire.pages, list)
end

return M
