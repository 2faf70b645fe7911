-- The account of a rehearsal: what it asks of AWS, what it answers by itself, and that the shipped
-- policies do the same there as in the account itself. (Each mutation: catalogue_undo_spec.)
local fake = require "fake_effect"
fake.install()
local sim = require "sim_run"
local appconfig = require "appconfig_cases"
local catalogue = require "aws.catalogue"
local ecs = require "ecs_cases"
local entry = require "policy_entry"
local rehearsed = require "rehearsed"
local states = require "states_cases"
local tables = require "simulation.tables"

local targets = {
    ["alb-rule"] = { sim.rule_target(), ("alb-rule:%s,baseline=%s,canary=%s"):format(sim.rule,
        sim.blue, sim.green) },
    ["alb-listener"] = { sim.listener_target(), ("alb-listener:%s,baseline=%s,canary=%s"):format(
        sim.listener, sim.blue, sim.green) },
    ["lambda-alias"] = { sim.alias_target(), "lambda-alias:pay:live,canary=42" },
    ["ecs-service"] = { ecs.target, "ecs-service:shop/checkout,canary=checkout:43" },
    ["appconfig-flag"] = { tables.with(appconfig.target, "strategy", nil), appconfig.text },
    ["state-machine"] = { states.target, states.text },
}

-- Answers a policy's effects from the account of a run.
local function world_of(run)
    local world = {}
    local function aws(request)
        if catalogue.plan(request.operation, request.input).mutation then
            local change, refusal = run:change(request.operation, request.input)
            return change.output, refusal
        end
        return run:call(request.operation, request.input)
    end
    for _, name in ipairs(catalogue.names()) do
        world[name] = aws
    end
    local function pass(request)
        run.now = run.now + request["for"]
        return { verdict = "safe", judges = {} }
    end
    world.sleep, world.watch = pass, pass
    return world
end

local function carry_out(run, policy, text)
    local done = fake.run(function()
        entry.start(require("policies." .. policy), { arguments = { { "target", text } } })
    end, world_of(run))
    assert.is_nil(done.error)
    return rehearsed.changes(run), done
end

local function split(weight)
    return { sim.forward { [sim.blue] = 100 - weight, [sim.green] = weight } }
end

local function rules_of(run, input)
    return run:look { operation = "elbv2.describe_rules", input = input }.Rules
end

describe("in a rehearsal", function()
    for policy, kinds in pairs {
        step_canary = { "alb-rule", "alb-listener", "lambda-alias", "appconfig-flag",
            "state-machine" },
        linear = { "alb-rule", "alb-listener", "lambda-alias", "state-machine" },
        blue_green = { "alb-rule", "alb-listener", "lambda-alias", "ecs-service", "state-machine" },
        flag_ramp = { "appconfig-flag" },
    } do
        for _, kind in ipairs(kinds) do
            it(("%s does on %s what it does in the account"):format(policy, kind), function()
                local target, text = table.unpack(targets[kind])
                local real, run = sim.begin(target), rehearsed.on(sim.begin(target))
                local expected = carry_out(real, policy, text)
                assert.same(expected, (carry_out(run, policy, text)))
                assert.is_true(#expected > 0)
                assert.equal(run.origin, run.account.below:snapshot())
            end)
        end
    end

    it("every read is asked once", function()
        local target, text = table.unpack(targets["alb-rule"])
        local run = rehearsed.on(sim.begin(target))
        carry_out(run, "step_canary", text)
        local seen = {}
        for _, asked in ipairs(run.account.asked) do
            assert.is_nil(seen[asked], asked)
            seen[asked] = true
        end
    end)

    it("what a change needs is asked for at the same time", function()
        local run = rehearsed.on(sim.begin(sim.rule_target()))
        run:change("elbv2.modify_rule", { RuleArn = sim.rule,
            Actions = { sim.forward { [sim.green] = 1, [sim.green .. "0"] = 1 } } })
        assert.same({ 3, 2 }, { #run.account.asked, run.account.driver.rounds })
    end)

    it("what an answer shows to be missing too is asked next", function()
        local rules = require "services.lambda.rehearsal"
        local needs = rules.needs
        local run = rehearsed.on(sim.begin(sim.alias_target()))
        local function version(name)
            return { operation = "lambda.get_function_configuration",
                input = { FunctionName = "pay", Qualifier = name } }
        end
        rules.needs = function()
            local first = version("41")
            return run.account.rehearsal:answer(first.operation, first.input)
                and { first, version("42") } or { first }
        end
        run:change("lambda.update_alias", { FunctionName = "pay", Name = "live",
            FunctionVersion = "42" })
        rules.needs = needs
        local asked = table.concat(run.account.asked, " ")
        assert.is_truthy(asked:find('"Qualifier":"41".*"Qualifier":"42"'))
    end)

    it("what is no read is not asked, and that is a mistake of ours", function()
        local run = rehearsed.on(sim.begin(sim.rule_target()))
        run.account.driver.answer.call = function()
            error({ refused = "it changes something" }, 0)
        end
        local ok, problem = pcall(run.call, run, "elbv2.describe_rules",
            { RuleArns = { sim.rule } })
        assert.same({ false, "it changes something" }, { ok, problem })
    end)

    it("targets that nobody checked are well once their group is named", function()
        local target, text = table.unpack(targets["alb-rule"])
        local run = rehearsed.on(sim.begin(target))
        local _, done = carry_out(run, "blue_green", text)
        assert.equal(0, #fake.of(done, "sleep"))
    end)

    it("an operation is refused as AWS refuses what is not there", function()
        local run = rehearsed.on(sim.begin(sim.rule_target(), sim.alias_target()))
        local other = sim.green .. "0"
        local _, refusal = run:change("elbv2.modify_rule", { RuleArn = sim.rule,
            Actions = { sim.forward { [sim.blue] = 1, [other] = 1 } } })
        assert.equal("TargetGroupNotFound", refusal.code)
        _, refusal = run:change("lambda.update_alias", { FunctionName = "pay", Name = "live",
            FunctionVersion = "77" })
        assert.equal("ResourceNotFoundException", refusal.code)
    end)

    it("what AWS does not show is taken to be there", function()
        local function refuse(missing)
            return missing.operation ~= "lambda.get_alias"
                and missing.operation ~= "elbv2.describe_rules" and { code = "AccessDenied" }
        end
        local run = rehearsed.on(sim.begin(sim.rule_target(), sim.alias_target()), refuse)
        local change = run:change("elbv2.modify_rule", { RuleArn = sim.rule, Actions = split(5) })
        assert.is_true(run:shows(change, "after"))
        change = run:change("lambda.update_alias", { FunctionName = "pay", Name = "live",
            RoutingConfig = { AdditionalVersionWeights = { ["42"] = 0.05 } } })
        assert.is_true(run:shows(change, "after"))
    end)

    it("a list shows what was changed in it, and the rest as it is", function()
        local run = rehearsed.on(sim.begin(sim.rule_target(), sim.listener_target()))
        run:change("elbv2.modify_rule", { RuleArn = sim.rule, Actions = split(5) })
        run:change("elbv2.modify_listener", { ListenerArn = sim.listener,
            DefaultActions = split(25) })
        local rules = rules_of(run, { ListenerArn = sim.listener })
        assert.equal(2, #rules)
        for i, weight in ipairs { 5, 25 } do
            assert.equal(weight, rules[i].Actions[1].ForwardConfig.TargetGroups[2].Weight)
        end
        local listeners = run:look { operation = "elbv2.describe_listeners", input = {
            LoadBalancerArn = sim.balancer } }.Listeners
        assert.equal(25, listeners[1].DefaultActions[1].ForwardConfig.TargetGroups[2].Weight)
    end)

    it("a parameter is one, whichever way it is called", function()
        local state = sim.edit(sim.begin().origin, "ssm", "parameters", "/shop/limit", {
            { Name = "/shop/limit", Type = "String", Value = "20", Version = 1, DataType = "text",
                Tier = "Standard", Labels = {}, Policies = {} } })
        local run = rehearsed.on(sim.on(state))
        run:change("ssm.put_parameter", { Name = "/shop/limit", Value = "30", Overwrite = true })
        for _, called in ipairs { "/shop/limit", "/shop/limit:2",
            "arn:aws:ssm:us-east-1:123456789012:parameter/shop/limit" } do
            assert.equal("30", run:look { operation = "ssm.get_parameter",
                input = { Name = called } }.Parameter.Value)
        end
    end)

    it("a service of which AWS shows little is changed all the same", function()
        local run = rehearsed.on(sim.begin(ecs.target))
        local bare = { serviceName = "checkout", status = "ACTIVE", desiredCount = 2,
            taskDefinition = "checkout:42", deployments = { { status = "PRIMARY",
            taskDefinition = "checkout:42", desiredCount = 2 } } }
        run.account.below = { call = function(_, operation)
            return "ok", operation == "ecs.describe_services" and { services = { bare } }
                or { taskDefinition = { taskDefinitionArn = "a/checkout:43", family = "checkout",
                    revision = 43, status = "ACTIVE" } }
        end }
        local change = run:change("ecs.update_service", { cluster = "shop", service = "checkout",
            taskDefinition = "checkout:43" })
        assert.is_true(run:shows(change, "after"))
        run.now = run.now + 600000
        local shown = run:look(change.observe).services[1].deployments
        assert.same({ 1, 2, "COMPLETED" }, { #shown, shown[1].runningCount,
            shown[1].rolloutState })
    end)

    it("a read that was answered is answered the same, until something changes it", function()
        local run = rehearsed.on(sim.begin(sim.rule_target()))
        local before = rules_of(run, { RuleArns = { sim.rule } })
        run.account.below:call("elbv2.modify_rule", { RuleArn = sim.rule, Actions = split(9) }, 0)
        assert.same(before, rules_of(run, { RuleArns = { sim.rule } }))
    end)
end)
