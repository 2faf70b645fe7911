-- What an operation touches has one name, whichever way it was called, and what is asked goes where
-- that name says.

local arn = require "aws.arn"
local catalogue = require "aws.catalogue"
local sim = require "sim_run"

local home = { partition = "aws", region = "eu-west-1", account = "111122223333" }
local there = "arn:aws:lambda:us-east-1:444455556666:function:pay"

local function plan(operation, input, region)
    return catalogue.plan(operation, input, home, region)
end

local function alias(name, fields)
    local input = { FunctionName = name, Name = "live" }
    for member, value in pairs(fields or {}) do
        input[member] = value
    end
    return input
end

describe("an ARN", function()
    it("is read in parts, and written again", function()
        local parts = arn.parse "arn:aws-cn:ssm:cn-north-1:123456789012:parameter/a:b/c"
        assert.same({ partition = "aws-cn", service = "ssm", region = "cn-north-1",
            account = "123456789012", path = "parameter/a:b/c" }, parts)
        assert.equal("arn:aws-cn:ssm:cn-north-1:123456789012:x", arn.make(parts, "ssm", "x"))
        assert.same("", arn.parse("arn:aws:iam::123456789012:role/x").region)
        for _, text in ipairs { "", "arn", "arn:aws:s3", "arn:aws:s3:::", "arn::s3:r:1:x", "pay",
            "arn:aws:sns:eu west:1:x", " arn:aws:sns:r:1:x" } do
            assert.is_nil(arn.parse(text), text)
        end
        assert.is_nil(arn.parse(nil))
        assert.is_nil(arn.parse {})
    end)

    it("is of a service, in a region and an account", function()
        assert.is_nil(arn.of("sns", there))
        assert.is_nil(arn.of("iam", "arn:aws:iam::123456789012:role/x"))
        assert.is_nil(arn.of("lambda", "arn:aws:lambda:us-east-1:someone:function:pay"))
        assert.equal("us-east-1", arn.of("lambda", there).region)
        assert.equal(there, arn.first("lambda", nil, "pay", {}, { there }, "x"))
    end)
end)

describe("one resource, however it is called, has one identity", function()
    local function same(operation, inputs, region)
        local first = plan(operation, inputs[1], region)
        assert.is_truthy(arn.parse(first.identity), operation)
        for _, input in ipairs(inputs) do
            local other = plan(operation, input, region)
            assert.equal(first.identity, other.identity)
            assert.equal(first.region, other.region)
        end
        return first
    end

    it("a Lambda alias", function()
        local names = { "pay", "function:pay", "111122223333:function:pay",
            "arn:aws:lambda:eu-west-1:111122223333:function:pay" }
        local reads, changes = {}, {}
        for i, name in ipairs(names) do
            reads[i], changes[i] = alias(name), alias(name, { FunctionVersion = "2" })
        end
        assert.equal("arn:aws:lambda:eu-west-1:111122223333:function:pay:live",
            same("lambda.get_alias", reads).identity)
        same("lambda.update_alias", changes)
    end)

    it("an ECS service", function()
        local prefix = "arn:aws:ecs:eu-west-1:111122223333:"
        local found = same("ecs.update_service", {
            { cluster = "shop", service = "checkout", desiredCount = 3 },
            { cluster = prefix .. "cluster/shop", service = "checkout", desiredCount = 3 },
            { cluster = "shop", service = prefix .. "service/shop/checkout", desiredCount = 3 },
            { service = prefix .. "service/shop/checkout", desiredCount = 3 },
        })
        assert.equal(prefix .. "service/shop/checkout#desiredCount", found.identity)
    end)

    it("a parameter", function()
        local prefix = "arn:aws:ssm:eu-west-1:111122223333:parameter/"
        same("ssm.get_parameter", { { Name = "/shop/limit" }, { Name = "/shop/limit:3" },
            { Name = prefix .. "shop/limit" }, { Name = prefix .. "shop/limit:3" } })
    end)

    it("parts of it that are put back by themselves are its own, too", function()
        local one = { AlarmNames = { "errors" } }
        local function of(operation, input)
            return plan(operation, input).identity
        end
        local actions = of("cloudwatch.enable_alarm_actions", one)
        assert.equal("arn:aws:cloudwatch:eu-west-1:111122223333:alarm:errors#actions", actions)
        assert.equal(actions, of("cloudwatch.disable_alarm_actions", one))
        assert.equal(sim.blue .. "#attributes", of("elbv2.modify_target_group_attributes",
            { TargetGroupArn = sim.blue, Attributes = { { Key = "stickiness.enabled",
                Value = "true" } } }))
    end)
end)

describe("where an operation goes", function()
    it("is where the resource is that it names", function()
        local found = plan("lambda.update_alias", alias(there, { FunctionVersion = "2" }))
        assert.equal(there .. ":live", found.identity)
        assert.same({ "us-east-1", "us-east-1" }, { found.region, found.observe.region })
        assert.equal("us-east-1", plan("elbv2.describe_rules", { RuleArns = {
            (sim.rule:gsub("eu%-west%-1", "us-east-1")) } }).region)
        assert.equal("us-east-1", plan("ecs.update_service", { cluster =
            "arn:aws:ecs:us-east-1:111122223333:cluster/shop", service = "a",
            desiredCount = 1 }).region)
    end)

    it("is the region that was asked for, else home's", function()
        local input = { Name = "/shop/limit", Value = "1", Type = "String" }
        local found = plan("ssm.put_parameter", input, "us-west-2")
        assert.equal("arn:aws:ssm:us-west-2:111122223333:parameter/shop/limit", found.identity)
        assert.same({ "us-west-2", "us-west-2" }, { found.region, found.observe.region })
        assert.equal("eu-west-1", plan("ssm.put_parameter", input).region)
        assert.equal("us-east-1", plan("lambda.get_alias", alias(there), "us-west-2").region)
    end)

    it("is refused where it is no region", function()
        local ok, problem = pcall(plan, "ssm.get_parameter", { Name = "/a" }, "eu west 1/")
        assert.is_false(ok)
        assert.matches("the region must be a text", problem.invalid)
    end)

    it("is never that of an ARN that is data", function()
        local topic = "arn:aws:sns:us-east-1:111122223333:topic"
        local found = plan("ssm.put_parameter", { Name = "/app/topic", Value = topic,
            Overwrite = true })
        assert.same({ "eu-west-1", "eu-west-1" }, { found.region, found.observe.region })
        found = plan("ecs.register_task_definition", {
            family = "checkout",
            containerDefinitions = { { name = "checkout", image = "registry.example/checkout:44",
                environment = { { name = "TOPIC", value = topic } } } },
            tags = { { key = "tidelock", value = "build-45" } },
        })
        assert.equal("arn:aws:ecs:eu-west-1:111122223333:task-definition/checkout#build-45",
            found.identity)
        assert.same({ "eu-west-1", "eu-west-1" }, { found.region, found.observe.region })
        assert.equal("eu-west-1", plan("cloudwatch.put_metric_alarm", { AlarmName = "a",
            AlarmActions = { topic }, MetricName = "Errors", Namespace = "AWS/Lambda", Period = 60,
            Statistic = "Sum", EvaluationPeriods = 1, Threshold = 1, ComparisonOperator =
                "GreaterThanThreshold" }).region)
    end)

    it("is where the look, the call and the undo go", function()
        local run = sim.begin(sim.alias_target(), sim.alias_target { ["function"] = there })
        run:change("lambda.update_alias", alias("pay", { FunctionVersion = "42" }))
        local change = run:change("lambda.update_alias", alias(there, { FunctionVersion = "42" }))
        assert.same({ "us-east-1", "us-east-1" }, { change.observe.region, change.undo.region })
        run:undo_all()
        assert.is_true(run:equal())
    end)
end)

describe("equal names in two regions", function()
    it("are two resources, in the account as in the catalogue", function()
        local run = sim.begin()
        local input = { Name = "/shop/limit", Value = "1", Type = "String" }
        local here = run:change("ssm.put_parameter", input)
        local other = run:change("ssm.put_parameter", input, "us-west-2")
        assert.not_equal(here.identity, other.identity)
        assert.equal("us-west-2", other.undo.region)
        assert.is_false(run:equal())
        run:undo(other.identity)
        assert.is_truthy(run:call("ssm.get_parameter", { Name = "/shop/limit" }))
        assert.is_nil((run:call("ssm.get_parameter", { Name = "/shop/limit" }, "us-west-2")))
        run:undo(here.identity)
        assert.is_true(run:equal())
    end)

    it("have each their own traffic", function()
        local east = sim.alias_target { ["function"] = there }
        local west = sim.alias_target { ["function"] = sim.function_arn }
        local run = sim.begin(west, east)
        run:change("lambda.update_alias", alias(there, { RoutingConfig = {
            AdditionalVersionWeights = { ["42"] = 0.1 } } }))
        local later = run.now + 60000
        assert.same({ 0.0, 10.0 }, { run.account:share(west, later) + 0.0,
            run.account:share(east, later) + 0.0 })
    end)
end)
