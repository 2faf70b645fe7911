-- What the program knows of both types of target on an Application Load Balancer.

local M = {}

-- "app/shop/50dc6c495c0c9188" of a listener's or a rule's ARN.
local function balancer_of(arn)
    return arn:match(":listener/(app/[^/]+/[^/]+)/[^/]+$")
        or arn:match(":listener%-rule/(app/[^/]+/[^/]+)/[^/]+/[^/]+$")
end

-- The canary's share that a list of actions asks for, or nil.
local function share_in(actions, canary)
    for _, action in ipairs(actions or {}) do
        local groups = action.ForwardConfig and action.ForwardConfig.TargetGroups
        local sum, share = 0, 0
        for _, group in ipairs(groups or {}) do
            sum = sum + (group.Weight or 1)
            share = share + (group.TargetGroupArn == canary and group.Weight or 0)
        end
        if sum > 0 then
            return 100 * share / sum
        end
    end
    for _, action in ipairs(actions or {}) do
        if action.TargetGroupArn then
            return action.TargetGroupArn == canary and 100 or 0
        end
    end
end

-- CloudWatch names both by the ends of their ARNs: app/NAME/ID and targetgroup/NAME/ID.
function M.fill_group(arn, group, values, invalid)
    values.load_balancer = balancer_of(arn)
    if not values.load_balancer then
        invalid("%s is neither a listener nor a rule of an application load balancer", arn)
    end
    values.target_group = group:match(":(targetgroup/[^/]+/[^/]+)$")
    if not values.target_group then
        invalid("%s is no target group", group)
    end
    values.target_group_name = values.target_group:match("/([^/]+)/")
end

local function fill(arm, values, invalid)
    M.fill_group(values.listener or values.rule, values[arm], values, invalid)
end

M.fills = { "load_balancer", "target_group", "target_group_name" }

local function metric(name, stat)
    return {
        provider = "cloudwatch", namespace = "AWS/ApplicationELB", metric = name, stat = stat,
        dimensions = { LoadBalancer = "{{load_balancer}}", TargetGroup = "{{target_group}}" },
    }
end

-- AWS reports no zeros of what is a part of the requests.
local function part(name)
    local definition = metric(name, "Sum")
    definition.absent = "zero"
    return definition
end

-- A target group that is dead answers nothing itself: the load balancer's 502 is in none of its
-- codes, only the failed connection is.
local metrics = {
    requests = metric("RequestCount", "Sum"),
    errors = part { "HTTPCode_Target_5XX_Count", "TargetConnectionErrorCount" },
    errors_4xx = part "HTTPCode_Target_4XX_Count",
    healthy_hosts = metric("HealthyHostCount", "Minimum"),
    unhealthy_hosts = metric("UnHealthyHostCount", "Maximum"),
}

local function latency(stat)
    local definition = metric("TargetResponseTime", stat)
    definition.scale, definition.unit = 1000, "Milliseconds"
    return definition
end

M.metrics, M.latency = metrics, latency

-- A type whose resource is named by the member `id`, and by the member `arn` of what writes it.
function M.type(of)
    local id = of.id
    return {
        summary = of.summary,
        arms = "two target groups",
        notes = [[
Baseline and canary are ARNs of target groups. Only their two weights in the forward action are
changed; other actions, other groups of weight 0 and stickiness stay as they are. A canary's group
that the action does not name yet is added to it. A rollout does not start where there is no
forward action, or where a third group has traffic. Where both groups are there beforehand, ECS is
asked whether it or CodeDeploy shifts between them by itself (`ecs:ListClusters`,
`ecs:ListServices`, `ecs:DescribeServices`; a run that may not ask says so): then it is refused,
with the target to give instead.]],
        ready = "All targets of the canary's group that are not draining are healthy, and there is "
            .. "one. A group that the action does not name yet is added with weight 0.",
        identity = function(value) return value[id] end,
        routes = {
            [of.write] = function(input, value)
                return input[of.arn] == value[id] and share_in(input[of.actions], value.canary)
            end,
        },
        about = function(value)
            return { { [of.arn] = value[id] }, { TargetGroupArn = value.baseline },
                { TargetGroupArn = value.canary } }
        end,
        draws = { id },
        series = function(value) return value[id] end,
        -- "shop/9683b2d0" for what belongs to the load balancer shop.
        brief = function(value)
            local balancer, last = value[id]:match("/app/([^/]+)/.-([^/]+)$")
            return ("%s/%s"):format(balancer, last:sub(1, 8))
        end,
        placeholders = { id, "baseline", "canary", fill = fill,
            fills = M.fills },
        metric_notes = [[
Each arm is its target group. A target group that is dead answers nothing: clients get a 502 from
the load balancer, which CloudWatch counts for the balancer and not for the group. Failed
connections are counted for the group; that is why they are among the `errors`. A target that
accepts connections and then is silent until the balancer gives up (504) is in neither: watch
`latency_p99`, too.]],
        metrics = metrics,
        latency = latency,
    }
end

return M
