-- Looks at a service that take several reads (lua/aws/looks.lua). What a rolling deployment does
-- shows in the service itself; where ECS shifts the traffic, it takes its deployment, the revisions
-- of that, and the listener rules that they share.

local shapes = require "services.ecs.inputs"
local names = require "services.ecs.names"
local shifting = require "services.ecs.shifting"

local M = {}

local LISTED = 100

local function latest(list)
    local found
    for _, one in ipairs(list) do
        if not found or one.createdAt > found.createdAt then
            found = one
        end
    end
    return found and found.serviceDeploymentArn
end

-- The deployment that is under way, or the last that was.
local function deployment_of(input, service, ask)
    local arn = service.currentServiceDeployment
    if not arn then
        arn = latest(ask("ecs.list_service_deployments", { cluster = input.cluster,
            service = input.service, maxResults = LISTED }).serviceDeployments)
    end
    return arn and ask("ecs.describe_service_deployments", { serviceDeploymentArns = { arn } })
        .serviceDeployments[1]
end

-- Those that have a part in the deployment, or run.
local function revisions_of(service, deployment, ask)
    local arns, listed = {}, {}
    local function add(one)
        if one and one.arn and not listed[one.arn] and #arns < 20 then
            listed[one.arn], arns[#arns + 1] = true, one.arn
        end
    end
    add(deployment and deployment.targetServiceRevision)
    for _, list in ipairs { deployment and deployment.sourceServiceRevisions or {},
        service.currentServiceRevisions or {} } do
        for _, one in ipairs(list) do
            add(one)
        end
    end
    return arns[1] and ask("ecs.describe_service_revisions", { serviceRevisionArns = arns })
        .serviceRevisions or nil
end

local function rules_of(service, ask)
    local arns, listed = {}, {}
    for _, one in ipairs(shifting.balancers(service)) do
        local arn = one.advancedConfiguration.productionListenerRule
        if arn:find(":listener%-rule/app/") and not listed[arn] then
            listed[arn], arns[#arns + 1] = true, arn
        end
    end
    return arns[1] and ask("elbv2.describe_rules", { RuleArns = arns }).Rules or nil
end

local function look(input, ask)
    local output = ask("ecs.describe_services", { cluster = input.cluster,
        services = { input.service } })
    local service = output.services[1]
    if not service or not shifting.is_set_up(service) then
        return output
    end
    local deployment = deployment_of(input, service, ask)
    return {
        services = output.services,
        deployment = deployment,
        revisions = revisions_of(service, deployment, ask),
        rules = rules_of(service, ask),
    }
end

M["ecs.look_at_service"] = {
    class = "read",
    input = shapes.look_at_service,
    identity = names.service,
    look = look,
    reads = function(input)
        local of = { cluster = input.cluster, service = input.service }
        return {
            { operation = "ecs.describe_services", input = of },
            { operation = "ecs.list_service_deployments", input = of },
            { operation = "ecs.describe_service_deployments", input = of },
            { operation = "ecs.describe_service_revisions", input = of },
            { operation = "elbv2.describe_rules", input = {} },
        }
    end,
}

-- Known to the program, and not to plain Lua, which need not look.
local function array(list)
    return require "canonical".array(list)
end

local AT_ONCE = 10 -- services that ECS shows in one answer
local PAGE = 100

-- Whether what steers a service moves the weights of a target group by itself: ECS that of a load
-- balancer that is set up for it, CodeDeploy those of the service's task sets.
local function moves(service, wanted)
    for _, one in ipairs(shifting.balancers(service)) do
        if wanted[one.targetGroupArn]
            or wanted[one.advancedConfiguration.alternateTargetGroupArn] then
            return true
        end
    end
    local controller = service.deploymentController and service.deploymentController.type
    for _, set in ipairs(controller == "CODE_DEPLOY" and service.taskSets or {}) do
        for _, one in ipairs(set.loadBalancers or {}) do
            if wanted[one.targetGroupArn] then
                return true
            end
        end
    end
    return false
end

local function services_of(cluster, ask)
    local arns = ask("ecs.list_services", { cluster = cluster, maxResults = PAGE }).serviceArns
    local found = {}
    for from = 1, #arns, AT_ONCE do
        local some = table.move(arns, from, math.min(from + AT_ONCE - 1, #arns), 1, {})
        for _, one in ipairs(ask("ecs.describe_services", { cluster = cluster, services = some })
            .services) do
            found[#found + 1] = one
        end
    end
    return found
end

-- The services by which ECS, or CodeDeploy, moves the weights of target groups. Nothing of the load
-- balancer's tells it, so all services are looked at.
M["ecs.look_for_groups"] = {
    class = "read",
    input = shapes.look_for_groups,
    look = function(input, ask)
        local wanted, found = {}, array {}
        for _, arn in ipairs(input.targetGroupArns) do
            wanted[arn] = true
        end
        for _, cluster in ipairs(ask("ecs.list_clusters", { maxResults = PAGE }).clusterArns) do
            for _, service in ipairs(services_of(cluster, ask)) do
                found[#found + 1] = moves(service, wanted) and {
                    cluster = names.last(cluster), service = service.serviceName,
                    controller = service.deploymentController
                        and service.deploymentController.type or "ECS",
                } or nil
            end
        end
        return { services = found }
    end,
    reads = function()
        return { { operation = "ecs.list_clusters", input = {} },
            { operation = "ecs.list_services", input = {} },
            { operation = "ecs.describe_services", input = {} } }
    end,
}

return M
