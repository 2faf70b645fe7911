-- Rolling deployments of the simulated ECS: how the tasks, and with them the traffic, move by
-- themselves; what the circuit breaker does; and what AWS refuses.
local sim = require "sim_run"
local cases = require "ecs_cases"
local tables = require "simulation.tables"

local service = cases.service
local id = "shop/checkout"

local function begin(fields)
    local run = sim.begin(cases.target)
    local known = run.origin.ecs.services[id]
    return sim.on(sim.edit(run.origin, "ecs", "services", id,
        tables.with(known, "shown", tables.over(known.shown, fields or {}))))
end

local function percents(least, most, breaker)
    return { deploymentConfiguration = { minimumHealthyPercent = least, maximumPercent = most,
        deploymentCircuitBreaker = breaker or { enable = true, rollback = true } } }
end

local function deploy(run, number)
    return assert(run:call("ecs.update_service",
        service { taskDefinition = "checkout:" .. number })).service
end

local function described(run)
    return run:look { operation = "ecs.describe_services",
        input = { cluster = "shop", services = { "checkout" } } }.services[1]
end

local function records(run)
    return run:look { operation = "ecs.list_service_deployments",
        input = service {} }.serviceDeployments
end

-- Shares with the seconds from which they hold, as long as they change.
local function shares(run)
    local at, list = run.now, {}
    repeat
        local percent, until_when = run.account:share(cases.target, at)
        list[#list + 1] = ("%d:%g"):format((at - run.now) // 1000, percent)
        at = until_when
    until not at
    return table.concat(list, " ")
end

local function code(run, operation, input)
    local output, refusal = run:call("ecs." .. operation, input)
    assert.is_nil(output)
    return refusal.code
end

describe("a rolling deployment", function()
    for _, case in ipairs {
        { 100, 200, "0:0 59:100 89:100" },          -- all new ones first
        { 100, 150, "0:0 59:50 119:100 149:100" },  -- two at a time
        { 50, 100, "0:0 59:100 119:100 149:100" },  -- two old ones make room
        { 0, 100, "0:0 59:100 89:100" },            -- all old ones make room
        { 100, 100, "0:0" },                        -- no room: it stands still
    } do
        it(("takes its time with %d to %d %%"):format(case[1], case[2]), function()
            local run = begin(percents(case[1], case[2]))
            deploy(run, 43)
            assert.equal(case[3], shares(run))
        end)
    end

    it("never runs fewer or more tasks than it may", function()
        for _, case in ipairs { { 100, 200 }, { 100, 150 }, { 50, 100 }, { 75, 125 } } do
            local run = begin(percents(case[1], case[2]))
            deploy(run, 43)
            for _ = 1, 30 do
                local now = described(run)
                local all = now.runningCount + now.pendingCount
                assert.is_true(now.runningCount >= math.ceil(4 * case[1] / 100))
                assert.is_true(all <= math.max(4, 4 * case[2] // 100), all)
                run.now = run.now + 10000
            end
            assert.equal(100, (run.account:share(cases.target, run.now)))
        end
    end)

    it("is shown as AWS shows it", function()
        local run = begin()
        local at_once = deploy(run, 43)
        assert.matches(":task%-definition/checkout:43$", at_once.taskDefinition)
        local new, old = at_once.deployments[1], at_once.deployments[2]
        assert.same({ "PRIMARY", "IN_PROGRESS", 0, 4, 4 }, { new.status, new.rolloutState,
            new.runningCount, new.pendingCount, new.desiredCount })
        assert.same({ "ACTIVE", 4, 0 }, { old.status, old.runningCount, old.pendingCount })
        assert.matches(":service%-deployment/shop/checkout/%d+$", at_once.currentServiceDeployment)
        assert.equal("IN_PROGRESS", records(run)[1].status)
        assert.equal(8, #run:look { operation = "ecs.list_tasks", input = { cluster = "shop" }
            }.taskArns)
        run.now = run.now + 90000
        local done = described(run)
        assert.same({ 1, "COMPLETED", 4 }, { #done.deployments, done.deployments[1].rolloutState,
            done.runningCount })
        assert.is_nil(done.currentServiceDeployment)
        assert.same({ "SUCCESSFUL", done.deployments[1].updatedAt }, { records(run)[1].status,
            records(run)[1].finishedAt })
    end)

    it("is replaced by another, and keeps the tasks that are wanted again", function()
        local run = begin(percents(100, 150))
        deploy(run, 43)
        run.now = run.now + 60000
        assert.equal(50, (run.account:share(cases.target, run.now)))
        deploy(run, 42)
        assert.equal("0:50 59:0 89:0", shares(run))
        assert.equal("STOPPED", records(run)[2].status)
        run.now = run.now + 90000
        assert.equal("SUCCESSFUL", records(run)[1].status)
    end)

    it("is none where the revision is the one that runs", function()
        local run = begin()
        deploy(run, 42)
        assert.same({}, records(run))
        assert.equal("0:0", shares(run))
    end)

    it("follows the desired count, which is no deployment", function()
        local run = begin()
        run:call("ecs.update_service", service { desiredCount = 2 })
        assert.same({ 2, 0 }, { described(run).runningCount, described(run).pendingCount })
        run:call("ecs.update_service", service { desiredCount = 6 })
        assert.same({ 2, 4 }, { described(run).runningCount, described(run).pendingCount })
        run.now = run.now + 60000
        assert.equal(6, described(run).runningCount)
        assert.same({}, records(run))
    end)
end)

describe("tasks that do not start", function()
    local function failing(fields)
        local run = begin(fields)
        return sim.on(sim.edit(run.origin, "ecs", "failing", "checkout:43", true))
    end

    it("trip the circuit breaker, which goes back", function()
        local run = failing()
        deploy(run, 43)
        run.now = run.now + 60000
        local back = described(run)
        assert.matches("checkout:42$", back.taskDefinition)
        assert.same({ "PRIMARY", "IN_PROGRESS", 4 }, { back.deployments[1].status,
            back.deployments[1].rolloutState, back.deployments[1].runningCount })
        assert.same({ "FAILED", 4, 0 }, { back.deployments[2].rolloutState,
            back.deployments[2].failedTasks, back.deployments[2].runningCount })
        assert.equal("ROLLBACK_IN_PROGRESS", records(run)[1].status)
        run.now = run.now + 30000
        local arn = records(run)[1].serviceDeploymentArn
        local record = run:look { operation = "ecs.describe_service_deployments",
            input = { serviceDeploymentArns = { arn } } }.serviceDeployments[1]
        assert.equal("ROLLBACK_SUCCESSFUL", record.status)
        assert.same({ status = "TRIGGERED", failureCount = 4, threshold = 3 },
            record.deploymentCircuitBreaker)
        assert.equal(0, (run.account:share(cases.target, run.now)))
        assert.same({ true }, { run:equal() })
    end)

    it("end the deployment where the circuit breaker does not go back", function()
        local run = failing(percents(100, 200, { enable = true, rollback = false }))
        deploy(run, 43)
        run.now = run.now + 3600000
        local stuck = described(run)
        assert.matches("checkout:43$", stuck.taskDefinition)
        assert.equal("FAILED", stuck.deployments[1].rolloutState)
        assert.equal("STOPPED", records(run)[1].status)
        assert.is_false((run:equal()))
        run:call("ecs.update_service", service { desiredCount = 5 })
        assert.equal(0, described(run).pendingCount)
        deploy(run, 42)
        run.now = run.now + 3600000
        assert.same({ "COMPLETED", 5 }, { described(run).deployments[1].rolloutState,
            described(run).runningCount })
    end)

    it("are tried again and again without a circuit breaker", function()
        local run = failing(percents(100, 200, { enable = false, rollback = false }))
        deploy(run, 43)
        run.now = run.now + 130000
        assert.equal(8, described(run).deployments[1].failedTasks)
        run.now = run.now + 3600000
        assert.equal("IN_PROGRESS", described(run).deployments[1].rolloutState)
        assert.equal("IN_PROGRESS", records(run)[1].status)
    end)

    it("are tolerated up to the threshold", function()
        local threshold = require("services.ecs.simulated.rollout").threshold
        local function limit(kind, value, desired)
            return threshold({ deploymentCircuitBreaker = { enable = true,
                thresholdConfiguration = kind and { type = kind, value = value } } }, desired)
        end
        assert.same({ 3, 10, 200 }, { limit(nil, nil, 4), limit(nil, nil, 20),
            limit(nil, nil, 999) })
        assert.same({ 7, 1, 250 }, { limit("COUNT", 7, 99), limit("UNBOUNDED_PERCENT", 25, 4),
            limit("UNBOUNDED_PERCENT", 25, 1000) })
        assert.is_nil(threshold({}, 4))
    end)
end)

describe("simulated ECS", function()
    it("refuses with AWS's codes", function()
        local run = begin()
        local none = { cluster = "none", service = "checkout" }
        for _, operation in ipairs { "update_service", "list_service_deployments" } do
            local setting = operation == "update_service" and { desiredCount = 1 } or {}
            assert.equal("ClusterNotFoundException", code(run, operation,
                tables.over(none, setting)))
            assert.equal("ServiceNotFoundException", code(run, operation,
                service(tables.over({ service = "none" }, setting))))
        end
        assert.equal("ClusterNotFoundException", code(run, "list_tasks", {}))
        assert.equal("ServiceNotFoundException", code(run, "list_tasks", { cluster = "shop",
            serviceName = "none" }))
        assert.equal("InvalidParameterException", code(run, "list_tasks", { cluster = "shop",
            nextToken = "none" }))
        assert.equal("ClientException", code(run, "describe_task_definition",
            { taskDefinition = "none" }))
        assert.equal("ClientException", code(run, "update_service",
            service { taskDefinition = "checkout:99" }))
        assert.equal("InvalidParameterException", code(run, "update_service", service {}))
        local missing = run:look { operation = "ecs.describe_services", input = {
            cluster = "shop", services = { "none" } } }
        assert.same({ {}, "MISSING" }, { missing.services, missing.failures[1].reason })
    end)

    it("takes no INACTIVE revision", function()
        local run = begin()
        assert(run:call("ecs.deregister_task_definition", { taskDefinition = "checkout:43" }))
        assert.equal("ClientException", code(run, "update_service",
            service { taskDefinition = "checkout:43" }))
        assert.equal("InvalidParameterException", code(run, "deregister_task_definition",
            { taskDefinition = "checkout:43" }))
        local _, difference = run:equal()
        assert.equal("task definition checkout:43: was there and is absent", difference)
    end)

    it("leaves the task definition to whoever steers the service", function()
        local run = begin { deploymentController = { type = "CODE_DEPLOY" } }
        assert.equal("InvalidParameterException", code(run, "update_service",
            service { taskDefinition = "checkout:43" }))
        assert(run:call("ecs.update_service", service { desiredCount = 5 }))
        run = begin { status = "INACTIVE" }
        assert.equal("ServiceNotActiveException", code(run, "update_service",
            service { desiredCount = 5 }))
    end)

    it("numbers revisions on, whatever became of the last", function()
        local run = begin()
        for number = 44, 46 do
            local made = run:call("ecs.register_task_definition", cases.definition {})
            assert.equal(number, made.taskDefinition.revision)
            assert.same(cases.definition {}.tags, made.tags)
            run:call("ecs.deregister_task_definition", { taskDefinition = "checkout:" .. number })
        end
        assert.equal(43, run:look { operation = "ecs.describe_task_definition",
            input = { taskDefinition = "checkout" } }.taskDefinition.revision)
    end)

    it("lists in pages, and only what is asked for", function()
        local run = begin()
        deploy(run, 43)
        local first = run:look { operation = "ecs.list_tasks", input = { cluster = "shop",
            family = "checkout", maxResults = 5 } }
        local rest = run:look { operation = "ecs.list_tasks", input = { cluster = "shop",
            maxResults = 5, nextToken = first.nextToken } }
        assert.same({ 5, 3 }, { #first.taskArns, #rest.taskArns })
        assert.is_nil(rest.nextToken)
        local tasks = run:look { operation = "ecs.describe_tasks", input = { cluster = "shop",
            tasks = first.taskArns } }.tasks
        assert.equal(5, #tasks)
        assert.matches("checkout:4[23]$", tasks[1].taskDefinitionArn)
        for filter, count in pairs { [{ status = { "SUCCESSFUL" } }] = 0,
            [{ status = { "IN_PROGRESS" } }] = 1, [{ createdAt = { after = run.now } }] = 0,
            [{ createdAt = { before = run.now } }] = 1 } do
            assert.equal(count, #run:look { operation = "ecs.list_service_deployments",
                input = service(filter) }.serviceDeployments)
        end
    end)

    it("begins with what its targets speak of", function()
        local arn = "arn:aws:ecs:eu-west-1:111122223333:"
        local run = sim.begin({ type = "ecs_service", cluster = arn .. "cluster/shop",
            service = "checkout", canary = arn .. "task-definition/checkout:7" })
        local found = described(run)
        assert.equal(arn .. "service/shop/checkout", found.serviceArn)
        assert.equal(arn .. "task-definition/checkout:6", found.taskDefinition)
        run = sim.begin(tables.with(cases.target, "canary", "checkout:1"))
        assert.matches("checkout:2$", described(run).taskDefinition)
    end)

    it("refuses targets that it cannot make", function()
        for reason, fields in pairs {
            ["canary must be a revision of a task definition"] = { canary = "checkout" },
            ['within must be a duration such as "90s"'] = { within = 5 },
            ["cluster must be the name or ARN of a cluster"] = { cluster = "a b" },
        } do
            local ok, problem = pcall(sim.begin, tables.over(cases.target, fields))
            assert.is_false(ok)
            assert.matches(reason, problem.invalid)
        end
        local ok, problem = pcall(sim.begin, cases.target,
            tables.with(cases.target, "canary", "other:3"))
        assert.is_false(ok)
        assert.matches("different families", problem.invalid)
    end)
end)
