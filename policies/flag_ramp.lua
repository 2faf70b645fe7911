-- A ramp: the flag is on for a few of the users first, and for more after each watch that found no
-- harm. Whoever has it keeps it as the percentage grows, and one call takes it from all of them.

local judge = require "judge"
local rollout = require "rollout"

return rollout.policy {
    summary = "Raise a flag's percentage in steps, and judge those who have it against the others.",

    params = {
        target = rollout.target(),
        steps = rollout.percents { 1, 5, 10, 25, 50, 100 }, -- it stays where they end
        hold = rollout.duration "10m", -- how long each percentage is watched
        every = rollout.duration "1m", -- how often the judges look
        settle_in = rollout.settle_in { "hold" }, -- how long a canary is left to warm up
        judges = rollout.judges { judge.ratio(), judge.threshold { above = 0.05 } },
        alone = rollout.judges { judge.threshold { above = 0.05 }, judge.before() }, -- at 100 %
        alarms = rollout.alarms(), -- of CloudWatch: every watch heeds them
        sees = rollout.number { default = 10, min = 0 }, -- a rise that each watch must be able to
        patience = rollout.duration "1h", -- see, and how much longer it may take for that
    },

    run = function(p)
        local compared = #p.steps - (p.steps[#p.steps] == 100 and 1 or 0)
        local watch = { during = p.hold, every = p.every, settle_in = p.settle_in,
            judges = p.judges, alone = p.alone, steps = math.max(compared, 1),
            sees = p.sees, patience = p.patience }
        p.target:foresee(p.steps, watch) -- what could never be judged is not begun
        for _, percent in ipairs(p.steps) do
            p.target:shift(percent)
            p.target:watch(watch) -- harm raises: the flag goes back to where it was
        end
    end,
}
