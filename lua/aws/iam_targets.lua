-- What the operations on a target are about, as inputs, for those whose own input is not known.

return {
    alb_listener = function(one)
        return { { ListenerArn = one.listener }, { TargetGroupArn = one.baseline },
            { TargetGroupArn = one.canary } }
    end,
    alb_rule = function(one)
        return { { RuleArn = one.rule }, { TargetGroupArn = one.baseline },
            { TargetGroupArn = one.canary } }
    end,
    lambda_alias = function(one)
        return { { FunctionName = one["function"] },
            { FunctionName = one["function"], Qualifier = one.canary } }
    end,
    ecs_service = function(one)
        return { { cluster = one.cluster, service = one.service } }
    end,
    appconfig_flag = function(one)
        return { {
            ApplicationId = one.application,
            EnvironmentId = one.environment,
            ConfigurationProfileId = one.profile,
            DeploymentStrategyId = one.strategy,
            ApplicationIdentifier = one.application,
            EnvironmentIdentifier = one.environment,
            ConfigurationProfileIdentifier = one.profile,
        } }
    end,
}
