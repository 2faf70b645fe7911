-- The names of Lambda functions: all that AWS takes for one, without a version or an alias (these
-- have members of their own).

local arn = require "aws.arn"

local M = {}

-- The name by itself and the account that it says, from a name, "function:NAME",
-- "ACCOUNT:function:NAME" or an ARN; nil for every other text.
local function split(text)
    local parts = arn.of("lambda", text)
    if parts then
        return parts.path:match("^function:([%w_-]+)$"), parts.account
    end
    local account, short = text:match("^(%d+):function:([%w_-]+)$")
    return short or text:match("^function:([%w_-]+)$") or text:match("^([%w_-]+)$"), account
end

function M.short(text)
    return (split(text))
end

-- The ARN of a function, whichever way it is called. What a name does not say, a home does.
function M.arn(home, text)
    local short, account = split(text)
    local place = arn.of("lambda", text) or home or {}
    return arn.make({ partition = place.partition, region = place.region,
        account = account or place.account }, "lambda", "function:" .. (short or text))
end

return M
