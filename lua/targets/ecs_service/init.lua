-- ECS services as targets: under rolling deployments, or where ECS shifts the traffic itself.

local host = require "targets.alb.host"
local names = require "services.ecs.names"
local shifting = require "services.ecs.shifting"

local M = {}

M.summary = "ECS service"
M.deploys = { "ecs.update_service" }
M.arms = "two revisions of a task definition"
M.ready = "Under a rolling deployment an ACTIVE task definition is ready; the shift itself waits "
    .. "for the tasks. Where ECS shifts the traffic, the new tasks run beside the old ones, and "
    .. "the deployment waits at its first pause."
M.notes = [[
The baseline is the revision that the service runs. A service whose load balancer is set up for it
is shifted by ECS itself, in equal steps of at least 3 %, or once by any share and then wholly; the
steps come from the shares that the policy's parameters name. How that goes, what is changed for it
and what ECS does if nothing is heard any more: [ecs.md](ecs.md).

Any other service moves by rolling deployments, in which ECS replaces the tasks, so that only 0 and
100 % can be held: `blue_green` fits, and a policy that wants a share between is refused before
anything is touched. `shift` waits until the deployment is
completed; if ECS's circuit breaker or an alarm sends the service back, or the deployment takes
longer than `within` (30 minutes), the rollout is undone. The way back is another rolling
deployment: the rollback is done when the service names what it ran before, and ECS then takes its
time to replace the tasks. A rollout does not start in the middle of a deployment, nor where the
running revision is INACTIVE, which ECS would refuse to go back to. A service that CodeDeploy or
task sets steer is not touched behind their back.]]

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

local function is_of(value, cluster, service)
    return value.canary ~= nil and last_name(service) == last_name(value.service)
        and last_name(cluster or "default") == last_name(value.cluster)
end

-- A deployment that shifts the traffic begins with none of it.
local function begins_with_none(observed)
    local service = type(observed) == "table" and (observed.services or {})[1]
    return service ~= nil and service ~= false and shifting.shifts(service)
end

-- The share that the next step leads to, of a deployment as it was looked at before; nil where it
-- has all of the traffic.
local function next_share(deployment)
    local config = deployment.deploymentConfiguration or {}
    local target = deployment.targetServiceRevision or {}
    local weight = target.requestedProductionTrafficWeight or 0
    if weight >= 100 then
        return nil
    elseif config.strategy == "LINEAR" then
        weight = weight + (config.linearConfiguration or {}).stepPercent
    else
        weight = weight == 0 and (config.canaryConfiguration or {}).canaryPercent or 100
    end
    weight = math.min(math.floor(weight * 10 + 0.5) / 10, 100)
    return math.tointeger(weight) or weight
end

M.routes = {
    ["ecs.update_service"] = function(input, value, observed)
        if not input.taskDefinition or not is_of(value, input.cluster, input.service) then
            return nil
        end
        return last_name(input.taskDefinition) == last_name(value.canary)
            and not begins_with_none(observed) and 100 or 0
    end,
    ["ecs.continue_service_deployment"] = function(input, value, observed)
        local cluster, service = tostring(input.serviceDeploymentArn):match(
            ":service%-deployment/([^/]+)/([^/]+)/")
        if not cluster or not is_of(value, cluster, service) then
            return nil
        end
        local deployment = type(observed) == "table" and (observed.serviceDeployments or {})[1]
        return input.action == "ROLLBACK" and 0 or deployment and next_share(deployment) or nil
    end,
}

function M.about(value)
    return { { cluster = value.cluster, service = value.service } }
end

-- What take_back may do, which a target without a canary is for.
function M.further(value)
    local service = { cluster = value.cluster, service = value.service }
    return value.canary and {} or {
        { operation = "ecs.look_at_service", input = service },
        { operation = "ecs.describe_task_definition" },
        { operation = "ecs.stop_service_deployment", input = service },
        { operation = "ecs.update_service", input = { cluster = value.cluster,
            service = value.service, taskDefinition = "any:1" } },
    }
end

M.draws = {}

function M.series(value)
    return value.service
end

-- Which target group each arm has, or will have, the service and its revisions say.
function M.lookup(value)
    return not value.baseline and { operation = "ecs.look_at_service",
        input = { cluster = value.cluster, service = value.service } } or nil
end

function M.known(value, look)
    local service = look.services[1]
    local balancer = service and shifting.balancers(service)[1]
    local baseline = service and last_name(service.taskDefinition) or "none"
    if not balancer then
        return { baseline = baseline }
    end
    local advanced = balancer.advancedConfiguration
    local rule, other = advanced.productionListenerRule, advanced.alternateTargetGroupArn
    local group = shifting.groups(shifting.revision_of(look, service.taskDefinition))[rule]
    local runs_canary = last_name(service.taskDefinition) == last_name(value.canary)
    group = group or balancer.targetGroupArn
    other = group == other and balancer.targetGroupArn or other
    return {
        baseline = baseline,
        rule = rule,
        baseline_group = runs_canary and other or group,
        canary_group = runs_canary and group or other,
    }
end

-- A rolling service says nothing of what stands in front of it.
M.placeholders = {
    fill = function(arm, values, invalid)
        if values.rule then
            host.fill_group(values.rule, values[arm .. "_group"], values, invalid)
        end
    end,
    fills = host.fills,
}

M.metrics, M.latency = host.metrics, host.latency

M.metric_notes = [[
Where ECS shifts the traffic each arm is its target group, as the service's revisions say. What
stands in front of a service under rolling deployments nobody says: its metrics are configured.]]

return M
