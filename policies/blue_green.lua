-- Blue/green: the new version is ready beside the old one and takes over at once. The old one
-- stays as it was while the new one is watched, so that the way back is one step.

local judge = require "judge"
local rollout = require "rollout"

return rollout.policy {
    summary = "Switch all traffic to the new version at once, and keep the old one for a while.",

    params = {
        target = rollout.target(),
        healthy_within = rollout.duration "5m", -- how long green may take to get ready
        preview = rollout.percent(0), -- a share to judge against blue first; 0: none
        preview_for = rollout.duration "5m",
        keep = rollout.duration "10m", -- how long blue is kept and green is watched
        every = rollout.duration "1m", -- how often the judges look
        max_error_rate = rollout.number { default = 0.02, min = 0, max = 1 }, -- errors per request
    },

    run = function(p)
        p.target:healthy { within = p.healthy_within }
        if p.preview > 0 then
            p.target:shift(p.preview)
            p.target:watch { during = p.preview_for, every = p.every }
        end
        p.target:shift(100)
        p.target:watch { -- blue has no traffic to compare with, so the limit is a fixed one
            during = p.keep,
            every = p.every,
            judges = { judge.threshold { above = p.max_error_rate } },
        }
    end,
}
