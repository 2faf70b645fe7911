-- Parameters of AWS Systems Manager: what Tidelock asks of them, and how each change is undone.
--
-- There is no compare-and-set: a write gives the next version whoever was faster. The old version
-- does not come back either; its undo writes what it held as a newer one. A read of a parameter
-- that is not there is refused, but GetParameters says so in its answer: it observes a creation,
-- and the history, which alone has the description and the tier, observes a change.

local arn = require "aws.arn"
local shape = require "aws.shape"

-- Parameters are eventually consistent, and AWS does not say for how long; five seconds is our
-- assumption.
local SETTLE = 5000

local VALUE_MAX = 8192 -- bytes of an advanced parameter

local text, structure = shape.text, shape.structure

local function fits_name(value)
    return value:find("^[%w_./-]+$") and #value <= 1011
end

local name = text { fits = fits_name, min = 1, expects = 'the name of a parameter such as '
    .. '"/shop/limit"' }
local any_name = text { min = 1, max = 2048, pattern = "^[%w_.:/-]+$",
    expects = 'a parameter\'s name or ARN, with ":VERSION" or ":LABEL" behind it or without' }

local put_parameter = structure({
    Name = name,
    Value = text { min = 1, max = VALUE_MAX },
    Type = shape.choice { "String", "StringList" },
    Overwrite = shape.flag,
    DataType = shape.choice { "text", "aws:ec2:image" },
    Description = text { max = 1024 },
    AllowedPattern = text { max = 1024 },
    Tier = shape.choice { "Standard", "Advanced", "Intelligent-Tiering" },
    Policies = text { min = 1, max = 4096 },
}, {
    needed = { "Name", "Value" },
    wrong = function(input)
        if not input.Overwrite and not input.Type then
            return ".Type is missing: a new parameter needs one, and an existing one "
                .. "Overwrite = true"
        end
    end,
})

local function newest(parameters)
    local found
    for _, parameter in ipairs(parameters or {}) do
        if not found or parameter.Version > found.Version then
            found = parameter
        end
    end
    return found
end

-- What every answer shows of a parameter.
local function governed(parameter)
    return {
        Value = parameter.Value,
        Type = parameter.Type,
        DataType = parameter.DataType or "text",
    }
end

-- Policies as PutParameter takes them: a list in JSON. Each is shown with its text.
local function policies_of(parameter)
    local texts = {}
    for i, policy in ipairs(parameter.Policies or {}) do
        texts[i] = policy.PolicyText
    end
    return texts[1] and "[" .. table.concat(texts, ",") .. "]" or nil
end

local function nonempty(value)
    return value ~= "" and value or nil
end

-- What a write without them might leave as it is or not, which AWS does not say: so an overwrite
-- sends them as they are.
local function accompanying(parameter)
    return {
        Description = nonempty(parameter.Description),
        AllowedPattern = nonempty(parameter.AllowedPattern),
        Tier = parameter.Tier,
        Policies = policies_of(parameter),
    }
end

local function differing(input, parameter)
    local found = accompanying(parameter)
    for _, member in ipairs { "AllowedPattern", "Description", "Policies", "Tier" } do
        if input[member] ~= nil and input[member] ~= found[member] then
            return member
        end
    end
    if input.Type and input.Type ~= parameter.Type then
        return "Type"
    end
end

-- A parameter without the version or label that is asked of it; of several, the first.
local function identity(input, home)
    local called = input.Name or input.Names[1]
    local parts = arn.of("ssm", called)
    local path = parts and parts.path:match("^parameter/([^:]+)") or called:match("^/?([^:]*)")
    return arn.make(parts or home, "ssm", "parameter/" .. path)
end

local operations = {}

operations["ssm.put_parameter"] = {
    class = "mutation",
    action = "PutParameter",
    summary = "Creates a parameter, or with Overwrite gives one another value.",
    undo = "`ssm.put_parameter` with the captured value, as a newer version, and description, "
        .. "pattern, policies and tier as they are then; `ssm.delete_parameter` where there was no "
        .. "such parameter",
    notes = {
        "With Overwrite there must be such a parameter, without it there must be none.",
        "Version numbers only go up: readers that name one, or a label, do not see the undo.",
        "SecureString is not taken: its value would stand in the journal.",
        "Type, Description, AllowedPattern, Policies and Tier are what a parameter is created "
            .. "with. With Overwrite they must be what they are, or be left out: an advanced "
            .. "parameter cannot become a standard one again.",
    },
    input = put_parameter,
    settle = SETTLE,
    identity = identity,
    observe = function(input)
        if input.Overwrite then
            return { operation = "ssm.get_parameter_history",
                input = { Name = input.Name, MaxResults = 50 } }
        end
        return { operation = "ssm.get_parameters", input = { Names = { input.Name } } }
    end,
    state = function(input, output)
        local parameter = newest(output.Parameters)
        if parameter and parameter.Type == "SecureString" then
            return nil, ("%s is a SecureString: its value would stand in the journal"):format(
                input.Name)
        end
        return parameter and governed(parameter) or {}
    end,
    after = function(input, before, output)
        if not input.Overwrite then
            if before.Value then
                return nil, ("there is a parameter %s: changing it needs Overwrite = true"):format(
                    input.Name)
            end
            return { Value = input.Value, Type = input.Type, DataType = input.DataType or "text" }
        end
        local member = differing(input, newest(output.Parameters))
        return not member and {
            Value = input.Value,
            Type = before.Type,
            DataType = input.DataType or before.DataType,
        }, member and ("%s of an existing parameter must stay what it is"):format(member)
    end,
    inverse = function(input, before, output)
        if not before.Value then
            return { operation = "ssm.delete_parameter", input = { Name = input.Name } }
        end
        local undo = accompanying(newest(output.Parameters))
        undo.Name, undo.Value, undo.Overwrite = input.Name, before.Value, true
        undo.Type, undo.DataType = before.Type, before.DataType
        return { operation = "ssm.put_parameter", input = undo }
    end,
    -- What goes with the value is anybody's: it stays as it is found.
    guard = function(undo, output)
        local parameter = newest(output.Parameters)
        if not undo.input.Overwrite or not parameter then
            return undo
        end
        local input = accompanying(parameter)
        for _, member in ipairs { "Name", "Value", "Overwrite", "Type", "DataType" } do
            input[member] = undo.input[member]
        end
        return { operation = undo.operation, input = input }
    end,
}

operations["ssm.delete_parameter"] = {
    class = "undo",
    action = "DeleteParameter",
    summary = "Deletes a parameter.",
    notes = { "Only as the undo of `ssm.put_parameter`: a deleted parameter's versions and labels "
        .. "do not come back, so policies cannot ask for it." },
    input = structure({ Name = name }, { needed = { "Name" } }),
    identity = identity,
}

-- Reads. None takes WithDecryption: what is read stands in the journal.

operations["ssm.get_parameter"] = {
    class = "read",
    action = "GetParameter",
    summary = "Shows a parameter, or one of its versions.",
    notes = { "A SecureString is shown encrypted." },
    input = structure({ Name = any_name }, { needed = { "Name" } }),
    identity = identity,
}

operations["ssm.get_parameters"] = {
    class = "read",
    action = "GetParameters",
    summary = "Shows parameters, and names those that are not there.",
    notes = { "A SecureString is shown encrypted." },
    input = structure({ Names = shape.list(any_name, 1, 10) }, { needed = { "Names" } }),
    identity = identity,
}

operations["ssm.get_parameter_history"] = {
    class = "read",
    action = "GetParameterHistory",
    summary = "Shows the versions of a parameter, with description, tier and labels.",
    notes = { "A SecureString is shown encrypted." },
    input = structure({
        Name = name,
        MaxResults = shape.integer(1, 50),
        NextToken = text { min = 1 },
    }, { needed = { "Name" } }),
    identity = identity,
}

return { title = "AWS Systems Manager parameters", iam = "ssm", operations = operations }
