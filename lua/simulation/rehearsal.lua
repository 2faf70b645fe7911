-- The account of a rehearsal: AWS as it is, and on top of it what a run would have changed. What
-- AWS answered is remembered, so that every read is asked once; a change happens in the same
-- pretend account that simulations use, once that has learned of AWS what it must know for it.
--
-- What a service's pretend part takes from AWS is told by lua/services/<service>/rehearsal.lua:
--
--     learn(part, operation, input, output) -> part   what AWS answered; without an output, what
--                   the input names is taken to be there: AWS would not show it
--     ours(part, operation, input) -> bool            a read that must show what was changed
--     needs(part, operation, input) -> requests       what to ask before a change (optional)
--     ready(part, operation, input) -> part           what nobody can be asked about (optional)
--     shown(part, operation, input, output, now) -> output
--                   AWS's answer with what was changed in it (optional)
--     made[operation](part, input, now) -> output
--                   what another service would show of what was changed here (optional)
--
-- Services without such a file have no changes. What AWS must be asked is asked by tasks
-- (lua/task.lua): `prepare`, `ask`, `check_metrics`, `heed`. The other methods ask nobody.

local alarms = require "metrics.alarms"
local canonical = require "canonical"
local catalogue = require "aws.catalogue"
local looks = require "aws.looks"
local modules = require "modules"
local provider = require "metrics.provider"
local tables = require "simulation.tables"
local task = require "task"

local M = {}

local Rehearsal = {}
Rehearsal.__index = Rehearsal

local learned, accounts = {}, {}
for _, name in ipairs(modules.list("services")) do
    accounts[name] = require("services." .. name .. ".simulated")
    for _, part in ipairs(modules.list("services." .. name)) do
        learned[name] = part == "rehearsal" and require("services." .. name .. ".rehearsal")
            or learned[name]
    end
end

-- A rehearsal that knows nothing yet. home: { partition, region, account }; config: that of
-- tidelock.lua, by which the metrics of a watch are known.
function M.new(home, config)
    return setmetatable({ home = home, parts = {}, answers = {}, now = 0,
        config = provider.check(config, home) }, Rehearsal)
end

local function service_of(operation)
    return operation:match("^[^.]*")
end

-- The look that is put together of its reads; nil for an operation, and for a look that the pretend
-- service answers at once.
local function gathered(operation)
    local look = looks.entry(operation)
    local whole = look and accounts[service_of(operation)].operations[operation:match("%.(.*)$")]
    return not whole and look or nil
end

-- Which services answer for others about what they have made: operation -> their names.
local makers = {}
for _, name in ipairs(modules.list("services")) do
    for operation in pairs(learned[name] and learned[name].made or {}) do
        makers[operation] = makers[operation] or {}
        table.insert(makers[operation], name)
    end
end

local function is_read(operation)
    local entry = catalogue.entry(operation)
    return entry ~= nil and entry.class == "read"
end

-- Where a request goes that does not say it.
function Rehearsal:place(operation, input, region)
    return region or catalogue.region(operation, input, self.home)
end

-- What a service's part in a region is called.
local function key_of(operation, region)
    return ("%s %s"):format(service_of(operation), region)
end

-- That part, which knows nothing at first.
function Rehearsal:part(operation, region)
    local key = key_of(operation, region)
    if not self.parts[key] then
        local part = accounts[service_of(operation)].begin(tables.with(self.home, "region", region))
        part.learned = {}
        self.parts[key] = part
    end
    return self.parts[key]
end

local function name_of(operation, input, region)
    return ("%s %s %s"):format(operation, region, canonical.encode(input))
end

function Rehearsal:is_ours(operation, input, region)
    local rules = learned[service_of(operation)]
    return rules ~= nil and rules.ours(self:part(operation, region), operation, input)
end

function Rehearsal:needs_of(operation, input, region)
    local rules = learned[service_of(operation)]
    return rules and rules.needs and rules.needs(self:part(operation, region), operation, input)
        or {}
end

-- What AWS answered, { outcome, value }, or nil: it has not been asked.
function Rehearsal:answer(operation, input, region)
    return self.answers[name_of(operation, input, self:place(operation, input, region))]
end

-- What is answered about that which another service has changed, or nil.
function Rehearsal:made(operation, input, region, now)
    for _, name in ipairs(makers[operation] or {}) do
        local output = learned[name].made[operation](self:part(name .. ".", region), input, now)
        if output then
            return { outcome = "ok", value = output }
        end
    end
end

-- --- what only AWS knows ---

-- The reads that AWS must be asked for before the call can be performed. Those that the policy
-- itself does not ask for are marked `beside`: what the operator does not allow is done without.
function Rehearsal:missing(operation, input, asked)
    local region = self:place(operation, input, asked)
    local look = gathered(operation)
    if look then
        return self:missing_of_look(look, input, region)
    elseif is_read(operation) then
        local known = self:is_ours(operation, input, region)
            or self:answer(operation, input, region)
            or self:made(operation, input, region, self.now)
        return known and {} or { { operation = operation, input = input, region = region } }
    end
    local list, listed = {}, {}
    for _, need in ipairs(self:needs_of(operation, input, region)) do
        local name = name_of(need.operation, need.input, region)
        if not self.answers[name] and not listed[name] then
            listed[name] = true
            list[#list + 1] = { operation = need.operation, input = need.input, region = region,
                beside = true }
        end
    end
    return list
end

-- The first read of a look that AWS must be asked for: what comes after it, that one says.
function Rehearsal:missing_of_look(look, input, region)
    local list = {}
    looks.take(look, input, function(operation, of)
        list = self:missing(operation, of, region)
        return list[1] and { outcome = "rejected" } or self:performed(operation, of, region)
    end)
    return list
end

-- Whether AWS's refusal says nothing about the thing itself.
local function is_hidden(problem)
    local code = problem.code or "Denied"
    return code:find("Denied") ~= nil or code:find("Unauthorized") ~= nil
end

-- Remembers what AWS answered. A refusal without a code: it was not asked.
function Rehearsal:learn(read, outcome, value)
    local operation, input, region = read.operation, read.input, read.region
    local rules = learned[service_of(operation)]
    self.answers[name_of(operation, input, region)] = { outcome = outcome, value = value }
    if rules and (outcome == "ok" or is_hidden(value)) then
        local output = outcome == "ok" and value or nil
        self.parts[key_of(operation, region)] = rules.learn(self:part(operation, region), operation,
            input, output)
    end
end

-- Asks all of these at the same time.
function Rehearsal:ask_all(list)
    local asks = {}
    for i, read in ipairs(list) do
        asks[i] = { call = read }
    end
    for i, answer in ipairs(task.all(asks)) do
        if answer.refused then
            error(answer.message, 0)
        end
        self:learn(list[i], answer.outcome, answer.value or answer.error)
    end
end

-- A task: asks for all that a call needs; what is answered may show that more is missing. Returns
-- how long the call takes, in ms.
function Rehearsal:prepare(operation, input, region)
    local list = self:missing(operation, input, region)
    while #list > 0 do
        self:ask_all(list)
        list = self:missing(operation, input, region)
    end
    return self:latency(operation)
end

-- A task: what AWS itself answers to a read, whatever was changed here: { outcome, value }, as it
-- was answered in the course of the rehearsal, or asked now.
function Rehearsal:ask(operation, input, asked)
    local region = self:place(operation, input, asked)
    if not self:answer(operation, input, region) then
        self:ask_all { { operation = operation, input = input, region = region } }
    end
    return self:answer(operation, input, region)
end

-- A task: raises {invalid = message} where a run could not look at these metrics.
function Rehearsal:check_metrics(target, names)
    local call = provider.lookup(target, self.home)
    local answer = call and self:ask(call.operation, call.input, call.region)
    if answer and answer.outcome == "ok" then
        target = provider.known(target, answer.value)
    end
    if names[1] then
        provider.check_plan(self.config, target, names)
    end
    return true
end

-- A task: what these alarms say now; raises {invalid = message} where there is none of a name.
function Rehearsal:heed(target, names)
    self.alarms = self.alarms or {}
    local look, answers = alarms.plan(self.config, target, names), {}
    for i, call in ipairs(look.calls) do
        local answer = self:ask(call.operation, call.input, call.region)
        answers[i] = { outcome = answer.outcome, value = answer.value,
            error = answer.outcome ~= "ok" and answer.value or nil }
    end
    local states = alarms.read(look, answers)
    alarms.check(states, self.alarms)
    return states
end

-- --- what happens here ---

function Rehearsal.latency(_, operation)
    return accounts[service_of(operation)].latency[is_read(operation) and "read" or "write"]
end

function Rehearsal:simulate(operation, input, region, now)
    local name, verb = operation:match("^([^.]*)%.(.*)$")
    local output, after = accounts[name].operations[verb](self:part(operation, region), input, now)
    if not output then
        return { outcome = "rejected", value = after }
    end
    self.parts[key_of(operation, region)] = after
    return { outcome = "ok", value = output }
end

function Rehearsal:read(operation, input, region, now)
    local made = self:made(operation, input, region, now)
    if made then
        return made
    elseif self:is_ours(operation, input, region) then
        return self:simulate(operation, input, region, now)
    end
    local answer, rules = self:answer(operation, input, region), learned[service_of(operation)]
    if not rules or not rules.shown or answer.outcome ~= "ok" then
        return answer
    end
    return { outcome = "ok", value = rules.shown(self:part(operation, region), operation, input,
        answer.value, now) }
end

function Rehearsal:change(operation, input, region, now)
    for _, need in ipairs(self:needs_of(operation, input, region)) do
        local answer = self:answer(need.operation, need.input, region)
        if answer.outcome ~= "ok" then
            return answer -- AWS says that it is not there
        end
    end
    local ready = learned[service_of(operation)].ready
    if ready then
        self.parts[key_of(operation, region)] = ready(self:part(operation, region), operation,
            input)
    end
    return self:simulate(operation, input, region, now)
end

-- The same as a look wants it.
function Rehearsal:performed(operation, input, region)
    local answer = self:call(operation, input, region, self.now)
    return { outcome = answer.outcome, value = answer.value, error = answer.value }
end

function Rehearsal:call_look(look, input, region)
    local answer = looks.take(look, input, function(operation, of)
        return self:performed(operation, of, region)
    end)
    return { outcome = answer.outcome,
        value = answer.outcome == "ok" and answer.value or answer.error }
end

-- Performs a call for which nothing is missing: { outcome, value }.
function Rehearsal:call(operation, input, asked, now)
    local region = self:place(operation, input, asked)
    local look = gathered(operation)
    self.now = now
    if look then
        return self:call_look(look, input, region)
    end
    local why = catalogue.wrong(operation, input)
    if why then
        local code = accounts[service_of(operation)].refused
        return { outcome = "rejected", value = { code = code, message = why } }
    elseif is_read(operation) then
        return self:read(operation, input, region, now)
    end
    return self:change(operation, input, region, now)
end

return M
