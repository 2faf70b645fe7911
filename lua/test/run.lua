-- What a test is told of one simulated run, made of the records of its journal.

local timeline = require "report.timeline"
local types = require "targets"

local M = {}

local take = {}

function take.begin(told, body, at)
    told.began, told.targets, told.home = at, body.targets, body.home
end

function take.effect(told, body, at)
    local request = body.request
    if request.kind == "aws" then
        local call = { operation = request.operation, at = at - told.began, back = false,
            outcome = "unanswered" }
        table.insert(told.calls, call)
        told.asked[body.id] = { call = call, request = request, observed = body.observed,
            changes = body.identity ~= nil }
    elseif request.kind == "watch" then
        local watch = { share = request.share, at = at - told.began, length = 0,
            target = types.label(request.target), verdict = "cut short" }
        table.insert(told.watches, watch)
        told.watching[body.id] = watch
    end
end

-- A shift that AWS has made, or may have made, is one that the canary was given.
local function take_shift(told, asked, outcome, at)
    local share, name
    if asked.changes and outcome ~= "rejected" then
        share, name = types.share(asked.request, told.targets, told.home, asked.observed)
    end
    if share then
        table.insert(told.shares, { share = share, at = at - told.began, target = name })
    end
end

function take.result(told, body, at)
    local asked, watch = told.asked[body.id], told.watching[body.id]
    if asked then
        asked.call.outcome = body.outcome
        take_shift(told, asked, body.outcome, at)
    elseif watch then
        watch.length = at - told.began - watch.at
        watch.verdict = body.value and body.value.verdict or watch.verdict
    end
end

function take.tick(told, body)
    local watch = told.watching[body.id]
    if body.verdict ~= "undecided" then
        watch.verdict = body.verdict
    end
end

function take.undo(told, body, at)
    local call = { operation = body.request.operation, at = at - told.began, back = true,
        outcome = "unanswered" }
    table.insert(told.calls, call)
    told.undoing[body.id] = call
end

function take.undone(told, body)
    told.undoing[body.id].outcome = body.outcome
end

local function peak(shares)
    local most = 0.0
    for _, one in ipairs(shares) do
        most = math.max(most, one.share)
    end
    return most + 0.0
end

-- { records = [{ at, body, kind }...], wanted = whether they are, killed = whether nobody else
-- knows the largest share } -> what is told of them.
function M.told(run)
    local told = { calls = {}, watches = {}, shares = {}, asked = {}, watching = {}, undoing = {},
        began = 0, targets = {} }
    local story = {}
    timeline.begin {}
    for i, record in ipairs(run.records) do
        local read = take[record.kind]
        if read then
            read(told, record.body, record.at)
        end
        story[i] = timeline.add(record)
    end
    local list = require("canonical").array
    return {
        calls = list(told.calls),
        watches = list(told.watches),
        shares = list(told.shares),
        story = table.concat(story),
        peak_share = run.killed and peak(told.shares) or nil,
        records = run.wanted and run.records or nil,
    }
end

return M
