-- The input of RegisterTaskDefinition (API version 2014-11-13), and the parts of a task definition
-- that AWS shows again. Limits are those of the service model; where it has none, AWS has the last
-- word.

local shape = require "aws.shape"

local M = {}

local choice, integer, flag, list = shape.choice, shape.integer, shape.flag, shape.list
local text, structure = shape.text, shape.structure

local any, whole, switch = text(), integer(0), choice { "ENABLED", "DISABLED" }
local texts, texts_by_name = list(any), shape.map(any, any)

-- The key of the tag whose value tells our own registration from another's.
M.TAG = "tidelock"

local tag = structure({
    key = text {
        min = 1,
        max = 128,
        expects = 'a key of 1..128 characters ("tidelock" marks a registration)',
    },
    value = text { max = 256 },
}, { name = "Tag", needed = { "key", "value" } })

-- Containers

local repository_credentials = structure({
    credentialsParameter = any,
}, { name = "RepositoryCredentials", needed = { "credentialsParameter" } })

local port_mapping = structure({
    containerPort = whole,
    hostPort = whole,
    protocol = choice { "tcp", "udp" },
    name = any,
    appProtocol = choice { "http", "http2", "grpc" },
    containerPortRange = any,
}, { name = "PortMapping" })

local restart_policy = structure({
    enabled = flag,
    ignoredExitCodes = list(whole),
    restartAttemptPeriod = whole,
}, { name = "ContainerRestartPolicy", needed = { "enabled" } })

local key_value_pair = structure({ name = any, value = any }, { name = "KeyValuePair" })

local environment_file = structure({
    value = any,
    type = choice { "s3" },
}, { name = "EnvironmentFile", needed = { "value", "type" } })

local mount_point = structure({
    sourceVolume = any,
    containerPath = any,
    readOnly = flag,
}, { name = "MountPoint" })

local volume_from = structure({ sourceContainer = any, readOnly = flag }, { name = "VolumeFrom" })

local kernel_capabilities = structure({
    add = texts,
    drop = texts,
}, { name = "KernelCapabilities" })

local device = structure({
    hostPath = any,
    containerPath = any,
    permissions = list(choice { "read", "write", "mknod" }),
}, { name = "Device", needed = { "hostPath" } })

local tmpfs = structure({
    containerPath = any,
    size = whole,
    mountOptions = texts,
}, { name = "Tmpfs", needed = { "containerPath", "size" } })

local linux_parameters = structure({
    capabilities = kernel_capabilities,
    devices = list(device),
    initProcessEnabled = flag,
    sharedMemorySize = whole,
    tmpfs = list(tmpfs),
    maxSwap = whole,
    swappiness = integer(0, 100),
}, { name = "LinuxParameters" })

local secret = structure({
    name = any,
    valueFrom = any,
}, { name = "Secret", needed = { "name", "valueFrom" } })

local container_dependency = structure({
    containerName = any,
    condition = choice { "START", "COMPLETE", "SUCCESS", "HEALTHY" },
}, { name = "ContainerDependency", needed = { "containerName", "condition" } })

local host_entry = structure({
    hostname = any,
    ipAddress = any,
}, { name = "HostEntry", needed = { "hostname", "ipAddress" } })

local ulimit = structure({
    name = choice { "core", "cpu", "data", "fsize", "locks", "memlock", "msgqueue", "nice",
        "nofile", "nproc", "rss", "rtprio", "rttime", "sigpending", "stack" },
    softLimit = integer(-1), -- none
    hardLimit = integer(-1),
}, { name = "Ulimit", needed = { "name", "softLimit", "hardLimit" } })

local log_configuration = structure({
    logDriver = choice { "json-file", "syslog", "journald", "gelf", "fluentd", "awslogs", "splunk",
        "awsfirelens" },
    options = texts_by_name,
    secretOptions = list(secret),
}, { name = "LogConfiguration", needed = { "logDriver" } })

local health_check = structure({
    command = texts,
    interval = whole,
    timeout = whole,
    retries = whole,
    startPeriod = whole,
}, { name = "HealthCheck", needed = { "command" } })

local system_control = structure({ namespace = any, value = any }, { name = "SystemControl" })

local nvidia_mps_allocation = structure({
    memory = integer(1),
    maxComputePercent = integer(1, 100),
}, { name = "NvidiaMpsAllocation", needed = { "memory" } })

local sharing_strategy = structure({
    nvidiaMps = nvidia_mps_allocation,
}, { name = "SharingStrategy", needed = { "nvidiaMps" } })

local resource_requirement = structure({
    value = any,
    type = choice { "GPU", "InferenceAccelerator", "NeuronDevice" },
    sharingStrategy = sharing_strategy,
}, { name = "ResourceRequirement", needed = { "type" } })

local firelens_configuration = structure({
    type = choice { "fluentd", "fluentbit" },
    options = texts_by_name,
}, { name = "FirelensConfiguration", needed = { "type" } })

local container = structure({
    name = any,
    image = any,
    repositoryCredentials = repository_credentials,
    cpu = whole,
    memory = whole,
    memoryReservation = whole,
    links = texts,
    portMappings = list(port_mapping),
    essential = flag,
    restartPolicy = restart_policy,
    entryPoint = texts,
    command = texts,
    environment = list(key_value_pair),
    environmentFiles = list(environment_file),
    mountPoints = list(mount_point),
    volumesFrom = list(volume_from),
    linuxParameters = linux_parameters,
    secrets = list(secret),
    dependsOn = list(container_dependency),
    startTimeout = whole,
    stopTimeout = whole,
    versionConsistency = choice { "enabled", "disabled" },
    hostname = any,
    user = any,
    workingDirectory = any,
    disableNetworking = flag,
    privileged = flag,
    readonlyRootFilesystem = flag,
    dnsServers = texts,
    dnsSearchDomains = texts,
    extraHosts = list(host_entry),
    dockerSecurityOptions = texts,
    interactive = flag,
    pseudoTerminal = flag,
    dockerLabels = texts_by_name,
    ulimits = list(ulimit),
    logConfiguration = log_configuration,
    healthCheck = health_check,
    systemControls = list(system_control),
    resourceRequirements = list(resource_requirement),
    firelensConfiguration = firelens_configuration,
    credentialSpecs = texts,
}, { name = "ContainerDefinition" })

-- Volumes

local host_volume = structure({ sourcePath = any }, { name = "HostVolumeProperties" })

local docker_volume = structure({
    scope = choice { "task", "shared" },
    autoprovision = flag,
    driver = any,
    driverOpts = texts_by_name,
    labels = texts_by_name,
}, { name = "DockerVolumeConfiguration" })

local efs_authorization = structure({
    accessPointId = any,
    iam = switch,
}, { name = "EFSAuthorizationConfig" })

local efs_volume = structure({
    fileSystemId = any,
    rootDirectory = any,
    transitEncryption = switch,
    transitEncryptionPort = whole,
    authorizationConfig = efs_authorization,
}, { name = "EFSVolumeConfiguration", needed = { "fileSystemId" } })

local s3_files_volume = structure({
    fileSystemArn = any,
    rootDirectory = any,
    transitEncryptionPort = whole,
    accessPointArn = any,
}, { name = "S3FilesVolumeConfiguration", needed = { "fileSystemArn" } })

local fsx_authorization = structure({
    credentialsParameter = any,
    domain = any,
}, {
    name = "FSxWindowsFileServerAuthorizationConfig",
    needed = { "credentialsParameter", "domain" },
})

local fsx_volume = structure({
    fileSystemId = any,
    rootDirectory = any,
    authorizationConfig = fsx_authorization,
}, {
    name = "FSxWindowsFileServerVolumeConfiguration",
    needed = { "fileSystemId", "rootDirectory", "authorizationConfig" },
})

local volume = structure({
    name = any,
    host = host_volume,
    dockerVolumeConfiguration = docker_volume,
    efsVolumeConfiguration = efs_volume,
    s3filesVolumeConfiguration = s3_files_volume,
    fsxWindowsFileServerVolumeConfiguration = fsx_volume,
    configuredAtLaunch = flag,
}, { name = "Volume" })

-- The rest of a task definition

local placement_constraint = structure({
    type = choice { "memberOf" },
    expression = any,
}, { name = "TaskDefinitionPlacementConstraint" })

local proxy_configuration = structure({
    type = choice { "APPMESH" },
    containerName = any,
    properties = list(key_value_pair),
}, { name = "ProxyConfiguration", needed = { "containerName" } })

local inference_accelerator = structure({
    deviceName = any,
    deviceType = any,
}, { name = "InferenceAccelerator", needed = { "deviceName", "deviceType" } })

local ephemeral_storage = structure({
    sizeInGiB = whole,
}, { name = "EphemeralStorage", needed = { "sizeInGiB" } })

local runtime_platform = structure({
    cpuArchitecture = choice { "X86_64", "ARM64" },
    operatingSystemFamily = choice { "LINUX", "WINDOWS_SERVER_2016_FULL",
        "WINDOWS_SERVER_2019_CORE", "WINDOWS_SERVER_2019_FULL", "WINDOWS_SERVER_2004_CORE",
        "WINDOWS_SERVER_20H2_CORE", "WINDOWS_SERVER_2022_CORE", "WINDOWS_SERVER_2022_FULL",
        "WINDOWS_SERVER_2025_CORE", "WINDOWS_SERVER_2025_FULL" },
}, { name = "RuntimePlatform" })

local trusted_execution_configuration = structure({
    isolationMode = choice { "SHARED", "ISOLATED_SANDBOX", "CONFIDENTIAL_SANDBOX" },
    attestationPolicy = any,
}, { name = "TrustedExecutionConfiguration", needed = { "isolationMode" } })

-- No two tags have one key.
local function wrong(input)
    local marks = 0
    for _, one in ipairs(input.tags) do
        marks = marks + (one.key == M.TAG and one.value ~= "" and 1 or 0)
    end
    if marks ~= 1 then
        return (".tags must hold one with the key \"%s\" and a value of its own, by which the "
            .. "registration is found again"):format(M.TAG)
    end
end

M.register_task_definition = structure({
    family = text {
        min = 1,
        max = 255,
        pattern = "^[%w_-]+$",
        expects = "the name of a family (letters, digits, - and _)",
    },
    taskRoleArn = any,
    executionRoleArn = any,
    networkMode = choice { "bridge", "host", "awsvpc", "none" },
    containerDefinitions = list(container, 1),
    volumes = list(volume),
    placementConstraints = list(placement_constraint, 0, 10),
    requiresCompatibilities = list(choice { "EC2", "FARGATE", "EXTERNAL", "MANAGED_INSTANCES" }),
    cpu = any,
    memory = any,
    tags = list(tag, 1, 50),
    pidMode = choice { "host", "task" },
    ipcMode = choice { "host", "task", "none" },
    proxyConfiguration = proxy_configuration,
    inferenceAccelerators = list(inference_accelerator),
    ephemeralStorage = ephemeral_storage,
    runtimePlatform = runtime_platform,
    enableFaultInjection = flag,
    trustedExecutionConfiguration = trusted_execution_configuration,
}, { needed = { "family", "containerDefinitions", "tags" }, wrong = wrong })

-- What tasks and services show too.
M.tag, M.secret, M.log_configuration = tag, secret, log_configuration
M.key_value_pair, M.environment_file = key_value_pair, environment_file
M.resource_requirement, M.sharing_strategy = resource_requirement, sharing_strategy
M.inference_accelerator, M.ephemeral_storage = inference_accelerator, ephemeral_storage

return M
