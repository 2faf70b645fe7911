-- ECS services under rolling deployments as targets.

local names = require "services.ecs.names"

local M = {}

M.summary = "ECS service"
M.arms = "two revisions of a task definition"
M.ready = "An ACTIVE task definition is ready; the shift itself waits for the tasks."
M.notes = [[
The baseline is the revision that the service runs. ECS replaces the tasks in a rolling deployment
of its own, so that only 0 and 100 % can be held: `blue_green` fits, and a policy that wants a
share between is refused before anything is touched. `shift` waits until the deployment is
completed; if ECS's circuit breaker or an alarm sends the service back, or the deployment takes
longer than `within` (30 minutes), the rollout is undone. The way back is another rolling
deployment: the rollback is done when the service names what it ran before, and ECS then takes its
time to replace the tasks. A rollout does not start in the middle of a deployment, nor where the
running revision is INACTIVE, which ECS would refuse to go back to. A service that CodeDeploy,
task sets or a strategy other than ROLLING steer is not touched behind their back.]]

local function last_name(id)
    return tostring(id):match("([^/]*)$")
end

function M.identity(value, home)
    return names.service({ cluster = value.cluster, service = value.service }, home)
end

-- Each setting of a service is put back by itself, and has an identity of its own.
function M.changes(value, home)
    return M.identity(value, home) .. "#taskDefinition"
end

M.routes = {
    ["ecs.update_service"] = function(input, value)
        if not input.taskDefinition or not value.canary
            or last_name(input.service) ~= last_name(value.service)
            or last_name(input.cluster or "default") ~= last_name(value.cluster) then
            return nil
        end
        return last_name(input.taskDefinition) == last_name(value.canary) and 100 or 0
    end,
}

function M.about(value)
    return { { cluster = value.cluster, service = value.service } }
end

M.draws = {}

function M.series(value)
    return value.service
end

M.metric_notes = [[
Which metrics speak of an arm of an ECS service depends on what stands in front of it: they are
configured.]]

return M
