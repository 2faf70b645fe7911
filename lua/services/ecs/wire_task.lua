-- A task of ECS and its definition on the wire (API version 2014-11-13). Of a definition, AWS shows
-- what was registered and a little more.

local kinds = require "aws.kinds"
local tasks = require "services.ecs.task_inputs"

local text, whole, flag, time = kinds.text, kinds.whole, kinds.flag, kinds.time
local list, structure = kinds.list, kinds.structure

local texts = list(text)

local attachment = structure {
    id = text,
    type = text,
    status = text,
    details = list(tasks.key_value_pair),
}

local attribute = structure { name = text, value = text, targetType = text, targetId = text }

local network_binding = structure {
    bindIP = text,
    containerPort = whole,
    hostPort = whole,
    protocol = text,
    containerPortRange = text,
    hostPortRange = text,
}

local network_interface = structure {
    attachmentId = text,
    privateIpv4Address = text,
    ipv6Address = text,
}

local managed_agent = structure {
    lastStartedAt = time,
    name = text,
    reason = text,
    lastStatus = text,
}

local container = structure {
    containerArn = text,
    taskArn = text,
    name = text,
    image = text,
    imageDigest = text,
    runtimeId = text,
    lastStatus = text,
    exitCode = whole,
    reason = text,
    networkBindings = list(network_binding),
    networkInterfaces = list(network_interface),
    healthStatus = text,
    managedAgents = list(managed_agent),
    cpu = text,
    memory = text,
    memoryReservation = text,
    gpuIds = texts,
    neuronDeviceIds = texts,
    gpuSharingStrategy = tasks.sharing_strategy,
}

local container_override = structure {
    name = text,
    command = texts,
    environment = list(tasks.key_value_pair),
    environmentFiles = list(tasks.environment_file),
    cpu = whole,
    memory = whole,
    memoryReservation = whole,
    resourceRequirements = list(tasks.resource_requirement),
}

local accelerator_override = structure { deviceName = text, deviceType = text }

local task_override = structure {
    containerOverrides = list(container_override),
    cpu = text,
    inferenceAcceleratorOverrides = list(accelerator_override),
    executionRoleArn = text,
    memory = text,
    taskRoleArn = text,
    ephemeralStorage = tasks.ephemeral_storage,
}

local task_ephemeral_storage = structure { sizeInGiB = whole, kmsKeyId = text }

local trusted_execution_summary = structure {
    isolationMode = text,
    attestationPolicyStatus = text,
}

local task = structure {
    attachments = list(attachment),
    attributes = list(attribute),
    availabilityZone = text,
    capacityProviderName = text,
    clusterArn = text,
    connectivity = text,
    connectivityAt = time,
    containerInstanceArn = text,
    containers = list(container),
    cpu = text,
    createdAt = time,
    desiredStatus = text,
    enableExecuteCommand = flag,
    executionStoppedAt = time,
    group = text,
    healthStatus = text,
    inferenceAccelerators = list(tasks.inference_accelerator),
    lastStatus = text,
    launchType = text,
    memory = text,
    overrides = task_override,
    platformVersion = text,
    platformFamily = text,
    pullStartedAt = time,
    pullStoppedAt = time,
    startedAt = time,
    startedBy = text,
    stopCode = text,
    stoppedAt = time,
    stoppedReason = text,
    stoppingAt = time,
    tags = list(tasks.tag),
    taskArn = text,
    taskDefinitionArn = text,
    version = whole,
    ephemeralStorage = tasks.ephemeral_storage,
    fargateEphemeralStorage = task_ephemeral_storage,
    trustedExecutionSummary = trusted_execution_summary,
}

local definition = structure {
    taskDefinitionArn = text,
    revision = whole,
    status = text,
    requiresAttributes = list(attribute),
    compatibilities = texts,
    registeredAt = time,
    deregisteredAt = time,
    deleteRequestedAt = time,
    registeredBy = text,
}

for name, shape in pairs(tasks.register_task_definition.members) do
    if name ~= "tags" then -- those come beside it
        definition.members[name] = shape
    end
end

return { task = task, definition = definition, tags = list(tasks.tag) }
