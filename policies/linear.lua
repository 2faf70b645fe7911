-- Linear: the same amount more of the traffic, again and again, until the new version has it all.

local rollout = require "rollout"

return rollout.policy {
    summary = "Raise the new version's share in equal steps, and judge it against the old at each.",

    params = {
        target = rollout.target(),
        step = rollout.percent(10),
        bake = rollout.duration "5m", -- how long each share is watched
        every = rollout.duration "1m", -- how often the judges look
        judges = rollout.judges(), -- errors per request, against the old version
    },

    run = function(p)
        local watches = math.ceil(100 / p.step) - 1
        for i = 1, watches do
            p.target:shift(i * p.step)
            p.target:watch { -- harm raises: the rollout is undone
                during = p.bake,
                every = p.every,
                judges = p.judges,
                steps = watches,
            }
        end
        p.target:shift(100)
    end,
}
