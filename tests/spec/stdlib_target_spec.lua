local fake = require "fake_effect"
fake.install()
local account = require "fake_account"
local rollout = require "rollout"
local target = require "target"
local target_group = require "target_group"

local function rule(fields)
    local options = { rule = account.rule, baseline = account.blue, canary = account.green }
    for name, value in pairs(fields or {}) do
        options[name] = value
    end
    return options
end

local function alias(fields)
    local options = { ["function"] = "pay", alias = "live", canary = "42" }
    for name, value in pairs(fields or {}) do
        options[name] = value
    end
    return options
end

-- Shifts to each share in turn; what was sent, and what stopped it.
local function shifts(one, shares, world)
    return fake.run(function()
        for _, share in ipairs(shares) do
            one:shift(share)
        end
    end, world)
end

describe("targets as text", function()
    it("are read", function()
        local text = ("alb-rule:%s,baseline=%s,canary=%s"):format(account.rule, account.blue,
            account.green)
        assert.same(rollout.alb_rule(rule()).value, target.parse(text).value)
        assert.same({ type = "alb_listener", listener = account.listener, baseline = account.blue,
            canary = account.green }, target.parse(("alb-listener:%s,canary=%s,baseline=%s"):format(
            account.listener, account.green, account.blue)).value)
        assert.same({ type = "lambda_alias", ["function"] = "pay", alias = "live", canary = "42" },
            target.parse("lambda-alias:pay:live,canary=42").value)
        assert.equal("arn:aws:lambda:eu-west-1:111122223333:function:pay", target.parse(
            "lambda-alias:arn:aws:lambda:eu-west-1:111122223333:function:pay:live,canary=42")
            .value["function"])
    end)

    it("are refused with a reason", function()
        for text, reason in pairs {
            [""] = "expected a target; got \"\". It is one of\n  alb%-listener:ARN",
            ["ecs:x"] = "expected a target; got \"ecs:x\"",
            ["lamda-alias:pay:live"] =
                'no type of target "lamda%-alias"; did you mean "lambda%-alias"%?',
            ["alb-rule:x,baseline=y,canary=z"] = "baseline: expected the ARN of a target group",
            ["alb-rule:x"] = "alb%-rule: rule: expected the ARN of a rule",
            ["lambda-alias:pay,canary=42"] = "expected lambda%-alias:FUNCTION:ALIAS,canary=VERSION",
            ["lambda-alias:pay:live"] = "lambda%-alias: canary is missing",
            ["lambda-alias:pay:live,canary=$LATEST"] = "canary: expected a published version",
            ["lambda-alias:pay:live,green=42"] = 'there is no option "green"',
        } do
            local one, why = target.parse(text)
            assert.is_nil(one)
            assert.matches(reason, why)
        end
    end)
end)

describe("target constructors", function()
    it("raise at the author's line", function()
        for _, case in ipairs {
            { "alb_rule", { rule = account.rule, baseline = account.blue },
                "alb_rule: canary is missing: expected the ARN of a target group" },
            { "alb_rule", rule { canary = account.blue },
                "baseline and canary are the same target group" },
            { "alb_rule", rule { rule = account.listener }, "rule: expected the ARN of a rule" },
            { "alb_rule", rule { canary = account.green:gsub("eu%-west%-1", "eu-west-2") },
                "the target groups and the rule are not in the same region and account" },
            { "lambda_alias", alias { canary = "latest" }, "canary: expected a published version" },
            { "lambda_alias", alias { version = "42" }, 'there is no option "version"' },
        } do
            local ok, message = pcall(rollout[case[1]], case[2])
            assert.is_false(ok)
            assert.matches("^stdlib_target_spec.lua:%d+: " .. case[1] .. ": ", message)
            assert.is_truthy(message:find(case[3], 1, true), message)
        end
    end)

    it("take a version as a number", function()
        assert.equal("42", rollout.lambda_alias(alias { canary = 42 }).value.canary)
    end)
end)

describe("an ALB rule", function()
    it("is read once, it is asked who else shifts it, and then it is only written", function()
        local run = shifts(rollout.alb_rule(rule()), { 5, 50, 100 }, account.new())
        assert.is_nil(run.error)
        assert.same({ RuleArns = { account.rule } }, run.effects[1].input)
        assert.equal(1, #fake.of(run, "elbv2.describe_rules"))
        assert.same({ targetGroupArns = { account.blue, account.green } }, run.effects[2].input)
        for i, weight in ipairs { 5, 50, 100 } do
            assert.same({
                RuleArn = account.rule,
                Actions = { account.forward {
                    [account.blue] = 100 - weight,
                    [account.green] = weight,
                } },
            }, run.effects[i + 2].input)
        end
    end)

    it("keeps every other part of its actions", function()
        local oidc = { Type = "authenticate-oidc", Order = 1, AuthenticateOidcConfig = {
            ClientId = "shop" } }
        local forward = account.forward { [account.blue] = 1, [account.green] = 0,
            [account.other] = 0 }
        forward.Order = 2
        forward.ForwardConfig.TargetGroupStickinessConfig = { Enabled = true, DurationSeconds = 60 }
        local run = shifts(rollout.alb_rule(rule()), { 12.5 }, account.new { oidc, forward })
        local sent = run.effects[3].input.Actions
        assert.same({ Type = "authenticate-oidc", Order = 1, AuthenticateOidcConfig = {
            ClientId = "shop", UseExistingClientSecret = true } }, sent[1])
        assert.same({ Enabled = true, DurationSeconds = 60 },
            sent[2].ForwardConfig.TargetGroupStickinessConfig)
        assert.same({
            { TargetGroupArn = account.blue, Weight = 875 },
            { TargetGroupArn = account.green, Weight = 125 },
            { TargetGroupArn = account.other, Weight = 0 },
        }, sent[2].ForwardConfig.TargetGroups)
    end)

    it("that forwards to one group only gets the canary's group added", function()
        local simple = { { Type = "forward", TargetGroupArn = account.blue } }
        local run = shifts(rollout.alb_rule(rule()), { 10 }, account.new(simple))
        assert.same({ { Type = "forward", ForwardConfig = { TargetGroups = {
            { TargetGroupArn = account.blue, Weight = 90 },
            { TargetGroupArn = account.green, Weight = 10 },
        } } } }, run.effects[2].input.Actions)
    end)

    it("is not written when it has the share already", function()
        local world = account.new { account.forward { [account.blue] = 3, [account.green] = 1 } }
        local one = rollout.alb_rule(rule())
        local run = shifts(one, { 25, 25, 0, 0 }, world)
        assert.equal(1, #fake.of(run, "elbv2.modify_rule"))
        assert.equal(0, one.percent)
    end)

    it("is refused when no rollout can start from its state", function()
        local forward = account.forward
        for _, case in ipairs {
            { { { Type = "redirect" } }, "has no forward action" },
            { { forward { [account.blue] = 1, [account.other] = 100, [account.green] = 0 } },
                "also forwards to targetgroup/other/09966783158cda59 with weight 100" },
            { { forward { [account.green] = 100, [account.other] = 5 } },
                "does not forward to the baseline, targetgroup/blue/73e2d6bc24d8a067" },
            { { forward { [account.blue] = 0, [account.green] = 100 } },
                "already gives the canary all of the traffic: there is nothing to roll out" },
        } do
            local run = shifts(rollout.alb_rule(rule()), { 5 }, account.new(case[1]))
            assert.matches("^stdlib_target_spec.lua:%d+: listener%-rule/app/shop/", run.error)
            assert.is_truthy(run.error:find(case[2], 1, true), run.error)
            assert.equal(1, #run.effects)
        end
        local world = account.new()
        world.default = true
        world["elbv2.describe_rules"] = function()
            return { Rules = { { IsDefault = true, Actions = world.actions } } }
        end
        assert.matches("give alb%-listener instead",
            shifts(rollout.alb_rule(rule()), { 5 }, world).error)
        world["elbv2.describe_rules"] = function() return { Rules = {} } end
        assert.matches("was not found", shifts(rollout.alb_rule(rule()), { 5 }, world).error)
    end)

    it("says which operation was refused, and why", function()
        local world = account.new()
        world["elbv2.modify_rule"] = function()
            return nil, { code = "OperationNotPermitted", message = "no" }
        end
        local one = rollout.alb_rule(rule())
        local run = shifts(one, { 5 }, world)
        assert.matches("^stdlib_target_spec.lua:%d+: aws.elbv2.modify_rule: "
            .. "OperationNotPermitted: no$", run.error)
        assert.equal(0, one.percent)
    end)

    it("refuses shares that its weights cannot hold, or that are none", function()
        for _, case in ipairs {
            { 12.55, "cannot carry 12.55 %: its weights are in steps of 0.1 %" },
            { 101, "shift: expected a percentage from 0 to 100, got 101" },
            { "5", 'shift: expected a percentage from 0 to 100, got "5"' },
        } do
            local run = shifts(rollout.alb_rule(rule()), { case[1] }, account.new())
            assert.is_truthy(run.error:find(case[2], 1, true), run.error)
            assert.same({}, run.effects)
        end
    end)
end)

describe("an ALB listener", function()
    it("has its default actions changed", function()
        local run = shifts(rollout.alb_listener { listener = account.listener,
            baseline = account.blue, canary = account.green }, { 5 }, account.new())
        assert.equal("elbv2.describe_listeners", run.effects[1].operation)
        assert.same({
            ListenerArn = account.listener,
            DefaultActions = { account.forward { [account.blue] = 95, [account.green] = 5 } },
        }, run.effects[3].input)
    end)
end)

describe("a Lambda alias", function()
    it("always has its routing and revision spelled out", function()
        local run = shifts(rollout.lambda_alias(alias()), { 5, 0.07, 100, 50, 0 }, account.new())
        assert.is_nil(run.error)
        assert.equal(1, #fake.of(run, "lambda.get_alias"))
        for i, case in ipairs {
            { "41", { ["42"] = 0.05 } },
            { "41", { ["42"] = 0.0007 } },
            { "42", {} },
            { "41", { ["42"] = 0.5 } },
            { "41", {} },
        } do
            assert.same({
                FunctionName = "pay", Name = "live", FunctionVersion = case[1],
                RoutingConfig = { AdditionalVersionWeights = case[2] }, RevisionId = "r" .. i,
            }, run.effects[i + 1].input)
        end
    end)

    it("goes on from a share that the canary has already", function()
        local one = rollout.lambda_alias(alias())
        local run = shifts(one, { 7 }, account.new(nil, { FunctionVersion = "41", RevisionId = "r1",
            RoutingConfig = { AdditionalVersionWeights = { ["42"] = 0.07 } } }))
        assert.equal(7, one.percent)
        assert.same({ "lambda.get_alias", "codedeploy.look_for_alias" },
            { run.effects[1].operation, run.effects[2].operation })
        assert.equal(2, #run.effects)
    end)

    it("is refused when no rollout can start from its state", function()
        for _, case in ipairs {
            { { FunctionVersion = "$LATEST" }, "points at $LATEST" },
            { { FunctionVersion = "42" },
                "already points at version 42: there is nothing to roll out" },
            { { FunctionVersion = "41", RoutingConfig = {
                AdditionalVersionWeights = { ["40"] = 0.1 } } },
                "is already shared with version 40" },
        } do
            local run = shifts(rollout.lambda_alias(alias()), { 5 }, account.new(nil, case[1]))
            assert.is_truthy(run.error:find("pay:live: " .. case[2], 1, true), run.error)
            assert.equal(case[1].RoutingConfig and 2 or 1, #run.effects)
        end
    end)

    it("raises when somebody else changed it", function()
        local world = account.new()
        local one = rollout.lambda_alias(alias())
        local run = fake.run(function()
            one:shift(5)
            world.alias.RevisionId = "r9"
            one:shift(10)
        end, world)
        assert.matches("PreconditionFailedException", run.error)
        assert.equal(5, one.percent)
    end)
end)

describe("watching", function()
    local function watched(options, share, world)
        local one = rollout.alb_rule(rule())
        local verdict
        local run = fake.run(function()
            one:shift(share or 5)
            verdict = one:watch(options)
        end, world or account.new())
        return run, verdict
    end

    it("asks for everything that the engine needs", function()
        local run, verdict = watched { during = "5m" }
        assert.equal("undecided", verdict)
        local judge = require "judge"
        assert.same({
            kind = "watch", ["for"] = 300000, every = 60000, share = 5, step = "5 %",
            target = rollout.alb_rule(rule()).value, judges = { judge.ratio() }, decide = false,
            limits = { no_data = 3, provider_error = 4, min_expected = 10 },
        }, run.effects[4])
    end)

    it("passes on what the author gives", function()
        local judge = require "judge"
        local limit = judge.threshold { above = 0.02 }
        local run = watched { during = 90000, every = "15s", judges = { judge.ratio(), limit },
            steps = 4, limits = { no_data = 5 }, decide = true, step = "first" }
        local asked = run.effects[4]
        assert.same({ 90000, 15000, true, "first" },
            { asked["for"], asked.every, asked.decide, asked.step })
        assert.same({ no_data = 5, provider_error = 4, min_expected = 10 }, asked.limits)
        assert.equal(4, asked.judges[1].restarts)
        assert.same(limit, asked.judges[2])
    end)

    it("shares the evidence out anew when the judges or the number of watches change", function()
        local judge = require "judge"
        local one, careful = rollout.alb_rule(rule()), { judge.ratio { alpha = 0.001 } }
        local fixed = { judge.ratio { restarts = 7 } }
        local run = fake.run(function()
            one:shift(5)
            one:watch { during = "5m", steps = 2 }
            one:watch { during = "5m", steps = 3 }
            one:watch { during = "5m", steps = 3, judges = careful }
            one:watch { during = "5m", steps = 3, judges = fixed }
        end, account.new())
        local seen = {}
        for i, asked in ipairs(fake.of(run, "watch")) do
            seen[i] = asked.judges[1].restarts .. "/" .. asked.judges[1].alpha
        end
        assert.same({ "2/0.01", "3/0.01", "3/0.001", "7/0.01" }, seen)
    end)

    it("ends the run on harm, unless the author decides", function()
        local world = account.new()
        world.watch = function() return { verdict = "harm", judges = {} } end
        local run, verdict = watched({ during = "5m" }, 5, world)
        assert.equal("harm", run.rollback)
        assert.is_nil(verdict)
        run, verdict = watched({ during = "5m", decide = true }, 5, world)
        assert.is_nil(run.rollback)
        assert.equal("harm", verdict)
    end)

    it("is refused before anything has been asked for", function()
        for _, case in ipairs {
            { {}, "watch: during is missing" },
            { { during = "5" }, 'watch: during: expected a duration such as "90s"' },
            { { during = 5 }, "watch: during: 5 ms is less than a second" },
            { { durring = "5m" }, 'watch: there is no option "durring"; did you mean "during"?' },
            { { during = "5m", judges = {} },
                "watch: judges: expected at least one judge, got an empty list" },
            { { during = "5m", judges = { judge = "ratio" } },
                "watch: judges: expected a list of judges: write { judge.ratio {} }" },
            { { during = "5m", judges = 5 }, "watch: judges: expected a list of judges such as" },
            { { during = "5m", limits = { nodata = 1 } },
                'watch: limits: there is no option "nodata"; did you mean "no_data"?' },
            { { during = "5m", limits = { no_data = 0 } }, "no_data: expected a whole number" },
        } do
            local run = watched(case[1])
            assert.matches("^stdlib_target_spec.lua:%d+: ", run.error)
            assert.is_truthy(run.error:find(case[2], 1, true), run.error)
            assert.same({}, fake.of(run, "watch"))
        end
        assert.matches("gives the canary no traffic yet", watched({ during = "5m" }, 0).error)
    end)

    it("raises what the engine refuses", function()
        local world = account.new()
        world.watch = function() return nil, { code = "invalid", message = "no such metric" } end
        assert.matches("^stdlib_target_spec.lua:%d+: watch: invalid: no such metric$",
            (watched({ during = "5m" }, 5, world)).error)
    end)
end)

describe("waiting for health", function()
    local function waited(world, one)
        one = one or rollout.alb_rule(rule())
        return fake.run(function() one:healthy { within = "1m", every = "20s" } end, world)
    end

    it("is over at once when all targets are healthy", function()
        local run = waited(account.new())
        assert.equal(3, #run.effects)
        assert.same({ TargetGroupArn = account.green }, run.effects[3].input)
    end)

    it("names the group in the rule first, or it would never be checked", function()
        local run = waited(account.new { account.forward { [account.blue] = 1 } })
        assert.same({ account.forward { [account.blue] = 100, [account.green] = 0 } },
            run.effects[2].input.Actions)
        assert.is_nil(run.rollback)
    end)

    it("looks again until they are", function()
        local world = account.new()
        world.healthy = { "healthy", "initial", "draining" }
        world.sleep = function(_, run)
            if #fake.of(run, "sleep") == 2 then
                world.healthy = { "healthy", "healthy", "draining" }
            end
            return {}
        end
        local run = waited(world)
        assert.is_nil(run.rollback)
        assert.equal(3, #fake.of(run, "elbv2.describe_target_health"))
        assert.equal(20000, fake.of(run, "sleep")[1]["for"])
    end)

    it("undoes the rollout when they are not in time", function()
        local world = account.new()
        world.healthy = { "healthy", "unhealthy" }
        local run = waited(world)
        assert.matches("is not healthy after 1m: 1 of 2 targets of "
            .. "targetgroup/green/44b5c0e1f0a8d217 are healthy; i%-2 is unhealthy$", run.rollback)
        assert.equal(3, #fake.of(run, "sleep"))
        world.healthy = {}
        assert.matches("0 of 0 targets", waited(world).rollback)
    end)

    it("has nothing to wait for on Lambda", function()
        local run = waited(account.new(), rollout.lambda_alias(alias()))
        assert.is_nil(run.rollback)
        assert.equal(1, #run.effects)
    end)
end)

describe("several targets", function()
    local function group()
        return target_group.of { rollout.alb_rule(rule()), rollout.lambda_alias(alias()) }
    end

    it("are shifted and watched side by side", function()
        local both = group()
        local verdict, result
        local world = account.new()
        world.watch = function(request)
            local slow = request.target.type == "alb_rule"
            return { verdict = slow and "undecided" or "safe", judges = {} }
        end
        local run = fake.run(function()
            both:look()
            both:shift(10)
            verdict, result = both:watch { during = "5m" }
            both:healthy { within = "1m" }
        end, world)
        assert.is_nil(run.error)
        local order = {}
        for i, request in ipairs(run.effects) do
            order[i] = request.operation or request.kind
        end
        assert.same({ "elbv2.describe_rules", "ecs.look_for_groups", "lambda.get_alias",
            "elbv2.modify_rule", "lambda.update_alias", "watch", "watch",
            "elbv2.describe_target_health" }, order)
        assert.equal("undecided", verdict)
        assert.same({ "undecided", "safe" },
            { result.targets[1].verdict, result.targets[2].verdict })
    end)

    it("carry only what each of them can", function()
        assert.is_nil(group():misfit(12.5))
        assert.matches("in steps of 0.1 %%$", group():misfit(12.55))
    end)

    it("have misuse reported at the author's line", function()
        for _, misuse in ipairs {
            function(both) both:shift(12.55) end,
            function(both) both:shift("5") end,
            function(both) both:watch { durring = "5m" } end,
            function(both) both:healthy {} end,
        } do
            local both = group()
            local run = fake.run(function() misuse(both) end, account.new())
            assert.matches("^stdlib_target_spec.lua:%d+: ", run.error)
            assert.same({}, run.effects)
        end
    end)

    it("fail together", function()
        local world = account.new(nil, { FunctionVersion = "42" })
        local both = group()
        local run = fake.run(function() both:shift(10) end, world)
        assert.matches("nothing to roll out", run.error)
    end)
end)
