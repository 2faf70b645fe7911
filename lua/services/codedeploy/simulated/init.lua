-- CodeDeploy in the simulated account: what it is like at first, and what its owner would call
-- changed.

local cloudwatch = require "services.cloudwatch.simulated"
local course = require "services.codedeploy.simulated.course"
local deployments = require "services.codedeploy.simulated.operations"
local revision = require "services.codedeploy.revision"

local M = {}

M.operations = deployments.operations
M.latency = { read = 80, write = 200 }
M.refused = "ValidationException" -- the code for input that does not fit

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
