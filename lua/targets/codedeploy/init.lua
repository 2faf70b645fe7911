-- ECS services that CodeDeploy deploys as targets.

local arn = require "aws.arn"
local host = require "targets.alb.host"
local observation = require "services.codedeploy.observation"

local M = {}

M.summary = "ECS service that CodeDeploy deploys"
M.deploys = { "codedeploy.create_deployment" }
M.stand_in = { "codedeploy:pretended/%s", rank = 2 }
M.begins = { "take_back", target = [[
    target = rollout.codedeploy {
        application = "NAME",
        group = "live",
    },
]] }
M.arms = "two task sets, each with a target group"
M.ready = "CodeDeploy starts the tasks, and waits for them, when the first traffic is shifted."
M.notes = [[
CodeDeploy shifts the traffic; Tidelock chooses the share, judges, and has it taken back. There is
one share, in whole percents, kept for `interval` (90 minutes unless given): a policy that wants a
second one is refused before anything is touched, and so is a watch that outlasts the interval.
`shift(100)` waits until CodeDeploy goes on by itself, and the run is committed when CodeDeploy has
finished, the wait for the old tasks included. Left alone CodeDeploy would go on to all of the
traffic, so that an alarm on our signs of life makes it take the canary back when we fall silent.
What to set up, what is changed and restored: [codedeploy.md](codedeploy.md).]]

local function input_of(value)
    return { applicationName = value.application, deploymentGroupName = value.group }
end

function M.identity(value, home)
    return arn.make(home, "codedeploy", ("deploymentgroup:%s/%s"):format(value.application,
        value.group))
end

M.routes = {
    ["codedeploy.create_deployment"] = function(input, value)
        if input.applicationName ~= value.application
            or input.deploymentGroupName ~= value.group then
            return nil
        end
        local share = (input.description or ""):match("^tidelock: %S+ at (%d+) %%$")
        return tonumber(share) or 0
    end,
}

-- A run that lives says so every minute; what listens is the alarm that policy.lua puts, which it
-- does where there is a canary.
function M.heartbeat(value)
    return value.canary and {
        operation = "cloudwatch.put_metric_data",
        every = 60000,
        input = {
            Namespace = "Tidelock",
            MetricData = { {
                MetricName = "SignsOfLife",
                Dimensions = {
                    { Name = "Application", Value = value.application },
                    { Name = "DeploymentGroup", Value = value.group },
                },
                Value = 1,
                Unit = "Count",
            } },
        },
    } or nil
end

function M.about(value)
    return { input_of(value) }
end

-- What take_back may do, which a target without a canary is for.
function M.further(value)
    return value.canary and {} or {
        { operation = "codedeploy.stop_deployment" },
        { operation = "codedeploy.create_deployment" },
    }
end

M.draws = {}

function M.series(value)
    return value.group
end

-- As those of a load balancer: each arm is its target group.
M.metrics, M.latency = host.metrics, host.latency

M.placeholders = {
    "listener", "baseline_group", "canary_group",
    fills = host.fills,
    fill = function(arm, values, invalid)
        host.fill_group(values.listener, values[arm .. "_group"], values, invalid)
    end,
}

M.metric_notes = [[
Each arm is its target group: the one that serves before the first shift is the baseline's, the
other one of the pair the canary's.]]

-- Which of the two groups is which can be told before the first shift only.
function M.lookup(value)
    return not value.canary_group and {
        operation = "codedeploy.look_at_group",
        input = input_of(value),
    } or nil
end

function M.known(_, output)
    local primary = observation.group_of(observation.primary(output))
    local _, listener = observation.pair(output)
    local known = { baseline_group = primary, listener = listener or "" }
    for _, group in pairs(output.groups or {}) do
        known.canary_group = group ~= primary and group or known.canary_group
    end
    return known
end

return M
