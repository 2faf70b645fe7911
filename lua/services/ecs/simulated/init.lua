-- ECS in the simulated account: what it is like at first, and what its owner would call changed.

local array = require "canonical".array
local settings = require "services.ecs.settings"
local shapes = require "services.ecs.inputs"
local shifting = require "services.ecs.shifting"
local show = require "services.ecs.simulated.show"
local tables = require "simulation.tables"

local M = {}

M.operations = require "services.ecs.simulated.operations"
M.latency = { read = 60, write = 150 }
M.refused = "InvalidParameterException" -- the code for input that does not fit

-- ECS writes the weights of the rules that its deployments shift.
M.made = {
    ["elbv2.describe_rules"] = function(state, input, now)
        local rules = array {}
        for _, arn in ipairs(input.RuleArns or {}) do
            for _, id in ipairs(tables.names(state.services)) do
                rules[#rules + 1] = show.rule(state.services[id], arn, now)
            end
        end
        return rules[1] and { Rules = rules } or nil
    end,
}

-- A part of the account without any service.
function M.begin(home)
    return { home = home, clusters = {}, definitions = {}, services = {}, failing = {},
        alarmed = {}, writes = 0 }
end

local function settings_now(service)
    local last = service.course[#service.course].value
    local shown = tables.over(service.shown, {})
    for name in pairs(shapes.changeable) do
        shown[name] = settings.normal(name, shown[name])
    end
    shown.taskDefinition = last.definition
    for _, one in ipairs(shifting.balancers(service.shown)) do
        local rule = one.advancedConfiguration.productionListenerRule
        shown[rule] = show.rule(service, rule, math.maxinteger).Actions
    end
    return shown
end

-- What the owner would miss if it changed: { what it is called = plain value }. A service counts as
-- what it comes to when nobody touches it any more. A revision that is INACTIVE is as good as
-- gone: nothing can be started from it.
function M.view(state)
    local view = {}
    for id, service in pairs(state.services) do
        view["service " .. id] = settings_now(service)
    end
    for revision, known in pairs(state.definitions) do
        if known.shown.status == "ACTIVE" then
            view["task definition " .. revision] = tables.with(known.shown, "tags", known.tags)
        end
    end
    return view
end

return M
