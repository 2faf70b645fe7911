-- What the actions of Step Functions can be allowed on (lua/aws/permissions.lua).

local named = require "aws.permissions".named

return {
    on = {
        UpdateStateMachineAlias = named "stateMachineAliasArn",
        DescribeStateMachineAlias = named "stateMachineAliasArn",
        ListStateMachineVersions = named "stateMachineArn",
        ListStateMachines = "AWS has no resource for what is listed",
    },
}
