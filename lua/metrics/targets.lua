-- What a target says of its arms: the placeholders of queries.

local invalid = require "import.invalid"

local M = {}

M.types = { "alb_listener", "alb_rule", "appconfig_flag", "ecs_service", "lambda_alias" }

-- CloudWatch names both by the ends of their ARNs: app/NAME/ID and targetgroup/NAME/ID.
local function of_listener(arn)
    return arn:match(":listener/(app/[^/]+/[^/]+)/[^/]+$")
        or arn:match(":listener%-rule/(app/[^/]+/[^/]+)/[^/]+/[^/]+$")
end

local function alb(arm, values)
    local arn = values.listener or values.rule
    values.load_balancer = of_listener(arn)
    if not values.load_balancer then
        invalid("%s is neither a listener nor a rule of an application load balancer", arn)
    end
    values.target_group = values[arm]:match(":(targetgroup/[^/]+/[^/]+)$")
    if not values.target_group then
        invalid("%s is no target group", values[arm])
    end
    values.target_group_name = values.target_group:match("/([^/]+)/")
end

-- A function may be given by name, by ARN or by ACCOUNT:function:NAME.
local function lambda(_, values)
    values.function_name = values["function"]:match("function:([^:]+)")
        or values["function"]:match("^[^:]+")
end

-- What is derived, and from what.
local derived = {
    alb_listener = { alb, "listener", "baseline", "canary" },
    alb_rule = { alb, "rule", "baseline", "canary" },
    lambda_alias = { lambda, "function", "alias", "baseline", "canary" },
}

-- A target comes from a policy, and in the end from nobody who can be trusted.
local function check_members(target, values)
    for i = 2, #derived[target.type] do
        local name = derived[target.type][i]
        if not values[name] or values[name] == "" then
            invalid("a target of the type %s needs a text as its \"%s\"", target.type, name)
        end
    end
end

-- {name = text} for one arm: the target's own members, `arm`, `version` (what the target calls this
-- arm: a target group, a version) and what follows from them.
function M.values(target, arm)
    local values = { arm = arm }
    for name, member in pairs(target) do
        if type(member) == "string" or math.type(member) == "integer" then
            values[name] = tostring(member)
        end
    end
    values.version = values[arm]
    if derived[target.type] then
        check_members(target, values)
        derived[target.type][1](arm, values)
    end
    return values
end

-- The read without which nothing can be asked about this target, or nil: an alias says only what
-- the canary is. To be asked once, before the first shift: at the end the alias points elsewhere.
function M.lookup(target)
    if target.type == "lambda_alias" and not target.baseline then
        return {
            operation = "lambda.get_alias",
            input = { FunctionName = target["function"], Name = target.alias },
        }
    end
end

-- The target with what that read answered.
function M.known(target, output)
    local copy = {}
    for name, member in pairs(target) do
        copy[name] = member
    end
    copy.baseline = output.FunctionVersion
    return copy
end

-- By what text a recording calls a target (docs/recordings.md).
function M.label(target)
    if target.type == "lambda_alias" then
        return target["function"] .. ":" .. target.alias
    end
    for _, name in ipairs { "rule", "listener", "service", "flag", "canary" } do
        if type(target[name]) == "string" then
            return target[name]
        end
    end
end

return M
