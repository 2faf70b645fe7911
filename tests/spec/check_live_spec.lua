-- How long what AWS shows of a target has been so, and the rule that asks for it.
require "sim_modules"
local lints = require "check.lints"
local resting = require "check.resting"

local DAY = 86400000
local NOW = 1800000000000

local flag = { type = "appconfig_flag", application = "shop", environment = "live",
    profile = "features", flag = "search", attribute = "percent" }

local function content(percent, enabled)
    return ('{"flags":{},"values":{"search":{"enabled":%s,"percent":%s}}}'):format(
        enabled == false and "false" or "true", percent)
end

-- An AppConfig with these deployments, { days ago, content, state, profile }, the oldest first.
local function appconfig(list)
    local answers = {}
    answers["appconfig.get_configuration_profile"] = function()
        return { Id = "p1", Name = "features" }
    end
    answers["appconfig.list_deployments"] = function(input)
        local items, at = {}, input.NextToken and tonumber(input.NextToken) or 1
        for i = at, math.min(at + 1, #list) do
            items[#items + 1] = { DeploymentNumber = i, ConfigurationVersion = tostring(i),
                ConfigurationProfileId = list[i][4] or "p1", State = list[i][3] or "COMPLETE",
                CompletedAt = NOW - list[i][1] * DAY }
        end
        return { Items = items, NextToken = at + 2 <= #list and tostring(at + 2) or nil }
    end
    answers["appconfig.get_hosted_configuration_version"] = function(input)
        return { Content = list[input.VersionNumber][2] }
    end
    return answers
end

local function flags_of(answers, targets)
    local one = resting.new { targets = targets or { flag }, now = NOW }
    local step = one:step(nil)
    while step.request do
        local answer = answers[step.request.operation]
        step = one:step(answer and { value = answer(step.request.input) }
            or { error = { code = "AccessDeniedException", message = "no" } })
    end
    return step.flags
end

describe("how long a flag has been where it is", function()
    it("is since the first of the versions in a row that have its percentage", function()
        local found = flags_of(appconfig { { 400, content(100) }, { 300, content(50) },
            { 200, content(100) }, { 150, content(10), "ROLLED_BACK" },
            { 120, content(10), nil, "p2" }, { 3, content(100) } })
        assert.are.same({ { target = "shop/live/features/search", percent = 100, since = 200 } },
            found)
    end)

    it("is that of a flag that is off, too", function()
        assert.are.same({ 0, 95 }, { flags_of(appconfig { { 95, content(30, false) } })[1].percent,
            flags_of(appconfig { { 95, content(30, false) } })[1].since })
    end)

    it("is not known where AWS does not tell", function()
        assert.are.same({}, flags_of({}))
        assert.are.same({}, flags_of(appconfig {}))
        assert.are.same({}, flags_of(appconfig { { 100, "no JSON" } }))
        assert.are.same({}, flags_of(appconfig { { 100, '{"values":{"other":{}}}' } }))
        assert.are.same({}, flags_of({}, { { type = "lambda_alias", ["function"] = "pay",
            alias = "live", canary = "42" } }))
    end)
end)

describe("the rule stale-flag", function()
    local test
    for _, lint in ipairs(lints.list) do
        test = lint.code == "stale-flag" and lint.test or test
    end

    local function found(percent, since)
        local count = 0
        test({ flags = { { target = "search", percent = percent, since = since } } },
            function() count = count + 1 end)
        return count
    end

    it("finds what is at 0 or 100 % for more than 90 days", function()
        assert.are.same({ 1, 1, 0, 0 }, { found(100, 91), found(0, 400), found(50, 400),
            found(100, 90) })
    end)
end)
