-- Watching a target, and waiting for its health.

local check = require "check"
local duration = require "duration"
local effect = require "effect"
local judge = require "judge"
local judging = require "judging"
local kinds = require "kinds"

---@class watching
local M = {}

---@class (exact) target.Limits
---@field no_data? integer         # periods without canary data before the rollout is undone; 3
---@field provider_error? integer  # periods in which the metrics cannot be read; 4
---@field min_expected? number     # requests of an arm to be expected before its silence counts; 10
---@field share? number            # factor by which an arm's share of the requests may be off; 2

---@class (exact) target.WatchOptions
---@field during Duration          # how long
---@field every? Duration          # how often the judges are asked; "1m"
---@field judges? Judge[]          # { judge.ratio {} }
---@field settle_in? Duration     # how long a canary that got more traffic is left alone; 0
---@field alone? Judge[]           # those at 100 %, where there is no baseline; `judges`
---@field sees? number             # the rise that it must be able to see; 0: whatever it can
---@field patience? Duration       # how much longer it may take for that; "1h"
---@field steps? integer           # watches planned in all, to share the evidence out evenly
---@field limits? target.Limits
---@field decide? boolean          # true: harm is returned, and the policy decides
---@field step? string             # how reports call it; "5 %"

-- The last three are returned only with `decide`; otherwise they end the run.
---@alias Verdict "safe"|"undecided"|"harm"|"no data"|"provider error"

---@class target.WatchResult
---@field verdict Verdict
---@field judges? table[]          # with `decide`: the numbers behind it, one per judge

local limit_fields = {
    no_data = kinds.integer(1, 1000),
    provider_error = kinds.integer(1, 1000),
    min_expected = kinds.number(0),
    share = kinds.number(nil, 1000000, 1),
}

local default_limits = { no_data = 3, provider_error = 4, min_expected = 10 }

M.watch_fields = {
    during = kinds.duration,
    every = kinds.duration,
    judges = judging.list,
    alone = judging.list,
    settle_in = kinds.duration_or_none,
    sees = kinds.number(0),
    patience = kinds.duration,
    steps = kinds.integer(1, 1000),
    limits = {
        expected = "{ no_data =, provider_error =, min_expected =, share = }",
        read = function(value)
            return check.take(value, limit_fields,
                { no_data = 3, provider_error = 4, min_expected = 10 })
        end,
    },
    decide = kinds.flag,
    step = kinds.name,
}

local default_judges = { judge.ratio() }
M.PATIENCE = 3600000 -- how much longer a watch may take unless it says otherwise
local needed = { "during" }

local function raised(what, result)
    if result.error then
        check.fail("%s: %s: %s", what, result.error.code, result.error.message)
    end
    return result.value
end

-- One judge, once it knows of the target what it must.
local function learn(self, one)
    local requests = judging.learns(one)
    if not requests then
        return one
    end
    local answers = {}
    for i, request in ipairs(requests) do
        request.target = self.value
        answers[i] = raised("judge." .. one.judge, effect.perform(request))
    end
    return judging.learned(one, answers)
end

-- It is asked once, so that the judges stay the same from watch to watch.
local function learned(self, judges)
    self.learnt = self.learnt or {}
    if not self.learnt[judges] then
        local list, any = {}, false
        for i, one in ipairs(judges) do
            list[i] = learn(self, one)
            any = any or list[i] ~= one
        end
        self.learnt[judges] = any and list or judges
    end
    return self.learnt[judges]
end

-- The judges, and one for the alarms that every watch heeds; the same list each time, as watches
-- are told apart by it.
local function heeding(self, judges)
    self.heeding = self.heeding or {}
    if not self.heeding[judges] then
        local list = table.move(judges, 1, #judges, 1, {})
        list[#list + 1] = judge.alarm { alarms = self.alarms, name = "alarms" }
        self.heeding[judges] = list
    end
    return self.heeding[judges]
end

-- The judges once they know how many watches there are. A rollout asks for the same ones again and
-- again, so the last answer is kept.
local function planned(self, judges, watches)
    if self.asked ~= judges or self.watches ~= watches then
        local list = {}
        for i, one in ipairs(judges) do
            list[i] = judging.planned(one, watches)
        end
        self.asked, self.watches, self.planned = judges, watches, list
    end
    return self.planned
end

local last = {} -- the options that were checked last: themselves, what they held, what was read

-- A rollout watches again and again with the same table, which nobody has written to meanwhile.
local function is_last(options)
    if options == nil or options ~= last.options then
        return false
    end
    for name, value in next, options do
        if last.held[name] ~= value then
            return false
        end
    end
    for name in next, last.held do
        if rawget(options, name) == nil then
            return false
        end
    end
    return true
end

---Checks what watch is given, at the author's line.
---@param options any
---@return table given
function M.options(options)
    if not is_last(options) then
        local given = check.record("watch", options, M.watch_fields, { every = 60000 }, needed)
        local held = {}
        for name, value in next, options do
            held[name] = value
        end
        last = { options = not getmetatable(options) and options, held = held, given = given }
    end
    return last.given
end

-- What ends a run, or a target that may fail alone.
local ends = { harm = true, ["no data"] = true, ["provider error"] = true }

---@async
---@param self Target
---@param given table
---@return target.WatchResult
function M.judge(self, given)
    self:look()
    if self.percent == 0 then
        check.fail("watch: %s gives the canary no traffic yet; shift some first", self.label)
    end
    local settle_in = given.settle_in
    if settle_in == 0 then
        settle_in = nil
    elseif settle_in and settle_in >= given.during then
        check.fail("watch: settle_in (%s) leaves nothing of %s to watch",
            duration.format(settle_in), duration.format(given.during))
    end
    self.watched = given
    local judges = self.percent == 100 and given.alone or given.judges or default_judges
    judges = learned(self, self.alarms and heeding(self, judges) or judges)
    local sees = given.sees and given.sees > 0 and given.sees + 0.0 or nil
    local spared = not given.decide and not given.beside and self.spared or nil
    local result = raised("watch", effect.perform {
        kind = "watch",
        ["for"] = given.during,
        every = given.every,
        target = self.value,
        share = self.percent,
        step = given.step or self.percent .. " %",
        judges = given.steps and planned(self, judges, given.steps) or judges,
        limits = given.limits or default_limits,
        decide = given.decide or spared ~= nil,
        spared = spared and true,
        beside = given.beside,
        settle_in = settle_in,
        sees = sees,
        patience = sees and (given.patience or M.PATIENCE) or nil,
    })
    if spared and ends[result.verdict] then
        spared.verdict = result.verdict
        error(spared, 0)
    end
    return result
end

local shares_or_one = {
    expected = "a percentage, or a list of them",
    read = function(value)
        return kinds.percents.read(type(value) == "number" and { value } or value)
    end,
}

---Checks what foresee is given, at the author's line. The smallest share is the one that counts.
---@param shares any
---@param options any
---@return { share: number, watch: table } given
function M.foresee_options(shares, options)
    local list = check.value("foresee", shares, shares_or_one)
    return { share = math.min(table.unpack(list)), watch = M.options(options) }
end

---@async
---@param self Target
---@param given { share: number, watch: table }
function M.foresee(self, given)
    local share, watch = given.share, given.watch
    local judges = share == 100 and watch.alone or watch.judges or default_judges
    if (watch.sees or 0) == 0 then
        return
    end
    raised("foresee", effect.perform {
        kind = "foresee",
        ["for"] = watch.during,
        target = self.value,
        share = share,
        judges = watch.steps and planned(self, judges, watch.steps) or judges,
        settle_in = watch.settle_in,
        sees = watch.sees + 0.0,
        patience = watch.patience or M.PATIENCE,
    })
end

---@class (exact) target.HealthyOptions
---@field within Duration   # how long to wait for it
---@field every? Duration   # how often to look; "15s"

M.healthy_fields = { within = kinds.duration, every = kinds.duration }

---Checks what healthy is given, at the author's line.
---@param options any
---@return table given
function M.healthy_options(options)
    return check.record("healthy", options, M.healthy_fields, { every = 15000 }, { "within" })
end

---@async
---@param self Target
---@param given table
function M.wait(self, given)
    self:look()
    if not self.kind.health then
        return
    end
    local waited = 0
    while true do
        local ready, state = self.kind.health(self)
        if ready then
            return
        elseif waited + given.every > given.within then
            effect.perform { kind = "rollback", reason = ("%s is not healthy after %s: %s"):format(
                self.label, duration.format(given.within), state) }
        end
        raised("healthy", effect.perform { kind = "sleep", ["for"] = given.every,
            needed = true })
        waited = waited + given.every
    end
end

return M
