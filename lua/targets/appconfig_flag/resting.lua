-- Since when a flag has had the percentage that it has, by the versions that were deployed.

local cjson = require "cjson"

local VERSIONS_MAX, PAGES_MAX = 50, 20

-- The percentage in a version's content: 0 where the flag is off; nil where it is not there.
local function percent_in(content, value)
    local ok, document = pcall(cjson.decode, content)
    local flags = ok and type(document) == "table" and document.values
    local flag = type(flags) == "table" and flags[value.flag]
    if type(flag) ~= "table" then
        return nil
    end
    local percent = flag[value.attribute]
    percent = flag.enabled == true and percent or 0
    return type(percent) == "number" and (math.tointeger(percent) or percent) or nil
end

local function deployments(value, ask)
    local items, token = {}, nil
    for _ = 1, PAGES_MAX do
        local page = ask("appconfig.list_deployments", { ApplicationId = value.application,
            EnvironmentId = value.environment, NextToken = token })
        table.move(page and page.Items or {}, 1, page and #page.Items or 0, #items + 1, items)
        token = page and page.NextToken
        if not token then
            break
        end
    end
    return items
end

-- Those of its profile that came to their end, the newest first.
local function completed(value, ask)
    local profile = ask("appconfig.get_configuration_profile",
        { ApplicationId = value.application, ConfigurationProfileId = value.profile })
    local list = {}
    for _, item in ipairs(profile and deployments(value, ask) or {}) do
        local ours = item.ConfigurationProfileId == profile.Id
            or not item.ConfigurationProfileId and item.ConfigurationName == profile.Name
        list[#list + 1] = ours and item.State == "COMPLETE" and item.CompletedAt and item or nil
    end
    table.sort(list, function(a, b) return a.DeploymentNumber > b.DeploymentNumber end)
    return list
end

-- The percentage and the instant (ms) from which on every version had it, as far back as AWS has
-- them; nil where it cannot be told.
return function(value, ask)
    local percent, since
    for i, item in ipairs(completed(value, ask)) do
        local number = math.tointeger(tonumber(item.ConfigurationVersion))
        local version = number and i <= VERSIONS_MAX and ask(
            "appconfig.get_hosted_configuration_version", { ApplicationId = value.application,
                ConfigurationProfileId = value.profile, VersionNumber = number })
        local found = version and percent_in(version.Content, value)
        if not found or percent and found ~= percent then
            break
        end
        percent, since = found, item.CompletedAt
    end
    return percent, since
end
