-- What all metric providers are asked through. Nothing is sent here: a plan says what to ask, and
-- what was answered is read with it (docs/metrics.md). run.lua is who asks.

local config = require "metrics.config"
local plan = require "metrics.plan"
local read = require "metrics.read"
local targets = require "metrics.targets"

return {
    check = config.check,
    lookup = targets.lookup,
    known = targets.known,
    plan = plan.make,
    check_plan = plan.check,
    check_all = plan.check_all,
    read = read.read,
}
