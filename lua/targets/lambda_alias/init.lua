-- Lambda aliases as targets.

local names = require "services.lambda.names"

local M = {}

M.summary = "Lambda alias"
M.deploys = { "lambda.update_function_code" }
M.stand_in = { "lambda-alias:%s:live,canary=2", rank = 1 }
M.begins = { target = [[
    target = rollout.lambda_alias {
        ["function"] = "NAME", -- name or ARN
        alias = "live",
        canary = rollout.given("version", "the version that is to be rolled out"),
    },
]] }
M.arms = "two versions"
M.ready = "A published version is always ready."
M.notes = [[
The baseline is the version that the alias points at. A rollout does not start from an alias that
points at `$LATEST`, or is already shared with another version. Where it is shared CodeDeploy is
asked whether a deployment of its own is at it (`codedeploy:ListDeployments`,
`codedeploy:BatchGetDeployments`; a run that may not ask says so): then it is refused. A deployment
that has not begun to shift shows nothing; what it writes meanwhile is refused to us by the alias's
RevisionId.]]

function M.identity(value, home)
    return names.arn(home, value["function"]) .. ":" .. value.alias
end

M.routes = {
    ["lambda.update_alias"] = function(input, value)
        if input.FunctionName ~= value["function"] or input.Name ~= value.alias then
            return nil
        end
        if input.FunctionVersion == value.canary then
            return 100
        elseif not input.FunctionVersion and not input.RoutingConfig then
            return nil -- something else is changed
        end
        local extra = input.RoutingConfig and input.RoutingConfig.AdditionalVersionWeights or {}
        return 100 * (extra[value.canary] or 0)
    end,
}

function M.about(value)
    return { { FunctionName = value["function"] },
        { FunctionName = value["function"], Qualifier = value.canary } }
end

M.draws = { "function", "alias" }

function M.series(value)
    return value["function"] .. ":" .. value.alias
end

-- CloudWatch tells the versions of an alias apart only while it divides its calls. Before and after
-- there is the alias's own series, the whole of which is one version's.
local function metric(name, stat)
    local version = { dimensions = { ExecutedVersion = "{{version}}" } }
    return {
        provider = "cloudwatch", namespace = "AWS/Lambda", metric = name, stat = stat,
        dimensions = {
            FunctionName = "{{function_name}}", Resource = "{{function_name}}:{{alias}}",
        },
        baseline = version, canary = version, whole = true,
    }
end

M.whole = { ExecutedVersion = true }

M.metrics = {
    requests = metric("Invocations", "Sum"),
    errors = metric("Errors", "Sum"),
}
M.metrics.errors.absent = "zero"

function M.latency(stat)
    local definition = metric("Duration", stat)
    definition.unit = "Milliseconds"
    return definition
end

M.placeholders = {
    "function", "alias", "baseline", "canary",
    fills = { "function_name" },
    fill = function(_, values)
        values.function_name = values["function"]:match("function:([^:]+)")
            or values["function"]:match("^[^:]+")
    end,
}

M.metric_notes = [[
Each arm is its version. CloudWatch tells an alias's versions apart only while the alias divides
its calls. Before the first shift and after the last the alias's own metrics are those of the one
version that has them all.]]

-- An alias says only what the canary is. To be asked once, before the first shift: at the end the
-- alias points elsewhere.
function M.lookup(value)
    return not value.baseline and {
        operation = "lambda.get_alias",
        input = { FunctionName = value["function"], Name = value.alias },
    } or nil
end

function M.known(_, output)
    return { baseline = output.FunctionVersion }
end

return M
