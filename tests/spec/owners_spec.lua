-- Traffic that somebody else moves: an alias that CodeDeploy deploys, a rule or a listener between
-- whose target groups ECS or CodeDeploy shifts. Refused before anything is touched, with what to
-- give instead.
local fake = require "fake_effect"
fake.install()
local sim = require "sim_run"
local cases = require "ecs_cases"
local entry = require "policy_entry"
local revision = require "services.codedeploy.revision"
local tables = require "simulation.tables"

local function roll_out(run, text, refuse)
    local world = run:world()
    for _, name in ipairs { "codedeploy.look_for_alias", "ecs.look_for_groups" } do
        local ask = world[name]
        world[name] = function(request)
            if refuse then
                return nil, refuse
            end
            return ask(request)
        end
    end
    local done = fake.run(function()
        entry.start(require "policies.blue_green", { arguments = { { "target", text } } })
    end, world)
    local said = {}
    for _, request in ipairs(done.effects) do
        said[#said + 1] = request.kind == "notify" and request.message or nil
    end
    return done, table.concat(said, "\n")
end

-- --- CodeDeploy on Lambda ---

local ALIAS = "lambda-alias:pay:live,canary=42"

local function appspec(name, alias)
    return ('{"version":0.0,"Resources":[{"f":{"Type":"AWS::Lambda::Function","Properties":{'
        .. '"Name":"%s","Alias":"%s","CurrentVersion":"41","TargetVersion":"42"}}}]}'):format(name,
        alias)
end

-- An account in which the alias is shared, and a deployment of Lambda is shown.
local function shared(fields)
    local run = sim.begin(sim.alias_target())
    assert(run:call("lambda.update_alias", { FunctionName = "pay", Name = "live",
        RoutingConfig = { AdditionalVersionWeights = { ["42"] = 0.1 } } }))
    run = sim.on(run.account:snapshot())
    local ask = run.account.call
    function run.account.call(self, operation, input, now, region)
        if operation == "codedeploy.list_deployments" then
            return "ok", { deployments = { "d-1" } }
        elseif operation == "codedeploy.batch_get_deployments" then
            return "ok", { deploymentsInfo = { tables.over({ deploymentId = "d-1",
                applicationName = "shop", deploymentGroupName = "pay", status = "InProgress",
                computePlatform = "Lambda", revision = { string = { content =
                    appspec("pay", "live") } } }, fields or {}) } }
        end
        return ask(self, operation, input, now, region)
    end
    return run
end

describe("an alias", function()
    it("that CodeDeploy deploys is refused", function()
        local run = shared()
        local done = roll_out(run, ALIAS)
        assert.matches("is being deployed by CodeDeploy %(d%-1 of shop/pay, InProgress%)",
            done.error)
        assert.same({}, run.changes)
    end)

    it("that it does not deploy is taken as it is, and what it does not tell is told", function()
        for words, fields in pairs {
            [""] = { revision = { string = { content = appspec("pay", "test") } } },
            [" "] = { computePlatform = "ECS" },
            ["CodeDeploy is at work on Lambda aliases, and does not tell on which"] =
                { revision = { s3Location = { bucket = "b", key = "k" } } },
        } do
            local done, said = roll_out(shared(fields), ALIAS)
            assert.is_nil(done.error)
            assert.is_truthy(said:find((words:gsub("^ $", "")), 1, true), said)
        end
    end)

    it("of which it may not be asked is taken as it is, and that is told", function()
        local done, said = roll_out(shared(), ALIAS, { code = "AccessDeniedException",
            message = "no" })
        assert.is_nil(done.error)
        assert.matches("whether CodeDeploy moves its traffic could not be asked %(AccessDenied",
            said)
        done = roll_out(shared(), ALIAS, { code = "ThrottlingException", message = "slow" })
        assert.matches("could not be asked whether CodeDeploy moves its traffic: Throttling",
            done.error)
    end)

    it("is asked about only where it is shared", function()
        local done = roll_out(sim.begin(sim.alias_target()), ALIAS)
        assert.same({}, fake.of(done, "codedeploy.look_for_alias"))
    end)

    it("is named by an AppSpec in JSON and in YAML", function()
        for content, expected in pairs {
            [appspec("pay", "live")] = "pay live",
            [appspec("arn:aws:lambda:eu-west-1:111122223333:function:pay", "live")] = "pay live",
            ["Resources:\n - f:\n   Properties:\n    name: pay\n    alias: live\n"] = "pay live",
        } do
            local name, alias = revision.alias { revision = { appSpecContent = {
                content = content } } }
            assert.equal(expected, name .. " " .. alias)
        end
        assert.is_nil(revision.alias { revision = { s3Location = {} } })
    end)
end)

-- --- rules that ECS shifts ---

local function balancer(run)
    local service = run.origin.ecs.services["shop/checkout"].shown
    local one = service.loadBalancers[1]
    return one.advancedConfiguration.productionListenerRule, one.targetGroupArn,
        one.advancedConfiguration.alternateTargetGroupArn
end

describe("a rule", function()
    local rule, blue, green = balancer(sim.begin(cases.shifted))
    local target = { type = "alb_rule", rule = rule, baseline = blue, canary = green }
    local text = ("alb-rule:%s,baseline=%s,canary=%s"):format(rule, blue, green)

    it("that ECS shifts is refused, with the service to give instead", function()
        local run = sim.begin(cases.shifted, target)
        local done = roll_out(run, text)
        assert.matches("belongs to the service shop/checkout, whose traffic ECS itself shifts: "
            .. "give ecs%-service:shop/checkout instead", done.error)
        assert.same({}, run.changes)
    end)

    it("of which ECS may not be asked is taken as it is, and that is told", function()
        local _, said = roll_out(sim.begin(cases.shifted, target), text, { code =
            "AccessDeniedException", message = "no" })
        assert.matches("whether ECS or CodeDeploy moves its traffic could not be asked", said)
    end)

    it("between whose groups CodeDeploy shifts is refused", function()
        local run = sim.begin(cases.target, sim.rule_target())
        local known = run.origin.ecs.services["shop/checkout"]
        run = sim.on(sim.edit(run.origin, "ecs", "services", "shop/checkout", tables.with(known,
            "shown", tables.over(known.shown, { deploymentController = { type = "CODE_DEPLOY" },
                taskSets = { { loadBalancers = { { targetGroupArn = sim.blue } } } } }))))
        assert(run:call("elbv2.modify_rule", { RuleArn = sim.rule,
            Actions = { sim.forward { [sim.blue] = 100, [sim.green] = 0 } } }))
        local done = roll_out(run, ("alb-rule:%s,baseline=%s,canary=%s"):format(sim.rule, sim.blue,
            sim.green))
        assert.matches("belongs to the service shop/checkout, whose traffic CodeDeploy moves: give "
            .. "codedeploy:APPLICATION/GROUP instead", done.error)
    end)

    it("that nobody else shifts is not, and a group that is not there yet is not asked about",
        function()
            local run = sim.begin(cases.target, sim.rule_target())
            assert(run:call("elbv2.modify_rule", { RuleArn = sim.rule,
                Actions = { sim.forward { [sim.blue] = 100, [sim.green] = 0 } } }))
            local rule_text = ("alb-rule:%s,baseline=%s,canary=%s"):format(sim.rule, sim.blue,
                sim.green)
            local done = roll_out(run, rule_text)
            assert.is_nil(done.error)
            assert.equal(1, #fake.of(done, "ecs.look_for_groups"))
            done = roll_out(sim.begin(sim.rule_target()), rule_text)
            assert.same({}, fake.of(done, "ecs.look_for_groups"))
        end)
end)

describe("all services of an account", function()
    it("are looked through, page by page of ten", function()
        local look = require("services.ecs.looks")["ecs.look_for_groups"].look
        local asked, arns = {}, {}
        for i = 1, 23 do
            arns[i] = "arn:aws:ecs:eu-west-1:111122223333:service/shop/s" .. i
        end
        local output = look({ targetGroupArns = { "g" } }, function(operation, input)
            asked[#asked + 1] = operation:match("%.(.*)$") .. (input.services
                and " " .. #input.services or "")
            return { clusterArns = { "arn:aws:ecs:eu-west-1:111122223333:cluster/shop" },
                serviceArns = arns, services = { { serviceName = "s", loadBalancers = {} } } }
        end)
        assert.same({}, output.services)
        assert.equal("list_clusters list_services describe_services 10 describe_services 10 "
            .. "describe_services 3", table.concat(asked, " "))
    end)
end)
