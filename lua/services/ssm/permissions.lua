-- What the actions on parameters can be allowed on (lua/aws/permissions.lua).

local arn = require "aws.arn"
local each = require "aws.permissions".each

-- "/a/b:3", "a", or an ARN, with a version or without.
local function of_parameters(input, home)
    local found = {}
    for _, name in ipairs(each(input.Name or input.Names)) do
        if arn.parse(name) then
            found[#found + 1] = name:match("^(arn:[^:]+:ssm:[^:]*:[^:]*:parameter/[^:]+)")
        else
            local bare = name:match("^[^:]*"):gsub("^/", "")
            found[#found + 1] = arn.make(home, "ssm", "parameter/" .. bare)
        end
    end
    return found
end

return {
    on = {
        GetParameter = of_parameters,
        GetParameters = of_parameters,
        GetParameterHistory = of_parameters,
        PutParameter = of_parameters,
        DeleteParameter = of_parameters,
    },
}
