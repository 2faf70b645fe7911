-- CodeDeploy in the simulated account: what it is like at first, and what its owner would call
-- changed.

local array = require "canonical".array
local cloudwatch = require "services.cloudwatch.simulated"
local course = require "services.codedeploy.simulated.course"
local deployments = require "services.codedeploy.simulated.operations"
local revision = require "services.codedeploy.revision"
local show = require "services.codedeploy.simulated.show"

local M = {}

M.operations = deployments.operations
M.latency = { read = 80, write = 200 }
M.refused = "ValidationException" -- the code for input that does not fit

local function last(id)
    return id:match("([^/]+)$")
end

-- The group whose service this is, or nil.
local function group_of(state, cluster, called)
    for _, group in pairs(state.groups) do
        local service = group.service
        if service.serviceName == last(called) and last(service.clusterArn) == cluster then
            return group
        end
    end
end

-- ECS shows the services that CodeDeploy steers.
M.made = {
    ["ecs.describe_services"] = function(state, input, now)
        local services = array {}
        for _, called in ipairs(input.services) do
            local group = group_of(state, last(input.cluster or "default"), called)
            services[#services + 1] = group and show.group(group, now).service
        end
        return services[1] and { services = services, failures = array {} } or nil
    end,
}

-- A part of the account without any deployment group.
function M.begin(home)
    return { home = home, groups = {}, configs = {}, failing = {}, writes = 0 }
end

-- CodeDeploy looks at the alarms of what it deploys.
function M.advance(part, now, other)
    local alarms = other "cloudwatch"
    return alarms and deployments.advance(part, now, function(name)
        return cloudwatch.alarmed(alarms, name, now)
    end) or part
end

-- What the owner would miss if it changed: what a service comes to run once nobody touches it any
-- more, and the configurations. A deployment that was is no difference.
function M.view(state)
    local view = {}
    for key, group in pairs(state.groups) do
        local standing = course.at(group, math.maxinteger)
        view["deployment group " .. key] = {
            taskDefinition = revision.short(standing.primary.definition),
            weight = standing.weight,
        }
    end
    for name, config in pairs(state.configs) do
        view["deployment configuration " .. name] = config.trafficRoutingConfig
    end
    return view
end

return M
