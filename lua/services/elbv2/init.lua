-- Elastic Load Balancing v2: what Tidelock asks of it, and how each change is undone.
--
-- ModifyRule and ModifyListener replace whole lists and leave unmentioned members alone; there is
-- no token and no compare-and-set, so an undo is preceded by a look and followed by another. An
-- undo holds the whole captured state, because it may have to undo several changes at once, and
-- is cut down to what differs when it is sent.

local actions = require "services.elbv2.actions"
local first_arn = require "aws.arn".first
local conditions = require "services.elbv2.conditions"
local governed = require "aws.governed"
local same = require "same"
local shapes = require "services.elbv2.inputs"
local shown = require "services.elbv2.shown"

-- AWS says nothing about how long a change takes to reach every node of a load balancer. Ten
-- seconds is our assumption, on the safe side of the few seconds that are seen.
local SETTLE = 10000

-- Everything is called by its ARN; the first of a list says where all of them are.
local function identity(input)
    return first_arn("elasticloadbalancing", input.RuleArn, input.RuleArns, input.ListenerArn,
        input.ListenerArns, input.TargetGroupArn, input.TargetGroupArns, input.LoadBalancerArn)
end

local operations = {}

-- The one item of a describe answer, or why there is none.
local function item(list, member, arn, noun)
    for i = 1, list and #list or 0 do
        if list[i][member] == arn then
            return list[i]
        end
    end
    return nil, ("there is no %s %s"):format(noun, arn)
end

-- Listeners

local function listener_of(input, output)
    return item(output.Listeners, "ListenerArn", input.ListenerArn, "listener")
end

local function plain_certificates(certificates)
    local first = certificates and certificates[1]
    return { first and { CertificateArn = first.CertificateArn } }
end

local function present(list)
    return list and list[1] ~= nil and list or nil
end

local listener_members = { "DefaultActions", "Port", "SslPolicy", "Certificates" }

operations["elbv2.modify_listener"] = {
    class = "mutation",
    action = "ModifyListener",
    summary = "Changes a listener's default actions, port, security policy or default certificate.",
    undo = "`elbv2.modify_listener` with the captured values of what was changed and then differs",
    notes = {
        "Lists are replaced whole; what is not mentioned stays.",
        "Protocol and MutualAuthentication are not taken: AWS fills in what goes with them, so "
            .. "that nobody could say whether an undo has restored it.",
        "An authenticate-oidc action is only taken as it is (UseExistingClientSecret = true), "
            .. "since AWS never shows its ClientSecret.",
        "Leave listeners alone that CodeDeploy or ECS blue/green deployments own.",
    },
    input = shapes.modify_listener,
    settle = SETTLE,
    shown = shown,
    identity = identity,
    observe = function(input)
        return {
            operation = "elbv2.describe_listeners",
            input = { ListenerArns = { input.ListenerArn } },
        }
    end,
    governs = governed.named {
        DefaultActions = { "DefaultActions" },
        Port = { "Port" },
        SslPolicy = { "SslPolicy" },
        Certificates = { "Certificates" },
    },
    state = function(input, output)
        local listener, why = listener_of(input, output)
        return listener and {
            DefaultActions = actions.normal(listener.DefaultActions),
            Port = listener.Port,
            SslPolicy = listener.SslPolicy,
            Certificates = plain_certificates(listener.Certificates),
        }, why
    end,
    after = function(input, before)
        local changed = input.DefaultActions and actions.normal(input.DefaultActions)
        local why = changed and actions.irreversible(before.DefaultActions, changed)
        return not why and {
            DefaultActions = changed or before.DefaultActions,
            Port = input.Port or before.Port,
            SslPolicy = input.SslPolicy or before.SslPolicy,
            Certificates = input.Certificates and plain_certificates(input.Certificates)
                or before.Certificates,
        }, why
    end,
    inverse = function(input, before, output)
        return {
            operation = "elbv2.modify_listener",
            input = {
                ListenerArn = input.ListenerArn,
                DefaultActions = before.DefaultActions
                    and actions.sendable(listener_of(input, output).DefaultActions),
                Port = before.Port,
                SslPolicy = before.SslPolicy,
                Certificates = present(before.Certificates),
            },
        }
    end,
    guard = function(undo, output)
        local found = operations["elbv2.modify_listener"].state(undo.input, output)
        if not found then
            return undo
        end
        local wanted, sent = undo.input, { ListenerArn = undo.input.ListenerArn }
        for _, member in ipairs(listener_members) do
            local value = wanted[member]
            local compared = member == "DefaultActions" and value and actions.normal(value) or value
            sent[member] = not same(compared, found[member]) and value or nil
        end
        return { operation = undo.operation, input = sent }
    end,
}

-- Rules

local function rule_of(input, output)
    return item(output.Rules, "RuleArn", input.RuleArn, "rule")
end

local function transforms_after(input, before)
    if input.ResetTransforms then
        return {}
    end
    return present(input.Transforms) or before.Transforms
end

operations["elbv2.modify_rule"] = {
    class = "mutation",
    action = "ModifyRule",
    summary = "Changes a listener rule's actions, conditions or transforms.",
    undo = "`elbv2.modify_rule` with the captured lists of what was changed and then differs; "
        .. "transforms where there were none go by ResetTransforms",
    notes = {
        "Lists are replaced whole; what is not mentioned stays.",
        "A default rule is changed through its listener: use `elbv2.modify_listener`.",
        "An authenticate-oidc action is only taken as it is (UseExistingClientSecret = true), "
            .. "since AWS never shows its ClientSecret.",
        "Leave rules alone that CodeDeploy or ECS blue/green deployments own.",
    },
    input = shapes.modify_rule,
    settle = SETTLE,
    shown = shown,
    identity = identity,
    observe = function(input)
        return {
            operation = "elbv2.describe_rules",
            input = { RuleArns = { input.RuleArn } },
        }
    end,
    governs = governed.named {
        Actions = { "Actions" },
        Conditions = { "Conditions" },
        Transforms = { "Transforms", "ResetTransforms" },
    },
    state = function(input, output)
        local rule, why = rule_of(input, output)
        return rule and {
            Actions = actions.normal(rule.Actions),
            Conditions = conditions.normal(rule.Conditions),
            Transforms = present(rule.Transforms) or {},
        }, why
    end,
    after = function(input, before)
        local changed = input.Actions and actions.normal(input.Actions)
        local why = changed and actions.irreversible(before.Actions, changed)
        return not why and {
            Actions = changed or before.Actions,
            Conditions = input.Conditions and conditions.normal(input.Conditions)
                or before.Conditions,
            Transforms = transforms_after(input, before),
        }, why
    end,
    inverse = function(input, before, output)
        return {
            operation = "elbv2.modify_rule",
            input = {
                RuleArn = input.RuleArn,
                Actions = before.Actions and actions.sendable(rule_of(input, output).Actions),
                Conditions = present(before.Conditions),
                Transforms = present(before.Transforms),
                ResetTransforms = before.Transforms and not before.Transforms[1] or nil,
            },
        }
    end,
    guard = function(undo, output)
        local found = operations["elbv2.modify_rule"].state(undo.input, output)
        if not found then
            return undo
        end
        local wanted = undo.input
        local actions_differ = wanted.Actions
            and not same(actions.normal(wanted.Actions), found.Actions)
        local conditions_differ = not same(wanted.Conditions, present(found.Conditions))
        local transforms_differ = not same(wanted.Transforms, present(found.Transforms))
        return {
            operation = undo.operation,
            input = {
                RuleArn = wanted.RuleArn,
                Actions = actions_differ and wanted.Actions or nil,
                Conditions = conditions_differ and wanted.Conditions or nil,
                Transforms = transforms_differ and wanted.Transforms or nil,
                ResetTransforms = transforms_differ and wanted.ResetTransforms or nil,
            },
        }
    end,
}

-- Attributes of target groups

local function attributes_of(output)
    local values = {}
    for _, attribute in ipairs(output.Attributes or {}) do
        values[attribute.Key] = attribute.Value
    end
    return values
end

operations["elbv2.modify_target_group_attributes"] = {
    class = "mutation",
    action = "ModifyTargetGroupAttributes",
    summary = "Changes attributes of a target group, such as stickiness or the deregistration "
        .. "delay.",
    undo = "`elbv2.modify_target_group_attributes` with the captured values of those that were "
        .. "changed and then differ",
    notes = { "Only attributes that the target group shows can be changed: others have no value to "
        .. "go back to." },
    input = shapes.modify_target_group_attributes,
    settle = SETTLE,
    identity = function(input)
        return input.TargetGroupArn .. "#attributes"
    end,
    observe = function(input)
        return {
            operation = "elbv2.describe_target_group_attributes",
            input = { TargetGroupArn = input.TargetGroupArn },
        }
    end,
    governs = function(input)
        local names = {}
        for _, attribute in ipairs(input.Attributes) do
            names[attribute.Key] = true
        end
        return names
    end,
    state = function(_, output)
        return attributes_of(output)
    end,
    after = function(input, before)
        local values = {}
        for key, value in next, before do
            values[key] = value
        end
        for _, attribute in ipairs(input.Attributes) do
            if values[attribute.Key] == nil then
                return nil, ("the target group has no attribute %s"):format(attribute.Key)
            end
            values[attribute.Key] = attribute.Value
        end
        return values
    end,
    inverse = function(input, before, output)
        local captured = {}
        for _, attribute in ipairs(output.Attributes) do
            captured[#captured + 1] = before[attribute.Key] and attribute or nil
        end
        return {
            operation = "elbv2.modify_target_group_attributes",
            input = { TargetGroupArn = input.TargetGroupArn, Attributes = captured },
        }
    end,
    join = function(undo, later)
        local names, all = {}, {}
        for _, attributes in ipairs { undo.input.Attributes, later.input.Attributes } do
            for _, attribute in ipairs(attributes) do
                all[#all + 1] = not names[attribute.Key] and attribute or nil
                names[attribute.Key] = true
            end
        end
        local joined = governed.join(undo, later)
        joined.input.Attributes = all
        return joined
    end,
    guard = function(undo, output)
        local found, differ = attributes_of(output), {}
        for _, attribute in ipairs(undo.input.Attributes) do
            if found[attribute.Key] ~= attribute.Value then
                differ[#differ + 1] = attribute
            end
        end
        return {
            operation = undo.operation,
            input = { TargetGroupArn = undo.input.TargetGroupArn, Attributes = differ },
        }
    end,
}

-- Reads

local function read(action, summary, verb)
    return { class = "read", action = action, summary = summary, input = shapes[verb],
        identity = identity }
end

operations["elbv2.describe_listeners"] = read("DescribeListeners",
    "Shows listeners: port, protocol, default actions.", "describe_listeners")
operations["elbv2.describe_rules"] = read("DescribeRules",
    "Shows listener rules: priority, conditions, actions.", "describe_rules")
operations["elbv2.describe_target_groups"] = read("DescribeTargetGroups",
    "Shows target groups: protocol, port, health check, load balancers.",
    "describe_target_groups")
operations["elbv2.describe_target_health"] = read("DescribeTargetHealth",
    "Shows the health of a target group's targets.", "describe_target_health")
operations["elbv2.describe_target_group_attributes"] = read("DescribeTargetGroupAttributes",
    "Shows the attributes of a target group.", "describe_target_group_attributes")

return {
    title = "Elastic Load Balancing v2",
    iam = "elasticloadbalancing",
    operations = operations,
}
