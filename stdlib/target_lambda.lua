-- Lambda aliases: a version, and at most one more that takes a fraction of the calls.

local aws = require "aws"
local check = require "check"
local kinds = require "kinds"
local target = require "target"

local version = {
    expected = 'a published version such as "42"',
    read = function(value)
        local text = math.type(value) == "integer" and tostring(value) or value
        return type(text) == "string" and text:find("^%d+$") and text or nil
    end,
    parse = function(text) return text:find("^%d+$") and text or nil end,
}

local function fail(self, format, ...)
    check.fail("%s: " .. format, self.label, ...)
end

-- A colon separates function and alias, and an ARN has more of them.
local function head(id)
    local name, alias = id:match("^(.+):([%w_-]+)$")
    return name and { ["function"] = name, alias = alias }
end

-- Shares are in steps of 0.01 %, which as fractions are found again exactly.
local function percent_of(weight)
    local percent = math.floor(weight * 10000 + 0.5) / 100
    return math.tointeger(percent) or percent
end

local function weight_of(percent)
    return math.floor(percent * 100 + 0.5) / 10000
end

local function look(self)
    local value = self.value
    local alias = aws.call("lambda.get_alias", {
        FunctionName = value["function"],
        Name = value.alias,
    })
    local live, canary = alias.FunctionVersion, value.canary
    if live == "$LATEST" then
        fail(self, "points at $LATEST, which cannot share its traffic; publish a version first")
    elseif live == canary then
        fail(self, "already points at version %s: there is nothing to roll out", canary)
    end
    local weights = alias.RoutingConfig and alias.RoutingConfig.AdditionalVersionWeights or {}
    for other in pairs(weights) do
        if other ~= canary then
            fail(self, "is already shared with version %s; finish or undo that rollout first",
                other)
        end
    end
    self.baseline, self.percent = live, percent_of(weights[canary] or 0)
    self.revision = alias.RevisionId
end

-- What is not mentioned stays as it was, so the routing is always spelled out, also when it is
-- empty.
local function route(self, percent)
    local value = self.value
    local whole = percent == 100
    local weights = {}
    if percent > 0 and not whole then
        weights[value.canary] = weight_of(percent)
    end
    local alias = aws.call("lambda.update_alias", {
        FunctionName = value["function"],
        Name = value.alias,
        FunctionVersion = whole and value.canary or self.baseline,
        RoutingConfig = { AdditionalVersionWeights = weights },
        RevisionId = self.revision,
    })
    self.revision = alias.RevisionId
end

target.register("lambda_alias", {
    fields = { ["function"] = kinds.name, alias = kinds.name, canary = version },
    needed = { "function", "alias", "canary" },
    text = "lambda-alias:FUNCTION:ALIAS,canary=VERSION",
    head = head,
    resolution = 0.01,
    resource = function(value) return value["function"] .. ":" .. value.alias end,
    look = look,
    route = route,
})
