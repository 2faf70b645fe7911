-- What the actions of Lambda can be allowed on (lua/aws/permissions.lua).

local arn = require "aws.arn"

local function of_function(input, home)
    local name = input.FunctionName
    if not name then
        return {}
    elseif arn.parse(name) then
        return { name }
    end
    local account, short = name:match("^(%d+):function:(.+)$")
    short = short or name:match("^function:(.+)$") or name
    local at = account and { partition = home and home.partition, region = home and home.region,
        account = account } or home
    return { arn.make(at, "lambda", "function:" .. short) }
end

-- A version or an alias is a resource of its own.
local function of_qualified(input, home)
    local found = of_function(input, home)
    if found[1] and input.Qualifier then
        found[2] = found[1] .. ":" .. input.Qualifier
    end
    return found
end

return {
    on = {
        GetAlias = of_function,
        UpdateAlias = of_function,
        ListVersionsByFunction = of_function,
        GetFunctionConfiguration = of_qualified,
    },
}
