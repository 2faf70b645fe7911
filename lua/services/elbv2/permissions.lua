-- What the actions of Elastic Load Balancing can be allowed on (lua/aws/permissions.lua).

local named = require "aws.permissions".named

local READS = "Elastic Load Balancing allows its reads on everything or not at all"

return {
    on = {
        DescribeListeners = READS,
        DescribeRules = READS,
        DescribeTargetGroups = READS,
        DescribeTargetHealth = READS,
        DescribeTargetGroupAttributes = READS,
        ModifyListener = named "ListenerArn",
        ModifyRule = named "RuleArn",
        ModifyTargetGroupAttributes = named "TargetGroupArn",
    },
}
