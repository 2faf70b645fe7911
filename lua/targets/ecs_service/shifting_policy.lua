-- ECS services whose traffic ECS itself shifts, as policies know them. The deployment is begun with
-- a pause before each step of the traffic and one after the last: a shift is as many words to go on
-- as it takes, and the last of them, which is the commit, comes when the policy has returned.
--
-- Each pause says what becomes of it if no word comes: the canary is taken back. So nothing of ours
-- needs to survive for that.

local services = require "targets.ecs_service.service_policy"
local steps = require "targets.ecs_service.steps_policy"

local M = {}

local EVERY = 10000 -- how often a deployment is looked at
local WITHIN = 30 * 60 * 1000 -- how long it may take from pause to pause, unless the target says so
local MINUTE = 60000

local STAGES = { "PRE_PRODUCTION_TRAFFIC_SHIFT", "POST_PRODUCTION_TRAFFIC_SHIFT" }

local short = services.short

-- --- before anything is touched ---

local function check_hooks(target, service)
    for _, hook in ipairs((service.deploymentConfiguration or {}).lifecycleHooks or {}) do
        if hook.targetType == "PAUSE" then
            target:fail("has a pause of its own in its deployments, at which somebody else is to "
                .. "decide: take it out of the service first")
        end
    end
end

local function check_balancer(target, service)
    for _, one in ipairs(service.loadBalancers) do
        local advanced = one.advancedConfiguration or {}
        local rule = advanced.productionListenerRule
        if rule and not rule:find(":listener%-rule/app/") then
            target:fail("gets its traffic through %s, and only rules of application load balancers "
                .. "can be read back and measured", short(rule))
        end
    end
end

function M.look(target, service)
    check_balancer(target, service)
    check_hooks(target, service)
    local longest, why = steps.pause(target)
    if not longest then
        target:fail("%s", why)
    end
    services.find_arms(target, service)
    target.config = service.deploymentConfiguration
end

---Why a share cannot be set: it is none of the steps that ECS takes, or behind us.
function M.misfit(target, percent)
    return steps.misfit(target, percent)
end

-- --- the deployment ---

local function call_of_deployment(target, operation, input)
    return target:call(operation, input, services.region(target.value))
end

local function deployment_of(target)
    local shown = call_of_deployment(target, "ecs.describe_service_deployments",
        { serviceDeploymentArns = { target.deployment } }).serviceDeployments[1]
    return shown or target:fail("its deployment %s is gone", short(target.deployment))
end

-- The deployment configuration as it was, with ECS's steps and our pauses instead of its own.
local function paced(target)
    local config = {}
    for part, value in next, target.config do
        config[part] = value
    end
    config.linearConfiguration, config.canaryConfiguration = nil, nil
    for part, value in next, steps.configuration(target) do
        config[part] = value
    end
    config.bakeTimeInMinutes = 0
    config.lifecycleHooks = { {
        targetType = "PAUSE",
        lifecycleStages = STAGES,
        timeoutConfiguration = {
            timeoutInMinutes = steps.pause(target) // MINUTE,
            action = "ROLLBACK",
        },
    }, table.unpack(target.config.lifecycleHooks or {}) }
    return config
end

-- Which deployment ours is, once ECS shows it.
local function find_deployment(target)
    local arn = services.describe(target).currentServiceDeployment
    if not arn or arn == target.before then
        return false
    end
    target.deployment = arn
    return true
end

local function begin(target)
    if not target.begun then
        target.begun, target.continued = true, 0
        target.before = services.describe(target).currentServiceDeployment
        services.update(target, "deploymentConfiguration", paced(target))
        services.update(target, "taskDefinition", target.canary)
    end
    return target.deployment ~= nil or find_deployment(target)
end

-- Why ECS takes or took the deployment back, in its own words.
local function reason_of(deployment)
    local alarms = deployment.alarms and deployment.alarms.triggeredAlarmNames or {}
    local told = deployment.rollback and deployment.rollback.reason or deployment.statusReason
        or "no reason is given"
    return alarms[1] and ("%s (%s)"):format(told, table.concat(alarms, ", ")) or told
end

local over = { STOPPED = true, STOP_REQUESTED = true }

-- ECS's own decision ends the rollout, and is not fought.
local function check_alive(target, deployment)
    local status = deployment.status
    if status:find("^ROLLBACK") or over[status] then
        target:undo("is taken back by ECS itself (%s): %s", status, reason_of(deployment))
    end
end

-- The pause at which it waits now, unless that is the one that was continued last.
local function open_pause(target, deployment)
    for _, hook in ipairs(deployment.lifecycleHookDetails or {}) do
        if hook.targetType == "PAUSE" and hook.status == "AWAITING_ACTION"
            and hook.hookId ~= target.hook then
            return hook
        end
    end
end

local function weight_of(deployment)
    return deployment.targetServiceRevision.requestedProductionTrafficWeight or 0
end

-- Whether it waits at a new pause with this share on the canary; otherwise in words how far it is.
local function waits(target, percent)
    if not begin(target) then
        return false, "ECS shows no deployment yet"
    end
    local deployment = deployment_of(target)
    check_alive(target, deployment)
    local pause, weight = open_pause(target, deployment), weight_of(deployment)
    if deployment.status == "SUCCESSFUL" or weight > percent + 0.05 then
        target:undo("went on by itself: the canary has %g %%, and was to have %g %%", weight,
            percent)
    end
    if pause and math.abs(weight - percent) <= 0.05 then
        target.pause, target.expires = pause.hookId, pause.expiresAt
        return true
    end
    local revision = deployment.targetServiceRevision
    return false, ("%d of %d tasks run, %g %% of the traffic (%s)"):format(
        revision.runningTaskCount or 0, revision.requestedTaskCount or 0, weight,
        deployment.lifecycleStage or deployment.status)
end

local function await(target, is_done)
    local within, waited = target.value.within or WITHIN, 0
    while true do
        local done, state = is_done()
        if done then
            return
        elseif waited + EVERY > within then
            target:undo("is not there after %s: %s", require "duration".format(within), state)
        end
        target:sleep(EVERY)
        waited = waited + EVERY
    end
end

local function await_pause(target, percent)
    await(target, function()
        return waits(target, percent)
    end)
end

-- One word to go on, for the pause that is open. If there is none any more, ECS says why.
local function continue(target)
    check_alive(target, deployment_of(target))
    target.hook = target.pause
    local _, problem = target:attempt("ecs.continue_service_deployment", {
        serviceDeploymentArn = target.deployment,
        hookId = target.pause,
    }, services.region(target.value))
    if problem then
        check_alive(target, deployment_of(target))
        target:fail("could not be told to go on: %s", problem.message)
    end
end

-- Until when ECS waits, for the plan and the story.
local function tell_until(target)
    target:tell("ECS waits for up to %s, and takes the canary back by itself at %s, unless it is "
        .. "told before to go on", require "duration".format(steps.pause(target)),
        require "moment".format(target.expires))
end

-- --- what a target does ---

function M.route(target, percent)
    target.first = target.first or percent
    local held = steps.at(target, target.continued or 0)
    await_pause(target, held)
    while held < percent do
        continue(target)
        target.continued = target.continued + 1
        held = steps.at(target, target.continued)
        await_pause(target, held)
    end
    tell_until(target)
end

function M.health(target)
    return waits(target, steps.at(target, target.continued or 0))
end

---Why a watch of so many ms is longer than ECS would wait.
function M.holds(target, ms)
    local pause = steps.pause(target)
    if ms > pause then
        local format = require "duration".format
        return ("may take %s, and ECS takes the canary back after %s: give the target a longer "
            .. "`pause`"):format(format(ms), format(pause))
    end
end

local function is_over(target)
    local deployment = deployment_of(target)
    check_alive(target, deployment)
    return deployment.status == "SUCCESSFUL", ("%s (%s)"):format(deployment.status,
        deployment.lifecycleStage or "no stage is given")
end

-- Tasks of the old revision may outlive a deployment that counts as successful.
local function is_alone(target)
    local service = services.describe(target)
    local ours = 0
    for _, one in ipairs(service.deployments) do
        ours = ours + (short(one.taskDefinition) == short(target.canary) and one.runningCount or 0)
    end
    local others = math.max(0, (service.runningCount or 0) - ours)
    return others == 0 and #service.deployments == 1,
        ("%d tasks of other revisions still run"):format(others)
end

-- The configuration as it was, and nothing that it did not have.
local function restored(target)
    local config = {}
    for part, value in next, target.config do
        config[part] = value
    end
    config.lifecycleHooks = config.lifecycleHooks or require "effect".array {}
    config.bakeTimeInMinutes = config.bakeTimeInMinutes or 0
    config.strategy = config.strategy or "ROLLING"
    if config.strategy == "LINEAR" then
        config.linearConfiguration = config.linearConfiguration or {}
    elseif config.strategy == "CANARY" then
        config.canaryConfiguration = config.canaryConfiguration or {}
    end
    return config
end

---The policy has returned, and nothing speaks against it: the last word.
function M.finish(target)
    if not target.begun then
        return
    elseif target.percent < 100 then
        target:fail("was left at %g %%, where ECS would take the canary back: go on to 100 %%, or "
            .. "raise an error", target.percent)
    end
    continue(target)
    await(target, function() return is_over(target) end)
    await(target, function() return is_alone(target) end)
    services.update(target, "deploymentConfiguration", restored(target))
end

return M
