-- Linear: the same amount more of the traffic, again and again, until the new version has it all.

local judge = require "judge"
local rollout = require "rollout"

local function shares(p)
    local list = {}
    for i = 1, math.ceil(100 / p.step) do list[i] = math.min(i * p.step, 100) end
    return list
end

return rollout.policy {
    summary = "Raise the new version's share in equal steps, and judge it against the old at each.",
    shares = shares,
    params = {
        target = rollout.target(),
        step = rollout.percent(10),
        bake = rollout.duration "5m", -- how long each share is watched
        every = rollout.duration "1m", -- how often the judges look
        settle_in = rollout.settle_in { "bake" }, -- how long a canary is left to warm up
        judges = rollout.judges(), -- errors per request, against the old version
        alone = rollout.judges { judge.threshold { above = 0.05 }, judge.before() }, -- at 100 %
        alarms = rollout.alarms(), -- of CloudWatch: every watch heeds them
        sees = rollout.number { default = 10, min = 0 }, -- a rise that each watch must be able to
        patience = rollout.duration "1h", -- see, and how much longer it may take for that
    },

    run = function(p)
        local list = shares(p)
        local watch = { during = p.bake, every = p.every, settle_in = p.settle_in, sees = p.sees,
            patience = p.patience, judges = p.judges, alone = p.alone,
            steps = math.max(#list - 1, 1) }
        p.target:foresee(list, watch) -- what could never be judged is not begun
        for _, percent in ipairs(list) do
            p.target:shift(percent)
            p.target:watch(watch) -- harm raises: the rollout is undone
        end
    end,
}
