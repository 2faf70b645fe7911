-- ALB listeners and rules as targets: an account in which they exist, how their traffic is split,
-- and what their owner would call changed.
--
-- At first every request goes to the baseline: a forward to that one group. Both groups have two
-- healthy instances; the canary's are unused until an action names their group.

local actions = require "services.elbv2.actions"
local conditions = require "services.elbv2.conditions"
local attributes = require "services.elbv2.simulated.attributes"
local elbv2 = require "services.elbv2.simulated.operations"
local shape = require "aws.shape"
local stored = require "services.elbv2.simulated.stored"
local tables = require "simulation.tables"

local M = {}

M.operations = elbv2
M.latency = { read = 80, write = 200 }
M.refused = "ValidationError" -- the code for input that does not fit

local ALWAYS = math.mininteger

local PLACE = "^arn:[^:,%s]+:elasticloadbalancing:[^:,%s]+:[^:,%s]+:"

-- "app/shop/50dc6c495c0c9188" and the ids of a listener and a rule below it.
local function balanced(resource, ids)
    local escaped = resource:gsub("%-", "%%-")
    return shape.text {
        pattern = PLACE .. escaped .. "/app/[%w-]+" .. ("/%x+"):rep(ids) .. "$",
        expects = ("the ARN of an Application Load Balancer's %s "
            .. '("arn:aws:elasticloadbalancing:REGION:ACCOUNT:%s/app/NAME%s")'):format(resource,
            resource, ("/ID"):rep(ids)),
    }
end

local group = shape.text {
    pattern = PLACE .. "targetgroup/[%w-]+/%x+$",
    expects = "the ARN of a target group "
        .. '("arn:aws:elasticloadbalancing:REGION:ACCOUNT:targetgroup/NAME/ID")',
}

local function target(kind, id, arn)
    return shape.structure({
        type = shape.choice { kind }, [id] = arn, baseline = group, canary = group,
    }, { needed = { id, "baseline", "canary" } })
end

-- Type -> its fields, and the one that names the resource.
M.targets = {
    alb_listener = target("alb_listener", "listener", balanced("listener", 2)),
    alb_rule = target("alb_rule", "rule", balanced("listener-rule", 3)),
}

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
    if one.baseline == one.canary then
        invalid("baseline and canary of %s are the same target group", arn)
    end
    for _, name in ipairs { "baseline", "canary" } do
        if place(one[name]) ~= place(arn) then
            invalid("the %s %s is not in the region and account of %s", name, one[name], arn)
        elseif not state.groups[one[name]] then
            add_group(state, one[name])
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

local function set_ports(state)
    local used = {}
    for _, arn in ipairs(tables.names(state.listeners)) do
        local listener = state.listeners[arn]
        local last = used[listener.LoadBalancerArn]
        listener.Port = not last and 443 or last == 443 and 8443 or last + 1
        used[listener.LoadBalancerArn] = listener.Port
    end
end

local function set_priorities(state)
    local used = {}
    for _, arn in ipairs(tables.names(state.rules)) do
        local listener = elbv2.listener_of(arn)
        used[listener] = (used[listener] or 0) + 10
        state.rules[arn].Priority = tostring(used[listener])
    end
end

-- A state whose traffic and health checks are as if it had always been so.
function M.settle(state)
    local traffic = {}
    for arn, listener in pairs(state.listeners) do
        traffic[arn] = { { at = ALWAYS, value = listener.DefaultActions } }
    end
    for arn, rule in pairs(state.rules) do
        traffic[arn] = { { at = ALWAYS, value = rule.Actions } }
    end
    local fresh = tables.over(state, { traffic = traffic, in_use = {} })
    local settled, refusal = elbv2.with_usage(fresh, ALWAYS)
    if not settled then
        invalid("%s", refusal.message)
    end
    return settled
end

-- An account in which these targets, and nothing else, exist.
function M.begin(targets)
    local state = { balancers = {}, listeners = {}, rules = {}, groups = {}, attributes = {},
        targets = {}, certificates = {} }
    check_baselines(targets)
    for _, one in ipairs(targets) do
        add_target(state, one)
    end
    set_ports(state)
    set_priorities(state)
    return M.settle(state)
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

-- What the owner would miss if it changed: { what it is called = plain value }.
function M.view(state)
    local view = {}
    for arn, listener in pairs(state.listeners) do
        view[arn] = tables.with(listener, "DefaultActions", actions.normal(listener.DefaultActions))
    end
    for arn, rule in pairs(state.rules) do
        view[arn] = tables.over(rule, {
            Actions = actions.normal(rule.Actions),
            Conditions = conditions.normal(rule.Conditions),
        })
    end
    for arn in pairs(state.groups) do
        view[arn] = { attributes = state.attributes[arn], targets = state.targets[arn] }
    end
    return view
end

return M
