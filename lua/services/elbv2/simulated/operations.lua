-- Elastic Load Balancing v2 in the simulated account: what each operation answers and changes. A
-- state is a table that is never changed:
--
--     balancers, listeners, rules, groups   ARN -> what a describe call shows of it
--     attributes                            target group -> { key = value }
--     targets                               target group -> its registered targets
--     in_use                                target group -> since when a listener or rule names it
--     certificates                          ARN -> true
--     traffic                               listener or rule -> the actions it had (tables.follow)
--
-- Every function here takes a state, the operation's input and the time, and returns the output
-- and the next state, or nil and why AWS refuses.

local array = require "canonical".array
local attributes = require "services.elbv2.simulated.attributes"
local stored = require "services.elbv2.simulated.stored"
local tables = require "simulation.tables"

local M = {}

local with, over, names, refuse = tables.with, tables.over, tables.names, tables.refuse

-- How long after a change the traffic follows it. AWS promises nothing; a few seconds are seen.
M.PROPAGATION = 4000

local PAGE_SIZE = 400

-- "arn:...:listener-rule/app/shop/1/2/3" -> "arn:...:listener/app/shop/1/2", and so on up.
function M.listener_of(rule)
    return (rule:gsub(":listener%-rule/", ":listener/"):gsub("/[^/]*$", ""))
end

function M.balancer_of(listener)
    return (listener:gsub(":listener/", ":loadbalancer/"):gsub("/[^/]*$", ""))
end

function M.default_rule(listener)
    return listener:gsub(":listener/", ":listener-rule/") .. "/" .. tables.digits(listener, 16)
end

-- Describing

local function show_default_rule(listener)
    return {
        RuleArn = M.default_rule(listener.ListenerArn),
        Priority = "default",
        Conditions = array {},
        Actions = listener.DefaultActions,
        IsDefault = true,
    }
end

local function find_rule(state, arn)
    local listener = state.listeners[M.listener_of(arn)]
    if listener and M.default_rule(listener.ListenerArn) == arn then
        return show_default_rule(listener)
    end
    return state.rules[arn]
end

-- The load balancers that send requests to each target group: group -> { balancer = true }.
local function balancers_of_groups(state)
    local found = {}
    local function add(balancer, actions)
        for _, group in ipairs(stored.groups(actions)) do
            local arn = group.TargetGroupArn
            found[arn] = found[arn] or {}
            found[arn][balancer] = true
        end
    end
    for _, listener in next, state.listeners do
        add(listener.LoadBalancerArn, listener.DefaultActions)
    end
    for arn, rule in next, state.rules do
        add(M.balancer_of(M.listener_of(arn)), rule.Actions)
    end
    return found
end

local function page(items, id, input, member)
    local found, marker = tables.page(items, id, input.Marker, input.PageSize or PAGE_SIZE)
    if not found then
        return refuse("ValidationError", "Invalid marker '%s'", input.Marker)
    end
    return { [member] = array(found), NextMarker = marker }
end

-- The items with these ARNs, as they are asked for, or nil if one of them does not exist.
local function chosen(find, arns)
    local items = {}
    for i, arn in ipairs(arns) do
        items[i] = find(arn)
        if not items[i] then
            return nil
        end
    end
    return items
end

local function listeners_on(state, balancer)
    local items = {}
    for _, arn in ipairs(names(state.listeners)) do
        local listener = state.listeners[arn]
        items[#items + 1] = listener.LoadBalancerArn == balancer and listener or nil
    end
    return items
end

function M.describe_listeners(state, input)
    local arns, items = input.ListenerArns, nil
    if arns and arns[1] then
        items = chosen(function(arn) return state.listeners[arn] end, arns)
        if not items then
            return refuse("ListenerNotFound", "One or more listeners not found")
        end
    elseif not input.LoadBalancerArn then
        return refuse("ValidationError",
            "You must specify either listener ARNs or a load balancer ARN")
    elseif not state.balancers[input.LoadBalancerArn] then
        return refuse("LoadBalancerNotFound", "One or more load balancers not found")
    end
    items = items or listeners_on(state, input.LoadBalancerArn)
    local output, refusal = page(items, "ListenerArn", input, "Listeners")
    return output, output and state or refusal
end

local function by_priority(a, b)
    return tonumber(a.Priority) < tonumber(b.Priority)
end

-- By priority, and the default rule last.
local function rules_of(state, listener)
    local items = {}
    for arn, rule in next, state.rules do
        items[#items + 1] = M.listener_of(arn) == listener.ListenerArn and rule or nil
    end
    table.sort(items, by_priority)
    items[#items + 1] = show_default_rule(listener)
    return items
end

function M.describe_rules(state, input)
    local arns, items = input.RuleArns, nil
    local listener = state.listeners[input.ListenerArn or ""]
    if arns and arns[1] then
        items = chosen(function(arn) return find_rule(state, arn) end, arns)
        if not items then
            return refuse("RuleNotFound", "One or more rules not found")
        end
    elseif not input.ListenerArn then
        return refuse("ValidationError",
            "You must specify either listener rule ARNs or a listener ARN")
    elseif not listener then
        return refuse("ListenerNotFound", "One or more listeners not found")
    end
    local output, refusal = page(items or rules_of(state, listener), "RuleArn", input, "Rules")
    return output, output and state or refusal
end

local function find_groups(state, input)
    local arns, wanted = input.TargetGroupArns, input.Names
    if arns and arns[1] then
        return chosen(function(arn) return state.groups[arn] end, arns)
    end
    local by_name, all = {}, {}
    for i, arn in ipairs(names(state.groups)) do
        all[i] = state.groups[arn]
        by_name[all[i].TargetGroupName] = all[i]
    end
    if wanted and wanted[1] then
        return chosen(function(name) return by_name[name] end, wanted)
    end
    return all
end

function M.describe_target_groups(state, input)
    local groups, used, balancer = find_groups(state, input), balancers_of_groups(state),
        input.LoadBalancerArn
    if not groups then
        return refuse("TargetGroupNotFound", "One or more target groups not found")
    elseif balancer and not state.balancers[balancer] then
        return refuse("LoadBalancerNotFound", "One or more load balancers not found")
    end
    local items = {}
    for _, group in ipairs(groups) do
        local by = used[group.TargetGroupArn] or {}
        if not balancer or by[balancer] then
            items[#items + 1] = with(group, "LoadBalancerArns", array(names(by)))
        end
    end
    local output, refusal = page(items, "TargetGroupArn", input, "TargetGroups")
    return output, output and state or refusal
end

-- Health

local unused = { State = "unused", Reason = "Target.NotInUse", Description = "Target group is not "
    .. "configured to receive traffic from the load balancer" }
local initial = { State = "initial", Reason = "Elb.InitialHealthChecking",
    Description = "Initial health checks in progress" }
local healthy = { State = "healthy" }
local not_registered = { State = "unused", Reason = "Target.NotRegistered",
    Description = "Target is not registered to the target group" }

-- Targets are checked from the moment a listener or a rule names their group, and are taken to be
-- good: the first check, one interval later, finds them healthy.
local function health_of_group(state, group, now)
    local since = state.in_use[group.TargetGroupArn]
    if not since then
        return unused
    end
    return now < since + group.HealthCheckIntervalSeconds * 1000 and initial or healthy
end

local function find_target(targets, wanted)
    for _, target in ipairs(targets) do
        if target.Id == wanted.Id and (wanted.Port or target.Port) == target.Port then
            return target
        end
    end
end

function M.describe_target_health(state, input, now)
    local group = state.groups[input.TargetGroupArn]
    if not group then
        return refuse("TargetGroupNotFound", "One or more target groups not found")
    end
    local registered = state.targets[group.TargetGroupArn]
    local asked, found = input.Targets and input.Targets[1] and input.Targets or registered, {}
    for i, wanted in ipairs(asked) do
        local target = find_target(registered, wanted)
        found[i] = {
            Target = target or wanted,
            HealthCheckPort = target and tostring(target.Port),
            TargetHealth = target and health_of_group(state, group, now) or not_registered,
        }
    end
    return { TargetHealthDescriptions = array(found) }, state
end

local function show_attributes(values)
    local list = {}
    for i, key in ipairs(names(values)) do
        list[i] = { Key = key, Value = values[key] }
    end
    return { Attributes = array(list) }
end

function M.describe_target_group_attributes(state, input)
    local values = state.attributes[input.TargetGroupArn]
    if not values then
        return refuse("TargetGroupNotFound", "One or more target groups not found")
    end
    return show_attributes(values), state
end

-- Modifying

function M.modify_target_group_attributes(state, input)
    local values = state.attributes[input.TargetGroupArn]
    if not values then
        return refuse("TargetGroupNotFound", "One or more target groups not found")
    end
    for _, attribute in ipairs(input.Attributes) do
        local why = attributes.wrong(attribute.Key, attribute.Value)
        if why then
            return refuse("ValidationError", "%s", why)
        end
        values = with(values, attribute.Key, attribute.Value)
    end
    return show_attributes(values),
        with(state, "attributes", with(state.attributes, input.TargetGroupArn, values))
end

local function oidc_client(action)
    local config = action.AuthenticateOidcConfig
    return config and config.Issuer .. "\n" .. config.ClientId
end

-- A client secret can be used on only where there is one.
local function lacks_secret(old, new)
    local known = {}
    for _, action in ipairs(old) do
        known[oidc_client(action) or ""] = true
    end
    for _, action in ipairs(new) do
        if not known[oidc_client(action) or ""] and oidc_client(action) then
            return true
        end
    end
end

-- Why actions that are well formed cannot take the place of others, or nil.
local function wrong_actions(state, old, new)
    local seen = {}
    for _, group in ipairs(stored.groups(new)) do
        if not state.groups[group.TargetGroupArn] then
            return { code = "TargetGroupNotFound", message = "One or more target groups not found" }
        elseif seen[group.TargetGroupArn] then
            return { code = "ValidationError", message = "A target group can only be specified "
                .. "once in a forward action" }
        end
        seen[group.TargetGroupArn] = true
    end
    if lacks_secret(old, new) then
        return { code = "ValidationError", message = "UseExistingClientSecret needs an action that "
            .. "has this client's secret" }
    end
end

-- Each group belongs to one load balancer. Those that are named for the first time begin to be
-- checked, those that are named no more are unused.
function M.with_usage(state, now)
    local in_use = {}
    local used = balancers_of_groups(state)
    for _, arn in ipairs(names(used)) do
        local balancers = names(used[arn])
        if balancers[2] then
            return refuse("TargetGroupAssociationLimit", "The following target groups cannot be "
                .. "associated with more than one load balancer: %s", arn)
        end
        in_use[arn] = state.in_use[arn] or now
    end
    return with(state, "in_use", in_use)
end

local function put(state, kind, arn, item)
    return with(state, kind, with(state[kind], arn, item))
end

-- The state with other actions, which the traffic follows a little later.
local function redirected(state, arn, actions, now)
    local history = tables.follow(state.traffic[arn], now, now + M.PROPAGATION, actions)
    return M.with_usage(put(state, "traffic", arn, history), now)
end

local function wrong_listener(state, listener, input)
    for _, other in ipairs(listeners_on(state, listener.LoadBalancerArn)) do
        if other ~= listener and other.Port == input.Port then
            return { code = "DuplicateListener", message = "A listener already exists on this port "
                .. "for this load balancer" }
        end
    end
    local certificate = input.Certificates and input.Certificates[1].CertificateArn
    if certificate and not state.certificates[certificate] then
        return { code = "CertificateNotFound",
            message = ("Certificate ARN '%s' is not valid"):format(certificate) }
    elseif input.SslPolicy and not input.SslPolicy:find("^ELBSecurityPolicy%-") then
        return { code = "SSLPolicyNotFound",
            message = ("SSL policy '%s' not found"):format(input.SslPolicy) }
    end
end

function M.modify_listener(state, input, now)
    local arn = input.ListenerArn
    local listener = state.listeners[arn]
    if not listener then
        return refuse("ListenerNotFound", "One or more listeners not found")
    end
    local actions = input.DefaultActions and stored.stored(input.DefaultActions)
    local refusal = wrong_listener(state, listener, input)
        or actions and wrong_actions(state, listener.DefaultActions, actions)
    if refusal then
        return nil, refusal
    end
    local changed = over(listener, {
        DefaultActions = actions,
        Port = input.Port,
        SslPolicy = input.SslPolicy,
        Certificates = input.Certificates,
    })
    local after = put(state, "listeners", arn, changed)
    if actions then
        after, refusal = redirected(after, arn, actions, now)
    end
    return after and { Listeners = { changed } }, after or refusal
end

function M.modify_rule(state, input, now)
    local arn = input.RuleArn
    local rule = find_rule(state, arn)
    if not rule then
        return refuse("RuleNotFound", "One or more rules not found")
    elseif rule.IsDefault then
        return refuse("OperationNotPermitted", "Default rule '%s' cannot be modified", arn)
    end
    local actions = input.Actions and stored.stored(input.Actions)
    local refusal = actions and wrong_actions(state, rule.Actions, actions)
    if refusal then
        return nil, refusal
    end
    local changed = over(rule, {
        Actions = actions,
        Conditions = input.Conditions and stored.stored_conditions(input.Conditions),
        Transforms = input.Transforms,
    })
    if input.ResetTransforms then
        changed.Transforms = nil
    end
    local after = put(state, "rules", arn, changed)
    if actions then
        after, refusal = redirected(after, arn, actions, now)
    end
    return after and { Rules = { changed } }, after or refusal
end

return M
