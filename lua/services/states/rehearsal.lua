-- What a rehearsal learns of Step Functions: aliases, and whether versions are there that one is to
-- point at.

local tables = require "simulation.tables"

local M = {}

local with = tables.with

local function machine_of(qualified)
    return qualified:match("^(.*):([^:]*)$")
end

local function learn_alias(part, arn, output)
    if part.aliases[arn] then
        return part
    end
    return tables.over(part, {
        aliases = with(part.aliases, arn, output),
        learned = with(part.learned, arn, output),
        traffic = with(part.traffic, arn, { { at = math.mininteger, value = output } }),
    })
end

-- The versions of a machine; those that are not shown are taken to be there as they are asked for.
local function learn_versions(part, arn, output)
    local known = part.machines[arn] or { versions = {} }
    local versions = tables.over(known.versions, {})
    for _, version in ipairs(output and output.stateMachineVersions or {}) do
        local _, number = machine_of(version.stateMachineVersionArn)
        versions[number] = version.creationDate
    end
    if not output then
        setmetatable(versions, { __index = function() return 0 end })
    end
    return with(part, "machines", with(part.machines, arn, with(known, "versions", versions)))
end

function M.learn(part, operation, input, output)
    if operation == "states.describe_state_machine_alias" and output then
        return learn_alias(part, input.stateMachineAliasArn, output)
    elseif operation == "states.list_state_machine_versions" then
        return learn_versions(part, input.stateMachineArn, output)
    end
    return part
end

function M.ours(part, operation, input)
    local arn = input.stateMachineAliasArn
    return operation == "states.describe_state_machine_alias"
        and part.aliases[arn] ~= part.learned[arn]
end

-- AWS refuses a version that is not there.
function M.needs(part, _, input)
    local machine = machine_of(input.stateMachineAliasArn)
    return not part.machines[machine] and { {
        operation = "states.list_state_machine_versions",
        input = { stateMachineArn = machine, maxResults = 1000 },
    } } or {}
end

return M
