-- How a deployment group stands at an instant: what its deployments have come to by then. Nothing
-- is kept but when each was made and when it was ended; the rest follows.
--
-- A group in the simulated account:
--
--     info          as GetDeploymentGroup shows it, without its last deployments
--     service       { serviceName, clusterArn, serviceArn }
--     set           the task set that serves before the first deployment: { id, definition, group,
--                   tasks, container, port, created }
--     groups        the ARNs of its two target groups
--     install       how long its tasks take to start, where that is something else
--     past          deployments from before, as AWS showed them
--     deployments   { id, created, definition, content, config, config_name, description, alarms,
--                   auto, ended, reason, takes_back (the id of the one that this one takes back),
--                   taken_back (the id of the one that takes this one back) }
--
-- A deployment starts its tasks, shifts the traffic by its configuration, waits, and ends the old
-- tasks. One that is ended leaves the traffic where it is; its rollback puts it back a little
-- later.

local M = {}

M.INSTALL = 60000 -- ms: the new tasks are there, and healthy, after so long
M.REROUTE = 20000 -- the traffic is back where it was, and the new tasks are gone
M.NAMED = 5000 -- after so long a deployment that was ended tells of its rollback

-- Percent of the traffic on the new tasks so long after the shift has begun, and how long that
-- takes in all.
function M.percent(routing, since)
    local canary, linear = routing.timeBasedCanary, routing.timeBasedLinear
    if canary then
        local whole = canary.canaryInterval * 60000
        return since >= whole and 100 or canary.canaryPercentage, whole
    elseif linear then
        local each = linear.linearInterval * 60000
        local steps = math.ceil(100 / linear.linearPercentage)
        local step = math.min(steps, since // each + 1)
        return math.min(100, step * linear.linearPercentage), (steps - 1) * each
    end
    return 100, 0
end

-- When the traffic of a deployment will all be shifted, and when it will be over.
function M.times(group, one)
    local start = one.created + (group.install or M.INSTALL)
    local _, whole = M.percent(one.config, 0)
    local termination = group.info.blueGreenDeploymentConfiguration
        .terminateBlueInstancesOnDeploymentSuccess
    local wait = termination.action == "TERMINATE" and termination.terminationWaitTimeInMinutes or 0
    return start, start + whole, start + whole + wait * 60000
end

local function new_set(group, one, old)
    return {
        id = "ecs-svc/" .. one.id:gsub("%D", ""),
        definition = one.definition,
        group = old.group == group.groups[1] and group.groups[2] or group.groups[1],
        tasks = old.tasks, container = old.container, port = old.port,
        created = one.created, by = one.id,
    }
end

-- What a deployment makes of { primary, other, weight (of the other one) }.
local function deploy(group, one, standing, now)
    local at = math.min(now, one.ended or now)
    local start, shifted, over = M.times(group, one)
    local old, new = standing.primary, new_set(group, one, standing.primary)
    if at < start then
        return { primary = old, other = at > one.created and new or nil, weight = 0, old = old }
    elseif at < shifted then
        return { primary = old, other = new, weight = M.percent(one.config, at - start), old = old }
    elseif at < over then
        return { primary = new, other = old, weight = 0, old = old }
    end
    return { primary = new, weight = 0, old = old }
end

-- A rollback is over a little after it was made; until then all is as its deployment left it.
local function take_back(one, standing, now)
    if now < one.created + M.REROUTE then
        return standing
    end
    return { primary = standing.old, weight = 0, old = standing.old }
end

-- { primary, other, weight } at an instant: task sets, and the other one's percent of the traffic.
function M.at(group, now)
    local standing = { primary = group.set, weight = 0, old = group.set }
    for _, one in ipairs(group.deployments) do
        standing = one.takes_back and take_back(one, standing, now)
            or deploy(group, one, standing, now)
    end
    return standing
end

-- How far a deployment is: its status.
function M.status(group, one, now)
    if one.takes_back then
        return now < one.created + M.REROUTE and "InProgress" or "Succeeded"
    elseif one.ended and now >= one.ended then
        return one.reason and one.reason ~= "ALARM_ACTIVE" and "Failed" or "Stopped"
    end
    local _, _, over = M.times(group, one)
    if now <= one.created then
        return "Created"
    end
    return now < over and "InProgress" or "Succeeded"
end

-- The next instant after `now` at which something is otherwise by itself; nil if nothing will be.
function M.changes(group, now)
    local soonest
    for _, one in ipairs(group.deployments) do
        local start, shifted, over = M.times(group, one)
        local times = one.takes_back and { one.created + M.REROUTE } or { start, shifted, over }
        local linear = not one.takes_back and one.config.timeBasedLinear
        if linear and now >= start and now < shifted then
            local each = linear.linearInterval * 60000
            times[#times + 1] = start + ((now - start) // each + 1) * each
        end
        for _, at in ipairs(times) do
            local counts = at > now and not (one.ended and at >= one.ended)
            soonest = counts and math.min(soonest or at, at) or soonest
        end
    end
    return soonest
end

return M
