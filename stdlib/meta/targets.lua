---@meta targets
-- luacheck: ignore 111 112 212 241
-- The constructors of targets, for editors. Made by lua/report/target_types.lua.

---@class rollout
local rollout = {}

---@class (exact) rollout.AlbListener
---@field listener string  # ARN of the listener; its default action is split
---@field baseline string  # ARN of the target group of the old version
---@field canary string  # ARN of the target group of the new version
---@field name? string  # how messages and reports call it
---@field region? string  # where it is, if not where the run is at home

---A target: default action of an ALB's listener. Text:
---
---    alb-listener:ARN,baseline=ARN,canary=ARN
---@param options rollout.AlbListener
---@return Target
function rollout.alb_listener(options) end

---@class (exact) rollout.AlbRule
---@field rule string  # ARN of the listener rule
---@field baseline string  # ARN of the target group of the old version
---@field canary string  # ARN of the target group of the new version
---@field name? string  # how messages and reports call it
---@field region? string  # where it is, if not where the run is at home

---A target: rule of an ALB. Text:
---
---    alb-rule:ARN,baseline=ARN,canary=ARN
---@param options rollout.AlbRule
---@return Target
function rollout.alb_rule(options) end

---@class (exact) rollout.AppconfigFlag
---@field application string  # name or id
---@field environment string  # name or id
---@field profile string  # name or id of the configuration profile
---@field flag string  # its key
---@field attribute string  # the number that is the percentage
---@field strategy? string  # id of a deployment strategy that neither grows nor bakes
---@field name? string  # how messages and reports call it
---@field region? string  # where it is, if not where the run is at home

---A target: feature flag in AppConfig. Text:
---
---    appconfig-flag:APPLICATION/ENVIRONMENT/PROFILE/FLAG,attribute=percent
---@param options rollout.AppconfigFlag
---@return Target
function rollout.appconfig_flag(options) end

---@class (exact) rollout.Codedeploy
---@field application string  # name
---@field group string  # name of the deployment group
---@field canary? string  # revision (`"shop:42"`) or its ARN; not for `take_back`
---@field interval? Duration  # how long it keeps its share, in whole minutes; `"1h30m"`
---@field within? Duration  # how long the tasks may take to start, and to stop; `"1h"`
---@field name? string  # how messages and reports call it
---@field region? string  # where it is, if not where the run is at home

---A target: ECS service that CodeDeploy deploys. Text:
---
---    codedeploy:APPLICATION/GROUP,canary=TASK-DEFINITION
---@param options rollout.Codedeploy
---@return Target
function rollout.codedeploy(options) end

---@class (exact) rollout.EcsService
---@field cluster string  # name or ARN
---@field service string  # name or ARN
---@field canary? string  # revision (`"shop:42"`) or its ARN; not for `take_back`
---@field within? Duration  # how long a deployment may take; `"30m"`
---@field strategy? string  # `rolling`, `linear`, `canary` or `blue_green`; simulations need it
---@field pause? Duration  # how long ECS waits for a word before it takes the canary back
---@field name? string  # how messages and reports call it
---@field region? string  # where it is, if not where the run is at home

---A target: ECS service. Text:
---
---    ecs-service:CLUSTER/SERVICE,canary=TASK-DEFINITION
---@param options rollout.EcsService
---@return Target
function rollout.ecs_service(options) end

---@class (exact) rollout.LambdaAlias
---@field function string  # name or ARN
---@field alias string  # its name
---@field canary string  # version
---@field name? string  # how messages and reports call it
---@field region? string  # where it is, if not where the run is at home

---A target: Lambda alias. Text:
---
---    lambda-alias:FUNCTION:ALIAS,canary=VERSION
---@param options rollout.LambdaAlias
---@return Target
function rollout.lambda_alias(options) end

---@class (exact) rollout.StateMachine
---@field machine string  # name or ARN of the state machine
---@field alias string  # its name
---@field canary string  # version
---@field name? string  # how messages and reports call it
---@field region? string  # where it is, if not where the run is at home

---A target: Step Functions alias. Text:
---
---    state-machine:NAME:ALIAS,canary=VERSION
---@param options rollout.StateMachine
---@return Target
function rollout.state_machine(options) end
