-- The settings of an ECS service, one by one: how two values are compared, what stands for one
-- that is not shown, and what is sent to put one back.

local last_name = require "services.ecs.names".last

local M = {}

local function sorted(list)
    local copy = {}
    for i, item in ipairs(list or {}) do
        copy[i] = item
    end
    table.sort(copy)
    return copy[1] and copy or nil
end

local BREAKER_OFF = { enable = false, rollback = false }
local ALARMS_OFF = { alarmNames = {}, enable = false, rollback = false }

local function normal_breaker(breaker)
    local threshold = breaker.thresholdConfiguration or { type = "BOUNDED_PERCENT", value = 50 }
    return breaker.enable and {
        rollback = breaker.rollback,
        resetOnHealthyTask = breaker.resetOnHealthyTask ~= false,
        threshold = { type = threshold.type, value = threshold.value },
    } or nil
end

local function normal_alarms(alarms)
    local names = sorted(alarms.alarmNames)
    return (names or alarms.enable) and {
        alarmNames = names,
        enable = alarms.enable,
        rollback = alarms.rollback,
    } or nil
end

local normal = { taskDefinition = last_name }

local function normal_hook(hook)
    local timeout = hook.timeoutConfiguration or {}
    return {
        targetType = hook.targetType or "AWS_LAMBDA",
        hookTargetArn = hook.hookTargetArn,
        roleArn = hook.roleArn,
        lifecycleStages = sorted(hook.lifecycleStages),
        timeoutInMinutes = timeout.timeoutInMinutes or 1440,
        action = timeout.action or "ROLLBACK",
    }
end

local function text_of_hook(hook)
    return table.concat({ hook.targetType, hook.hookTargetArn or "", hook.roleArn or "",
        table.concat(hook.lifecycleStages or {}, ","), hook.timeoutInMinutes, hook.action }, " ")
end

-- Their order does not matter: those of one stage run side by side.
local function normal_hooks(hooks)
    local list, texts = {}, {}
    for i, hook in ipairs(hooks or {}) do
        list[i] = normal_hook(hook)
        texts[list[i]] = text_of_hook(list[i])
    end
    table.sort(list, function(a, b) return texts[a] < texts[b] end)
    return list[1] and list or nil
end

-- Of the traffic's steps those of the strategy that is chosen.
local function normal_steps(config)
    local strategy = config.strategy
    local linear = strategy == "LINEAR" and (config.linearConfiguration or {}) or nil
    local canary = strategy == "CANARY" and (config.canaryConfiguration or {}) or nil
    return linear and {
        stepPercent = (linear.stepPercent or 10) + 0.0,
        stepBakeTimeInMinutes = linear.stepBakeTimeInMinutes or 6,
    }, canary and {
        canaryPercent = (canary.canaryPercent or 5) + 0.0,
        canaryBakeTimeInMinutes = canary.canaryBakeTimeInMinutes or 10,
    }
end

function normal.deploymentConfiguration(config)
    local early = config.earlySuccessCriteria
    local linear, canary = normal_steps(config)
    return {
        strategy = config.strategy or "ROLLING",
        linearConfiguration = linear,
        canaryConfiguration = canary,
        lifecycleHooks = normal_hooks(config.lifecycleHooks),
        maximumPercent = config.maximumPercent,
        minimumHealthyPercent = config.minimumHealthyPercent,
        deploymentCircuitBreaker = normal_breaker(config.deploymentCircuitBreaker or BREAKER_OFF),
        alarms = normal_alarms(config.alarms or ALARMS_OFF),
        bakeTimeInMinutes = config.bakeTimeInMinutes or 0,
        earlySuccessCriteria = early and early.enable and early or nil,
    }
end

function normal.networkConfiguration(config)
    local vpc = config.awsvpcConfiguration or {}
    return {
        subnets = sorted(vpc.subnets),
        securityGroups = sorted(vpc.securityGroups),
        assignPublicIp = vpc.assignPublicIp or "DISABLED",
    }
end

-- What a service has that shows nothing.
local unset = {
    healthCheckGracePeriodSeconds = 0,
    enableExecuteCommand = false,
    enableECSManagedTags = false,
    propagateTags = "NONE",
    availabilityZoneRebalancing = "DISABLED",
}

-- A setting as it is compared; nil for none.
function M.normal(name, value)
    if value == nil then
        return unset[name]
    elseif normal[name] then
        return normal[name](value)
    elseif type(value) == "table" and value[1] == nil then
        return nil
    end
    return value
end

local function parts(of)
    local names = {}
    for name in pairs(of) do
        names[#names + 1] = name
    end
    table.sort(names)
    return names
end

-- What says nothing where another strategy is chosen.
local idle_under = { linearConfiguration = "LINEAR", canaryConfiguration = "CANARY" }

-- AWS does not say what becomes of a part that is left out, so nothing that is shown may be.
local function left_out(shown, given)
    for _, part in ipairs(parts(shown)) do
        local empty = type(shown[part]) == "table" and next(shown[part]) == nil
        local idle = idle_under[part] and given.strategy and given.strategy ~= idle_under[part]
        if given[part] == nil and not empty and not idle then
            return part
        end
    end
end

-- Details of a hook are a document of its author's, which is not read.
local function detailed_hook(shown)
    for _, hook in ipairs(shown.lifecycleHooks or {}) do
        if hook.hookDetails then
            return true
        end
    end
    return false
end

local nested = {
    deploymentConfiguration = function(config) return config end,
    networkConfiguration = function(config) return config.awsvpcConfiguration end,
}

-- Why a setting cannot be put back once it is changed, or nil.
function M.irreversible(name, shown, given)
    local whole = nested[name]
    if shown == nil and (whole or name == "desiredCount" or name == "taskDefinition") then
        return ("the service shows no %s that could be put back"):format(name)
    elseif name == "deploymentConfiguration" and detailed_hook(shown) then
        return "a lifecycle hook of the service has details, which could not be put back"
    end
    local part = whole and left_out(whole(shown), whole(given))
    return part and ("the service has a %s.%s: give that part too, since AWS does not say what "
        .. "becomes of what is left out"):format(name, part)
end

-- What to send so that a setting is again what was shown.
function M.restored(name, shown)
    if shown == nil then
        return unset[name] == nil and {} or unset[name]
    elseif name ~= "deploymentConfiguration" then
        return shown
    end
    local config = {}
    for part, value in pairs(shown) do
        config[part] = value
    end
    for part, strategy in pairs(idle_under) do
        config[part] = shown.strategy == strategy and shown[part] or nil
    end
    return config
end

local off = {
    strategy = "ROLLING",
    deploymentCircuitBreaker = BREAKER_OFF,
    alarms = ALARMS_OFF,
    bakeTimeInMinutes = 0,
    earlySuccessCriteria = { enable = false },
    lifecycleHooks = {},
}

-- A deployment configuration with the parts that are now shown and were not when it was captured:
-- they are switched off, since what is not mentioned stays.
function M.switched_off(config, shown)
    local whole = {}
    for part in pairs(shown) do
        whole[part] = off[part]
    end
    for part, value in pairs(config) do
        whole[part] = value
    end
    return whole
end

return M
