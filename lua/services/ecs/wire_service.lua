-- An ECS service on the wire (API version 2014-11-13): what DescribeServices shows.

local kinds = require "aws.kinds"
local tasks = require "services.ecs.task_inputs"

local text, whole, number = kinds.text, kinds.whole, kinds.number
local flag, time = kinds.flag, kinds.time
local list, structure = kinds.list, kinds.structure

local texts = list(text)

local advanced_configuration = structure {
    alternateTargetGroupArn = text,
    productionListenerRule = text,
    testListenerRule = text,
    roleArn = text,
}

local load_balancer = structure {
    targetGroupArn = text,
    loadBalancerName = text,
    containerName = text,
    containerPort = whole,
    advancedConfiguration = advanced_configuration,
}

local service_registry = structure {
    registryArn = text,
    port = whole,
    containerName = text,
    containerPort = whole,
}

local capacity_provider = structure { capacityProvider = text, weight = whole, base = whole }

local threshold_configuration = structure { type = text, value = whole }

local deployment_circuit_breaker = structure {
    enable = flag,
    rollback = flag,
    resetOnHealthyTask = flag,
    thresholdConfiguration = threshold_configuration,
}

local deployment_alarms = structure { alarmNames = texts, rollback = flag, enable = flag }

local hook_details = structure {}

local hook_timeout = structure { timeoutInMinutes = whole, action = text }

local lifecycle_hook = structure {
    targetType = text,
    hookTargetArn = text,
    roleArn = text,
    lifecycleStages = texts,
    hookDetails = hook_details,
    timeoutConfiguration = hook_timeout,
}

local linear_configuration = structure { stepPercent = number, stepBakeTimeInMinutes = whole }

local canary_configuration = structure { canaryPercent = number, canaryBakeTimeInMinutes = whole }

local early_success = structure {
    enable = flag,
    healthyPercent = whole,
    sourceServiceRevisionCleanup = text,
}

local deployment_configuration = structure {
    deploymentCircuitBreaker = deployment_circuit_breaker,
    maximumPercent = whole,
    minimumHealthyPercent = whole,
    alarms = deployment_alarms,
    strategy = text,
    bakeTimeInMinutes = whole,
    lifecycleHooks = list(lifecycle_hook),
    linearConfiguration = linear_configuration,
    canaryConfiguration = canary_configuration,
    earlySuccessCriteria = early_success,
}

local aws_vpc_configuration = structure {
    subnets = texts,
    securityGroups = texts,
    assignPublicIp = text,
}

local network_configuration = structure { awsvpcConfiguration = aws_vpc_configuration }

local scale = structure { value = number, unit = text }

local deployment_ephemeral_storage = structure { kmsKeyId = text }

local task_set = structure {
    id = text,
    taskSetArn = text,
    serviceArn = text,
    clusterArn = text,
    startedBy = text,
    externalId = text,
    status = text,
    taskDefinition = text,
    computedDesiredCount = whole,
    pendingCount = whole,
    runningCount = whole,
    createdAt = time,
    updatedAt = time,
    launchType = text,
    capacityProviderStrategy = list(capacity_provider),
    platformVersion = text,
    platformFamily = text,
    networkConfiguration = network_configuration,
    loadBalancers = list(load_balancer),
    serviceRegistries = list(service_registry),
    scale = scale,
    stabilityStatus = text,
    stabilityStatusAt = time,
    tags = list(tasks.tag),
    fargateEphemeralStorage = deployment_ephemeral_storage,
}

local header_match = structure { exact = text }

local header_rules = structure { name = text, value = header_match }

local test_traffic = structure { header = header_rules }

local client_alias = structure { port = whole, dnsName = text, testTrafficRules = test_traffic }

local timeout_configuration = structure {
    idleTimeoutSeconds = whole,
    perRequestTimeoutSeconds = whole,
}

local tls_authority = structure { awsPcaAuthorityArn = text }

local tls = structure {
    issuerCertificateAuthority = tls_authority,
    kmsKey = text,
    roleArn = text,
}

local service_connect_service = structure {
    portName = text,
    discoveryName = text,
    clientAliases = list(client_alias),
    ingressPortOverride = whole,
    timeout = timeout_configuration,
    tls = tls,
}

local access_log = structure { format = text, includeQueryParameters = text }

local connect_container = structure { logLevel = text }

local service_connect_configuration = structure {
    enabled = flag,
    namespace = text,
    services = list(service_connect_service),
    logConfiguration = tasks.log_configuration,
    accessLogConfiguration = access_log,
    containerConfigurations = list(connect_container),
}

local connect_resource = structure { discoveryName = text, discoveryArn = text }

local ebs_tag_specification = structure {
    resourceType = text,
    tags = list(tasks.tag),
    propagateTags = text,
}

local managed_volume = structure {
    encrypted = flag,
    kmsKeyId = text,
    volumeType = text,
    sizeInGiB = whole,
    snapshotId = text,
    volumeInitializationRate = whole,
    iops = whole,
    throughput = whole,
    tagSpecifications = list(ebs_tag_specification),
    roleArn = text,
    filesystemType = text,
}

local service_volume = structure { name = text, managedEBSVolume = managed_volume }

local lattice_advanced = structure {
    alternateTargetGroupArn = text,
    productionListenerRule = text,
    testListenerRule = text,
}

local lattice = structure {
    roleArn = text,
    targetGroupArn = text,
    portName = text,
    advancedConfiguration = lattice_advanced,
}

local deployment = structure {
    id = text,
    status = text,
    taskDefinition = text,
    desiredCount = whole,
    pendingCount = whole,
    runningCount = whole,
    failedTasks = whole,
    createdAt = time,
    updatedAt = time,
    capacityProviderStrategy = list(capacity_provider),
    launchType = text,
    platformVersion = text,
    platformFamily = text,
    networkConfiguration = network_configuration,
    rolloutState = text,
    rolloutStateReason = text,
    serviceConnectConfiguration = service_connect_configuration,
    serviceConnectResources = list(connect_resource),
    volumeConfigurations = list(service_volume),
    fargateEphemeralStorage = deployment_ephemeral_storage,
    vpcLatticeConfigurations = list(lattice),
}

local service_event = structure { id = text, createdAt = time, message = text }

local current_revision = structure {
    arn = text,
    requestedTaskCount = whole,
    runningTaskCount = whole,
    pendingTaskCount = whole,
}

local placement_constraint = structure { type = text, expression = text }

local placement_strategy = structure { type = text, field = text }

local deployment_controller = structure { type = text }

local service = structure {
    serviceArn = text,
    serviceName = text,
    clusterArn = text,
    loadBalancers = list(load_balancer),
    serviceRegistries = list(service_registry),
    status = text,
    desiredCount = whole,
    runningCount = whole,
    pendingCount = whole,
    launchType = text,
    capacityProviderStrategy = list(capacity_provider),
    platformVersion = text,
    platformFamily = text,
    taskDefinition = text,
    deploymentConfiguration = deployment_configuration,
    taskSets = list(task_set),
    deployments = list(deployment),
    roleArn = text,
    events = list(service_event),
    createdAt = time,
    currentServiceDeployment = text,
    currentServiceRevisions = list(current_revision),
    placementConstraints = list(placement_constraint),
    placementStrategy = list(placement_strategy),
    networkConfiguration = network_configuration,
    healthCheckGracePeriodSeconds = whole,
    schedulingStrategy = text,
    deploymentController = deployment_controller,
    tags = list(tasks.tag),
    createdBy = text,
    enableECSManagedTags = flag,
    propagateTags = text,
    enableExecuteCommand = flag,
    availabilityZoneRebalancing = text,
    resourceManagementType = text,
}

return {
    service = service,
    deployment = deployment,
    deployment_configuration = deployment_configuration,
}
