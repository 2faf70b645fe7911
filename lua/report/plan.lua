-- A plan: what a run would do, from the records of its rehearsal. As a plain value here, of which
-- the sealed document is made; report/plan_text.lua tells it.
--
-- A step is { at = ms since the beginning, branch, kind = ... } and, of kind
--     change    id, operation, input, identity, before, after, undo (none: it stays), settle,
--               target and share where it moves traffic
--     wait      for (ms), times
--     window    window, open, until, there: as of the time at which it was planned
--     approval  within, from, otherwise, message
--     watch     for, every, target, share, step, judges, harm_at (a text for each judge),
--               limits, decide, beside, foreseen (with the traffic of the hours before: what
--               it could see, core/engine/foresight.h)
--     notify    level, message
--     metric    target, metric, arm: what the policy finds there, a rehearsal does not know

local array = require "canonical".array
local catalogue = require "aws.catalogue"
local plain = require "report.plain"
local tables = require "simulation.tables"
local types = require "targets"

local M = {}

local plan, home, start -- that is being made; where; when its first record was written
local changes, last -- changes by id; the last step of each branch
local windows -- what was asked of windows, by id

function M.begin()
    plan = { steps = array {}, observed = array {}, targets = array {}, length = 0 }
    home, start, changes, last, windows = nil, nil, {}, {}, {}
    return ""
end

local see = {}

function see.begin(body, at)
    start, home = at, body.home
    plan.summary, plan.params, plan.targets = body.policy, body.params, body.targets
    plan.metrics = body.preflight
end

local function add(branch, at, step)
    step.at, step.branch = at - start, branch
    plan.steps[#plan.steps + 1] = step
    last[branch] = step
end

-- Waiting for the same thing again and again is one wait.
local function add_wait(branch, at, length)
    local before = last[branch]
    if before and before.kind == "wait" then
        before["for"] = before["for"] + length
        before.times = before.times + 1
    else
        add(branch, at, { kind = "wait", ["for"] = length, times = 1 })
    end
end

local function add_change(body, at)
    local request = body.request
    local share, name = types.share(request, plan.targets, home, body.observed)
    local step = {
        kind = "change", operation = request.operation, input = request.input,
        region = request.region, identity = body.identity, before = body.before,
        after = body.after, undo = body.undo, settle = body.settle,
        share = share and share + 0.0 or nil, target = name,
    }
    add(body.branch, at, step)
    changes[body.id] = { step = step, observe = body.observe }
end

local function add_watch(body, at)
    local request = body.request
    add(body.branch, at, {
        kind = "watch", ["for"] = request["for"], every = request.every,
        target = types.label(request.target), share = request.share + 0.0, step = request.step,
        judges = request.judges, harm_at = body.harm_at, limits = request.limits,
        sees = request.sees, patience = request.patience, settle_in = request.settle_in,
        decide = request.decide, beside = request.beside, foreseen = body.foreseen,
    })
end

local effects = {
    sleep = function(body, at) add_wait(body.branch, at, body.request["for"]) end,
    watch = add_watch,
}

function effects.approval(body, at)
    local request = body.request
    add(body.branch, at, { kind = "approval", within = request.within, from = request.from,
        otherwise = request.otherwise, message = request.message })
end

function effects.window(body)
    windows[body.id] = not body.request.first and body or nil
end

local function add_window(body, value, at)
    add(body.branch, at, { kind = "window", window = body.request.window, open = value.open,
        ["until"] = value["until"], there = value.there })
end

function effects.notify(body, at)
    add(body.branch, at, { kind = "notify", level = body.request.level or "info",
        message = body.request.message })
end

function effects.metric(body, at)
    local target = body.request.target
    add(body.branch, at, { kind = "metric", metric = body.request.metric, arm = body.request.arm,
        target = type(target) == "table" and types.label(target) or nil })
end

function effects.aws(body, at)
    if body.identity then
        add_change(body, at)
    end
end

function see.effect(body, at)
    local take = effects[body.request.kind]
    if take then
        take(body, at)
    end
end

-- The state a resource was found in, when it was changed first. What comes to be in the run, and
-- is nothing to put back, nobody finds.
local function observe(change)
    local step = change.step
    if catalogue.entry(step.operation).fleeting and not step.undo then
        return
    end
    for _, one in ipairs(plan.observed) do
        if one.identity == step.identity then
            return
        end
    end
    plan.observed[#plan.observed + 1] = { identity = step.identity, operation = step.operation,
        input = step.input, region = step.region, observe = change.observe, before = step.before }
end

function see.result(body, at)
    if windows[body.id] and body.outcome == "ok" then
        add_window(windows[body.id], body.value, at)
    end
    local change = changes[body.id]
    if change and body.outcome == "ok" then
        observe(change)
    elseif change then
        change.step.refused = body.error
    end
end

function see.rollback(body)
    plan.failure = body
end

function M.add(record)
    if plan.failure then
        return ""
    end
    if see[record.kind] then
        see[record.kind](record.body, record.at)
    end
    plan.length = start and record.at - start or 0
    return ""
end

-- { steps, observed, targets, summary, params, metrics, length, failure }.
function M.finish()
    return plan
end

-- The first difference between two states of a resource, in words.
function M.difference(planned, found)
    local text = tables.difference(planned, found, "")
    return plain.text(text and text:gsub("^%.", "") or "nothing")
end

return M
