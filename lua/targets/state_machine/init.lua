-- Aliases of Step Functions' state machines as targets.

local arn = require "aws.arn"

local M = {}

M.summary = "Step Functions alias"
M.arms = "two versions"
M.ready = "A published version is always ready."
M.notes = [[
The baseline is the version that the alias points at. The share is that of the executions which
are started by the alias; those that have begun go on with the version they began with. A rollout
does not start from an alias that two other versions share. A machine that is called by its name
is looked for in the list of all state machines; its ARN saves that.]]

local function name_of(value)
    return value.machine:match("([^:]+)$")
end

function M.identity(value, home)
    return arn.make(arn.parse(value.machine) or home, "states",
        ("stateMachine:%s:%s"):format(name_of(value), value.alias))
end

M.routes = {
    ["states.update_state_machine_alias"] = function(input, value)
        local called = arn.parse(value.machine) and value.machine or name_of(value)
        local alias = ("%s:%s"):format(called, value.alias)
        if input.stateMachineAliasArn:sub(-#alias - 1) ~= ":" .. alias
            and input.stateMachineAliasArn ~= alias then
            return nil
        end
        for _, item in ipairs(input.routingConfiguration) do
            if item.stateMachineVersionArn:match("([^:]*)$") == value.canary then
                return item.weight
            end
        end
        return 0
    end,
}

-- By its name alone, it may be of any account and region.
function M.about(value)
    local machine = arn.parse(value.machine) and value.machine
        or arn.make(nil, "states", "stateMachine:" .. value.machine)
    return { { stateMachineArn = machine, stateMachineAliasArn = machine .. ":" .. value.alias } }
end

M.draws = { "machine", "alias" }

function M.series(value)
    return ("%s:%s"):format(name_of(value), value.alias)
end

M.metric_notes = [[
Nothing is built in. The metrics of AWS/States are of a whole state machine (ExecutionsStarted,
ExecutionsFailed, ExecutionsTimedOut, by StateMachineArn) unless executions are started by a
version or an alias; what CloudWatch then has of each version, `aws cloudwatch list-metrics
--namespace AWS/States` shows, and it is configured with the placeholder `{{version}}`.]]

-- What the alias points at is the baseline. AWS must be given its ARN for that.
function M.lookup(value)
    return not value.baseline and arn.parse(value.machine) and {
        operation = "states.describe_state_machine_alias",
        input = { stateMachineAliasArn = value.machine .. ":" .. value.alias },
    } or nil
end

function M.known(value, output)
    for _, item in ipairs(output.routingConfiguration) do
        local version = item.stateMachineVersionArn:match("([^:]*)$")
        if version ~= value.canary and item.weight > 0 then
            return { baseline = version }
        end
    end
    return { baseline = "" }
end

return M
