-- Whose share of the traffic a request sets, where targets look alike.
require "sim_modules"
local types = require "targets"

local function flag(application, environment, profile, name, attribute)
    return { type = "appconfig_flag", application = application, environment = environment,
        profile = profile, flag = name, attribute = attribute }
end

local function deploy(target, percent)
    return { operation = "appconfig.start_deployment", input = {
        ApplicationId = target.application, EnvironmentId = target.environment,
        ConfigurationProfileId = target.profile, ConfigurationVersion = "2",
        DeploymentStrategyId = "abc1234",
        Description = ("tidelock: %s %s = %s"):format(target.flag, target.attribute, percent),
    } }
end

describe("the share that a deployment of a flag sets", function()
    local ours = flag("shop", "prod", "web", "checkout", "percent")

    it("is that of its own target", function()
        assert.same({ 2.5, "shop/prod/web/checkout" }, { types.share(deploy(ours, "2.5"),
            { ours }) })
    end)

    for what, other in pairs {
        application = flag("admin", "prod", "web", "checkout", "percent"),
        environment = flag("shop", "test", "web", "checkout", "percent"),
        profile = flag("shop", "prod", "mobile", "checkout", "percent"),
        ["flag's name"] = flag("shop", "prod", "web", "search", "percent"),
        attribute = flag("shop", "prod", "web", "checkout", "staff_percent"),
    } do
        it("is not that of a target with another " .. what, function()
            assert.is_nil(types.share(deploy(ours, "5"), { other }))
            local _, name = types.share(deploy(ours, "5"), { other, ours })
            assert.equal(types.label(ours), name)
        end)
    end

    it("is nobody's where its description is not ours", function()
        local request = deploy(ours, "5")
        request.input.Description = "by hand"
        assert.is_nil(types.share(request, { ours }))
        request.input.Description = nil
        assert.is_nil(types.share(request, { ours }))
    end)
end)
