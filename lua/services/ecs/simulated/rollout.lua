-- How a rolling deployment of a simulated ECS service goes on by itself, from the moment something
-- was changed until nothing moves any more. The whole course is worked out at once, as the values
-- that the service will have (tables.effective finds the one that counts):
--
--     { at = ms, value = { definition =, completed =, deployments = { ... }, records = { ... } } }
--
--     definition    what the service names: the revision that it runs, or is on its way to
--     completed     the revision of the last deployment that was completed
--     deployments   the primary one first: { id, seed, definition, created, updated, running,
--                   pending, failed, state, reason }; `seed` names its tasks
--     records       the service deployments, the latest first: { id, definition, source, created,
--                   finished, status, reason, failed }
--
-- Tasks start and fail together, in as many rounds as the percentages of the deployment
-- configuration demand. Running tasks of a revision that is wanted again are kept.

local tables = require "simulation.tables"

local M = {}

-- From when a task is started until it counts as healthy or as failed, and from when the last old
-- task stopped until the deployment is completed. Assumptions, of the size that is seen.
M.START = 60000
M.DRAIN = 30000

-- Without a circuit breaker ECS tries for ever, ever more slowly.
local FAILED_ROUNDS_MAX = 10

local with, over = tables.with, tables.over

-- The number of failed tasks at which the circuit breaker trips; nil if it is off.
function M.threshold(config, desired)
    local breaker = config.deploymentCircuitBreaker
    if not breaker or not breaker.enable then
        return nil
    end
    local limit = breaker.thresholdConfiguration or { type = "BOUNDED_PERCENT", value = 50 }
    if limit.type == "COUNT" then
        return limit.value
    end
    local count = math.ceil(desired * limit.value / 100)
    return limit.type == "BOUNDED_PERCENT" and math.max(3, math.min(200, count)) or count
end

local Course = {}
Course.__index = Course

function Course:total(member)
    local sum = 0
    for _, one in ipairs(self.deployments) do
        sum = sum + one[member]
    end
    return sum
end

-- Deployments and records are replaced, never changed: earlier values hold them too.
function Course:set(index, members)
    members.updated = self.at
    self.deployments = with(self.deployments, index, over(self.deployments[index], members))
end

function Course:record(members)
    if self.records[1] then
        self.records = with(self.records, 1, over(self.records[1], members))
    end
end

function Course:keep()
    self.steps[#self.steps + 1] = {
        at = self.at,
        value = {
            definition = self.definition,
            completed = self.completed,
            deployments = self.deployments,
            records = self.records,
            sides = self.sides,
        },
    }
end

-- Makes a deployment of a revision the primary one.
function Course:deploy(definition, id, reason)
    local fresh = { id = id, seed = id, definition = definition, created = self.at,
        updated = self.at, running = 0, pending = 0, failed = 0, state = "IN_PROGRESS",
        reason = reason }
    local list = { fresh }
    for _, one in ipairs(self.deployments) do
        if one.definition == definition and one.running > 0 then
            fresh.seed, fresh.running = one.seed, one.running
        elseif one.running > 0 or one.state == "FAILED" then
            list[#list + 1] = with(one, "pending", 0)
        end
    end
    self.deployments, self.definition = list, definition
end

-- Stops running tasks of one deployment: at most so many; returns how many are left to stop.
function Course:stop(index, count)
    local stopped = math.min(count, self.deployments[index].running)
    if stopped > 0 then
        self:set(index, { running = self.deployments[index].running - stopped })
    end
    return count - stopped
end

function Course:stop_old(count)
    for i = #self.deployments, 2, -1 do
        count = self:stop(i, count)
    end
end

function Course:start_new()
    local primary = self.deployments[1]
    local room = self.desired * self.config.maximumPercent // 100 - self:total "running"
        - primary.pending
    local missing = self.desired - primary.running - primary.pending
    local started = math.max(0, math.min(room, missing))
    if started > 0 then
        self:set(1, { pending = primary.pending + started })
    end
    return started > 0
end

-- Old tasks go when there are more than are wanted, or to make room for new ones.
function Course:move()
    local lowest = math.ceil(self.desired * self.config.minimumHealthyPercent / 100)
    self:stop(1, math.max(0, self.deployments[1].running - self.desired))
    self:stop_old(math.max(0, self:total "running" - self.desired))
    if not self:start_new() and self.deployments[1].pending == 0
        and self.deployments[1].running < self.desired then
        self:stop_old(math.max(0, self:total "running" - lowest))
        self:start_new()
    end
end

function Course:fail()
    local primary = self.deployments[1]
    local failed = primary.failed + primary.pending
    local threshold = M.threshold(self.config, self.desired)
    self:set(1, { pending = 0, failed = failed })
    self:record { failed = failed }
    if not threshold or failed < threshold then
        return self.rounds < FAILED_ROUNDS_MAX
    end
    local reason = "ECS deployment circuit breaker: tasks failed to start."
    self:set(1, { state = "FAILED", reason = reason })
    if not self.config.deploymentCircuitBreaker.rollback or not self.completed
        or self.completed == primary.definition then
        self:record { status = "STOPPED", reason = reason, finished = self.at }
        return false
    end
    self:record { status = "ROLLBACK_IN_PROGRESS", reason = reason }
    self:deploy(self.completed, primary.id .. "1",
        "ECS deployment circuit breaker: rolling back to the last completed deployment.")
    return true
end

function Course:complete()
    local rolled_back = self.records[1] and self.records[1].status == "ROLLBACK_IN_PROGRESS"
    self.at = self.at + M.DRAIN
    self.deployments = { self.deployments[1] }
    self:set(1, { state = "COMPLETED",
        reason = ("ECS deployment ecs-svc/%s completed."):format(self.deployments[1].id) })
    self:record { status = rolled_back and "ROLLBACK_SUCCESSFUL" or "SUCCESSFUL",
        finished = self.at }
    self.completed = self.definition
    self:keep()
end

-- One round; whether there is another.
function Course:round()
    self:move()
    self:keep()
    local primary = self.deployments[1]
    if primary.running == self.desired and self:total "running" == self.desired then
        if primary.state == "IN_PROGRESS" then
            self:complete()
        end
        return false
    elseif primary.pending == 0 then
        return false -- the percentages leave no room: it waits for somebody
    end
    self.at, self.rounds = self.at + M.START, self.rounds + 1
    if self.failing[primary.definition] then
        local again = self:fail()
        if not again then
            self:keep()
        end
        return again
    end
    self:set(1, { running = primary.running + primary.pending, pending = 0 })
    return true
end

-- Rounds until nothing moves any more.
function Course:settle()
    repeat
        local again = self:round()
    until not again
    return self.steps
end

local function begun(value, now, options)
    return setmetatable(over(value, {
        at = now,
        desired = options.desired,
        config = options.config,
        failing = options.failing,
        rounds = 0,
        steps = {},
    }), Course)
end

-- Somebody stops the deployment that is under way: what it came from is deployed again.
function M.back(value, now, reason, options)
    local course, record = begun(value, now, options), value.records[1]
    course:record { status = "ROLLBACK_IN_PROGRESS", reason = reason, back_at = now }
    course:deploy(record.source, record.id .. "1", reason)
    return course:settle()
end

-- The values from `now` on. `value` is the one that counts now; options: desired, config (the
-- deployment configuration), failing (the revisions whose tasks do not start), and to begin a
-- deployment, definition and id.
function M.course(value, now, options)
    local course = begun(value, now, options)
    if options.definition and options.definition ~= value.definition then
        if value.records[1] and not value.records[1].finished then
            course:record { status = "STOPPED", reason = "replaced by another", finished = now }
        end
        course.records = { { id = options.id, definition = options.definition,
            source = value.definition, created = now, status = "IN_PROGRESS", failed = 0 },
            table.unpack(course.records) }
        course:deploy(options.definition, options.id)
    end
    if course.deployments[1].state == "FAILED" then
        course:keep() -- it starts no more tasks
        return course.steps
    end
    return course:settle()
end

return M
