-- A rehearsal on an account that is simulated itself: what the C world does between the two.

local canonical = require "sim_modules"
local catalogue = require "aws.catalogue"
local fake_tasks = require "fake_tasks"
local rehearsal = require "simulation.rehearsal"
local sim = require "sim_run"

local M = {}

local Account = {}
Account.__index = Account

-- The account below is only read, and is told how often.
function Account:answer(read)
    assert(catalogue.entry(read.operation).class == "read")
    self.asked[#self.asked + 1] = read.operation .. canonical.encode(read.input)
    local refusal = self.refuse and self.refuse(read)
    if refusal then
        return { outcome = "rejected", error = refusal }
    end
    local outcome, value = self.below:call(read.operation, read.input, sim.START,
        read.region)
    return { outcome = outcome, [outcome == "ok" and "value" or "error"] = value }
end

function Account:home()
    return self.rehearsal.home
end

function Account:call(operation, input, now, region)
    local of = self.rehearsal
    self.driver:run(of.prepare, of, operation, input, region)
    local answer = of:call(operation, input, region, now)
    return answer.outcome, answer.value
end

-- A run (sim_run) in a rehearsal on the account of another run, which does not change. refuse
-- (optional): a function of a read; what it returns is how AWS refuses it.
function M.on(run, refuse)
    local rehearsed = sim.on(run.account:snapshot())
    local account = setmetatable({ below = run.account, asked = {}, refuse = refuse,
        rehearsal = rehearsal.new(run.account:home(), {}) }, Account)
    account.driver = fake_tasks.new { call = function(read) return account:answer(read) end }
    rehearsed.account = account
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
        list[i] = without { operation = change.operation, input = change.input,
            identity = change.identity, before = change.before, after = change.after,
            undo = change.undo }
    end
    return list
end

return M
