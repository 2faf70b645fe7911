-- What a rehearsal learns of Lambda: aliases, and whether versions are there that one is to point
-- at.

local names = require "services.lambda.names"
local tables = require "simulation.tables"

local M = {}

-- An alias as it was learned is kept by its ARN.
local function find(part, input)
    local arn = names.arn(part.home, input.FunctionName)
    return part.functions[arn] or { versions = {}, aliases = {} }, arn
end

local function put(part, arn, known)
    return tables.with(part, "functions", tables.with(part.functions, arn, known))
end

local function add_version(known, version, configuration)
    if known.versions[version] then
        return known
    end
    return tables.with(known, "versions", tables.with(known.versions, version, configuration))
end

local function learn_alias(part, input, output)
    local known, arn = find(part, input)
    local id = arn .. ":" .. input.Name
    if known.aliases[input.Name] then
        return part
    end
    known = tables.with(known, "aliases", tables.with(known.aliases, input.Name, output))
    return tables.over(put(part, arn, known), {
        learned = tables.with(part.learned, id, output),
        traffic = tables.with(part.traffic, id, { { at = math.mininteger, value = output } }),
    })
end

function M.learn(part, operation, input, output)
    if operation == "lambda.get_alias" and output then
        return learn_alias(part, input, output)
    elseif operation == "lambda.get_function_configuration" and input.Qualifier then
        local known, arn = find(part, input)
        local _, like = next(known.versions) -- one that is not shown is taken to be like another
        return put(part, arn, add_version(known, input.Qualifier, output or like or {}))
    end
    return part
end

function M.ours(part, operation, input)
    if operation ~= "lambda.get_alias" then
        return false
    end
    local known, arn = find(part, input)
    return known.aliases[input.Name] ~= part.learned[arn .. ":" .. input.Name]
end

-- The versions that an alias is to point at: AWS refuses one that is not there, and two that run
-- under different roles.
function M.needs(part, _, input)
    local known, needs = find(part, input), {}
    local alias = known.aliases[input.Name] or {}
    local function add(version)
        if version and not known.versions[version] then
            needs[#needs + 1] = {
                operation = "lambda.get_function_configuration",
                input = { FunctionName = input.FunctionName, Qualifier = version },
            }
        end
    end
    add(input.FunctionVersion or alias.FunctionVersion)
    local routing = input.RoutingConfig or alias.RoutingConfig or {}
    for _, version in ipairs(tables.names(routing.AdditionalVersionWeights or {})) do
        add(version)
    end
    return needs
end

return M
