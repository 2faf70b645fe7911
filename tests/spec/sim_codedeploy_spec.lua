-- Deployment groups of CodeDeploy as targets, in the simulated account: promoted, taken back, and
-- taken back by CodeDeploy itself where nobody is left to do it.
local fake = require "fake_effect"
fake.install()
local sim = require "sim_run"
local entry = require "policy_entry"
local rehearsed = require "rehearsed"
local tables = require "simulation.tables"
local types = require "targets"

local MINUTE = 60000
local TARGET = { type = "codedeploy", application = "shop", group = "web", canary = "shop:42",
    interval = 30 * MINUTE }
local TEXT = "codedeploy:shop/web,canary=shop:42,interval=30m"
local GROUP = { applicationName = "shop", deploymentGroupName = "web" }

local canary = { { "steps", "10" }, { "bake", "5m" }, { "patience", "10m" } }
local at_once = { { "keep", "3m" } }
local preview = { { "preview", "20" }, { "patience", "10m" } }

-- Time passes, with a sign of life every minute.
local function live_on(run, ms)
    local beat = types.heartbeats({ TARGET }, run.account:home())[1]
    local until_then = run.now + ms
    while run.now < until_then do
        assert(run:call(beat.operation, beat.input))
        run.now = math.min(run.now + MINUTE, until_then)
    end
end

local function world_of(run, before_call, landed)
    local world = run:world(before_call, landed)
    function world.sleep(request)
        live_on(run, request["for"])
        return {}
    end
    local watch = world.watch
    function world.watch(request)
        live_on(run, request["for"])
        return watch(tables.with(request, "for", 0))
    end
    return world
end

local function carry_out(run, policy, given, text, before_call)
    return fake.run(function()
        entry.start(require("policies." .. policy), { arguments = { { "target", text or TEXT },
            table.unpack(given) } })
    end, world_of(run, before_call))
end

local function running(run)
    local output = assert(run:call("codedeploy.look_at_group", GROUP))
    return output.service.taskSets[1].taskDefinition:match("[^/]+$"), #output.service.taskSets,
        output
end

local function edited(edit)
    local state = sim.begin(TARGET).origin
    local group = state.codedeploy.groups["shop/web"]
    local part = tables.with(state.codedeploy, "groups", { ["shop/web"] = tables.over(group,
        edit(group)) })
    return sim.on(tables.with(state, "codedeploy", part))
end

local function edited_info(fields)
    return edited(function(group)
        return { info = tables.over(group.info, fields) }
    end)
end

describe("a simulated deployment group", function()
    for policy, given in pairs { step_canary = canary, blue_green = at_once } do
        it("is moved by " .. policy .. ", and nothing of ours is left", function()
            local run = sim.begin(TARGET)
            assert.is_nil(carry_out(run, policy, given).error)
            assert.same({ "shop:42", 1 }, { table.pack(running(run))[1], 1 })
            assert.same({}, run.account:snapshot().codedeploy.configs)
            assert.same({}, run.account:snapshot().cloudwatch.metric)
            run:undo_all()
            run.now = run.now + 10 * MINUTE
            assert.equal("shop:41", (running(run)))
            assert.same({ true }, { run:equal() })
        end)
    end

    it("is judged at its share first, where blue/green is to preview it", function()
        local run = sim.begin(TARGET)
        assert.is_nil(carry_out(run, "blue_green", preview).error)
        assert.same({ 20, 100 }, run.shares)
    end)

    it("takes the group's own configuration where that fits", function()
        local run = edited_info { deploymentConfigName =
            "CodeDeployDefault.ECSCanary10Percent15Minutes" }
        assert.is_nil(carry_out(run, "step_canary", { { "steps", "10" }, { "bake", "2m" },
            { "patience", "5m" } }, "codedeploy:shop/web,canary=shop:42,interval=15m").error)
        local _, _, output = running(run)
        assert.equal("CodeDeployDefault.ECSCanary10Percent15Minutes",
            output.deployments[1].deploymentConfigName)
        for _, change in ipairs(run.changes) do
            assert.is_nil(change.operation:find "config")
        end
    end)

    it("watches the group's own alarms beside ours", function()
        local run = edited_info { alarmConfiguration = { enabled = true, alarms = {
            { name = "errors" } } } }
        run = sim.on(sim.edit(run.account:snapshot(), "cloudwatch", "metric", "errors",
            { AlarmName = "errors", StateValue = "OK" }))
        carry_out(run, "step_canary", canary)
        local _, _, output = running(run)
        local alarms = output.deployments[1].overrideAlarmConfiguration
        assert.same({ { name = "errors" }, { name = "tidelock-shop-web-alive" } }, alarms.alarms)
        assert.is_false(alarms.ignorePollAlarmFailure)
    end)
end)

describe("what CodeDeploy cannot do is refused before anything is touched:", function()
    local function refused(why, run, policy, given, text)
        local done = carry_out(run or sim.begin(TARGET), policy or "step_canary", given or canary,
            text)
        assert.matches(why, done.error)
        for _, request in ipairs(done.effects) do
            assert.is_nil((request.operation or ""):find "create")
        end
    end

    it("a second share", function()
        refused('parameter "steps": shop/web cannot carry 5 %% and 10 %%: CodeDeploy holds one '
            .. "share", nil, nil, { { "steps", "5,10" } })
    end)

    it("a part of a percent", function()
        refused("cannot carry 2.5 %%: CodeDeploy's shares are whole percents", nil, nil,
            { { "steps", "2.5" } })
    end)

    it("an odd interval", function()
        refused("interval must be whole minutes", nil, nil, canary,
            "codedeploy:shop/web,canary=shop:42,interval=90s")
    end)

    it("what runs already", function()
        refused("already runs shop:41", nil, nil, canary, "codedeploy:shop/web,canary=shop:41")
    end)

    it("a group that is at work", function()
        refused("deployment d%-X is under way %(Created%)", edited(function()
            return { deployments = { { id = "d-X", created = sim.START, definition =
                "arn:aws:ecs:eu-west-1:111122223333:task-definition/shop:40", content = "",
                config = { type = "TimeBasedCanary", timeBasedCanary = { canaryPercentage = 10,
                    canaryInterval = 60 } } } } }
        end))
    end)

    for why, fields in pairs {
        ["is a group for Lambda"] = { computePlatform = "Lambda" },
        ["waits for a person"] = { blueGreenDeploymentConfiguration = {
            terminateBlueInstancesOnDeploymentSuccess = { action = "KEEP_ALIVE" },
            deploymentReadyOption = { actionOnTimeout = "STOP_DEPLOYMENT" } } },
        ["names no ECS service"] = { ecsServices = {} },
        ["has 10 alarms already"] = { alarmConfiguration = { enabled = true, alarms = {
            {}, {}, {}, {}, {}, {}, {}, {}, {}, {} } } },
    } do
        it("a group that " .. why, function()
            refused(why, edited_info(fields))
        end)
    end

    it("a watch that outlasts the interval, after which all is put back", function()
        local run = sim.begin(TARGET)
        local done = carry_out(run, "step_canary", { { "steps", "10" }, { "bake", "40m" } })
        assert.matches("it would last up to 1h40m at 10 %%, and 5m are kept in hand: CodeDeploy "
            .. "goes on after 30m", done.error)
        run:undo_all()
        run.now = run.now + MINUTE
        assert.same({ true }, { run:equal() })
    end)

    it("a rollout whose signs of life the alarm does not hear", function()
        local run = sim.begin(TARGET)
        local done = fake.run(function()
            entry.start(require "policies.step_canary", { arguments = { { "target", TEXT },
                table.unpack(canary) } })
        end, run:world())
        assert.matches("has not heard of this run after 10m", done.error)
        assert.equal("shop:41", (running(run)))
        assert.equal(0, #run.account:snapshot().codedeploy.groups["shop/web"].deployments)
    end)
end)

describe("CodeDeploy's own verdict ends the run:", function()
    it("tasks that never become healthy", function()
        local state = sim.begin(TARGET).origin
        local run = sim.on(tables.with(state, "codedeploy", tables.with(state.codedeploy,
            "failing", { ["shop:42"] = true })))
        local done = carry_out(run, "step_canary", canary)
        assert.matches("shop/web was taken back by CodeDeploy: ECS_UPDATE_ERROR: ", done.rollback)
    end)

    it("an alarm of the group's", function()
        local run = sim.begin(TARGET)
        local done = carry_out(run, "step_canary", canary, nil, function(request)
            local alarm = run.account:snapshot().cloudwatch.metric["tidelock-shop-web-alive"]
            if request.operation:find "look_at_group" and alarm and #run.shares == 1 then
                run.account:restore(sim.edit(run.account:snapshot(), "cloudwatch", "metric",
                    alarm.AlarmName, tables.over(alarm, { Namespace = "x", StateValue = "ALARM",
                    StateTransitionedTimestamp = run.now })))
            end
        end)
        assert.matches("shop/web was taken back by CodeDeploy: ALARM_ACTIVE: ", done.rollback)
    end)
end)

-- Dies at its n-th call of AWS; nobody takes it up. What runs after three hours.
local function left_alone(n)
    local run, calls = sim.begin(TARGET), 0
    local died = false
    local done = carry_out(run, "step_canary", canary, nil, function(request)
        calls = calls + 1
        if calls == n then
            died = request
            error({ died = true }, 0)
        end
    end)
    run.now = run.now + 180 * MINUTE
    return died, running(run), run, done
end

describe("where a run dies at any of its calls and nobody takes it up", function()
    it("CodeDeploy hears of its silence, and takes the canary back", function()
        local tried, kept = 0, 0
        for n = 1, 1000 do
            local ok, died, definition, run = pcall(left_alone, n)
            if ok and not died then
                break
            end
            if not ok then
                error(died, 0)
            end
            tried = tried + 1
            local made = run.account:snapshot().codedeploy.groups["shop/web"].deployments
            local finished = made[1] and not made[1].ended
            kept = kept + (finished and 1 or 0)
            assert.equal(finished and "shop:42" or "shop:41", definition, n)
        end
        assert.is_true(tried >= 40, tried)
        assert.is_true(kept <= 8, kept) -- CodeDeploy had finished before the silence was heard
    end)
end)

-- A group that somebody else deploys by, so long after; deployed: the revisions before, in order.
local function by_others(ms, deployed)
    local run = sim.begin(tables.with(TARGET, "canary", "shop:42"))
    for _, revision in ipairs(deployed) do
        assert(run:call("codedeploy.create_deployment", tables.over(GROUP, {
            deploymentConfigName = "CodeDeployDefault.ECSCanary10Percent5Minutes",
            autoRollbackConfiguration = { enabled = true, events = {} },
            revision = { revisionType = "AppSpecContent", appSpecContent = { content =
                "TaskDefinition: arn:aws:ecs:eu-west-1:111122223333:task-definition/" .. revision,
            } } })))
        run.now = run.now + ms
    end
    return sim.on(run.account:snapshot()), run.now
end

describe("a deployment that never shifts", function()
    for within, text in pairs { ["1h"] = TEXT, ["10m"] = TEXT .. ",within=10m" } do
        it("is stopped after " .. within, function()
            local run = edited(function(group)
                return tables.with(group, "install", 50 * 60 * MINUTE)
            end)
            local done = carry_out(run, "step_canary", canary, text)
            local last = done.effects[#done.effects]
            assert.equal("rollback", last.kind)
            assert.matches("is not done after " .. within .. ": the canary has 0 %% of the traffic",
                last.reason)
            run:undo_all()
            run.now = run.now + MINUTE
            assert.equal("shop:41", (running(run)))
            assert.same({ true }, { run:equal() })
        end)
    end
end)

describe("take_back", function()
    local HOUR = 60 * MINUTE

    local function taken_back(ms, deployed)
        local run, now = by_others(ms, deployed)
        run.now = now
        local done = fake.run(function()
            entry.start(require "policies.take_back",
                { arguments = { { "target", "codedeploy:shop/web" } } })
        end, world_of(run))
        assert.is_nil(done.error)
        local said
        for _, request in ipairs(done.effects) do
            said = request.kind == "notify" and request.message or said
        end
        return running(run), said, run
    end

    for situation, ms in pairs {
        ["while the tasks start"] = 10000, ["at the canary's share"] = 3 * MINUTE,
        ["after the shift, while the old tasks are kept"] = 8 * MINUTE,
    } do
        it("stops what is under way, " .. situation, function()
            local definition, said, run = taken_back(ms, { "shop:42" })
            assert.equal("shop:41", definition)
            assert.matches("it runs shop:41, with all of the traffic and healthy targets: "
                .. "deployment d%-000000001 was stopped and rolled back, in %d+", said)
            assert.equal("codedeploy.stop_deployment", run.changes[1].operation)
        end)
    end

    it("deploys what ran before where nothing is under way, and never the number before", function()
        local definition, said = taken_back(HOUR, { "shop:39", "shop:42" })
        assert.equal("shop:39", definition)
        assert.matches("it was deployed anew, as deployment d%-000000001 had it", said)
    end)

    for how, case in pairs {
        ["was stopped"] = { 3 * MINUTE, { "shop:42" }, "41" },
        ["was deployed anew"] = { HOUR, { "shop:39", "shop:42" }, "39" },
    } do
        it("does not go forward again to what " .. how .. " when it is asked for twice", function()
            local _, _, run = taken_back(case[1], case[2])
            local again = sim.on(run.account:snapshot())
            again.now = run.now
            local done = fake.run(function()
                entry.start(require "policies.take_back",
                    { arguments = { { "target", "codedeploy:shop/web" } } })
            end, world_of(again))
            assert.matches("there is nothing to take back", done.effects[#done.effects].message)
            assert.equal("shop:" .. case[3], (running(again)))
            assert.same({}, again.changes)
        end)
    end

    it("touches nothing where CodeDeploy has no record of another revision", function()
        for _, deployed in ipairs { {}, { "shop:42" } } do
            local definition, said, run = taken_back(HOUR, deployed)
            assert.equal(deployed[1] or "shop:41", definition)
            assert.matches("there is nothing to take back", said)
            assert.same({}, run.changes)
        end
    end)

    it("only follows what CodeDeploy takes back already", function()
        local run, now = by_others(3 * MINUTE, { "shop:42" })
        run.now = now
        assert(run:call("codedeploy.stop_deployment", { deploymentId = "d-000000001",
            autoRollbackEnabled = true }))
        local done = fake.run(function()
            entry.start(require "policies.take_back",
                { arguments = { { "target", "codedeploy:shop/web" } } })
        end, world_of(run))
        assert.is_nil(done.error)
        assert.equal("shop:41", (running(run)))
        assert.same({}, run.changes)
    end)

    it("is not for what nobody but us deploys, and a shift wants a canary", function()
        local run = sim.begin(sim.alias_target())
        local done = fake.run(function()
            entry.start(require "policies.take_back",
                { arguments = { { "target", "lambda-alias:pay:live,canary=42" } } })
        end, run:world())
        assert.matches("take_back is for what CodeDeploy deploys", done.error)
        done = carry_out(sim.begin(TARGET), "step_canary", canary, "codedeploy:shop/web")
        assert.matches("lacks its canary", done.error)
    end)
end)

describe("metrics of a deployment group", function()
    it("are those of its two target groups, told apart before the first shift", function()
        local run = sim.begin(TARGET)
        local of = types.type "codedeploy"
        local lookup = of.lookup(TARGET)
        local known = of.known(TARGET, run:call(lookup.operation, lookup.input))
        assert.matches(":targetgroup/shop%-web%-blue/", known.baseline_group)
        assert.matches(":targetgroup/shop%-web%-green/", known.canary_group)
        assert.matches(":listener/app/shop/", known.listener)
        local values = tables.over(known, {})
        of.placeholders.fill("canary", values, error)
        assert.matches("^targetgroup/shop%-web%-green/%x+$", values.target_group)
        assert.matches("^app/shop/%x+$", values.load_balancer)
    end)
end)

describe("a rehearsal of a deployment", function()
    it("foretells what is done", function()
        local run = rehearsed.on(sim.begin(TARGET))
        local input = tables.over(GROUP, { deploymentConfigName =
            "CodeDeployDefault.ECSAllAtOnce", revision = { revisionType = "AppSpecContent",
            appSpecContent = { content = "TaskDefinition: shop:42" } } })
        local change = run:change("codedeploy.create_deployment", input)
        assert.same({ taskDefinition = "shop:42" }, change.after)
    end)
end)
