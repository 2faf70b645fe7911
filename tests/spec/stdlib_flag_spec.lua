-- Feature flags as targets: on the simulated account, with what the engine does in between done by
-- sim_run.
local fake = require "fake_effect"
fake.install()
local cases = require "appconfig_cases"
local sim = require "sim_run"
local entry = require "policy_entry"
local growth = require "services.appconfig.simulated.growth"
local json_text = require "json_text"
local rollout = require "rollout"
local simulated = require "services.appconfig.simulated.operations"
local tables = require "simulation.tables"
local target = require "target"

local plain = tables.with(cases.target, "strategy", nil)

local function flag(fields)
    local options = tables.over(plain, fields or {})
    options.type = nil
    return rollout.appconfig_flag(options)
end

local function shift(run, percents, one, before_call)
    return fake.run(function()
        for _, percent in ipairs(percents) do
            one:shift(percent)
        end
    end, run:world(before_call))
end

local function latest_content(run)
    local versions = run.account:snapshot().appconfig.versions
    local _, list = next(versions)
    return list[#list].Content
end

describe("a flag as text", function()
    it("is read", function()
        assert.same(plain, target.parse(cases.text).value)
        assert.same(plain, target.parse("appconfig-flag:shop/prod/flags/new-checkout").value)
        assert.same(tables.over(cases.target, { attribute = "share" }), target.parse(
            "appconfig-flag:shop/prod/flags/new-checkout,attribute=share,strategy=zero000").value)
        assert.equal("shop/prod/flags/new-checkout", target.parse(cases.text).label)
    end)

    it("is refused with a reason", function()
        for text, reason in pairs {
            ["appconfig-flag:shop/prod/flags"] =
                "expected appconfig%-flag:APPLICATION/ENVIRONMENT/PROFILE/FLAG,attribute=percent",
            ["appconfig-flag:shop/prod/flags/9"] = "flag: expected the name of a flag",
            ["appconfig-flag:shop/prod/flags/a,attribute=a b"] = "attribute: expected the name of",
            ["appconfig-flag:shop/prod/flags/a,strategie=x"] = 'did you mean "strategy"',
        } do
            local one, why = target.parse(text)
            assert.is_nil(one)
            assert.matches(reason, why)
        end
    end)
end)

describe("a flag's percentage", function()
    it("is raised in a version of its own, deployed to all at once", function()
        local run = sim.begin(plain)
        local done = shift(run, { 5, 12.25, 100 }, flag())
        assert.is_nil(done.error)
        assert.equal(1, #fake.of(done, "appconfig.create_deployment_strategy"))
        local starts = fake.of(done, "appconfig.start_deployment")
        assert.same({ "2", "3", "4" }, { starts[1].input.ConfigurationVersion,
            starts[2].input.ConfigurationVersion, starts[3].input.ConfigurationVersion })
        assert.equal(3, starts[3].input.LatestDeploymentNumber)
        assert.equal("tidelock: new-checkout percent = 12.25", starts[2].input.Description)
        local versions = fake.of(done, "appconfig.create_hosted_configuration_version")
        assert.matches('"percent":12.25}', versions[2].input.Content)
        assert.equal("v3 new-checkout percent=12.25", versions[2].input.VersionLabel)
        assert.equal(100, (run.account:share(plain, run.now + 60000)))
        run:undo_all()
        assert.same({ true }, { run:equal() })
    end)

    it("is written with what it needs of digits, and with nothing else changed", function()
        local run = sim.begin(plain)
        local before = latest_content(run)
        for percent, text in pairs { [7] = "7", [0.01] = "0.01", [2.5] = "2.5", [10] = "10" } do
            run.account:restore(run.origin)
            shift(run, { percent }, flag())
            assert.equal((before:gsub('"percent":0', '"percent":' .. text)), latest_content(run))
        end
    end)

    it("is not coarser than 0.01", function()
        assert.is_nil(flag():misfit(0.01))
        assert.matches("in steps of 0.01 %%", flag():misfit(0.005))
    end)

    it("takes the strategy that is given, if it neither grows nor bakes", function()
        local run = sim.begin(cases.target)
        local done = shift(run, { 5 }, flag { strategy = "zero000" })
        assert.is_nil(done.error)
        assert.equal("zero000", fake.of(done, "appconfig.start_deployment")[1].input
            .DeploymentStrategyId)
        assert.equal(0, #fake.of(done, "appconfig.create_deployment_strategy"))
        done = shift(run, { 6 }, flag { strategy = "AppConfig.AllAtOnce" })
        assert.matches("grows for 0 and bakes for 10 minutes", done.error)
    end)

    it("finds the strategy of an earlier rollout", function()
        local run = sim.begin(plain)
        shift(run, { 5 }, flag())
        local done = shift(run, { 10 }, flag())
        assert.is_nil(done.error)
        assert.equal(0, #fake.of(done, "appconfig.create_deployment_strategy"))
        assert.equal(1, #fake.of(done, "appconfig.start_deployment"))
    end)

    it("is found on whatever page of a list it is", function()
        local run = sim.begin(plain)
        local world = run:world()
        for _, list in ipairs { "deployments", "deployment_strategies",
            "hosted_configuration_versions" } do
            local read = world["appconfig.list_" .. list]
            world["appconfig.list_" .. list] = function(request)
                return read(tables.with(request, "input",
                    tables.with(request.input, "MaxResults", 1)))
            end
        end
        for _, percent in ipairs { 5, 10, 20 } do
            local done = fake.run(function() flag():shift(percent) end, world)
            assert.is_nil(done.error)
        end
        assert.equal(20, (run.account:share(plain, run.now + 60000)))
    end)

    it("takes the strategy that another run made in the same moment", function()
        for made, share in pairs { [true] = 5, [false] = 0 } do
            local run = sim.begin(plain)
            local world, create = run:world(), "appconfig.create_deployment_strategy"
            world[create] = function(request)
                if made then
                    run:call(create, request.input)
                end
                return nil, { code = "invalid", message = "there is one already" }
            end
            local one = flag()
            local done = fake.run(function() one:shift(5) end, world)
            assert.equal(share, (run.account:share(plain, run.now + 60000)))
            assert.equal(not made, done.error ~= nil)
            assert.matches(made and "" or "none can be made: there is one already",
                done.error or "")
        end
    end)

    it("is deployed by the number that its version was given", function()
        local run = sim.begin(plain)
        local world, create = run:world(), "appconfig.create_hosted_configuration_version"
        world[create] = function(request) -- of a server that does not mind whose was the latest
            local input = request.input
            run:call(create, tables.over(input, { Content = cases.content(77),
                VersionLabel = "draft " .. input.LatestVersionNumber }))
            return run:call(create, tables.over(input, { LatestVersionNumber =
                input.LatestVersionNumber + 1 }))
        end
        local one = flag()
        local done = fake.run(function() one:shift(5) one:shift(10) end, world)
        assert.is_nil(done.error)
        local starts = fake.of(done, "appconfig.start_deployment")
        assert.same({ "3", "5" }, { starts[1].input.ConfigurationVersion,
            starts[2].input.ConfigurationVersion })
        assert.equal(10, (run.account:share(plain, run.now + 60000)))
    end)

    it("goes on where the answers were lost and the looks show what was done", function()
        local run = sim.begin(plain)
        local world = run:world()
        for operation, look in pairs {
            ["appconfig.create_hosted_configuration_version"] =
                { "appconfig.list_hosted_configuration_versions", cases.profile {} },
            ["appconfig.start_deployment"] =
                { "appconfig.list_deployments", cases.environment {} },
            ["appconfig.create_deployment_strategy"] =
                { "appconfig.list_deployment_strategies", {} },
        } do
            local perform = world[operation]
            world[operation] = function(request)
                perform(request)
                return run:call(look[1], look[2])
            end
        end
        local one = flag()
        local done = fake.run(function() one:shift(5) one:shift(10) end, world)
        assert.is_nil(done.error)
        assert.equal(10, (run.account:share(plain, run.now + 60000)))
    end)
end)

describe("a flag that no rollout can start from", function()
    local function refused(content, fields)
        local run = sim.begin(plain)
        local state = run.origin
        local key, versions = next(state.appconfig.versions)
        if content then
            local first = tables.with(versions[1], "Content", content)
            run = sim.on(sim.edit(state, "appconfig", "versions", key, { first }))
        end
        local done = shift(run, { 5 }, flag(fields))
        assert.equal(0, #run.changes)
        return done.error
    end

    it("is refused before anything changes", function()
        local content = cases.content(0)
        assert.matches("stdlib_flag_spec.lua:%d+: shop/prod/flags/other: there is no such flag",
            refused(nil, { flag = "other" }))
        assert.matches("the flag is off", refused((content:gsub("true", "false"))))
        assert.matches("its attribute share is no number from 0 to 100",
            refused(content, { attribute = "share" }))
        assert.matches("is no number", refused((content:gsub("0}}}", '"0"}}}'))))
        assert.matches("percent is at 100 already", refused(cases.content(100)))
        assert.matches("ResourceNotFoundException", refused(nil, { environment = "none" }))
    end)

    it("is one that is being deployed", function()
        local run = sim.begin(plain)
        run:call("appconfig.start_deployment", cases.deployment {
            DeploymentStrategyId = "AppConfig.AllAtOnce" })
        assert.matches("deployment 2 is still going on in its environment",
            shift(run, { 5 }, flag()).error)
    end)
end)

describe("a flag that somebody else touches meanwhile", function()
    -- What is done before the second version is made.
    local function meddled(meddle)
        local run, made = sim.begin(plain), 0
        local one = flag()
        return shift(run, { 5, 10 }, one, function(request)
            made = made + (request.operation == "appconfig.start_deployment" and 1 or 0)
            local second = made == 1 and request.operation == "appconfig.list_deployments"
            if second then
                made = made + 1
                meddle(run)
            end
        end), run
    end

    it("is not written over", function()
        local done, run = meddled(function(run)
            assert(run:call("appconfig.start_deployment", cases.deployment {
                DeploymentStrategyId = "AppConfig.AllAtOnce" }))
            run.now = run.now + 3600000
        end)
        assert.matches("somebody else deployed version 1 meanwhile", done.error)
        assert.equal(3, #run.account:snapshot().appconfig.deployments[next(run.account:snapshot()
            .appconfig.deployments)])
    end)

    it("is not raised again where AppConfig took it back", function()
        local done = meddled(function(run)
            assert(run:call("appconfig.stop_deployment", cases.environment { DeploymentNumber = 2,
                AllowRevert = true }))
            run.now = run.now + growth.ROLLBACK
        end)
        assert.matches("AppConfig took version 2 back meanwhile; it is at version 1 again",
            done.error)
    end)

    it("stops the rollout when its deployment is rolled back by a monitor", function()
        local run = sim.begin(plain)
        local done = shift(run, { 5 }, flag(), function(request)
            if request.operation == "appconfig.get_deployment" then
                local state = run.account:snapshot()
                local key = next(state.appconfig.deployments)
                run.account:restore(tables.with(state, "appconfig", simulated.roll_back(
                    state.appconfig, key, 2, "CLOUDWATCH_ALARM", run.now)))
                run.now = run.now + growth.ROLLBACK
            end
        end)
        assert.matches("deployment 2 was rolled back by CLOUDWATCH_ALARM", done.error)
    end)
end)

describe("flag_ramp", function()
    it("raises the percentage, stays where its steps end, and is undone", function()
        for steps, shares in pairs {
            ["1,5,25,100"] = { 1, 5, 25, 100 }, ["0.25,40"] = { 0.25, 40 },
        } do
            local run = sim.begin(plain)
            local done = fake.run(function()
                entry.start(require "policies.flag_ramp", { arguments = {
                    { "target", cases.text }, { "steps", steps } } })
            end, run:world())
            assert.is_nil(done.error)
            assert.same(shares, run.shares)
            assert.same({ "ratio", "threshold" }, { fake.of(done, "watch")[1].judges[1].judge,
                fake.of(done, "watch")[1].judges[2].judge })
            run:undo_all()
            assert.same({ true }, { run:equal() })
        end
    end)
end)

describe("every other shipped policy", function()
    it("runs on a flag", function()
        for _, name in ipairs { "step_canary", "linear", "blue_green" } do
            local run = sim.begin(plain)
            local done = fake.run(function()
                entry.start(require("policies." .. name), { arguments = {
                    { "target", cases.text } } })
            end, run:world())
            assert.is_nil(done.error)
            assert.equal(100, (run.account:share(plain, run.now + 60000)))
            run:undo_all()
            assert.same({ true }, { run:equal() })
        end
    end)
end)

describe("json_text", function()
    local text = ' { "a\\"}" : [1, {"b": "]"}] , "b":{ "c" : -1.5e3, "d":true } ,"e":"x\\\\"} '

    it("finds values where they stand", function()
        assert.equal("-1.5e3", json_text.get(text, { "b", "c" }))
        assert.equal("true", json_text.get(text, { "b", "d" }))
        assert.equal('"x\\\\"', json_text.get(text, { "e" }))
        assert.equal('{ "c" : -1.5e3, "d":true }', json_text.get(text, { "b" }))
        assert.equal('[1, {"b": "]"}]', json_text.get(text, { 'a\\"}' }))
        assert.same({ 11, 11 }, { json_text.find('{"a":{"b":5}}', { "a", "b" }) })
    end)

    it("replaces them and nothing else", function()
        assert.equal((text:gsub("-1.5e3", "7", 1)), json_text.set(text, { "b", "c" }, "7"))
    end)

    it("finds nothing in what is not there or no JSON", function()
        for _, path in ipairs { { "c" }, { "b", "x" }, { "e", "x" }, { 'a\\"}', "b" } } do
            assert.is_nil(json_text.get(text, path))
        end
        for cut = 0, #text - 3 do
            assert.is_nil(json_text.get(text:sub(1, cut), { "z" }))
        end
        for _, broken in ipairs { "", "[", '{"a"', '{"a" 1}', '{"a":}', '{"a":"', '{"a":{', "{a:1}",
            '{"x":1 "a":1}', '{"x":{"a":1' } do
            assert.is_nil(json_text.get(broken, { "a" }), broken)
            assert.is_nil(json_text.set(broken, { "a" }, "1"), broken)
        end
    end)
end)
