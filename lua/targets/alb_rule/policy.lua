-- Rules of an Application Load Balancer, as policies know them.

local forward = require "targets.alb.forward_policy"

return forward.kind {
    id = "rule", noun = "rule", about = "ARN of the listener rule",
    arn_kind = forward.arn("listener-rule/app", "/[%w-]+/%x+/%x+/%x+", "rule"),
    text = "alb-rule:ARN,baseline=ARN,canary=ARN",
    read = "elbv2.describe_rules", ids = "RuleArns", list = "Rules", arn = "RuleArn",
    write = "elbv2.modify_rule", actions = "Actions",
}
