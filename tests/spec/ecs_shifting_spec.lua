-- ECS services whose traffic ECS shifts: the simulated deployment with its pauses, what the
-- catalogue makes of it, and the way back from wherever it stands.
local fake = require "fake_effect"
fake.install()
local sim = require "sim_run"
local cases = require "ecs_cases"
local catalogue = require "aws.catalogue"
local entry = require "policy_entry"
local rollout = require "rollout"
local shifting = require "services.ecs.shifting"
local tables = require "simulation.tables"

local id = "shop/checkout"
local MINUTE = 60000

local function begin(fields)
    local run = sim.begin(cases.shifted)
    local known = run.origin.ecs.services[id]
    local shown = tables.over(known.shown, fields or {})
    return sim.on(sim.edit(run.origin, "ecs", "services", id, tables.with(known, "shown", shown)))
end

local function config_of(run)
    return run.origin.ecs.services[id].shown.deploymentConfiguration
end

local function paced(run, fields)
    return cases.service { deploymentConfiguration = tables.over(config_of(run), tables.over({
        strategy = "LINEAR", bakeTimeInMinutes = 0,
        linearConfiguration = { stepPercent = 50, stepBakeTimeInMinutes = 0 },
        lifecycleHooks = { { targetType = "PAUSE", lifecycleStages = {
            "PRE_PRODUCTION_TRAFFIC_SHIFT", "POST_PRODUCTION_TRAFFIC_SHIFT" },
            timeoutConfiguration = { timeoutInMinutes = 60, action = "ROLLBACK" } } },
    }, fields or {})) }
end

-- Changes a service as the target does, and lets the tasks start.
local function deploy(run, fields)
    assert(run:change("ecs.update_service", paced(run, fields)).output)
    assert(run:change("ecs.update_service",
        cases.service { taskDefinition = "checkout:43" }).output)
    run.now = run.now + 2 * MINUTE
    return run
end

local function look(run)
    return run:look { operation = "ecs.look_at_service",
        input = { cluster = "shop", service = "checkout" } }
end

local function where(run)
    local deployment = look(run).deployment
    local pause = shifting.pause(deployment)
    return deployment.status, deployment.targetServiceRevision.requestedProductionTrafficWeight,
        pause and pause.hookId
end

local function continue(run)
    local deployment = look(run).deployment
    local change, refusal = run:change("ecs.continue_service_deployment", {
        serviceDeploymentArn = deployment.serviceDeploymentArn,
        hookId = (shifting.pause(deployment) or { hookId = "none" }).hookId })
    run.now = run.now + MINUTE
    return change, refusal
end

local function undo_all(run)
    local sent = {}
    for i = #run.changes, 1, -1 do
        local request = run:undo(run.changes[i].identity:match("[^:]*$"))
        sent[#sent + 1] = request and request.operation or nil
        run.now = run.now + 15 * MINUTE
    end
    return sent
end

describe("a deployment that shifts the traffic", function()
    it("waits at each step for a word, each time at a pause of its own", function()
        local run, seen = deploy(begin()), {}
        for _, percent in ipairs { 0, 50, 100 } do
            local status, weight, hook = where(run)
            assert.same({ "IN_PROGRESS", percent + 0.0 }, { status, weight })
            assert.equal(percent, (run.account:share(cases.shifted, run.now)))
            assert.is_nil(seen[hook])
            seen[hook] = true
            assert(continue(run).output)
        end
        assert.equal("SUCCESSFUL", (where(run)))
        assert.equal(100, (run.account:share(cases.shifted, run.now)))
    end)

    it("is taken back by ECS when no word comes in time", function()
        local run = deploy(begin())
        continue(run)
        run.now = run.now + 58 * MINUTE
        assert.equal("IN_PROGRESS", (where(run)))
        run.now = run.now + 5 * MINUTE
        assert.same({ "ROLLBACK_SUCCESSFUL", 0.0 }, { where(run) })
        assert.equal("A lifecycle hook timed out.", shifting.reason(look(run).deployment))
        assert.equal(0, (run.account:share(cases.shifted, run.now)))
    end)

    it("goes on at a timeout that says so", function()
        local run = begin()
        local hook = { targetType = "PAUSE", lifecycleStages = { "PRE_PRODUCTION_TRAFFIC_SHIFT" },
            timeoutConfiguration = { timeoutInMinutes = 1, action = "CONTINUE" } }
        deploy(run, { lifecycleHooks = { hook } })
        run.now = run.now + 10 * MINUTE
        assert.equal("SUCCESSFUL", (where(run)))
    end)

    it("is taken back when an alarm of its own is in ALARM, or its tasks do not start", function()
        local run = begin()
        run = sim.on(sim.edit(run.origin, "ecs", "alarmed", id, run.now + 30 * MINUTE))
        deploy(run, { alarms = { alarmNames = { "errors" }, enable = true, rollback = true } })
        continue(run)
        run.now = run.now + 31 * MINUTE
        assert.same({ "ROLLBACK_SUCCESSFUL", 0.0 }, { where(run) })
        assert.matches("ALARM. %(alarm errors%)", shifting.reason(look(run).deployment))
        run = sim.on(sim.edit(begin().origin, "ecs", "failing", "checkout:43", true))
        deploy(run)
        assert.same({ "IN_PROGRESS", 0.0 }, { where(run) })
        run.now = run.now + 24 * 60 * MINUTE
        assert.equal("ROLLBACK_SUCCESSFUL", (where(run)))
    end)

    it("refuses a second one, a pause that is over, and to be stopped twice", function()
        local run = deploy(begin())
        local arn = look(run).deployment.serviceDeploymentArn
        local _, refusal = run:call("ecs.update_service",
            cases.service { taskDefinition = "checkout:42" })
        assert.equal("InvalidParameterException", refusal.code)
        _, refusal = run:call("ecs.continue_service_deployment",
            { serviceDeploymentArn = arn, hookId = "none" })
        assert.equal("InvalidParameterException", refusal.code)
        assert(run:call("ecs.stop_service_deployment", { serviceDeploymentArn = arn }))
        _, refusal = run:call("ecs.stop_service_deployment", { serviceDeploymentArn = arn })
        assert.equal("ConflictException", refusal.code)
        for _, verb in ipairs { "continue", "stop" } do
            _, refusal = run:call(("ecs.%s_service_deployment"):format(verb),
                { serviceDeploymentArn = arn .. "0", hookId = verb == "continue" and "h" or nil })
            assert.equal("ServiceDeploymentNotFoundException", refusal.code)
        end
    end)
end)

describe("a deployment on its way back", function()
    for words, expected in pairs {
        [0] = "ecs.continue_service_deployment", [1] = "ecs.continue_service_deployment",
        [2] = "ecs.continue_service_deployment", [3] = "ecs.update_service",
    } do
        it(("goes back after %d words to go on"):format(words), function()
            local run = deploy(begin())
            for _ = 1, words do
                assert(continue(run).output)
            end
            run.now = run.now + 5 * MINUTE
            if words == 3 then -- it is over: the pauses go first, which the way back would wait at
                local undo = catalogue.guard("ecs.update_service", run.changes[2].undo, look(run))
                assert.equal(15000, undo.wait)
                run:undo("service/shop/checkout#deploymentConfiguration")
            end
            local sent = undo_all(run)
            assert.equal(expected, sent[1])
            run.now = run.now + 30 * MINUTE
            assert.equal("checkout:42", look(run).services[1].taskDefinition:match("[^/]*$"))
            assert.same({ true }, { run:equal() })
        end)
    end

    it("is stopped where it does not wait", function()
        local run = deploy(begin())
        run.now = sim.START + 10000
        local undo = catalogue.guard("ecs.update_service", run.changes[2].undo, look(run))
        assert.equal("ecs.stop_service_deployment", undo.operation)
        assert.equal("ROLLBACK", undo.input.stopType)
    end)

    it("is foretold to be stopped, once", function()
        local run = deploy(begin())
        local input = { serviceDeploymentArn = look(run).deployment.serviceDeploymentArn }
        local change, refusal = run:change("ecs.stop_service_deployment", input)
        assert.is_nil(refusal)
        assert.same({ { stopped = false }, { stopped = true } }, { change.before, change.after })
        assert.is_nil(change.undo)
        for _ = 1, 2 do
            assert.is_true(run:shows(change, "after"))
            local _, why = pcall(run.change, run, "ecs.stop_service_deployment", input)
            assert.matches("the deployment is over, or on its way back %(ROLLBACK_", why.invalid)
            run.now = run.now + 5 * MINUTE
        end
    end)

    it("is not done before the traffic and the tasks are back", function()
        local run = deploy(begin())
        continue(run)
        local change = run.changes[2]
        local undo = catalogue.guard("ecs.update_service", change.undo, look(run))
        run:look(undo)
        local waited = 0
        repeat
            local found = look(run)
            assert.same({ taskDefinition = "checkout:42" },
                catalogue.state("ecs.update_service", change.input, found))
            local wait = catalogue.steady("ecs.update_service", change.input, found)
            waited, run.now = waited + wait, run.now + 5000
        until wait == 0
        assert.is_true(waited >= 8 * 15000)
        local found = look(run)
        assert.is_true(shifting.has_all(found, shifting.revision_of(found, "checkout:42")))
        found.rules[1].Actions[1].ForwardConfig.TargetGroups[2].Weight = 10
        assert.equal(15000, catalogue.steady("ecs.update_service", change.input, found))
        found = look(run)
        found.deployment.targetServiceRevision.runningTaskCount = 1
        assert.equal(15000, catalogue.steady("ecs.update_service", change.input, found))
        found = look(run)
        found.services[1].runningCount = 5
        assert.equal(15000, catalogue.steady("ecs.update_service", change.input, found))
    end)

    it("that ECS cannot go is no way back", function()
        local run = deploy(begin())
        local found = look(run)
        found.deployment.status = "ROLLBACK_FAILED"
        found.deployment.statusReason = "no capacity"
        local ok, problem = pcall(catalogue.guard, "ecs.update_service", run.changes[2].undo, found)
        assert.same({ false, "ecs.update_service: ECS could not take its deployment back: "
            .. "no capacity" }, { ok, problem.invalid })
    end)

    it("is waited for when ECS takes it by itself", function()
        local run = deploy(begin())
        run.now = run.now + 60 * MINUTE - 55000
        local change = run.changes[2]
        assert.equal("ROLLBACK_IN_PROGRESS", (where(run)))
        assert.equal(15000, catalogue.steady("ecs.update_service", change.input, look(run)))
        assert.equal(15000, catalogue.guard("ecs.update_service", run.changes[1].undo,
            look(run)).wait)
        run.now = run.now + MINUTE
        assert.equal(0, catalogue.steady("ecs.update_service", change.input, look(run)))
    end)
end)

describe("ecs.continue_service_deployment", function()
    it("is seen to have landed, and refused where nothing waits", function()
        local run = deploy(begin())
        local change = continue(run)
        assert.same({ pause = "waits" }, change.before)
        assert.is_true(run:shows(change, "after"))
        local ok, problem = pcall(run.change, run, "ecs.continue_service_deployment", change.input)
        assert.is_false(ok)
        assert.matches("does not wait at this pause", problem.invalid)
        ok, problem = pcall(run.change, run, "ecs.continue_service_deployment",
            tables.with(change.input, "action", "ROLLBACK"))
        assert.is_false(ok)
        assert.matches("by raising an error", problem.invalid)
        run:look(catalogue.guard("ecs.update_service", run.changes[2].undo, look(run)))
        assert.is_false(run:shows(change, "after"))
        ok, problem = pcall(run.change, run, "ecs.continue_service_deployment", change.input)
        assert.is_false(ok)
        assert.matches("ECS is taking the deployment back", problem.invalid)
    end)

    it("is no second deployment's beginning", function()
        local run = deploy(begin())
        local ok, problem = pcall(run.change, run, "ecs.update_service",
            cases.service { taskDefinition = "checkout:42" })
        assert.is_false(ok)
        assert.matches("in the middle of a deployment %(IN_PROGRESS%)", problem.invalid)
    end)
end)

-- --- policies ---

local TEXT = "ecs-service:shop/checkout,canary=checkout:43"

local function start(run, name, arguments)
    local list = { { "target", TEXT } }
    for i = 1, #(arguments or {}), 2 do
        list[#list + 1] = { arguments[i], arguments[i + 1] }
    end
    return fake.run(function()
        entry.start(require("policies." .. name), { arguments = list })
    end, run:world())
end

describe("policies on a service that ECS shifts", function()
    it("send as many words as it takes, and leave the configuration as it was", function()
        for name, expected in pairs {
            step_canary = { 21, "LINEAR", 5 }, linear = { 11, "LINEAR", 10 },
            blue_green = { 2, "LINEAR", 100 },
        } do
            local run = begin()
            local done = start(run, name)
            assert.is_nil(done.error)
            local updates = fake.of(done, "ecs.update_service")
            local config = updates[1].input.deploymentConfiguration
            assert.same(expected, { #fake.of(done, "ecs.continue_service_deployment"),
                config.strategy, math.tointeger(config.linearConfiguration.stepPercent) })
            assert.equal(3, #updates)
            local now = look(run).services[1]
            assert.equal("checkout:43", now.taskDefinition:match("[^/]*$"))
            assert.same(config_of(run).strategy, now.deploymentConfiguration.strategy)
            assert.same({}, now.deploymentConfiguration.lifecycleHooks)
        end
    end)

    it("wait at a pause longer than any of their watches", function()
        local done = start(begin(), "step_canary", { "bake", "2h" })
        local config = fake.of(done, "ecs.update_service")[1].input.deploymentConfiguration
        local timeout = config.lifecycleHooks[1].timeoutConfiguration
        assert.same({ timeoutInMinutes = 120 + 1 + 60 + 15, action = "ROLLBACK" }, timeout)
        done = start(begin(), "step_canary", { "bake", "24h" })
        assert.matches("would wait for up to .*, and ECS lets a stage last no longer than 24h",
            done.error)
        done = start(begin(), "step_canary", { "target.pause", "30m" })
        assert.matches("watch: shop/checkout: may take 1h5m, and ECS takes the canary back after "
            .. "30m: give the target a longer `pause`", done.error)
    end)

    it("take one small share and then all", function()
        local done = start(begin(), "step_canary", { "steps", "1" })
        assert.is_nil(done.error)
        local config = fake.of(done, "ecs.update_service")[1].input.deploymentConfiguration
        assert.same({ "CANARY", 1 },
            { config.strategy, math.tointeger(config.canaryConfiguration.canaryPercent) })
        assert.equal(3, #fake.of(done, "ecs.continue_service_deployment"))
    end)

    it("are refused a share that ECS cannot hold, with the nearest, before anything", function()
        local run = begin()
        local done = start(run, "step_canary", { "steps", "1,10,50" })
        assert.matches("cannot carry 1, 10, 50 %%: ECS goes in equal steps of at least 3 %%, or "
            .. "once and then to 100 %%; the nearest that it can carry: 3, 9, 51 %%", done.error)
        assert.equal(0, #fake.of(done, "ecs.update_service"))
        done = start(run, "linear", { "step", "2" })
        assert.matches("cannot carry 2, 4, 6", done.error)
        assert.equal(0, #fake.of(done, "ecs.update_service"))
    end)

    it("end when ECS takes the canary back, with its reason", function()
        local run = begin()
        run = sim.on(sim.edit(run.origin, "ecs", "alarmed", id, run.now + 10 * MINUTE))
        local given = tables.with(config_of(run), "alarms",
            { alarmNames = { "errors" }, enable = true, rollback = true })
        local known = run.origin.ecs.services[id]
        run = sim.on(sim.edit(run.origin, "ecs", "services", id, tables.with(known, "shown",
            tables.with(known.shown, "deploymentConfiguration", given))))
        local done = start(run, "step_canary")
        assert.matches("shop/checkout is taken back by ECS itself %(ROLLBACK_.*%): An alarm of the "
            .. "deployment is in the state ALARM. %(errors%)", done.rollback)
    end)

    it("only go up, and on to the end", function()
        local function shifted(...)
            local list = { ... }
            return fake.run(function()
                local policy = rollout.policy {
                    summary = "Shifts.",
                    params = { target = rollout.target() },
                    run = function(p)
                        for _, percent in ipairs(list) do
                            p.target:shift(percent)
                        end
                    end,
                }
                entry.start(policy, { arguments = { { "target", TEXT } } })
            end, begin():world())
        end
        assert.is_nil(shifted(25, 50, 100).error)
        assert.matches("cannot go from 50 back to 25 %%: ECS only goes up", shifted(25, 50,
            25).error)
        assert.matches("cannot carry 40 %%: its steps lead to 25 and 50 %%", shifted(25, 40).error)
        assert.matches("was left at 25 %%, where ECS would take the canary back", shifted(25).error)
    end)
end)

describe("a run that is cut short and never taken up", function()
    -- What the owner would miss, but for the configuration of deployments.
    local function left(run)
        local seen = require("services.ecs.simulated").view(run.account:snapshot().ecs)
        return tables.with(seen["service " .. id], "deploymentConfiguration", nil)
    end

    local function cut_after(count)
        local run, calls = begin(), 0
        local before = left(run)
        fake.run(function()
            entry.start(require "policies.step_canary", { arguments = { { "target", TEXT },
                { "steps", "50" } } })
        end, run:world(function()
            calls = calls + 1
            if calls > count then
                error "cut short"
            end
        end))
        run.now = run.now + 25 * 60 * MINUTE
        return run, before, calls > count
    end

    it("is put back by ECS when its time is over, wherever that was", function()
        local count, promoted = 0, 0
        local run, before, cut
        repeat
            run, before, cut = cut_after(count)
            local deployment = look(run).deployment
            local status = deployment and deployment.status or "none"
            if status == "SUCCESSFUL" then
                promoted = promoted + 1
            else
                assert.is_true(status == "none" or status == "ROLLBACK_SUCCESSFUL", status)
                assert.same(before, left(run))
                assert.equal(0, (run.account:share(cases.shifted, run.now)))
            end
            count = count + 1
        until not cut
        assert.is_true(count > 30 and promoted < 10, count .. " " .. promoted)
    end)
end)

describe("a deployment that never shifts", function()
    for within, text in pairs { ["30m"] = TEXT, ["5m"] = TEXT .. ",within=5m" } do
        it("is stopped after " .. within, function()
            local run = begin()
            run = sim.on(sim.edit(run.origin, "ecs", "failing", "checkout:43", true))
            local done = fake.run(function()
                require("target").parse(text):shift(100)
            end, run:world())
            assert.matches("is not there after " .. within .. ": 0 of 4 tasks run, 0 %% of the "
                .. "traffic %(SCALE_UP%)", done.effects[#done.effects].reason)
            assert.same({ "ecs.stop_service_deployment", "ecs.update_service" }, undo_all(run))
            assert.equal("checkout:42", look(run).services[1].taskDefinition:match("[^/]*$"))
            assert.same({ true }, { run:equal() })
        end)
    end
end)

describe("a service that ECS shifts is not begun on", function()
    local function refused(fields, reason, text)
        local done = fake.run(function()
            require("target").parse(text or TEXT):shift(100)
        end, begin(fields):world())
        assert.is_truthy(done.error and done.error:find(reason, 1, true), done.error)
    end

    it("where somebody else decides at its pauses", function()
        local config = tables.with(config_of(begin()), "lifecycleHooks", { {
            targetType = "PAUSE", lifecycleStages = { "POST_SCALE_UP" } } })
        refused({ deploymentConfiguration = config }, "has a pause of its own in its deployments")
    end)

    it("where it is set up otherwise than is said", function()
        refused({}, "it is not rolling", TEXT .. ",strategy=rolling")
        refused({ loadBalancers = {}, deploymentConfiguration = { strategy = "ROLLING" } },
            "is not set up for linear", TEXT .. ",strategy=linear")
        refused({ loadBalancers = {} }, "has the strategy LINEAR and no load balancer")
    end)

    it("behind a network load balancer", function()
        local service = begin().origin.ecs.services[id].shown
        local balancer = service.loadBalancers[1]
        local advanced = tables.with(balancer.advancedConfiguration, "productionListenerRule",
            "arn:aws:elasticloadbalancing:us-east-1:123456789012:listener/net/a/b/c")
        refused({ loadBalancers = { tables.with(balancer, "advancedConfiguration", advanced) } },
            "only rules of application load balancers")
    end)
end)

describe("the metrics of a service that ECS shifts", function()
    it("are those of the target groups that its revisions have", function()
        local type = require "targets.ecs_service"
        local run, groups = deploy(begin()), {}
        for _, one in ipairs { begin(), run } do
            local known = type.known(cases.shifted, look(one))
            groups[#groups + 1] = known.baseline_group:match("targetgroup/([%w-]+)/")
            groups[#groups + 1] = known.canary_group:match("targetgroup/([%w-]+)/")
        end
        assert.same({ "checkout-blue", "checkout-green", "checkout-blue", "checkout-green" },
            groups)
    end)
end)

describe("moments", function()
    it("are told to the minute, leap days and all", function()
        local moment = require "moment"
        for text, ms in pairs {
            ["1970-01-01 00:00 UTC"] = 0, ["2026-01-01 00:00 UTC"] = 1767225600000,
            ["2024-02-29 23:59 UTC"] = 1709251199000, ["2000-03-01 00:01 UTC"] = 951868860000,
        } do
            assert.equal(text, moment.format(ms))
        end
    end)
end)
