-- ECS services under rolling deployments: all tasks are replaced by those of another task
-- definition. Traffic follows the tasks, so that a share between none and all is only passed
-- through, and cannot be held.

local aws = require "aws"
local check = require "check"
local duration = require "duration"
local effect = require "effect"
local kinds = require "kinds"
local target = require "target"

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

local function fail(self, format, ...)
    check.fail("%s: " .. format, self.label, ...)
end

local function undo(self, format, ...)
    effect.perform { kind = "rollback", reason = (self.label .. " " .. format):format(...) }
end

-- Clusters, services and revisions by their names: "shop:42" of an ARN.
local function short(id)
    return id:match("([^/]+)$")
end

-- "shop/checkout", ".../shop/checkout" with the ARN of the cluster in front, or the service's ARN.
local function head(id)
    local place, path = id:match("^(arn:[^:]+:ecs:[^:]+:[^:]+:)service/([^%s]+)$")
    local cluster, service = (path or id):match("^([^%s]+)/([^/%s]+)$")
    if place and cluster then
        cluster = place .. "cluster/" .. cluster
    end
    local fits = cluster and (cluster:find("^[^/:]+$") or cluster:find("^arn:[^/]+:cluster/[^/]+$"))
    return fits and { cluster = cluster, service = service }
end

local function describe(self)
    local value = self.value
    local service = aws.call("ecs.describe_services", {
        cluster = value.cluster,
        services = { value.service },
    }).services[1]
    if not service or service.status ~= "ACTIVE" then
        fail(self, service and "is " .. service.status or "was not found")
    end
    return service
end

-- ECS takes no INACTIVE revision: neither to go to, nor to come back to.
local function active(self, definition, called)
    local output = aws.call("ecs.describe_task_definition", { taskDefinition = definition })
    local status, arn = output.taskDefinition.status, output.taskDefinition.taskDefinitionArn
    if status ~= "ACTIVE" then
        fail(self, "%s is %s, and ECS would refuse to deploy it (it is the %s)", short(arn),
            status, called)
    end
    return arn
end

local function check_steered(self, service)
    local controller = service.deploymentController and service.deploymentController.type or "ECS"
    local strategy = (service.deploymentConfiguration or {}).strategy or "ROLLING"
    if controller ~= "ECS" then
        fail(self, "is steered by %s: it is not touched behind its back",
            controller == "CODE_DEPLOY" and "CodeDeploy" or "task sets")
    elseif strategy ~= "ROLLING" then
        fail(self, "has the strategy %s, with which ECS itself steers the traffic: it is not "
            .. "touched behind its back", strategy)
    end
end

-- With so many tasks ECS can neither start one more nor do with one less.
local function check_room(self, service)
    local count, config = service.desiredCount, service.deploymentConfiguration or {}
    local least, most = config.minimumHealthyPercent or 100, config.maximumPercent or 200
    if count == 0 then
        fail(self, "runs no tasks, so there is no traffic to move")
    elseif count * most // 100 <= count and math.ceil(count * least / 100) >= count then
        fail(self, "cannot replace its %d tasks: %d to %d %% of them must run at any time", count,
            least, most)
    end
end

local function look(self)
    local service = describe(self)
    check_steered(self, service)
    for i, deployment in ipairs(service.deployments) do
        if i > 1 or deployment.rolloutState == "IN_PROGRESS" then
            fail(self, "is in the middle of a deployment; let it finish first")
        end
    end
    check_room(self, service)
    self.canary = active(self, self.value.canary, "canary")
    if short(service.taskDefinition) == short(self.canary) then
        fail(self, "already runs %s: there is nothing to roll out", short(self.canary))
    end
    self.baseline = active(self, service.taskDefinition, "baseline")
    self.percent = 0
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
local function arrived(self, definition)
    local service = describe(self)
    local primary, others, failure = deployments(service)
    local wanted = short(definition)
    if short(primary.taskDefinition) ~= wanted then
        undo(self, "was sent back to %s by ECS: %s", short(primary.taskDefinition),
            failure or primary.rolloutStateReason or "no reason is given")
    elseif primary.rolloutState == "FAILED" then
        undo(self, "could not be moved to %s: %s", wanted,
            primary.rolloutStateReason or "no reason is given")
    end
    local full = primary.runningCount == service.desiredCount and others == 0
    return full and (primary.rolloutState or "COMPLETED") == "COMPLETED",
        ("%d of %d tasks run %s, %d run another (%s)"):format(primary.runningCount,
            service.desiredCount, wanted, others, primary.rolloutState or "no state is given")
end

-- The first look comes after the first pause: by then every reader sees what was written.
local function await(self, definition)
    local within, waited = self.value.within or WITHIN, 0
    while true do
        local slept = effect.perform { kind = "sleep", ["for"] = EVERY }
        if slept.error then
            fail(self, "%s: %s", slept.error.code, slept.error.message)
        end
        waited = waited + EVERY
        local all, state = arrived(self, definition)
        if all then
            return
        elseif waited + EVERY > within then
            undo(self, "is not done after %s: %s", duration.format(within), state)
        end
    end
end

local function route(self, percent)
    local definition = percent == 100 and self.canary or self.baseline
    aws.call("ecs.update_service", {
        cluster = self.value.cluster,
        service = self.value.service,
        taskDefinition = definition,
    })
    await(self, definition)
end

target.register("ecs_service", {
    fields = {
        cluster = named "cluster",
        service = named "service",
        canary = revision,
        within = kinds.duration,
    },
    needed = { "cluster", "service", "canary" },
    text = "ecs-service:CLUSTER/SERVICE,canary=TASK-DEFINITION",
    head = head,
    resolution = 100,
    coarse = "a rolling deployment replaces all tasks, so that it carries 0 or 100 % only",
    resource = function(value) return short(value.cluster) .. "/" .. short(value.service) end,
    look = look,
    route = route,
})
