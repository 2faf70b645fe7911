-- ALB listeners and rules in the simulated account: how they are at first, and how their traffic is
-- split.
--
-- At first every request goes to the baseline: a forward to that one group. Both groups have two
-- healthy instances; the canary's are unused until an action names their group.

local attributes = require "services.elbv2.simulated.attributes"
local elbv2 = require "services.elbv2.simulated.operations"
local stored = require "services.elbv2.simulated.stored"
local tables = require "simulation.tables"

local M = { service = "elbv2" }

local function resource_of(one)
    return one.listener or one.rule
end

local function invalid(format, ...)
    error({ invalid = format:format(...) }, 0)
end

-- "arn:aws:elasticloadbalancing:eu-west-1:111122223333:"
local function place(arn)
    return arn:match("^[^:]*:[^:]*:[^:]*:[^:]*:[^:]*:")
end

local function new_group(arn)
    return {
        TargetGroupArn = arn,
        TargetGroupName = arn:match(":targetgroup/([^/]+)/"),
        Protocol = "HTTP",
        ProtocolVersion = "HTTP1",
        Port = 8080,
        VpcId = "vpc-" .. tables.digits(place(arn), 16),
        TargetType = "instance",
        IpAddressType = "ipv4",
        HealthCheckEnabled = true,
        HealthCheckProtocol = "HTTP",
        HealthCheckPort = "traffic-port",
        HealthCheckPath = "/",
        HealthCheckIntervalSeconds = 30,
        HealthCheckTimeoutSeconds = 5,
        HealthyThresholdCount = 5,
        UnhealthyThresholdCount = 2,
        Matcher = { HttpCode = "200" },
    }
end

local function add_group(state, arn)
    state.groups[arn] = new_group(arn)
    state.attributes[arn] = attributes.new()
    state.targets[arn] = {}
    for i = 1, 2 do
        state.targets[arn][i] = { Id = "i-0" .. tables.digits(arn .. i, 16), Port = 8080 }
    end
end

local not_found = { { Type = "fixed-response", FixedResponseConfig = { StatusCode = "404",
    ContentType = "text/plain" } } }

-- Ports are given out when all listeners are known.
local function add_listener(state, arn, certificate)
    local balancer = elbv2.balancer_of(arn)
    state.balancers[balancer] = true
    state.certificates[certificate] = true
    state.listeners[arn] = state.listeners[arn] or {
        ListenerArn = arn,
        LoadBalancerArn = balancer,
        Protocol = "HTTPS",
        SslPolicy = "ELBSecurityPolicy-TLS13-1-2-2021-06",
        Certificates = { { CertificateArn = certificate } },
        DefaultActions = stored.stored(not_found),
    }
end

local function certificate_at(arn)
    local id = tables.digits(arn, 16) .. tables.digits("certificate" .. arn, 16)
    return (place(arn):gsub(":elasticloadbalancing:", ":acm:")) .. "certificate/"
        .. id:gsub("^(%x%x%x%x%x%x%x%x)(%x%x%x%x)(%x%x%x%x)(%x%x%x%x)", "%1-%2-%3-%4-")
end

local function add_rule(state, arn, forward)
    if elbv2.default_rule(elbv2.listener_of(arn)) == arn then
        invalid("%s is its listener's default rule: give alb_listener instead", arn)
    end
    state.rules[arn] = {
        RuleArn = arn,
        IsDefault = false,
        Conditions = stored.stored_conditions {
            { Field = "path-pattern", PathPatternConfig = { Values = { "/*" } } },
        },
        Actions = forward,
    }
end

local function add_target(state, one)
    local arn = resource_of(one)
    for _, group in ipairs { one.baseline, one.canary } do
        if not state.groups[group] then
            add_group(state, group)
        end
    end
    local forward = stored.stored { { Type = "forward", TargetGroupArn = one.baseline } }
    local listener = one.listener or elbv2.listener_of(arn)
    add_listener(state, listener, certificate_at(arn))
    if one.listener then
        state.listeners[listener].DefaultActions = forward
    else
        add_rule(state, arn, forward)
    end
end

-- Two targets on one resource must agree on where its traffic comes from.
local function check_baselines(targets)
    local baselines = {}
    for _, one in ipairs(targets) do
        local arn = resource_of(one)
        if baselines[arn] and baselines[arn] ~= one.baseline then
            invalid("two targets want different baselines of %s", arn)
        end
        baselines[arn] = one.baseline
    end
end

-- Adds the listeners, rules and groups that targets name to a part of the account.
function M.begin(state, targets)
    check_baselines(targets)
    for _, one in ipairs(targets) do
        add_target(state, one)
    end
end

-- Percent of a target's traffic on the canary, and until when; nil if there is no such target.
function M.share(state, one, now)
    local history = state.traffic[resource_of(one)]
    if not history then
        return nil
    end
    local list, changes = tables.effective(history, now)
    return stored.share(list, one.canary), changes
end

return M
