-- Listeners of an Application Load Balancer as targets.

return require("targets.alb.host").type {
    summary = "default action of an ALB's listener", id = "listener", arn = "ListenerArn",
    write = "elbv2.modify_listener", actions = "DefaultActions",
}
