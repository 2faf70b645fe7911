-- Amazon ECS on the wire (API version 2014-11-13).

local kinds = require "aws.kinds"
local revision = require "services.ecs.wire_revision"
local services = require "services.ecs.wire_service"
local tasks = require "services.ecs.wire_task"

local text, whole, number, time = kinds.text, kinds.whole, kinds.number, kinds.time
local list, structure = kinds.list, kinds.structure

local texts = list(text)

local service_revision_summary = structure {
    arn = text,
    requestedTaskCount = whole,
    runningTaskCount = whole,
    pendingTaskCount = whole,
    requestedTestTrafficWeight = number,
    requestedProductionTrafficWeight = number,
}

local hook_detail = structure {
    hookId = text,
    targetType = text,
    targetArn = text,
    status = text,
    expiresAt = time,
    timeoutAction = text,
}

local rollback = structure { reason = text, startedAt = time, serviceRevisionArn = text }

local breaker = structure { status = text, failureCount = whole, threshold = whole }

local deployment_alarms_state = structure {
    status = text,
    alarmNames = texts,
    triggeredAlarmNames = texts,
}

local service_deployment = structure {
    serviceDeploymentArn = text,
    serviceArn = text,
    clusterArn = text,
    createdAt = time,
    startedAt = time,
    finishedAt = time,
    stoppedAt = time,
    updatedAt = time,
    sourceServiceRevisions = list(service_revision_summary),
    targetServiceRevision = service_revision_summary,
    status = text,
    statusReason = text,
    lifecycleStage = text,
    lifecycleHookDetails = list(hook_detail),
    deploymentConfiguration = services.deployment_configuration,
    rollback = rollback,
    deploymentCircuitBreaker = breaker,
    alarms = deployment_alarms_state,
}

local deployment_arn = {
    output = structure { serviceDeploymentArn = text },
    always = { "serviceDeploymentArn" },
}

local service_deployment_brief = structure {
    serviceDeploymentArn = text,
    serviceArn = text,
    clusterArn = text,
    startedAt = time,
    createdAt = time,
    finishedAt = time,
    targetServiceRevisionArn = text,
    status = text,
    statusReason = text,
}

local failures = list(structure { arn = text, reason = text, detail = text })

local function described(member, of)
    return { output = structure { [member] = list(of), failures = failures }, always = { member } }
end

local function listed(member, of)
    return {
        output = structure { [member] = list(of), nextToken = text },
        always = { member },
        pages = { token = "nextToken", next = "nextToken", items = { member } },
    }
end

local registered = {
    output = structure { taskDefinition = tasks.definition, tags = tasks.tags },
    always = { "taskDefinition" },
}

return {
    metadata = {
        serviceId = "ECS",
        endpointPrefix = "ecs",
        protocol = "json",
        jsonVersion = "1.1",
        targetPrefix = "AmazonEC2ContainerServiceV20141113",
        apiVersion = "2014-11-13",
    },
    quota = { "LimitExceededException" },
    operations = {
        DescribeServices = described("services", services.service),
        DescribeServiceDeployments = described("serviceDeployments", service_deployment),
        DescribeServiceRevisions = described("serviceRevisions", revision),
        ContinueServiceDeployment = deployment_arn,
        StopServiceDeployment = deployment_arn,
        ListServiceDeployments = listed("serviceDeployments", service_deployment_brief),
        DescribeTasks = described("tasks", tasks.task),
        ListClusters = listed("clusterArns", text),
        ListServices = listed("serviceArns", text),
        ListTasks = listed("taskArns", text),
        DescribeTaskDefinition = registered,
        RegisterTaskDefinition = registered,
        DeregisterTaskDefinition = {
            output = structure { taskDefinition = tasks.definition },
            always = { "taskDefinition" },
        },
        UpdateService = {
            output = structure { service = services.service },
            always = { "service" },
        },
    },
}
