-- AWS AppConfig on the wire (API version 2019-10-09): JSON, with paths and query strings. A hosted
-- version is the body itself, and what there is to say about it travels in headers.

local kinds = require "aws.kinds"

local text, whole, number = kinds.text, kinds.whole, kinds.number
local list, map, structure = kinds.list, kinds.map, kinds.structure

local time = kinds.time_as("iso8601")

local application = structure { Id = text, Name = text, Description = text }

local environment = structure {
    ApplicationId = text,
    Id = text,
    Name = text,
    Description = text,
    State = text,
    Monitors = list(structure { AlarmArn = text, AlarmRoleArn = text }),
}

local profile = structure {
    ApplicationId = text,
    Id = text,
    Name = text,
    Description = text,
    LocationUri = text,
    RetrievalRoleArn = text,
    Validators = list(structure { Type = text, Content = text }),
    Type = text,
    KmsKeyArn = text,
    KmsKeyIdentifier = text,
}

local profile_summary = structure {
    ApplicationId = text,
    Id = text,
    Name = text,
    LocationUri = text,
    ValidatorTypes = list(text),
    Type = text,
}

local strategy = structure {
    Id = text,
    Name = text,
    Description = text,
    DeploymentDurationInMinutes = whole,
    GrowthType = text,
    GrowthFactor = number,
    FinalBakeTimeInMinutes = whole,
    ReplicateTo = text,
}

local version = structure({
    ApplicationId = text,
    ConfigurationProfileId = text,
    VersionNumber = whole,
    Description = text,
    Content = text,
    ContentType = text,
    VersionLabel = text,
    KmsKeyArn = text,
}, {
    headers = {
        ApplicationId = "Application-Id",
        ConfigurationProfileId = "Configuration-Profile-Id",
        VersionNumber = "Version-Number",
        Description = "Description",
        ContentType = "Content-Type",
        VersionLabel = "VersionLabel",
        KmsKeyArn = "KmsKeyArn",
    },
    payload = "Content",
})

local version_summary = structure {
    ApplicationId = text,
    ConfigurationProfileId = text,
    VersionNumber = whole,
    Description = text,
    ContentType = text,
    VersionLabel = text,
    KmsKeyArn = text,
}

local deployment_summary = structure {
    DeploymentNumber = whole,
    ConfigurationProfileId = text,
    ConfigurationName = text,
    ConfigurationVersion = text,
    DeploymentDurationInMinutes = whole,
    GrowthType = text,
    GrowthFactor = number,
    FinalBakeTimeInMinutes = whole,
    State = text,
    PercentageComplete = number,
    StartedAt = time,
    CompletedAt = time,
    VersionLabel = text,
    Type = text,
}

local event = structure {
    EventType = text,
    TriggeredBy = text,
    Description = text,
    ActionInvocations = list(structure {
        ExtensionIdentifier = text,
        ActionName = text,
        Uri = text,
        RoleArn = text,
        ErrorMessage = text,
        ErrorCode = text,
        InvocationId = text,
    }),
    OccurredAt = time,
}

local deployment = structure {
    ApplicationId = text,
    EnvironmentId = text,
    DeploymentStrategyId = text,
    ConfigurationProfileId = text,
    DeploymentNumber = whole,
    ConfigurationName = text,
    ConfigurationLocationUri = text,
    ConfigurationVersion = text,
    Description = text,
    DeploymentDurationInMinutes = whole,
    GrowthType = text,
    GrowthFactor = number,
    FinalBakeTimeInMinutes = whole,
    State = text,
    EventLog = list(event),
    PercentageComplete = number,
    StartedAt = time,
    CompletedAt = time,
    AppliedExtensions = list(structure {
        ExtensionId = text,
        ExtensionAssociationId = text,
        VersionNumber = whole,
        Parameters = map(text),
    }),
    KmsKeyArn = text,
    KmsKeyIdentifier = text,
    VersionLabel = text,
}

local APPLICATION = "/applications/{ApplicationId}"
local ENVIRONMENT = APPLICATION .. "/environments/{EnvironmentId}"
local DEPLOYMENT = ENVIRONMENT .. "/deployments/{DeploymentNumber}"
local PROFILE = APPLICATION .. "/configurationprofiles/{ConfigurationProfileId}"
local VERSIONS = PROFILE .. "/hostedconfigurationversions"

local named, numbered = { "Id", "Name" }, { "DeploymentNumber", "State" }
local pages = { token = "NextToken", next = "NextToken", items = { "Items" } }

-- A list in pages; `others` are members of the input in the query string besides those of pages.
local function listing(path, of, others)
    local query = { MaxResults = "max_results", NextToken = "next_token" }
    for member, called in pairs(others or {}) do
        query[member] = called
    end
    return {
        http = "GET " .. path,
        query = query,
        output = structure { Items = list(of), NextToken = text },
        always = { "Items" },
        pages = pages,
    }
end

return {
    metadata = {
        serviceId = "AppConfig",
        endpointPrefix = "appconfig",
        protocol = "rest-json",
        apiVersion = "2019-10-09",
    },
    operations = {
        GetApplication = { http = "GET " .. APPLICATION, output = application, always = named },
        ListApplications = listing("/applications", application),
        GetEnvironment = { http = "GET " .. ENVIRONMENT, output = environment, always = named },
        ListEnvironments = listing(APPLICATION .. "/environments", environment),
        UpdateEnvironment = { http = "PATCH " .. ENVIRONMENT, output = environment,
            always = named },
        GetConfigurationProfile = { http = "GET " .. PROFILE, output = profile, always = named },
        ListConfigurationProfiles = listing(APPLICATION .. "/configurationprofiles",
            profile_summary, { Type = "type" }),
        GetDeploymentStrategy = {
            http = "GET /deploymentstrategies/{DeploymentStrategyId}",
            output = strategy,
            always = named,
        },
        ListDeploymentStrategies = listing("/deploymentstrategies", strategy),
        CreateDeploymentStrategy = { http = "POST /deploymentstrategies", output = strategy,
            always = named },
        GetHostedConfigurationVersion = {
            http = "GET " .. VERSIONS .. "/{VersionNumber}",
            output = version,
            always = { "VersionNumber" },
        },
        ListHostedConfigurationVersions = listing(VERSIONS, version_summary,
            { VersionLabel = "version_label" }),
        CreateHostedConfigurationVersion = {
            http = "POST " .. VERSIONS,
            headers = {
                Description = "Description",
                ContentType = "Content-Type",
                LatestVersionNumber = "Latest-Version-Number",
                VersionLabel = "VersionLabel",
            },
            payload = "Content",
            output = version,
            always = { "VersionNumber" },
        },
        ValidateConfiguration = {
            http = "POST " .. PROFILE .. "/validators",
            query = { ConfigurationVersion = "configuration_version" },
        },
        GetDeployment = { http = "GET " .. DEPLOYMENT, output = deployment, always = numbered },
        ListDeployments = listing(ENVIRONMENT .. "/deployments", deployment_summary),
        StartDeployment = { http = "POST " .. ENVIRONMENT .. "/deployments", output = deployment,
            always = numbered },
        StopDeployment = {
            http = "DELETE " .. DEPLOYMENT,
            headers = { AllowRevert = "Allow-Revert" },
            output = deployment,
            always = numbered,
        },
    },
}
