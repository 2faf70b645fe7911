-- AWS Lambda on the wire (API version 2015-03-31): JSON, with paths and query strings.

local kinds = require "aws.kinds"

local text, whole, number, flag = kinds.text, kinds.whole, kinds.number, kinds.flag
local list, map, structure = kinds.list, kinds.map, kinds.structure

local texts = list(text)
local failure = structure { ErrorCode = text, Message = text }

local alias = structure {
    AliasArn = text,
    Name = text,
    FunctionVersion = text,
    Description = text,
    RoutingConfig = structure { AdditionalVersionWeights = map(number) },
    RevisionId = text,
}

-- Where a function runs, and with what.
local surroundings = {
    VpcConfig = structure {
        SubnetIds = texts, SecurityGroupIds = texts, VpcId = text, Ipv6AllowedForDualStack = flag,
    },
    DeadLetterConfig = structure { TargetArn = text },
    Environment = structure { Variables = map(text), Error = failure },
    TracingConfig = structure { Mode = text },
    Layers = list(structure {
        Arn = text, CodeSize = whole, SigningProfileVersionArn = text, SigningJobArn = text,
    }),
    FileSystemConfigs = list(structure {
        Arn = text, LocalMountPath = text, S3FilesConfig = structure { DirectS3Read = text },
    }),
    ImageConfigResponse = structure {
        ImageConfig = structure { EntryPoint = texts, Command = texts, WorkingDirectory = text },
        Error = failure,
    },
    EphemeralStorage = structure { Size = whole },
    SnapStart = structure { ApplyOn = text, OptimizationStatus = text },
    RuntimeVersionConfig = structure { RuntimeVersionArn = text, Error = failure },
    LoggingConfig = structure {
        LogFormat = text, ApplicationLogLevel = text, SystemLogLevel = text, LogGroup = text,
    },
    TenancyConfig = structure { TenantIsolationMode = text },
    CapacityProviderConfig = structure {
        LambdaManagedInstancesCapacityProviderConfig = structure {
            CapacityProviderArn = text,
            PerExecutionEnvironmentMaxConcurrency = whole,
            ExecutionEnvironmentMemoryGiBPerVCpu = number,
        },
    },
    DurableConfig = structure {
        KMSKeyArn = text, RetentionPeriodInDays = whole, ExecutionTimeout = whole,
    },
    RuntimeConfig = structure { RuntimeArn = text, RuntimeAlias = text },
    AcceleratorConfig = structure { AcceleratorMemorySize = whole },
}

local configuration = structure {
    FunctionName = text,
    FunctionArn = text,
    Runtime = text,
    Role = text,
    Handler = text,
    CodeSize = whole,
    Description = text,
    Timeout = whole,
    MemorySize = whole,
    LastModified = text,
    CodeSha256 = text,
    Version = text,
    KMSKeyArn = text,
    MasterArn = text,
    RevisionId = text,
    State = text,
    StateReason = text,
    StateReasonCode = text,
    LastUpdateStatus = text,
    LastUpdateStatusReason = text,
    LastUpdateStatusReasonCode = text,
    SigningProfileVersionArn = text,
    SigningJobArn = text,
    PackageType = text,
    Architectures = texts,
    ConfigSha256 = text,
}
for member, kind in pairs(surroundings) do
    configuration.members[member] = kind
end

local shown = { "AliasArn", "FunctionVersion", "Name", "RevisionId" } -- of every alias

local ALIAS = "/2015-03-31/functions/{FunctionName}/aliases/{Name}"

return {
    metadata = {
        serviceId = "Lambda",
        endpointPrefix = "lambda",
        protocol = "rest-json",
        apiVersion = "2015-03-31",
    },
    operations = {
        GetAlias = { http = "GET " .. ALIAS, output = alias, always = shown },
        UpdateAlias = { http = "PUT " .. ALIAS, output = alias, always = shown },
        ListVersionsByFunction = {
            http = "GET /2015-03-31/functions/{FunctionName}/versions",
            query = { Marker = "Marker", MaxItems = "MaxItems" },
            output = structure { Versions = list(configuration), NextMarker = text },
            always = { "Versions" },
            pages = { token = "Marker", next = "NextMarker", items = { "Versions" } },
        },
        GetFunctionConfiguration = {
            http = "GET /2015-03-31/functions/{FunctionName}/configuration",
            query = { Qualifier = "Qualifier" },
            output = configuration,
            always = { "FunctionArn", "Version" },
        },
    },
}
