-- AWS Step Functions in the simulated account: what each operation answers and changes. A state is
-- a table that is never changed:
--
--     home      { partition, region, account } of machines that are called by their names
--     machines  ARN -> { item = as it is listed, versions = { number = when it was made } }
--     aliases   ARN -> the alias as it is described
--     traffic   ARN of an alias -> the aliases it was (tables.follow)
--
-- Every function here takes a state, the operation's input and the time, and returns the output
-- and the next state, or nil and why AWS refuses.

local array = require "canonical".array
local tables = require "simulation.tables"

local M = {}

local with, over, names, refuse = tables.with, tables.over, tables.names, tables.refuse

-- How long after a change the executions follow it: "a few seconds".
M.PROPAGATION = 2000

local PAGE_SIZE = 100

-- A page of items, by a member that tells them apart, and what to ask for next.
local function page_of(items, name, input)
    local size = (input.maxResults or 0) > 0 and input.maxResults or PAGE_SIZE
    local page, following = tables.page(items, name, input.nextToken, size)
    if not page then
        return refuse("InvalidToken", "Invalid Token: '%s'", input.nextToken)
    end
    return array(page), following
end

function M.describe_state_machine_alias(state, input)
    local alias = state.aliases[input.stateMachineAliasArn]
    if not alias then
        return refuse("ResourceNotFound", "Requested resource not found: %s",
            input.stateMachineAliasArn)
    end
    return alias, state
end

function M.list_state_machines(state, input)
    local items = {}
    for i, arn in ipairs(names(state.machines)) do
        items[i] = state.machines[arn].item
    end
    local page, following = page_of(items, "stateMachineArn", input)
    if not page then
        return nil, following
    end
    return { stateMachines = page, nextToken = following }, state
end

-- The newest first. AWS lists nothing of a machine that is not there.
function M.list_state_machine_versions(state, input)
    local machine, items = state.machines[input.stateMachineArn], {}
    for number, created in pairs(machine and machine.versions or {}) do
        items[#items + 1] = {
            stateMachineVersionArn = input.stateMachineArn .. ":" .. number,
            creationDate = created,
        }
    end
    table.sort(items, function(a, b)
        local one, other = a.stateMachineVersionArn, b.stateMachineVersionArn
        return #one > #other or #one == #other and one > other
    end)
    local page, following = page_of(items, "stateMachineVersionArn", input)
    if not page then
        return nil, following
    end
    return { stateMachineVersions = page, nextToken = following }, state
end

local function unknown_version(state, list)
    for _, item in ipairs(list) do
        local machine, number = item.stateMachineVersionArn:match("^(.*):([^:]*)$")
        local known = state.machines[machine]
        if not known or not known.versions[number] then
            return item.stateMachineVersionArn
        end
    end
end

function M.update_state_machine_alias(state, input, now)
    local arn = input.stateMachineAliasArn
    local alias = state.aliases[arn]
    local missing = alias and unknown_version(state, input.routingConfiguration)
    if not alias or missing then
        return refuse("ResourceNotFound", "Requested resource not found: %s", missing or arn)
    end
    local changed = over(alias, {
        routingConfiguration = array(input.routingConfiguration), updateDate = now,
    })
    return { updateDate = now }, over(state, {
        aliases = with(state.aliases, arn, changed),
        traffic = with(state.traffic, arn, tables.follow(state.traffic[arn], now,
            now + M.PROPAGATION, changed)),
    })
end

return M
