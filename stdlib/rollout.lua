-- What policies and rollout files are written with.
--
--     local rollout = require "rollout"
--
--     return rollout.policy {
--         summary = "Half of the traffic for ten minutes, then all of it.",
--         params = { target = rollout.target(), bake = rollout.duration "10m" },
--         run = function(p)
--             p.target:shift(50)
--             p.target:watch { during = p.bake }   -- harm raises: the rollout is undone
--             p.target:shift(100)
--         end,
--     }

local check = require "check"
local effect = require "effect"
local given = require "given"
local holding = require "holding"
local kinds = require "kinds"
local params = require "params"
local policy = require "policy"
local target = require "target"
local waves = require "waves"

---@class rollout
local M = {}

-- Policies

---Declares a policy. Returning from `run` promotes; raising an error rolls back.
M.policy = policy.new

---Binds a shipped policy (by name) or one of your own (from require) to its parameters.
---
---    return rollout.use("step_canary", { target = checkout, steps = { 5, 50, 100 } })
M.use = policy.use

---Leaves a hole in a rollout file, as a value of a parameter or of a target's member, that the
---command line must fill: -p version=43. A run that is not given it does not begin.
---
---    canary = rollout.given("version", "the version that CI has just published")
---@type fun(name: string, what: string): any
M.given = given.new

-- Parameters. Each has an optional default; without one it must be given.

---@class (exact) rollout.NumberOptions
---@field default? number
---@field min? number
---@field max? number

---@class (exact) rollout.IntegerOptions
---@field default? integer
---@field min? integer
---@field max? integer

---One target or several; several move as one. Text: "alb-rule:ARN,baseline=ARN,canary=ARN",
---repeatable.
---@type fun(default?: Target|Target[]): Param
M.target = params.constructors.target

---Rising shares of the traffic: rollout.percents { 5, 25, 100 }. Text: "5,25,100".
---@type fun(default?: number[]): Param
M.percents = params.constructors.percents

---One share: rollout.percent(10). A default of 0 stands for none, which may then be given too.
---@type fun(default?: number): Param
M.percent = params.constructors.percent

---A duration: rollout.duration "5m". The policy gets it in milliseconds. A default of 0 stands for
---none, which may then be given too.
---@type fun(default?: Duration): Param
M.duration = params.constructors.duration

---How long a canary that got more traffic is left to warm up, 0 unless given. The names are those
---of the durations that it is watched for, of which it must leave something. One that belongs to a
---share, and is no watch where that is 0, is written with it.
---
---    settle_in = rollout.settle_in { "keep", preview = "preview_for" }
---@type fun(watches: table<integer|string, string>): Param
M.settle_in = params.constructors.settle_in

---A number: rollout.number { default = 0.02, min = 0, max = 1 }.
---@type fun(options?: rollout.NumberOptions): Param
M.number = params.constructors.number

---A whole number: rollout.integer { default = 3, min = 1 }.
---@type fun(options?: rollout.IntegerOptions): Param
M.integer = params.constructors.integer

---Any text: rollout.text "release".
---@type fun(default?: string): Param
M.text = params.constructors.text

---True or false: rollout.flag(false). Text: "true", "false", "yes", "no", "on", "off".
---@type fun(default?: boolean): Param
M.flag = params.constructors.flag

---One of a few texts: rollout.choice({ "fast", "careful" }, "careful").
---@type fun(choices: string[], default?: string): Param
M.choice = params.constructors.choice

---Judges for a watch; one ratio judge unless others are given. Text: "ratio:alpha=0.005",
---repeatable.
---@type fun(default?: Judge[]): Param
M.judges = params.constructors.judges

---CloudWatch alarms, by name or ARN, that every watch of the rollout heeds; none unless given. A
---run does not begin while one of them is in ALARM. Text: "checkout-5xx,checkout-p99", repeatable.
---@type fun(default?: string[]): Param
M.alarms = params.constructors.alarms

---When a rollout may go on, by the clocks of a time zone: p.office:wait(). Text:
---"days=mon-thu,from=09:00,to=16:00,zone=Europe/Berlin,except=2026-12-24+2026-12-25", or "always".
---
---Several make one that is open where any of them is.
---
---    office = rollout.window { days = "mon-thu", from = "09:00", to = "16:00", zone = "UTC" }
---@type fun(default?: rollout.WindowOptions|rollout.WindowOptions[]): Param
M.window = params.constructors.window

-- Targets: there is a constructor for each type of target, loaded when it is used. Editors know
-- them from stdlib/meta/targets.lua, people from docs/targets.md.

-- What a policy can do besides shifting and watching

local function done(what, result)
    if result.error then
        check.fail("%s: %s: %s", what, result.error.code, result.error.message)
    end
end

---Waits in rollout time: real when live, immediate when simulated.
---
---    rollout.sleep "10m"
---@async
---@param duration Duration
function M.sleep(duration)
    local ms = check.value("rollout.sleep", duration, kinds.duration)
    done("rollout.sleep", effect.perform { kind = "sleep", ["for"] = ms })
end

---The time, in rollout time: milliseconds since 1970. A simulation has that of its recording.
---@async
---@return integer ms
function M.now()
    local result = effect.perform { kind = "now" }
    done("rollout.now", result)
    return result.value.now
end

local levels = kinds.choice { "info", "warning" }

---Says something in the progress, the journal and the report.
---
---    rollout.notify("half way", "info")
---@async
---@param message string
---@param level? "info"|"warning"  # "info"
function M.notify(message, level)
    done("rollout.notify", effect.perform {
        kind = "notify",
        message = check.value("rollout.notify", message, kinds.text),
        level = check.value("rollout.notify: level", level or "info", levels),
    })
end

---    rollout.approval { within = "12h", from = { "ann", "bob" }, message = "half of the load" }
---on being watched. A person who rejects it rolls it back, and so does nobody's answer in time,
---unless `otherwise` says "go on".
---
---    rollout.approval { within = "12h", from = { "ann", "bob" }, message = "half of it all" }
---@async
---@param options rollout.ApprovalOptions
---@return boolean approved  # false: nobody answered, and it goes on all the same
function M.approval(options)
    return holding.approval(options)
end

---Many targets in waves: in each, `each` is called for every target, side by side. A watch that
---finds one of them harmed takes that one back, while no more than `failures` have been; with one
---more all of them are rolled back.
---
---    rollout.waves { targets = p.target, waves = { 1, 5 }, failures = 1, each = function(target)
---        target:shift(50)
---        target:watch { during = "10m" }
---        target:shift(100)
---    end }
---@async
---@param options rollout.WavesOptions
---@return string[] failed  # those that were taken back
function M.waves(options)
    return waves.run(options)
end

local reason_kind = { expected = "the reason, in up to 200 characters", read = kinds.name.read }

---Undoes the rollout and ends it; never returns.
---
---    rollout.rollback "the canary's queue is not draining"
---@async
---@param reason string
function M.rollback(reason)
    effect.perform {
        kind = "rollback",
        reason = check.value("rollout.rollback", reason, reason_kind),
    }
end

---Runs functions side by side and waits for all of them. If one fails, everything is undone.
---
---    rollout.parallel {
---        function() p.api:shift(50) end,
---        function() p.web:shift(50) end,
---    }
---@async
---@param branches (fun(): any)[]
---@return any[] results  # what the functions returned: plain values, in their order
function M.parallel(branches)
    if type(branches) ~= "table" or #branches == 0 then
        check.fail("rollout.parallel: expected a list of functions, got %s", check.show(branches))
    end
    for i, branch in ipairs(branches) do
        if type(branch) ~= "function" then
            check.fail("rollout.parallel: item %d: expected a function, got %s", i,
                check.show(branch))
        end
    end
    return effect.parallel(branches)
end

return check.strict("rollout", M, require "target_kinds", target.constructor)
