-- ECS services in the simulated account: how they are at first, and how their traffic is split.
--
-- At first four tasks of the revision before the canary run. The traffic follows the tasks: each
-- running one takes an equal part of it.

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

local function add_service(state, id, definition)
    local shown, code = settings_of(state.home, id), show.number(id)
    state.clusters[id:match("^[^/]+")] = true
    state.services[id] = {
        shown = shown,
        course = { {
            at = math.mininteger,
            value = {
                definition = definition,
                completed = definition,
                records = {},
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
-- them, after the highest.
local function baseline_of(numbers)
    table.sort(numbers)
    return numbers[1] > 1 and numbers[1] - 1 or numbers[#numbers] + 1
end

-- Id of each service -> { family =, numbers = the canaries' }.
local function canaries_of(targets)
    local canaries = {}
    for _, one in ipairs(targets) do
        local id = id_of(one)
        local family, digits = last_name(one.canary):match("^(.*):(%d+)$")
        canaries[id] = canaries[id] or { family = family, numbers = {} }
        if canaries[id].family ~= family then
            invalid("two targets want task definitions of different families for %s", id)
        end
        table.insert(canaries[id].numbers, math.tointeger(tonumber(digits)) or invalid(
            "there is no revision %s", digits))
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
        add_service(state, id, add_definition(state, canary.family, baseline_of(canary.numbers)))
    end
end

-- Percent of a target's traffic on the canary, and until when; nil if there is no such target.
function M.share(state, one, now)
    local service = state.services[id_of(one)]
    if not service then
        return nil
    end
    local value, changes = tables.effective(service.course, now)
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
