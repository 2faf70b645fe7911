-- What the services' `permissions` are made of: on which resources AWS allows an action. Those of a
-- service are
--
--     on      action -> function(input, home) -> the ARNs that it is about (none where the input
--             does not say); or a text: why it can only be allowed on everything
--     free    action -> true: it needs no permission (optional)
--     along   action -> { action = as in `on` }: what AWS wants to be allowed with it (optional)
--     passed  action -> { service =, roles = function(input) -> ARNs }: it hands roles on
--             (optional)
--
-- as AWS's Service Authorization Reference has it.

local arn = require "aws.arn"

local M = {}

-- The texts of a member, which may be one or a list of them.
function M.each(value)
    return type(value) == "table" and value or { value }
end

-- ARNs that the input names itself.
function M.named(member)
    return function(input)
        local found = {}
        for _, value in ipairs(M.each(input[member])) do
            found[#found + 1] = arn.parse(value) and value or nil
        end
        return found
    end
end

return M
