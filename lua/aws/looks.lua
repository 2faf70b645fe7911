-- Looks that take several reads. What a mutation changes may not show in one answer of AWS's: a
-- deployment of ECS's is in the service, in the deployment, in its revisions and at the load
-- balancer. The catalogue's `observe` then names a look: an entry of a service's `looks`, which is
-- called like an operation and is none, since no single request is it:
--
--     class = "read", input, identity   as of an operation
--     look(input, ask) -> output        asks by ask(operation, input), read after read, which
--                                       returns an output; a read that fails is what the look
--                                       comes to
--     reads(input) -> requests          all that it may ask, as far as the input says what
--                                       about: for permissions
--
-- A simulated service may answer a look of its own at once, like an operation of that name. Else
-- who performs operations performs looks by `take`: the client, the simulated account, a
-- rehearsal.

local catalogue = require "aws.catalogue"

local M = {}

-- The entry of a look; nil for an operation.
function M.entry(name)
    local entry = catalogue.entry(name)
    return entry and entry.look and entry or nil
end

-- call(operation, input) -> { outcome = "ok", value }, or { outcome, error }; the same is returned.
function M.take(entry, input, call)
    local function ask(operation, of)
        local answer = call(operation, of)
        if answer.outcome ~= "ok" then
            error({ unanswered = answer }, 0)
        end
        return answer.value
    end
    local done, output = pcall(entry.look, input, ask)
    if done then
        return { outcome = "ok", value = output }
    elseif type(output) == "table" and output.unanswered then
        return output.unanswered
    end
    error(output, 0)
end

return M
