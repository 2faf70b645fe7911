-- A canary in steps: a little of the traffic first, and more after each watch that found no harm.

local judge = require "judge"
local rollout = require "rollout"

return rollout.policy {
    summary = "Raise the new version's share in steps, and judge it against the old one at each.",

    params = {
        target = rollout.target(),
        steps = rollout.percents { 5, 10, 25, 50, 100 }, -- it goes on to 100 where they end below
        bake = rollout.duration "5m", -- how long each step is watched
        every = rollout.duration "1m", -- how often the judges look
        settle_in = rollout.settle_in { "bake" }, -- how long a canary is left to warm up
        judges = rollout.judges(), -- errors per request, against the old version
        alone = rollout.judges { judge.threshold { above = 0.05 }, judge.before() }, -- at 100 %
        alarms = rollout.alarms(), -- of CloudWatch: every watch heeds them
        sees = rollout.number { default = 10, min = 0 }, -- a rise that each watch must be able to
        patience = rollout.duration "1h", -- see, and how much longer it may take for that
    },

    run = function(p)
        local steps = { table.unpack(p.steps) }
        local compared = #steps - (steps[#steps] < 100 and 0 or 1) -- there is nothing to at 100 %
        steps[compared + 1] = 100
        local watch = { during = p.bake, every = p.every, settle_in = p.settle_in,
            judges = p.judges, alone = p.alone, steps = compared > 0 and compared or nil,
            sees = p.sees, patience = p.patience }
        p.target:foresee(steps, watch) -- what could never be judged is not begun
        for _, percent in ipairs(steps) do
            p.target:shift(percent)
            p.target:watch(watch) -- harm raises: the rollout is undone
        end
    end,
}
