-- What another run asked for, by its journal, asked for again: for recordings that are made while
-- it lasts, or afterwards, or of another time.
--
-- What the run itself read goes before what the providers answer now: they may have got more
-- since, and do not know when they did not answer.

local canonical = require "canonical"
local instant = require "instant"
local invalid = require "import.invalid"
local record = require "metrics.record"
local task = require "task"

local M = {}

-- A day of minutes: the room that an answer needs is bounded, and providers count points.
local PART_PERIODS = 1440
local TRIES, PAUSE = 3, 1000 -- ms

-- Whether who asks `outer` is told all that `inner` asks for.
local function contains(outer, inner)
    local asked = {}
    for _, metric in ipairs(outer.metrics) do
        asked[metric] = true
    end
    for _, metric in ipairs(inner.metrics) do
        if not asked[metric] then
            return false
        end
    end
    return canonical.encode(outer.target) == canonical.encode(inner.target)
end

-- The questions, each once, and which of them a watch asks at its ticks. One that asks for all of
-- another serves as well. A watch of alarms alone asks none: what they said is in its ticks.
local function collect(asked)
    local list, of_watch = {}, {}
    for _, question in ipairs(asked) do
        local found
        for _, known in ipairs(list) do
            found = found or contains(known, question) and known
        end
        if not found then
            found = { target = question.target, metrics = question.metrics }
            list[#list + 1] = found.metrics[1] and found
        end
        if question.watch then
            of_watch[question.watch] = found
        end
    end
    return list, of_watch
end

-- What all of the time takes. It is an error if none of it can be had yet.
local function make_plans(run, list, asked)
    local ready = #list == 0 and 0 or nil
    for _, question in ipairs(list) do
        question.plan = run:plan { target = question.target, metrics = question.metrics,
            from = asked.from, to = asked.to, now = asked.now }
        ready = math.min(ready or math.maxinteger, question.plan.ready_at or 0)
    end
    if ready > 0 then
        invalid("there is no period yet that lies within this time, is over and has settled (one "
            .. "that began with it could be read from %s on)", instant.format(ready))
    end
end

local function keep_ticks(run, asked, of_watch)
    local last = {} -- the period that a watch looked at last
    for _, tick in ipairs(asked.ticks) do
        local question = of_watch[tick.watch]
        local plan = question and question.plan
        if question and tick.alarms and tick.at >= asked.from and tick.at <= asked.to then
            run:keep_alarms(question.target, tick.alarms, tick.at)
        end
        if plan then
            local read
            read, last[tick.watch] = record.of_tick(plan, tick.periods, last[tick.watch])
            run:keep(plan, read, tick.at)
        end
    end
end

local function missing_in(period)
    local names = {}
    for name in pairs(period.metrics) do
        names[#names + 1] = name
    end
    table.sort(names)
    for _, name in ipairs(names) do
        for _, arm in ipairs { "baseline", "canary" } do
            local reading = period.metrics[name][arm]
            if reading.status == "provider error" then
                return { metric = name, arm = arm, at = period.at, again = reading.again,
                    message = reading.message or "no answer" }
            end
        end
    end
end

-- The first reading that the provider did not give.
local function missing_of(read)
    for _, period in ipairs(read.periods or {}) do
        local missing = missing_in(period)
        if missing then
            return missing
        end
    end
end

local function ask_part(run, question)
    for tries = 1, TRIES do
        local plan = run:plan(question)
        local read = run:read(plan)
        local missing = missing_of(read)
        if not missing then
            return run:keep(plan, read)
        elseif not missing.again or tries == TRIES then
            error({ failed = ("%s (%s) was not answered for %s: %s"):format(missing.metric,
                missing.arm, instant.format(missing.at), missing.message) }, 0)
        end
        task.wait(PAUSE)
    end
end

local function ask_whole(run, question, now)
    local plan = question.plan
    if plan.not_ready then
        return
    end
    local part = plan.period * PART_PERIODS
    for at = plan.from, plan.to - 1, part do
        ask_part(run, { target = question.target, metrics = question.metrics, from = at,
            to = math.min(at + part, plan.to), now = now })
    end
end

-- One that came before another that asks for more is not asked by itself.
local function is_contained(list, index)
    for i = index + 1, #list do
        if contains(list[i], list[index]) then
            return true
        end
    end
    return false
end

-- Asks for the periods in [from, to) that had settled at `now`, part by part, and keeps them.
-- asked: { questions = { { target, metrics, watch }... }, ticks = { { watch, periods, alarms,
-- at }... }, from, to, now, home }; `watch` is the id of the watch, where it is one.
function M.carry_out(run, asked)
    local list, of_watch = collect(asked.questions)
    make_plans(run, list, asked)
    keep_ticks(run, asked, of_watch)
    for i, question in ipairs(list) do
        if not is_contained(list, i) then
            ask_whole(run, question, asked.now)
        end
    end
    return true
end

return M
