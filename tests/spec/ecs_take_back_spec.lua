-- Taking back what somebody else deploys to an ECS service, in the simulated account: under a
-- rolling deployment, where ECS shifts the traffic, and where CodeDeploy steers it.
local fake = require "fake_effect"
fake.install()
local sim = require "sim_run"
local cases = require "ecs_cases"
local codedeploy = require "codedeploy_cases"
local entry = require "policy_entry"
local past = require "targets.past_policy"
local rehearsed = require "rehearsed"
local show = require "services.ecs.simulated.show"
local tables = require "simulation.tables"

local MINUTE, HOUR = 60000, 60 * 60000
local id = "shop/checkout"

-- A service of a kind at revision 42, and others beside it.
local function begin(strategy, fields)
    local origin = sim.begin(tables.with(cases.shifted, "strategy", strategy)).origin
    for _, number in ipairs { 39, 40, 41, 43, 44 } do
        local revision = "checkout:" .. number
        origin = sim.edit(origin, "ecs", "definitions", revision, { tags = {},
            shown = show.definition(origin.home, { family = "checkout",
                containerDefinitions = {} }, number, 0) })
    end
    local known = origin.ecs.services[id]
    local shown = tables.over(known.shown, fields or {})
    return sim.on(sim.edit(origin, "ecs", "services", id, tables.with(known, "shown", shown)))
end

-- Somebody else deploys revisions, one after another, each so long after the one before.
local function by_others(run, ms, numbers)
    for _, number in ipairs(numbers) do
        assert(run:call("ecs.update_service", cases.service { taskDefinition = "checkout:"
            .. number }))
        run.now = run.now + ms
    end
    local later = sim.on(run.account:snapshot())
    later.now = run.now
    return later
end

local function take_back(run, text)
    local done = fake.run(function()
        entry.start(require "policies.take_back",
            { arguments = { { "target", text or "ecs-service:shop/checkout" } } })
    end, run:world())
    local said
    for _, request in ipairs(done.effects) do
        said = request.kind == "notify" and request.message or said
    end
    return said, done
end

local function running(run)
    local service = run:look { operation = "ecs.describe_services",
        input = { cluster = "shop", services = { "checkout" } } }.services[1]
    return service.taskDefinition:match("[^:]*$"), #service.deployments, service.runningCount
end

local function operations(run)
    local list = {}
    for i, change in ipairs(run.changes) do
        list[i] = change.operation
    end
    return table.concat(list, " ")
end

describe("take_back of an ECS service", function()
    -- LINEAR in the simulated account: a minute to start, four steps with a minute between, a
    -- minute of bake time, half a minute of cleaning up.
    for situation, case in pairs {
        ["while the tasks start"] = { "linear", 20000 },
        ["at the canary's share"] = { "linear", 100000 },
        ["after the shift, in the bake time"] = { "linear", 300000 },
        ["while the old tasks go"] = { "blue_green", 135000 },
        ["of a rolling deployment"] = { "rolling", 70000 },
    } do
        it("stops what is under way and follows it, " .. situation, function()
            local run = by_others(begin(case[1]), case[2], { 43 })
            local deployment = run:look { operation = "ecs.list_service_deployments",
                input = cases.service {} }.serviceDeployments[1]
            assert.equal("IN_PROGRESS", deployment.status)
            local said, done = take_back(run)
            assert.is_nil(done.error)
            assert.matches("it runs checkout:42, with all of the tasks and the traffic: deployment "
                .. "%d+ was stopped and rolled back, in %d+", said)
            assert.same({ "42", 1, 4 }, { running(run) })
            assert.equal("ecs.stop_service_deployment", operations(run))
        end)
    end

    for _, strategy in ipairs { "rolling", "linear" } do
        it("deploys what ran before, and never the number before: " .. strategy, function()
            local run = by_others(begin(strategy), HOUR, { 39, 43 })
            local said, done = take_back(run)
            assert.is_nil(done.error)
            assert.matches("it was deployed anew, as ECS had it before checkout:43", said)
            assert.same({ "39", 1, 4 }, { running(run) })
            assert.equal("ecs.update_service", operations(run))
            -- Asked for once more it does not go forward again.
            local again = sim.on(run.account:snapshot())
            again.now = run.now
            assert.matches("checkout:43 was taken back to checkout:39 already", (take_back(again)))
            assert.equal("", operations(again))
        end)
    end

    it("goes to where the only recorded deployment came from", function()
        local run = by_others(begin "linear", HOUR, { 43 })
        take_back(run)
        assert.equal("42", (running(run)))
    end)

    it("touches nothing where nothing was deployed, or all was taken back", function()
        local run = begin "linear"
        assert.matches("there is nothing to take back: nothing is under way, and AWS has no record",
            (take_back(run)))
        run = by_others(run, 100000, { 43 })
        take_back(run)
        local again = sim.on(run.account:snapshot())
        again.now = run.now
        assert.matches("ECS has taken the last deployment back to checkout:42", (take_back(again)))
        assert.equal("", operations(again))
    end)

    it("only follows what ECS takes back already", function()
        local run = by_others(begin "linear", 100000, { 43 })
        local arn = run:look { operation = "ecs.list_service_deployments",
            input = cases.service {} }.serviceDeployments[1].serviceDeploymentArn
        assert(run:call("ecs.stop_service_deployment", { serviceDeploymentArn = arn }))
        assert.matches("ECS had begun to take it back", (take_back(run)))
        assert.equal("", operations(run))
    end)

    it("deploys nothing that would wait for somebody, or that ECS would refuse", function()
        local hooks = { { targetType = "PAUSE", lifecycleStages = { "POST_SCALE_UP" } } }
        local run = by_others(begin "linear", HOUR, { 43 })
        local known = run.origin.ecs.services[id]
        local config = tables.with(known.shown.deploymentConfiguration, "lifecycleHooks", hooks)
        local paused = sim.on(sim.edit(run.origin, "ecs", "services", id, tables.with(known,
            "shown", tables.with(known.shown, "deploymentConfiguration", config))))
        paused.now = run.now
        local _, done = take_back(paused)
        assert.matches("has a pause in its deployments", done.error)
        assert(run:call("ecs.deregister_task_definition", { taskDefinition = "checkout:42" }))
        _, done = take_back(run)
        assert.matches("ran checkout:42 before, which is INACTIVE", done.error)
        assert.equal("", operations(run))
    end)

    for _, case in ipairs {
        { true, "could not be taken back: its deployment is STOPPED" },
        { false, "is not back after 2m: ROLLBACK_IN_PROGRESS" },
    } do
        it("is told where it fails or takes too long: " .. case[2], function()
            local run = by_others(begin("rolling", { deploymentConfiguration = {
                minimumHealthyPercent = 100, maximumPercent = 150,
                deploymentCircuitBreaker = { enable = case[1], rollback = true } } }), 70000,
                { 43 })
            local broken = sim.on(sim.edit(run.origin, "ecs", "failing", "checkout:42", true))
            broken.now = run.now
            local _, done = take_back(broken, "ecs-service:shop/checkout,within=2m")
            assert.equal("rollback", done.effects[#done.effects].kind)
            assert.matches(case[2], done.effects[#done.effects].reason)
        end)
    end

    it("is done by CodeDeploy where that steers the service", function()
        local run = sim.begin { type = "codedeploy", application = "shop", group = "web",
            canary = "shop:42" }
        assert(run:call("codedeploy.create_deployment", codedeploy.deploy("shop:42", {
            deploymentConfigName = "CodeDeployDefault.ECSCanary10Percent5Minutes" })))
        run.now = run.now + 3 * MINUTE
        local later = sim.on(run.account:snapshot())
        later.now = run.now
        assert.matches("it runs shop:41, with all of the traffic and healthy targets",
            (take_back(later, "ecs-service:shop/web")))
        assert.equal("codedeploy.stop_deployment", operations(later))
    end)

    for strategy, ms in pairs { linear = 100000, rolling = 70000 } do
        it("is rehearsed, and nothing is touched: " .. strategy, function()
            local run = by_others(begin(strategy), ms, { 43 })
            local plan = rehearsed.on(run)
            plan.now = run.now
            function plan.account.answer(_, read)
                local outcome, value = run.account:call(read.operation, read.input, run.now)
                return { outcome = outcome, [outcome == "ok" and "value" or "error"] = value }
            end
            local said, done = take_back(plan)
            assert.is_nil(done.error)
            assert.matches("it runs checkout:42, with all of the tasks and the traffic", said)
            assert.equal("ecs.stop_service_deployment", operations(plan))
            assert.same({ "43", 2 }, { table.unpack({ running(run) }, 1, 2) })
        end)
    end

    it("wants a group where CodeDeploy shows none, and a canary to roll out", function()
        local run = sim.begin { type = "codedeploy", application = "shop", group = "web" }
        local _, done = take_back(run, "ecs-service:shop/web")
        assert.matches("give codedeploy:APPLICATION/GROUP", done.error)
        done = fake.run(function()
            entry.start(require "policies.blue_green",
                { arguments = { { "target", "ecs-service:shop/checkout" } } })
        end, begin("rolling"):world())
        assert.matches("lacks its canary", done.error)
    end)
end)

describe("what ran before", function()
    it("is the last other one, unless that was gone back from already", function()
        for text, expected in pairs {
            ["a:3 a:2"] = 2, ["a:3 a:3 a:1"] = 3, ["a:2 a:3"] = 2, ["a:3 a:2 a:3 a:2"] = 2,
            ["a:3"] = "no record", [""] = "no record", ["a:2 a:3 a:2"] = "taken back to a:2",
            ["b:1 a:9 b:1"] = "taken back to b:1",
        } do
            local list = {}
            for definition in text:gmatch("%S+") do
                list[#list + 1] = definition
            end
            local place, why = past.before(list, list[1] or "a:3")
            if type(expected) == "number" then
                assert.equal(expected, place, text)
            else
                assert.is_nil(place)
                assert.matches(expected, why)
            end
        end
    end)
end)
