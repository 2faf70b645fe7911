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
--
-- Services without such a file have no changes. Nothing here sends anything.

local canonical = require "canonical"
local catalogue = require "aws.catalogue"
local modules = require "modules"

local M = {}

local learned, accounts = {}, {}
for _, name in ipairs(modules.list("services")) do
    accounts[name] = require("services." .. name .. ".simulated")
    for _, part in ipairs(modules.list("services." .. name)) do
        learned[name] = part == "rehearsal" and require("services." .. name .. ".rehearsal")
            or learned[name]
    end
end

local parts, answers -- of the rehearsal that was begun last

-- Begins anew, knowing nothing. home: { partition, region, account }.
function M.begin(home)
    parts, answers = {}, {}
    for name in pairs(learned) do
        parts[name] = accounts[name].begin({}, home)
        parts[name].learned = {}
    end
end

local function service_of(operation)
    return operation:match("^[^.]*")
end

local function name_of(operation, input)
    return operation .. canonical.encode(input)
end

local function is_read(operation)
    local entry = catalogue.entry(operation)
    return entry ~= nil and entry.class == "read"
end

local function is_ours(operation, input)
    local name = service_of(operation)
    return learned[name] ~= nil and learned[name].ours(parts[name], operation, input)
end

local function needs_of(operation, input)
    local name = service_of(operation)
    local needs = learned[name] and learned[name].needs
    return needs and needs(parts[name], operation, input) or {}
end

-- Whether AWS has been asked this.
function M.answered(operation, input)
    return answers[name_of(operation, input)] ~= nil
end

-- What AWS answered: { outcome, value }.
function M.answer(operation, input)
    return answers[name_of(operation, input)]
end

-- The next read that AWS must be asked for before the call can be performed, or nil:
-- { operation, input, beside = bool: the policy itself does not ask for it }.
function M.missing(operation, input)
    if is_read(operation) then
        local known = is_ours(operation, input) or M.answered(operation, input)
        return not known and { operation = operation, input = input } or nil
    end
    for _, need in ipairs(needs_of(operation, input)) do
        if not M.answered(need.operation, need.input) then
            return { operation = need.operation, input = need.input, beside = true }
        end
    end
end

-- Whether AWS's refusal says nothing about the thing itself.
local function is_hidden(problem)
    local code = problem.code or "Denied"
    return code:find("Denied") ~= nil or code:find("Unauthorized") ~= nil
end

-- Remembers what AWS answered. A refusal without a code: it was not asked.
function M.learn(operation, input, outcome, value)
    local name = service_of(operation)
    answers[name_of(operation, input)] = { outcome = outcome, value = value }
    if learned[name] and (outcome == "ok" or is_hidden(value)) then
        local output = outcome == "ok" and value or nil
        parts[name] = learned[name].learn(parts[name], operation, input, output)
    end
end

-- How long a call takes, in ms.
function M.latency(operation)
    return accounts[service_of(operation)].latency[is_read(operation) and "read" or "write"]
end

local function simulate(operation, input, now)
    local name, verb = operation:match("^([^.]*)%.(.*)$")
    local output, after = accounts[name].operations[verb](parts[name], input, now)
    if not output then
        return { outcome = "rejected", value = after }
    end
    parts[name] = after
    return { outcome = "ok", value = output }
end

local function read(operation, input, now)
    if is_ours(operation, input) then
        return simulate(operation, input, now)
    end
    local answer, rules = M.answer(operation, input), learned[service_of(operation)]
    if not rules or not rules.shown or answer.outcome ~= "ok" then
        return answer
    end
    local shown = rules.shown(parts[service_of(operation)], operation, input, answer.value, now)
    return { outcome = "ok", value = shown }
end

local function change(operation, input, now)
    local name = service_of(operation)
    for _, need in ipairs(needs_of(operation, input)) do
        local answer = M.answer(need.operation, need.input)
        if answer.outcome ~= "ok" then
            return answer -- AWS says that it is not there
        end
    end
    if learned[name].ready then
        parts[name] = learned[name].ready(parts[name], operation, input)
    end
    return simulate(operation, input, now)
end

-- Performs a call for which nothing is missing: { outcome, value }.
function M.call(operation, input, now)
    local why = catalogue.wrong(operation, input)
    if why then
        local code = accounts[service_of(operation)].refused
        return { outcome = "rejected", value = { code = code, message = why } }
    elseif is_read(operation) then
        return read(operation, input, now)
    end
    return change(operation, input, now)
end

return M
