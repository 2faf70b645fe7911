-- Aliases of state machines in the simulated account: how they are at first, and how their
-- executions are divided.
--
-- At first every execution is of the version before the canary; of a machine there are the versions
-- that its targets speak of.

local array = require "canonical".array
local arns = require "aws.arn"
local tables = require "simulation.tables"

local M = { service = "states" }

local EPOCH = 1704067200000 -- what was always there was made in 2024

local function machine_of(state, one)
    return arns.parse(one.machine) and one.machine
        or arns.make(state.home, "states", "stateMachine:" .. one.machine)
end

-- Of several canaries on one alias, the baseline comes before the lowest; with version 1 among
-- them, after the highest.
local function baseline_of(numbers)
    table.sort(numbers)
    return ("%d"):format(numbers[1] > 1 and numbers[1] - 1 or numbers[#numbers] + 1)
end

local function add_version(state, machine, number)
    local known = state.machines[machine]
    if not known then
        known = {
            item = { stateMachineArn = machine, name = machine:match("([^:]+)$"), type = "STANDARD",
                creationDate = EPOCH },
            versions = {},
        }
        state.machines[machine] = known
    end
    known.versions[number] = known.versions[number] or EPOCH
    return machine .. ":" .. number
end

local function add_alias(state, arn, baseline)
    local alias = {
        stateMachineAliasArn = arn,
        name = arn:match("([^:]+)$"),
        description = "",
        routingConfiguration = array { { stateMachineVersionArn = baseline, weight = 100 } },
        creationDate = EPOCH,
        updateDate = EPOCH,
    }
    state.aliases[arn] = alias
    state.traffic[arn] = { { at = math.mininteger, value = alias } }
end

-- Adds the machines, versions and aliases that targets name to a part of the account.
function M.begin(state, targets)
    local canaries = {}
    for _, one in ipairs(targets) do
        local machine = machine_of(state, one)
        local arn = machine .. ":" .. one.alias
        add_version(state, machine, one.canary)
        canaries[arn] = canaries[arn] or { machine = machine, numbers = {} }
        table.insert(canaries[arn].numbers, math.tointeger(tonumber(one.canary)))
    end
    for arn, canary in pairs(canaries) do
        add_alias(state, arn, add_version(state, canary.machine, baseline_of(canary.numbers)))
    end
end

-- Percent of a target's executions on the canary, and until when; nil if there is no such target.
function M.share(state, one, now)
    local machine = machine_of(state, one)
    local history = state.traffic[machine .. ":" .. one.alias]
    if not history then
        return nil
    end
    local alias, changes = tables.effective(history, now)
    for _, item in ipairs(alias.routingConfiguration) do
        if item.stateMachineVersionArn == machine .. ":" .. one.canary then
            return item.weight, changes
        end
    end
    return 0, changes
end

return M
