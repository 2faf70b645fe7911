-- AWS operations, by name: aws.elbv2.describe_rules { RuleArns = { arn } }.
--
-- Which there are: `tidelock capabilities`. Every mutation is written down, together with how it is
-- undone, before it leaves; a rollout that fails puts it back.

local check = require "check"
local effect = require "effect"

---@class aws  # with a field for each service: stdlib/meta/operations.lua
local M = {}

-- What never left: an operation that there is not, an input that does not fit.
local never_asked = { invalid = true }

---Asks AWS, and hands back a refusal of AWS's instead of raising it. What cannot be asked for is a
---mistake in the policy, and raised.
---
---    local input = { FunctionName = "pay", Name = "live" }
---    local alias, problem = aws.attempt("lambda.get_alias", input)
---    if problem and problem.code == "ResourceNotFoundException" then ... end
---@async
---@param operation string  # "elbv2.describe_rules"
---@param input table       # spelled as AWS spells it
---@param region? string    # of what is called by its name; where an ARN names it, that says where
---@return table? output, effect.Error? problem
function M.attempt(operation, input, region)
    if type(operation) ~= "string" then
        check.fail("aws: expected an operation such as \"elbv2.describe_rules\", got %s",
            check.show(operation))
    end
    if type(input) ~= "table" then
        check.fail("aws.%s: expected its input as a table, got %s", operation, check.show(input))
    end
    if region ~= nil and type(region) ~= "string" then
        check.fail("aws.%s: expected a region such as \"eu-west-1\", got %s", operation,
            check.show(region))
    end
    local result = effect.perform { kind = "aws", operation = operation, input = input,
        region = region }
    if result.error and never_asked[result.error.code] then
        check.fail("aws.%s: %s", operation, result.error.message)
    end
    return result.value, result.error
end

---Asks AWS; a refusal is raised at the author's line.
---@async
---@param operation string
---@param input table
---@param region? string
---@return table output
function M.call(operation, input, region)
    local output, problem = M.attempt(operation, input, region)
    if problem then
        check.fail("aws.%s: %s: %s", operation, problem.code, problem.message)
    end
    return output
end

local function service(name)
    return setmetatable({}, {
        __index = function(operations, verb)
            local function call(input, region)
                return M.call(name .. "." .. verb, input, region)
            end
            operations[verb] = call
            return call
        end,
        __call = function()
            check.fail('there is no aws.%s; there are aws.attempt, aws.call and '
                .. 'aws.SERVICE.OPERATION', name)
        end,
    })
end

return setmetatable(M, {
    __index = function(services, name)
        services[name] = service(name)
        return services[name]
    end,
})
