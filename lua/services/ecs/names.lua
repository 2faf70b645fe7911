-- The names of what ECS has: each may be called by its name or by its ARN, and a service belongs to
-- a cluster, whose ARN then says where it is.

local arn = require "aws.arn"

local M = {}

-- The last part of a name or ARN: "shop:42", "checkout".
function M.last(id)
    return id and id:match("([^/]+)$")
end

local function make(home, path, ...)
    return arn.make(arn.of("ecs", arn.first("ecs", ...)) or home, "ecs", path)
end

-- A cluster, that of a task that is called by its ARN where none is said.
function M.cluster(input, home)
    local cluster = M.last(input.cluster) or "default"
    return make(home, "cluster/" .. cluster, input.tasks, input.serviceName, input.cluster)
end

-- A service; of several, the first.
function M.service(input, home)
    local called = input.service or input.services[1]
    local parts = arn.of("ecs", called)
    local cluster = parts and parts.path:match("^service/([^/]+)/") or M.last(input.cluster)
    return make(home, ("service/%s/%s"):format(cluster or "default", M.last(called)), called,
        input.cluster)
end

-- A task definition: a family, or one revision of it.
function M.definition(called, home)
    return make(home, "task-definition/" .. M.last(called), called)
end

return M
