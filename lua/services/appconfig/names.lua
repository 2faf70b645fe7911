-- Which reads tell the ids of AppConfig's environments and profiles (aws/names.lua). What the
-- endpoint finds by a name is what it acts on by that name.

local M = {}

local kinds = {
    environment = { operation = "appconfig.get_environment", member = "EnvironmentId" },
    configurationprofile = { operation = "appconfig.get_configuration_profile",
        member = "ConfigurationProfileId" },
}

function M.read(path)
    local application, kind, called = path:match("^application/([^/]+)/(%l+)/([^/]+)$")
    local of = kinds[kind]
    if of then
        return of.operation, { ApplicationId = application, [of.member] = called }
    end
end

function M.told(operation, output)
    for kind, of in pairs(kinds) do
        if of.operation == operation then
            return ("application/%s/%s/%s"):format(output.ApplicationId, kind, output.Id)
        end
    end
end

return M
