-- Who else moves the traffic of a target: asked where a target looks as if somebody did.

local M = {}

-- What is no answer about the target: a permission that is not given, a service that is not there.
local function is_closed(problem)
    local code = problem.code or ""
    return code:find("Denied") ~= nil or code:find("Unauthorized") ~= nil
        or code:find("^Unknown") ~= nil or code:find("^%d%d%d$") ~= nil
        or code == "UnreadableResponse" or code == "InvalidAction"
end

---What a look finds, the first of what is in this member of its output; nothing where it may not be
---asked, which is said in the story.
---@async
---@param target Target
---@param who string
---@param operation string
---@param input table
---@param member string
---@return table? owner, table output
function M.ask(target, who, operation, input, member)
    local output, problem = target:attempt(operation, input)
    if output then
        return output[member] and output[member][1], output
    elseif not is_closed(problem) then
        target:fail("it could not be asked whether %s moves its traffic: %s: %s", who,
            problem.code, problem.message)
    end
    target:tell("whether %s moves its traffic could not be asked (%s)", who, problem.code)
    return nil, {}
end

return M
