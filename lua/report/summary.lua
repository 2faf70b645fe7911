-- A run in one object, from its records: what `show --format json` puts beside them.

local routing = require "report.routing"

local M = {}

local sum -- what was seen so far
local targets, asked -- to tell what the mutations mean

function M.begin()
    sum = { lives = 0, mutations = 0, undone = 0, restored = 0, not_restored = 0, peak_share = 0.0,
        records = 0 }
    targets, asked = {}, {}
    return ""
end

local see = {}

function see.run()
    sum.lives = 1
end

function see.begin(body, at)
    sum.started = at
    sum.policy = body.policy.name
    targets, asked = body.targets, {}
end

function see.effect(body)
    sum.mutations = sum.mutations + (body.key and 1 or 0)
    if body.key then
        asked[body.id] = body.request
    end
end

function see.result(body)
    local share = asked[body.id] and body.outcome == "ok"
        and routing.share(asked[body.id], targets)
    sum.peak_share = math.max(sum.peak_share, share or 0)
end

-- How a process begins that takes a run up (core/engine/engine.c); the death of a policy is a crash
-- too, and has other reasons.
local taken_up = {
    ["the run was cut short; it was taken up from its journal"] = true,
    ["not everything was as before; it is tried again"] = true,
}

-- The first one tells why; each one more is another process that took the run up.
function see.rollback(body)
    if body.cause == "crash" and taken_up[body.reason] then
        sum.lives = sum.lives + 1
    end
    if not sum.cause then
        sum.cause, sum.reason, sum.chunk, sum.line = body.cause, body.reason, body.chunk, body.line
    end
end

function see.undone(body)
    sum.undone = sum.undone + (body.outcome == "ok" and 1 or 0)
end

function see.verified(body)
    local name = body.restored and "restored" or "not_restored"
    sum[name] = sum[name] + 1
end

see["end"] = function(body, at)
    sum.outcome, sum.exit, sum.ended = body.outcome, body.exit, at
end

function M.add(record)
    local seen = see[record.kind]
    sum.records = sum.records + 1
    if seen and not pcall(seen, record.body, record.at) then
        error({ invalid = "it is not what a run writes as a record of kind " .. record.kind })
    end
    return ""
end

function M.finish()
    return sum
end

return M
