-- ECS services under rolling deployments, as policies know them: all tasks are replaced by those of
-- another task definition. Traffic follows the tasks, so that a share between none and all is only
-- passed through, and cannot be held.

local services = require "targets.ecs_service.service_policy"

local M = {}

local EVERY = 15000 -- how often a deployment is looked at
local WITHIN = 30 * 60 * 1000 -- how long it may take unless the target says otherwise

local short = services.short

M.resolution = 100
M.coarse = "a rolling deployment replaces all tasks, so that it carries 0 or 100 % only"

-- With so many tasks ECS can neither start one more nor do with one less.
local function check_room(target, service)
    local count, config = service.desiredCount, service.deploymentConfiguration or {}
    local least, most = config.minimumHealthyPercent or 100, config.maximumPercent or 200
    if count > 0 and count * most // 100 <= count and math.ceil(count * least / 100) >= count then
        target:fail("cannot replace its %d tasks: %d to %d %% of them must run at any time", count,
            least, most)
    end
end

function M.look(target, service)
    check_room(target, service)
    services.find_arms(target, service)
end

-- The primary deployment, how many tasks run beside it, and why another one failed.
local function deployments(service)
    local primary, others, failure = nil, 0, nil
    for _, one in ipairs(service.deployments) do
        if one.status == "PRIMARY" then
            primary = one
        else
            others = others + one.runningCount
            failure = one.rolloutState == "FAILED" and one.rolloutStateReason or failure
        end
    end
    return primary, math.max(others, (service.runningCount or 0) - primary.runningCount), failure
end

-- Whether all of the service's tasks are of the definition; otherwise in words how far it is. A
-- circuit breaker or an alarm may have decided against it meanwhile.
local function arrived(target, definition)
    local service = services.describe(target)
    local primary, others, failure = deployments(service)
    local wanted = short(definition)
    if short(primary.taskDefinition) ~= wanted then
        target:undo("was sent back to %s by ECS: %s", short(primary.taskDefinition),
            failure or primary.rolloutStateReason or "no reason is given")
    elseif primary.rolloutState == "FAILED" then
        target:undo("could not be moved to %s: %s", wanted,
            primary.rolloutStateReason or "no reason is given")
    end
    local full = primary.runningCount == service.desiredCount and others == 0
    return full and (primary.rolloutState or "COMPLETED") == "COMPLETED",
        ("%d of %d tasks run %s, %d run another (%s)"):format(primary.runningCount,
            service.desiredCount, wanted, others, primary.rolloutState or "no state is given")
end

-- The first look comes after the first pause: by then every reader sees what was written.
local function await(target, definition)
    local within, waited = target.value.within or WITHIN, 0
    while true do
        target:sleep(EVERY)
        waited = waited + EVERY
        local all, state = arrived(target, definition)
        if all then
            return
        elseif waited + EVERY > within then
            target:undo("is not done after %s: %s", require "duration".format(within), state)
        end
    end
end

function M.route(target, percent)
    local definition = percent == 100 and target.canary or target.baseline
    services.update(target, "taskDefinition", definition)
    await(target, definition)
end

return M
