-- The way back of an ECS service, step by step: what to send next, by what a look shows, and
-- whether ECS has carried out what was sent.

local names = require "services.ecs.names"
local settings = require "services.ecs.settings"
local shifting = require "services.ecs.shifting"

local M = {}

-- How often a deployment that puts back is looked at.
local LOOK_EVERY = 15000

-- Whether a deployment has replaced all tasks: after how long to look again, 0 if it has; nil and
-- why it never will.
local function deployed(service)
    local primary
    for _, one in ipairs(service.deployments or {}) do
        primary = one.status == "PRIMARY" and one or primary
    end
    local others = primary and shifting.others(service, primary)
    if not primary then
        return 0 -- not told: the setting is all there is to see
    elseif primary.rolloutState == "FAILED" then
        return nil, ("the tasks of %s do not start: %s"):format(
            names.last(primary.taskDefinition), primary.rolloutStateReason or "FAILED")
    elseif others > 0 or primary.rolloutState == "IN_PROGRESS" then
        return LOOK_EVERY
    end
    local told = primary.rolloutState ~= nil -- behind a Classic Load Balancer it is not
    return (told or primary.runningCount == service.desiredCount) and 0 or LOOK_EVERY
end

-- The circuit breaker, or an alarm, took our undo back: the tasks that ran before fail now.
local function taken_back(definition, service)
    local primary, failed = nil, false
    for _, one in ipairs(service.deployments or {}) do
        if one.status == "PRIMARY" then
            primary = one
        elseif one.rolloutState == "FAILED" then
            failed = failed
                or names.last(one.taskDefinition) == names.last(definition)
        end
    end
    return failed and (primary.rolloutStateReason or ""):find("rolling back", 1, true) ~= nil
end

-- Whether ECS's own shifting is over, and has left the traffic with what the service runs.
local function shifted(service, look)
    local deployment = look.deployment
    local target, revision = shifting.target(look),
        shifting.revision_of(look, service.taskDefinition)
    if shifting.is_working(deployment) then
        return LOOK_EVERY
    elseif deployment and deployment.status == "ROLLBACK_FAILED" then
        return nil, ("ECS could not take its deployment back: %s"):format(
            shifting.reason(deployment))
    elseif target and names.last(target.taskDefinition) ~= names.last(service.taskDefinition)
        and (deployment.targetServiceRevision.runningTaskCount or 0) > 0 then
        return LOOK_EVERY
    end
    return shifting.has_all(look, revision) == false and LOOK_EVERY or 0
end

-- Whether what a service shows as put back is carried out: after how long to look again, 0 if it
-- is; nil and why it never will be.
function M.carried_out(service, look)
    local wait, why = deployed(service)
    if wait ~= 0 or not shifting.is_set_up(service) then
        return wait, why
    end
    return shifted(service, look)
end

local function waiting()
    return { wait = LOOK_EVERY }
end

local function has_pauses(service)
    for _, hook in ipairs((service.deploymentConfiguration or {}).lifecycleHooks or {}) do
        if hook.targetType == "PAUSE" then
            return true
        end
    end
    return false
end

-- The next step of the way back from a deployment in which ECS shifts the traffic: back at the
-- pause where it waits, else stopped with a rollback, then followed. Once it is over only another
-- deployment leads back; one with our pauses in it would wait for us, so they go first.
local function step_back(undo, service, look)
    local deployment = look.deployment
    local config = deployment and deployment.deploymentConfiguration or {}
    if deployment and deployment.status == "ROLLBACK_FAILED" then
        return nil, ("ECS could not take its deployment back: %s"):format(
            shifting.reason(deployment))
    elseif not shifting.is_working(deployment) then
        return has_pauses(service) and waiting() or undo
    elseif (config.strategy or "ROLLING") == "ROLLING" then
        return undo
    elseif deployment.status ~= "IN_PROGRESS" and deployment.status ~= "PENDING" then
        return waiting()
    end
    local arn, pause = deployment.serviceDeploymentArn, shifting.pause(deployment)
    if pause then
        return { operation = "ecs.continue_service_deployment",
            input = { serviceDeploymentArn = arn, hookId = pause.hookId, action = "ROLLBACK" } }
    end
    return { operation = "ecs.stop_service_deployment",
        input = { serviceDeploymentArn = arn, stopType = "ROLLBACK" } }
end

-- The undo of a deployment configuration: parts that were not there are switched off, and none is
-- changed in the middle of a deployment that it may steer.
local function guard_configuration(undo, service, look)
    if shifting.is_working(look.deployment) and (shifting.shifts(service) or has_pauses(service))
    then
        return waiting()
    end
    local input = undo.input
    return {
        operation = undo.operation,
        input = {
            cluster = input.cluster,
            service = input.service,
            deploymentConfiguration = settings.switched_off(input.deploymentConfiguration,
                service.deploymentConfiguration),
        },
    }
end

-- What to send now of an undo, or { wait = ms }; nil and why nothing leads back.
function M.next(undo, service, look)
    local input = undo.input
    if input.deploymentConfiguration then
        return guard_configuration(undo, service, look)
    elseif not input.taskDefinition then
        return undo
    elseif taken_back(input.taskDefinition, service) then
        return nil, ("ECS took the service back from %s, whose tasks do not start"):format(
            names.last(input.taskDefinition))
    elseif shifting.is_set_up(service) then
        return step_back(undo, service, look)
    end
    return undo
end

return M
