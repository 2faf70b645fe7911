-- What policies do with an ECS service, whoever moves its traffic: looking at it, and at the
-- revisions it is to run.

local members = require "targets.members_policy"

local M = {}

---Clusters, services and revisions by their names: "shop:42" of an ARN.
---@param id string
---@return string
function M.short(id)
    return id:match("([^/]+)$")
end

---@async
---@param target Target
---@return table service
function M.describe(target)
    local value = target.value
    local service = target:call("ecs.describe_services", {
        cluster = value.cluster,
        services = { value.service },
    }).services[1]
    if not service or service.status ~= "ACTIVE" then
        target:fail(service and "is " .. service.status or "was not found")
    end
    return service
end

---Where the target says that the service is; all it has is there, however it is called.
---@param value table
---@return string?
function M.region(value)
    return members.place({ { "service" }, { "cluster" } }, value)
end

-- ECS takes no INACTIVE revision: neither to go to, nor to come back to.
local function active(target, definition, called)
    local output = target:call("ecs.describe_task_definition", { taskDefinition = definition },
        M.region(target.value))
    local status, arn = output.taskDefinition.status, output.taskDefinition.taskDefinitionArn
    if status ~= "ACTIVE" then
        target:fail("%s is %s, and ECS would refuse to deploy it (it is the %s)", M.short(arn),
            status, called)
    end
    return arn
end

---Both arms of the rollout, and that it can begin.
---@async
---@param target Target
---@param service table
function M.find_arms(target, service)
    for i, deployment in ipairs(service.deployments) do
        if i > 1 or deployment.rolloutState == "IN_PROGRESS" then
            target:fail("is in the middle of a deployment; let it finish first")
        end
    end
    if service.desiredCount == 0 then
        target:fail("runs no tasks, so there is no traffic to move")
    end
    target.canary = active(target, target.value.canary, "canary")
    if M.short(service.taskDefinition) == M.short(target.canary) then
        target:fail("already runs %s: there is nothing to roll out", M.short(target.canary))
    end
    target.baseline = active(target, service.taskDefinition, "baseline")
    target.percent = 0
end

---Changes one setting of the service.
---@async
---@param target Target
---@param setting string
---@param to any
function M.update(target, setting, to)
    target:call("ecs.update_service", {
        cluster = target.value.cluster,
        service = target.value.service,
        [setting] = to,
    })
end

return M
