-- What must be known of a deployment group before it can be said how it stands, gathered read by
-- read: the group names its deployments, they name each other, the group names the service and the
-- listener, and these show where the traffic goes.
--
--     deploymentGroupInfo   as CodeDeploy shows the group
--     deployments           those that it names, and the rollbacks that they name
--     service               as ECS shows it, as far as it concerns deployments
--     rules                 of the listener, those that forward to one of the two target groups
--     groups                the ARNs of the two target groups, by their names
--     health                the targets of the group that belongs to the PRIMARY task set


local M = {}

-- Known to the program, and not to plain Lua, which need not gather anything.
local function array(list)
    return require "canonical".array(list)
end

local function with(output, name, value)
    local copy = {}
    for member, item in next, output do
        copy[member] = item
    end
    copy[name] = value
    return copy
end

local function add(ids, seen, id)
    if id and id ~= "" and not seen[id] then
        seen[id] = true
        ids[#ids + 1] = id
    end
end

-- The deployments that are named and not there yet.
local function missing(output)
    local ids, seen, group = array {}, {}, output.deploymentGroupInfo
    for _, one in ipairs(output.deployments or {}) do
        seen[one.deploymentId] = true
    end
    for _, last in ipairs { group.lastAttemptedDeployment or {},
        group.lastSuccessfulDeployment or {} } do
        add(ids, seen, last.deploymentId)
    end
    for _, one in ipairs(output.deployments or {}) do
        local rollback = one.rollbackInfo or {}
        add(ids, seen, rollback.rollbackDeploymentId)
        add(ids, seen, rollback.rollbackTriggeringDeploymentId)
    end
    return ids
end

-- One that CodeDeploy does not tell of is there by its id alone, and not asked for again.
local function with_deployments(output, ids, answered)
    local all, told = array {}, {}
    for _, list in ipairs { output.deployments or {}, answered or {} } do
        for _, one in ipairs(list) do
            all[#all + 1], told[one.deploymentId] = one, true
        end
    end
    for _, id in ipairs(ids) do
        all[#all + 1] = not told[id] and { deploymentId = id } or nil
    end
    return with(output, "deployments", all)
end

local function deployments(output)
    local ids = missing(output)
    return #ids > 0 and {
        operation = "codedeploy.batch_get_deployments",
        input = { deploymentIds = ids },
        take = function(answer)
            return with_deployments(output, ids, answer.deploymentsInfo)
        end,
    }
end

local shown = { "serviceName", "clusterArn", "serviceArn", "taskDefinition", "desiredCount",
    "deploymentController", "taskSets" }

local function service(output)
    local place = output.deploymentGroupInfo.ecsServices[1]
    return {
        operation = "ecs.describe_services",
        input = { cluster = place.clusterName, services = { place.serviceName } },
        take = function(answer)
            local kept = {}
            for _, member in ipairs(shown) do
                kept[member] = (answer.services and answer.services[1] or {})[member]
            end
            return with(output, "service", kept)
        end,
    }
end

-- The pair of target groups, and the listener in front of them.
function M.pair(output)
    local info = output.deploymentGroupInfo.loadBalancerInfo or {}
    local pair = info.targetGroupPairInfoList and info.targetGroupPairInfoList[1] or {}
    local listeners = pair.prodTrafficRoute and pair.prodTrafficRoute.listenerArns or {}
    return pair.targetGroups or {}, listeners[1]
end

-- "green" of a target group's ARN.
function M.group_name(arn)
    return arn and arn:match(":targetgroup/([^/]+)/")
end

-- The target groups that a rule forwards to: { ARN = weight }, or nil.
function M.forwards(rule)
    for _, action in ipairs(rule.Actions or {}) do
        local config = action.ForwardConfig
        if action.Type == "forward" and config and config.TargetGroups then
            local weights = {}
            for _, tuple in ipairs(config.TargetGroups) do
                weights[tuple.TargetGroupArn] = tuple.Weight or 1
            end
            return weights
        elseif action.Type == "forward" and action.TargetGroupArn then
            return { [action.TargetGroupArn] = 1 }
        end
    end
end

local function rules(output)
    local groups, listener = M.pair(output)
    local ours = {}
    for _, group in ipairs(groups) do
        ours[group.name] = true
    end
    return listener and {
        operation = "elbv2.describe_rules",
        input = { ListenerArn = listener },
        take = function(answer)
            local kept = array {}
            for _, rule in ipairs(answer.Rules or {}) do
                for arn in pairs(M.forwards(rule) or {}) do
                    if ours[M.group_name(arn)] then
                        kept[#kept + 1] = { RuleArn = rule.RuleArn, Actions = rule.Actions }
                        break
                    end
                end
            end
            return with(output, "rules", kept)
        end,
    }
end

local function groups(output)
    local names = array {}
    for i, group in ipairs((M.pair(output))) do
        names[i] = group.name
    end
    return #names > 0 and {
        operation = "elbv2.describe_target_groups",
        input = { Names = names },
        take = function(answer)
            local arns = {}
            for _, group in ipairs(answer.TargetGroups or {}) do
                arns[group.TargetGroupName] = group.TargetGroupArn
            end
            return with(output, "groups", arns)
        end,
    }
end

-- The PRIMARY task set, or nil.
function M.primary(output)
    for _, set in ipairs(output.service and output.service.taskSets or {}) do
        if set.status == "PRIMARY" then
            return set
        end
    end
end

-- The target group of a task set, as an ARN.
function M.group_of(set)
    return set and set.loadBalancers and set.loadBalancers[1]
        and set.loadBalancers[1].targetGroupArn
end

local function health(output)
    local group = M.group_of(M.primary(output))
    return group and {
        operation = "elbv2.describe_target_health",
        input = { TargetGroupArn = group },
        take = function(answer)
            return with(output, "health", answer.TargetHealthDescriptions or array {})
        end,
    }
end

-- The read that is to come next, and what its answer makes of what is known; nil once all is.
function M.following(_, output)
    local group = output.deploymentGroupInfo
    local step = group and deployments(output)
    if step or not group then
        return step
    elseif group.computePlatform ~= "ECS" or not (group.ecsServices and group.ecsServices[1]) then
        return nil
    elseif not output.service then
        return service(output)
    end
    return not output.rules and rules(output) or not output.groups and groups(output)
        or not output.health and health(output) or nil
end

-- All of it, read by read (aws/looks.lua).
function M.of(input, ask)
    local output = { deploymentGroupInfo =
        ask("codedeploy.get_deployment_group", input).deploymentGroupInfo }
    local step = M.following(input, output)
    while step do
        output = step.take(ask(step.operation, step.input))
        step = M.following(input, output)
    end
    return output
end

-- What that may ask, as far as its input says what about.
function M.reads(input)
    return {
        { operation = "codedeploy.get_deployment_group", input = input },
        { operation = "codedeploy.batch_get_deployments", input = input },
        { operation = "ecs.describe_services", input = {} },
        { operation = "elbv2.describe_rules", input = {} },
        { operation = "elbv2.describe_target_groups", input = {} },
        { operation = "elbv2.describe_target_health", input = {} },
    }
end

return M
