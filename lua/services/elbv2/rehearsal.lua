-- What a rehearsal learns of ELBv2: listeners, rules and attributes as they are, and whether the
-- target groups are there that actions are to name.

local array = require "canonical".array
local elbv2 = require "services.elbv2.simulated.operations"
local learned = require "simulation.learned"
local stored = require "services.elbv2.simulated.stored"
local tables = require "simulation.tables"

local M = {}

local ALWAYS = math.mininteger

-- Groups that are in use are there, and so is the certificate.
local function add_used(part, actions)
    for _, group in ipairs(stored.groups(actions)) do
        local arn = group.TargetGroupArn
        part = learned.add(part, "groups", arn, { TargetGroupArn = arn })
    end
    return part
end

local function add_traffic(part, arn, actions)
    local history = part.traffic[arn] or { { at = ALWAYS, value = actions } }
    return tables.with(part, "traffic", tables.with(part.traffic, arn, history))
end

local function add_certificates(part, list)
    for _, certificate in ipairs(list or {}) do
        local id = certificate.CertificateArn
        part = tables.with(part, "certificates", tables.with(part.certificates, id, true))
    end
    return part
end

local function add_listener(part, listener)
    local arn, actions = listener.ListenerArn, stored.stored(listener.DefaultActions or {})
    local balancer = listener.LoadBalancerArn
    part = learned.add(part, "listeners", arn, tables.with(listener, "DefaultActions", actions))
    part = tables.with(part, "balancers", tables.with(part.balancers, balancer, true))
    return add_certificates(add_traffic(add_used(part, actions), arn, actions),
        listener.Certificates)
end

local function add_rule(part, rule)
    local arn, actions = rule.RuleArn, stored.stored(rule.Actions or {})
    part = learned.add(part, "rules", arn, tables.with(rule, "Actions", actions))
    return add_traffic(add_used(part, actions), arn, actions)
end

local learn = {}

function learn.describe_listeners(part, _, output)
    for _, listener in ipairs(output and output.Listeners or {}) do
        part = add_listener(part, listener)
    end
    return part
end

function learn.describe_rules(part, _, output)
    for _, rule in ipairs(output and output.Rules or {}) do
        part = add_rule(part, rule)
    end
    return part
end

function learn.describe_target_groups(part, input, output)
    for _, arn in ipairs(not output and input.TargetGroupArns or {}) do
        part = learned.add(part, "groups", arn, { TargetGroupArn = arn })
    end
    for _, group in ipairs(output and output.TargetGroups or {}) do
        part = learned.add(part, "groups", group.TargetGroupArn, group)
    end
    return part
end

function learn.describe_target_group_attributes(part, input, output)
    local values = {}
    for _, attribute in ipairs(output and output.Attributes or {}) do
        values[attribute.Key] = attribute.Value
    end
    return learned.add(part, "attributes", input.TargetGroupArn, values)
end

M.learn = learned.by_verb(learn)

-- Whether some of these were changed, and all are known.
local function any_changed(part, kind, ids)
    local changed, known = false, true
    for _, id in ipairs(ids or {}) do
        changed = changed or learned.is_changed(part, kind, id)
        known = known and part[kind][id] ~= nil
    end
    return changed and known
end

local ours = {
    describe_listeners = function(part, input)
        return any_changed(part, "listeners", input.ListenerArns)
    end,
    describe_rules = function(part, input)
        return any_changed(part, "rules", input.RuleArns)
    end,
    describe_target_group_attributes = function(part, input)
        return any_changed(part, "attributes", { input.TargetGroupArn })
    end,
}

function M.ours(part, operation, input)
    local asked = ours[learned.verb_of(operation)]
    return asked ~= nil and asked(part, input)
end

function M.needs(part, operation, input)
    local actions = input.Actions or input.DefaultActions
    local missing = {}
    if operation == "elbv2.modify_target_group_attributes" or not actions then
        return missing
    end
    for _, group in ipairs(stored.groups(stored.stored(actions))) do
        local arn = group.TargetGroupArn
        missing[#missing + 1] = not part.groups[arn] and {
            operation = "elbv2.describe_target_groups",
            input = { TargetGroupArns = array { arn } },
        } or nil
    end
    return missing
end

-- A certificate that is named is taken to be there.
function M.ready(part, _, input)
    return add_certificates(part, input.Certificates)
end

-- Lists, with what was changed in its place.

local function replaced(list, change)
    local out = {}
    for i, item in ipairs(list) do
        out[i] = change(item)
    end
    return array(out)
end

local shown = {}

function shown.describe_listeners(part, _, output)
    return tables.with(output, "Listeners", replaced(output.Listeners, function(listener)
        local arn = listener.ListenerArn
        return learned.is_changed(part, "listeners", arn) and part.listeners[arn] or listener
    end))
end

local function shown_rule(part, rule)
    local arn, listener = rule.RuleArn, elbv2.listener_of(rule.RuleArn)
    if rule.IsDefault and learned.is_changed(part, "listeners", listener) then
        return tables.with(rule, "Actions", part.listeners[listener].DefaultActions)
    end
    return learned.is_changed(part, "rules", arn) and part.rules[arn] or rule
end

function shown.describe_rules(part, _, output)
    return tables.with(output, "Rules", replaced(output.Rules, function(rule)
        return shown_rule(part, rule)
    end))
end

-- Targets that nobody checked, as nothing named their group, turn out to be well.
function shown.describe_target_health(part, input, output)
    if not part.in_use[input.TargetGroupArn] then
        return output
    end
    return tables.with(output, "TargetHealthDescriptions",
        replaced(output.TargetHealthDescriptions, function(one)
            local health = one.TargetHealth or {}
            local unchecked = health.Reason == "Target.NotInUse" or health.State == "initial"
            return unchecked and tables.with(one, "TargetHealth", { State = "healthy" }) or one
        end))
end

function M.shown(part, operation, input, output)
    local show = shown[learned.verb_of(operation)]
    return show and show(part, input, output) or output
end

return M
