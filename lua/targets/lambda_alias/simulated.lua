-- Lambda aliases in the simulated account: how they are at first, and how their calls are split.
--
-- At first every call goes to the version before the canary; of a function there are the versions
-- that its targets speak of, and $LATEST.

local arns = require "aws.arn"
local lambda = require "services.lambda.simulated.operations"
local names = require "services.lambda.names"
local tables = require "simulation.tables"

local M = { service = "lambda" }

local function configuration(arn, number)
    local place, short = arns.parse(arn), names.short(arn)
    local published = number ~= "$LATEST"
    local code = arn .. ":" .. number
    local digest = tables.digits(code, 16) .. tables.digits("code" .. code, 16)
    return {
        FunctionName = short,
        FunctionArn = published and code or arn,
        Version = number,
        Role = arns.make({ partition = place.partition, region = "", account = place.account },
            "iam", "role/" .. short),
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
        local arn = names.arn(home, one["function"]) .. ":" .. one.alias
        canaries[arn] = canaries[arn] or {}
        table.insert(canaries[arn], math.tointeger(tonumber(one.canary)))
    end
    for arn, numbers in pairs(canaries) do
        baselines[arn] = baseline_of(numbers)
    end
    return baselines
end

-- Adds the functions and aliases that targets name to a part of the account.
function M.begin(state, targets)
    local baselines = baselines_of(state.home, targets)
    for _, one in ipairs(targets) do
        local arn = names.arn(state.home, one["function"])
        add_alias(state, arn, one, baselines[arn .. ":" .. one.alias])
    end
end

-- Percent of a target's calls on the canary, and until when; nil if there is no such target.
function M.share(state, one, now)
    local history = state.traffic[names.arn(state.home, one["function"]) .. ":" .. one.alias]
    if not history then
        return nil
    end
    local alias, changes = tables.effective(history, now)
    local away = 0
    for other, weight in pairs(lambda.weights_of(alias)) do
        if other == one.canary then
            return math.floor(weight * 1e6 + 0.5) / 1e4, changes
        end
        away = weight
    end
    return one.canary == alias.FunctionVersion and 100 - 100 * away or 0, changes
end

return M
