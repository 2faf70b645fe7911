-- A search service in two regions. Europe goes first, then America: five and twenty-five percent,
-- half of the traffic once somebody has approved it, and all of it, but not on a Friday afternoon.
-- Errors, latency and an alarm are heeded all the while; if one region is harmed, both are rolled
-- back.

local judge = require "judge"
local rollout = require "rollout"

local compared = { judge.ratio(), judge.latency { tolerance = 0.2 } }
local alone = { judge.threshold { above = 0.05 }, judge.before() } -- at 100 %

return rollout.policy {
    summary = "Two regions in waves: somebody approves half, no promotion on Friday afternoon.",

    params = {
        target = rollout.target(),
        bake = rollout.duration "5m", -- how long each share is watched
        approvers = rollout.text "ann",
        alarms = rollout.alarms(), -- every watch heeds them
        promotion = rollout.window {
            { days = "mon-thu", zone = "Europe/Berlin" },
            { days = "fri", to = "12:00", zone = "Europe/Berlin" },
        },
    },

    run = function(p)
        local function carry(region)
            local function go(percent)
                region:shift(percent)
                region:watch { during = p.bake, judges = compared, alone = alone }
            end
            go(5)
            go(25)
            rollout.approval { within = "12h", from = p.approvers,
                message = "half of the traffic in " .. region.label }
            go(50)
            p.promotion:wait()
            go(100)
        end
        rollout.waves { targets = p.target, waves = { 1 }, each = carry } -- one after the other
    end,
}
