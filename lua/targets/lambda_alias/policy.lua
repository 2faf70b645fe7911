-- Lambda aliases, as policies know them: a version, and at most one more that takes a fraction of
-- the calls.

local owners = require "targets.owners_policy"

local M = {}

local function read_version(value)
    local text = math.type(value) == "integer" and tostring(value) or value
    return type(text) == "string" and #text <= 15 and text:find("^[1-9]%d*$") and text or nil
end

local function read_function(value)
    local before = type(value) == "string" and #value <= 200 and value:match("^(.-)[%w_-]+$")
    local known = before and (before == "" or before == "function:"
        or before:find("^%d+:function:$")
        or before:find("^arn:[%w-]+:lambda:[%w-]+:%d+:function:$"))
    return known and value or nil
end

local function read_alias(value)
    local fits = type(value) == "string" and #value <= 128 and value:find("^[%w_-]+$")
    return fits and not value:find("^%d+$") and value or nil
end

M.members = {
    { "function", about = "name or ARN",
        kind = { expected = "the name or ARN of a function", read = read_function,
            parse = read_function } },
    { "alias", about = "its name",
        kind = { expected = "the name of an alias (letters, digits, - and _, not only digits)",
            read = read_alias, parse = read_alias } },
    { "canary", about = "version",
        kind = { expected = 'a published version such as "42"', read = read_version,
            parse = read_version } },
}
M.text = "lambda-alias:FUNCTION:ALIAS,canary=VERSION"
M.resolution = 0.01

-- A colon separates function and alias, and an ARN has more of them.
function M.head(id)
    local name, alias = id:match("^(.+):([%w_-]+)$")
    return name and { ["function"] = name, alias = alias }
end

function M.resource(value)
    return value["function"] .. ":" .. value.alias
end

-- Shares are in steps of 0.01 %, which as fractions are found again exactly.
local function percent_of(weight)
    local percent = math.floor(weight * 10000 + 0.5) / 100
    return math.tointeger(percent) or percent
end

local function weight_of(percent)
    return math.floor(percent * 100 + 0.5) / 10000
end

-- An alias that is shared may be so by CodeDeploy, which goes on by itself.
local function check_owner(target)
    local value = target.value
    local one, found = owners.ask(target, "CodeDeploy", "codedeploy.look_for_alias",
        { functionName = value["function"], alias = value.alias }, "deployments")
    if one then
        target:fail("is being deployed by CodeDeploy (%s of %s/%s, %s): let it finish or stop it "
            .. "first; lambda-alias moves an alias by itself", one.deploymentId,
            one.applicationName, one.deploymentGroupName, one.status)
    elseif (found.untold or 0) > 0 then
        target:tell("CodeDeploy is at work on Lambda aliases, and does not tell on which")
    end
end

function M.look(target)
    local value = target.value
    local alias = target:call("lambda.get_alias", {
        FunctionName = value["function"],
        Name = value.alias,
    })
    local live, canary = alias.FunctionVersion, value.canary
    if live == "$LATEST" then
        target:fail("points at $LATEST, which cannot share its traffic; publish a version first")
    elseif live == canary then
        target:fail("already points at version %s: there is nothing to roll out", canary)
    end
    local weights = alias.RoutingConfig and alias.RoutingConfig.AdditionalVersionWeights or {}
    if next(weights) then
        check_owner(target)
    end
    for other in pairs(weights) do
        if other ~= canary then
            target:fail("is already shared with version %s; finish or undo that rollout first",
                other)
        end
    end
    target.baseline, target.percent = live, percent_of(weights[canary] or 0)
    target.revision = alias.RevisionId
end

-- What is not mentioned stays as it was, so the routing is always spelled out, also when it is
-- empty.
function M.route(target, percent)
    local value = target.value
    local whole = percent == 100
    local weights = {}
    if percent > 0 and not whole then
        weights[value.canary] = weight_of(percent)
    end
    local alias = target:call("lambda.update_alias", {
        FunctionName = value["function"],
        Name = value.alias,
        FunctionVersion = whole and value.canary or target.baseline,
        RoutingConfig = { AdditionalVersionWeights = weights },
        RevisionId = target.revision,
    })
    target.revision = alias.RevisionId
end

return M
