-- For every mutation: look, perform, and the account shows what the catalogue foretold; undo, and
-- it is what it was.
local sim = require "sim_run"
local actions = require "services.elbv2.actions"
local appconfig = require "appconfig_cases"
local catalogue = require "aws.catalogue"
local codedeploy = require "codedeploy_cases"
local ecs = require "ecs_cases"
local rehearsed = require "rehearsed"
local states = require "states_cases"
local stored = require "services.elbv2.simulated.stored"
local tables = require "simulation.tables"

local oidc = { Type = "authenticate-oidc", Order = 1, AuthenticateOidcConfig = {
    Issuer = "https://i", AuthorizationEndpoint = "https://a", TokenEndpoint = "https://t",
    UserInfoEndpoint = "https://u", ClientId = "c",
} }

local sticky = { Type = "forward", Order = 2, ForwardConfig = {
    TargetGroups = {
        { TargetGroupArn = sim.green, Weight = 0 },
        { TargetGroupArn = sim.blue, Weight = 100 },
    },
    TargetGroupStickinessConfig = { Enabled = true, DurationSeconds = 600 },
} }

local certificate = "arn:aws:acm:eu-west-1:111122223333:certificate/other"

local transforms = { { Type = "host-header-rewrite", HostHeaderRewriteConfig = {
    Rewrites = { { Regex = "a", Replace = "b" } } } } }

local function parameter(version, value)
    return { Name = "/shop/limit", Type = "String", Value = value, Version = version,
        LastModifiedDate = version, Description = "d", AllowedPattern = "^%d+$", DataType = "text",
        Tier = "Advanced", Labels = {}, Policies = { { PolicyText = "{}", PolicyStatus =
        "Pending" } } }
end

-- The account of three targets in which everything has been used for years.
local function lived_in()
    local state = sim.begin(sim.rule_target(), sim.listener_target(), sim.alias_target(),
        ecs.target, appconfig.target, states.target).origin
    state = tables.with(state, "appconfig", appconfig.prepared(state.appconfig))
    state = tables.with(state, "codedeploy", codedeploy.prepared(state.codedeploy))
    local listener = state.elbv2.listeners[sim.listener]
    local rule = tables.over(state.elbv2.rules[sim.rule], {
        Actions = stored.stored { oidc, sticky },
        Conditions = stored.stored_conditions {
            { Field = "path-pattern", Values = { "/b/*", "/a/*" } },
            { Field = "http-header", HttpHeaderConfig = { HttpHeaderName = "X", Values = { "2",
                "1" } } },
            { Field = "query-string", QueryStringConfig = { Values = { { Key = "v", Value = "2" },
                { Value = "1" } } } },
        },
        Transforms = transforms,
    })
    state = sim.edit(state, "elbv2", "rules", sim.rule, rule)
    state = sim.edit(state, "elbv2", "listeners", sim.listener, tables.with(listener,
        "DefaultActions",
        stored.stored { oidc, sticky }))
    state = sim.edit(state, "elbv2", "certificates", certificate, true)
    state = sim.edit(state, "ssm", "parameters", "/shop/limit", {
        parameter(1, "10"), parameter(2, "20"),
    })
    state = sim.edit(state, "ssm", "parameters", "/shop/secret", {
        { Name = "/shop/secret", Type = "SecureString", Value = "AQIC", Version = 1 },
    })
    state = sim.edit(state, "cloudwatch", "metric", "promql", {
        AlarmName = "promql", EvaluationCriteria = { PromQLCriteria = { Query = "up" } },
    })
    state = sim.edit(state, "cloudwatch", "metric", "silence", codedeploy.silence)
    return sim.edit(state, "cloudwatch", "metric", "errors", {
        AlarmName = "errors", AlarmArn = "arn:aws:cloudwatch:eu-west-1:111122223333:alarm:errors",
        AlarmDescription = "", MetricName = "Errors", Namespace = "AWS/Lambda",
        Dimensions = { { Name = "FunctionName", Value = "pay" } }, Period = 60, Statistic = "Sum",
        Threshold = 5.0, EvaluationPeriods = 3, ComparisonOperator = "GreaterThanThreshold",
        TreatMissingData = "missing", OKActions = {}, InsufficientDataActions = {},
        AlarmActions = { "arn:aws:sns:eu-west-1:111122223333:page" }, ActionsEnabled = true,
        StateValue = "OK", StateReason = "Threshold not crossed", StateReasonData = "{}",
        StateUpdatedTimestamp = 1, WarmUpConfiguration = { WarmUpPeriodDurationInMinutes = 9 },
    })
end

local function split(weight)
    return { sim.forward { [sim.blue] = 100 - weight, [sim.green] = weight } }
end

-- With the captured client: its secret stays.
local function signed_in(weight)
    local config = tables.with(oidc.AuthenticateOidcConfig, "UseExistingClientSecret", true)
    return { { Type = "authenticate-oidc", AuthenticateOidcConfig = config }, split(weight)[1] }
end

local function alarm(fields)
    return tables.over({ AlarmName = "errors", MetricName = "Errors", Namespace = "AWS/Lambda",
        Period = 60, Statistic = "Average", Threshold = 1, EvaluationPeriods = 1,
        ComparisonOperator = "LessThanThreshold" }, fields)
end

local function rule(fields)
    return tables.over({ RuleArn = sim.rule }, fields)
end

local function listener(fields)
    return tables.over({ ListenerArn = sim.listener }, fields)
end

local function alias(fields)
    return tables.over({ FunctionName = "pay", Name = "live" }, fields)
end

local function routing(weights)
    return { AdditionalVersionWeights = weights }
end

local function attributes(...)
    return { TargetGroupArn = sim.blue, Attributes = { ... } }
end

-- Operation -> inputs that are performed one after another, and undone together.
local changes = {
    ["elbv2.modify_rule"] = {
        { rule { Actions = signed_in(10) } },
        { rule { Actions = signed_in(10) }, rule { Actions = signed_in(50) },
            rule { Actions = signed_in(100) } },
        { rule { Conditions = { { Field = "path-pattern", Values = { "/c/*" } } } } },
        { rule { ResetTransforms = true } },
        { rule { Transforms = { { Type = "url-rewrite", UrlRewriteConfig = {
            Rewrites = { { Regex = "x", Replace = "y" } } } } } } },
        { rule { Actions = signed_in(1) }, rule { ResetTransforms = true },
            rule { Conditions = { { Field = "source-ip",
                SourceIpConfig = { Values = { "10.0.0.0/8" } } } } } },
    },
    ["elbv2.modify_listener"] = {
        { listener { DefaultActions = signed_in(10) } },
        { listener { DefaultActions = signed_in(10) }, listener { Port = 8443 },
            listener { DefaultActions = signed_in(100), SslPolicy = "ELBSecurityPolicy-2016-08" } },
        { listener { Certificates = { { CertificateArn = certificate } } } },
    },
    ["elbv2.modify_target_group_attributes"] = {
        { attributes { Key = "deregistration_delay.timeout_seconds", Value = "30" } },
        { attributes { Key = "stickiness.enabled", Value = "true" } },
        { attributes({ Key = "stickiness.type", Value = "app_cookie" },
            { Key = "stickiness.app_cookie.cookie_name", Value = "mine" }),
            attributes { Key = "slow_start.duration_seconds", Value = "30" } },
    },
    ["lambda.update_alias"] = {
        { alias { RoutingConfig = routing { ["42"] = 0.05 } } },
        { alias { RoutingConfig = routing { ["42"] = 0.05 } },
            alias { RoutingConfig = routing { ["42"] = 0.5 }, Description = "half" },
            alias { FunctionVersion = "42", RoutingConfig = routing {} } },
        { alias { FunctionVersion = "42" } },
        { alias { Description = "new" } },
        { alias { RoutingConfig = routing { ["42"] = 1 } } },
        { alias { RoutingConfig = routing { ["42"] = 0 }, Description = "new" } },
    },
    ["cloudwatch.enable_alarm_actions"] = {
        { { AlarmNames = { "errors" } } },
    },
    ["cloudwatch.disable_alarm_actions"] = {
        { { AlarmNames = { "errors" } } },
    },
    ["cloudwatch.set_alarm_state"] = {
        { { AlarmName = "errors", StateValue = "ALARM", StateReason = "drill" } },
        { { AlarmName = "errors", StateValue = "ALARM", StateReason = "drill" },
            { AlarmName = "errors", StateValue = "INSUFFICIENT_DATA", StateReason = "over" } },
    },
    ["cloudwatch.put_metric_alarm"] = {
        { alarm {} },
        { alarm { Threshold = 9 }, alarm { TreatMissingData = "breaching", Dimensions = {
            { Name = "FunctionName", Value = "other" } } } },
        { alarm { AlarmName = "new" } },
        { alarm { AlarmName = "new" }, alarm { AlarmName = "new", Threshold = 2.5 } },
        { alarm { WarmUpConfiguration = { WarmUpPeriodDurationInMinutes = 5 } } },
    },
    ["ssm.put_parameter"] = {
        { { Name = "/shop/limit", Value = "30", Overwrite = true } },
        { { Name = "/shop/limit", Value = "30", Overwrite = true, Tier = "Advanced" },
            { Name = "/shop/limit", Value = "40", Overwrite = true, Description = "d" } },
        { { Name = "/shop/limit", Value = "a", Overwrite = true, DataType = "aws:ec2:image" } },
        { { Name = "new", Value = "a,b", Type = "StringList" } },
        { { Name = "new", Value = "a", Type = "String" },
            { Name = "new", Value = "b", Overwrite = true } },
    },
}

for _, service in ipairs { ecs, appconfig, states, codedeploy } do
    for operation, cases in pairs(service.changes) do
        changes[operation] = cases
    end
end

local function perform(run, operation, inputs)
    for _, input in ipairs(inputs) do
        local change, refusal = run:change(operation, input)
        assert.is_nil(refusal)
        assert.same(change.after, (run:state(change)))
        assert.is_true(run:shows(change, "after"))
    end
end

describe("every mutation of the catalogue", function()
    it("is tried here", function()
        local tried, mutations = tables.names(tables.over(changes, ecs.waits)), {}
        for _, name in ipairs(catalogue.names()) do
            mutations[#mutations + 1] = catalogue.entry(name).class == "mutation" and name or nil
        end
        assert.same(mutations, tried)
    end)

    for operation, cases in pairs(changes) do
        for i, inputs in ipairs(cases) do
            it(("is foretold and undone: %s, case %d"):format(operation, i), function()
                local run = sim.on(lived_in())
                perform(run, operation, inputs)
                local stays = catalogue.entry(operation).stays ~= nil -- it does nothing by itself
                local inert = stays or operation == "cloudwatch.enable_alarm_actions"
                assert.equal(inert, (run:equal()))
                run:undo_all()
                assert.is_true(run:shows(run.changes[1], stays and "after" or "before"))
                assert.same({ true }, { run:equal() })
            end)
        end
    end

    it("is told by the same members before and after", function()
        for operation, cases in pairs(changes) do
            for _, inputs in ipairs(catalogue.entry(operation).governs and cases or {}) do
                local run = sim.on(lived_in())
                perform(run, operation, inputs)
                for _, change in ipairs(operation:find("alarm") and {} or run.changes) do
                    assert.same(tables.names(change.before), tables.names(change.after))
                end
            end
        end
    end)

    it("is undone in a new account, too", function()
        for _, case in ipairs {
            { "elbv2.modify_rule", { rule { Actions = split(5) }, rule { Actions = split(100) },
                rule { Transforms = transforms } } },
            { "elbv2.modify_listener", { listener { DefaultActions = split(5) } } },
            { "elbv2.modify_rule", { rule { Actions = { { Type = "fixed-response",
                FixedResponseConfig = { StatusCode = "503" } } } } } },
            { "lambda.update_alias", changes["lambda.update_alias"][2] },
            { "cloudwatch.put_metric_alarm", { alarm { AlarmName = "new" } } },
        } do
            local run = sim.begin(sim.rule_target(), sim.listener_target(), sim.alias_target())
            perform(run, case[1], case[2])
            run:undo_all()
            assert.same({ true }, { run:equal() })
        end
    end)

    it("is undone together with all others, in reverse", function()
        local run = sim.on(lived_in())
        for _, operation in ipairs(tables.names(changes)) do
            perform(run, operation, changes[operation][1])
        end
        run:undo_all()
        assert.same({ true }, { run:equal() })
    end)
end)

describe("an undo", function()
    it("sends only what differs", function()
        local run = sim.on(lived_in())
        perform(run, "elbv2.modify_rule", { rule { ResetTransforms = true } })
        assert.same({ RuleArn = sim.rule, Transforms = transforms }, run:undo(sim.rule).input)
        run = sim.on(lived_in())
        perform(run, "elbv2.modify_listener", { listener { Port = 8443 } })
        assert.same({ ListenerArn = sim.listener, Port = 443 }, run:undo(sim.listener).input)
        run = sim.on(lived_in())
        perform(run, "elbv2.modify_target_group_attributes", {
            attributes { Key = "stickiness.enabled", Value = "true" } })
        assert.same({ { Key = "stickiness.enabled", Value = "false" } },
            run:undo(sim.blue .. "#attributes").input.Attributes)
    end)

    it("is not needed where nothing changed", function()
        local run = sim.on(lived_in())
        perform(run, "elbv2.modify_rule", { rule { Actions = actions.sendable { oidc, sticky } } })
        assert.is_nil(run:undo(sim.rule))
        assert.same({ true }, { run:equal() })
    end)

    it("keeps the client secret that AWS never shows", function()
        local run = sim.on(lived_in())
        perform(run, "elbv2.modify_rule", { rule { Actions = signed_in(10) } })
        local sent = run:undo(sim.rule).input.Actions[1].AuthenticateOidcConfig
        assert.is_true(sent.UseExistingClientSecret)
        assert.is_nil(sent.ClientSecret)
    end)

    it("sends back whole action lists, in their order, with weights and stickiness", function()
        local run = sim.on(lived_in())
        local before = run.origin.elbv2.rules[sim.rule].Actions
        perform(run, "elbv2.modify_rule", { rule { Actions = signed_in(10) } })
        run:undo(sim.rule)
        assert.same(before, run.account:snapshot().elbv2.rules[sim.rule].Actions)
    end)

    it("of an alias always spells out the routing, and names the RevisionId just seen", function()
        local run = sim.on(lived_in())
        perform(run, "lambda.update_alias", { alias { Description = "new" } })
        local _, seen = run:state(run.changes[1])
        local sent = run:undo("function:pay:live").input
        assert.same({ nil, "" }, { sent.RoutingConfig, sent.Description })
        assert.equal(seen.RevisionId, sent.RevisionId)
        run = sim.on(lived_in())
        perform(run, "lambda.update_alias", { alias { FunctionVersion = "42" } })
        sent = run:undo("function:pay:live").input
        assert.same({ AdditionalVersionWeights = {} }, sent.RoutingConfig)
        assert.is_nil(sent.Description)
    end)

    it("of an alias is refused when somebody was faster", function()
        local run = sim.on(lived_in())
        perform(run, "lambda.update_alias", { alias { Description = "ours" } })
        local change = run.changes[1]
        local _, seen = run:state(change)
        run:call("lambda.update_alias", alias { RoutingConfig = routing {} })
        local request = catalogue.guard(change.operation, change.undo, seen)
        local _, refusal = run:call(request.operation, request.input)
        assert.equal("PreconditionFailedException", refusal.code)
    end)

    it("of an alarm's configuration leaves its actions switched as they are", function()
        local run = sim.on(lived_in())
        perform(run, "cloudwatch.put_metric_alarm", { alarm { Threshold = 9 } })
        run:call("cloudwatch.disable_alarm_actions", { AlarmNames = { "errors" } })
        run:undo("alarm:errors")
        local found = run:call("cloudwatch.describe_alarms", {}).MetricAlarms[1]
        assert.same({ 5.0, false }, { found.Threshold, found.ActionsEnabled })
    end)
end)

describe("a rehearsal", function()
    for operation, cases in pairs(changes) do
        for i, inputs in ipairs(cases) do
            it(("foretells what is done and undone: %s, case %d"):format(operation, i), function()
                local real, run = sim.on(lived_in()), rehearsed.on(sim.on(lived_in()))
                perform(real, operation, inputs)
                perform(run, operation, inputs)
                assert.same(rehearsed.changes(real), rehearsed.changes(run))
                run:undo_all()
                local stays = catalogue.entry(operation).stays ~= nil
                assert.is_true(run:shows(run.changes[1], stays and "after" or "before"))
                assert.same({ true }, { run.account.below:equal(run.origin, run.account.below
                    :snapshot()) })
            end)
        end
    end
end)

-- What somebody else might do to each resource meanwhile.
local strangers = {
    ["elbv2.modify_rule"] = rule { Actions = signed_in(33) },
    ["elbv2.modify_listener"] = listener { DefaultActions = signed_in(33) },
    ["elbv2.modify_target_group_attributes"] = attributes {
        Key = "deregistration_delay.timeout_seconds", Value = "7" },
    ["lambda.update_alias"] = alias { RoutingConfig = routing { ["42"] = 0.33 } },
    ["cloudwatch.put_metric_alarm"] = alarm { Threshold = 77 },
    ["cloudwatch.set_alarm_state"] = { AlarmName = "errors", StateValue = "INSUFFICIENT_DATA",
        StateReason = "theirs" },
    ["ssm.put_parameter"] = { Name = "/shop/limit", Value = "77", Overwrite = true },
    ["states.update_state_machine_alias"] = states.routing { ["41"] = 67, ["42"] = 33 },
}

describe("a stranger's change", function()
    for operation, input in pairs(strangers) do
        it("is neither what was found nor what was made: " .. operation, function()
            local run = sim.on(lived_in())
            perform(run, operation, changes[operation][1])
            local change = run.changes[1]
            assert(run:call(operation, input))
            assert.is_false(run:shows(change, "before"))
            assert.is_false(run:shows(change, "after"))
        end)
    end

    -- A change, what somebody does to another member of the same resource, and where that shows.
    local elsewhere = {
        { "elbv2.modify_rule", rule { Actions = signed_in(10) }, rule { Conditions = { {
            Field = "path-pattern", Values = { "/theirs" } } } }, { "elbv2", "rules", sim.rule,
            "Conditions" } },
        { "elbv2.modify_rule", rule { Conditions = { { Field = "path-pattern", Values = { "/o" } } }
            }, rule { Actions = signed_in(77) }, { "elbv2", "rules", sim.rule, "Actions" } },
        { "elbv2.modify_rule", rule { ResetTransforms = true }, rule { Actions = signed_in(77) },
            { "elbv2", "rules", sim.rule, "Actions" } },
        { "elbv2.modify_listener", listener { DefaultActions = signed_in(10) },
            listener { Port = 9443 }, { "elbv2", "listeners", sim.listener, "Port" } },
        { "elbv2.modify_listener", listener { DefaultActions = signed_in(10) },
            listener { Certificates = { { CertificateArn = certificate } } },
            { "elbv2", "listeners", sim.listener, "Certificates" } },
        { "elbv2.modify_listener", listener { Port = 8443 },
            listener { DefaultActions = signed_in(77) },
            { "elbv2", "listeners", sim.listener, "DefaultActions" } },
        { "elbv2.modify_target_group_attributes",
            attributes { Key = "stickiness.enabled", Value = "true" },
            attributes { Key = "deregistration_delay.timeout_seconds", Value = "7" },
            { "elbv2", "attributes", sim.blue, "deregistration_delay.timeout_seconds" } },
        { "lambda.update_alias", alias { RoutingConfig = routing { ["42"] = 0.05 } },
            alias { Description = "theirs" },
            { "lambda", "functions", sim.function_arn, "aliases", "live", "Description" } },
        { "lambda.update_alias", alias { Description = "ours" },
            alias { RoutingConfig = routing { ["42"] = 0.33 } },
            { "lambda", "functions", sim.function_arn, "aliases", "live", "RoutingConfig" } },
        { "cloudwatch.put_metric_alarm", nil, nil, { "cloudwatch", "metric", "errors",
            "AlarmDescription" } },
    }

    -- An alarm is put whole: ours changes its threshold, theirs its description.
    local function whole_alarm(run, fields)
        local config, kept = run.account:snapshot().cloudwatch.metric.errors, {}
        for member in pairs(catalogue.entry("cloudwatch.put_metric_alarm").input.members) do
            kept[member] = config[member]
        end
        return tables.over(kept, fields)
    end

    for i, case in ipairs(elsewhere) do
        it(("on another member stands in nobody's way and stays: %s, case %d"):format(case[1], i),
            function()
                local run = sim.on(lived_in())
                local function shown(at)
                    for _, name in ipairs(case[4]) do
                        at = at[name]
                    end
                    return at
                end
                perform(run, case[1], { case[2] or whole_alarm(run, { Threshold = 9 }) })
                assert(run:call(case[1], case[3] or whole_alarm(run, { AlarmDescription = "t" })))
                local theirs = shown(run.account:snapshot())
                assert.not_same(shown(run.origin), theirs)
                assert.is_true(run:shows(run.changes[1], "after"))
                run:undo_all()
                assert.is_true(run:shows(run.changes[1], "before"))
                assert.same(theirs, shown(run.account:snapshot()))
            end)
    end

    it("to a parameter's description stays beside the value that is put back", function()
        local run = sim.on(lived_in())
        perform(run, "ssm.put_parameter", changes["ssm.put_parameter"][1])
        assert(run:call("ssm.put_parameter", { Name = "/shop/limit", Value = "30",
            Overwrite = true, Description = "theirs" }))
        run:undo_all()
        local versions = run.account:snapshot().ssm.parameters["/shop/limit"]
        assert.same({ "20", "theirs" }, { versions[#versions].Value,
            versions[#versions].Description })
    end)

    it("to another part of the same resource is none", function()
        local run = sim.on(lived_in())
        perform(run, "cloudwatch.put_metric_alarm", { alarm {} })
        run:call("cloudwatch.disable_alarm_actions", { AlarmNames = { "errors" } })
        assert.is_true(run:shows(run.changes[1], "after"))
    end)
end)

describe("a mutation that could not be undone", function()
    local function why(operation, input)
        local ok, problem = pcall(sim.on(lived_in()).change, sim.on(lived_in()), operation, input)
        assert.is_false(ok)
        return problem.invalid
    end

    it("is refused before it is sent", function()
        for _, case in ipairs {
            { "elbv2.modify_rule", rule { Actions = split(10) },
                "an authenticate-oidc action can be neither added, removed nor given another "
                    .. "client" },
            { "elbv2.modify_listener", listener { DefaultActions = split(10) },
                "an authenticate-oidc action can be neither added" },
            { "ssm.put_parameter", { Name = "/shop/limit", Value = "1", Type = "String" },
                "there is a parameter /shop/limit: changing it needs Overwrite = true" },
            { "ssm.put_parameter", { Name = "/shop/limit", Value = "1", Overwrite = true,
                Description = "other" }, "Description of an existing parameter must stay" },
            { "ssm.put_parameter", { Name = "/shop/secret", Value = "1", Overwrite = true },
                "/shop/secret is a SecureString: its value would stand in the journal" },
            { "cloudwatch.put_metric_alarm", alarm { AlarmName = "promql" },
                '"promql" is an alarm on a PromQL query' },
            { "elbv2.modify_target_group_attributes", attributes { Key =
                "proxy_protocol_v2.enabled",
                Value = "true" }, "the target group has no attribute proxy_protocol_v2.enabled" },
            { "cloudwatch.put_metric_alarm", alarm { ActionsEnabled = false },
                "ActionsEnabled of an existing alarm must stay true here" },
            { "cloudwatch.set_alarm_state", { AlarmName = "none", StateValue = "OK", StateReason =
                "" },
                'there is no alarm "none"' },
            { "cloudwatch.disable_alarm_actions", { AlarmNames = { "none" } },
                'there is no alarm "none"' },
        } do
            local message = why(case[1], case[2])
            assert.is_truthy(message:find(case[1] .. ": " .. case[3], 1, true), message)
        end
    end)
end)
