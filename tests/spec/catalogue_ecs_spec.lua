-- What the catalogue knows of Amazon ECS beyond what is asked of every operation: whose services
-- are left alone, what an undo goes back to, and which revision is deregistered.
local sim = require "sim_run"
local cases = require "ecs_cases"
local catalogue = require "aws.catalogue"
local kinds = require "aws.kinds"
local tables = require "simulation.tables"

local service, definition = cases.service, cases.definition

local id = "shop/checkout"

local function begin(fields)
    local run = sim.begin(cases.target)
    local known = run.origin.ecs.services[id]
    local shown = tables.over(known.shown, fields or {})
    return sim.on(sim.edit(run.origin, "ecs", "services", id, tables.with(known, "shown", shown)))
end

local function described(run)
    return run:look { operation = "ecs.describe_services",
        input = { cluster = "shop", services = { "checkout" } } }.services[1]
end

local function why(run, operation, input)
    local ok, problem = pcall(run.change, run, operation, input)
    assert.is_false(ok)
    assert.equal(run.origin, run.account:snapshot())
    return problem.invalid
end

describe("ecs.update_service", function()
    it("leaves alone what somebody else steers, before anything is sent", function()
        local config = begin().origin.ecs.services[id].shown.deploymentConfiguration
        for _, case in ipairs {
            { { deploymentController = { type = "CODE_DEPLOY" } },
                "CodeDeploy steers the service checkout: it is not changed behind its back" },
            { { deploymentController = { type = "EXTERNAL" } }, "task sets steer the service" },
            { { deploymentConfiguration = tables.with(config, "strategy", "CANARY") },
                "ECS itself steers the traffic of the service checkout (CANARY)" },
            { { deploymentConfiguration = tables.with(config, "lifecycleHooks",
                { { targetType = "PAUSE" } }) }, "has lifecycle hooks" },
            { { status = "DRAINING" }, "the service checkout is DRAINING" },
        } do
            for _, setting in ipairs { { taskDefinition = "checkout:43" }, { desiredCount = 5 } } do
                local message = why(begin(case[1]), "ecs.update_service", service(setting))
                assert.is_truthy(message:find(case[2], 1, true), message)
            end
        end
    end)

    it("takes a service for ECS's own where AWS does not say so", function()
        local run = begin()
        local plan = catalogue.plan("ecs.update_service", service { desiredCount = 5 })
        local output = run:look(plan.observe)
        output.services[1] = tables.with(output.services[1], "deploymentController", nil)
        output.services[1].deploymentConfiguration = { maximumPercent = 200 }
        local before = catalogue.prepare("ecs.update_service", service { desiredCount = 5 }, output)
        assert.same({ desiredCount = 4 }, before)
    end)

    it("goes back to the revision that ran, whatever its number", function()
        local run = begin()
        run:call("ecs.update_service", service { taskDefinition = "checkout:43" })
        run = sim.on(run.account:snapshot())
        local change = run:change("ecs.update_service", service { taskDefinition = "checkout:42" })
        assert.same({ cluster = "shop", service = "checkout", taskDefinition =
            "arn:aws:ecs:us-east-1:123456789012:task-definition/checkout:43" }, change.undo.input)
    end)

    it("compares revisions, not their spelling, and clusters likewise", function()
        local prefix = "arn:aws:ecs:us-east-1:123456789012:"
        local run = begin()
        local long = run:change("ecs.update_service", { cluster = prefix .. "cluster/shop",
            service = prefix .. "service/shop/checkout",
            taskDefinition = prefix .. "task-definition/checkout:43" })
        assert.equal(prefix .. "service/shop/checkout#taskDefinition", long.identity)
        assert.same({ taskDefinition = "checkout:43" }, long.after)
        assert.equal(prefix .. "service/default/a#desiredCount", catalogue.plan(
            "ecs.update_service", { service = "a", desiredCount = 1 },
            run.account:home()).identity)
    end)

    it("is undone though autoscaling moved the desired count", function()
        local run = begin()
        local change = run:change("ecs.update_service", service { taskDefinition = "checkout:43" })
        run:call("ecs.update_service", service { desiredCount = 9 })
        assert.is_true(run:shows(change, "after"))
        run:undo_all()
        assert.is_true(run:shows(change, "before"))
        assert.equal(9, described(run).desiredCount)
    end)

    it("wants configurations whole, since AWS is silent on what is left out", function()
        local run = begin()
        local part = service { deploymentConfiguration = { maximumPercent = 150,
            minimumHealthyPercent = 50 } }
        assert.matches("has a deploymentConfiguration%.deploymentCircuitBreaker: give that part",
            why(run, "ecs.update_service", part))
        part = cases.network { securityGroups = false }
        part.networkConfiguration.awsvpcConfiguration.securityGroups = nil
        assert.matches("has a networkConfiguration%.securityGroups", why(run, "ecs.update_service",
            part))
    end)

    it("is refused where there is nothing to go back to", function()
        assert.matches("the service shows no desiredCount that could be put back",
            why(begin { schedulingStrategy = "DAEMON" }, "ecs.update_service",
                service { desiredCount = 5 }))
        local output = { services = {}, failures = {} }
        assert.has_error(function()
            catalogue.prepare("ecs.update_service", service { desiredCount = 5 }, output)
        end, { invalid = "ecs.update_service: there is no service checkout in the cluster shop" })
    end)

    it("switches off what was not there", function()
        local run = begin()
        run:change("ecs.update_service", cases.rolling { earlySuccessCriteria = { enable = true },
            bakeTimeInMinutes = 5 })
        local undo = run:undo("service/shop/checkout#deploymentConfiguration")
        local sent = undo.input.deploymentConfiguration
        assert.same({ enable = false }, sent.earlySuccessCriteria)
        assert.equal(0, sent.bakeTimeInMinutes)
        assert.same({ enable = true, rollback = true }, sent.deploymentCircuitBreaker)
        assert.same({ true }, { run:equal() })
    end)
end)

describe("the undo of ecs.update_service", function()
    local function steady(run, change)
        local _, output = run:state(change)
        return catalogue.steady(change.operation, change.input, output)
    end

    -- A run that has moved the service to checkout:43 and back, whose tasks may not start then.
    local function gone_back(breaker)
        local run = begin { deploymentConfiguration = { minimumHealthyPercent = 100,
            maximumPercent = 200, deploymentCircuitBreaker = breaker } }
        if breaker then
            run = sim.on(sim.edit(run.origin, "ecs", "failing", "checkout:42", true))
        end
        local change = run:change("ecs.update_service", service { taskDefinition = "checkout:43" })
        run.now = run.now + 600000
        run:undo(change.identity)
        assert.is_true(run:shows(change, "before"))
        return run, change
    end

    it("is done when the tasks are replaced", function()
        local run, change = gone_back()
        assert.equal(15000, steady(run, change))
        run.now = run.now + 600000
        assert.equal(0, steady(run, change))
    end)

    it("is given up where the tasks do not start", function()
        local run, change = gone_back { enable = true, rollback = false }
        run.now = run.now + 600000
        local ok, problem = pcall(steady, run, change)
        assert.is_false(ok)
        assert.matches("the tasks of checkout:42 do not start: .*circuit breaker", problem.invalid)
    end)

    it("is not sent again where the circuit breaker took it back", function()
        local run, change = gone_back { enable = true, rollback = true }
        repeat
            run.now = run.now + 15000
        until run:shows(change, "after")
        local _, output = run:state(change)
        local ok, problem = pcall(catalogue.guard, change.operation, change.undo, output)
        assert.is_false(ok)
        assert.matches("ECS took the service back from checkout:42", problem.invalid)
        run.now = run.now + 600000 -- its traces are gone: a person may try again
        _, output = run:state(change)
        assert.same(change.undo, catalogue.guard(change.operation, change.undo, output))
    end)

    it("is sent where the run's own revision failed, or ours did before", function()
        local before = { { status = "PRIMARY", taskDefinition = "checkout:43", runningCount = 1,
            rolloutStateReason = "rolling back to 43" },
            { status = "ACTIVE", taskDefinition = "checkout:44", rolloutState = "FAILED" } }
        local stale = { { status = "PRIMARY", taskDefinition = "checkout:43", runningCount = 1 },
            { status = "ACTIVE", taskDefinition = "checkout:42", rolloutState = "FAILED" } }
        local undo = { operation = "ecs.update_service", input = service {
            taskDefinition = "checkout:42" } }
        for _, deployments in ipairs { before, stale } do
            local output = { services = { { serviceName = "checkout", status = "ACTIVE",
                deployments = deployments } } }
            assert.equal(undo, catalogue.guard("ecs.update_service", undo, output))
        end
    end)

    it("asks for no more than is told", function()
        local function told(input, fields)
            local shown = tables.over({ serviceName = "checkout", status = "ACTIVE" }, fields)
            return catalogue.steady("ecs.update_service", service(input), { services = { shown } })
        end
        local revision, primary = { taskDefinition = "checkout:43" },
            { status = "PRIMARY", taskDefinition = "checkout:42", runningCount = 1 }
        assert.equal(0, told({ desiredCount = 3 }, { runningCount = 1 }))
        assert.equal(0, told(revision, {}))
        assert.equal(0, told(revision, { deployments = { primary }, desiredCount = 1 }))
        assert.equal(15000, told(revision, { deployments = { primary }, desiredCount = 2 }))
        primary.rolloutState = "COMPLETED" -- autoscaling may want more since
        assert.equal(0, told(revision, { deployments = { primary }, desiredCount = 2 }))
    end)
end)

describe("ecs.register_task_definition", function()
    it("is taken back by the revision with its tag, and by no other", function()
        local run = begin()
        local change = run:change("ecs.register_task_definition", definition {})
        assert.same({ latest = "checkout:43" }, change.before)
        assert.same({ registered = "build-44" }, change.after)
        local request = run:undo(change.identity)
        assert.equal("ecs.deregister_task_definition", request.operation)
        assert.equal("arn:aws:ecs:us-east-1:123456789012:task-definition/checkout:44",
            request.input.taskDefinition)
        for number, status in pairs { [42] = "ACTIVE", [43] = "ACTIVE", [44] = "INACTIVE" } do
            assert.equal(status, run:look { operation = "ecs.describe_task_definition",
                input = { taskDefinition = "checkout:" .. number } }.taskDefinition.status)
        end
    end)

    it("leaves the later revision of somebody else alone", function()
        local run = begin()
        local change = run:change("ecs.register_task_definition", definition {})
        run:call("ecs.register_task_definition", definition { tags = { { key = "tidelock",
            value = "theirs" } } })
        assert.is_false(run:shows(change, "before"))
        assert.is_false(run:shows(change, "after"))
    end)

    it("has no undo that would deregister anything unseen", function()
        local run = begin()
        local change = run:change("ecs.register_task_definition", definition {})
        assert.equal("checkout:0", change.undo.input.taskDefinition)
    end)

    it("is not made twice with one tag", function()
        local run = begin()
        run:change("ecs.register_task_definition", definition {})
        run = sim.on(run.account:snapshot())
        assert.matches("is already registered with the tag tidelock = build%-44",
            why(run, "ecs.register_task_definition", definition {}))
    end)

    it("is no policy's to take back", function()
        assert.has_error(function()
            catalogue.plan("ecs.deregister_task_definition", { taskDefinition = "checkout:43" })
        end, { invalid = "ecs.deregister_task_definition is only used to undo: policies cannot "
            .. "ask for it" })
    end)
end)

-- What a value has that the wire's description does not know.
local function unknown(value, kind, place)
    if kind.kind == "structure" then
        for name, item in pairs(value) do
            local of = kind.members[name]
            local found = not of and place .. "." .. name or unknown(item, of, place .. "." .. name)
            if found then
                return found
            end
        end
    elseif kind.kind == "list" then
        for _, item in ipairs(value) do
            local found = unknown(item, kind.of, place .. "[]")
            if found then
                return found
            end
        end
    end
end

describe("ECS on the wire", function()
    local wire = require "services.ecs.wire"

    it("has every operation of the catalogue", function()
        local actions = {}
        for _, one in ipairs(catalogue.services()) do
            for _, entry in pairs(one.name == "ecs" and one.operations or {}) do
                actions[entry.action] = true
            end
        end
        assert.same(tables.names(actions), tables.names(wire.operations))
    end)

    it("knows all that the simulated account shows", function()
        local run = begin()
        run:change("ecs.register_task_definition", definition {})
        run:change("ecs.update_service", service { taskDefinition = "checkout:44" })
        local deployment = described(run).currentServiceDeployment
        local tasks = run:call("ecs.list_tasks", { cluster = "shop" })
        for action, input in pairs {
            DescribeServices = { cluster = "shop", services = { "checkout", "none" } },
            DescribeTaskDefinition = { taskDefinition = "checkout", include = { "TAGS" } },
            DescribeServiceDeployments = { serviceDeploymentArns = { deployment } },
            ListServiceDeployments = service {},
            ListTasks = { cluster = "shop" },
            DescribeTasks = { cluster = "shop", tasks = tasks.taskArns },
            UpdateService = service { taskDefinition = "checkout:43" },
        } do
            local verb = action:gsub("%u", function(letter) return "_" .. letter:lower() end)
            local output = assert(run:call("ecs." .. verb:sub(2), input))
            assert.is_nil(unknown(output, wire.operations[action].output, action))
        end
        assert.equal("Failure.x", unknown({ x = 1 }, kinds.structure {}, "Failure"))
    end)
end)
