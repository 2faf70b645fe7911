-- What trusted Lua that waits asks C for (core/host/task.h): each of these yields, and returns the
-- answer. To be called in a coroutine that C carries out.

local M = {}

-- Asks for several things at the same time: a list of { send = request }, { wait = ms } and
-- { call = { operation, input, region } }. The answers stand in the same order.
function M.all(asks)
    return coroutine.yield(asks)
end

local function one(ask)
    return coroutine.yield({ ask })[1]
end

-- One HTTP request, sent once (core/world/sender.h): { status, headers, body, at }, or { lost =
-- true, sent, message, at }, with `refused` where it could not be sent as it is.
function M.send(request)
    return one { send = request }
end

-- Where an AWS service is reached: { url }, or { refused = true, message }. service: { id, prefix }
-- as AWS's models call it.
function M.endpoint(service, region)
    return one { endpoint = { id = service.id, prefix = service.prefix, region = region } }
end

-- { halted = true } where it was cut short, since nothing is to be sent again.
function M.wait(ms)
    return one { wait = ms }
end

-- One AWS operation: { outcome = "ok", value }, or { outcome, error = { code, message } }.
-- region (optional): where the resource is, if it is not where the run is.
function M.call(operation, input, region)
    return one { call = { operation = operation, input = input, region = region } }
end

return M
