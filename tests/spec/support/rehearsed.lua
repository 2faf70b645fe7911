-- A rehearsal on an account that is simulated itself: what the C world does between the two. The
-- account is only read, and is told how often.

local canonical = require "sim_modules"
local catalogue = require "aws.catalogue"
local rehearsal = require "simulation.rehearsal"
local sim = require "sim_run"

local M = {}

local HOME = { partition = "aws", region = "eu-west-1", account = "111122223333" }

local Account = {}
Account.__index = Account

-- Asks the account below for all that a call needs.
function Account:complete(operation, input)
    local missing = rehearsal.missing(operation, input)
    while missing do
        assert(catalogue.entry(missing.operation).class == "read")
        self.asked[#self.asked + 1] = missing.operation .. canonical.encode(missing.input)
        local outcome, value
        if self.refuse and self.refuse(missing) then
            outcome, value = "rejected", self.refuse(missing)
        else
            outcome, value = self.below:call(missing.operation, missing.input, sim.START)
        end
        rehearsal.learn(missing.operation, missing.input, outcome, value)
        missing = rehearsal.missing(operation, input)
    end
end

function Account:call(operation, input, now)
    self:complete(operation, input)
    local answer = rehearsal.call(operation, input, now)
    return answer.outcome, answer.value
end

-- A run (sim_run) in a rehearsal on the account of another run, which does not change. refuse
-- (optional): a function of a read; what it returns is how AWS refuses it.
function M.on(run, refuse)
    local rehearsed = sim.on(run.account:snapshot())
    rehearsed.account = setmetatable({ below = run.account, asked = {}, refuse = refuse }, Account)
    rehearsal.begin(HOME)
    return rehearsed
end

-- What only AWS can make up.
local made_up = { RevisionId = true, DeploymentStrategyId = true }

local function without(value)
    if type(value) ~= "table" then
        return value
    end
    local copy = {}
    for name, item in pairs(value) do
        copy[name] = not made_up[name] and without(item) or nil
    end
    return copy
end

-- The changes of a run as they can be compared.
function M.changes(run)
    local list = {}
    for i, change in ipairs(run.changes) do
        list[i] = without { operation = change.operation, input = change.input, key = change.key,
            before = change.before, after = change.after, undo = change.undo }
    end
    return list
end

return M
