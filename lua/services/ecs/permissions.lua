-- What the actions of ECS can be allowed on (lua/aws/permissions.lua).

local arn = require "aws.arn"
local names = require "services.ecs.names"
local permissions = require "aws.permissions"

local named = permissions.named

local LISTS = "AWS has no resource for what is listed"
local DEFINITIONS = "ECS allows reading and registering task definitions on everything or not at "
    .. "all"

-- Things of a cluster, by the members that name them.
local function inside_cluster(kind, one, many)
    return function(input, home)
        local found, cluster = {}, names.last(input.cluster or "default")
        for _, id in ipairs(permissions.each(input[one] or input[many])) do
            found[#found + 1] = arn.parse(id) and id
                or arn.make(home, "ecs", ("%s/%s/%s"):format(kind, cluster, names.last(id)))
        end
        return found
    end
end

local of_services = inside_cluster("service", "service", "services")

-- What a service has made, deployments and their revisions: all of it, since nobody can tell
-- beforehand how ECS will call the next.
local function of_service(kind, member)
    return function(input, home)
        local found, of = {}, input.service and { input } or {}
        for _, id in ipairs(permissions.each(input[member])) do
            local cluster, service = id:match(":" .. kind:gsub("%-", "%%-")
                .. "/([^/]+)/([^/]+)/")
            of[#of + 1] = { cluster = cluster, service = service }
        end
        for i, one in ipairs(of) do
            found[i] = names.service(one, home):gsub(":service/", ":" .. kind .. "/", 1) .. "/*"
        end
        return found
    end
end

return {
    on = {
        DescribeServices = of_services,
        UpdateService = of_services,
        ListServiceDeployments = of_services,
        DescribeServiceDeployments = of_service("service-deployment", "serviceDeploymentArns"),
        DescribeServiceRevisions = of_service("service-revision", "serviceRevisionArns"),
        ContinueServiceDeployment = of_service("service-deployment", "serviceDeploymentArn"),
        StopServiceDeployment = of_service("service-deployment", "serviceDeploymentArn"),
        DescribeTasks = inside_cluster("task", "task", "tasks"),
        ListClusters = LISTS,
        ListServices = LISTS,
        ListTasks = LISTS,
        DescribeTaskDefinition = DEFINITIONS,
        RegisterTaskDefinition = DEFINITIONS,
        DeregisterTaskDefinition = DEFINITIONS,
    },
    passed = {
        RegisterTaskDefinition = {
            service = "ecs-tasks.amazonaws.com",
            roles = function(input)
                local found = named "taskRoleArn"(input)
                found[#found + 1] = named "executionRoleArn"(input)[1]
                return found
            end,
        },
    },
}
