-- ECS services in the simulated account: how they are at first, and how their traffic is split.
--
-- At first four tasks of the revision before the canary run. Under rolling deployments the traffic
-- follows the tasks: each running one takes an equal part of it. A target that says another
-- `strategy` stands for a service that ECS shifts: it has a load balancer with two target groups,
-- whose weights are the traffic.

local arn = require "aws.arn"
local show = require "services.ecs.simulated.show"
local tables = require "simulation.tables"

local M = { service = "ecs" }

local EPOCH = 1704067200000 -- what was always there was made in 2024

local function last_name(id)
    return id:match("([^/]+)$")
end

local function id_of(one)
    return last_name(one.cluster) .. "/" .. last_name(one.service)
end

local function invalid(format, ...)
    error({ invalid = format:format(...) }, 0)
end

local function add_definition(state, family, number)
    local revision = ("%s:%d"):format(family, number)
    state.definitions[revision] = state.definitions[revision] or {
        shown = show.definition(state.home, {
            family = family,
            networkMode = "awsvpc",
            requiresCompatibilities = { "FARGATE" },
            cpu = "512",
            memory = "1024",
            containerDefinitions = {
                {
                    name = family,
                    image = ("registry.example/%s:%d"):format(family, number),
                    portMappings = { { containerPort = 8080, hostPort = 8080, protocol = "tcp" } },
                },
            },
        }, number, EPOCH),
        tags = {},
    }
    return revision
end

local percents = {
    linear = { linearConfiguration = { stepPercent = 25.0, stepBakeTimeInMinutes = 1 } },
    canary = { canaryConfiguration = { canaryPercent = 5.0, canaryBakeTimeInMinutes = 5 } },
}

local function balancing(home, id, called)
    return arn.make(home, "elasticloadbalancing", called:gsub("{}", function()
        return tables.digits(id .. called, 16)
    end))
end

-- What else a service has whose traffic ECS shifts.
local function shifted_by(home, id, strategy)
    local name = id:match("[^/]*$")
    local function group(color)
        return balancing(home, id, ("targetgroup/%s-%s/{}"):format(name, color))
    end
    return {
        deploymentConfiguration = tables.over({
            strategy = strategy:upper(),
            minimumHealthyPercent = 100,
            maximumPercent = 200,
            bakeTimeInMinutes = 1,
        }, percents[strategy] or {}),
        loadBalancers = { {
            targetGroupArn = group "blue",
            containerName = name,
            containerPort = 8080,
            advancedConfiguration = {
                alternateTargetGroupArn = group "green",
                productionListenerRule = balancing(home, id,
                    ("listener-rule/app/%s/{}/{}/{}"):format(name)),
                roleArn = ("arn:%s:iam::%s:role/ecs-load-balancing"):format(home.partition,
                    home.account),
            },
        } },
    }
end

local function settings_of(home, id)
    local cluster, name = id:match("^([^/]+)/(.*)$")
    local group = tables.digits(id, 16)
    return {
        serviceArn = show.arn(home, "service", id),
        serviceName = name,
        clusterArn = show.arn(home, "cluster", cluster),
        status = "ACTIVE",
        desiredCount = 4,
        launchType = "FARGATE",
        platformVersion = "LATEST",
        platformFamily = "Linux",
        schedulingStrategy = "REPLICA",
        deploymentController = { type = "ECS" },
        deploymentConfiguration = {
            strategy = "ROLLING",
            minimumHealthyPercent = 100,
            maximumPercent = 200,
            deploymentCircuitBreaker = { enable = true, rollback = true },
        },
        networkConfiguration = {
            awsvpcConfiguration = {
                subnets = { "subnet-0" .. group, "subnet-1" .. group },
                securityGroups = { "sg-0" .. group },
                assignPublicIp = "DISABLED",
            },
        },
        healthCheckGracePeriodSeconds = 60,
        enableExecuteCommand = false,
        enableECSManagedTags = true,
        propagateTags = "NONE",
        availabilityZoneRebalancing = "ENABLED",
        createdAt = EPOCH,
    }
end

local function add_service(state, id, definition, strategy)
    local shown, code = settings_of(state.home, id), show.number(id)
    if strategy ~= "rolling" then
        shown = tables.over(shown, shifted_by(state.home, id, strategy))
    end
    state.clusters[id:match("^[^/]+")] = true
    state.services[id] = {
        shown = shown,
        course = { {
            at = math.mininteger,
            value = {
                definition = definition,
                completed = definition,
                records = {},
                sides = strategy ~= "rolling" and { [definition] = 1 } or nil,
                deployments = { {
                    id = code, seed = code, definition = definition, created = EPOCH,
                    updated = EPOCH, running = shown.desiredCount, pending = 0, failed = 0,
                    state = "COMPLETED", reason = ("ECS deployment ecs-svc/%s completed."):format(
                        code),
                } },
            },
        } },
    }
end

-- Of several canaries on one service, the baseline comes before the lowest; with revision 1 among
-- them, after the highest. Where none is given it is the first.
local function baseline_of(numbers)
    table.sort(numbers)
    if not numbers[1] then
        return 1
    end
    return numbers[1] > 1 and numbers[1] - 1 or numbers[#numbers] + 1
end

-- Id of each service -> { family =, numbers = the canaries' }.
local function canaries_of(targets)
    local canaries = {}
    for _, one in ipairs(targets) do
        local id = id_of(one)
        local called = one.canary or last_name(one.service) -- nothing is rolled out: take_back
        local family, digits = last_name(called):match("^([^:]*):?(%d*)$")
        canaries[id] = canaries[id] or { family = family, numbers = {},
            strategy = one.strategy or "rolling" }
        if canaries[id].family ~= family then
            invalid("two targets want task definitions of different families for %s", id)
        end
        table.insert(canaries[id].numbers, one.canary and (math.tointeger(tonumber(digits))
            or invalid("there is no revision %s", digits)) or nil)
    end
    return canaries
end

-- Adds the services that targets name, and their revisions, to a part of the account.
function M.begin(state, targets)
    local canaries = canaries_of(targets)
    for _, id in ipairs(tables.names(canaries)) do
        local canary = canaries[id]
        for _, number in ipairs(canary.numbers) do
            add_definition(state, canary.family, number)
        end
        add_service(state, id, add_definition(state, canary.family, baseline_of(canary.numbers)),
            canary.strategy)
    end
end

-- Percent of a target's traffic on the canary, and until when; nil if there is no such target.
function M.share(state, one, now)
    local service = state.services[id_of(one)]
    if not service then
        return nil
    elseif not one.canary then
        return 0
    end
    local value, changes = tables.effective(service.course, now)
    if value.sides then
        local wanted, record = last_name(one.canary), value.records[1]
        if not record or not record.weight or record.finished then
            return value.definition == wanted and 100 or 0, changes
        end
        local percent = record.definition == wanted and record.weight
            or record.source == wanted and 100 - record.weight or 0
        return math.tointeger(percent) or percent, changes
    end
    local canary, all = 0, 0
    for _, deployment in ipairs(value.deployments) do
        all = all + deployment.running
        if deployment.definition == last_name(one.canary) then
            canary = canary + deployment.running
        end
    end
    return all > 0 and 100 * canary / all or 0, changes
end

return M
