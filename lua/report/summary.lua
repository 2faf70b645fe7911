-- A run in one object, from its records: what `show --format json` puts beside them.

local teller = require "report.teller"
local types = require "targets"

local M = {}

local sum -- what was seen so far
local targets, home, asked -- to tell what the mutations mean

-- lives: how many processes carried the run on (core/engine/engine.h tells).
function M.begin(lives)
    sum = { lives = lives, mutations = 0, undone = 0, restored = 0, not_restored = 0,
        peak_share = 0.0, records = 0 }
    targets, home, asked = {}, nil, {}
    return ""
end

local see = {}

function see.begin(body, at)
    sum.started = at
    sum.policy = body.policy.name
    targets, home, asked = body.targets, body.home, {}
end

function see.effect(body)
    sum.mutations = sum.mutations + (body.identity and 1 or 0)
    if body.identity then
        asked[body.id] = body
    end
end

function see.result(body)
    local share = asked[body.id] and body.outcome == "ok"
        and types.share(asked[body.id].request, targets, home, asked[body.id].observed)
    sum.peak_share = math.max(sum.peak_share, share or 0)
end

-- The first one tells why; each one more is another process that took the run up.
function see.rollback(body)
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
    sum.records = sum.records + 1
    if not teller.tell(see, record) then
        sum.untold = (sum.untold or 0) + 1
    end
    return ""
end

function M.finish()
    return sum
end

return M
