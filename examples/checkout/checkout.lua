-- How the checkout service is rolled out: in steps of ten minutes, against the version in service.

local judge = require "judge"
local rollout = require "rollout"

local account = "arn:aws:elasticloadbalancing:eu-west-1:111122223333:"
local listener = "app/shop/50dc6c495c0c9188/f2f7dc8efc522ab2"

return rollout.use("step_canary", {
    target = rollout.alb_rule {
        rule = account .. "listener-rule/" .. listener .. "/9683b2d02a6cabee",
        baseline = account .. "targetgroup/checkout-blue/73e2d6bc24d8a067",
        canary = account .. "targetgroup/checkout-green/44b5c0e1f0a8d217",
    },
    steps = { 5, 10, 25, 50, 100 },
    bake = "10m",
    judges = {
        judge.ratio(), -- no more errors per request than the version in service
        judge.threshold { above = 0.05 }, -- and never one request in twenty, also at 100 %
    },
})
