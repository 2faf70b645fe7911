-- The door to the metric providers, for the live world. Nothing is sent here: a plan says what to
-- ask, and what was answered is read with it (docs/metrics.md).

local config = require "metrics.config"
local plan = require "metrics.plan"
local read = require "metrics.read"
local record = require "metrics.record"
local targets = require "metrics.targets"

return {
    check = config.check,
    lookup = targets.lookup,
    known = targets.known,
    plan = plan.make,
    read = read.read,
    record = record.build,
}
