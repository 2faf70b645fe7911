-- Elastic Load Balancing in the simulated account: what it is like at first, and what its owner
-- would call changed.

local actions = require "services.elbv2.actions"
local conditions = require "services.elbv2.conditions"
local elbv2 = require "services.elbv2.simulated.operations"
local tables = require "simulation.tables"

local M = {}

M.operations = elbv2
M.latency = { read = 80, write = 200 }
M.refused = "ValidationError" -- the code for input that does not fit

local ALWAYS = math.mininteger

local function invalid(format, ...)
    error({ invalid = format:format(...) }, 0)
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

-- A part of the account without any load balancer.
function M.begin()
    return M.settle { balancers = {}, listeners = {}, rules = {}, groups = {}, attributes = {},
        targets = {}, certificates = {} }
end

-- What was begun, once all of its targets are in it.
function M.begun(state)
    set_ports(state)
    set_priorities(state)
    return M.settle(state)
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
