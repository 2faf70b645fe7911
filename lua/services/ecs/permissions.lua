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

return {
    on = {
        DescribeServices = of_services,
        UpdateService = of_services,
        ListServiceDeployments = of_services,
        DescribeServiceDeployments = named "serviceDeploymentArns",
        DescribeTasks = inside_cluster("task", "task", "tasks"),
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
