-- ECS services under rolling deployments, as policies know them: all tasks are replaced by those of
-- another task definition. Traffic follows the tasks, so that a share between none and all is only
-- passed through, and cannot be held.

local members = require "targets.members_policy"

local M = {}

local EVERY = 15000 -- how often a deployment is looked at
local WITHIN = 30 * 60 * 1000 -- how long it may take unless the target says otherwise

local function read_revision(value)
    local text = type(value) == "string" and value or ""
    local name = text:match("^arn:[^,%s]+:task%-definition/(.*)$") or text
    return name:find("^[%w_-]+:%d+$") and text or nil
end

local revision = {
    expected = 'a revision of a task definition ("shop:42", or its ARN)',
    read = read_revision,
    parse = read_revision,
}

-- A cluster or a service; AWS takes either by its name or by its ARN.
local function named(noun)
    local arn = ("^arn:[^:,%%s]+:ecs:[^:,%%s]+:%%d+:%s/[%%w_/-]+$"):format(noun)
    local function read(value)
        local known = type(value) == "string" and #value <= 400
            and (value:find("^[%w_-]+$") or value:find(arn))
        return known and value or nil
    end
    return { expected = ("the name or ARN of a %s"):format(noun), read = read, parse = read }
end

M.members = {
    { "cluster", about = "name or ARN", kind = named "cluster" },
    { "service", about = "name or ARN", kind = named "service" },
    { "canary", about = 'revision of a task definition (`"shop:42"`) or its ARN', kind = revision },
    { "within", about = 'how long a deployment may take; `"30m"`', kind = members.duration,
        optional = true },
}
M.text = "ecs-service:CLUSTER/SERVICE,canary=TASK-DEFINITION"
M.resolution = 100
M.coarse = "a rolling deployment replaces all tasks, so that it carries 0 or 100 % only"

-- Clusters, services and revisions by their names: "shop:42" of an ARN.
local function short(id)
    return id:match("([^/]+)$")
end

-- "shop/checkout", ".../shop/checkout" with the ARN of the cluster in front, or the service's ARN.
function M.head(id)
    local place, path = id:match("^(arn:[^:]+:ecs:[^:]+:[^:]+:)service/([^%s]+)$")
    local cluster, service = (path or id):match("^([^%s]+)/([^/%s]+)$")
    if place and cluster then
        cluster = place .. "cluster/" .. cluster
    end
    local fits = cluster and (cluster:find("^[^/:]+$") or cluster:find("^arn:[^/]+:cluster/[^/]+$"))
    return fits and { cluster = cluster, service = service }
end

local function describe(target)
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

-- ECS takes no INACTIVE revision: neither to go to, nor to come back to.
local function active(target, definition, called)
    local output = target:call("ecs.describe_task_definition", { taskDefinition = definition },
        members.place(M.members, target.value))
    local status, arn = output.taskDefinition.status, output.taskDefinition.taskDefinitionArn
    if status ~= "ACTIVE" then
        target:fail("%s is %s, and ECS would refuse to deploy it (it is the %s)", short(arn),
            status, called)
    end
    return arn
end

local function check_steered(target, service)
    local controller = service.deploymentController and service.deploymentController.type or "ECS"
    local strategy = (service.deploymentConfiguration or {}).strategy or "ROLLING"
    if controller ~= "ECS" then
        target:fail("is steered by %s: it is not touched behind its back",
            controller == "CODE_DEPLOY" and "CodeDeploy" or "task sets")
    elseif strategy ~= "ROLLING" then
        target:fail("has the strategy %s, with which ECS itself steers the traffic: it is not "
            .. "touched behind its back", strategy)
    end
end

-- With so many tasks ECS can neither start one more nor do with one less.
local function check_room(target, service)
    local count, config = service.desiredCount, service.deploymentConfiguration or {}
    local least, most = config.minimumHealthyPercent or 100, config.maximumPercent or 200
    if count == 0 then
        target:fail("runs no tasks, so there is no traffic to move")
    elseif count * most // 100 <= count and math.ceil(count * least / 100) >= count then
        target:fail("cannot replace its %d tasks: %d to %d %% of them must run at any time", count,
            least, most)
    end
end

function M.look(target)
    local service = describe(target)
    check_steered(target, service)
    for i, deployment in ipairs(service.deployments) do
        if i > 1 or deployment.rolloutState == "IN_PROGRESS" then
            target:fail("is in the middle of a deployment; let it finish first")
        end
    end
    check_room(target, service)
    target.canary = active(target, target.value.canary, "canary")
    if short(service.taskDefinition) == short(target.canary) then
        target:fail("already runs %s: there is nothing to roll out", short(target.canary))
    end
    target.baseline = active(target, service.taskDefinition, "baseline")
    target.percent = 0
end

-- The primary deployment, how many tasks run beside it, and why another one failed.
local function deployments(service)
    local primary, others, failure = nil, 0, nil
    for _, one in ipairs(service.deployments) do
        if one.status == "PRIMARY" then
            primary = one
        else
            others = others + one.runningCount
            failure = one.rolloutState == "FAILED" and one.rolloutStateReason or failure
        end
    end
    return primary, others, failure
end

-- Whether all of the service's tasks are of the definition; otherwise in words how far it is. A
-- circuit breaker or an alarm may have decided against it meanwhile.
local function arrived(target, definition)
    local service = describe(target)
    local primary, others, failure = deployments(service)
    local wanted = short(definition)
    if short(primary.taskDefinition) ~= wanted then
        target:undo("was sent back to %s by ECS: %s", short(primary.taskDefinition),
            failure or primary.rolloutStateReason or "no reason is given")
    elseif primary.rolloutState == "FAILED" then
        target:undo("could not be moved to %s: %s", wanted,
            primary.rolloutStateReason or "no reason is given")
    end
    local full = primary.runningCount == service.desiredCount and others == 0
    return full and (primary.rolloutState or "COMPLETED") == "COMPLETED",
        ("%d of %d tasks run %s, %d run another (%s)"):format(primary.runningCount,
            service.desiredCount, wanted, others, primary.rolloutState or "no state is given")
end

-- The first look comes after the first pause: by then every reader sees what was written.
local function await(target, definition)
    local within, waited = target.value.within or WITHIN, 0
    while true do
        target:sleep(EVERY)
        waited = waited + EVERY
        local all, state = arrived(target, definition)
        if all then
            return
        elseif waited + EVERY > within then
            target:undo("is not done after %s: %s", require "duration".format(within), state)
        end
    end
end

function M.route(target, percent)
    local definition = percent == 100 and target.canary or target.baseline
    target:call("ecs.update_service", {
        cluster = target.value.cluster,
        service = target.value.service,
        taskDefinition = definition,
    })
    await(target, definition)
end

function M.resource(value)
    return short(value.cluster) .. "/" .. short(value.service)
end

return M
