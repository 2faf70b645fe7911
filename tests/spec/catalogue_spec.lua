local sim = require "sim_run"
local catalogue = require "aws.catalogue"
local editor_types = require "report.editor_types"
local reference = require "report.reference"
local shape = require "aws.shape"
local tables = require "simulation.tables"

local root = assert(package.searchpath("aws.catalogue", package.path)):match("^(.*)lua/aws/")

local home = { partition = "aws", region = "eu-west-1", account = "111122223333" }

local function read(path)
    local file <close> = assert(io.open(root .. path))
    return file:read("a")
end

local function each_entry(check)
    for _, service in ipairs(catalogue.services()) do
        for _, name in ipairs(tables.names(service.operations)) do
            check(name, service.operations[name], service)
        end
    end
end

describe("every entry of the catalogue", function()
    it("is complete", function()
        each_entry(function(name, entry, service)
            assert.matches("^" .. service.name .. "%.%l[%l_]+$", name)
            assert.matches("^%u%a+$", entry.action)
            assert.equal(name:match("%.(.*)"):gsub("_", ""), (entry.action:lower()))
            assert.matches("^%u.*%.$", entry.summary)
            assert.equal("structure", entry.input.kind)
            assert.is_truthy(({ read = 1, mutation = 1, undo = 1, beat = 1 })[entry.class], name)
            for _, note in ipairs(entry.notes or {}) do
                assert.matches("%.$", note)
            end
        end)
    end)

    it("says of a mutation how it is undone", function()
        each_entry(function(name, entry)
            assert.is_true(entry.class == "read" or type(entry.identity) == "function", name)
            for _, member in ipairs { "observe", "state", "after", "inverse" } do
                local is = entry.class == "mutation" and "function" or "nil"
                assert.equal(is, type(entry[member]), name .. "." .. member)
            end
            assert.equal(entry.class == "mutation", entry.undo ~= nil)
            if entry.class == "mutation" then
                assert.is_true(math.type(entry.settle) == "integer" and entry.settle > 0)
                for used in entry.undo:gmatch("`([%l_]+%.[%l_]+)`") do
                    assert.is_truthy(catalogue.entry(used), used)
                end
            end
        end)
    end)

    it("is simulated, and its traffic follows before it counts as settled", function()
        each_entry(function(name, entry, service)
            local simulated = require("services." .. service.name .. ".simulated").operations
            assert.is_function(simulated[name:match("%.(.*)")], name)
            assert.is_true((entry.settle or math.huge) > (simulated.PROPAGATION or 0), name)
        end)
    end)

    it("is listed once, in order", function()
        local count = 0
        each_entry(function() count = count + 1 end)
        local names = catalogue.names()
        assert.equal(count, #names)
        for i = 2, #names do
            assert.is_true(names[i - 1] < names[i])
        end
        for _, listed in ipairs(catalogue.list()) do
            assert.is_true(listed.class == "read" or listed.class == "mutation")
            assert.matches("^%l+:%u%a+$", listed.iam)
        end
    end)
end)

describe("docs/catalogue.md", function()
    it("is what the catalogue says: tidelock-lua docs/catalogue.lua > docs/catalogue.md", function()
        assert.is_true(reference.page() == read("docs/catalogue.md"), "docs/catalogue.md is stale")
    end)

    it("has a section for every operation and every type it links to", function()
        local page = reference.page()
        for _, name in ipairs(catalogue.names()) do
            assert.is_truthy(page:find("\n### " .. name .. "\n", 1, true), name)
        end
        for link in page:gmatch("%]%(#(%l+)%)") do
            assert.is_truthy(page:lower():find("\n#### " .. link .. "\n", 1, true), link)
        end
    end)
end)

describe("stdlib/meta/operations.lua", function()
    it("is up to date: tidelock-lua docs/editor_types.lua > stdlib/meta/operations.lua", function()
        assert.is_true(editor_types.file() == read("stdlib/meta/operations.lua"), "it is stale")
    end)

    it("has a function for every operation and a class for every type", function()
        local file = editor_types.file()
        assert.is_function(load(file))
        for _, listed in ipairs(catalogue.list()) do
            local head = "\nfunction " .. listed.operation .. "(input, region)"
            assert.is_truthy(file:find(head, 1, true))
        end
        local known = { string = true, integer = true, number = true, boolean = true }
        for kind, name in file:gmatch("\n%-%-%-@(%l+) ([%w_.() ]+)\n") do
            if kind == "alias" or kind == "class" then
                name = name:gsub("^%(exact%) ", "")
                assert.is_nil(known[name], name)
                known[name] = true
            end
        end
        for name in file:gmatch("\n%-%-%-@field %w+%?? ([%w_.]+)") do
            assert.is_true(known[name] or name == "table", name)
        end
    end)
end)

local function forward(...)
    return { { Type = "forward", ForwardConfig = { TargetGroups = { ... } } } }
end

local function tuple(weight)
    return { TargetGroupArn = sim.blue, Weight = weight }
end

local function rule(fields)
    return tables.over({ RuleArn = sim.rule }, fields)
end

local function condition(fields)
    return rule { Conditions = { fields } }
end

local function alias(fields)
    return tables.over({ FunctionName = "pay", Name = "live" }, fields)
end

local function alarm(fields)
    return tables.over({ AlarmName = "a", MetricName = "m", Namespace = "n", Period = 60,
        Statistic = "Sum", Threshold = 1, EvaluationPeriods = 1,
        ComparisonOperator = "LessThanThreshold" }, fields or {})
end

local function role(fields)
    return tables.over({ RoleArn = "arn:aws:iam::111122223333:role/x/y",
        RoleSessionName = "s1" }, fields)
end

local function data(fields)
    return tables.over({ StartTime = 0, EndTime = 60000,
        MetricDataQueries = { { Id = "a", Expression = "1" } } }, fields)
end

local function statistics(fields)
    return tables.over({ Namespace = "n", MetricName = "m", StartTime = 0, EndTime = 60000,
        Period = 60 }, fields)
end

-- Operation, input, and what is wrong with it (nil: nothing).
local inputs = {
    { "elbv2.describe_listeners", { ListenerArns = { sim.listener } } },
    { "elbv2.describe_listeners", { ListenerArns = { sim.rule } },
        'ListenerArns[1] must be an ARN "arn:...:elasticloadbalancing:' },
    { "elbv2.describe_rules", { ListenerArn = sim.listener, PageSize = 400 } },
    { "elbv2.describe_rules", { PageSize = 401 }, "PageSize must be 1..400, got 401" },
    { "elbv2.describe_target_groups", {} },
    { "elbv2.describe_target_groups", { Name = "a" },
        "Name is not a member of this (did you mean Names?)" },
    { "elbv2.describe_target_health", { TargetGroupArn = sim.blue, Targets = { { Id = "i" } } } },
    { "elbv2.describe_target_health", {}, "TargetGroupArn is missing" },
    { "elbv2.describe_target_group_attributes", { TargetGroupArn = sim.blue } },
    { "elbv2.describe_target_group_attributes", { TargetGroupArn = 7 }, "got 7" },
    { "elbv2.modify_rule", rule { Actions = forward(tuple(1)) } },
    { "elbv2.modify_rule", rule {}, "the input must hold at least one of Actions, Conditions" },
    { "elbv2.modify_rule", rule { Actions = {} }, "Actions must be a list of 1 or more, got an "
        .. "empty" },
    { "elbv2.modify_rule", rule { Actions = forward(tuple(1000)) },
        "Actions[1].ForwardConfig.TargetGroups[1].Weight must be 0..999, got 1000" },
    { "elbv2.modify_rule", rule { Actions = forward(tuple(0.5)) },
        "Weight must be a whole number 0..999, got 0.5" },
    { "elbv2.modify_rule", rule { Actions = forward(tuple(), tuple(), tuple(), tuple(), tuple(),
        tuple()) }, "TargetGroups must be a list of 1..5, got 6" },
    { "elbv2.modify_rule", rule { Actions = { { Type = "forward" } } },
        "Actions[1].ForwardConfig is missing" },
    { "elbv2.modify_rule", rule { Actions = { { Type = "redirect" } } },
        "Actions[1].RedirectConfig is missing" },
    { "elbv2.modify_rule", rule { Actions = { { Type = "forwards" } } }, 'Type must be one of' },
    { "elbv2.modify_rule", rule { Actions = { forward(tuple(1))[1], forward(tuple(1))[1] } },
        "Actions must hold exactly one forward, redirect or fixed-response, got 2" },
    { "elbv2.modify_rule", rule { Actions = { tables.with(forward(tuple(1), tuple(2))[1],
        "TargetGroupArn", sim.blue) } }, "TargetGroupArn must be the one group of ForwardConfig" },
    { "elbv2.modify_rule", rule { Actions = { tables.with(forward(tuple(1))[1],
        "TargetGroupArn", sim.blue) } } },
    { "elbv2.modify_rule", rule { Actions = { { Type = "forward", ForwardConfig = {
        TargetGroups = { tuple(1) }, TargetGroupStickinessConfig = { Enabled = true } } } } },
        "TargetGroupStickinessConfig.DurationSeconds is missing" },
    { "elbv2.modify_rule", rule { Actions = { { Type = "authenticate-oidc",
        AuthenticateOidcConfig = { Issuer = "i", AuthorizationEndpoint = "a", TokenEndpoint = "t",
            UserInfoEndpoint = "u", ClientId = "c" } } } },
        "UseExistingClientSecret must be true: AWS never shows the ClientSecret" },
    { "elbv2.modify_rule", rule { ResetTransforms = true, Transforms = {
        { Type = "url-rewrite" } } }, "ResetTransforms must not be there together with "
            .. "Transforms" },
    { "elbv2.modify_rule", condition { Field = "path-pattern", Values = { "/*" } } },
    { "elbv2.modify_rule", condition { Field = "source-ip", Values = { "10.0.0.0/8" } },
        "Conditions[1].SourceIpConfig is missing" },
    { "elbv2.modify_rule", condition { Field = "host-header", Values = { "a" },
        HostHeaderConfig = { Values = { "a" } } }, "HostHeaderConfig must not be there together" },
    { "elbv2.modify_listener", { ListenerArn = sim.listener, Port = 443 } },
    { "elbv2.modify_listener", { ListenerArn = sim.listener, Port = 65536 },
        "Port must be 1..65535" },
    { "elbv2.modify_listener", { ListenerArn = sim.listener, Protocol = "HTTP" },
        "Protocol is not a member of this" },
    { "elbv2.modify_target_group_attributes", { TargetGroupArn = sim.blue, Attributes = {
        { Key = "stickiness.enabled", Value = "true" } } } },
    { "elbv2.modify_target_group_attributes", { TargetGroupArn = sim.blue, Attributes = {
        { Key = "stickiness.enabled", Value = true } } }, "Attributes[1].Value must be text, got "
            .. "true" },
    { "lambda.get_alias", alias {} },
    { "lambda.get_alias", alias { Name = "42" }, 'Name must be the name of an alias' },
    { "lambda.get_alias", alias { FunctionName = "pay:live" },
        "FunctionName must be the name or ARN of a function, without a version or an alias" },
    { "lambda.list_versions_by_function", { FunctionName = sim.function_arn, MaxItems = 1 } },
    { "lambda.list_versions_by_function", { FunctionName = "pay", MaxItems = 0 },
        "MaxItems must be 1..10000, got 0" },
    { "lambda.get_function_configuration", { FunctionName = "pay", Qualifier = "$LATEST" } },
    { "lambda.get_function_configuration", { FunctionName = "pay", Qualifier = "a b" },
        'Qualifier must be a version, an alias or "$LATEST", got "a b"' },
    { "lambda.update_alias",
        alias { RoutingConfig = { AdditionalVersionWeights = { ["4"] = 1 } } } },
    { "lambda.update_alias",
        alias { RoutingConfig = { AdditionalVersionWeights = { ["4"] = 1.5 } } },
        'AdditionalVersionWeights["4"] must be 0..1, got 1.5' },
    { "lambda.update_alias", alias { RoutingConfig = { AdditionalVersionWeights = { live = 1 } } },
        'AdditionalVersionWeights: the name must be a published version such as "42", got "live"' },
    { "lambda.update_alias", alias { RoutingConfig = { AdditionalVersionWeights = { ["4"] = 0.1,
        ["5"] = 0.1 } } }, "AdditionalVersionWeights must be an object with at most 1 name, got "
            .. "2" },
    { "lambda.update_alias", alias { FunctionVersion = "v1" }, "FunctionVersion must be a "
        .. "version" },
    { "cloudwatch.describe_alarms", { AlarmNames = { "a" }, AlarmTypes = { "MetricAlarm" } } },
    { "cloudwatch.describe_alarms", { AlarmNames = { "a" }, AlarmNamePrefix = "a" },
        "AlarmNamePrefix must not be there together with AlarmNames" },
    { "cloudwatch.enable_alarm_actions", { AlarmNames = { "a" } } },
    { "cloudwatch.enable_alarm_actions", { AlarmNames = { "a", "b" } },
        "AlarmNames must be a list of 1, got 2" },
    { "cloudwatch.disable_alarm_actions", { AlarmNames = { "a" } } },
    { "cloudwatch.disable_alarm_actions", {}, "AlarmNames is missing" },
    { "cloudwatch.put_metric_data", { Namespace = "Tidelock",
        MetricData = { { MetricName = "SignsOfLife", Value = 1 } } } },
    { "cloudwatch.put_metric_data", { Namespace = "AWS/Lambda",
        MetricData = { { MetricName = "Errors", Value = 0 } } },
        'Namespace must be "Tidelock", got "AWS/Lambda"' },
    { "cloudwatch.delete_alarms", { AlarmNames = { "a" } } },
    { "cloudwatch.delete_alarms", { AlarmNames = "a" }, 'AlarmNames must be a list of 1, got "a"' },
    { "cloudwatch.set_alarm_state", { AlarmName = "a", StateValue = "OK", StateReason = "r" } },
    { "cloudwatch.set_alarm_state", { AlarmName = "a", StateValue = "ok", StateReason = "r" },
        'StateValue must be one of "OK", "ALARM", "INSUFFICIENT_DATA", got "ok"' },
    { "cloudwatch.put_metric_alarm", alarm() },
    { "cloudwatch.put_metric_alarm", alarm { Metrics = { { Id = "m1" } } },
        "the input must hold either MetricName or Metrics" },
    { "cloudwatch.put_metric_alarm", alarm { ExtendedStatistic = "p99" },
        "ExtendedStatistic must not be there together with Statistic" },
    { "cloudwatch.put_metric_alarm", tables.with(alarm(), "Period", nil),
        "the input must hold Namespace, Period and a statistic" },
    { "cloudwatch.put_metric_alarm", tables.with(alarm(), "Threshold", nil),
        "Threshold is missing" },
    { "cloudwatch.put_metric_alarm", tables.with(tables.with(alarm { Metrics = { { Id = "M" } } },
        "MetricName", nil), "Period", nil), 'Metrics[1].Id must be an id such as "m1", got "M"' },
    { "cloudwatch.get_metric_data", data {} },
    { "cloudwatch.get_metric_data", data { StartTime = 1.5 },
        "StartTime must be a time in milliseconds since 1970, got 1.5" },
    { "cloudwatch.get_metric_data", data { EndTime = 0 }, "EndTime must be after StartTime" },
    { "cloudwatch.get_metric_data", data { MetricDataQueries = { { Id = "a" } } },
        "MetricDataQueries[1] must hold either MetricStat or Expression" },
    { "cloudwatch.get_metric_data", data { MetricDataQueries = { { Id = "a", Expression = "1" },
        { Id = "a", Expression = "2" } } }, "MetricDataQueries[2].Id is there twice" },
    { "cloudwatch.get_metric_statistics", statistics { Statistics = { "Sum" } } },
    { "cloudwatch.get_metric_statistics", statistics { Statistics = { "Sum" },
        ExtendedStatistics = { "p99" } }, "must hold either Statistics or ExtendedStatistics" },
    { "ssm.get_parameter", { Name = "/shop/limit:3" } },
    { "ssm.get_parameter", { Name = "a b" }, "Name must be a parameter's name or ARN" },
    { "ssm.get_parameters", { Names = { "/shop/limit" } } },
    { "ssm.get_parameters", { Names = {} }, "Names must be a list of 1..10" },
    { "ssm.get_parameter_history", { Name = "/shop/limit" } },
    { "ssm.get_parameter_history", { Name = "/shop/limit", WithDecryption = true },
        "WithDecryption is not a member of this" },
    { "ssm.put_parameter", { Name = "/shop/limit", Value = "5", Overwrite = true } },
    { "ssm.put_parameter", { Name = "/shop/limit", Value = "5" },
        "Type is missing: a new parameter needs one" },
    { "ssm.put_parameter", { Name = "/shop/limit", Value = "5", Type = "SecureString" },
        'Type must be one of "String", "StringList", got "SecureString"' },
    { "ssm.delete_parameter", { Name = "/shop/limit" } },
    { "ssm.delete_parameter", { Name = "/shop/limit:3" }, "Name must be the name of a parameter" },
    { "sts.get_caller_identity", {} },
    { "sts.get_caller_identity", { Arn = "a" }, "Arn is not a member of this" },
    { "sts.assume_role", role {} },
    { "sts.assume_role", role { DurationSeconds = 60 }, "DurationSeconds must be 900..43200" },
}

for _, service in ipairs { "ecs", "appconfig", "states", "codedeploy" } do
    for _, case in ipairs(require(service .. "_cases").inputs) do
        table.insert(inputs, case)
    end
end

describe("the input of every operation", function()
    for i, case in ipairs(inputs) do
        local operation, input, wrong = case[1], case[2], case[3]
        it(("is checked: %s, %d"):format(operation, i), function()
            local why = catalogue.wrong(operation, input)
            if wrong then
                assert.is_truthy(why and why:find(operation .. ": ", 1, true) == 1, why)
                assert.is_truthy(why:find(wrong, 1, true), why)
            else
                assert.is_nil(why)
            end
        end)
    end

    it("is tried here, both right and wrong", function()
        local right, wrong = {}, {}
        for _, case in ipairs(inputs) do
            (case[3] and wrong or right)[case[1]] = true
        end
        assert.same(catalogue.names(), tables.names(right))
        assert.same(catalogue.names(), tables.names(wrong))
    end)
end)

describe("shapes", function()
    it("name the same mistake first in every process", function()
        local one = shape.structure { a = shape.flag, b = shape.flag }
        assert.equal(".a must be true or false, got 1", one.check { b = 2, a = 1 })
        local map = shape.map(shape.text(), shape.flag)
        assert.equal('["a"] must be true or false, got 1', map.check { b = 2, a = 1 })
    end)

    it("count characters and not bytes, and shorten what they show", function()
        assert.is_nil(shape.text { max = 2 }.check("äö"))
        local why = shape.text { max = 3 }.check(("ä"):rep(100))
        assert.matches('%.%.%."$', why)
        assert.is_truthy(utf8.len(why))
    end)

    it("take a list without names for one", function()
        assert.equal(" must be a list, got an object", shape.list(shape.flag).check { a = true })
        assert.equal(" must be an object, got a list", shape.structure({}).check { true })
        assert.is_nil(shape.list(shape.flag).check {})
    end)
end)

describe("the catalogue", function()
    local function invalid(body, ...)
        local ok, problem = pcall(body, ...)
        assert.is_false(ok)
        return problem.invalid
    end

    it("plans reads and mutations", function()
        local live = "arn:aws:lambda:eu-west-1:111122223333:function:pay:live"
        assert.same({ mutation = false, identity = live, region = "eu-west-1", settle = 0 },
            catalogue.plan("lambda.get_alias", alias {}, home))
        assert.same({ mutation = true, identity = live, region = "eu-west-1", settle = 5000,
            observe = { operation = "lambda.get_alias", input = alias {}, region = "eu-west-1" } },
            catalogue.plan("lambda.update_alias", alias { Description = "x" }, home))
        assert.same({ mutation = false, region = "eu-west-1", settle = 0 },
            catalogue.plan("sts.get_caller_identity", {}, home))
        assert.is_true(catalogue.plan("cloudwatch.set_alarm_state", { AlarmName = "a",
            StateValue = "OK", StateReason = "r" }, home).fleeting)
    end)

    it("takes earlier states for steps of the way back of deployments alone", function()
        for _, item in ipairs(catalogue.list()) do
            if item.class == "mutation" then
                assert.equal(item.operation == "appconfig.start_deployment",
                    catalogue.steps(item.operation))
            end
        end
    end)

    it("refuses what it does not know, and what is no policy's to ask for", function()
        assert.equal("there is no operation elbv2.modify_rules (did you mean elbv2.modify_rule?)",
            invalid(catalogue.plan, "elbv2.modify_rules", {}))
        assert.matches("^ssm.delete_parameter is only used to undo",
            invalid(catalogue.plan, "ssm.delete_parameter", { Name = "a" }))
        assert.matches("^cloudwatch.put_metric_data is only sent as a sign of life",
            invalid(catalogue.plan, "cloudwatch.put_metric_data", {}))
        assert.equal("lambda.get_alias: Name is missing",
            invalid(catalogue.plan, "lambda.get_alias", { FunctionName = "pay" }))
        assert.equal("lambda.get_alias changes nothing that could be undone",
            invalid(catalogue.prepare, "lambda.get_alias", alias {}, {}))
    end)

    it("says so when a look did not show the resource", function()
        assert.equal("elbv2.modify_rule: there is no rule " .. sim.rule,
            invalid(catalogue.state, "elbv2.modify_rule", rule {}, { Rules = {} }))
        assert.equal("lambda.update_alias: there is no alias live of pay",
            invalid(catalogue.state, "lambda.update_alias", alias {}, {}))
    end)
end)
