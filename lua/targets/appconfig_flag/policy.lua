-- Feature flags in AWS AppConfig, as policies know them: a number among a flag's attributes says
-- for how many percent of the users it is on. Which of them, the application decides
-- (docs/flags.md). A share is written as a new version of the profile's configuration, which is
-- then deployed to everybody at once.

local members = require "targets.members_policy"

local M = {}

-- A strategy that neither grows nor bakes; made where there is none.
local INSTANT = "tidelock-at-once"

-- How often a deployment is looked at, and how many times, before it counts as stuck.
local LOOK_EVERY, LOOKS_MAX = 3000, 100

local flags_type = "AWS.AppConfig.FeatureFlags"

local name = members.text("a name or an id", "^[^/,%c]+$")
local flag_name = members.text("the name of a flag or of an attribute", "^%a[%w_-]*$")

M.members = {
    { "application", about = "name or id", kind = name },
    { "environment", about = "name or id", kind = name },
    { "profile", about = "name or id of the configuration profile", kind = name },
    { "flag", about = "its key", kind = flag_name },
    { "attribute", about = "the number that is the percentage", kind = flag_name },
    { "strategy", about = "id of a deployment strategy that neither grows nor bakes",
        kind = members.text('the id of a deployment strategy such as "abc1234"', "^[%w.]+$"),
        optional = true },
}
M.text = "appconfig-flag:APPLICATION/ENVIRONMENT/PROFILE/FLAG,attribute=percent"
M.resolution = 0.01
M.coarse = "its percentage is in steps of 0.01 %"

local function call(target, verb, input)
    input.ApplicationId = target.value.application
    return target:call("appconfig." .. verb, input)
end

local function call_profile(target, verb, input)
    input = input or {}
    input.ConfigurationProfileId = target.value.profile
    return call(target, verb, input)
end

local function call_environment(target, verb, input)
    input = input or {}
    input.EnvironmentId = target.value.environment
    return call(target, verb, input)
end

-- The items of all pages of a list.
local function all(ask, input)
    local items = {}
    repeat
        local page = ask(input)
        table.move(page.Items, 1, #page.Items, #items + 1, items)
        input.NextToken = page.NextToken
    until not page.NextToken
    return items
end

local function newest(items, number, fits)
    local found
    for _, item in ipairs(items) do
        if (not found or item[number] > found[number]) and (not fits or fits(item)) then
            found = item
        end
    end
    return found
end

local over = { COMPLETE = true, ROLLED_BACK = true, REVERTED = true }

-- The deployment whose version everybody has, and the number of the newest one.
local function find_deployment(target, profile)
    local items = all(function(input)
        return call_environment(target, "list_deployments", input)
    end, {})
    local last = newest(items, "DeploymentNumber")
    if last and not over[last.State] then
        target:fail("deployment %d is still going on in its environment (%s)",
            last.DeploymentNumber, last.State)
    end
    local current = newest(items, "DeploymentNumber", function(item)
        local ours = item.ConfigurationName == profile.Name
        if item.ConfigurationProfileId then
            ours = item.ConfigurationProfileId == profile.Id
        end
        return ours and item.State == "COMPLETE"
    end)
    if not current then
        target:fail("its profile was never deployed in this environment: deploy a first version, "
            .. "with the flag on and %s at 0, by hand", target.value.attribute)
    end
    return current, last.DeploymentNumber
end

-- The number, as the flag has it; raises where there is none.
local function percent_in(target, content)
    local flag, attribute = target.value.flag, target.value.attribute
    local enabled = require "json_text".get(content, { "values", flag, "enabled" })
    if not enabled then
        target:fail("there is no such flag in the version that is deployed")
    elseif enabled ~= "true" then
        target:fail("the flag is off, and a percentage of it would change nothing: turn it on "
            .. "with %s at 0 first", attribute)
    end
    local percent = tonumber(require "json_text".get(content, target.path) or "")
    if not percent or percent < 0 or percent > 100 then
        target:fail("its attribute %s is no number from 0 to 100", attribute)
    end
    return math.tointeger(percent) or percent
end

local function is_instant(strategy)
    return strategy.DeploymentDurationInMinutes == 0 and strategy.FinalBakeTimeInMinutes == 0
end

-- The strategy that was given, or one that there is; nil if one must be made.
local function find_strategy(target)
    local given = target.value.strategy
    if given then
        local strategy = target:call("appconfig.get_deployment_strategy",
            { DeploymentStrategyId = given })
        if not is_instant(strategy) then
            target:fail("strategy %s grows for %d and bakes for %d minutes; a percentage needs one "
                .. "of 0 and 0, since it is what grows, and is to be taken back at once", given,
                strategy.DeploymentDurationInMinutes, strategy.FinalBakeTimeInMinutes)
        end
        return given
    end
    for _, strategy in ipairs(all(function(input)
        return target:call("appconfig.list_deployment_strategies", input)
    end, {})) do
        if is_instant(strategy) and strategy.Name == INSTANT then
            return strategy.Id
        end
    end
end

-- Another run may make it in the same moment.
local function make_strategy(target)
    local input = {
        Name = INSTANT,
        Description = "Everybody at once, without a bake: for percentages and kill switches.",
        DeploymentDurationInMinutes = 0,
        FinalBakeTimeInMinutes = 0,
        GrowthFactor = 100,
        GrowthType = "LINEAR",
        ReplicateTo = "NONE",
    }
    local output, problem = target:attempt("appconfig.create_deployment_strategy", input)
    if problem then
        return find_strategy(target) or target:fail("it needs a strategy that neither grows nor "
            .. "bakes, and none can be made: %s", problem.message)
    end
    for _, strategy in ipairs(output.Items or { output }) do -- the answer was lost: all of them
        if strategy.Name == INSTANT then
            return strategy.Id
        end
    end
end

function M.look(target)
    local value = target.value
    target.path = { "values", value.flag, value.attribute }
    local profile = call_profile(target, "get_configuration_profile")
    if profile.Type ~= flags_type or profile.LocationUri ~= "hosted" then
        target:fail("its profile holds no hosted feature flags (%s, %s)", profile.Type or "no type",
            profile.LocationUri)
    end
    local current, latest = find_deployment(target, profile)
    local version = call_profile(target, "get_hosted_configuration_version",
        { VersionNumber = math.tointeger(tonumber(current.ConfigurationVersion)) })
    local percent = percent_in(target, version.Content)
    if percent == 100 then
        target:fail("%s is at 100 already: there is nothing to roll out", value.attribute)
    end
    local versions = all(function(input)
        return call_profile(target, "list_hosted_configuration_versions", input)
    end, {})
    target.strategy = find_strategy(target)
    target.profile, target.content = profile, version.Content
    target.deployed, target.deployment = current.ConfigurationVersion, latest
    target.version = newest(versions, "VersionNumber").VersionNumber
    target.percent = percent
end

-- A monitor or somebody else may have taken back, or replaced, what was deployed last.
local function check_unchanged(target)
    local current, latest = find_deployment(target, target.profile)
    if latest ~= target.deployment then
        target:fail("somebody else deployed version %s meanwhile", current.ConfigurationVersion)
    elseif current.ConfigurationVersion ~= target.deployed then
        target:fail("AppConfig took version %s back meanwhile; it is at version %s again",
            target.deployed, current.ConfigurationVersion)
    end
end

-- The percentage as JSON, with no more digits than it needs.
local function number_text(percent)
    if math.tointeger(percent) then
        return ("%d"):format(math.tointeger(percent))
    end
    return (("%.2f"):format(percent):gsub("0$", ""))
end

-- The number of the version that was made, which is AWS's to give: another's may have come between.
-- Where the answer was lost, `made` has all versions, and ours is known by its label.
local function number_of(target, made, label)
    for _, item in ipairs(made.Items or { made }) do
        if not made.Items or item.VersionLabel == label then
            return item.VersionNumber
        end
    end
    target:fail("no version with the label %q was made", label)
end

local function add_version(target, number)
    target.content = require "json_text".set(target.content, target.path, number)
    local label = ("v%d %s %s=%s"):format(target.version + 1, target.value.flag,
        target.value.attribute, number):sub(1, 64)
    target.version = number_of(target, call_profile(target, "create_hosted_configuration_version", {
        Content = target.content,
        ContentType = "application/json",
        LatestVersionNumber = target.version,
        VersionLabel = label,
    }), label)
end

local function await(target)
    for _ = 1, LOOKS_MAX do
        local found = call_environment(target, "get_deployment",
            { DeploymentNumber = target.deployment })
        if found.State == "COMPLETE" then
            return
        elseif over[found.State] or found.State == "ROLLING_BACK" then
            local event = found.EventLog and found.EventLog[1]
            target:fail("deployment %d was rolled back by %s", target.deployment,
                event and event.TriggeredBy or "AppConfig")
        end
        target:sleep(LOOK_EVERY)
    end
    target:fail("deployment %d is not complete after %d minutes", target.deployment,
        LOOK_EVERY * LOOKS_MAX // 60000)
end

function M.route(target, percent)
    check_unchanged(target)
    local number = number_text(percent)
    add_version(target, number)
    target.strategy = target.strategy or make_strategy(target)
    local started = call_environment(target, "start_deployment", {
        ConfigurationProfileId = target.value.profile,
        ConfigurationVersion = tostring(target.version),
        DeploymentStrategyId = target.strategy,
        Description = ("tidelock: %s %s = %s"):format(target.value.flag, target.value.attribute,
            number),
        LatestDeploymentNumber = target.deployment,
    })
    target.deployment = started.DeploymentNumber or target.deployment + 1
    target.deployed = tostring(target.version)
    await(target)
end

function M.head(id)
    local application, environment, profile, flag =
        id:match("^([^/]+)/([^/]+)/([^/]+)/([^/]+)$")
    return application and { application = application, environment = environment,
        profile = profile, flag = flag, attribute = "percent" }
end

function M.resource(value)
    return ("%s/%s/%s/%s"):format(value.application, value.environment, value.profile, value.flag)
end

return M
