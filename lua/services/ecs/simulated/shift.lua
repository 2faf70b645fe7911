-- How a deployment goes on in which the simulated ECS shifts the traffic itself, until it is over
-- or waits for ever: worked out at once, as in rollout.lua, whose values these are, with
--
--     sides         definition -> 1 or 2: which of the two target groups its tasks are in
--     records[1]    also: config (the deployment configuration it began with), stage, weight (the
--                   new revision's percent), hooks = { { id, status, expires, action } ... }
--
-- A pause that nobody continues ends at its timeout, with what it says: the course says so as it
-- begins. What it comes to when somebody continues, or takes it back, is a course of its own.

local rollout = require "services.ecs.simulated.rollout"
local tables = require "simulation.tables"

local M = {}

-- From when ECS shifts the traffic until the load balancer has it so. An assumption.
M.SHIFT = 10000

-- A stage lasts that long at most; then ECS goes back.
M.STAGE_MAX = 24 * 60 * 60 * 1000

local MINUTE = 60000

local over, with = tables.over, tables.with

local Shift = {}
Shift.__index = Shift

function Shift:record()
    return self.value.records[1]
end

-- What holds from `at` on.
function Shift:keep(members)
    local record = over(self:record(), members.record or {})
    members.record = nil
    self.value = over(over(self.value, members), {
        records = with(self.value.records, 1, record) })
    self.steps[#self.steps + 1] = { at = self.at, value = self.value }
end

-- The deployments with other numbers for one of them.
function Shift:changed(index, members)
    local list = self.value.deployments
    return with(list, index, over(list[index], over(members, { updated = self.at })))
end

function Shift:hook_for(stage)
    for _, hook in ipairs(self:record().config.lifecycleHooks or {}) do
        for _, at in ipairs(hook.targetType == "PAUSE" and hook.lifecycleStages or {}) do
            if at == stage then
                return hook.timeoutConfiguration or {}
            end
        end
    end
end

-- Hooks with the open one's status set.
function Shift:closed(status)
    local hooks = {}
    for i, hook in ipairs(self:record().hooks) do
        hooks[i] = hook.status == "AWAITING_ACTION" and with(hook, "status", status) or hook
    end
    return hooks
end

-- Waits at a stage if there is a pause; true if somebody must come.
function Shift:pauses(stage)
    local timeout = self:hook_for(stage)
    if not timeout then
        return false
    end
    local record, hooks = self:record(), {}
    table.move(record.hooks, 1, #record.hooks, 1, hooks)
    local expires = self.at + (timeout.timeoutInMinutes or 1440) * MINUTE
    local action = timeout.action or "ROLLBACK"
    hooks[#hooks + 1] = { id = ("hook-%s-%d"):format(record.id:sub(1, 8), #hooks + 1),
        status = "AWAITING_ACTION", expires = expires, action = action }
    self:keep { record = { hooks = hooks, waits = stage } }
    self.at = expires
    self:keep { record = { hooks = self:closed "TIMED_OUT" } }
    if action == "CONTINUE" then
        self:go_on(stage)
    else
        self:go_back("A lifecycle hook timed out.")
    end
    return true
end

-- The traffic's next step: { percent, how long it bakes }.
function Shift:step()
    local record = self:record()
    local config, weight = record.config, record.weight
    local linear, canary = config.linearConfiguration or {}, config.canaryConfiguration or {}
    local percent, bake = 100, 0
    if config.strategy == "LINEAR" then
        percent = weight + (linear.stepPercent or 10)
        bake = linear.stepBakeTimeInMinutes or 6
    elseif config.strategy == "CANARY" and weight == 0 then
        percent, bake = canary.canaryPercent or 5, canary.canaryBakeTimeInMinutes or 10
    end
    percent = math.floor(percent * 10 + 0.5) / 10
    if percent >= 100 then
        return 100.0, 0
    end
    return percent + 0.0, bake
end

function Shift:next_step()
    if not self:pauses "PRE_PRODUCTION_TRAFFIC_SHIFT" then
        self:shift()
    end
end

function Shift:shift()
    local percent, bake = self:step()
    self:keep { record = { stage = "PRODUCTION_TRAFFIC_SHIFT" } }
    self.at = self.at + M.SHIFT
    self:keep { record = { weight = percent } }
    self.at = self.at + bake * MINUTE
    if percent < 100 then
        self:next_step()
    elseif not self:pauses "POST_PRODUCTION_TRAFFIC_SHIFT" then
        self:bake()
    end
end

function Shift:bake()
    local minutes = self:record().config.bakeTimeInMinutes or 0
    self:keep { record = { stage = "BAKE_TIME" } }
    self.at = self.at + minutes * MINUTE
    self:keep { record = { stage = "CLEAN_UP" } }
    self.at = self.at + rollout.DRAIN
    local primary = over(self.value.deployments[1], { state = "COMPLETED", updated = self.at,
        reason = ("ECS deployment ecs-svc/%s completed."):format(self:record().id) })
    self:keep { deployments = { primary }, completed = self.value.definition,
        record = { status = "SUCCESSFUL", finished = self.at } }
end

-- The traffic first, then the tasks.
function Shift:go_back(reason)
    local record = self:record()
    local list = self.value.deployments
    local old = over(list[2] or list[1], { state = "IN_PROGRESS", updated = self.at })
    local new = over(list[1], { state = "FAILED", pending = 0, reason = reason, updated = self.at })
    self:keep { definition = record.source, deployments = { old, new },
        record = { status = "ROLLBACK_IN_PROGRESS", reason = reason, back_at = self.at } }
    self.at = self.at + M.SHIFT
    self:keep { record = { weight = 0.0 } }
    self.at = self.at + rollout.DRAIN
    self:keep { deployments = { with(old, "state", "COMPLETED") },
        record = { status = "ROLLBACK_SUCCESSFUL", finished = self.at } }
end

-- From where it waited.
function Shift:go_on(stage)
    if stage == "POST_PRODUCTION_TRAFFIC_SHIFT" then
        self:bake()
    else
        self:shift()
    end
end

local function on(value, now)
    return setmetatable({ value = value, at = now, steps = {} }, Shift)
end

-- An alarm of the deployment's that is in ALARM from then on ends the course there.
local function cut_by_alarm(shift, alarmed)
    if not alarmed then
        return shift.steps
    end
    local kept, last = {}, nil
    for _, step in ipairs(shift.steps) do
        if step.at < alarmed then
            kept[#kept + 1], last = step, step.value
        end
    end
    local record = last and last.records[1]
    if not record or record.finished or record.status ~= "IN_PROGRESS" then
        return shift.steps
    end
    local back = on(last, alarmed)
    back:keep { record = { hooks = back:closed "FAILED", alarmed = true } }
    back:go_back("An alarm of the deployment is in the state ALARM.")
    table.move(back.steps, 1, #back.steps, #kept + 1, kept)
    return kept
end

-- Begins one. options: definition, id, desired, config, failing (revisions whose tasks do not
-- start), alarmed (since when an alarm of the deployment's is in ALARM).
function M.begin(value, now, options)
    local shift = on(value, now)
    local old = value.deployments[1]
    local fresh = { id = options.id, seed = options.id, definition = options.definition,
        created = now, updated = now, running = 0, pending = options.desired, failed = 0,
        state = "IN_PROGRESS" }
    local side = (value.sides or {})[value.definition] or 1
    shift.value = over(value, {
        definition = options.definition,
        deployments = { fresh, old },
        sides = over(value.sides or { [value.definition] = side },
            { [options.definition] = 3 - side }),
        records = { { id = options.id, definition = options.definition, source = value.definition,
            created = now, status = "IN_PROGRESS", failed = 0, config = options.config,
            stage = "SCALE_UP", weight = 0.0, hooks = {} }, table.unpack(value.records) },
    })
    shift:keep {}
    if options.failing[options.definition] then
        shift.at = now + M.STAGE_MAX
        shift:go_back("The service deployment timed out: its tasks do not start.")
    else
        shift.at = now + rollout.START
        shift:keep { deployments = shift:changed(1, { running = options.desired, pending = 0 }) }
        shift:next_step()
    end
    return cut_by_alarm(shift, options.alarmed)
end

-- Somebody lets it go on at its pause.
function M.continue(value, now, options)
    local shift = on(value, now)
    local stage = shift:record().waits
    shift:keep { record = { hooks = shift:closed "SUCCEEDED" } }
    shift:go_on(stage)
    return cut_by_alarm(shift, options.alarmed)
end

-- Somebody takes it back.
function M.back(value, now, reason)
    local shift = on(value, now)
    shift:keep { record = { hooks = shift:closed "FAILED" } }
    shift:go_back(reason)
    return shift.steps
end

return M
