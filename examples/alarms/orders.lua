-- Workers of a queue have no requests to count: what tells that they are well are alarms that the
-- team has anyway, on the age of the oldest message and on the dead letters.

local judge = require "judge"
local rollout = require "rollout"

return rollout.use(rollout.policy {
    name = "orders",
    summary = "Half of the workers first, and all of them if the alarms stay quiet.",

    params = {
        target = rollout.target(),
        alarms = rollout.alarms(), -- every watch heeds them; no run begins while one is in ALARM
        backlog = rollout.judges(),
        bake = rollout.duration "10m",
    },

    run = function(p)
        p.target:shift(50)
        p.target:watch { during = p.bake, judges = p.backlog }
        p.target:shift(100)
        p.target:watch { during = p.bake, judges = p.backlog }
    end,
}, {
    target = rollout.lambda_alias { ["function"] = "orders", alias = "live", canary = "42" },
    alarms = { "orders-dead-letters" },
    backlog = { judge.alarm { "orders-oldest-message", name = "backlog", lasting = "3m" } },
})
