local cases = require "appconfig_cases"
local sim = require "sim_run"
local growth = require "services.appconfig.simulated.growth"
local simulated = require "services.appconfig.simulated.operations"
local tables = require "simulation.tables"

local MINUTE, HOUR = 60000, 3600000

-- A run on a flag with versions 2 (5 %) and 3 (10 %) ready to be deployed.
local function begin()
    local state = sim.begin(cases.target).origin
    return sim.on(tables.with(state, "appconfig", cases.prepared(state.appconfig)))
end

local function deploy(run, version, strategy, fields)
    return run:call("appconfig.start_deployment", cases.deployment(tables.over({
        ConfigurationVersion = version, DeploymentStrategyId = strategy }, fields or {})))
end

local function deployment(run, number)
    return run:call("appconfig.get_deployment", cases.environment { DeploymentNumber = number })
end

local function stop(run, number, allow)
    return run:call("appconfig.stop_deployment", cases.environment { DeploymentNumber = number,
        AllowRevert = allow })
end

local function environment_state(run)
    return run:call("appconfig.get_environment", cases.environment {}).State
end

local function code(_, refusal)
    return refusal.code, refusal.message
end

-- State and percentage at so many ms after the start.
local function course(run, number, started, times)
    local words = {}
    for i, time in ipairs(times) do
        run.now = started + time
        local shown = deployment(run, number)
        words[i] = ("%s %g"):format(shown.State, shown.PercentageComplete)
    end
    return words
end

describe("a simulated deployment", function()
    it("grows in equal steps, bakes, and is complete", function()
        local run = begin()
        local started = deploy(run, "2", "AppConfig.Linear20PercentEvery6Minutes").StartedAt
        assert.same({ "DEPLOYING 20", "DEPLOYING 20", "DEPLOYING 40", "DEPLOYING 100",
            "BAKING 100", "BAKING 100", "COMPLETE 100" }, course(run, 2, started, { 0,
            6 * MINUTE - 1000, 6 * MINUTE, 24 * MINUTE, 30 * MINUTE, 60 * MINUTE - 1000,
            60 * MINUTE }))
        assert.equal(started + 60 * MINUTE, deployment(run, 2).CompletedAt)
        assert.equal("READY_FOR_DEPLOYMENT", environment_state(run))
    end)

    it("grows to twice as much in every step", function()
        local run = begin()
        local started = deploy(run, "2", "AppConfig.Canary10Percent20Minutes").StartedAt
        assert.same({ "DEPLOYING 10", "DEPLOYING 20", "DEPLOYING 40", "DEPLOYING 80",
            "DEPLOYING 100", "BAKING 100" }, course(run, 2, started, { 0, 4 * MINUTE, 8 * MINUTE,
            12 * MINUTE, 16 * MINUTE, 20 * MINUTE }))
    end)

    it("to all at once bakes for ten minutes, unless its strategy is of our own", function()
        local run = begin()
        local started = deploy(run, "2", "AppConfig.AllAtOnce").StartedAt
        assert.same({ "BAKING 100", "BAKING 100", "COMPLETE 100" }, course(run, 2, started,
            { 5000, 10 * MINUTE, 10 * MINUTE + growth.LEAST }))
        local own = assert(run:call("appconfig.create_deployment_strategy", cases.strategy {
            DeploymentDurationInMinutes = 0, GrowthFactor = 100 }))
        started = deploy(run, "3", own.Id).StartedAt
        assert.same({ "DEPLOYING 100", "COMPLETE 100" }, course(run, 3, started,
            { 0, growth.LEAST }))
    end)

    it("is alone in its environment: 409", function()
        local run = begin()
        deploy(run, "2", "AppConfig.AllAtOnce")
        assert.equal("DEPLOYING", environment_state(run))
        assert.equal("ConflictException", code(deploy(run, "3", "zero000")))
        run.now = run.now + HOUR
        assert.same({ "ConflictException", "The latest deployment is 2, not 1" },
            { code(deploy(run, "3", "zero000", { LatestDeploymentNumber = 1 })) })
        assert.equal(3, deploy(run, "3", "zero000", { LatestDeploymentNumber = 2 })
            .DeploymentNumber)
    end)

    it("needs a version, a strategy, a profile and an environment", function()
        local run = begin()
        for _, fields in ipairs { { ConfigurationVersion = "9" },
            { DeploymentStrategyId = "none000" }, { ConfigurationProfileId = "none" },
            { EnvironmentId = "none" }, { ApplicationId = "none" } } do
            assert.equal("ResourceNotFoundException", code(deploy(run, "2", "zero000", fields)))
        end
        assert.equal(1, #run:call("appconfig.list_deployments", cases.environment {}).Items)
    end)
end)

describe("a simulated deployment that is stopped", function()
    local function outcome(after, allow)
        local run = begin()
        run.now = deploy(run, "2", "AppConfig.Linear20PercentEvery6Minutes").StartedAt + after
        local stopped, refusal = stop(run, 2, allow)
        if not stopped then
            return refusal.code
        end
        assert.equal("ROLLING_BACK", stopped.State)
        assert.equal("ROLLING_BACK", environment_state(run))
        run.now = run.now + growth.ROLLBACK
        assert.equal(environment_state(run), deployment(run, 2).State)
        return environment_state(run)
    end

    it("is rolled back in progress, and reverted for 72 hours", function()
        assert.equal("ROLLED_BACK", outcome(MINUTE))
        assert.equal("ROLLED_BACK", outcome(MINUTE, true))
        assert.equal("ROLLED_BACK", outcome(40 * MINUTE, true))
        assert.equal("REVERTED", outcome(2 * HOUR, true))
        assert.equal("REVERTED", outcome(72 * HOUR, true))
        assert.equal("BadRequestException", outcome(73 * HOUR + MINUTE, true))
    end)

    it("must be allowed to be once it bakes", function()
        assert.equal("BadRequestException", outcome(40 * MINUTE))
        assert.equal("BadRequestException", outcome(2 * HOUR))
    end)

    it("is so once", function()
        local run = begin()
        deploy(run, "2", "zero000")
        stop(run, 2, true)
        assert.equal("BadRequestException", code(stop(run, 2, true)))
        assert.equal("ResourceNotFoundException", code(stop(run, 7, true)))
    end)

    it("says who did it", function()
        local run = begin()
        deploy(run, "2", "AppConfig.AllAtOnce")
        local state = run.account:snapshot()
        local key = next(state.appconfig.deployments)
        local after = simulated.roll_back(state.appconfig, key, 2,
            "CLOUDWATCH_ALARM", run.now)
        run.account:restore(tables.with(state, "appconfig", after))
        run.now = run.now + MINUTE
        local shown = deployment(run, 2)
        assert.equal("ROLLED_BACK", shown.State)
        assert.same({ "ROLLBACK_COMPLETED", "CLOUDWATCH_ALARM" },
            { shown.EventLog[1].EventType, shown.EventLog[1].TriggeredBy })
        assert.same({ true }, { run:equal() })
    end)
end)

describe("a simulated flag's share", function()
    it("is its percentage, for as many as the deployment has reached", function()
        local run = begin()
        deploy(run, "2", "zero000")
        run.now = run.now + MINUTE
        assert.equal(5, (run.account:share(cases.target, run.now)))
        local started = deploy(run, "3", "AppConfig.Linear20PercentEvery6Minutes").StartedAt
        local late = simulated.PROPAGATION
        local share, changes = run.account:share(cases.target, started + MINUTE)
        assert.equal(0.8 * 5 + 0.2 * 10, share)
        assert.equal(started + 6 * MINUTE + late, changes)
        share, changes = run.account:share(cases.target, started + HOUR + MINUTE)
        assert.equal(10, share)
        assert.is_nil(changes)
    end)

    it("follows a while after the deployment, and after its end", function()
        local run = begin()
        local started = deploy(run, "2", "zero000").StartedAt
        local late = simulated.PROPAGATION
        assert.same({ 0, started + late }, { run.account:share(cases.target, started + late - 1) })
        assert.equal(5, (run.account:share(cases.target, started + late)))
        run.now = started + HOUR
        stop(run, 2, true)
        assert.equal(5, (run.account:share(cases.target, run.now)))
        assert.equal(0, (run.account:share(cases.target, run.now + growth.ROLLBACK + late)))
    end)

    it("is none of a flag that is off", function()
        local run = begin()
        run:call("appconfig.create_hosted_configuration_version", cases.version {
            LatestVersionNumber = 3, Content = cases.content(50):gsub("true", "false") })
        deploy(run, "4", "zero000")
        assert.equal(0, (run.account:share(cases.target, run.now + HOUR)))
    end)
end)

describe("simulated hosted versions", function()
    local function create(run, fields)
        return run:call("appconfig.create_hosted_configuration_version",
            cases.version(tables.over({ LatestVersionNumber = 3 }, fields)))
    end

    it("are numbered, and made from the latest only: 409", function()
        local run = begin()
        local made = create(run, { VersionLabel = "v4" })
        assert.same({ 4, "v4" }, { made.VersionNumber, made.VersionLabel })
        assert.equal("ConflictException", code(create(run, {})))
        assert.equal("ConflictException", code(create(run, { LatestVersionNumber = 4,
            VersionLabel = "v4" })))
        local list = run:call("appconfig.list_hosted_configuration_versions", cases.profile {})
        assert.equal(4, list.Items[1].VersionNumber)
        assert.is_nil(list.Items[1].Content)
        assert.equal(1, #run:call("appconfig.list_hosted_configuration_versions",
            cases.profile { VersionLabel = "v4" }).Items)
    end)

    it("of flags are checked", function()
        local run = begin()
        for _, content in ipairs { "no JSON", "[]", "{}", '{"flags":{},"values":{"a":{}}}' } do
            assert.equal("BadRequestException", code(create(run, { Content = content })))
        end
        assert.same({}, run:call("appconfig.validate_configuration",
            cases.profile { ConfigurationVersion = "2" }))
        assert.equal("BadRequestException", code(run:call("appconfig.validate_configuration",
            cases.profile { ConfigurationVersion = "9" })))
    end)
end)

describe("simulated lists", function()
    it("come in pages", function()
        local run = begin()
        deploy(run, "2", "zero000")
        run.now = run.now + MINUTE
        local input = cases.environment { MaxResults = 1 }
        local first = run:call("appconfig.list_deployments", input)
        assert.same({ 2 }, { first.Items[1].DeploymentNumber, first.Items[2] })
        local second = run:call("appconfig.list_deployments",
            tables.with(input, "NextToken", first.NextToken))
        assert.equal(1, second.Items[1].DeploymentNumber)
        assert.is_nil(second.NextToken)
        assert.equal("BadRequestException", code(run:call("appconfig.list_deployments",
            tables.with(input, "NextToken", "no"))))
    end)

    it("show what there is, by id and by name", function()
        local run = sim.begin(tables.over(cases.target, { application = "My shop" }))
        local application = run:call("appconfig.list_applications", {}).Items[1]
        assert.matches("^%x%x%x%x%x%x%x$", application.Id)
        local called = { ApplicationId = application.Id }
        local profile = run:call("appconfig.list_configuration_profiles", called).Items[1]
        assert.equal("AWS.AppConfig.FeatureFlags", profile.Type)
        assert.equal("flags", run:call("appconfig.get_configuration_profile", {
            ApplicationId = application.Id, ConfigurationProfileId = profile.Id }).Name)
        assert.equal("prod", run:call("appconfig.list_environments", called).Items[1].Name)
        assert.equal(5, #run:call("appconfig.list_deployment_strategies", {}).Items)
    end)
end)

describe("the simulated data plane", function()
    local function poll(run, token)
        return run:call("appconfigdata.get_latest_configuration", { ConfigurationToken = token })
    end

    it("serves flags by their values, and nothing twice", function()
        local run = begin()
        local token = run:call("appconfigdata.start_configuration_session", cases.session)
            .InitialConfigurationToken
        local first = poll(run, token)
        assert.equal('{"new-checkout":{"enabled":true,"percent":0}}', first.Configuration)
        assert.equal("BadRequestException", code(poll(run, token)))
        local second = poll(run, first.NextPollConfigurationToken)
        assert.equal("", second.Configuration)
        deploy(run, "2", "zero000")
        local third = poll(run, second.NextPollConfigurationToken)
        assert.matches('"percent":5', third.Configuration)
        run.now = run.now + 25 * HOUR
        assert.equal("BadRequestException", code(poll(run, third.NextPollConfigurationToken)))
    end)

    it("gives a growing deployment to as many sessions as it has reached", function()
        local run = begin()
        deploy(run, "2", "AppConfig.Linear20PercentEvery6Minutes")
        local reached = 0
        for _ = 1, 200 do
            local token = run:call("appconfigdata.start_configuration_session", cases.session)
                .InitialConfigurationToken
            local news = poll(run, token).Configuration:find('"percent":5', 1, true)
            reached = reached + (news and 1 or 0)
        end
        assert.is_true(reached > 20 and reached < 60, reached)
    end)
end)
