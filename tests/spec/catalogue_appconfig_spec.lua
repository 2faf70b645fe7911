-- How deployments are undone: which call a fresh look leads to.
local cases = require "appconfig_cases"
local sim = require "sim_run"
local catalogue = require "aws.catalogue"
local growth = require "services.appconfig.simulated.growth"
local tables = require "simulation.tables"

local HOUR = 3600000
local IDENTITY = "application/shop/environment/prod/configuration/flags"

local function begin()
    local state = sim.begin(cases.target).origin
    return sim.on(tables.with(state, "appconfig", cases.prepared(state.appconfig)))
end

local function deploy(run, version, strategy)
    local change, refusal = run:change("appconfig.start_deployment", cases.deployment {
        ConfigurationVersion = version, DeploymentStrategyId = strategy or "zero000" })
    assert.is_nil(refusal)
    run.now = run.now + 5000
    return change
end

-- What would be sent now.
local function next_request(run, change)
    local _, output = run:state(change)
    return catalogue.guard(change.operation, change.undo, output, run.now)
end

local function undone(run)
    run:undo(IDENTITY)
    return run:equal()
end

describe("the undo of a deployment", function()
    it("is foretold as a revert of it", function()
        local change = deploy(begin(), "2")
        assert.same({ ConfigurationVersion = "1" }, change.before)
        assert.same({ ConfigurationVersion = "2" }, change.after)
        assert.equal("appconfig.stop_deployment", change.undo.operation)
        assert.same(cases.environment { DeploymentNumber = 2, AllowRevert = true },
            change.undo.input)
        assert.equal("1", change.undo.otherwise.input.ConfigurationVersion)
    end)

    it("reverts the only one", function()
        local run = begin()
        local sent = next_request(run, deploy(run, "2"))
        assert.same({ operation = "appconfig.stop_deployment", input = cases.environment {
            DeploymentNumber = 2, AllowRevert = true }, region = "us-east-1" }, sent)
        assert.is_true(undone(run))
    end)

    it("of a ramp is one call, whatever its length", function()
        local run = begin()
        local first = deploy(run, "2")
        deploy(run, "3")
        local sent = next_request(run, first)
        assert.equal("appconfig.start_deployment", sent.operation)
        assert.same(cases.deployment { ConfigurationVersion = "1", LatestDeploymentNumber = 3,
            Description = "tidelock: back to version 1" }, sent.input)
        assert.is_true(undone(run))
        assert.equal(4, #run:call("appconfig.list_deployments", cases.environment {}).Items)
    end)

    it("stops what is in progress first", function()
        local run = begin()
        local first = deploy(run, "2")
        deploy(run, "3", "AppConfig.Linear20PercentEvery6Minutes")
        local sent = next_request(run, first)
        assert.same({ "appconfig.stop_deployment", 3 },
            { sent.operation, sent.input.DeploymentNumber })
        assert.is_true(undone(run))
        assert.same({ "REVERTED", "ROLLED_BACK" }, { run:call("appconfig.get_deployment",
            cases.environment { DeploymentNumber = 2 }).State, run:call("appconfig.get_deployment",
            cases.environment { DeploymentNumber = 3 }).State })
    end)

    it("waits while AppConfig rolls back, by whomever", function()
        local run = begin()
        local change = deploy(run, "2", "AppConfig.AllAtOnce")
        assert(run:call("appconfig.stop_deployment", cases.environment { DeploymentNumber = 2,
            AllowRevert = true }))
        assert.is_false(run:shows(change, "before"))
        local sent = next_request(run, change)
        assert.same({ "appconfig.get_deployment", true }, { sent.operation, sent.wait > 0 })
        run.now = run.now + growth.ROLLBACK
        assert.is_true(run:shows(change, "before"))
    end)

    it("takes an instant strategy or AppConfig's own, and reverts for 72 hours only", function()
        local run = begin()
        local change = deploy(run, "2", "AppConfig.Linear20PercentEvery6Minutes")
        run.now = run.now + 72 * HOUR
        assert.equal("appconfig.stop_deployment", next_request(run, change).operation)
        run.now = run.now + 2 * HOUR
        local sent = next_request(run, change)
        assert.same({ "appconfig.start_deployment", "AppConfig.AllAtOnce" },
            { sent.operation, sent.input.DeploymentStrategyId })
        assert.is_true(undone(run))
    end)

    it("waits for a stranger's deployment of another profile", function()
        local other = tables.over(cases.target, { profile = "texts", flag = "t" })
        local state = sim.begin(cases.target, other).origin
        local run = sim.on(tables.with(state, "appconfig", cases.prepared(state.appconfig)))
        local change = deploy(run, "2")
        deploy(run, "3")
        assert(run:call("appconfig.start_deployment", cases.deployment {
            ConfigurationProfileId = "texts", DeploymentStrategyId = "AppConfig.AllAtOnce" }))
        assert.is_true(next_request(run, change).wait > 0)
        run.now = run.now + HOUR
        assert.is_true(undone(run))
    end)

    it("has nothing to do where a monitor did it", function()
        local run = begin()
        deploy(run, "2", "AppConfig.AllAtOnce")
        run:call("appconfig.stop_deployment", cases.environment { DeploymentNumber = 2,
            AllowRevert = true })
        run.now = run.now + HOUR
        assert.is_nil(run:undo(IDENTITY))
        assert.is_true(run:equal())
    end)
end)

describe("the state of a profile in an environment", function()
    local function state_of(items, profile)
        return catalogue.state("appconfig.start_deployment",
            cases.deployment { ConfigurationProfileId = profile or "flags" }, { Items = items })
            .ConfigurationVersion
    end

    local function item(number, version, state, fields)
        return tables.over({ DeploymentNumber = number, ConfigurationName = "flags",
            ConfigurationVersion = version, State = state }, fields or {})
    end

    it("is the newest version that was not taken back, in whatever order they come", function()
        assert.equal("2", state_of { item(1, "1", "COMPLETE"), item(3, "3", "ROLLED_BACK"),
            item(2, "2", "COMPLETE"), item(4, "4", "REVERTED") })
        assert.equal("4", state_of { item(4, "4", "BAKING"), item(1, "1", "COMPLETE") })
        assert.equal("", state_of {})
    end)

    it("is that of the profile, by its id or its name", function()
        local items = { item(1, "1", "COMPLETE", { ConfigurationProfileId = "abc1234" }),
            item(2, "9", "COMPLETE", { ConfigurationName = "texts",
                ConfigurationProfileId = "def5678" }) }
        assert.equal("1", state_of(items, "flags"))
        assert.equal("1", state_of(items, "abc1234"))
        assert.equal("9", state_of(items, "def5678"))
        assert.equal("", state_of(items, "none"))
    end)

    it("is believed without an id only where there is no doubt", function()
        assert.equal("1", state_of({ item(1, "1", "COMPLETE") }, "abc1234"))
        assert.equal("", state_of({ item(1, "1", "COMPLETE"), item(2, "9", "COMPLETE",
            { ConfigurationName = "texts" }) }, "abc1234"))
    end)
end)

describe("a mutation of AppConfig", function()
    local function refused(operation, input, state)
        local run = sim.on(state or begin().origin)
        local ok, problem = pcall(run.change, run, operation, input)
        assert.is_false(ok)
        return problem.invalid
    end

    it("is refused where there would be nothing to go back to", function()
        local state = begin().origin
        local key = next(state.appconfig.deployments)
        state = tables.with(state, "appconfig", tables.with(state.appconfig, "deployments",
            { [key] = {} }))
        assert.matches("nothing of flags was ever deployed in shop/prod",
            refused("appconfig.start_deployment", cases.deployment {}, state))
    end)

    it("makes no second strategy of a name", function()
        local state = begin().origin
        assert.matches("there is a strategy zero000 already",
            refused("appconfig.create_deployment_strategy", cases.strategy { Name = "zero000" },
                state))
    end)

    it("is known for certain by the label of its version", function()
        local run = begin()
        local input = cases.version { LatestVersionNumber = 3, VersionLabel = "ours" }
        local plan = catalogue.plan("appconfig.create_hosted_configuration_version", input)
        local _, after, undo = catalogue.prepare("appconfig.create_hosted_configuration_version",
            input, run:look(plan.observe))
        assert.is_nil(undo)
        run:call("appconfig.create_hosted_configuration_version",
            tables.with(input, "VersionLabel", "theirs"))
        assert.not_same(after, catalogue.state("appconfig.create_hosted_configuration_version",
            input, run:look(plan.observe)))
    end)
end)
