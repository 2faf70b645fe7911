-- A service revision of ECS on the wire (API version 2014-11-13): what one deployment of a service
-- is made of, its target groups among it.

local kinds = require "aws.kinds"
local services = require "services.ecs.wire_service"

local text, whole, number = kinds.text, kinds.whole, kinds.number
local flag, time = kinds.flag, kinds.time
local list, structure = kinds.list, kinds.structure

local shared = services.service.members

local container_image = structure { containerName = text, imageDigest = text, image = text }

local resolved = structure { targetGroupArn = text, productionListenerRule = text }

local resolved_configuration = structure {
    loadBalancers = list(resolved),
    vpcLatticeConfigurations = list(resolved),
}

-- What ECS made itself for a service, with some members of its own.
local function managed(members)
    local all = { arn = text, status = text, statusReason = text, updatedAt = time }
    for name, of in pairs(members or {}) do
        all[name] = of
    end
    return structure(all)
end

local ingress_path = structure {
    accessType = text,
    endpoint = text,
    loadBalancer = managed { scheme = text, subnetIds = list(text), securityGroupIds = list(text) },
    loadBalancerSecurityGroups = list(managed()),
    certificate = managed { domainName = text },
    listener = managed(),
    rule = managed(),
    targetGroups = list(managed { healthCheckPath = text, healthCheckPort = whole, port = whole }),
}

local auto_scaling = structure {
    scalableTarget = managed { minCapacity = whole, maxCapacity = whole },
    applicationAutoScalingPolicies = list(managed {
        policyType = text, targetValue = number, metric = text }),
}

local shared_balancer = structure {
    acmCertificateArn = text,
    loadBalancerArn = text,
    loadBalancerSecurityGroupArns = list(text),
    listenerArn = text,
    listenerRuleArn = text,
    testListenerRuleArn = text,
    targetGroupArn = text,
    alternateTargetGroupArn = text,
}

local gateway_connection = structure {
    gatewayArn = text,
    gatewayRouteArn = text,
    portName = text,
    serviceUrl = text,
    accessType = text,
    status = text,
    resources = structure { hostSharedAlb = list(shared_balancer) },
}

local gateway_health_check = structure {
    healthCheckProtocol = text,
    healthCheckPort = whole,
    healthCheckPath = text,
    healthCheckTimeoutSeconds = whole,
    healthCheckIntervalSeconds = whole,
    healthyThresholdCount = whole,
    unhealthyThresholdCount = whole,
    matcher = structure { httpCode = text, grpcCode = text },
}

local gateway_connector = structure {
    portName = text,
    healthCheck = gateway_health_check,
    filters = structure { accessTypes = list(text) },
    deregistrationDelay = structure { timeoutSeconds = whole },
}

local managed_resources = structure {
    gatewayConnections = list(gateway_connection),
    ingressPaths = list(ingress_path),
    autoScaling = auto_scaling,
    metricAlarms = list(managed()),
    serviceSecurityGroups = list(managed()),
    logGroups = list(managed { logGroupName = text }),
}

local metric_configuration = structure { metricNames = list(text), resolutionSeconds = whole }

local of_deployment = services.deployment.members

return structure {
    serviceRevisionArn = text,
    serviceArn = text,
    clusterArn = text,
    taskDefinition = text,
    capacityProviderStrategy = shared.capacityProviderStrategy,
    launchType = text,
    platformVersion = text,
    platformFamily = text,
    loadBalancers = shared.loadBalancers,
    serviceRegistries = shared.serviceRegistries,
    networkConfiguration = shared.networkConfiguration,
    containerImages = list(container_image),
    guardDutyEnabled = flag,
    serviceConnectConfiguration = of_deployment.serviceConnectConfiguration,
    volumeConfigurations = of_deployment.volumeConfigurations,
    fargateEphemeralStorage = of_deployment.fargateEphemeralStorage,
    createdAt = time,
    vpcLatticeConfigurations = of_deployment.vpcLatticeConfigurations,
    resolvedConfiguration = resolved_configuration,
    ecsManagedResources = managed_resources,
    gatewayConnectors = list(gateway_connector),
    overrides = structure { runtimePlatform = structure { cpuArchitecture = text } },
    monitoring = structure { metricConfigurations = list(metric_configuration) },
}
