-- What a rehearsal learns of CodeDeploy: deployment groups as they stand, and configurations.

local learned = require "simulation.learned"
local observation = require "services.codedeploy.observation"
local revision = require "services.codedeploy.revision"
local standing = require "services.codedeploy.standing"
local tables = require "simulation.tables"

local M = {}

local LONG = 2880 -- minutes: what is under way stays as it was found

local function key_of(input)
    return ("%s/%s"):format(input.applicationName, input.deploymentGroupName)
end

local function set_of(shown)
    local balancer = shown.loadBalancers and shown.loadBalancers[1] or {}
    return {
        id = shown.id, definition = shown.taskDefinition, group = balancer.targetGroupArn,
        tasks = shown.computedDesiredCount or 1, container = balancer.containerName,
        port = balancer.containerPort, created = shown.createdAt or 0, by = shown.externalId,
    }
end

-- The task set beside the PRIMARY one.
local function other_of(output)
    for _, set in ipairs(output.service.taskSets or {}) do
        if set.status == "ACTIVE" then
            return set_of(set)
        end
    end
end

-- The ARNs of both target groups: the task sets name theirs, a rule both.
local function groups_of(output, primary)
    local groups, seen = { primary.group }, { [primary.group or ""] = true }
    for _, rule in ipairs(output.rules or {}) do
        for _, arn in ipairs(tables.names(observation.forwards(rule))) do
            if not seen[arn] then
                groups[#groups + 1], seen[arn] = arn, true
            end
        end
    end
    groups[2] = groups[2] or (primary.group or "") .. "-other"
    return groups
end

-- A deployment under way, with as much of the traffic as it was found with.
local function going_on(output, one, groups)
    local share = math.floor((standing.share(output, groups[2]) or 0) + 0.5)
    local content = one.revision and one.revision.appSpecContent or {}
    return {
        id = one.deploymentId, created = one.createTime or 0, content = content.content or "",
        definition = (other_of(output) or {}).definition or revision.of(one) or "",
        description = one.description,
        config = { type = "TimeBasedCanary", timeBasedCanary = {
            canaryPercentage = math.min(share, 99), canaryInterval = LONG } },
        config_name = one.deploymentConfigName, auto = one.autoRollbackConfiguration,
        alarms = one.overrideAlarmConfiguration,
    }
end

-- The group as the simulated account keeps one, or nil where that deploys no ECS service.
local function group_of(output)
    local primary = observation.primary(output)
    if not primary then
        return nil
    end
    local at, past, set = standing.of(output), {}, set_of(primary)
    local groups = groups_of(output, set)
    local busy = at.under_way
    for _, one in ipairs(output.deployments or {}) do
        past[#past + 1] = one ~= busy and one or nil
    end
    table.sort(past, function(a, b) return (a.createTime or 0) < (b.createTime or 0) end)
    local service = output.service
    return {
        info = output.deploymentGroupInfo, set = set, groups = groups, past = past,
        service = { serviceName = service.serviceName, clusterArn = service.clusterArn,
            serviceArn = service.serviceArn },
        deployments = { busy and going_on(output, busy, groups) or nil },
    }
end

local takers = {}

function takers.look_at_group(part, input, output)
    local group = output and group_of(output)
    return group and learned.add(part, "groups", key_of(input), group) or part
end

function takers.find_config(part, input, output)
    local config = output and output.deploymentConfigInfo
    local called = input.deploymentConfigName
    return config and learned.add(part, "configs", called, config) or part
end

-- Whose a deployment is that is to be stopped.
function takers.batch_get_deployments(part, _, output)
    local owners = part.owners or {}
    for _, one in ipairs(output and output.deploymentsInfo or {}) do
        owners = tables.with(owners, one.deploymentId, { applicationName = one.applicationName,
            deploymentGroupName = one.deploymentGroupName })
    end
    return tables.with(part, "owners", owners)
end

M.learn = learned.by_verb(takers)

local ours = {}

function ours.look_at_group(part, input)
    return learned.is_changed(part, "groups", key_of(input))
end

function ours.find_config(part, input)
    return learned.is_changed(part, "configs", input.deploymentConfigName)
end

-- Deployments of a group that was changed here.
function ours.batch_get_deployments(part, input)
    for key, group in pairs(part.groups) do
        for _, one in ipairs(group.deployments) do
            if one.id == input.deploymentIds[1] then
                return learned.is_changed(part, "groups", key)
            end
        end
    end
    return false
end

function M.ours(part, operation, input)
    local asked = ours[learned.verb_of(operation)]
    return asked ~= nil and asked(part, input)
end

local needs = {}

-- A deployment needs its configuration.
function needs.create_deployment(_, input)
    local called = input.deploymentConfigName
    return called and { operation = "codedeploy.find_config",
        input = { deploymentConfigName = called } }
end

-- Who stops one must know its group.
function needs.stop_deployment(part, input)
    local owner = part.owners and part.owners[input.deploymentId]
    return owner and { operation = "codedeploy.look_at_group", input = owner }
        or { operation = "codedeploy.batch_get_deployments",
            input = { deploymentIds = { input.deploymentId } } }
end

function M.needs(part, operation, input)
    local need = needs[learned.verb_of(operation)]
    return { need and need(part, input) }
end

return M
