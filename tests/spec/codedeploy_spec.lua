-- CodeDeploy: what is gathered about a deployment group, how it stands, and how the simulated
-- account carries deployments out.
local sim = require "sim_run"
local catalogue = require "aws.catalogue"
local cases = require "codedeploy_cases"
local iam = require "aws.iam"
local observation = require "services.codedeploy.observation"
local revision = require "services.codedeploy.revision"
local standing = require "services.codedeploy.standing"
local tables = require "simulation.tables"

local MINUTE = 60000

local function begin()
    local state = sim.begin().origin
    return sim.on(tables.with(state, "codedeploy", cases.prepared(state.codedeploy)))
end

local function group_of(run)
    return assert(run:call("codedeploy.look_at_group", cases.group_input))
end

-- The canary's percent: of the target group that is not the first one.
local function percent(run)
    local output = group_of(run)
    local group = observation.group_of(observation.primary(output))
    return standing.share(output, group), observation.primary(output).taskDefinition:match("[^/]+$")
end

local function deploy(run, name, percentage, minutes)
    assert(run:call("codedeploy.create_deployment_config", cases.config("c", percentage, minutes)))
    return assert(run:change("codedeploy.create_deployment", cases.deploy(name,
        { deploymentConfigName = "c", description = "ours" })))
end

local function pass(run, ms)
    run.now = run.now + ms
end

describe("an AppSpec", function()
    it("names a task definition, in JSON or YAML, in whatever case its keys are", function()
        for _, content in ipairs { cases.content "shop:42", "TaskDefinition: shop:42",
            '      taskDefinition: "arn:aws:ecs:eu-west-1:111122223333:task-definition/shop:42"',
            '{"taskDefinition" : "shop:42"}' } do
            assert.equal("shop:42", revision.definition(content))
        end
        assert.is_nil(revision.definition "Hooks: []")
    end)

    it("is made of what a task set runs", function()
        local made = revision.content { taskDefinition = cases.definition "shop:41",
            loadBalancers = { { containerName = "web", containerPort = 8080 } } }
        assert.equal("shop:41", revision.definition(made))
        assert.matches('"ContainerName":"web","ContainerPort":8080', made)
    end)
end)

-- Answers the reads that are asked for from a whole answer; returns what was put together, and
-- which operations were asked.
local function gathered(whole)
    local first = { deploymentGroupInfo = whole.deploymentGroupInfo }
    local answers = {
        ["codedeploy.batch_get_deployments"] = function(input)
            local found = {}
            for _, one in ipairs(whole.deployments) do
                for _, id in ipairs(input.deploymentIds) do
                    found[#found + 1] = one.deploymentId == id and one or nil
                end
            end
            return { deploymentsInfo = found }
        end,
        ["ecs.describe_services"] = function() return { services = { whole.service } } end,
        ["elbv2.describe_rules"] = function()
            local rules = { { RuleArn = "other", Actions = { { Type = "redirect" } } } }
            table.move(whole.rules, 1, #whole.rules, 2, rules)
            return { Rules = rules }
        end,
        ["elbv2.describe_target_groups"] = function()
            local list = {}
            for name, arn in pairs(whole.groups) do
                list[#list + 1] = { TargetGroupName = name, TargetGroupArn = arn }
            end
            return { TargetGroups = list }
        end,
        ["elbv2.describe_target_health"] = function()
            return { TargetHealthDescriptions = whole.health }
        end,
    }
    local asked, output = {}, first
    local step = observation.following({}, output)
    while step do
        asked[#asked + 1] = step.operation
        assert.is_nil(catalogue.wrong(step.operation, step.input))
        output = step.take(answers[step.operation](step.input))
        step = observation.following({}, output)
    end
    return output, asked
end

describe("a deployment group", function()
    it("is gathered: deployments, rollbacks, service, rules, health", function()
        local run = begin()
        deploy(run, "shop:42", 10, 30)
        pass(run, 2 * MINUTE)
        local id = group_of(run).deployments[1].deploymentId
        assert(run:call("codedeploy.stop_deployment", { deploymentId = id,
            autoRollbackEnabled = true }))
        pass(run, MINUTE)
        local whole = group_of(run)
        local output, asked = gathered(whole)
        assert.same({ "codedeploy.batch_get_deployments", "codedeploy.batch_get_deployments",
            "ecs.describe_services", "elbv2.describe_rules", "elbv2.describe_target_groups",
            "elbv2.describe_target_health" }, asked)
        assert.equal(2, #output.deployments)
        assert.same(whole.rules, output.rules)
        assert.same(whole.groups, output.groups)
        assert.same({ standing.definition(whole) }, { standing.definition(output) })
        assert.equal(0, standing.steady(output))
    end)

    it("that names a deployment of which nothing is told is not asked about it again", function()
        local run = begin()
        deploy(run, "shop:42", 10, 30)
        local whole = group_of(run)
        whole.deployments = {}
        local output = gathered(whole)
        assert.equal(1, #output.deployments)
        assert.equal("shop:41", standing.definition(output))
    end)

    it("that deploys no ECS service is refused", function()
        local output = gathered { deploymentGroupInfo = { computePlatform = "Lambda",
            deploymentGroupName = "g" }, deployments = {} }
        local found, why = standing.definition(output)
        assert.same({ nil, "g deploys no ECS service" }, { found, why })
    end)
end)

describe("the client", function()
    local run = require "aws.client.run"

    local function asking(answers)
        local of, asked = run.new { agent = "t", seed = { 1, 2 } }, {}
        local call = of.call
        function of.call(self, operation, input, region)
            if not answers[operation] then
                return call(self, operation, input, region)
            end
            asked[#asked + 1] = operation .. " " .. region
            return answers[operation](input)
        end
        return of, asked
    end

    it("puts an answer together of the reads that are a part of it, in their region", function()
        local account = begin()
        deploy(account, "shop:42", 10, 30)
        local whole = group_of(account)
        local of, asked = asking {
            ["codedeploy.get_deployment_group"] = function()
                return { outcome = "ok",
                    value = { deploymentGroupInfo = whole.deploymentGroupInfo } }
            end,
            ["codedeploy.batch_get_deployments"] = function()
                return { outcome = "ok", value = { deploymentsInfo = whole.deployments } }
            end,
            ["ecs.describe_services"] = function()
                return { outcome = "ok", value = { services = { whole.service } } }
            end,
            ["elbv2.describe_rules"] = function()
                return { outcome = "ok", value = { Rules = whole.rules } }
            end,
            ["elbv2.describe_target_groups"] = function()
                return { outcome = "ok", value = { TargetGroups = {} } }
            end,
            ["elbv2.describe_target_health"] = function()
                return { outcome = "rejected", error = { code = "Throttling", message = "slow" } }
            end,
        }
        local answer = of:call("codedeploy.look_at_group", cases.group_input, "eu-west-1")
        assert.equal("Throttling", answer.error.code)
        assert.equal(6, #asked)
        for _, one in ipairs(asked) do
            assert.matches(" eu%-west%-1$", one)
        end
    end)

    it("takes a configuration that is not there for an answer, and nothing else", function()
        local code = "DeploymentConfigDoesNotExistException"
        local of = asking { ["codedeploy.get_deployment_config"] = function()
            return { outcome = "rejected", error = { code = code, message = "none" } }
        end }
        local input = { deploymentConfigName = "c" }
        assert.same({ outcome = "ok", value = {} },
            of:call("codedeploy.find_config", input, "eu-west-1"))
        code = "AccessDeniedException"
        assert.equal(code, of:call("codedeploy.find_config", input,
            "eu-west-1").error.code)
    end)
end)

describe("a simulated deployment", function()
    it("shifts by its configuration, and keeps the old tasks for a while", function()
        local run = begin()
        local change = deploy(run, "shop:42", 10, 30)
        assert.same({ 100, "shop:41" }, { percent(run) })
        pass(run, MINUTE)
        assert.same({ 90, "shop:41" }, { percent(run) })
        assert.is_true(run:shows(change, "after"))
        pass(run, 30 * MINUTE)
        assert.same({ 100, "shop:42" }, { percent(run) })
        local last = group_of(run)
        assert.equal("InProgress", last.deployments[1].status)
        assert.is_true(last.deployments[1].instanceTerminationWaitTimeStarted)
        assert.equal(2, #last.service.taskSets)
        pass(run, 5 * MINUTE)
        last = group_of(run)
        assert.equal("Succeeded", last.deployments[1].status)
        assert.equal(1, #last.service.taskSets)
        assert.is_true(run:shows(change, "after"))
    end)

    it("is the only one of its group", function()
        local run = begin()
        deploy(run, "shop:42", 10, 30)
        local _, refusal = run:call("codedeploy.create_deployment", cases.deploy "shop:43")
        assert.equal("DeploymentLimitExceededException", refusal.code)
        local ok, problem = pcall(run.change, run, "codedeploy.create_deployment",
            cases.deploy "shop:43")
        assert.is_false(ok)
        assert.matches("is under way in web %(InProgress%)", problem.invalid)
    end)

    it("of what runs already, or with a configuration that is not there, is refused", function()
        local run = begin()
        local ok, problem = pcall(run.change, run, "codedeploy.create_deployment",
            cases.deploy "shop:41")
        assert.is_false(ok)
        assert.matches("it runs shop:41 already", problem.invalid)
        local _, refusal = run:call("codedeploy.create_deployment", cases.deploy("shop:42",
            { deploymentConfigName = "none" }))
        assert.equal("DeploymentConfigDoesNotExistException", refusal.code)
    end)

    it("whose tasks never become healthy fails, and is taken back by itself", function()
        local run = begin()
        run = sim.on(tables.with(run.account:snapshot(), "codedeploy", tables.with(
            run.account:snapshot().codedeploy, "failing", { ["shop:42"] = true })))
        local change = deploy(run, "shop:42", 10, 30)
        pass(run, 2 * MINUTE)
        local output = group_of(run)
        assert.same({ "Failed", "Succeeded" }, { output.deployments[1].status,
            output.deployments[2].status })
        assert.is_true(run:shows(change, "before"))
        assert.equal(0, standing.steady(output))
    end)
end)

-- The way back from an instant after the deployment was made: which operation is sent, and when
-- the group stands again.
local function way_back(after)
    local run = begin()
    local change = deploy(run, "shop:42", 10, 30)
    pass(run, after)
    local sent = run:undo("deploymentgroup:shop/web")
    local waited = 0
    local steady = standing.steady(group_of(run))
    while steady ~= 0 do
        waited = waited + steady
        pass(run, steady)
        steady = standing.steady(group_of(run))
    end
    assert.is_true(run:shows(change, "before"))
    assert.same({ 100, "shop:41" }, { percent(run) })
    return sent.operation, waited
end

describe("a deployment is taken back", function()
    for _, case in ipairs {
        { "while its tasks start", 10000, "stop" }, { "at its share", 10 * MINUTE, "stop" },
        { "while the old tasks are kept", 33 * MINUTE, "stop" },
        { "once the old tasks are gone", 60 * MINUTE, "create" },
    } do
        it(case[1], function()
            local sent, waited = way_back(case[2])
            assert.equal(("codedeploy.%s_deployment"):format(case[3]), sent)
            assert.is_true(waited <= 3 * MINUTE)
        end)
    end

    it("and nothing is sent while CodeDeploy does it itself", function()
        local run = begin()
        local change = deploy(run, "shop:42", 10, 30)
        pass(run, 33 * MINUTE)
        local id = group_of(run).deployments[1].deploymentId
        assert(run:call("codedeploy.stop_deployment", { deploymentId = id,
            autoRollbackEnabled = true }))
        local output = group_of(run)
        assert.equal("Stopped", output.deployments[1].status)
        local request = catalogue.guard(change.operation, change.undo, output)
        assert.equal(15000, request.wait)
        pass(run, MINUTE)
        assert.is_true(run:shows(change, "before"))
    end)

    it("and it is said where CodeDeploy's rollback fails", function()
        local run = begin()
        local change = deploy(run, "shop:42", 10, 30)
        local output = group_of(run)
        output.deployments[2] = { deploymentId = "d-R", creator = "codeDeployRollback",
            status = "Failed", createTime = run.now, errorInformation = { message = "no tasks" } }
        local _, why = standing.steady(output)
        assert.equal("CodeDeploy's rollback d-R is Failed: no tasks", why)
        assert.is_false((pcall(catalogue.guard, change.operation, change.undo, output)))
    end)
end)

describe("a group is not steady", function()
    local function edited(edit)
        local output = group_of(begin())
        edit(output)
        return standing.steady(output)
    end

    it("while the old tasks lack traffic or health", function()
        assert.equal(0, edited(function() end))
        assert.equal(15000, edited(function(output)
            output.rules[1].Actions[1].ForwardConfig.TargetGroups[2].Weight = 1
        end))
        assert.equal(15000, edited(function(output)
            output.health[1].TargetHealth.State = "unhealthy"
        end))
        assert.equal(15000, edited(function(output) output.health = {} end))
        assert.equal(0, edited(function(output)
            output.health[1].TargetHealth.State = "draining"
        end))
    end)

    it("until the rollback of a deployment that was ended is named", function()
        local run = begin()
        deploy(run, "shop:42", 10, 30)
        pass(run, 2 * MINUTE)
        local output = group_of(run)
        output.deployments[1].status = "Stopped"
        assert.equal(15000, standing.steady(output))
    end)
end)

describe("permissions of a deployment", function()
    it("are those of all that is read for it, and of what AWS wants with it", function()
        local home = { partition = "aws", region = "eu-west-1", account = "111122223333" }
        local made = iam.document { home = home, targets = {}, uses = {
            { operation = "codedeploy.create_deployment", input = cases.deploy "shop:42" } } }
        local found = {}
        for _, statement in ipairs(made.document.Statement) do
            for _, action in ipairs(statement.Action) do
                found[action] = statement.Resource[1]
            end
        end
        local prefix = "arn:aws:codedeploy:eu-west-1:111122223333:"
        assert.equal(prefix .. "deploymentgroup:shop/web", found["codedeploy:CreateDeployment"])
        assert.equal(prefix .. "application:shop", found["codedeploy:RegisterApplicationRevision"])
        for _, action in ipairs { "codedeploy:BatchGetDeployments", "codedeploy:StopDeployment",
            "codedeploy:GetDeploymentGroup", "ecs:DescribeServices",
            "elasticloadbalancing:DescribeRules", "elasticloadbalancing:DescribeTargetHealth" } do
            assert.is_truthy(found[action], action)
        end
    end)
end)
