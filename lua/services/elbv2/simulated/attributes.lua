-- Attributes of the target groups of an Application Load Balancer: what AWS assumes, and what it
-- takes (user guide, "Target group attributes").

local M = {}

local function whole(min, max, also)
    return function(value)
        local number = value:find("^%d+$") and tonumber(value) or -1
        return value == also or number >= min and number <= max
    end
end

local function one_of(...)
    local known = {}
    for _, value in ipairs { ... } do
        known[value] = true
    end
    return function(value)
        return known[value] == true
    end
end

local flag, week = one_of("true", "false"), 604800

-- Key -> { what it is at first, what fits }.
local known = {
    ["deregistration_delay.timeout_seconds"] = { "300", whole(0, 3600) },
    ["load_balancing.algorithm.anomaly_mitigation"] = { "off", one_of("on", "off") },
    ["load_balancing.algorithm.type"] = { "round_robin", one_of("round_robin",
        "least_outstanding_requests", "weighted_random") },
    ["load_balancing.cross_zone.enabled"] = { "use_load_balancer_configuration",
        one_of("true", "false", "use_load_balancer_configuration") },
    ["slow_start.duration_seconds"] = { "0", whole(30, 900, "0") },
    ["stickiness.app_cookie.cookie_name"] = { "", function(value)
        return not value:find("^AWSALB")
    end },
    ["stickiness.app_cookie.duration_seconds"] = { "86400", whole(1, week) },
    ["stickiness.enabled"] = { "false", flag },
    ["stickiness.lb_cookie.duration_seconds"] = { "86400", whole(1, week) },
    ["stickiness.type"] = { "lb_cookie", one_of("lb_cookie", "app_cookie") },
    ["target_group_health.dns_failover.minimum_healthy_targets.count"] = { "1",
        whole(1, 1000, "off") },
    ["target_group_health.dns_failover.minimum_healthy_targets.percentage"] = { "off",
        whole(1, 100, "off") },
    ["target_group_health.unhealthy_state_routing.minimum_healthy_targets.count"] = { "1",
        whole(1, 1000) },
    ["target_group_health.unhealthy_state_routing.minimum_healthy_targets.percentage"] = { "off",
        whole(1, 100, "off") },
}

-- Those of a new target group.
function M.new()
    local values = {}
    for key, facts in pairs(known) do
        values[key] = facts[1]
    end
    return values
end

-- Why an attribute cannot have a value, or nil.
function M.wrong(key, value)
    local facts = known[key]
    if not facts then
        return ("Target group attribute key '%s' is not recognized"):format(key)
    elseif not facts[2](value) then
        return ("Target group attribute key '%s' cannot have the value '%s'"):format(key, value)
    end
end

return M
