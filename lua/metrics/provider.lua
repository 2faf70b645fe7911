-- The door to the metric providers, for the live world. Nothing is sent here: a plan says what to
-- ask, and what was answered is read with it (docs/metrics.md).

local config = require "metrics.config"
local plan = require "metrics.plan"
local read = require "metrics.read"
local record = require "metrics.record"
local targets = require "metrics.targets"

local M = {
    check = config.check,
    lookup = targets.lookup,
    known = targets.known,
    plan = plan.make,
    read = read.read,
}

-- What is kept for the recording of this process.
local book = record.new()

-- `seen` is the instant at which a run had it; nil for what is asked for afterwards.
function M.keep(made, found, seen)
    record.add(book, { plan = made, read = found, seen = seen })
    return #book.found
end

local last = {} -- the period that a watch looked at last

-- The same of the periods in a tick of a journal, as far as they lie within the plan, which says
-- what the metrics are. `watch` is the id of the watch.
function M.heard(made, periods, seen, watch)
    local found, at = record.heard(made, periods, last[watch])
    last[watch] = at
    return M.keep(made, found, seen)
end

function M.recording(options)
    return record.finish(book, options)
end

return M
