-- What the actions of the Security Token Service can be allowed on (lua/aws/permissions.lua).

local named = require "aws.permissions".named

return {
    on = { AssumeRole = named "RoleArn" },
    free = { GetCallerIdentity = true },
}
