-- Blue/green: the new version takes over at once, and the old one stays: the way back is one step.

local judge = require "judge"
local rollout = require "rollout"

return rollout.policy {
    summary = "Switch all traffic to the new version at once, and keep the old one for a while.",
    judges = function(p) -- blue has no traffic at last: a fixed limit, and what blue did before
        return { judge.threshold { above = p.max_error_rate }, judge.before() }
    end,
    params = {
        target = rollout.target(),
        healthy_within = rollout.duration "5m", -- how long green may take to get ready
        preview = rollout.percent(0), -- a share to judge against blue first; 0: none
        preview_for = rollout.duration "5m",
        keep = rollout.duration "10m", -- how long blue is kept and green is watched
        every = rollout.duration "1m", -- how often the judges look
        settle_in = rollout.settle_in { "keep", preview = "preview_for" }, -- to warm up, unwatched
        max_error_rate = rollout.number { default = 0.02, min = 0, max = 1 }, -- errors per request
        alarms = rollout.alarms(), -- of CloudWatch: every watch heeds them
        sees = rollout.number { default = 10, min = 0 }, -- a rise that each watch must be able to
        patience = rollout.duration "1h", -- see, and how much longer it may take for that
    },

    run = function(p, alone)
        local function watched(during, judges)
            return { during = during, every = p.every, settle_in = p.settle_in,
                judges = judges, sees = p.sees, patience = p.patience }
        end
        p.target:foresee(100, watched(p.keep, alone)) -- what could never be judged is not begun
        p.target:healthy { within = p.healthy_within }
        if p.preview > 0 then
            p.target:shift(p.preview)
            p.target:watch(watched(p.preview_for))
        end
        p.target:shift(100)
        p.target:watch(watched(p.keep, alone))
    end,
}
