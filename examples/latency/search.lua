-- How the search service is rolled out: in steps, against the version in service, by its errors and
-- by how long its requests take.

local judge = require "judge"
local rollout = require "rollout"

return rollout.use("step_canary", {
    target = rollout.lambda_alias { ["function"] = "search", alias = "live", canary = "42" },
    steps = { 5, 10, 25, 50 },
    bake = "5m",
    judges = {
        judge.ratio {},
        judge.latency { tolerance = 0.1 }, -- a tenth slower is borne
    },
})
