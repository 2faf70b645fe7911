-- ECS services as targets of policies, on the simulated account.
local fake = require "fake_effect"
fake.install()
local sim = require "sim_run"
local cases = require "ecs_cases"
local entry = require "policy_entry"
local rollout = require "rollout"
local tables = require "simulation.tables"
local target = require "target"

local TEXT = "ecs-service:shop/checkout,canary=checkout:43"
local id = "shop/checkout"

-- A run whose service has other settings than usual.
local function begin(fields)
    local run = sim.begin(cases.target)
    local known = run.origin.ecs.services[id]
    return sim.on(sim.edit(run.origin, "ecs", "services", id,
        tables.with(known, "shown", tables.over(known.shown, fields or {}))))
end

local function shift(run, percent, fields)
    return fake.run(function()
        rollout.ecs_service(tables.over({ cluster = "shop", service = "checkout",
            canary = "checkout:43" }, fields or {})):shift(percent)
    end, run:world())
end

local function start(run, name, arguments)
    return fake.run(function()
        entry.start(require("policies." .. name),
            { arguments = { { "target", TEXT }, table.unpack(arguments or {}) } })
    end, run:world())
end

describe("an ECS service as text", function()
    it("is read", function()
        assert.same(cases.target, target.parse(TEXT).value)
        local arn = "arn:aws:ecs:eu-west-1:111122223333:task-definition/checkout:43"
        assert.same(tables.over(cases.target, { canary = arn, within = 3600000 }),
            target.parse("ecs-service:shop/checkout,canary=" .. arn .. ",within=1h").value)
        assert.same({ type = "ecs_service", cluster = "shop", service = "checkout" },
            target.parse("ecs-service:shop/checkout").value)
    end)

    it("is refused with a reason", function()
        for text, reason in pairs {
            ["ecs-service:shop,canary=checkout:43"] = "expected ecs%-service:CLUSTER/SERVICE",
            ["ecs-service:a/b/c,canary=checkout:43"] = "expected ecs%-service:CLUSTER/SERVICE",
            ["ecs-service:shop/checkout,canary=checkout"] =
                "canary: expected a revision of a task definition",
            ["ecs-service:shop/checkout,canary=checkout:43,within=5"] = "within: ",
        } do
            local one, why = target.parse(text)
            assert.is_nil(one)
            assert.matches(reason, why)
        end
    end)
end)

describe("policies on an ECS service", function()
    it("blue_green waits for the deployment, watches, and is undone", function()
        local run = begin()
        local done = start(run, "blue_green")
        assert.is_nil(done.error)
        assert.is_nil(done.rollback)
        assert.same({ 100 }, run.shares)
        assert.equal(1, #run.changes)
        assert.equal("arn:aws:ecs:us-east-1:123456789012:task-definition/checkout:43",
            fake.of(done, "ecs.update_service")[1].input.taskDefinition)
        run:undo_all()
        assert.same({ true }, { run:equal() })
        assert.equal(0, (run.account:share(cases.target, run.now + 3600000)))
    end)

    it("look at its revisions where an ARN says that it is", function()
        local cluster = "arn:aws:ecs:ap-south-1:123456789012:cluster/shop"
        local run = sim.begin(tables.over(cases.target, { cluster = cluster }))
        local done = shift(run, 100, { cluster = cluster })
        assert.is_nil(done.error)
        local looks = fake.of(done, "ecs.describe_task_definition")
        assert.same({ "ap-south-1", "ap-south-1" }, { looks[1].region, looks[2].region })
        done = shift(begin(), 100)
        assert.is_nil(fake.of(done, "ecs.describe_task_definition")[1].region)
    end)

    it("that want a share between are refused before anything is touched", function()
        for name, given in pairs { step_canary = {}, linear = {},
            blue_green = { { "preview", "10" } } } do
            local done = start(begin(), name, given)
            assert.matches("shop/checkout: cannot carry %d+ %%: a rolling deployment replaces all "
                .. "tasks, so that it carries 0 or 100 %% only$", done.error)
            assert.equal(0, #fake.of(done, "ecs.update_service"))
            local said = { { "target.strategy", "rolling" }, table.unpack(given) }
            done = start(begin(), name, said)
            assert.matches('^parameter "%l+": shop/checkout cannot carry %d+ %%: a rolling '
                .. "deployment replaces all tasks, so that it carries 0 or 100 %% only$",
                done.error)
            assert.same({}, done.effects)
        end
        for _, case in ipairs { { "step_canary", "steps", "100" }, { "linear", "step", "100" } } do
            local done = start(begin(), case[1], { { case[2], case[3] } })
            assert.is_nil(done.error)
            assert.equal(1, #fake.of(done, "ecs.update_service"))
        end
    end)

    it("that shift by themselves are refused at their own line", function()
        local done = shift(begin(), 50)
        assert.matches("^stdlib_ecs_spec.lua:%d+: shift: shop/checkout cannot carry 50 %%",
            done.error)
        assert.equal(0, #fake.of(done, "ecs.update_service"))
    end)

    it("go there and back", function()
        local run = begin()
        local done = fake.run(function()
            local one = rollout.ecs_service { cluster = "shop", service = "checkout",
                canary = "checkout:43" }
            one:healthy { within = "1m" }
            one:shift(0)
            one:shift(100)
            one:shift(100)
            assert.equal(100, (run.account:share(cases.target, run.now)))
            one:shift(0)
        end, run:world())
        assert.is_nil(done.error)
        assert.equal(2, #run.changes)
        assert.same({ true }, { run:equal() })
    end)
end)

describe("a deployment is done", function()
    -- Looks at a service that is at first as it was, and then goes through these deployments.
    local function looks(...)
        local steps, count, run = { ... }, 0, begin()
        local world = run:world()
        local at_first = world["ecs.describe_services"]
        world["ecs.describe_services"] = function(request, ...)
            local output = at_first(request, ...)
            if #run.changes > 0 then
                count = count + 1
                output.services[1] = tables.with(output.services[1], "deployments", steps[count])
            end
            return output
        end
        local done = fake.run(function()
            rollout.ecs_service { cluster = "shop", service = "checkout",
                canary = "checkout:43" }:shift(100)
        end, world)
        assert.is_nil(done.error)
        return count
    end

    local function primary(running, state)
        return { status = "PRIMARY", taskDefinition = "checkout:43", runningCount = running,
            rolloutState = state }
    end

    local function old(running)
        return { status = "ACTIVE", taskDefinition = "checkout:42", runningCount = running }
    end

    it("when ECS says so and no task of the old one is left", function()
        assert.equal(3, looks({ primary(4, "IN_PROGRESS"), old(0) },
            { primary(4, "COMPLETED"), old(1) }, { primary(4, "COMPLETED") }))
    end)

    it("when all tasks run, where ECS says nothing", function()
        assert.equal(3, looks({ primary(3) }, { primary(4), old(2) }, { primary(4), old(0) }))
    end)
end)

describe("a deployment that goes wrong", function()
    local function failing(breaker)
        local run = begin { deploymentConfiguration = { minimumHealthyPercent = 100,
            maximumPercent = 200, deploymentCircuitBreaker = breaker } }
        return sim.on(sim.edit(run.origin, "ecs", "failing", "checkout:43", true))
    end

    it("and was sent back by the circuit breaker rolls the run back", function()
        local run = failing { enable = true, rollback = true }
        local done = shift(run, 100)
        assert.equal("shop/checkout was sent back to checkout:42 by ECS: ECS deployment circuit "
            .. "breaker: tasks failed to start.", done.rollback)
        assert.is_nil(run:undo("service/shop/checkout#taskDefinition"))
        assert.same({ true }, { run:equal() })
    end)

    it("and was only stopped by it, too", function()
        local run = failing { enable = true, rollback = false }
        local done = shift(run, 100)
        assert.matches("^shop/checkout could not be moved to checkout:43: ECS deployment circuit",
            done.rollback)
        assert.is_truthy(run:undo("service/shop/checkout#taskDefinition"))
        assert.same({ true }, { run:equal() })
    end)

    it("and does not end is waited for as long as the target says", function()
        local run = failing { enable = false, rollback = false }
        local done = shift(run, 100, { within = "3m" })
        assert.equal("shop/checkout is not done after 3m: 0 of 4 tasks run checkout:43, 4 run "
            .. "another (IN_PROGRESS)", done.rollback)
        assert.equal(12, #fake.of(done, "sleep"))
        run = failing { enable = false, rollback = false }
        assert.equal(120, #fake.of(shift(run, 100), "sleep"))
    end)
end)

describe("a service that a rollout cannot start from", function()
    local function refused(run, reason, fields)
        local done = shift(run, 100, fields)
        assert.is_truthy(done.error and done.error:find(reason, 1, true), done.error)
        assert.same({}, run.changes)
    end

    it("is steered by others", function()
        refused(begin { deploymentController = { type = "CODE_DEPLOY" } },
            "shop/checkout: is steered by CodeDeploy: it is not touched behind its back")
        refused(begin { deploymentController = { type = "EXTERNAL" } }, "is steered by task sets")
        refused(begin { deploymentConfiguration = { strategy = "BLUE_GREEN" } },
            "has the strategy BLUE_GREEN and no load balancer whose traffic could be shifted")
    end)

    it("is not there, or has nothing to do", function()
        refused(begin(), "ClusterNotFoundException", { cluster = "none" })
        refused(begin(), "shop/none: was not found", { service = "none" })
        refused(begin { status = "DRAINING" }, "is DRAINING")
        refused(begin(), "ClientException", { canary = "checkout:99" })
        refused(begin(), "already runs checkout:42: there is nothing to roll out",
            { canary = "checkout:42" })
        refused(begin { desiredCount = 0 }, "runs no tasks")
    end)

    it("could not go there or not come back", function()
        for number, called in pairs { [42] = "baseline", [43] = "canary" } do
            local run = begin()
            run:call("ecs.deregister_task_definition",
                { taskDefinition = "checkout:" .. number })
            refused(run, ("checkout:%d is INACTIVE, and ECS would refuse to deploy it (it is the "
                .. "%s)"):format(number, called))
        end
        refused(begin { deploymentConfiguration = { minimumHealthyPercent = 100,
            maximumPercent = 100 } }, "cannot replace its 4 tasks: 100 to 100 % of them must run")
        refused(begin { desiredCount = 1, deploymentConfiguration = { minimumHealthyPercent = 50,
            maximumPercent = 150 } }, "cannot replace its 1 tasks")
    end)

    it("is in the middle of a deployment", function()
        local run = begin()
        run:call("ecs.update_service", cases.service { taskDefinition = "checkout:43" })
        run.now = run.now + 1000
        refused(run, "is in the middle of a deployment", { canary = "checkout:42" })
    end)
end)
