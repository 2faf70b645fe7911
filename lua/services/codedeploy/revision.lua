-- The AppSpec of a deployment: which task definition it is about, and one that says so.

local M = {}

-- "shop:42" of an ARN or a name.
function M.short(id)
    return id and id:match("([^/]+)$")
end

-- The task definition that an AppSpec names, in JSON or YAML, or nil. The keys may be in lower
-- case.
function M.definition(content)
    return M.short(content:match("[Tt]ask[Dd]efinition[\"']?%s*:%s*[\"']?([%w:/_-]+)"))
end

-- The AppSpec of a deployment, nil where it is kept elsewhere.
local function content_of(deployment)
    local location = deployment.revision or {}
    local kept = location.appSpecContent or location.string
    return kept and kept.content
end

-- The task definition of a deployment, nil where its revision is kept elsewhere.
function M.of(deployment)
    local content = content_of(deployment)
    return content and M.definition(content)
end

-- The function and the alias that a deployment of Lambda is about, by their names; nil where its
-- revision is kept elsewhere.
function M.alias(deployment)
    local content = content_of(deployment)
    local name = content and (" " .. content):match("%W[Nn]ame[\"']?%s*:%s*[\"']?([%w:_-]+)")
    local alias = content and content:match("[Aa]lias[\"']?%s*:%s*[\"']?([%w_-]+)")
    return name and name:match("[%w_-]+$"), alias
end

-- The AppSpec that deploys what a task set runs.
function M.content(set)
    local balancer = set.loadBalancers and set.loadBalancers[1] or {}
    return ('{"version":0.0,"Resources":[{"TargetService":{"Type":"AWS::ECS::Service",'
        .. '"Properties":{"TaskDefinition":"%s","LoadBalancerInfo":{"ContainerName":"%s",'
        .. '"ContainerPort":%d}}}}]}'):format(set.taskDefinition, balancer.containerName or "",
        balancer.containerPort or 0)
end

return M
