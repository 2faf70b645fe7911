-- Feature flags in AWS AppConfig: a number among a flag's attributes says for how many percent of
-- the users it is on. Which of them, the application decides (docs/flags.md). A share is written
-- as a new version of the profile's configuration, which is then deployed to everybody at once.

local aws = require "aws"
local check = require "check"
local effect = require "effect"
local json_text = require "json_text"
local target = require "target"

-- A strategy that neither grows nor bakes; made where there is none.
local INSTANT = "tidelock-at-once"

-- How often a deployment is looked at, and how many times, before it counts as stuck.
local LOOK_EVERY, LOOKS_MAX = 3000, 100

local flags_type = "AWS.AppConfig.FeatureFlags"

local function text_kind(pattern, expected)
    local function read(value)
        return type(value) == "string" and #value <= 64 and value:find(pattern) and value or nil
    end
    return { expected = expected, read = read, parse = read }
end

local name = text_kind("^[^/,%c]+$", "a name or an id")
local flag_name = text_kind("^%a[%w_-]*$", "the name of a flag or of an attribute")
local strategy_id = text_kind("^[%w.]+$", 'the id of a deployment strategy such as "abc1234"')

local function fail(self, format, ...)
    check.fail("%s: " .. format, self.label, ...)
end

local function call(self, verb, input)
    input.ApplicationId = self.value.application
    return aws.call("appconfig." .. verb, input)
end

local function call_profile(self, verb, input)
    input = input or {}
    input.ConfigurationProfileId = self.value.profile
    return call(self, verb, input)
end

local function call_environment(self, verb, input)
    input = input or {}
    input.EnvironmentId = self.value.environment
    return call(self, verb, input)
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
local function find_deployment(self, profile)
    local items = all(function(input)
        return call_environment(self, "list_deployments", input)
    end, {})
    local last = newest(items, "DeploymentNumber")
    if last and not over[last.State] then
        fail(self, "deployment %d is still going on in its environment (%s)",
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
        fail(self, "its profile was never deployed in this environment: deploy a first version, "
            .. "with the flag on and %s at 0, by hand", self.value.attribute)
    end
    return current, last.DeploymentNumber
end

-- The number, as the flag has it; raises where there is none.
local function percent_in(self, content)
    local flag, attribute = self.value.flag, self.value.attribute
    local enabled = json_text.get(content, { "values", flag, "enabled" })
    if not enabled then
        fail(self, "there is no such flag in the version that is deployed")
    elseif enabled ~= "true" then
        fail(self, "the flag is off, and a percentage of it would change nothing: turn it on "
            .. "with %s at 0 first", attribute)
    end
    local percent = tonumber(json_text.get(content, self.path) or "")
    if not percent or percent < 0 or percent > 100 then
        fail(self, "its attribute %s is no number from 0 to 100", attribute)
    end
    return math.tointeger(percent) or percent
end

local function is_instant(strategy)
    return strategy.DeploymentDurationInMinutes == 0 and strategy.FinalBakeTimeInMinutes == 0
end

-- The strategy that was given, or one that there is; nil if one must be made.
local function find_strategy(self)
    local given = self.value.strategy
    if given then
        local strategy = aws.call("appconfig.get_deployment_strategy",
            { DeploymentStrategyId = given })
        if not is_instant(strategy) then
            fail(self, "strategy %s grows for %d and bakes for %d minutes; a percentage needs one "
                .. "of 0 and 0, since it is what grows, and is to be taken back at once", given,
                strategy.DeploymentDurationInMinutes, strategy.FinalBakeTimeInMinutes)
        end
        return given
    end
    for _, strategy in ipairs(all(aws.appconfig.list_deployment_strategies, {})) do
        if is_instant(strategy) and strategy.Name == INSTANT then
            return strategy.Id
        end
    end
end

-- Another run may make it in the same moment.
local function make_strategy(self)
    local input = {
        Name = INSTANT,
        Description = "Everybody at once, without a bake: for percentages and kill switches.",
        DeploymentDurationInMinutes = 0,
        FinalBakeTimeInMinutes = 0,
        GrowthFactor = 100,
        GrowthType = "LINEAR",
        ReplicateTo = "NONE",
    }
    local result = effect.perform { kind = "aws",
        operation = "appconfig.create_deployment_strategy", input = input }
    local output, problem = result.value, result.error
    if problem then
        return find_strategy(self) or fail(self, "it needs a strategy that neither grows nor "
            .. "bakes, and none can be made: %s", problem.message)
    end
    for _, strategy in ipairs(output.Items or { output }) do -- the answer was lost: all of them
        if strategy.Name == INSTANT then
            return strategy.Id
        end
    end
end

local function look(self)
    local value = self.value
    self.path = { "values", value.flag, value.attribute }
    local profile = call_profile(self, "get_configuration_profile")
    if profile.Type ~= flags_type or profile.LocationUri ~= "hosted" then
        fail(self, "its profile holds no hosted feature flags (%s, %s)", profile.Type or "no type",
            profile.LocationUri)
    end
    local current, latest = find_deployment(self, profile)
    local version = call_profile(self, "get_hosted_configuration_version",
        { VersionNumber = math.tointeger(tonumber(current.ConfigurationVersion)) })
    local percent = percent_in(self, version.Content)
    if percent == 100 then
        fail(self, "%s is at 100 already: there is nothing to roll out", value.attribute)
    end
    local versions = all(function(input)
        return call_profile(self, "list_hosted_configuration_versions", input)
    end, {})
    self.strategy = find_strategy(self)
    self.profile, self.content = profile, version.Content
    self.deployed, self.deployment = current.ConfigurationVersion, latest
    self.version = newest(versions, "VersionNumber").VersionNumber
    self.percent = percent
end

-- A monitor or somebody else may have taken back, or replaced, what was deployed last.
local function check_unchanged(self)
    local current, latest = find_deployment(self, self.profile)
    if latest ~= self.deployment then
        fail(self, "somebody else deployed version %s meanwhile", current.ConfigurationVersion)
    elseif current.ConfigurationVersion ~= self.deployed then
        fail(self, "AppConfig took version %s back meanwhile; it is at version %s again",
            self.deployed, current.ConfigurationVersion)
    end
end

-- The percentage as JSON, with no more digits than it needs.
local function number_text(percent)
    if math.tointeger(percent) then
        return ("%d"):format(math.tointeger(percent))
    end
    return (("%.2f"):format(percent):gsub("0$", ""))
end

local function add_version(self, number)
    self.content = json_text.set(self.content, self.path, number)
    local label = ("v%d %s %s=%s"):format(self.version + 1, self.value.flag,
        self.value.attribute, number)
    call_profile(self, "create_hosted_configuration_version", {
        Content = self.content,
        ContentType = "application/json",
        LatestVersionNumber = self.version,
        VersionLabel = label:sub(1, 64),
    })
    self.version = self.version + 1
end

local function await(self)
    for _ = 1, LOOKS_MAX do
        local found = call_environment(self, "get_deployment",
            { DeploymentNumber = self.deployment })
        if found.State == "COMPLETE" then
            return
        elseif over[found.State] or found.State == "ROLLING_BACK" then
            local event = found.EventLog and found.EventLog[1]
            fail(self, "deployment %d was rolled back by %s", self.deployment,
                event and event.TriggeredBy or "AppConfig")
        end
        effect.perform { kind = "sleep", ["for"] = LOOK_EVERY }
    end
    fail(self, "deployment %d is not complete after %d minutes", self.deployment,
        LOOK_EVERY * LOOKS_MAX // 60000)
end

local function route(self, percent)
    check_unchanged(self)
    local number = number_text(percent)
    add_version(self, number)
    self.strategy = self.strategy or make_strategy(self)
    call_environment(self, "start_deployment", {
        ConfigurationProfileId = self.value.profile,
        ConfigurationVersion = tostring(self.version),
        DeploymentStrategyId = self.strategy,
        Description = ("tidelock: %s %s = %s"):format(self.value.flag, self.value.attribute,
            number),
        LatestDeploymentNumber = self.deployment,
    })
    self.deployment, self.deployed = self.deployment + 1, tostring(self.version)
    await(self)
end

local function head(id)
    local application, environment, profile, flag =
        id:match("^([^/]+)/([^/]+)/([^/]+)/([^/]+)$")
    return application and { application = application, environment = environment,
        profile = profile, flag = flag, attribute = "percent" }
end

target.register("appconfig_flag", {
    fields = {
        application = name, environment = name, profile = name,
        flag = flag_name, attribute = flag_name, strategy = strategy_id,
    },
    needed = { "application", "environment", "profile", "flag", "attribute" },
    text = "appconfig-flag:APPLICATION/ENVIRONMENT/PROFILE/FLAG,attribute=percent",
    head = head,
    resolution = 0.01,
    coarse = "its percentage is in steps of 0.01 %",
    resource = function(value)
        return ("%s/%s/%s/%s"):format(value.application, value.environment, value.profile,
            value.flag)
    end,
    look = look,
    route = route,
})
