local sim = require "sim_run"
local account = require "simulation.account"
local catalogue = require "aws.catalogue"
local tables = require "simulation.tables"

local function refused(...)
    local ok, problem = pcall(account.for_targets, { ... })
    assert.is_false(ok)
    return problem.invalid
end

describe("an account for targets", function()
    it("has what they name", function()
        local run = sim.begin(sim.rule_target(), sim.listener_target(), sim.alias_target())
        assert.same({ sim.rule }, { run:call("elbv2.describe_rules",
            { RuleArns = { sim.rule } }).Rules[1].RuleArn })
        assert.equal(sim.blue, run:call("elbv2.describe_listeners",
            { ListenerArns = { sim.listener } })
            .Listeners[1].DefaultActions[1].TargetGroupArn)
        assert.equal("41", run:call("lambda.get_alias", { FunctionName = "pay", Name = "live" })
            .FunctionVersion)
    end)

    it("stands in the region and account of their ARNs", function()
        local input = { FunctionName = "pay", Name = "live" }
        assert.equal("arn:aws:lambda:us-east-1:123456789012:function:pay:live",
            sim.begin(sim.alias_target()):call("lambda.get_alias", input).AliasArn)
        local run = sim.begin(sim.alias_target(), sim.rule_target())
        assert.equal(sim.function_arn .. ":live", run:call("lambda.get_alias", input).AliasArn)
        run = sim.begin(sim.alias_target { ["function"] = sim.function_arn })
        assert.equal("live", run:call("lambda.get_alias", input).Name)
    end)

    it("may have none", function()
        local run = sim.begin()
        local _, refusal = run:call("elbv2.describe_rules", { RuleArns = { sim.rule } })
        assert.equal("RuleNotFound", refusal.code)
    end)

    it("is shared by targets on one resource", function()
        local other = sim.green:gsub("green", "teal")
        local run = sim.begin(sim.rule_target(), sim.rule_target { canary = other })
        assert.equal(3, #run:call("elbv2.describe_target_groups", {}).TargetGroups)
        run = sim.begin(sim.alias_target { canary = "7" }, sim.alias_target { canary = "9" },
            sim.alias_target { alias = "beta", canary = "9" })
        local function version(alias)
            return run:call("lambda.get_alias", { FunctionName = "pay",
                Name = alias }).FunctionVersion
        end
        assert.equal("6", version "live")
        assert.equal("8", version "beta")
    end)

    it("takes version 1 as a canary, too", function()
        local run = sim.begin(sim.alias_target { canary = "1" }, sim.alias_target { canary = "2" })
        assert.equal("3", run:call("lambda.get_alias", { FunctionName = "pay", Name = "live" })
            .FunctionVersion)
    end)

    it("is refused with a reason where there can be none", function()
        for reason, target in pairs {
            ["a target must be an object with a type"] = 7,
            ['the simulated account has no targets of type "alb_rul" (did you mean alb_rule?)'] =
                { type = "alb_rul" },
            ['alb_rule.rule must be the ARN of a rule ("arn:aws:elasticloadbalancing:REGION:'
                .. 'ACCOUNT:listener-rule/app/...")'] =
                sim.rule_target { rule = (sim.rule:gsub("/app/", "/net/")) },
            ["alb_listener.canary must be the ARN of a target group"] =
                sim.listener_target { canary = "green" },
            ["alb_listener.canary is missing"] =
                { type = "alb_listener", listener = sim.listener, baseline = sim.blue },
            ["alb_rule: the target groups and the rule are not in the same region and account"] =
                sim.rule_target { canary = (sim.green:gsub("eu%-west%-1", "eu-west-2")) },
            ["alb_rule: baseline and canary are the same target group"] =
                sim.rule_target { canary = sim.blue },
            ['lambda_alias.canary must be a published version such as "42", got "$LATEST"'] =
                sim.alias_target { canary = "$LATEST" },
            ["lambda_alias.alias must be the name of an alias"] = sim.alias_target { alias = "42" },
            ['lambda_alias.function must be the name or ARN of a function, got "a/b"'] =
                sim.alias_target { ["function"] = "a/b" },
        } do
            local problem = refused(target)
            assert.is_truthy(problem:find(reason, 1, true), problem)
        end
    end)

    it("is refused for targets that contradict each other", function()
        assert.matches("two targets want different baselines", refused(sim.rule_target(),
            sim.rule_target { baseline = sim.green, canary = sim.blue }))
        assert.matches("more than one load balancer", refused(sim.rule_target(),
            sim.rule_target { rule = (sim.rule:gsub("/shop/", "/till/")) }))
        local run = sim.begin(sim.rule_target())
        local default = run:call("elbv2.describe_rules", { ListenerArn = sim.listener }).Rules[2]
        assert.matches("default rule: give alb_listener", refused(
            sim.rule_target { rule = default.RuleArn }))
    end)
end)

-- A copy all the way down, to see later whether something was written into.
local function copy(value)
    if type(value) ~= "table" then
        return value
    end
    local out = {}
    for key, item in pairs(value) do
        out[key] = copy(item)
    end
    return out
end

local function shift(run, weight)
    return assert(run:call("elbv2.modify_rule", { RuleArn = sim.rule,
        Actions = { sim.forward { [sim.blue] = 100 - weight, [sim.green] = weight } } }))
end

describe("a state", function()
    it("is the same after a read and another after a write", function()
        local run = sim.begin(sim.rule_target())
        local first = run.account:snapshot()
        run:call("elbv2.describe_rules", { RuleArns = { sim.rule } })
        run:call("elbv2.modify_rule", { RuleArn = sim.rule .. "0", ResetTransforms = true })
        assert.equal(first, run.account:snapshot())
        shift(run, 10)
        assert.not_equal(first, run.account:snapshot())
    end)

    it("is never written into", function()
        local run = sim.begin(sim.rule_target(), sim.alias_target())
        local kept = copy(run.origin)
        shift(run, 10)
        run:change("lambda.update_alias", { FunctionName = "pay", Name = "live", Description =
            "x" })
        run:change("elbv2.modify_target_group_attributes", { TargetGroupArn = sim.blue,
            Attributes = { { Key = "stickiness.enabled", Value = "true" } } })
        run:change("cloudwatch.put_metric_alarm", { AlarmName = "a", MetricName = "m", Namespace =
            "n",
            Period = 60, Statistic = "Sum", Threshold = 1, EvaluationPeriods = 1,
            ComparisonOperator = "GreaterThanThreshold" })
        assert.same(kept, run.origin)
    end)

    it("can be gone back to, and then everything is as it was", function()
        local run = sim.begin(sim.rule_target())
        shift(run, 10)
        local state = run.account:snapshot()
        shift(run, 50)
        run.account:restore(state)
        assert.equal(10, (run.account:share(sim.rule_target(), run.now + 60000)))
    end)

    it("gives the same answers in every process", function()
        local function story()
            local run = sim.begin(sim.rule_target(), sim.listener_target(), sim.alias_target())
            shift(run, 10)
            return { run:call("elbv2.describe_target_groups", {}),
                run:call("elbv2.describe_rules", { ListenerArn = sim.listener }),
                run:call("lambda.list_versions_by_function", { FunctionName = "pay" }),
                run:call("lambda.get_alias", { FunctionName = "pay", Name = "live" }) }
        end
        assert.same(story(), story())
    end)
end)

describe("two states", function()
    local function difference(operation, input)
        local run = sim.begin(sim.rule_target(), sim.alias_target())
        assert(run:call(operation, input))
        local same, why = run:equal()
        assert.equal(same, why == nil)
        return why
    end

    it("are equal when only a RevisionId differs", function()
        assert.is_nil(difference("lambda.update_alias", { FunctionName = "pay", Name = "live" }))
    end)

    it("are equal when only the spelling differs", function()
        assert.is_nil(difference("elbv2.modify_rule", { RuleArn = sim.rule,
            Actions = { sim.forward { [sim.blue] = 7 } } }))
        assert.is_nil(difference("elbv2.modify_rule", { RuleArn = sim.rule,
            Conditions = { { Field = "path-pattern", Values = { "/*" } } } }))
    end)

    it("are told apart by what their owner sees", function()
        local why = difference("elbv2.modify_rule", { RuleArn = sim.rule,
            Actions = { sim.forward { [sim.blue] = 90, [sim.green] = 10 } } })
        assert.equal(sim.rule .. ": Actions[1].ForwardConfig.TargetGroups[1].Weight was 1 and is "
            .. "90", why)
        why = difference("elbv2.modify_rule", { RuleArn = sim.rule,
            Conditions = { { Field = "path-pattern", Values = { "/a/*" } } } })
        assert.matches('Conditions%[1%]%.PathPatternConfig%.Values%[1%] was "/%*" and is "/a/%*"$',
            why)
        why = difference("elbv2.modify_rule", { RuleArn = sim.rule, Actions = {
            { Type = "forward", ForwardConfig = { TargetGroups = { { TargetGroupArn = sim.blue } },
                TargetGroupStickinessConfig = { Enabled = true, DurationSeconds = 60 } } } } })
        assert.matches("TargetGroupStickinessConfig was absent and is there$", why)
        why = difference("lambda.update_alias", { FunctionName = "pay", Name = "live",
            RoutingConfig = { AdditionalVersionWeights = { ["42"] = 0.05 } } })
        assert.matches(":function:pay:live: AdditionalVersionWeights%.42 was absent and is 0%.05$",
            why)
        why = difference("elbv2.modify_target_group_attributes", { TargetGroupArn = sim.green,
            Attributes = { { Key = "slow_start.duration_seconds", Value = "30" } } })
        assert.matches('attributes%.slow_start%.duration_seconds was "0" and is "30"$', why)
        why = difference("cloudwatch.put_metric_alarm", { AlarmName = "a", MetricName = "m",
            Namespace = "n", Period = 60, Statistic = "Sum", Threshold = 1, EvaluationPeriods = 1,
            ComparisonOperator = "GreaterThanThreshold" })
        assert.equal("alarm a: was absent and is there", why)
    end)
end)

describe("a call", function()
    it("is refused in AWS's words where its input does not fit", function()
        local run = sim.begin(sim.rule_target(), sim.alias_target())
        local _, refusal = run:call("elbv2.modify_rule", { RuleArn = sim.rule,
            Actions = { sim.forward { [sim.blue] = 1000 } } })
        assert.equal("ValidationError", refusal.code)
        assert.matches("Weight must be 0..999, got 1000$", refusal.message)
        _, refusal = run:call("lambda.get_alias", { FunctionName = "pay" })
        assert.same({ code = "ValidationException", message = "lambda.get_alias: Name is missing" },
            refusal)
        _, refusal = run:call("elbv2.delete_world", {})
        assert.equal("InvalidAction", refusal.code)
    end)

    it("takes its time", function()
        for _, name in ipairs(catalogue.names()) do
            local latency = account.latency(name)
            assert.is_true(math.type(latency) == "integer" and latency > 0, name)
        end
    end)
end)

describe("the share of a target", function()
    it("that does not exist is an error", function()
        local run = sim.begin(sim.rule_target())
        for _, target in ipairs { sim.listener_target { listener = sim.listener .. "0" },
            sim.alias_target(), { type = "x" }, { type = "alb_rule" } } do
            local ok, problem = pcall(run.account.share, run.account, target, run.now)
            assert.is_false(ok)
            assert.is_string(problem.invalid)
        end
    end)
end)

describe("tables", function()
    it("show pages, and no page for a token they did not give", function()
        local items = { { id = "a" }, { id = "b" }, { id = "c" } }
        local page, token = tables.page(items, "id", nil, 2)
        assert.same({ { id = "a" }, { id = "b" } }, page)
        assert.equal("c", token)
        assert.same({ { id = "c" } }, (tables.page(items, "id", token, 2)))
        assert.is_nil(tables.page(items, "id", "x", 2))
        assert.same({}, (tables.page({}, "id", nil, 2)))
    end)

    it("follow values through changes that overtake each other", function()
        local history = { { at = math.mininteger, value = 0 } }
        history = tables.follow(history, 1000, 5000, 1)
        history = tables.follow(history, 2000, 6000, 2)
        assert.same({ 0, 5000 }, { tables.effective(history, 4999) })
        assert.same({ 1, 6000 }, { tables.effective(history, 5000) })
        assert.same({ 2 }, { tables.effective(history, 6000) })
        assert.equal(2, #tables.follow(history, 9000, 13000, 3))
    end)
end)
