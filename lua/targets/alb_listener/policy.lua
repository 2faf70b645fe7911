-- Listeners of an Application Load Balancer, as policies know them: their default action is split.

local forward = require "targets.alb.forward_policy"

return forward.kind {
    id = "listener", noun = "listener", about = "ARN of the listener; its default action is split",
    arn_kind = forward.arn("listener/app", "/[%w-]+/%x+/%x+", "listener"),
    text = "alb-listener:ARN,baseline=ARN,canary=ARN",
    read = "elbv2.describe_listeners", ids = "ListenerArns", list = "Listeners",
    arn = "ListenerArn", write = "elbv2.modify_listener", actions = "DefaultActions",
}
