-- CodeDeploy in the simulated account: what each operation answers and changes. A state is a table
-- that is never changed:
--
--     home      { partition, region, account }
--     groups    "APPLICATION/GROUP" -> deployment group (course.lua)
--     configs   name -> deployment configuration, as GetDeploymentConfig shows it
--     failing   task definition ("shop:43") -> true: its tasks never become healthy
--     writes    how many deployments were made, which their ids are made of
--
-- Every function here takes a state, the operation's input and the time, and returns the output and
-- the next state, or nil and why AWS refuses.

local array = require "canonical".array
local course = require "services.codedeploy.simulated.course"
local revision = require "services.codedeploy.revision"
local show = require "services.codedeploy.simulated.show"
local standing = require "services.codedeploy.standing"
local tables = require "simulation.tables"

local operations = {}

local with, over, refuse = tables.with, tables.over, tables.refuse

local PAGE_SIZE = 100

local function canary(minutes)
    return { type = "TimeBasedCanary", timeBasedCanary = { canaryPercentage = 10,
        canaryInterval = minutes } }
end

local function linear(minutes)
    return { type = "TimeBasedLinear", timeBasedLinear = { linearPercentage = 10,
        linearInterval = minutes } }
end

local predefined = {
    ["CodeDeployDefault.ECSAllAtOnce"] = { type = "AllAtOnce" },
    ["CodeDeployDefault.ECSCanary10Percent5Minutes"] = canary(5),
    ["CodeDeployDefault.ECSCanary10Percent15Minutes"] = canary(15),
    ["CodeDeployDefault.ECSLinear10PercentEvery1Minutes"] = linear(1),
    ["CodeDeployDefault.ECSLinear10PercentEvery3Minutes"] = linear(3),
}

local function key_of(input)
    return ("%s/%s"):format(input.applicationName, input.deploymentGroupName)
end

local function no_group(input)
    return refuse("DeploymentGroupDoesNotExistException",
        "No Deployment Group found for name: %s", input.deploymentGroupName)
end

-- The look: all that would be gathered, at once.
function operations.look_at_group(state, input, now)
    local group = state.groups[key_of(input)]
    if not group then
        return no_group(input)
    end
    return show.group(group, now), state
end

function operations.get_deployment_group(state, input, now)
    local output, refusal = operations.look_at_group(state, input, now)
    if not output then
        return nil, refusal
    end
    return { deploymentGroupInfo = output.deploymentGroupInfo }, state
end

-- A deployment by its id, and the key of its group.
local function find(state, id)
    for _, key in ipairs(tables.names(state.groups)) do
        for i, one in ipairs(state.groups[key].deployments) do
            if one.id == id then
                return one, key, i
            end
        end
    end
end

local function all(state, now)
    local list = {}
    for _, key in ipairs(tables.names(state.groups)) do
        for _, one in ipairs(show.deployments(state.groups[key], now)) do
            list[#list + 1] = one
        end
    end
    table.sort(list, function(a, b)
        if a.createTime ~= b.createTime then
            return a.createTime > b.createTime
        end
        return a.deploymentId > b.deploymentId
    end)
    return list
end

-- Ids that there are none of are passed over.
function operations.batch_get_deployments(state, input, now)
    local wanted, found = {}, array {}
    for _, id in ipairs(input.deploymentIds) do
        wanted[id] = true
    end
    for _, one in ipairs(all(state, now)) do
        found[#found + 1] = wanted[one.deploymentId] and one or nil
    end
    return { deploymentsInfo = found }, state
end

local function fits(one, input, statuses)
    local range = input.createTimeRange or {}
    return (not input.applicationName or one.applicationName == input.applicationName
            and one.deploymentGroupName == input.deploymentGroupName)
        and (not statuses or statuses[one.status])
        and one.createTime >= (range.start or 0)
        and one.createTime <= (range["end"] or math.maxinteger)
end

function operations.list_deployments(state, input, now)
    local statuses = input.includeOnlyStatuses and {}
    for _, status in ipairs(input.includeOnlyStatuses or {}) do
        statuses[status] = true
    end
    if input.applicationName and not state.groups[key_of(input)] then
        return no_group(input)
    end
    local items, ids = {}, array {}
    for _, one in ipairs(all(state, now)) do
        items[#items + 1] = fits(one, input, statuses) and one or nil
    end
    local page, token = tables.page(items, "deploymentId", input.nextToken, PAGE_SIZE)
    if not page then
        return refuse("InvalidNextTokenException", "The next token is not valid")
    end
    for i, one in ipairs(page) do
        ids[i] = one.deploymentId
    end
    return { deployments = ids, nextToken = token }, state
end

local function add(state, key, one)
    local group = state.groups[key]
    local list = { table.unpack(group.deployments) }
    list[#list + 1] = one
    return with(state, "groups", with(state.groups, key, with(group, "deployments", list)))
end

local function replace(state, key, i, one)
    local group = state.groups[key]
    local list = { table.unpack(group.deployments) }
    list[i] = one
    return with(state, "groups", with(state.groups, key, with(group, "deployments", list)))
end

local function next_id(state)
    return ("d-%09d"):format(state.writes + 1), with(state, "writes", state.writes + 1)
end

local function unfinished(group, now)
    for _, one in ipairs(group.deployments) do
        if one.created <= now and standing.unfinished[course.status(group, one, now)] then
            return one
        end
    end
end

-- One that CodeDeploy ends, and the one that takes it back.
local function ended(state, key, i, at, reason, back)
    local one = state.groups[key].deployments[i]
    local id
    if back then
        id, state = next_id(state)
    end
    state = replace(state, key, i, over(one, { ended = at, reason = reason, taken_back = id }))
    return back and add(state, key, { id = id, created = at, definition = one.definition,
        content = one.content, config = { type = "AllAtOnce" },
        config_name = "CodeDeployDefault.ECSAllAtOnce", takes_back = one.id,
        description = "rollback of " .. one.id }) or state
end

-- Tasks that never become healthy: the deployment fails after a while, by itself.
local function doomed(state, key, one)
    if not state.failing[revision.short(one.definition)] then
        return state
    end
    return ended(state, key, #state.groups[key].deployments, one.created + course.INSTALL,
        "ECS_UPDATE_ERROR", one.auto ~= nil and one.auto.enabled)
end

-- Its shares, of a configuration's name; nil where there is none of it.
local function routing_of(state, called)
    local own = state.configs[called]
    return predefined[called] or own and own.trafficRoutingConfig
end

function operations.create_deployment(state, input, now)
    local key = key_of(input)
    local group = state.groups[key]
    if not group then
        return no_group(input)
    end
    local busy = unfinished(group, now)
    local called = input.deploymentConfigName or group.info.deploymentConfigName
    local config = routing_of(state, called)
    if busy then
        return refuse("DeploymentLimitExceededException", "The Deployment Group '%s' already has "
            .. "an active Deployment '%s'", group.info.deploymentGroupName, busy.id)
    elseif not config then
        return refuse("DeploymentConfigDoesNotExistException",
            "No Deployment Configuration found for name: %s", called)
    end
    local content = input.revision.appSpecContent.content
    local id, after = next_id(state)
    local one = {
        id = id, created = now, content = content,
        definition = content:match("arn:[^\"'%s]*:task%-definition/[%w_:-]+")
            or revision.definition(content),
        config = config, config_name = called, description = input.description,
        auto = input.autoRollbackConfiguration or group.info.autoRollbackConfiguration,
        alarms = input.overrideAlarmConfiguration,
    }
    return { deploymentId = id }, doomed(add(after, key, one), key, one)
end

local function rolls_back(one, input)
    if input.autoRollbackEnabled ~= nil then
        return input.autoRollbackEnabled
    end
    for _, event in ipairs(one.auto and one.auto.enabled and one.auto.events or {}) do
        if event == "DEPLOYMENT_STOP_ON_REQUEST" then
            return true
        end
    end
    return false
end

function operations.stop_deployment(state, input, now)
    local one, key, i = find(state, input.deploymentId)
    if not one then
        return refuse("DeploymentDoesNotExistException", "The deployment %s could not be found",
            input.deploymentId)
    elseif not standing.unfinished[course.status(state.groups[key], one, now)] then
        return refuse("DeploymentAlreadyCompletedException", "Deployment %s is already in a "
            .. "terminal state", input.deploymentId)
    elseif one.takes_back then
        return refuse("UnsupportedActionForDeploymentTypeException",
            "A rollback deployment cannot be stopped here")
    end
    return { status = "Pending", statusMessage = "Deployment stopping" },
        ended(state, key, i, now, nil, rolls_back(one, input))
end

-- The look: nothing where there is none.
function operations.find_config(state, input)
    local called = input.deploymentConfigName
    local routing = predefined[called]
    local config = routing and { deploymentConfigId = called, deploymentConfigName = called,
        computePlatform = "ECS", trafficRoutingConfig = routing } or state.configs[called]
    return config and { deploymentConfigInfo = config } or {}, state
end

function operations.get_deployment_config(state, input)
    local output = operations.find_config(state, input)
    if not output.deploymentConfigInfo then
        return refuse("DeploymentConfigDoesNotExistException",
            "No Deployment Configuration found for name: %s", input.deploymentConfigName)
    end
    return output, state
end

function operations.create_deployment_config(state, input, now)
    local called = input.deploymentConfigName
    if state.configs[called] then
        return refuse("DeploymentConfigAlreadyExistsException",
            "Deployment configuration name already exists: %s", called)
    end
    local config = over(input, { createTime = now,
        deploymentConfigId = tables.digits("config" .. called, 16) })
    return { deploymentConfigId = config.deploymentConfigId },
        with(state, "configs", with(state.configs, called, config))
end

local function in_use(state, called)
    for _, key in ipairs(tables.names(state.groups)) do
        if state.groups[key].info.deploymentConfigName == called then
            return true
        end
    end
end

function operations.delete_deployment_config(state, input)
    if in_use(state, input.deploymentConfigName) then
        return refuse("DeploymentConfigInUseException",
            "The deployment configuration %s is in use", input.deploymentConfigName)
    end
    return {}, with(state, "configs", with(state.configs, input.deploymentConfigName, nil))
end

-- Ends what is under way where one of its alarms came to be in ALARM, or is not there: at the
-- first of these instants.
local function alarmed(group, one, now, since)
    local alarms, first = one.alarms or {}, nil
    for _, alarm in ipairs(alarms.enabled and alarms.alarms or {}) do
        local at = since(alarm.name)
        at = at == false and (alarms.ignorePollAlarmFailure and nil or now) or at or nil
        first = at and math.min(first or at, at) or first
    end
    local _, _, finished = course.times(group, one)
    first = first and math.max(first, one.created)
    return first and first < finished and first or nil
end

-- since(alarm) -> when it came to be in ALARM; nil: it is not, false: there is no such alarm.
local function advance(state, now, since)
    for _, key in ipairs(tables.names(state.groups)) do
        local group = state.groups[key]
        local i = #group.deployments
        local one = group.deployments[i]
        local running = one and one.alarms and not one.takes_back and not one.ended
        local at = running and one.created <= now and alarmed(group, one, now, since)
        if at then
            state = ended(state, key, i, at, "ALARM_ACTIVE",
                one.auto ~= nil and one.auto.enabled == true)
        end
    end
    return state
end

return { operations = operations, advance = advance }
