-- What the actions of Lambda can be allowed on (lua/aws/permissions.lua).

local names = require "services.lambda.names"

local function of_function(input, home)
    return input.FunctionName and { names.arn(home, input.FunctionName) } or {}
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
