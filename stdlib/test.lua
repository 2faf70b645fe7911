-- Tests of policies: files *_test.lua, which `tidelock test` runs.
--
--     local test = require "test"
--
--     test.case("a bad version is taken back", function()
--         local run = test.simulate {
--             policy = "step_canary",
--             params = { target = "lambda-alias:pay:live,canary=42" },
--             recording = "pay.ndjson",
--             inject = "errors*20",
--         }
--         run:rolled_back():peak { at_most = 5 }
--     end)

local cases = require "test_cases"
local check = require "check"
local duration = require "duration"
local effect = require "effect"
local faults = require "test_faults"
local kinds = require "kinds"
local outcome = require "test_outcome"

---@class test
local M = {}

---Declares a test. An error in it, which every assertion raises that does not hold, fails it; the
---tests after it are run all the same.
---@param name string
---@param run fun()
M.case = cases.add

-- What is simulated

---@class (exact) test.Simulation
---@field policy string                  # a shipped policy's name, or a file beside the test
---@field recording string               # a file, from the test's folder on
---@field params? table<string, any>     # as -p gives them; a list of texts gives one several times
---@field inject? string|string[]        # regressions, as --inject takes them: "errors*2@10m"
---@field faults? test.Fault[]           # what becomes of calls, metrics and the account
---@field hands? test.Hand[]             # what people ask of the run
---@field kill? integer|"everywhere"|test.Kill  # after so many records of its journal
---@field approve? string               # approvals: "after=20m", "reject-after=20m"; "never"
---@field account? test.Change[]         # calls that were made to the account a day before
---@field runs? integer                  # how many, each with a seed of its own; 1
---@field seed? integer                  # of everything that is drawn; 1
---@field start? string                  # where in the recording the rollout begins
---@field settle? Duration               # how late all metrics are seen; 0
---@field records? boolean               # whether the run's records are wanted, in `run.records`

-- How a value is written after -p.
local function text_of(value)
    local kind = type(value)
    return (kind == "string" or kind == "number" or kind == "boolean") and tostring(value) or nil
end

local function texts_of(value)
    if type(value) ~= "table" then
        local text = text_of(value)
        return text and { text }
    end
    local texts, numbers = {}, #value > 0
    for i, item in ipairs(value) do
        texts[i], numbers = text_of(item), numbers and type(item) == "number"
        if not texts[i] then
            return nil
        end
    end
    return numbers and { table.concat(texts, ",") } or texts[1] and texts
end

local params = {
    expected = "parameters: texts, numbers, true or false, or lists of them",
    read = function(value)
        if type(value) ~= "table" then
            return nil
        end
        local arguments = effect.array {}
        for _, name in ipairs(check.names(value)) do
            local texts = texts_of(value[name])
            if not texts then
                return nil, ("%s: expected a text, a number, true or false, or a list of them, "
                    .. "got %s"):format(check.show(name), check.show(value[name]))
            end
            for _, text in ipairs(texts) do
                table.insert(arguments, { name, text })
            end
        end
        return arguments
    end,
}

local texts = {
    expected = 'a text such as "errors*2@10m", or a list of them',
    read = function(value)
        local list = type(value) == "string" and { value } or value
        if type(list) ~= "table" then
            return nil
        end
        for _, item in ipairs(list) do
            if type(item) ~= "string" then
                return nil
            end
        end
        return effect.array { table.unpack(list) }
    end,
}

local RUNS_MAX = 1000000

local fields = {
    policy = kinds.name,
    recording = kinds.name,
    params = params,
    inject = texts,
    faults = faults.list,
    hands = faults.hands,
    kill = faults.kill,
    account = faults.account,
    approve = kinds.text,
    runs = kinds.integer(1, RUNS_MAX),
    seed = kinds.integer(0),
    start = kinds.text,
    settle = kinds.duration_or_none,
    records = kinds.flag,
}

local SIMULATE = "test.simulate"

-- What can be asked of one run only.
local function check_together(given)
    for _, name in ipairs { "kill", "records" } do
        if given[name] and (given.runs or 1) > 1 then
            check.fail("%s: %s is of one run: leave out runs", SIMULATE, name)
        end
    end
end

---Carries a policy out on a recording, in virtual time, and tells what came of it.
---@async
---@param options test.Simulation
---@return test.Run
function M.simulate(options)
    local given = check.record(SIMULATE, options, fields, {}, { "policy", "recording" })
    check_together(given)
    local asked = faults.parted(given.faults)
    for _, text in ipairs(given.inject or {}) do
        table.insert(asked.inject, text)
    end
    local answer = effect.perform {
        kind = "simulate",
        policy = given.policy,
        recording = given.recording,
        arguments = given.params or effect.array {},
        inject = asked.inject,
        calls = asked.calls,
        metrics = asked.metrics,
        deeds = faults.deeds(asked.changes, given.hands),
        account = given.account,
        approve = given.approve,
        kill = given.kill,
        runs = given.runs or 1,
        seed = given.seed or 1,
        start = given.start,
        settle = given.settle or 0,
        records = given.records or false,
    }
    if answer.error then
        check.fail("%s: %s", SIMULATE, answer.error.message)
    end
    local why = faults.unmet(asked, given.hands, answer.value)
    if why then
        check.fail("%s: %s", SIMULATE, why)
    end
    return outcome.new(answer.value)
end

-- What is asserted of anything else

---Fails the test where a condition does not hold.
---@param condition any
---@param message? string
function M.check(condition, message)
    if not condition then
        check.fail("%s", message or "what is checked here does not hold")
    end
end

local function shown(value)
    return type(value) == "table" and "a table" or check.show(value)
end

-- The first place where two values differ, and what stands there; nothing where they are the same.
local function difference(got, wanted, path, depth)
    if type(got) ~= "table" or type(wanted) ~= "table" or depth > 20 then
        return got ~= wanted and path or nil, got, wanted
    end
    for _, names in ipairs { wanted, got } do
        for name in pairs(names) do
            local place, found, expected = difference(got[name], wanted[name],
                ("%s.%s"):format(path, tostring(name)), depth + 1)
            if place then
                return place, found, expected
            end
        end
    end
end

---Fails the test where two values, or what tables hold, are not the same.
---@param got any
---@param wanted any
function M.equal(got, wanted)
    local place, found, expected = difference(got, wanted, "", 0)
    if place then
        check.fail("%sexpected %s, got %s", place == "" and "" or place:sub(2) .. ": ",
            shown(expected), shown(found))
    end
end

---Fails the test where a function raises no error, or one that does not say this. Returns what it
---says.
---@param run fun()
---@param text? string  # plain text that stands in the message
---@return string message
function M.raises(run, text)
    local ok, message = pcall(run)
    if ok then
        check.fail("expected an error, and none was raised")
    end
    message = tostring(message)
    if text and not message:find(text, 1, true) then
        check.fail("expected an error that says %s, got %s", check.show(text), check.show(message))
    end
    return message
end

---A duration in milliseconds: test.ms "5m".
---@param text Duration
---@return integer
function M.ms(text)
    local ms = type(text) == "string" and duration.parse(text) or text
    return math.type(ms) == "integer" and ms
        or check.fail("test.ms: expected a duration such as \"5m\", got %s", check.show(text))
end

return check.strict("test", M)
