-- ECS services that CodeDeploy deploys, as policies know them. CodeDeploy shifts the traffic by a
-- configuration: to one share for a time, and then to all. So a policy has that one share, its
-- watches must fit into the time, and at its end CodeDeploy goes on by itself. It is stopped where
-- the canary does harm, and where we fall silent: an alarm on our signs of life is among those that
-- it watches.

local look = require "targets.codedeploy.look_policy"
local members = require "targets.members_policy"
local take_back = require "targets.codedeploy.take_back_policy"

local M = {}

local EVERY, BESIDE, AT_ONCE = look.EVERY, look.BESIDE, look.AT_ONCE
local SELDOM = 60000 -- and one that waits
local INTERVAL = 90 * 60000 -- how long the canary keeps its share unless the target says otherwise
local MARGIN = 5 * 60000 -- of that, what a watch may be late by
local HEARD_WITHIN = 10 * 60000 -- how long the alarm may take to hear of us
local ALARMS_MAX = 10

local ask, newest_of, primary_of = look.ask, look.newest, look.primary
local share_of, short, going_on = look.share, look.short, look.going_on

local called = members.text("a name of up to 100 letters, digits and + = , . @ _ -",
    "^[%w+=,.@_-]+$", 100)

M.members = {
    { "application", about = "name", kind = called },
    { "group", about = "name of the deployment group", kind = called },
    { "canary", about = 'revision (`"shop:42"`) or its ARN; not for `take_back`',
        kind = members.revision,
        optional = true },
    { "interval", about = 'how long it keeps its share, in whole minutes; `"1h30m"`',
        kind = members.duration, optional = true },
    { "within", about = 'how long the tasks may take to start, and to stop; `"1h"`',
        kind = members.duration, optional = true },
}
M.text = "codedeploy:APPLICATION/GROUP,canary=TASK-DEFINITION"
M.resolution = 1
M.coarse = "CodeDeploy's shares are whole percents"

function M.head(id)
    local application, group = id:match("^([^/]+)/([^/]+)$")
    return application and { application = application, group = group }
end

function M.resource(value)
    return value.application .. "/" .. value.group
end

function M.wrong(value)
    local interval = value.interval
    if interval and (interval % 60000 ~= 0 or interval > 2880 * 60000) then
        return ".interval must be whole minutes, and two days at most"
    end
end

-- Why it cannot carry a share, or nil: there is one beside none and all.
function M.misfit(target, percent)
    if not target.value.canary then
        return "lacks its canary: which revision is to be rolled out?"
    end
    for _, other in ipairs(percent > 0 and percent < 100 and target.shares or {}) do
        if other > 0 and other < 100 and other ~= percent then
            return ("cannot carry %s %% and %s %%: CodeDeploy holds one share, and then goes on to "
                .. "all"):format(percent, other)
        end
    end
end

local function interval_of(target)
    return target.value.interval or INTERVAL
end

-- What CodeDeploy may take beside its waits.
local function beside(target)
    return target.value.within or BESIDE
end

-- What CodeDeploy cannot do, or would not undo.
local function check_group(target, group)
    local ready = (group.blueGreenDeploymentConfiguration or {}).deploymentReadyOption or {}
    local pairs_of = (group.loadBalancerInfo or {}).targetGroupPairInfoList or {}
    if group.computePlatform ~= "ECS" then
        target:fail("is a group for %s: Tidelock drives CodeDeploy for ECS services, and Lambda "
            .. "aliases without it (lambda-alias)", group.computePlatform or "nothing")
    elseif not (group.ecsServices and group.ecsServices[1]) then
        target:fail("names no ECS service")
    elseif not pairs_of[1] or #(pairs_of[1].targetGroups or {}) ~= 2 then
        target:fail("names no pair of target groups")
    elseif ready.actionOnTimeout == "STOP_DEPLOYMENT" then
        target:fail("waits for a person before it shifts traffic (deploymentReadyOption "
            .. "STOP_DEPLOYMENT): set it to CONTINUE_DEPLOYMENT")
    end
end

local function family(arn)
    return arn:match("^(arn:.*:task%-definition/)") or ""
end

-- Task definitions that are called by their names are where the one is that runs.
local function definition_of(target, primary)
    local canary = target.value.canary
    return canary:find("^arn:") and canary or family(primary.taskDefinition) .. canary
end

-- Why it cannot be watched for so long, or nil: a watch that outlasts the interval would see all of
-- the traffic go over.
function M.holds(target, ms)
    if target.percent == 100 then
        return
    end
    target.watched = target.watched + ms
    if target.watched + MARGIN > interval_of(target) then
        local format = require "duration".format
        return ("it would last up to %s at %s %%, and %s are kept in hand: CodeDeploy goes on "
            .. "after %s; give a longer interval, or watch for less (during, patience)"):format(
            format(target.watched), target.percent, format(MARGIN), format(interval_of(target)))
    end
end

function M.look(target)
    if not target.value.canary then
        return -- nothing is rolled out: see take_back
    end
    local output = ask(target)
    local group = output.deploymentGroupInfo
    check_group(target, group)
    local newest, primary = newest_of(output), primary_of(output)
    if newest and going_on[newest.status] then
        target:fail("deployment %s is under way (%s); let it finish first", newest.deploymentId,
            newest.status)
    elseif not primary then
        target:fail("its service has no PRIMARY task set: has CodeDeploy ever deployed it?")
    elseif #(output.rules or {}) == 0 then
        target:fail("no rule of its listener forwards to one of its target groups")
    elseif short(primary.taskDefinition) == short(target.value.canary) then
        target:fail("already runs %s: there is nothing to roll out", short(target.value.canary))
    end
    local alarms = group.alarmConfiguration or {}
    target.monitored = alarms.enabled and alarms.alarms or {}
    if #target.monitored >= ALARMS_MAX then
        target:fail("has %d alarms already, and CodeDeploy takes no more: ours, which takes the "
            .. "canary back when we fall silent, has no room", #target.monitored)
    end
    target.primary, target.config = primary, group.deploymentConfigName
    target.canary = definition_of(target, primary)
    target.percent = 0
end

-- How the two things that are made for a rollout are called.
local function name_of(target, suffix)
    local value = target.value
    return ("tidelock-%s-%s%s"):format(value.application:sub(1, 38), value.group:sub(1, 38), suffix)
end

-- The alarm: three minutes without a sign of life. Who has it begin, waits until it has heard one.
local function put_alarm(target)
    local name = name_of(target, "-alive")
    target:call("cloudwatch.put_metric_alarm", {
        AlarmName = name,
        AlarmDescription = "In ALARM when a rollout by Tidelock has fallen silent: CodeDeploy then "
            .. "takes the canary back. Removed at the end of the rollout.",
        ActionsEnabled = false,
        Namespace = "Tidelock",
        MetricName = "SignsOfLife",
        Dimensions = {
            { Name = "Application", Value = target.value.application },
            { Name = "DeploymentGroup", Value = target.value.group },
        },
        Statistic = "Sum",
        Period = 60,
        EvaluationPeriods = 3,
        DatapointsToAlarm = 3,
        Threshold = 1,
        ComparisonOperator = "LessThanThreshold",
        TreatMissingData = "breaching",
    })
    target.alarm = name
    for _ = 1, HEARD_WITHIN // EVERY do
        local alarm = target:call("cloudwatch.describe_alarms",
            { AlarmNames = { name } }).MetricAlarms[1]
        if alarm and alarm.StateValue == "OK" then
            return
        end
        target:sleep(EVERY)
    end
    target:fail("the alarm %s has not heard of this run after %s: without it CodeDeploy would go "
        .. "on to all of the traffic if we fell silent (cloudwatch:PutMetricData)", name,
        require "duration".format(HEARD_WITHIN))
end

local function fits(config, percent, minutes)
    local canary = config and config.computePlatform == "ECS"
        and (config.trafficRoutingConfig or {}).timeBasedCanary
    return canary and canary.canaryPercentage == percent and canary.canaryInterval == minutes
end

local function find_config(target, name)
    return target:call("codedeploy.find_config",
        { deploymentConfigName = name }).deploymentConfigInfo
end

-- A configuration that keeps the share for the interval: the group's own if it does, else one that
-- is made for it.
local function config_of(target, percent)
    local minutes = interval_of(target) // 60000
    if percent == 100 then
        return AT_ONCE
    elseif target.config and fits(find_config(target, target.config), percent, minutes) then
        return target.config
    end
    local name = name_of(target, ("-%d-%d"):format(percent, minutes))
    local found = find_config(target, name)
    if found and not fits(found, percent, minutes) then
        target:fail("the deployment configuration %s is there already, and is another", name)
    elseif not found then
        target:call("codedeploy.create_deployment_config", {
            deploymentConfigName = name,
            computePlatform = "ECS",
            trafficRoutingConfig = {
                type = "TimeBasedCanary",
                timeBasedCanary = { canaryPercentage = percent, canaryInterval = minutes },
            },
        })
    end
    target.made = name
    return name
end

-- The AppSpec of the canary: where the container is, is as it was.
local function content_of(target)
    local balancer = target.primary.loadBalancers[1]
    return ('{"version":0.0,"Resources":[{"TargetService":{"Type":"AWS::ECS::Service",'
        .. '"Properties":{"TaskDefinition":"%s","LoadBalancerInfo":{"ContainerName":"%s",'
        .. '"ContainerPort":%d}}}}]}'):format(target.canary, balancer.containerName,
        balancer.containerPort)
end

local function watched_alarms(target)
    local list = {}
    for i, alarm in ipairs(target.monitored) do
        list[i] = { name = alarm.name }
    end
    list[#list + 1] = { name = target.alarm }
    return list
end

-- The task set of the canary, or nil while there is none.
local function canary_set(target, output)
    for _, set in ipairs(output.service.taskSets or {}) do
        if short(set.taskDefinition) == short(target.canary)
            and (set.status == "PRIMARY" or set.status == "ACTIVE") then
            return set
        end
    end
end

-- What CodeDeploy decided against us is told, and not fought.
local function check_going_on(target, output)
    local newest = newest_of(output)
    if not newest or newest.createTime < (target.since or 0) then
        return
    elseif newest.creator == "codeDeployRollback" or newest.status == "Failed"
        or newest.status == "Stopped" then
        local why
        for _, one in ipairs(output.deployments) do
            local told = one.errorInformation
            why = one.deploymentId == target.id and told and (told.code or "") .. ": "
                .. (told.message or "") or why
        end
        target:undo("was taken back by CodeDeploy: %s", why or "no reason is given")
    elseif newest.deploymentId ~= target.id then
        target:fail("somebody else deploys %s meanwhile", newest.deploymentId)
    end
end

-- Looks until what CodeDeploy shows is as wanted.
local function await(target, every, within, wanted)
    local waited = 0
    while true do
        target:sleep(every)
        waited = waited + every
        local output = ask(target)
        check_going_on(target, output)
        local set = canary_set(target, output)
        local balancer = set and set.loadBalancers and set.loadBalancers[1] or {}
        local share = share_of(output, balancer.targetGroupArn)
        if wanted(newest_of(output), share) then
            return
        elseif waited + every > within then
            target:undo("is not done after %s: the canary has %.3g %% of the traffic",
                require "duration".format(within), share)
        end
    end
end

local function deploy(target, percent)
    local config = config_of(target, percent)
    put_alarm(target)
    local value = target.value
    local output = target:call("codedeploy.create_deployment", {
        applicationName = value.application,
        deploymentGroupName = value.group,
        deploymentConfigName = config,
        description = ("tidelock: %s at %d %%"):format(short(target.canary), percent),
        revision = { revisionType = "AppSpecContent",
            appSpecContent = { content = content_of(target) } },
        autoRollbackConfiguration = { enabled = true, events = { "DEPLOYMENT_FAILURE",
            "DEPLOYMENT_STOP_ON_ALARM", "DEPLOYMENT_STOP_ON_REQUEST" } },
        overrideAlarmConfiguration = { enabled = true, ignorePollAlarmFailure = false,
            alarms = watched_alarms(target) },
    })
    -- An answer that was lost is the look that has shown it: the newest one is ours then.
    target.id = output.deploymentId or newest_of(output).deploymentId
    target.begun, target.watched = true, 0
end

function M.route(target, percent)
    if not target.canary then
        target:fail("it lacks its canary: which revision is to be rolled out?")
    elseif percent < target.percent or target.id and percent ~= 100 then
        target:fail("cannot be moved from %s %% to %s %%: CodeDeploy holds one share, and then "
            .. "goes on to all", target.percent, percent)
    end
    if not target.id then
        deploy(target, percent)
        return await(target, EVERY, beside(target), function(_, share) return share >= percent end)
    end
    await(target, SELDOM, interval_of(target) + beside(target), function(_, share)
        return share == 100
    end)
end

function M.take_back(target)
    take_back.of(target, check_group)
end

-- CodeDeploy keeps the old tasks for a while, and looks at the alarm meanwhile: until then it must
-- stay, and until then the way back is one step.
function M.finish(target)
    await(target, SELDOM, 2880 * 60000 + beside(target), function(newest)
        return newest.status == "Succeeded"
    end)
    target:call("cloudwatch.delete_alarms", { AlarmNames = { target.alarm } })
    if target.made then
        target:call("codedeploy.delete_deployment_config", { deploymentConfigName = target.made })
    end
end

return M
