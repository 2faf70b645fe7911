local sim = require "sim_run"
local tables = require "simulation.tables"

local function modify_rule(run, fields)
    return run:call("elbv2.modify_rule", tables.over({ RuleArn = sim.rule }, fields))
end

local function modify_listener(run, fields)
    return run:call("elbv2.modify_listener", tables.over({ ListenerArn = sim.listener }, fields))
end

local function rule(run)
    return assert(run:call("elbv2.describe_rules", { RuleArns = { sim.rule } })).Rules[1]
end

local function split(weight)
    return { sim.forward { [sim.blue] = 100 - weight, [sim.green] = weight } }
end

local function code(output, refusal)
    return output or refusal.code
end

describe("a simulated rule", function()
    it("forwards to the baseline, in both spellings", function()
        assert.same({
            RuleArn = sim.rule,
            Priority = "10",
            IsDefault = false,
            Conditions = { { Field = "path-pattern", Values = { "/*" },
                PathPatternConfig = { Values = { "/*" } } } },
            Actions = { {
                Type = "forward", Order = 1, TargetGroupArn = sim.blue,
                ForwardConfig = {
                    TargetGroups = { { TargetGroupArn = sim.blue, Weight = 1 } },
                    TargetGroupStickinessConfig = { Enabled = false },
                },
            } },
        }, rule(sim.begin(sim.rule_target())))
    end)

    it("has its lists replaced whole, and keeps what is not mentioned", function()
        local run = sim.begin(sim.rule_target())
        local conditions = rule(run).Conditions
        local answer = modify_rule(run, { Actions = split(10) })
        assert.same(answer.Rules[1], rule(run))
        assert.same(conditions, rule(run).Conditions)
        assert.is_nil(rule(run).Actions[1].TargetGroupArn)
        assert.equal(10, rule(run).Actions[1].ForwardConfig.TargetGroups[2].Weight)
        modify_rule(run, { Conditions = { { Field = "host-header", Values = { "a.example" } } } })
        assert.same({ { Field = "host-header", Values = { "a.example" },
            HostHeaderConfig = { Values = { "a.example" } } } }, rule(run).Conditions)
        assert.equal(10, rule(run).Actions[1].ForwardConfig.TargetGroups[2].Weight)
    end)

    it("has transforms until they are reset", function()
        local run = sim.begin(sim.rule_target())
        local transforms = { { Type = "url-rewrite", UrlRewriteConfig = {
            Rewrites = { { Regex = "^/a", Replace = "/b" } } } } }
        modify_rule(run, { Transforms = transforms })
        modify_rule(run, { Actions = split(1) })
        assert.same(transforms, rule(run).Transforms)
        modify_rule(run, { ResetTransforms = true })
        assert.is_nil(rule(run).Transforms)
    end)

    it("shows what AWS fills in, and never a secret's use", function()
        local run = sim.begin(sim.rule_target())
        modify_rule(run, { Actions = { { Type = "redirect", RedirectConfig = {
            StatusCode = "HTTP_302", Host = "b.example" } } } })
        assert.same({ Type = "redirect", Order = 1, RedirectConfig = { StatusCode = "HTTP_302",
            Host = "b.example", Path = "/#{path}", Port = "#{port}", Protocol = "#{protocol}",
            Query = "#{query}" } }, rule(run).Actions[1])
    end)

    it("is refused what AWS would refuse", function()
        local run = sim.begin(sim.rule_target())
        local oidc = { Type = "authenticate-oidc", AuthenticateOidcConfig = { Issuer = "https://i",
            AuthorizationEndpoint = "https://a", TokenEndpoint = "https://t",
            UserInfoEndpoint = "https://u", ClientId = "c", UseExistingClientSecret = true } }
        local stranger = { Type = "forward", TargetGroupArn = sim.blue .. "0" }
        local twice = { Type = "forward", ForwardConfig = { TargetGroups = {
            { TargetGroupArn = sim.blue }, { TargetGroupArn = sim.blue } } } }
        local before = run.account:snapshot()
        for _, case in ipairs {
            { "TargetGroupNotFound", { Actions = { stranger } } },
            { "ValidationError", { Actions = { twice } } },
            { "ValidationError", { Actions = { oidc, split(1)[1] } } },
            { "ValidationError", { Actions = { sim.forward { [sim.blue] = 1000 } } } },
            { "RuleNotFound", { RuleArn = sim.rule .. "0", Actions = split(1) } },
            { "RuleNotFound", { RuleArn = sim.rule:gsub("shop", "till"), Actions = split(1) } },
        } do
            assert.equal(case[1], code(modify_rule(run, case[2])))
        end
        assert.equal(before, run.account:snapshot())
    end)

    it("that is the default one is changed through its listener", function()
        local run = sim.begin(sim.rule_target(), sim.listener_target())
        local rules = run:call("elbv2.describe_rules", { ListenerArn = sim.listener }).Rules
        assert.same({ sim.rule, "default" }, { rules[1].RuleArn, rules[2].Priority })
        assert.is_true(rules[2].IsDefault)
        assert.equal("OperationNotPermitted", code(modify_rule(run, { RuleArn = rules[2].RuleArn,
            Actions = split(1) })))
        modify_listener(run, { DefaultActions = split(30) })
        local shown = run:call("elbv2.describe_rules", { RuleArns = { rules[2].RuleArn } }).Rules[1]
        assert.equal(30, shown.Actions[1].ForwardConfig.TargetGroups[2].Weight)
    end)

    it("is found only where it is", function()
        local run = sim.begin(sim.rule_target())
        local function ask(input)
            return code(run:call("elbv2.describe_rules", input))
        end
        assert.equal("RuleNotFound", ask { RuleArns = { sim.rule, sim.rule .. "0" } })
        assert.equal("ListenerNotFound", ask { ListenerArn = sim.listener .. "0" })
        assert.equal("ValidationError", ask {})
        assert.equal("ValidationError", ask { ListenerArn = sim.listener, Marker = "x" })
        local page = ask { ListenerArn = sim.listener, PageSize = 1 }
        assert.equal(sim.rule, page.Rules[1].RuleArn)
        page = ask { ListenerArn = sim.listener, PageSize = 1, Marker = page.NextMarker }
        assert.is_true(page.Rules[1].IsDefault)
        assert.is_nil(page.NextMarker)
    end)
end)

describe("a simulated listener", function()
    it("answers not-found unless it is a target", function()
        local run = sim.begin(sim.rule_target())
        local listener = run:call("elbv2.describe_listeners", { LoadBalancerArn = sim.balancer })
            .Listeners[1]
        assert.equal(sim.listener, listener.ListenerArn)
        assert.equal("fixed-response", listener.DefaultActions[1].Type)
        assert.same({ 443, "HTTPS" }, { listener.Port, listener.Protocol })
    end)

    it("keeps what is not mentioned", function()
        local run = sim.begin(sim.listener_target())
        local old = run:call("elbv2.describe_listeners",
            { ListenerArns = { sim.listener } }).Listeners[1]
        local new = modify_listener(run, { DefaultActions = split(10), Port = 8443,
            SslPolicy = "ELBSecurityPolicy-2016-08" }).Listeners[1]
        assert.same({ 8443, "ELBSecurityPolicy-2016-08", old.Certificates }, { new.Port,
            new.SslPolicy,
            new.Certificates })
        assert.equal(10, new.DefaultActions[1].ForwardConfig.TargetGroups[2].Weight)
    end)

    it("is refused what AWS would refuse", function()
        local second = sim.listener:gsub("f2f7dc8efc522ab2", "e2f7dc8efc522ab2")
        local run = sim.begin(sim.listener_target(), sim.listener_target { listener = second })
        local arn = "arn:aws:acm:eu-west-1:111122223333:certificate/x"
        for _, case in ipairs {
            { "ListenerNotFound", { ListenerArn = sim.listener .. "0", Port = 80 } },
            { "DuplicateListener", { Port = 443 } },
            { "SSLPolicyNotFound", { SslPolicy = "Best" } },
            { "CertificateNotFound", { Certificates = { { CertificateArn = arn } } } },
            { "TargetGroupNotFound", { DefaultActions = { { Type = "forward",
                TargetGroupArn = sim.blue .. "0" } } } },
        } do
            assert.equal(case[1], code(modify_listener(run, case[2])))
        end
        local function ask(input)
            return code(run:call("elbv2.describe_listeners", input))
        end
        assert.equal("ListenerNotFound", ask { ListenerArns = { sim.listener .. "0" } })
        assert.equal("LoadBalancerNotFound", ask { LoadBalancerArn = sim.balancer .. "0" })
        assert.equal("ValidationError", ask {})
    end)

    it("shares its target groups with no other load balancer", function()
        local rule_arn = sim.rule:gsub("/shop/", "/till/")
        local function other(name)
            return (sim.blue:gsub("blue", name))
        end
        local run = sim.begin(sim.rule_target(), sim.rule_target { rule = rule_arn,
            baseline = other "red", canary = other "pink" })
        assert.equal("TargetGroupAssociationLimit", code(modify_rule(run, { Actions = { {
            Type = "forward", TargetGroupArn = other "red" } } })))
        assert(modify_rule(run, { Actions = { { Type = "forward",
            TargetGroupArn = other "pink" } } }))
    end)
end)

describe("simulated traffic", function()
    local target = sim.rule_target()

    it("follows the weights four seconds after a write", function()
        local run = sim.begin(target)
        local at = run.now
        assert.same({ 0 }, { run.account:share(target, at) })
        modify_rule(run, { Actions = split(10) })
        assert.same({ 0, at + 4000 }, { run.account:share(target, at) })
        assert.same({ 10.0 }, { run.account:share(target, at + 4000) })
    end)

    it("passes through every weight that was written", function()
        local run = sim.begin(target)
        local first = run.now
        modify_rule(run, { Actions = split(10) })
        local second = run.now
        modify_rule(run, { Actions = split(0) })
        assert.same({ 10.0, second + 4000 }, { run.account:share(target, first + 4000) })
        assert.same({ 0.0 }, { run.account:share(target, second + 4000) })
    end)

    it("is a part of all the weights, and none where nothing is forwarded", function()
        local run = sim.begin(target)
        modify_rule(run, { Actions = { sim.forward { [sim.blue] = 995, [sim.green] = 5 } } })
        assert.equal(0.5, (run.account:share(target, run.now + 4000)))
        modify_rule(run, { Actions = { sim.forward { [sim.blue] = 0, [sim.green] = 0 } } })
        assert.equal(0, (run.account:share(target, run.now + 8000)))
        modify_rule(run, { Actions = { { Type = "fixed-response",
            FixedResponseConfig = { StatusCode = "503" } } } })
        assert.equal(0, (run.account:share(target, run.now + 12000)))
    end)

    it("follows a listener's default actions, too", function()
        local run = sim.begin(sim.listener_target())
        modify_listener(run, { DefaultActions = split(25) })
        assert.equal(25.0, (run.account:share(sim.listener_target(), run.now + 4000)))
        modify_listener(run, { Port = 80 })
        assert.equal(25.0, (run.account:share(sim.listener_target(), run.now + 4000)))
    end)
end)

describe("simulated target groups", function()
    it("are found by ARN, name and load balancer", function()
        local run = sim.begin(sim.rule_target())
        local function ask(input)
            local output, refusal = run:call("elbv2.describe_target_groups", input)
            local found = {}
            for i, group in ipairs(output and output.TargetGroups or {}) do
                found[i] = group.TargetGroupName
            end
            return output and table.concat(found, " ") or refusal.code
        end
        assert.equal("blue green", ask {})
        assert.equal("green", ask { TargetGroupArns = { sim.green } })
        assert.equal("green blue", ask { Names = { "green", "blue" } })
        assert.equal("blue", ask { LoadBalancerArn = sim.balancer })
        assert.equal("TargetGroupNotFound", ask { Names = { "red" } })
        assert.equal("TargetGroupNotFound", ask { TargetGroupArns = { sim.green .. "0" } })
        assert.equal("LoadBalancerNotFound", ask { LoadBalancerArn = sim.balancer .. "0" })
        modify_rule(run, { Actions = split(0) })
        assert.equal("blue green", ask { LoadBalancerArn = sim.balancer })
    end)

    local function health(run, arn, targets)
        local output = assert(run:call("elbv2.describe_target_health", { TargetGroupArn = arn,
            Targets = targets }))
        local states = {}
        for i, one in ipairs(output.TargetHealthDescriptions) do
            states[i] = one.TargetHealth.Reason or one.TargetHealth.State
        end
        return table.concat(states, " "), output.TargetHealthDescriptions
    end

    it("become healthy half a minute after they are named, even with weight 0", function()
        local run = sim.begin(sim.rule_target())
        assert.equal("healthy healthy", health(run, sim.blue))
        assert.equal("Target.NotInUse Target.NotInUse", health(run, sim.green))
        local at = run.now
        modify_rule(run, { Actions = split(0) })
        assert.equal("Elb.InitialHealthChecking Elb.InitialHealthChecking", health(run, sim.green))
        run.now = at + 29999
        modify_rule(run, { Actions = split(50) })
        run.now = at + 30000
        assert.equal("healthy healthy", health(run, sim.green))
        modify_rule(run, { Actions = { sim.forward { [sim.blue] = 1 } } })
        assert.equal("Target.NotInUse Target.NotInUse", health(run, sim.green))
    end)

    it("show the health of the targets that are asked for", function()
        local run = sim.begin(sim.rule_target())
        local _, all = health(run, sim.blue)
        assert.equal("healthy", (health(run, sim.blue, { all[2].Target })))
        assert.equal("Target.NotRegistered", (health(run, sim.blue, { { Id = "i-x" } })))
        assert.equal("TargetGroupNotFound", code(run:call("elbv2.describe_target_health",
            { TargetGroupArn = sim.blue .. "0" })))
    end)

    it("have attributes, and refuse unknown ones and values that do not fit", function()
        local run = sim.begin(sim.rule_target())
        local function modify(key, value, arn)
            return run:call("elbv2.modify_target_group_attributes", { TargetGroupArn = arn
                or sim.blue,
                Attributes = { { Key = key, Value = value } } })
        end
        local answer = modify("deregistration_delay.timeout_seconds", "30")
        assert.same({ Key = "deregistration_delay.timeout_seconds", Value = "30" },
            answer.Attributes[1])
        assert.same(answer, run:call("elbv2.describe_target_group_attributes",
            { TargetGroupArn = sim.blue }))
        assert.equal(14, #answer.Attributes)
        for key, value in pairs {
            ["deregistration_delay.timeout_seconds"] = "3601",
            ["slow_start.duration_seconds"] = "29",
            ["stickiness.enabled"] = "yes",
            ["stickiness.type"] = "source_ip",
            ["stickiness.app_cookie.cookie_name"] = "AWSALBTG",
            ["stickiness.lb_cookie.duration_seconds"] = "1.5",
            ["lambda.multi_value_headers.enabled"] = "true",
        } do
            assert.equal("ValidationError", code(modify(key, value)))
        end
        assert(modify("slow_start.duration_seconds", "0"))
        assert.equal("TargetGroupNotFound", code(modify("stickiness.enabled", "true", sim.blue
            .. "0")))
        assert.equal("TargetGroupNotFound", code(run:call("elbv2.describe_target_group_attributes",
            { TargetGroupArn = sim.blue .. "0" })))
    end)
end)
