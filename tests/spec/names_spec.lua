-- One identity for what is called by a name or by an id.
require "sim_modules"
local cases = require "appconfig_cases"
local catalogue = require "aws.catalogue"
local iam = require "aws.iam"
local names = require "aws.names"
local tables = require "simulation.tables"
local types = require "targets"

local ENVIRONMENT = "appconfig eu-west-1 application/shop/environment/prod"
local PROFILE = "appconfig eu-west-1 application/shop/configurationprofile/flags"
local IDS = "appconfig eu-west-1 application/abc1234/environment/def5678"

local home = { partition = "aws", region = "eu-west-1", account = "111122223333" }
local knowing = tables.with(home, "names", {
    [ENVIRONMENT] = "application/abc1234/environment/def5678",
    [PROFILE] = "application/abc1234/configurationprofile/ghi9012",
    [IDS] = "application/abc1234/environment/def5678",
    ["appconfig eu-west-1 application/abc1234/configurationprofile/ghi9012"] =
        "application/abc1234/configurationprofile/ghi9012",
})

local deployment = { ApplicationId = "shop", EnvironmentId = "prod",
    ConfigurationProfileId = "flags", ConfigurationVersion = "1", DeploymentStrategyId = "abc1234" }
local by_ids = tables.over(deployment, { ApplicationId = "abc1234", EnvironmentId = "def5678",
    ConfigurationProfileId = "ghi9012" })

local function identity(operation, input, at)
    return catalogue.plan(operation, input, at or knowing).identity
end

describe("a change of what has an id", function()
    it("says what AWS must be asked about it", function()
        local plan = catalogue.plan("appconfig.start_deployment", deployment, home)
        assert.same({ ENVIRONMENT, PROFILE }, { table.unpack(plan.unknown) })
        assert.same({}, catalogue.plan("appconfig.start_deployment", deployment, knowing).unknown)
        assert.is_nil(catalogue.plan("lambda.update_alias", { FunctionName = "pay", Name = "live",
            FunctionVersion = "1" }, home).unknown)
    end)

    it("asks in the region where it happens", function()
        local plan = catalogue.plan("appconfig.start_deployment", deployment, knowing, "us-east-1")
        assert.equal("appconfig us-east-1 application/shop/environment/prod", plan.unknown[1])
    end)

    it("has one identity, by its name and by its id", function()
        local path = "arn:aws:appconfig:eu-west-1:111122223333:application/abc1234/environment/"
            .. "def5678/configuration/ghi9012"
        assert.equal(path, identity("appconfig.start_deployment", deployment))
        assert.equal(path, identity("appconfig.start_deployment", by_ids))
        assert.equal(path, identity("appconfig.start_deployment",
            tables.with(deployment, "ApplicationId", "shop")))
    end)

    it("so do the flags of targets, whatever attribute and strategy", function()
        local one = tables.over(cases.target, { strategy = "zero000" })
        local other = tables.over(cases.target, { application = "abc1234",
            environment = "def5678", profile = "ghi9012", attribute = "share" })
        assert.same({ ENVIRONMENT, PROFILE }, { table.unpack(types.unknown({ one }, home)) })
        assert.same({}, types.unknown({ one, other }, knowing))
        assert.equal(types.identity(one, knowing), types.identity(other, knowing))
        assert.is_truthy(types.identity(one, knowing):find("abc1234/environment/def5678", 1, true))
    end)
end)

describe("the reads that tell it", function()
    it("are of the environment and of the profile", function()
        assert.same({ operation = "appconfig.get_environment", region = "eu-west-1",
            input = { ApplicationId = "shop", EnvironmentId = "prod" } }, names.read(ENVIRONMENT))
        assert.equal("application/abc1234/environment/def5678", names.told(ENVIRONMENT,
            { ApplicationId = "abc1234", Id = "def5678", Name = "prod" }))
        assert.equal("appconfig.get_configuration_profile", names.read(PROFILE).operation)
    end)

    it("are none for what a journal made up", function()
        for _, key in ipairs { "", "appconfig", "ssm eu-west-1 parameter/a", "nothing x y",
            "appconfig eu-west-1 application/a/b/environment/c", "../x eu-west-1 a" } do
            assert.has_error(function() names.read(key) end)
        end
    end)

    it("are granted", function()
        local document = iam.document { uses = { { operation = "appconfig.start_deployment",
            input = deployment } }, home = home }.document
        local granted = {}
        for _, statement in ipairs(document.Statement) do
            for _, action in ipairs(statement.Action) do
                granted[action] = true
            end
        end
        assert.is_true(granted["appconfig:GetEnvironment"])
        assert.is_true(granted["appconfig:GetConfigurationProfile"])
    end)
end)
