-- Rules of an Application Load Balancer as targets.

return require("targets.alb.host").type {
    summary = "rule of an ALB", id = "rule", arn = "RuleArn",
    write = "elbv2.modify_rule", actions = "Actions",
}
