-- Lambda aliases as targets: an account in which they exist, how their calls are split, and what
-- their owner would call changed.
--
-- At first every call goes to the version before the canary; of a function there are the versions
-- that its targets speak of, and $LATEST.

local lambda = require "services.lambda.simulated.operations"
local shape = require "aws.shape"
local tables = require "simulation.tables"

local M = {}

M.operations = lambda
M.latency = { read = 40, write = 90 }
M.refused = "ValidationException" -- the code for input that does not fit

local name = shape.text {
    pattern = "^[%w:_-]+$",
    expects = "the name or ARN of a function",
    fits = function(value)
        local before = value:match("^(.-)[%w_-]+$")
        return before == "" or before == "function:" or before:find("^%d+:function:$")
            or before:find("^arn:[%w-]+:lambda:[%w-]+:%d+:function:$")
    end,
}

local alias_name = shape.text {
    pattern = "^[%w_-]+$",
    expects = "the name of an alias (letters, digits, - and _, not only digits)",
    fits = function(value) return not value:find("^%d+$") end,
}

local version = shape.text {
    pattern = "^[1-9]%d*$",
    max = 15,
    expects = 'a version such as "42"',
}

M.targets = {
    lambda_alias = shape.structure({
        type = shape.choice { "lambda_alias" },
        ["function"] = name,
        alias = alias_name,
        canary = version,
    }, { needed = { "function", "alias", "canary" } }),
}

local function configuration(arn, number)
    local home, short = arn:match("^(arn:[^:]+:)lambda:"), arn:match("([^:]+)$")
    local published = number ~= "$LATEST"
    local account = arn:match("^arn:[^:]+:lambda:[^:]+:(%d+):")
    local code = arn .. ":" .. number
    local digest = tables.digits(code, 16) .. tables.digits("code" .. code, 16)
    return {
        FunctionName = short,
        FunctionArn = published and code or arn,
        Version = number,
        Role = home .. "iam::" .. account .. ":role/" .. short,
        Runtime = "provided.al2023",
        Handler = "bootstrap",
        PackageType = "Zip",
        Architectures = { "arm64" },
        CodeSize = 1048576,
        CodeSha256 = digest:rep(2, "/"):sub(1, 43) .. "=",
        MemorySize = 512,
        Timeout = 30,
        LastModified = "2024-01-01T00:00:00.000+0000",
        RevisionId = lambda.revision(0),
        State = "Active",
        LastUpdateStatus = "Successful",
    }
end

local function add_alias(state, arn, one, baseline)
    local known = state.functions[arn] or { versions = {}, aliases = {} }
    state.functions[arn] = known
    for _, number in ipairs { "$LATEST", one.canary, baseline } do
        known.versions[number] = known.versions[number] or configuration(arn, number)
    end
    local alias = {
        AliasArn = arn .. ":" .. one.alias,
        Name = one.alias,
        FunctionVersion = baseline,
        Description = "",
        RevisionId = lambda.revision(0),
    }
    known.aliases[one.alias] = alias
    state.traffic[alias.AliasArn] = { { at = math.mininteger, value = alias } }
end

-- Of several canaries on one alias, the baseline comes before the lowest; with version 1 among
-- them, after the highest.
local function baseline_of(numbers)
    table.sort(numbers)
    return ("%d"):format(numbers[1] > 1 and numbers[1] - 1 or numbers[#numbers] + 1)
end

-- ARN of each alias -> its baseline.
local function baselines_of(home, targets)
    local canaries, baselines = {}, {}
    for _, one in ipairs(targets) do
        local arn = lambda.arn(home, one["function"]) .. ":" .. one.alias
        canaries[arn] = canaries[arn] or {}
        table.insert(canaries[arn], math.tointeger(tonumber(one.canary)))
    end
    for arn, numbers in pairs(canaries) do
        baselines[arn] = baseline_of(numbers)
    end
    return baselines
end

-- An account in which these targets, and nothing else, exist.
function M.begin(targets, home)
    local state = { home = home, functions = {}, traffic = {}, writes = 0 }
    local baselines = baselines_of(home, targets)
    for _, one in ipairs(targets) do
        local arn = lambda.arn(home, one["function"])
        add_alias(state, arn, one, baselines[arn .. ":" .. one.alias])
    end
    return state
end

local function weights_of(alias)
    return alias.RoutingConfig and alias.RoutingConfig.AdditionalVersionWeights or {}
end

-- Percent of a target's calls on the canary, and until when; nil if there is no such target.
function M.share(state, one, now)
    local history = state.traffic[lambda.arn(state.home, one["function"]) .. ":" .. one.alias]
    if not history then
        return nil
    end
    local alias, changes = tables.effective(history, now)
    local away = 0
    for other, weight in pairs(weights_of(alias)) do
        if other == one.canary then
            return math.floor(weight * 1e6 + 0.5) / 1e4, changes
        end
        away = weight
    end
    return one.canary == alias.FunctionVersion and 100 - 100 * away or 0, changes
end

-- What the owner would miss if it changed: { what it is called = plain value }. A RevisionId is new
-- after every write, and a weight of 0 carries nothing.
function M.view(state)
    local view = {}
    for arn, known in pairs(state.functions) do
        view[arn] = known.versions
        for alias_called, alias in pairs(known.aliases) do
            local weights = {}
            for other, weight in pairs(weights_of(alias)) do
                weights[other] = weight ~= 0 and weight or nil
            end
            view[arn .. ":" .. alias_called] = {
                FunctionVersion = alias.FunctionVersion,
                Description = alias.Description,
                AdditionalVersionWeights = weights,
            }
        end
    end
    return view
end

return M
