-- What a mutation means for the run's targets: how they are called, and which share of the traffic
-- a request gives the canary.

local M = {}

local function last_name(id)
    return tostring(id):match("([^/]*)$")
end

-- What a target is: the last words of its ARN, function and alias, cluster and service.
local function resource(target)
    if target.type == "lambda_alias" then
        return ("%s:%s"):format(target["function"], target.alias)
    elseif target.type == "appconfig_flag" then
        return ("%s/%s/%s/%s"):format(target.application, target.environment, target.profile,
            target.flag)
    end
    if target.type == "ecs_service" then
        return ("%s/%s"):format(last_name(target.cluster), last_name(target.service))
    end
    local arn = tostring(target.rule or target.listener or target.type)
    return arn:match("^arn:[^:]*:elasticloadbalancing:[^:]+:[^:]+:(.*)$") or arn
end

-- How messages call a target: its name, if it was given one.
function M.label(target)
    return type(target.name) == "string" and target.name or resource(target)
end

-- With its type, for those who have not met it yet: "lambda_alias pay:live", or
-- "checkout (lambda_alias pay:live)".
function M.full(target)
    local full = ("%s %s"):format(target.type, resource(target))
    return target.name and ("%s (%s)"):format(M.label(target), full) or full
end

-- The same where targets are introduced: "pay:live (lambda_alias)".
function M.title(target)
    return target.name and M.full(target) or ("%s (%s)"):format(resource(target), target.type)
end

-- A target in a few characters: "shop/9683b2d0" for what belongs to the load balancer shop.
function M.brief(label)
    local balancer, id = label:match("/%l+/([^/]+)/.-([^/]+)$")
    return balancer and ("%s/%s"):format(balancer, id:sub(1, 8)) or label
end

-- The canary's share that a request of one of the routing operations asks for, or nil.
local routing = {}

local function weights(actions, target)
    for _, action in ipairs(actions or {}) do
        local groups = action.ForwardConfig and action.ForwardConfig.TargetGroups
        local sum, canary = 0, 0
        for _, group in ipairs(groups or {}) do
            sum = sum + (group.Weight or 1)
            canary = canary + (group.TargetGroupArn == target.canary and group.Weight or 0)
        end
        if sum > 0 then
            return 100 * canary / sum
        end
    end
    for _, action in ipairs(actions or {}) do
        if action.TargetGroupArn then
            return action.TargetGroupArn == target.canary and 100 or 0
        end
    end
end

routing["elbv2.modify_rule"] = function(input, target)
    return input.RuleArn == target.rule and weights(input.Actions, target)
end

routing["elbv2.modify_listener"] = function(input, target)
    return input.ListenerArn == target.listener and weights(input.DefaultActions, target)
end

routing["lambda.update_alias"] = function(input, target)
    if input.FunctionName ~= target["function"] or input.Name ~= target.alias then
        return nil
    end
    if input.FunctionVersion == target.canary then
        return 100
    elseif not input.FunctionVersion and not input.RoutingConfig then
        return nil -- something else is changed
    end
    local extra = input.RoutingConfig and input.RoutingConfig.AdditionalVersionWeights or {}
    return 100 * (extra[target.canary] or 0)
end

routing["ecs.update_service"] = function(input, target)
    if not input.taskDefinition or not target.canary
        or last_name(input.service) ~= last_name(target.service)
        or last_name(input.cluster or "default") ~= last_name(target.cluster) then
        return nil
    end
    return last_name(input.taskDefinition) == last_name(target.canary) and 100 or 0
end

-- stdlib/target_flag.lua says in the description what the version that it deploys is about. There
-- may be flags of the same name in other profiles, environments and applications.
routing["appconfig.start_deployment"] = function(input, target)
    local flag, attribute, share =
        (input.Description or ""):match("^tidelock: (%S+) (%S+) = (%S+)$")
    return flag == target.flag and attribute == target.attribute
        and input.ConfigurationProfileId == target.profile
        and input.EnvironmentId == target.environment
        and input.ApplicationId == target.application and tonumber(share)
end

-- The canary's share of the target that a request routes, and how that target is called; nil where
-- it routes none of them.
function M.share(request, targets)
    local share_of = routing[request.operation]
    for _, target in ipairs(share_of and targets or {}) do
        local share = share_of(request.input, target)
        if share then
            return share, M.label(target)
        end
    end
end

return M
