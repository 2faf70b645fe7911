-- The metrics of one run: which targets were seen, what was read, what was told. Its methods are
-- carried out as tasks (lua/task.lua): what a plan asks for goes out together, in one go.
--
-- Raises {invalid = message} for what cannot be asked, {failed = message} where nobody answered who
-- must, and {unanswered = message} where a provider did not, however often it was asked.

local alarms = require "metrics.alarms"
local canonical = require "canonical"
local distribution = require "metrics.distribution"
local invalid = require "import.invalid"
local outcome = require "aws.client.outcome"
local preflight = require "metrics.preflight"
local provider = require "metrics.provider"
local record = require "metrics.record"
local sorted = require "sorted"
local task = require "task"
local types = require "targets"
local unread = require "metrics.unread"

local M = {}

local PAUSES = { 1000, 2000, 4000, 8000, 15000, 30000 } -- ms, between attempts

local Run = {}
Run.__index = Run

-- config: that of tidelock.lua, checked here.
function M.new(config)
    return setmetatable({
        config = provider.check(config),
        known = {}, -- targets as the providers want them, by what was asked for
        ahead = {}, -- what the last question of a watch brought, for the next one
        owners = {}, -- targets by the series that tells of them
        told = nil, -- the last warning
        alarms = {}, -- those that were there, by what they are called
        told_alarms = nil, -- the last warning of them
        book = record.new(), -- what was read, for a recording
    }, Run)
end

local function failed(text, ...)
    error({ failed = text:format(...) }, 0)
end

local unreached = { NotSent = true, Lost = true } -- the message says it all

local function look_up(target, home)
    local call = provider.lookup(target, home)
    if not call then
        return target
    end
    local answer = task.call(call.operation, call.input, call.region)
    if answer.outcome == "ok" then
        return provider.known(target, answer.value)
    end
    local code, message = answer.error.code or "", answer.error.message or "no answer"
    local why = unreached[code] and message or code .. ": " .. message
    local stop = outcome.passes(code) and failed or invalid
    stop("the target could not be looked at: %s", why)
end

-- The target with what must be known of it, which is asked once: some change what the metrics
-- need, as a Lambda alias at 100 % names the canary only.
function Run:learn(target)
    local name = canonical.encode(target)
    self.known[name] = self.known[name] or look_up(target, self.config.home)
    return self.known[name]
end

-- The run begins: its targets are as it found them. home: the { region } of what is called by its
-- name. What of the operator's metrics could not be asked of them is told while nothing is changed.
function Run:begin(targets, home)
    self.config.home = home
    for _, target in ipairs(targets) do
        provider.check_all(self.config, self:learn(target))
    end
    return true
end

-- A series that is read for two targets tells of neither.
local function check_owner(self, target, metric, series)
    local owner = self.owners[series]
    self.owners[series] = owner or target
    if owner and owner ~= target then
        invalid("%s is one series, %s, for two targets: %s and %s", metric, series, owner, target)
    end
end

-- question: { target, metrics, from, to, now }. What lua/metrics/plan.lua makes of it.
function Run:plan(question)
    local plan = provider.plan(self.config, self:learn(question.target), question.metrics,
        question.from, question.to, question.now, question.whole)
    local target = canonical.encode(question.target)
    for _, series in ipairs(sorted(plan.series or {})) do
        check_owner(self, target, plan.series[series], series)
    end
    return plan
end

-- Asks for all that these plans need, at the same time: the answers of each.
local function ask_all(plans)
    local asks, answers = {}, {}
    for _, plan in ipairs(plans) do
        for _, call in ipairs(plan.calls or {}) do
            asks[#asks + 1] = call.operation and { call = call } or { send = call }
        end
    end
    local told, at = #asks > 0 and task.all(asks) or {}, 1
    for i, plan in ipairs(plans) do
        local count = #(plan.calls or {})
        answers[i] = table.move(told, at, at + count - 1, 1, {})
        at = at + count
    end
    return answers
end

-- Asks for all that a plan needs.
function Run.ask(plan)
    return ask_all { plan }[1]
end

-- The same, and reads the answers.
function Run:read(plan, alone)
    return provider.read(plan, self.ask(plan), alone)
end

-- Keeps what was read for the recording. `seen` is the instant at which the run had it; nil for
-- what is asked for afterwards.
function Run:keep(plan, read, seen)
    record.add(self.book, { plan = plan, read = read, seen = seen })
end

-- The same of what alarms said.
function Run:keep_alarms(target, states, seen)
    record.add_alarms(self.book, target, states, seen, self.config.providers.cloudwatch.settle)
end

local function problem_of(period)
    local names = {}
    for name in pairs(period.metrics) do
        names[#names + 1] = name
    end
    table.sort(names)
    for _, name in ipairs(names) do
        for _, arm in ipairs { "canary", "baseline" } do
            local reading = period.metrics[name][arm]
            if reading.status == "provider error" then
                return unread.text(name, reading)
            end
        end
    end
end

-- A provider that does not answer is warned of when it begins, and when it says something else.
function Run:warning_of(periods)
    local before = self.told
    self.told = problem_of(periods[#periods])
    return self.told ~= before and self.told or nil
end

-- The periods that are over and settled, the plan of them, and a warning if there is a new one.
-- What another plan, `beside`, needs is asked at the same time: its answers come last.
function Run:fetch(question, beside)
    local plan = question.metrics[1] and self:plan(question) or { not_ready = true }
    local answers = ask_all { plan, beside or {} }
    if plan.not_ready then
        return nil, plan, nil, answers[2]
    end
    local read = provider.read(plan, answers[1], question.alone)
    self:keep(plan, read, question.now)
    local periods = read.periods or {}
    return periods, plan, #periods > 0 and self:warning_of(periods) or nil, answers[2]
end

-- What alarms say now, as a part of a sample.
function Run:heed(look, answers, now, sample)
    local states = alarms.read(look, answers)
    alarms.check(states, self.alarms)
    self:keep_alarms(look.target, states, now)
    local before = self.told_alarms
    self.told_alarms = alarms.problem(states)
    sample.alarms = states
    sample.settle = look.settle
    sample.warning = sample.warning or self.told_alarms ~= before and self.told_alarms or nil
    return sample
end

local function first_from(periods, after)
    for _, period in ipairs(periods or {}) do
        if period.at >= after then
            return period
        end
    end
end

-- The first period that starts at or after `after`: { period = { at, metrics }, length, still,
-- warning, alarms, settle }, without a period while there is none yet, and with what the alarms
-- that are `heeded` say now, and how late they are. Several may come of one answer: who asks for
-- more at the same instant finds them here, and at another instant they are asked for again. A
-- source goes on counting a period that is over: it is read until it has been `still` for as long
-- as the source settles.
function Run:sample(target, metrics, after, now, share, heeded)
    local name = canonical.encode { target = target, metrics = metrics, now = now }
    local look = heeded and heeded[1] and alarms.plan(self.config, target, heeded)
    local ahead = self.ahead.name == name and self.ahead or nil
    local period = ahead and first_from(ahead.periods, after)
    local sample, answers = {}, nil
    if not period then
        local periods, plan
        periods, plan, sample.warning, answers = self:fetch({ target = target, metrics = metrics,
            from = after, to = now, now = now, alone = share == 100 and "canary" or nil }, look)
        ahead = { name = name, periods = periods, length = plan.period, still = plan.settle }
        self.ahead, period = periods and ahead or self.ahead, first_from(periods, after)
    end
    if ahead.periods then
        sample.period, sample.length, sample.still = period, ahead.length, ahead.still
    end
    return look and self:heed(look, answers or self.ask(look), now, sample) or sample
end

local function check_query(effect)
    if not effect.target or effect.arm ~= "canary" and effect.arm ~= "baseline" then
        invalid("a metric of a live run is asked for with a target and the arm \"canary\" or "
            .. "\"baseline\"")
    elseif math.type(effect.from) ~= "integer" or math.type(effect.to) ~= "integer"
        or effect.from < 0 or effect.to < effect.from then
        invalid("a metric query needs two rising times")
    end
end

local function is_unanswered(problem)
    return type(problem) == "table" and problem.unanswered ~= nil
end

-- A watch bears a provider that is away for some periods; what is asked for once is asked for
-- again, for a minute.
local function patiently(ask)
    for _, pause in ipairs(PAUSES) do
        local ok, result = pcall(ask)
        if ok then
            return result
        elseif not is_unanswered(result) then
            error(result, 0)
        elseif task.wait(pause).halted then
            break
        end
    end
    return ask()
end

local function points_of(periods, name, arm)
    local points = canonical.array {}
    for _, period in ipairs(periods or {}) do
        local reading = period.metrics[name][arm]
        if reading.status == "provider error" then
            unread.raise(unread.text(name, reading), reading.again)
        elseif reading.status == "value" then
            points[#points + 1] = { at = period.at, value = reading.value + 0.0 }
        end
    end
    return points
end

-- A metric effect of the policy: { points = { { at, value }... }, warning }.
function Run:query(effect, now)
    check_query(effect)
    return patiently(function()
        local periods, _, warning = self:fetch { target = effect.target,
            metrics = { effect.metric }, from = effect.from, to = effect.to, now = now,
            alone = effect.past and effect.arm or nil }
        return { points = points_of(periods, effect.metric, effect.arm), warning = warning }
    end)
end

-- The plan of a time before anything was shifted, and what was answered.
function Run:answers(question, names)
    local plan = self:plan { target = question.target, metrics = names, from = question.from,
        to = question.to, now = question.now, whole = true }
    return plan, self.ask(plan)
end

Run.read_answers = provider.read

-- What came of the hours before (preflight.lua), for the journal.
function Run:preflight(targets, asks, now)
    return canonical.array(preflight.carry_out(self, targets, asks, now, types.label))
end

-- The periods of such a time.
function Run:history(question, names)
    local plan, answers = self:answers(question, names)
    return provider.read(plan, answers).periods or {}
end

-- How long the baseline's requests took then.
function Run:distribution(effect, now)
    if math.type(effect.from) ~= "integer" or type(effect.metric) ~= "string"
        or type(effect.target) ~= "table" then
        invalid("a distribution needs a target, a metric and two times")
    end
    return patiently(function()
        return distribution.of(self, effect, now)
    end)
end

-- Everything that was read so far as a recording: { recording = text, report = lines }. options:
-- { note, service }.
function Run:recording(options)
    return record.finish(self.book, options)
end

-- A time that is over (backfill.lua), of a run that was at home in asked.home.
function Run:backfill(asked)
    self.config.home = asked.home
    return require("metrics.backfill").carry_out(self, asked)
end

return M
