-- AWS Lambda: what Tidelock asks of it, and how each change is undone.
--
-- Aliases have compare-and-set: every write gives a new RevisionId, and an UpdateAlias that names
-- another one is refused with 412. What UpdateAlias does not mention stays as it was, so an undo
-- always spells out the routing, also when it is empty.

local governed = require "aws.governed"
local names = require "services.lambda.names"
local percent = require "percent"
local shape = require "aws.shape"
local sorted = require "sorted"

-- How long a routing change takes to reach every invocation is undocumented; five seconds is our
-- assumption.
local SETTLE = 5000

local text, structure = shape.text, shape.structure

local function fits_function(value)
    local name = names.short(value)
    return name ~= nil and #name <= 64
end

local function_name = text {
    fits = fits_function,
    expects = "the name or ARN of a function, without a version or an alias",
}

local alias_name = text {
    min = 1,
    max = 128,
    fits = function(value)
        return value:find("^[%w_-]+$") and not value:find("^%d+$")
    end,
    expects = "the name of an alias (letters, digits, - and _, not only digits)",
}

local function fits_version(value)
    return value == "$LATEST" or value:find("^%d+$") ~= nil
end

local alias = structure({ FunctionName = function_name, Name = alias_name },
    { needed = { "FunctionName", "Name" } })

local update_alias = structure({
    FunctionName = function_name,
    Name = alias_name,
    FunctionVersion = text { fits = fits_version, expects = 'a version such as "42"' },
    Description = text { max = 256 },
    RoutingConfig = structure({
        AdditionalVersionWeights = shape.map(
            text { pattern = "^%d+$", expects = 'a published version such as "42"' },
            shape.number(0, 1), 1),
    }, { name = "AliasRoutingConfiguration", needed = { "AdditionalVersionWeights" } }),
    RevisionId = text { min = 1 },
}, { needed = { "FunctionName", "Name" } })

-- Weights as floats, so that 1 and 1.0 compare equal; those of 0 carry nothing.
local function normal_weights(routing)
    local out = {}
    for version, weight in next, routing and routing.AdditionalVersionWeights or out do
        if weight ~= 0 then
            out[version] = weight + 0.0
        end
    end
    return out
end

-- "version 41 95 %, version 42 5 %"
local function routing_text(state)
    local parts, left = {}, 100
    for i, version in ipairs(sorted(state.AdditionalVersionWeights)) do
        local share = 100 * state.AdditionalVersionWeights[version]
        parts[i], left = ("version %s %s"):format(version, percent(share)), left - share
    end
    local main = "version " .. state.FunctionVersion
    return parts[1] and ("%s %s, %s"):format(main, percent(left), table.concat(parts, ", "))
        or main
end

-- A function, or its version or alias that the input names.
local function identity(input, home)
    local qualifier = input.Name or input.Qualifier
    return names.arn(home, input.FunctionName) .. (qualifier and ":" .. qualifier or "")
end

local operations = {}

operations["lambda.update_alias"] = {
    class = "mutation",
    action = "UpdateAlias",
    summary = "Points an alias at a version, and gives a fraction of its calls to one other.",
    undo = "`lambda.update_alias` with the captured version and routing, the captured description, "
        .. "or both, as was changed, and the RevisionId seen just before, so that a change in "
        .. "between is refused",
    notes = {
        "What is not mentioned stays; `RoutingConfig = { AdditionalVersionWeights = {} }` "
            .. "ends a split.",
        "Give the RevisionId of what you read: the update is refused if somebody was faster.",
        "The two versions must be published, with the same role and the same dead-letter queue.",
        "Leave aliases alone that CodeDeploy owns.",
    },
    input = update_alias,
    settle = SETTLE,
    shown = function(state)
        return { FunctionVersion = state.FunctionVersion and routing_text(state),
            AdditionalVersionWeights = "" }
    end,
    identity = identity,
    observe = function(input)
        return {
            operation = "lambda.get_alias",
            input = { FunctionName = input.FunctionName, Name = input.Name },
        }
    end,
    governs = governed.named {
        FunctionVersion = { "FunctionVersion", "RoutingConfig" },
        AdditionalVersionWeights = { "FunctionVersion", "RoutingConfig" },
        Description = { "Description" },
    },
    state = function(input, output)
        if output.Name ~= input.Name then
            return nil, ("there is no alias %s of %s"):format(input.Name, input.FunctionName)
        end
        return {
            FunctionVersion = output.FunctionVersion,
            Description = output.Description or "",
            AdditionalVersionWeights = normal_weights(output.RoutingConfig),
        }
    end,
    after = function(input, before)
        return {
            FunctionVersion = input.FunctionVersion or before.FunctionVersion,
            Description = input.Description or before.Description,
            AdditionalVersionWeights = input.RoutingConfig and normal_weights(input.RoutingConfig)
                or before.AdditionalVersionWeights,
        }
    end,
    inverse = function(input, before)
        return {
            operation = "lambda.update_alias",
            input = {
                FunctionName = input.FunctionName,
                Name = input.Name,
                FunctionVersion = before.FunctionVersion,
                Description = before.Description,
                RoutingConfig = before.AdditionalVersionWeights
                    and { AdditionalVersionWeights = before.AdditionalVersionWeights },
            },
        }
    end,
    guard = function(undo, output)
        local input = { RevisionId = output.RevisionId }
        for name, value in next, undo.input do
            input[name] = value
        end
        return { operation = undo.operation, input = input }
    end,
}

local function read(action, summary, input)
    return { class = "read", action = action, summary = summary, input = input,
        identity = identity }
end

operations["lambda.get_alias"] = read("GetAlias",
    "Shows an alias: its version, routing and RevisionId.", alias)

operations["lambda.list_versions_by_function"] = read("ListVersionsByFunction",
    "Lists the versions of a function.", structure({
        FunctionName = function_name,
        Marker = text { min = 1 },
        MaxItems = shape.integer(1, 10000),
    }, { needed = { "FunctionName" } }))

operations["lambda.get_function_configuration"] = read("GetFunctionConfiguration",
    "Shows the configuration of a function, of one version, or of what an alias points at.",
    structure({
        FunctionName = function_name,
        Qualifier = text { min = 1, max = 128, pattern = "^[%w_$-]+$",
            expects = "a version, an alias or \"$LATEST\"" },
    }, { needed = { "FunctionName" } }))

return { title = "AWS Lambda", iam = "lambda", operations = operations }
