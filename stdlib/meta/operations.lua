---@meta operations
-- luacheck: ignore 212 241
-- The inputs of the AWS operations, for editors. Made by lua/report/editor_types.lua.

---@class aws
---@field appconfig aws.appconfig
---@field appconfigdata aws.appconfigdata
---@field cloudwatch aws.cloudwatch
---@field codedeploy aws.codedeploy
---@field ecs aws.ecs
---@field elbv2 aws.elbv2
---@field lambda aws.lambda
---@field ssm aws.ssm
---@field states aws.states
---@field sts aws.sts

---@class aws.appconfig
local appconfig = {}

---@alias appconfig.GrowthType
---| "LINEAR"
---| "EXPONENTIAL"

---@alias appconfig.ReplicateTo
---| "NONE"
---| "SSM_DOCUMENT"

---@class (exact) appconfig.create_deployment_strategy
---@field DeploymentDurationInMinutes integer
---@field Description? string
---@field FinalBakeTimeInMinutes? integer
---@field GrowthFactor number
---@field GrowthType? appconfig.GrowthType
---@field Name string
---@field ReplicateTo? appconfig.ReplicateTo
---@field Tags? table<string, string>

---Makes a deployment strategy.
---@async
---@param input appconfig.create_deployment_strategy
---@param region? string
---@return table output
function appconfig.create_deployment_strategy(input, region) end

---@class (exact) appconfig.create_hosted_configuration_version
---@field ApplicationId string
---@field ConfigurationProfileId string
---@field Content string
---@field ContentType string
---@field Description? string
---@field LatestVersionNumber integer
---@field VersionLabel? string

---Adds a version to a hosted configuration.
---@async
---@param input appconfig.create_hosted_configuration_version
---@param region? string
---@return table output
function appconfig.create_hosted_configuration_version(input, region) end

---@class (exact) appconfig.get_application
---@field ApplicationId string

---Shows an application.
---@async
---@param input appconfig.get_application
---@param region? string
---@return table output
function appconfig.get_application(input, region) end

---@class (exact) appconfig.get_configuration_profile
---@field ApplicationId string
---@field ConfigurationProfileId string

---Shows a configuration profile: where its configuration is, and of what type.
---@async
---@param input appconfig.get_configuration_profile
---@param region? string
---@return table output
function appconfig.get_configuration_profile(input, region) end

---@class (exact) appconfig.get_deployment
---@field ApplicationId string
---@field DeploymentNumber integer
---@field EnvironmentId string

---Shows a deployment: its state, growth and events.
---@async
---@param input appconfig.get_deployment
---@param region? string
---@return table output
function appconfig.get_deployment(input, region) end

---@class (exact) appconfig.get_deployment_strategy
---@field DeploymentStrategyId string

---Shows a deployment strategy: how long it grows and bakes.
---@async
---@param input appconfig.get_deployment_strategy
---@param region? string
---@return table output
function appconfig.get_deployment_strategy(input, region) end

---@class (exact) appconfig.get_environment
---@field ApplicationId string
---@field EnvironmentId string

---Shows an environment: its state and its monitors.
---@async
---@param input appconfig.get_environment
---@param region? string
---@return table output
function appconfig.get_environment(input, region) end

---@class (exact) appconfig.get_hosted_configuration_version
---@field ApplicationId string
---@field ConfigurationProfileId string
---@field VersionNumber integer

---Shows a version of a hosted configuration, with its content.
---@async
---@param input appconfig.get_hosted_configuration_version
---@param region? string
---@return table output
function appconfig.get_hosted_configuration_version(input, region) end

---@class (exact) appconfig.list_applications
---@field MaxResults? integer
---@field NextToken? string

---Lists the applications.
---@async
---@param input appconfig.list_applications
---@param region? string
---@return table output
function appconfig.list_applications(input, region) end

---@class (exact) appconfig.list_configuration_profiles
---@field ApplicationId string
---@field MaxResults? integer
---@field NextToken? string
---@field Type? string

---Lists the configuration profiles of an application.
---@async
---@param input appconfig.list_configuration_profiles
---@param region? string
---@return table output
function appconfig.list_configuration_profiles(input, region) end

---@class (exact) appconfig.list_deployment_strategies
---@field MaxResults? integer
---@field NextToken? string

---Lists the deployment strategies.
---@async
---@param input appconfig.list_deployment_strategies
---@param region? string
---@return table output
function appconfig.list_deployment_strategies(input, region) end

---@class (exact) appconfig.list_deployments
---@field ApplicationId string
---@field EnvironmentId string
---@field MaxResults? integer
---@field NextToken? string

---Lists the deployments in an environment.
---@async
---@param input appconfig.list_deployments
---@param region? string
---@return table output
function appconfig.list_deployments(input, region) end

---@class (exact) appconfig.list_environments
---@field ApplicationId string
---@field MaxResults? integer
---@field NextToken? string

---Lists the environments of an application.
---@async
---@param input appconfig.list_environments
---@param region? string
---@return table output
function appconfig.list_environments(input, region) end

---@class (exact) appconfig.list_hosted_configuration_versions
---@field ApplicationId string
---@field ConfigurationProfileId string
---@field MaxResults? integer
---@field NextToken? string
---@field VersionLabel? string

---Lists the versions of a hosted configuration, without their content.
---@async
---@param input appconfig.list_hosted_configuration_versions
---@param region? string
---@return table output
function appconfig.list_hosted_configuration_versions(input, region) end

---@class (exact) appconfig.start_deployment
---@field ApplicationId string
---@field ConfigurationProfileId string
---@field ConfigurationVersion string
---@field DeploymentStrategyId string
---@field Description? string
---@field EnvironmentId string
---@field KmsKeyIdentifier? string
---@field LatestDeploymentNumber? integer
---@field Tags? table<string, string>

---Deploys a version of a configuration in an environment.
---@async
---@param input appconfig.start_deployment
---@param region? string
---@return table output
function appconfig.start_deployment(input, region) end

---@class (exact) appconfig.Monitor
---@field AlarmArn string
---@field AlarmRoleArn? string

---@class (exact) appconfig.update_environment
---@field ApplicationId string
---@field Description? string
---@field EnvironmentId string
---@field Monitors? appconfig.Monitor[]
---@field Name? string

---Changes an environment: its name, its description, the alarms that watch it.
---@async
---@param input appconfig.update_environment
---@param region? string
---@return table output
function appconfig.update_environment(input, region) end

---@class (exact) appconfig.validate_configuration
---@field ApplicationId string
---@field ConfigurationProfileId string
---@field ConfigurationVersion string

---Checks a version with the validators of its profile; refused where it does not pass.
---@async
---@param input appconfig.validate_configuration
---@param region? string
---@return table output
function appconfig.validate_configuration(input, region) end

---@class aws.appconfigdata
local appconfigdata = {}

---@class (exact) appconfigdata.get_latest_configuration
---@field ConfigurationToken string

---Gives a session its configuration; an empty one where it has it already.
---@async
---@param input appconfigdata.get_latest_configuration
---@param region? string
---@return table output
function appconfigdata.get_latest_configuration(input, region) end

---@class (exact) appconfigdata.start_configuration_session
---@field ApplicationIdentifier string
---@field ConfigurationProfileIdentifier string
---@field EnvironmentIdentifier string
---@field RequiredMinimumPollIntervalInSeconds? integer

---Begins a session; its token is for the first `get_latest_configuration`.
---@async
---@param input appconfigdata.start_configuration_session
---@param region? string
---@return table output
function appconfigdata.start_configuration_session(input, region) end

---@class aws.cloudwatch
local cloudwatch = {}

---@class (exact) cloudwatch.delete_alarms
---@field AlarmNames string[]

---Deletes an alarm that a run made for itself.
---@async
---@param input cloudwatch.delete_alarms
---@param region? string
---@return table output
function cloudwatch.delete_alarms(input, region) end

---@alias cloudwatch.AlarmTypes
---| "CompositeAlarm"
---| "MetricAlarm"

---@alias cloudwatch.StateValue
---| "OK"
---| "ALARM"
---| "INSUFFICIENT_DATA"

---@class (exact) cloudwatch.describe_alarms
---@field ActionPrefix? string
---@field AlarmNamePrefix? string
---@field AlarmNames? string[]
---@field AlarmTypes? cloudwatch.AlarmTypes[]
---@field MaxRecords? integer
---@field NextToken? string
---@field StateValue? cloudwatch.StateValue

---Shows alarms: state, configuration, whether their actions are enabled.
---@async
---@param input cloudwatch.describe_alarms
---@param region? string
---@return table output
function cloudwatch.describe_alarms(input, region) end

---@class (exact) cloudwatch.disable_alarm_actions
---@field AlarmNames string[]

---Keeps an alarm from performing its actions; its state still changes.
---@async
---@param input cloudwatch.disable_alarm_actions
---@param region? string
---@return table output
function cloudwatch.disable_alarm_actions(input, region) end

---@class (exact) cloudwatch.enable_alarm_actions
---@field AlarmNames string[]

---Lets an alarm perform its actions when its state changes.
---@async
---@param input cloudwatch.enable_alarm_actions
---@param region? string
---@return table output
function cloudwatch.enable_alarm_actions(input, region) end

---@class (exact) cloudwatch.LabelOptions
---@field Timezone? string

---@class (exact) cloudwatch.Dimension
---@field Name string
---@field Value string

---@class (exact) cloudwatch.Metric
---@field Dimensions? cloudwatch.Dimension[]
---@field MetricName? string
---@field Namespace? string

---@class (exact) cloudwatch.MetricStat
---@field Metric cloudwatch.Metric
---@field Period integer
---@field Stat string
---@field Unit? string

---@class (exact) cloudwatch.MetricDataQuery
---@field AccountId? string
---@field Expression? string
---@field Id string
---@field Label? string
---@field MetricStat? cloudwatch.MetricStat
---@field Period? integer
---@field ReturnData? boolean

---@alias cloudwatch.ScanBy
---| "TimestampDescending"
---| "TimestampAscending"

---@class (exact) cloudwatch.get_metric_data
---@field EndTime integer
---@field LabelOptions? cloudwatch.LabelOptions
---@field MaxDatapoints? integer
---@field MetricDataQueries cloudwatch.MetricDataQuery[]
---@field NextToken? string
---@field ScanBy? cloudwatch.ScanBy
---@field StartTime integer

---Reads points of metrics, and of expressions over them.
---@async
---@param input cloudwatch.get_metric_data
---@param region? string
---@return table output
function cloudwatch.get_metric_data(input, region) end

---@alias cloudwatch.Statistics
---| "SampleCount"
---| "Average"
---| "Sum"
---| "Minimum"
---| "Maximum"

---@class (exact) cloudwatch.get_metric_statistics
---@field Dimensions? cloudwatch.Dimension[]
---@field EndTime integer
---@field ExtendedStatistics? string[]
---@field MetricName string
---@field Namespace string
---@field Period integer
---@field StartTime integer
---@field Statistics? cloudwatch.Statistics[]
---@field Unit? string

---Reads statistics of one metric.
---@async
---@param input cloudwatch.get_metric_statistics
---@param region? string
---@return table output
function cloudwatch.get_metric_statistics(input, region) end

---@class (exact) cloudwatch.AlarmTagsPropagation
---@field Enabled boolean
---@field ExcludedTagKeys? string[]
---@field IncludedTagKeys? string[]

---@class (exact) cloudwatch.ActionConfiguration
---@field AlarmTagsPropagation? cloudwatch.AlarmTagsPropagation

---@class (exact) cloudwatch.SlidingWindow

---@class (exact) cloudwatch.WallClockWindow
---@field Timezone? string

---@class (exact) cloudwatch.EvaluationWindow
---@field SlidingWindow? cloudwatch.SlidingWindow
---@field WallClockWindow? cloudwatch.WallClockWindow

---@class (exact) cloudwatch.WarmUpConfiguration
---@field OnlyStartEvaluatingAfterWarmUpPeriodEnds? boolean
---@field WarmUpPeriodDurationInMinutes integer

---@alias cloudwatch.ComparisonOperator
---| "GreaterThanOrEqualToThreshold"
---| "GreaterThanThreshold"
---| "LessThanThreshold"
---| "LessThanOrEqualToThreshold"
---| "LessThanLowerOrGreaterThanUpperThreshold"
---| "LessThanLowerThreshold"
---| "GreaterThanUpperThreshold"

---@alias cloudwatch.EvaluateLowSampleCountPercentile
---| "evaluate"
---| "ignore"

---@alias cloudwatch.Statistic
---| "SampleCount"
---| "Average"
---| "Sum"
---| "Minimum"
---| "Maximum"

---@alias cloudwatch.TreatMissingData
---| "breaching"
---| "notBreaching"
---| "ignore"
---| "missing"

---@class (exact) cloudwatch.put_metric_alarm
---@field ActionConfiguration? cloudwatch.ActionConfiguration
---@field ActionsEnabled? boolean
---@field AlarmActions? string[]
---@field AlarmDescription? string
---@field AlarmName string
---@field ComparisonOperator cloudwatch.ComparisonOperator
---@field DatapointsToAlarm? integer
---@field Dimensions? cloudwatch.Dimension[]
---@field EvaluateLowSampleCountPercentile? cloudwatch.EvaluateLowSampleCountPercentile
---@field EvaluationPeriods integer
---@field EvaluationWindow? cloudwatch.EvaluationWindow
---@field ExtendedStatistic? string
---@field InsufficientDataActions? string[]
---@field MetricName? string
---@field Metrics? cloudwatch.MetricDataQuery[]
---@field Namespace? string
---@field OKActions? string[]
---@field Period? integer
---@field Statistic? cloudwatch.Statistic
---@field Threshold? number
---@field ThresholdMetricId? string
---@field TreatMissingData? cloudwatch.TreatMissingData
---@field Unit? string
---@field WarmUpConfiguration? cloudwatch.WarmUpConfiguration

---Creates a metric alarm, or replaces the configuration of one.
---@async
---@param input cloudwatch.put_metric_alarm
---@param region? string
---@return table output
function cloudwatch.put_metric_alarm(input, region) end

---@class (exact) cloudwatch.set_alarm_state
---@field AlarmName string
---@field StateReason string
---@field StateReasonData? string
---@field StateValue cloudwatch.StateValue

---Sets an alarm's state until its next evaluation.
---@async
---@param input cloudwatch.set_alarm_state
---@param region? string
---@return table output
function cloudwatch.set_alarm_state(input, region) end

---@class aws.codedeploy
local codedeploy = {}

---@class (exact) codedeploy.batch_get_deployments
---@field deploymentIds string[]

---Shows deployments by their ids.
---@async
---@param input codedeploy.batch_get_deployments
---@param region? string
---@return table output
function codedeploy.batch_get_deployments(input, region) end

---@alias codedeploy.AutoRollbackConfiguration.events
---| "DEPLOYMENT_FAILURE"
---| "DEPLOYMENT_STOP_ON_ALARM"
---| "DEPLOYMENT_STOP_ON_REQUEST"

---@class (exact) codedeploy.AutoRollbackConfiguration
---@field enabled? boolean
---@field events? codedeploy.AutoRollbackConfiguration.events[]

---@class (exact) codedeploy.Alarm
---@field name string

---@class (exact) codedeploy.AlarmConfiguration
---@field alarms? codedeploy.Alarm[]
---@field enabled? boolean
---@field ignorePollAlarmFailure? boolean

---@class (exact) codedeploy.AppSpecContent
---@field content string
---@field sha256? string

---@class (exact) codedeploy.RevisionLocation
---@field appSpecContent codedeploy.AppSpecContent
---@field revisionType "AppSpecContent"

---@class (exact) codedeploy.create_deployment
---@field applicationName string
---@field autoRollbackConfiguration? codedeploy.AutoRollbackConfiguration
---@field deploymentConfigName? string
---@field deploymentGroupName string
---@field description? string
---@field overrideAlarmConfiguration? codedeploy.AlarmConfiguration
---@field revision codedeploy.RevisionLocation

---Deploys a task definition by a deployment group.
---@async
---@param input codedeploy.create_deployment
---@param region? string
---@return table output
function codedeploy.create_deployment(input, region) end

---@class (exact) codedeploy.TimeBasedCanary
---@field canaryInterval integer
---@field canaryPercentage integer

---@class (exact) codedeploy.TimeBasedLinear
---@field linearInterval integer
---@field linearPercentage integer

---@alias codedeploy.TrafficRoutingConfig.type
---| "TimeBasedCanary"
---| "TimeBasedLinear"
---| "AllAtOnce"

---@class (exact) codedeploy.TrafficRoutingConfig
---@field timeBasedCanary? codedeploy.TimeBasedCanary
---@field timeBasedLinear? codedeploy.TimeBasedLinear
---@field type codedeploy.TrafficRoutingConfig.type

---@alias codedeploy.computePlatform
---| "ECS"
---| "Lambda"

---@class (exact) codedeploy.create_deployment_config
---@field computePlatform codedeploy.computePlatform
---@field deploymentConfigName string
---@field trafficRoutingConfig codedeploy.TrafficRoutingConfig

---Makes a deployment configuration: which shares of the traffic, and for how long.
---@async
---@param input codedeploy.create_deployment_config
---@param region? string
---@return table output
function codedeploy.create_deployment_config(input, region) end

---@class (exact) codedeploy.delete_deployment_config
---@field deploymentConfigName string

---Deletes a deployment configuration.
---@async
---@param input codedeploy.delete_deployment_config
---@param region? string
---@return table output
function codedeploy.delete_deployment_config(input, region) end

---@class (exact) codedeploy.get_deployment_config
---@field deploymentConfigName string

---Shows a deployment configuration.
---@async
---@param input codedeploy.get_deployment_config
---@param region? string
---@return table output
function codedeploy.get_deployment_config(input, region) end

---@class (exact) codedeploy.get_deployment_group
---@field applicationName string
---@field deploymentGroupName string

---Shows a deployment group.
---@async
---@param input codedeploy.get_deployment_group
---@param region? string
---@return table output
function codedeploy.get_deployment_group(input, region) end

---@class (exact) codedeploy.TimeRange
---@field end? integer
---@field start? integer

---@alias codedeploy.includeOnlyStatuses
---| "Created"
---| "Queued"
---| "InProgress"
---| "Baking"
---| "Succeeded"
---| "Failed"
---| "Stopped"
---| "Ready"

---@class (exact) codedeploy.list_deployments
---@field applicationName? string
---@field createTimeRange? codedeploy.TimeRange
---@field deploymentGroupName? string
---@field includeOnlyStatuses? codedeploy.includeOnlyStatuses[]
---@field nextToken? string

---Lists the deployments of a group, or all.
---@async
---@param input codedeploy.list_deployments
---@param region? string
---@return table output
function codedeploy.list_deployments(input, region) end

---@class (exact) codedeploy.stop_deployment
---@field autoRollbackEnabled? boolean
---@field deploymentId string

---Stops a deployment that is under way, and has it taken back if that is asked for.
---@async
---@param input codedeploy.stop_deployment
---@param region? string
---@return table output
function codedeploy.stop_deployment(input, region) end

---@class aws.ecs
local ecs = {}

---@alias ecs.action
---| "CONTINUE"
---| "ROLLBACK"

---@class (exact) ecs.continue_service_deployment
---@field action? ecs.action
---@field hookId string
---@field serviceDeploymentArn string

---Lets a deployment that waits at a pause go on.
---@async
---@param input ecs.continue_service_deployment
---@param region? string
---@return table output
function ecs.continue_service_deployment(input, region) end

---@class (exact) ecs.describe_service_deployments
---@field serviceDeploymentArns string[]

---Shows deployments of services: status, circuit breaker, revisions.
---@async
---@param input ecs.describe_service_deployments
---@param region? string
---@return table output
function ecs.describe_service_deployments(input, region) end

---@class (exact) ecs.describe_service_revisions
---@field serviceRevisionArns string[]

---Shows revisions of services: task definition, target groups.
---@async
---@param input ecs.describe_service_revisions
---@param region? string
---@return table output
function ecs.describe_service_revisions(input, region) end

---@class (exact) ecs.describe_services
---@field cluster? string
---@field include? "TAGS"[]
---@field services string[]

---Shows services: settings, deployments, how many tasks run.
---@async
---@param input ecs.describe_services
---@param region? string
---@return table output
function ecs.describe_services(input, region) end

---@class (exact) ecs.describe_task_definition
---@field include? "TAGS"[]
---@field taskDefinition string

---Shows one revision of a task definition.
---@async
---@param input ecs.describe_task_definition
---@param region? string
---@return table output
function ecs.describe_task_definition(input, region) end

---@class (exact) ecs.describe_tasks
---@field cluster? string
---@field include? "TAGS"[]
---@field tasks string[]

---Shows tasks: definition, status, health.
---@async
---@param input ecs.describe_tasks
---@param region? string
---@return table output
function ecs.describe_tasks(input, region) end

---@class (exact) ecs.list_clusters
---@field maxResults? integer
---@field nextToken? string

---Lists clusters.
---@async
---@param input ecs.list_clusters
---@param region? string
---@return table output
function ecs.list_clusters(input, region) end

---@class (exact) ecs.CreatedAt
---@field after? integer
---@field before? integer

---@alias ecs.status
---| "PENDING"
---| "SUCCESSFUL"
---| "STOPPED"
---| "STOP_REQUESTED"
---| "IN_PROGRESS"
---| "ROLLBACK_REQUESTED"
---| "ROLLBACK_IN_PROGRESS"
---| "ROLLBACK_SUCCESSFUL"
---| "ROLLBACK_FAILED"

---@class (exact) ecs.list_service_deployments
---@field cluster? string
---@field createdAt? ecs.CreatedAt
---@field maxResults? integer
---@field nextToken? string
---@field service string
---@field status? ecs.status[]

---Lists the deployments of a service, the latest first.
---@async
---@param input ecs.list_service_deployments
---@param region? string
---@return table output
function ecs.list_service_deployments(input, region) end

---@class (exact) ecs.list_services
---@field cluster? string
---@field maxResults? integer
---@field nextToken? string

---Lists services of a cluster.
---@async
---@param input ecs.list_services
---@param region? string
---@return table output
function ecs.list_services(input, region) end

---@alias ecs.desiredStatus
---| "RUNNING"
---| "PENDING"
---| "STOPPED"

---@alias ecs.launchType
---| "EC2"
---| "FARGATE"
---| "EXTERNAL"
---| "MANAGED_INSTANCES"

---@class (exact) ecs.list_tasks
---@field cluster? string
---@field containerInstance? string
---@field daemonName? string
---@field desiredStatus? ecs.desiredStatus
---@field family? string
---@field launchType? ecs.launchType
---@field maxResults? integer
---@field nextToken? string
---@field serviceName? string
---@field startedBy? string

---Lists tasks of a cluster.
---@async
---@param input ecs.list_tasks
---@param region? string
---@return table output
function ecs.list_tasks(input, region) end

---@alias ecs.ContainerDependency.condition
---| "START"
---| "COMPLETE"
---| "SUCCESS"
---| "HEALTHY"

---@class (exact) ecs.ContainerDependency
---@field condition ecs.ContainerDependency.condition
---@field containerName string

---@class (exact) ecs.KeyValuePair
---@field name? string
---@field value? string

---@class (exact) ecs.EnvironmentFile
---@field type "s3"
---@field value string

---@class (exact) ecs.HostEntry
---@field hostname string
---@field ipAddress string

---@alias ecs.FirelensConfiguration.type
---| "fluentd"
---| "fluentbit"

---@class (exact) ecs.FirelensConfiguration
---@field options? table<string, string>
---@field type ecs.FirelensConfiguration.type

---@class (exact) ecs.HealthCheck
---@field command string[]
---@field interval? integer
---@field retries? integer
---@field startPeriod? integer
---@field timeout? integer

---@class (exact) ecs.KernelCapabilities
---@field add? string[]
---@field drop? string[]

---@alias ecs.Device.permissions
---| "read"
---| "write"
---| "mknod"

---@class (exact) ecs.Device
---@field containerPath? string
---@field hostPath string
---@field permissions? ecs.Device.permissions[]

---@class (exact) ecs.Tmpfs
---@field containerPath string
---@field mountOptions? string[]
---@field size integer

---@class (exact) ecs.LinuxParameters
---@field capabilities? ecs.KernelCapabilities
---@field devices? ecs.Device[]
---@field initProcessEnabled? boolean
---@field maxSwap? integer
---@field sharedMemorySize? integer
---@field swappiness? integer
---@field tmpfs? ecs.Tmpfs[]

---@class (exact) ecs.Secret
---@field name string
---@field valueFrom string

---@alias ecs.LogConfiguration.logDriver
---| "json-file"
---| "syslog"
---| "journald"
---| "gelf"
---| "fluentd"
---| "awslogs"
---| "splunk"
---| "awsfirelens"

---@class (exact) ecs.LogConfiguration
---@field logDriver ecs.LogConfiguration.logDriver
---@field options? table<string, string>
---@field secretOptions? ecs.Secret[]

---@class (exact) ecs.MountPoint
---@field containerPath? string
---@field readOnly? boolean
---@field sourceVolume? string

---@alias ecs.PortMapping.appProtocol
---| "http"
---| "http2"
---| "grpc"

---@alias ecs.PortMapping.protocol
---| "tcp"
---| "udp"

---@class (exact) ecs.PortMapping
---@field appProtocol? ecs.PortMapping.appProtocol
---@field containerPort? integer
---@field containerPortRange? string
---@field hostPort? integer
---@field name? string
---@field protocol? ecs.PortMapping.protocol

---@class (exact) ecs.RepositoryCredentials
---@field credentialsParameter string

---@class (exact) ecs.NvidiaMpsAllocation
---@field maxComputePercent? integer
---@field memory integer

---@class (exact) ecs.SharingStrategy
---@field nvidiaMps ecs.NvidiaMpsAllocation

---@alias ecs.ResourceRequirement.type
---| "GPU"
---| "InferenceAccelerator"
---| "NeuronDevice"

---@class (exact) ecs.ResourceRequirement
---@field sharingStrategy? ecs.SharingStrategy
---@field type ecs.ResourceRequirement.type
---@field value? string

---@class (exact) ecs.ContainerRestartPolicy
---@field enabled boolean
---@field ignoredExitCodes? integer[]
---@field restartAttemptPeriod? integer

---@class (exact) ecs.SystemControl
---@field namespace? string
---@field value? string

---@alias ecs.Ulimit.name
---| "core"
---| "cpu"
---| "data"
---| "fsize"
---| "locks"
---| "memlock"
---| "msgqueue"
---| "nice"
---| "nofile"
---| "nproc"
---| "rss"
---| "rtprio"
---| "rttime"
---| "sigpending"
---| "stack"

---@class (exact) ecs.Ulimit
---@field hardLimit integer
---@field name ecs.Ulimit.name
---@field softLimit integer

---@class (exact) ecs.VolumeFrom
---@field readOnly? boolean
---@field sourceContainer? string

---@alias ecs.ContainerDefinition.versionConsistency
---| "enabled"
---| "disabled"

---@class (exact) ecs.ContainerDefinition
---@field command? string[]
---@field cpu? integer
---@field credentialSpecs? string[]
---@field dependsOn? ecs.ContainerDependency[]
---@field disableNetworking? boolean
---@field dnsSearchDomains? string[]
---@field dnsServers? string[]
---@field dockerLabels? table<string, string>
---@field dockerSecurityOptions? string[]
---@field entryPoint? string[]
---@field environment? ecs.KeyValuePair[]
---@field environmentFiles? ecs.EnvironmentFile[]
---@field essential? boolean
---@field extraHosts? ecs.HostEntry[]
---@field firelensConfiguration? ecs.FirelensConfiguration
---@field healthCheck? ecs.HealthCheck
---@field hostname? string
---@field image? string
---@field interactive? boolean
---@field links? string[]
---@field linuxParameters? ecs.LinuxParameters
---@field logConfiguration? ecs.LogConfiguration
---@field memory? integer
---@field memoryReservation? integer
---@field mountPoints? ecs.MountPoint[]
---@field name? string
---@field portMappings? ecs.PortMapping[]
---@field privileged? boolean
---@field pseudoTerminal? boolean
---@field readonlyRootFilesystem? boolean
---@field repositoryCredentials? ecs.RepositoryCredentials
---@field resourceRequirements? ecs.ResourceRequirement[]
---@field restartPolicy? ecs.ContainerRestartPolicy
---@field secrets? ecs.Secret[]
---@field startTimeout? integer
---@field stopTimeout? integer
---@field systemControls? ecs.SystemControl[]
---@field ulimits? ecs.Ulimit[]
---@field user? string
---@field versionConsistency? ecs.ContainerDefinition.versionConsistency
---@field volumesFrom? ecs.VolumeFrom[]
---@field workingDirectory? string

---@class (exact) ecs.EphemeralStorage
---@field sizeInGiB integer

---@class (exact) ecs.InferenceAccelerator
---@field deviceName string
---@field deviceType string

---@class (exact) ecs.TaskDefinitionPlacementConstraint
---@field expression? string
---@field type? "memberOf"

---@class (exact) ecs.ProxyConfiguration
---@field containerName string
---@field properties? ecs.KeyValuePair[]
---@field type? "APPMESH"

---@alias ecs.RuntimePlatform.cpuArchitecture
---| "X86_64"
---| "ARM64"

---@alias ecs.RuntimePlatform.operatingSystemFamily
---| "LINUX"
---| "WINDOWS_SERVER_2016_FULL"
---| "WINDOWS_SERVER_2019_CORE"
---| "WINDOWS_SERVER_2019_FULL"
---| "WINDOWS_SERVER_2004_CORE"
---| "WINDOWS_SERVER_20H2_CORE"
---| "WINDOWS_SERVER_2022_CORE"
---| "WINDOWS_SERVER_2022_FULL"
---| "WINDOWS_SERVER_2025_CORE"
---| "WINDOWS_SERVER_2025_FULL"

---@class (exact) ecs.RuntimePlatform
---@field cpuArchitecture? ecs.RuntimePlatform.cpuArchitecture
---@field operatingSystemFamily? ecs.RuntimePlatform.operatingSystemFamily

---@class (exact) ecs.Tag
---@field key string
---@field value string

---@alias ecs.TrustedExecutionConfiguration.isolationMode
---| "SHARED"
---| "ISOLATED_SANDBOX"
---| "CONFIDENTIAL_SANDBOX"

---@class (exact) ecs.TrustedExecutionConfiguration
---@field attestationPolicy? string
---@field isolationMode ecs.TrustedExecutionConfiguration.isolationMode

---@alias ecs.DockerVolumeConfiguration.scope
---| "task"
---| "shared"

---@class (exact) ecs.DockerVolumeConfiguration
---@field autoprovision? boolean
---@field driver? string
---@field driverOpts? table<string, string>
---@field labels? table<string, string>
---@field scope? ecs.DockerVolumeConfiguration.scope

---@alias ecs.EFSAuthorizationConfig.iam
---| "ENABLED"
---| "DISABLED"

---@class (exact) ecs.EFSAuthorizationConfig
---@field accessPointId? string
---@field iam? ecs.EFSAuthorizationConfig.iam

---@alias ecs.EFSVolumeConfiguration.transitEncryption
---| "ENABLED"
---| "DISABLED"

---@class (exact) ecs.EFSVolumeConfiguration
---@field authorizationConfig? ecs.EFSAuthorizationConfig
---@field fileSystemId string
---@field rootDirectory? string
---@field transitEncryption? ecs.EFSVolumeConfiguration.transitEncryption
---@field transitEncryptionPort? integer

---@class (exact) ecs.FSxWindowsFileServerAuthorizationConfig
---@field credentialsParameter string
---@field domain string

---@class (exact) ecs.FSxWindowsFileServerVolumeConfiguration
---@field authorizationConfig ecs.FSxWindowsFileServerAuthorizationConfig
---@field fileSystemId string
---@field rootDirectory string

---@class (exact) ecs.HostVolumeProperties
---@field sourcePath? string

---@class (exact) ecs.S3FilesVolumeConfiguration
---@field accessPointArn? string
---@field fileSystemArn string
---@field rootDirectory? string
---@field transitEncryptionPort? integer

---@class (exact) ecs.Volume
---@field configuredAtLaunch? boolean
---@field dockerVolumeConfiguration? ecs.DockerVolumeConfiguration
---@field efsVolumeConfiguration? ecs.EFSVolumeConfiguration
---@field fsxWindowsFileServerVolumeConfiguration? ecs.FSxWindowsFileServerVolumeConfiguration
---@field host? ecs.HostVolumeProperties
---@field name? string
---@field s3filesVolumeConfiguration? ecs.S3FilesVolumeConfiguration

---@alias ecs.ipcMode
---| "host"
---| "task"
---| "none"

---@alias ecs.networkMode
---| "bridge"
---| "host"
---| "awsvpc"
---| "none"

---@alias ecs.pidMode
---| "host"
---| "task"

---@alias ecs.requiresCompatibilities
---| "EC2"
---| "FARGATE"
---| "EXTERNAL"
---| "MANAGED_INSTANCES"

---@class (exact) ecs.register_task_definition
---@field containerDefinitions ecs.ContainerDefinition[]
---@field cpu? string
---@field enableFaultInjection? boolean
---@field ephemeralStorage? ecs.EphemeralStorage
---@field executionRoleArn? string
---@field family string
---@field inferenceAccelerators? ecs.InferenceAccelerator[]
---@field ipcMode? ecs.ipcMode
---@field memory? string
---@field networkMode? ecs.networkMode
---@field pidMode? ecs.pidMode
---@field placementConstraints? ecs.TaskDefinitionPlacementConstraint[]
---@field proxyConfiguration? ecs.ProxyConfiguration
---@field requiresCompatibilities? ecs.requiresCompatibilities[]
---@field runtimePlatform? ecs.RuntimePlatform
---@field tags ecs.Tag[]
---@field taskRoleArn? string
---@field trustedExecutionConfiguration? ecs.TrustedExecutionConfiguration
---@field volumes? ecs.Volume[]

---Registers a new revision of a task definition.
---@async
---@param input ecs.register_task_definition
---@param region? string
---@return table output
function ecs.register_task_definition(input, region) end

---@class (exact) ecs.stop_service_deployment
---@field serviceDeploymentArn string
---@field stopType? "ROLLBACK"

---Has ECS take back a deployment that is under way.
---@async
---@param input ecs.stop_service_deployment
---@param region? string
---@return table output
function ecs.stop_service_deployment(input, region) end

---@class (exact) ecs.DeploymentAlarms
---@field alarmNames string[]
---@field enable boolean
---@field rollback boolean

---@class (exact) ecs.CanaryConfiguration
---@field canaryBakeTimeInMinutes? integer
---@field canaryPercent? number

---@alias ecs.ThresholdConfiguration.type
---| "COUNT"
---| "BOUNDED_PERCENT"
---| "UNBOUNDED_PERCENT"

---@class (exact) ecs.ThresholdConfiguration
---@field type ecs.ThresholdConfiguration.type
---@field value integer

---@class (exact) ecs.DeploymentCircuitBreaker
---@field enable boolean
---@field resetOnHealthyTask? boolean
---@field rollback boolean
---@field thresholdConfiguration? ecs.ThresholdConfiguration

---@alias ecs.EarlySuccessCriteria.sourceServiceRevisionCleanup
---| "BLOCKING"
---| "DEFERRED"

---@class (exact) ecs.EarlySuccessCriteria
---@field enable boolean
---@field healthyPercent? integer
---@field sourceServiceRevisionCleanup? ecs.EarlySuccessCriteria.sourceServiceRevisionCleanup

---@alias ecs.TimeoutConfiguration.action
---| "ROLLBACK"
---| "CONTINUE"

---@class (exact) ecs.TimeoutConfiguration
---@field action? ecs.TimeoutConfiguration.action
---@field timeoutInMinutes? integer

---@alias ecs.DeploymentLifecycleHook.lifecycleStages
---| "RECONCILE_SERVICE"
---| "PRE_SCALE_UP"
---| "POST_SCALE_UP"
---| "TEST_TRAFFIC_SHIFT"
---| "POST_TEST_TRAFFIC_SHIFT"
---| "PRE_PRODUCTION_TRAFFIC_SHIFT"
---| "PRODUCTION_TRAFFIC_SHIFT"
---| "POST_PRODUCTION_TRAFFIC_SHIFT"

---@alias ecs.DeploymentLifecycleHook.targetType
---| "AWS_LAMBDA"
---| "PAUSE"

---@class (exact) ecs.DeploymentLifecycleHook
---@field hookTargetArn? string
---@field lifecycleStages ecs.DeploymentLifecycleHook.lifecycleStages[]
---@field roleArn? string
---@field targetType? ecs.DeploymentLifecycleHook.targetType
---@field timeoutConfiguration? ecs.TimeoutConfiguration

---@class (exact) ecs.LinearConfiguration
---@field stepBakeTimeInMinutes? integer
---@field stepPercent? number

---@alias ecs.DeploymentConfiguration.strategy
---| "ROLLING"
---| "BLUE_GREEN"
---| "LINEAR"
---| "CANARY"

---@class (exact) ecs.DeploymentConfiguration
---@field alarms? ecs.DeploymentAlarms
---@field bakeTimeInMinutes? integer
---@field canaryConfiguration? ecs.CanaryConfiguration
---@field deploymentCircuitBreaker? ecs.DeploymentCircuitBreaker
---@field earlySuccessCriteria? ecs.EarlySuccessCriteria
---@field lifecycleHooks? ecs.DeploymentLifecycleHook[]
---@field linearConfiguration? ecs.LinearConfiguration
---@field maximumPercent integer
---@field minimumHealthyPercent integer
---@field strategy? ecs.DeploymentConfiguration.strategy

---@alias ecs.AwsVpcConfiguration.assignPublicIp
---| "ENABLED"
---| "DISABLED"

---@class (exact) ecs.AwsVpcConfiguration
---@field assignPublicIp? ecs.AwsVpcConfiguration.assignPublicIp
---@field securityGroups? string[]
---@field subnets string[]

---@class (exact) ecs.NetworkConfiguration
---@field awsvpcConfiguration ecs.AwsVpcConfiguration

---@alias ecs.PlacementConstraint.type
---| "distinctInstance"
---| "memberOf"

---@class (exact) ecs.PlacementConstraint
---@field expression? string
---@field type ecs.PlacementConstraint.type

---@alias ecs.PlacementStrategy.type
---| "random"
---| "spread"
---| "binpack"

---@class (exact) ecs.PlacementStrategy
---@field field? string
---@field type ecs.PlacementStrategy.type

---@alias ecs.availabilityZoneRebalancing
---| "ENABLED"
---| "DISABLED"

---@alias ecs.propagateTags
---| "TASK_DEFINITION"
---| "SERVICE"
---| "NONE"

---@class (exact) ecs.update_service
---@field availabilityZoneRebalancing? ecs.availabilityZoneRebalancing
---@field cluster? string
---@field deploymentConfiguration? ecs.DeploymentConfiguration
---@field desiredCount? integer
---@field enableECSManagedTags? boolean
---@field enableExecuteCommand? boolean
---@field healthCheckGracePeriodSeconds? integer
---@field networkConfiguration? ecs.NetworkConfiguration
---@field placementConstraints? ecs.PlacementConstraint[]
---@field placementStrategy? ecs.PlacementStrategy[]
---@field propagateTags? ecs.propagateTags
---@field service string
---@field taskDefinition? string

---Changes one setting of a service, such as its task definition.
---@async
---@param input ecs.update_service
---@param region? string
---@return table output
function ecs.update_service(input, region) end

---@class aws.elbv2
local elbv2 = {}

---@class (exact) elbv2.describe_listeners
---@field ListenerArns? string[]
---@field LoadBalancerArn? string
---@field Marker? string
---@field PageSize? integer

---Shows listeners: port, protocol, default actions.
---@async
---@param input elbv2.describe_listeners
---@param region? string
---@return table output
function elbv2.describe_listeners(input, region) end

---@class (exact) elbv2.describe_rules
---@field ListenerArn? string
---@field Marker? string
---@field PageSize? integer
---@field RuleArns? string[]

---Shows listener rules: priority, conditions, actions.
---@async
---@param input elbv2.describe_rules
---@param region? string
---@return table output
function elbv2.describe_rules(input, region) end

---@class (exact) elbv2.describe_target_group_attributes
---@field TargetGroupArn string

---Shows the attributes of a target group.
---@async
---@param input elbv2.describe_target_group_attributes
---@param region? string
---@return table output
function elbv2.describe_target_group_attributes(input, region) end

---@class (exact) elbv2.describe_target_groups
---@field LoadBalancerArn? string
---@field Marker? string
---@field Names? string[]
---@field PageSize? integer
---@field TargetGroupArns? string[]

---Shows target groups: protocol, port, health check, load balancers.
---@async
---@param input elbv2.describe_target_groups
---@param region? string
---@return table output
function elbv2.describe_target_groups(input, region) end

---@class (exact) elbv2.TargetDescription
---@field AvailabilityZone? string
---@field Id string
---@field Port? integer

---@class (exact) elbv2.describe_target_health
---@field TargetGroupArn string
---@field Targets? elbv2.TargetDescription[]

---Shows the health of a target group's targets.
---@async
---@param input elbv2.describe_target_health
---@param region? string
---@return table output
function elbv2.describe_target_health(input, region) end

---@class (exact) elbv2.Certificate
---@field CertificateArn string

---@alias elbv2.AuthenticateCognitoConfig.OnUnauthenticatedRequest
---| "deny"
---| "allow"
---| "authenticate"

---@class (exact) elbv2.AuthenticateCognitoConfig
---@field AuthenticationRequestExtraParams? table<string, string>
---@field OnUnauthenticatedRequest? elbv2.AuthenticateCognitoConfig.OnUnauthenticatedRequest
---@field Scope? string
---@field SessionCookieName? string
---@field SessionTimeout? integer
---@field UserPoolArn string
---@field UserPoolClientId string
---@field UserPoolDomain string

---@alias elbv2.AuthenticateOidcConfig.OnUnauthenticatedRequest
---| "deny"
---| "allow"
---| "authenticate"

---@class (exact) elbv2.AuthenticateOidcConfig
---@field AuthenticationRequestExtraParams? table<string, string>
---@field AuthorizationEndpoint string
---@field ClientId string
---@field Issuer string
---@field OnUnauthenticatedRequest? elbv2.AuthenticateOidcConfig.OnUnauthenticatedRequest
---@field Scope? string
---@field SessionCookieName? string
---@field SessionTimeout? integer
---@field TokenEndpoint string
---@field UseExistingClientSecret? boolean
---@field UserInfoEndpoint string

---@class (exact) elbv2.FixedResponseConfig
---@field ContentType? string
---@field MessageBody? string
---@field StatusCode string

---@class (exact) elbv2.TargetGroupStickinessConfig
---@field DurationSeconds? integer
---@field Enabled? boolean

---@class (exact) elbv2.TargetGroupTuple
---@field TargetGroupArn string
---@field Weight? integer

---@class (exact) elbv2.ForwardConfig
---@field TargetGroupStickinessConfig? elbv2.TargetGroupStickinessConfig
---@field TargetGroups elbv2.TargetGroupTuple[]

---@alias elbv2.JwtValidationActionAdditionalClaim.Format
---| "single-string"
---| "string-array"
---| "space-separated-values"

---@class (exact) elbv2.JwtValidationActionAdditionalClaim
---@field Format elbv2.JwtValidationActionAdditionalClaim.Format
---@field Name string
---@field Values string[]

---@class (exact) elbv2.JwtValidationConfig
---@field AdditionalClaims? elbv2.JwtValidationActionAdditionalClaim[]
---@field Issuer string
---@field JwksEndpoint string

---@alias elbv2.RedirectConfig.Protocol
---| "HTTP"
---| "HTTPS"
---| "#{protocol}"

---@alias elbv2.RedirectConfig.StatusCode
---| "HTTP_301"
---| "HTTP_302"

---@class (exact) elbv2.RedirectConfig
---@field Host? string
---@field Path? string
---@field Port? string
---@field Protocol? elbv2.RedirectConfig.Protocol
---@field Query? string
---@field StatusCode elbv2.RedirectConfig.StatusCode

---@alias elbv2.Action.Type
---| "forward"
---| "authenticate-oidc"
---| "authenticate-cognito"
---| "redirect"
---| "fixed-response"
---| "jwt-validation"

---@class (exact) elbv2.Action
---@field AuthenticateCognitoConfig? elbv2.AuthenticateCognitoConfig
---@field AuthenticateOidcConfig? elbv2.AuthenticateOidcConfig
---@field FixedResponseConfig? elbv2.FixedResponseConfig
---@field ForwardConfig? elbv2.ForwardConfig
---@field JwtValidationConfig? elbv2.JwtValidationConfig
---@field Order? integer
---@field RedirectConfig? elbv2.RedirectConfig
---@field TargetGroupArn? string
---@field Type elbv2.Action.Type

---@class (exact) elbv2.modify_listener
---@field Certificates? elbv2.Certificate[]
---@field DefaultActions? elbv2.Action[]
---@field ListenerArn string
---@field Port? integer
---@field SslPolicy? string

---Changes a listener's default actions, port, security policy or default certificate.
---@async
---@param input elbv2.modify_listener
---@param region? string
---@return table output
function elbv2.modify_listener(input, region) end

---@class (exact) elbv2.HostHeaderConfig
---@field RegexValues? string[]
---@field Values? string[]

---@class (exact) elbv2.HttpHeaderConfig
---@field HttpHeaderName string
---@field RegexValues? string[]
---@field Values? string[]

---@class (exact) elbv2.HttpRequestMethodConfig
---@field Values string[]

---@class (exact) elbv2.PathPatternConfig
---@field RegexValues? string[]
---@field Values? string[]

---@class (exact) elbv2.QueryStringKeyValuePair
---@field Key? string
---@field Value string

---@class (exact) elbv2.QueryStringConfig
---@field Values elbv2.QueryStringKeyValuePair[]

---@alias elbv2.SourceIpConfig.IpAddressType
---| "ipv4"
---| "ipv6"

---@class (exact) elbv2.SourceIpConfig
---@field IpAddressType? elbv2.SourceIpConfig.IpAddressType
---@field Values string[]

---@alias elbv2.RuleCondition.Field
---| "host-header"
---| "http-header"
---| "http-request-method"
---| "path-pattern"
---| "query-string"
---| "source-ip"

---@class (exact) elbv2.RuleCondition
---@field Field elbv2.RuleCondition.Field
---@field HostHeaderConfig? elbv2.HostHeaderConfig
---@field HttpHeaderConfig? elbv2.HttpHeaderConfig
---@field HttpRequestMethodConfig? elbv2.HttpRequestMethodConfig
---@field PathPatternConfig? elbv2.PathPatternConfig
---@field QueryStringConfig? elbv2.QueryStringConfig
---@field RegexValues? string[]
---@field SourceIpConfig? elbv2.SourceIpConfig
---@field Values? string[]

---@class (exact) elbv2.RewriteConfig
---@field Regex string
---@field Replace string

---@class (exact) elbv2.Rewrites
---@field Rewrites elbv2.RewriteConfig[]

---@alias elbv2.RuleTransform.Type
---| "host-header-rewrite"
---| "url-rewrite"

---@class (exact) elbv2.RuleTransform
---@field HostHeaderRewriteConfig? elbv2.Rewrites
---@field Type elbv2.RuleTransform.Type
---@field UrlRewriteConfig? elbv2.Rewrites

---@class (exact) elbv2.modify_rule
---@field Actions? elbv2.Action[]
---@field Conditions? elbv2.RuleCondition[]
---@field ResetTransforms? boolean
---@field RuleArn string
---@field Transforms? elbv2.RuleTransform[]

---Changes a listener rule's actions, conditions or transforms.
---@async
---@param input elbv2.modify_rule
---@param region? string
---@return table output
function elbv2.modify_rule(input, region) end

---@class (exact) elbv2.TargetGroupAttribute
---@field Key string
---@field Value string

---@class (exact) elbv2.modify_target_group_attributes
---@field Attributes elbv2.TargetGroupAttribute[]
---@field TargetGroupArn string

---Changes attributes of a target group, such as stickiness or the deregistration delay.
---@async
---@param input elbv2.modify_target_group_attributes
---@param region? string
---@return table output
function elbv2.modify_target_group_attributes(input, region) end

---@class aws.lambda
local lambda = {}

---@class (exact) lambda.get_alias
---@field FunctionName string
---@field Name string

---Shows an alias: its version, routing and RevisionId.
---@async
---@param input lambda.get_alias
---@param region? string
---@return table output
function lambda.get_alias(input, region) end

---@class (exact) lambda.get_function_configuration
---@field FunctionName string
---@field Qualifier? string

---Shows the configuration of a function, of one version, or of what an alias points at.
---@async
---@param input lambda.get_function_configuration
---@param region? string
---@return table output
function lambda.get_function_configuration(input, region) end

---@class (exact) lambda.list_versions_by_function
---@field FunctionName string
---@field Marker? string
---@field MaxItems? integer

---Lists the versions of a function.
---@async
---@param input lambda.list_versions_by_function
---@param region? string
---@return table output
function lambda.list_versions_by_function(input, region) end

---@class (exact) lambda.AliasRoutingConfiguration
---@field AdditionalVersionWeights table<string, number>

---@class (exact) lambda.update_alias
---@field Description? string
---@field FunctionName string
---@field FunctionVersion? string
---@field Name string
---@field RevisionId? string
---@field RoutingConfig? lambda.AliasRoutingConfiguration

---Points an alias at a version, and gives a fraction of its calls to one other.
---@async
---@param input lambda.update_alias
---@param region? string
---@return table output
function lambda.update_alias(input, region) end

---@class aws.ssm
local ssm = {}

---@class (exact) ssm.get_parameter
---@field Name string

---Shows a parameter, or one of its versions.
---@async
---@param input ssm.get_parameter
---@param region? string
---@return table output
function ssm.get_parameter(input, region) end

---@class (exact) ssm.get_parameter_history
---@field MaxResults? integer
---@field Name string
---@field NextToken? string

---Shows the versions of a parameter, with description, tier and labels.
---@async
---@param input ssm.get_parameter_history
---@param region? string
---@return table output
function ssm.get_parameter_history(input, region) end

---@class (exact) ssm.get_parameters
---@field Names string[]

---Shows parameters, and names those that are not there.
---@async
---@param input ssm.get_parameters
---@param region? string
---@return table output
function ssm.get_parameters(input, region) end

---@alias ssm.DataType
---| "text"
---| "aws:ec2:image"

---@alias ssm.Tier
---| "Standard"
---| "Advanced"
---| "Intelligent-Tiering"

---@alias ssm.Type
---| "String"
---| "StringList"

---@class (exact) ssm.put_parameter
---@field AllowedPattern? string
---@field DataType? ssm.DataType
---@field Description? string
---@field Name string
---@field Overwrite? boolean
---@field Policies? string
---@field Tier? ssm.Tier
---@field Type? ssm.Type
---@field Value string

---Creates a parameter, or with Overwrite gives one another value.
---@async
---@param input ssm.put_parameter
---@param region? string
---@return table output
function ssm.put_parameter(input, region) end

---@class aws.states
local states = {}

---@class (exact) states.describe_state_machine_alias
---@field stateMachineAliasArn string

---Shows an alias and its routing.
---@async
---@param input states.describe_state_machine_alias
---@param region? string
---@return table output
function states.describe_state_machine_alias(input, region) end

---@class (exact) states.list_state_machine_versions
---@field maxResults? integer
---@field nextToken? string
---@field stateMachineArn string

---Lists the versions of a state machine, the newest first.
---@async
---@param input states.list_state_machine_versions
---@param region? string
---@return table output
function states.list_state_machine_versions(input, region) end

---@class (exact) states.list_state_machines
---@field maxResults? integer
---@field nextToken? string

---Lists the state machines.
---@async
---@param input states.list_state_machines
---@param region? string
---@return table output
function states.list_state_machines(input, region) end

---@class (exact) states.RoutingConfigurationListItem
---@field stateMachineVersionArn string
---@field weight integer

---@class (exact) states.update_state_machine_alias
---@field routingConfiguration states.RoutingConfigurationListItem[]
---@field stateMachineAliasArn string

---Gives the versions of a state machine their shares of an alias's executions.
---@async
---@param input states.update_state_machine_alias
---@param region? string
---@return table output
function states.update_state_machine_alias(input, region) end

---@class aws.sts
local sts = {}

---@class (exact) sts.PolicyDescriptorType
---@field arn string

---@class (exact) sts.Tag
---@field Key string
---@field Value string

---@class (exact) sts.assume_role
---@field DurationSeconds? integer
---@field ExternalId? string
---@field Policy? string
---@field PolicyArns? sts.PolicyDescriptorType[]
---@field RoleArn string
---@field RoleSessionName string
---@field SourceIdentity? string
---@field Tags? sts.Tag[]
---@field TransitiveTagKeys? string[]

---Tells whether a role may be assumed, and as whom.
---@async
---@param input sts.assume_role
---@param region? string
---@return table output
function sts.assume_role(input, region) end

---@class (exact) sts.get_caller_identity

---Shows whose credentials the run has: account, ARN and user id.
---@async
---@param input sts.get_caller_identity
---@param region? string
---@return table output
function sts.get_caller_identity(input, region) end
