---@meta operations
-- luacheck: ignore 212 241
-- The inputs of the AWS operations, for editors. Made by lua/report/editor_types.lua.

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
---@return table output
function elbv2.describe_listeners(input) end

---@class (exact) elbv2.describe_rules
---@field ListenerArn? string
---@field Marker? string
---@field PageSize? integer
---@field RuleArns? string[]

---Shows listener rules: priority, conditions, actions.
---@async
---@param input elbv2.describe_rules
---@return table output
function elbv2.describe_rules(input) end

---@class (exact) elbv2.describe_target_group_attributes
---@field TargetGroupArn string

---Shows the attributes of a target group.
---@async
---@param input elbv2.describe_target_group_attributes
---@return table output
function elbv2.describe_target_group_attributes(input) end

---@class (exact) elbv2.describe_target_groups
---@field LoadBalancerArn? string
---@field Marker? string
---@field Names? string[]
---@field PageSize? integer
---@field TargetGroupArns? string[]

---Shows target groups: protocol, port, health check, load balancers.
---@async
---@param input elbv2.describe_target_groups
---@return table output
function elbv2.describe_target_groups(input) end

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
---@return table output
function elbv2.describe_target_health(input) end

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
---@return table output
function elbv2.modify_listener(input) end

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

---@class (exact) elbv2.SourceIpConfig
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
---@return table output
function elbv2.modify_rule(input) end

---@class (exact) elbv2.TargetGroupAttribute
---@field Key string
---@field Value string

---@class (exact) elbv2.modify_target_group_attributes
---@field Attributes elbv2.TargetGroupAttribute[]
---@field TargetGroupArn string

---Changes attributes of a target group, such as stickiness or the deregistration delay.
---@async
---@param input elbv2.modify_target_group_attributes
---@return table output
function elbv2.modify_target_group_attributes(input) end

---@class aws.lambda
local lambda = {}

---@class (exact) lambda.get_alias
---@field FunctionName string
---@field Name string

---Shows an alias: its version, routing and RevisionId.
---@async
---@param input lambda.get_alias
---@return table output
function lambda.get_alias(input) end

---@class (exact) lambda.get_function_configuration
---@field FunctionName string
---@field Qualifier? string

---Shows the configuration of a function, of one version, or of what an alias points at.
---@async
---@param input lambda.get_function_configuration
---@return table output
function lambda.get_function_configuration(input) end

---@class (exact) lambda.list_versions_by_function
---@field FunctionName string
---@field Marker? string
---@field MaxItems? integer

---Lists the versions of a function.
---@async
---@param input lambda.list_versions_by_function
---@return table output
function lambda.list_versions_by_function(input) end

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
---@return table output
function lambda.update_alias(input) end

---@class aws.cloudwatch
local cloudwatch = {}

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
---@return table output
function cloudwatch.describe_alarms(input) end

---@class (exact) cloudwatch.disable_alarm_actions
---@field AlarmNames string[]

---Keeps an alarm from performing its actions; its state still changes.
---@async
---@param input cloudwatch.disable_alarm_actions
---@return table output
function cloudwatch.disable_alarm_actions(input) end

---@class (exact) cloudwatch.enable_alarm_actions
---@field AlarmNames string[]

---Lets an alarm perform its actions when its state changes.
---@async
---@param input cloudwatch.enable_alarm_actions
---@return table output
function cloudwatch.enable_alarm_actions(input) end

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
---@field ActionsEnabled? boolean
---@field AlarmActions? string[]
---@field AlarmDescription? string
---@field AlarmName string
---@field ComparisonOperator cloudwatch.ComparisonOperator
---@field DatapointsToAlarm? integer
---@field Dimensions? cloudwatch.Dimension[]
---@field EvaluateLowSampleCountPercentile? cloudwatch.EvaluateLowSampleCountPercentile
---@field EvaluationPeriods integer
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

---Creates a metric alarm, or replaces the configuration of one.
---@async
---@param input cloudwatch.put_metric_alarm
---@return table output
function cloudwatch.put_metric_alarm(input) end

---@class (exact) cloudwatch.set_alarm_state
---@field AlarmName string
---@field StateReason string
---@field StateReasonData? string
---@field StateValue cloudwatch.StateValue

---Sets an alarm's state until its next evaluation.
---@async
---@param input cloudwatch.set_alarm_state
---@return table output
function cloudwatch.set_alarm_state(input) end
