-- The rollout that was measured, as a policy: the same shares, two minutes each.

local rollout = require "rollout"

local account = "arn:aws:elasticloadbalancing:eu-west-1:111122223333:"

return rollout.use("step_canary", {
    target = rollout.alb_listener {
        listener = account .. "listener/app/shop/50dc6c495c0c9188/f2f7dc8efc522ab2",
        baseline = account .. "targetgroup/shop-v1/73e2d6bc24d8a067",
        canary = account .. "targetgroup/shop-v2/44b5c0e1f0a8d217",
    },
    steps = { 5, 10, 25, 50 },
    bake = "2m",
    every = "15s",
})
