-- AWS CodeDeploy on the wire (API version 2014-10-06): JSON. Botocore has come to prefer another
-- protocol; this one stays valid.

local inputs = require "services.codedeploy.inputs"
local kinds = require "aws.kinds"

local text, whole, flag, time = kinds.text, kinds.whole, kinds.flag, kinds.time
local list, structure = kinds.list, kinds.structure

local texts = list(text)

local raw = structure { content = text, sha256 = text }

local revision = structure {
    revisionType = text,
    s3Location = structure { bucket = text, key = text, bundleType = text, version = text,
        eTag = text },
    gitHubLocation = structure { repository = text, commitId = text },
    string = raw,
    appSpecContent = raw,
}

local style = structure { deploymentType = text, deploymentOption = text }

local termination = structure { action = text, terminationWaitTimeInMinutes = whole }
local ready_option = structure { actionOnTimeout = text, waitTimeInMinutes = whole }
local blue_green = structure {
    terminateBlueInstancesOnDeploymentSuccess = termination,
    deploymentReadyOption = ready_option,
    greenFleetProvisioningOption = structure { action = text },
}

local named = list(structure { name = text })

local route = structure { listenerArns = texts }

local pair = structure { targetGroups = named, prodTrafficRoute = route, testTrafficRoute = route }

local balancers = structure {
    elbInfoList = named,
    targetGroupInfoList = named,
    targetGroupPairInfoList = list(pair),
}

local filters = list(structure { Key = text, Value = text, Type = text })

local ec2_tags = structure { ec2TagSetList = list(filters) }

local ec2_options = structure { autoScalingGroupProcessesToSuspend = texts }

local problem = structure { code = text, message = text }

local overview = structure {
    Pending = whole, InProgress = whole, Succeeded = whole, Failed = whole, Skipped = whole,
    Ready = whole,
}

local rollback = structure {
    rollbackDeploymentId = text,
    rollbackTriggeringDeploymentId = text,
    rollbackMessage = text,
}

local related = structure {
    autoUpdateOutdatedInstancesRootDeploymentId = text,
    autoUpdateOutdatedInstancesDeploymentIds = texts,
}

local deployment = structure {
    applicationName = text,
    deploymentGroupName = text,
    deploymentConfigName = text,
    deploymentId = text,
    previousRevision = revision,
    revision = revision,
    status = text,
    errorInformation = problem,
    createTime = time,
    startTime = time,
    completeTime = time,
    deploymentOverview = overview,
    description = text,
    creator = text,
    ignoreApplicationStopFailures = flag,
    autoRollbackConfiguration = inputs.auto_rollback,
    updateOutdatedInstancesOnly = flag,
    rollbackInfo = rollback,
    deploymentStyle = style,
    targetInstances = structure { tagFilters = filters, autoScalingGroups = texts,
        ec2TagSet = ec2_tags },
    instanceTerminationWaitTimeStarted = flag,
    blueGreenDeploymentConfiguration = blue_green,
    loadBalancerInfo = balancers,
    additionalDeploymentStatusInfo = text,
    fileExistsBehavior = text,
    deploymentMode = text,
    deploymentStatusMessages = texts,
    computePlatform = text,
    externalId = text,
    relatedDeployments = related,
    overrideAlarmConfiguration = inputs.alarms,
    ec2DeploymentOptions = ec2_options,
}

local last_deployment = structure {
    deploymentId = text, status = text, endTime = time, createTime = time,
}

local scaling_group = structure { name = text, hook = text, terminationHook = text }

local trigger = structure { triggerName = text, triggerTargetArn = text, triggerEvents = texts }

local group = structure {
    applicationName = text,
    deploymentGroupId = text,
    deploymentGroupName = text,
    deploymentConfigName = text,
    ec2TagFilters = filters,
    onPremisesInstanceTagFilters = filters,
    autoScalingGroups = list(scaling_group),
    serviceRoleArn = text,
    targetRevision = revision,
    triggerConfigurations = list(trigger),
    alarmConfiguration = inputs.alarms,
    autoRollbackConfiguration = inputs.auto_rollback,
    deploymentStyle = style,
    outdatedInstancesStrategy = text,
    blueGreenDeploymentConfiguration = blue_green,
    loadBalancerInfo = balancers,
    lastSuccessfulDeployment = last_deployment,
    lastAttemptedDeployment = last_deployment,
    ec2TagSet = ec2_tags,
    onPremisesTagSet = structure { onPremisesTagSetList = list(filters) },
    computePlatform = text,
    ecsServices = list(structure { serviceName = text, clusterName = text }),
    ec2DeploymentOptions = ec2_options,
    terminationHookEnabled = flag,
}

local hosts = structure { type = text, value = whole }

local zones = structure {
    firstZoneMonitorDurationInSeconds = whole,
    monitorDurationInSeconds = whole,
    minimumHealthyHostsPerZone = hosts,
}

local configuration = structure {
    deploymentConfigId = text,
    deploymentConfigName = text,
    minimumHealthyHosts = hosts,
    createTime = time,
    computePlatform = text,
    trafficRoutingConfig = inputs.routing,
    zonalConfig = zones,
}

return {
    metadata = {
        serviceId = "CodeDeploy",
        endpointPrefix = "codedeploy",
        protocol = "json",
        jsonVersion = "1.1",
        targetPrefix = "CodeDeploy_20141006",
        apiVersion = "2014-10-06",
    },
    operations = {
        GetDeploymentGroup = {
            output = structure { deploymentGroupInfo = group },
            always = { "deploymentGroupInfo" },
        },
        BatchGetDeployments = {
            output = structure { deploymentsInfo = list(deployment) },
            always = { "deploymentsInfo" },
        },
        ListDeployments = {
            output = structure { deployments = texts, nextToken = text },
            always = { "deployments" },
            pages = { token = "nextToken", next = "nextToken", items = { "deployments" } },
        },
        GetDeploymentConfig = {
            output = structure { deploymentConfigInfo = configuration },
            always = { "deploymentConfigInfo" },
        },
        CreateDeployment = {
            output = structure { deploymentId = text },
            always = { "deploymentId" },
        },
        StopDeployment = {
            output = structure { status = text, statusMessage = text },
            always = { "status", "statusMessage" },
        },
        CreateDeploymentConfig = {
            output = structure { deploymentConfigId = text },
            always = { "deploymentConfigId" },
        },
        DeleteDeploymentConfig = {},
    },
}
