-- AWS CodeDeploy, as far as it deploys ECS services: what Tidelock asks of it, and how each change
-- is undone.
--
-- CodeDeploy shifts the traffic, by a configuration and a clock of its own, and goes on to all of
-- it unless it is stopped. A stop with rollback makes a deployment of its own, which takes a while
-- and is followed by its id. There is no token and no compare-and-set: a second deployment in a
-- group is refused while one is under way, and that is what keeps two apart.

local arn = require "aws.arn"
local inputs = require "services.codedeploy.inputs"
local observation = require "services.codedeploy.observation"
local revision = require "services.codedeploy.revision"
local standing = require "services.codedeploy.standing"

-- AWS does not say after what time every reader sees a write; ten seconds are our assumption.
local SETTLE = 10000

local AT_ONCE = "CodeDeployDefault.ECSAllAtOnce"

local operations = {}

local function group_identity(input, home)
    return input.applicationName and arn.make(home, "codedeploy",
        ("deploymentgroup:%s/%s"):format(input.applicationName, input.deploymentGroupName))
end

local function config_identity(input, home)
    return arn.make(home, "codedeploy", "deploymentconfig:" .. input.deploymentConfigName)
end

operations["codedeploy.get_deployment_group"] = {
    class = "read",
    action = "GetDeploymentGroup",
    summary = "Shows a deployment group.",
    input = inputs.get_deployment_group,
    identity = group_identity,
}

operations["codedeploy.batch_get_deployments"] = {
    class = "read",
    action = "BatchGetDeployments",
    summary = "Shows deployments by their ids.",
    input = inputs.batch_get_deployments,
}

operations["codedeploy.list_deployments"] = {
    class = "read",
    action = "ListDeployments",
    summary = "Lists the deployments of a group, or all.",
    input = inputs.list_deployments,
    identity = group_identity,
}

operations["codedeploy.get_deployment_config"] = {
    class = "read",
    action = "GetDeploymentConfig",
    summary = "Shows a deployment configuration.",
    input = inputs.get_deployment_config,
    identity = config_identity,
}

-- What the captured service ran, to be deployed anew: as it was deployed last, or made of what its
-- task set shows.
local function content_of(output)
    local primary = observation.primary(output)
    local running = revision.short(primary.taskDefinition)
    for _, one in ipairs(output.deployments or {}) do
        local kept = one.revision and one.revision.appSpecContent
        if one.status == "Succeeded" and revision.of(one) == running and kept then
            return kept.content
        end
    end
    return revision.content(primary)
end

operations["codedeploy.create_deployment"] = {
    class = "mutation",
    action = "CreateDeployment",
    summary = "Deploys a task definition by a deployment group.",
    undo = "`codedeploy.stop_deployment` with rollback while the deployment is under way, its "
        .. "termination wait included; after that `codedeploy.create_deployment` of what ran "
        .. "before",
    notes = {
        "CodeDeploy goes on to all of the traffic unless it is stopped.",
        "One deployment at a time goes on in a group; another is refused.",
        "The rollback is a deployment of CodeDeploy's own. It is followed by its id, and done when "
            .. "the task set that was PRIMARY is it again, has all of the listener's traffic and "
            .. "has healthy targets.",
        "A rollback of CodeDeploy's own (an alarm, a failed deployment) is what happened, and "
            .. "nothing to repair.",
    },
    input = inputs.create_deployment,
    settle = SETTLE,
    shown = function(state)
        return { taskDefinition = state.taskDefinition }
    end,
    identity = group_identity,
    observe = function(input)
        return {
            operation = "codedeploy.look_at_group",
            input = {
                applicationName = input.applicationName,
                deploymentGroupName = input.deploymentGroupName,
            },
        }
    end,
    state = function(_, output)
        local definition, why = standing.definition(output)
        return definition and { taskDefinition = definition }, why
    end,
    after = function(input, before, output)
        local at = standing.of(output)
        local wanted = revision.definition(input.revision.appSpecContent.content)
        if at.under_way or at.rolling then
            return nil, ("deployment %s is under way in %s (%s)"):format(at.newest.deploymentId,
                input.deploymentGroupName, at.newest.status)
        elseif wanted == before.taskDefinition then
            return nil, ("it runs %s already"):format(wanted)
        end
        return { taskDefinition = wanted }
    end,
    inverse = function(input, before, output)
        return {
            operation = "codedeploy.create_deployment",
            input = {
                applicationName = input.applicationName,
                deploymentGroupName = input.deploymentGroupName,
                deploymentConfigName = AT_ONCE,
                description = "tidelock: back to " .. before.taskDefinition,
                revision = {
                    revisionType = "AppSpecContent",
                    appSpecContent = { content = content_of(output) },
                },
            },
        }
    end,
    steady = function(_, output)
        return standing.steady(output)
    end,
    guard = standing.back,
}

-- A deployment that CodeDeploy has ended: by a stop, or by a rollback that it has begun. The first
-- may read as Succeeded once the second is there.
local function is_ended(deployment)
    local rollback = deployment.rollbackInfo or {}
    return deployment.status == "Stopped" or deployment.status == "Failed"
        or (rollback.rollbackDeploymentId or "") ~= ""
end

operations["codedeploy.stop_deployment"] = {
    class = "mutation",
    action = "StopDeployment",
    summary = "Stops a deployment that is under way, and has it taken back if that is asked for.",
    undo = "nothing: it is itself the way back",
    stays = "a stop is itself the way back",
    notes = {
        "Without autoRollbackEnabled the traffic stays where it is.",
        "A deployment that is over is refused.",
    },
    input = inputs.stop_deployment,
    settle = SETTLE,
    identity = function(input, home)
        return arn.make(home, "codedeploy", "deployment:" .. input.deploymentId)
    end,
    observe = function(input)
        return {
            operation = "codedeploy.batch_get_deployments",
            input = { deploymentIds = { input.deploymentId } },
        }
    end,
    state = function(input, output)
        local deployment = output.deploymentsInfo and output.deploymentsInfo[1]
        if not deployment then
            return nil, ("there is no deployment %s"):format(input.deploymentId)
        end
        return { stopped = is_ended(deployment) }
    end,
    shown = function(state)
        return { stopped = state.stopped and "stopped" or "under way" }
    end,
    after = function(input, before, output)
        local status = output.deploymentsInfo[1].status
        if before.stopped or not standing.unfinished[status] then
            return nil, ("deployment %s is over (%s)"):format(input.deploymentId, status)
        end
        return { stopped = true }
    end,
    inverse = function() end,
}

-- Configurations

local function routing_of(routing)
    local canary, linear = routing.timeBasedCanary, routing.timeBasedLinear
    if canary then
        return ("%d %% for %d minutes, then all"):format(canary.canaryPercentage,
            canary.canaryInterval)
    elseif linear then
        return ("%d %% more every %d minutes"):format(linear.linearPercentage,
            linear.linearInterval)
    end
    return "all at once"
end

local function observe_config(input)
    return {
        operation = "codedeploy.find_config",
        input = { deploymentConfigName = input.deploymentConfigName },
    }
end

local function config_state(_, output)
    local info = output.deploymentConfigInfo
    return { routing = info and routing_of(info.trafficRoutingConfig or {}) or "" }
end

local function shown_config(state)
    return { routing = state.routing == "" and "not there" or state.routing }
end

operations["codedeploy.create_deployment_config"] = {
    class = "mutation",
    action = "CreateDeploymentConfig",
    summary = "Makes a deployment configuration: which shares of the traffic, and for how long.",
    undo = "`codedeploy.delete_deployment_config`",
    notes = { "One of a name that is there already is refused." },
    input = inputs.create_deployment_config,
    settle = SETTLE,
    identity = config_identity,
    observe = observe_config,
    state = config_state,
    shown = shown_config,
    after = function(input, before)
        if before.routing ~= "" then
            return nil, ("there is a configuration %s already"):format(input.deploymentConfigName)
        end
        return { routing = routing_of(input.trafficRoutingConfig) }
    end,
    inverse = function(input)
        return {
            operation = "codedeploy.delete_deployment_config",
            input = { deploymentConfigName = input.deploymentConfigName },
        }
    end,
}

operations["codedeploy.delete_deployment_config"] = {
    class = "mutation",
    action = "DeleteDeploymentConfig",
    summary = "Deletes a deployment configuration.",
    undo = "`codedeploy.create_deployment_config` with the captured shares and times",
    notes = { "AWS refuses one that is in use, and those of its own." },
    input = inputs.delete_deployment_config,
    settle = SETTLE,
    identity = config_identity,
    observe = observe_config,
    state = config_state,
    shown = shown_config,
    after = function(input, before)
        if before.routing == "" then
            return nil, ("there is no configuration %s"):format(input.deploymentConfigName)
        end
        return { routing = "" }
    end,
    inverse = function(input, _, output)
        local info = output.deploymentConfigInfo
        return info and {
            operation = "codedeploy.create_deployment_config",
            input = {
                deploymentConfigName = input.deploymentConfigName,
                computePlatform = info.computePlatform,
                trafficRoutingConfig = info.trafficRoutingConfig,
            },
        }
    end,
}

local looks = {}

-- A deployment group, and all that must be known of how it stands (observation.lua).
looks["codedeploy.look_at_group"] = {
    class = "read",
    input = inputs.get_deployment_group,
    identity = group_identity,
    look = observation.of,
    reads = observation.reads,
}

local BATCH = 100

-- Known to the program, and not to plain Lua, which need not look.
local function array(list)
    return require "canonical".array(list)
end

local under_way = {}
for status in next, standing.unfinished do
    under_way[#under_way + 1] = status
end
table.sort(under_way)

-- The deployments under way that are about an alias of Lambda's, and how many are about one that
-- their revision, which is kept elsewhere, does not tell.
looks["codedeploy.look_for_alias"] = {
    class = "read",
    input = inputs.look_for_alias,
    look = function(input, ask)
        local ids = ask("codedeploy.list_deployments", { includeOnlyStatuses = under_way })
            .deployments
        local found, untold = array {}, 0
        for from = 1, #ids, BATCH do
            local some = table.move(ids, from, math.min(from + BATCH - 1, #ids), 1, array {})
            for _, one in ipairs(ask("codedeploy.batch_get_deployments",
                { deploymentIds = some }).deploymentsInfo) do
                local name, alias = revision.alias(one)
                local lambda = one.computePlatform == "Lambda"
                untold = untold + (lambda and not name and 1 or 0)
                found[#found + 1] = lambda and alias == input.alias and name
                    == input.functionName:match("[^:]*$") and one or nil
            end
        end
        return { deployments = found, untold = untold }
    end,
    reads = function()
        return { { operation = "codedeploy.list_deployments", input = {} },
            { operation = "codedeploy.batch_get_deployments", input = {} } }
    end,
}

local NO_CONFIG = "DeploymentConfigDoesNotExistException"

-- A deployment configuration; nothing where there is none of that name.
looks["codedeploy.find_config"] = {
    class = "read",
    input = inputs.get_deployment_config,
    identity = config_identity,
    look = function(input, ask)
        local found, output = pcall(ask, "codedeploy.get_deployment_config", input)
        local refusal = not found and type(output) == "table" and output.unanswered
        local none = refusal and refusal.outcome == "rejected"
            and refusal.error.code == NO_CONFIG
        return found and output or none and {} or error(output, 0)
    end,
    reads = function(input)
        return { { operation = "codedeploy.get_deployment_config", input = input } }
    end,
}

return { title = "AWS CodeDeploy", iam = "codedeploy", command = "deploy",
    operations = operations, looks = looks }
