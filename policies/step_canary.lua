-- A canary in steps: a little of the traffic first, and more after each watch that found no harm.

local rollout = require "rollout"

return rollout.policy {
    summary = "Raise the new version's share in steps, and judge it against the old one at each.",

    params = {
        target = rollout.target(),
        steps = rollout.percents { 5, 10, 25, 50, 100 },
        bake = rollout.duration "5m", -- how long each step is watched
        every = rollout.duration "1m", -- how often the judges look
        judges = rollout.judges(), -- errors per request, against the old version
    },

    run = function(p)
        for _, percent in ipairs(p.steps) do
            p.target:shift(percent)
            p.target:watch { -- harm raises: the rollout is undone
                during = p.bake,
                every = p.every,
                judges = p.judges,
                steps = #p.steps,
            }
        end
        p.target:shift(100) -- steps may end below it
    end,
}
