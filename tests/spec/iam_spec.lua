local calls = require "client_calls"
local catalogue = require "aws.catalogue"
local iam = require "aws.iam"

local home = { partition = "aws", region = "eu-west-1", account = "111122223333" }

local function document(uses, targets)
    return iam.document { uses = uses, targets = targets, home = home }
end

-- action -> its resources as one text
local function allowed(made)
    local map = {}
    for _, statement in ipairs(made.document.Statement) do
        assert.equal("Allow", statement.Effect)
        for _, action in ipairs(statement.Action) do
            assert.is_nil(map[action])
            map[action] = table.concat(statement.Resource, " ")
        end
    end
    return map
end

local function reasons(made)
    local map = {}
    for _, comment in ipairs(made.comments) do
        for _, action in ipairs(comment.actions) do
            map[action] = comment.reason
        end
    end
    return map
end

describe("the least that a run must be allowed", function()
    it("is also what a rehearsal has no occasion for: signs of life, and to take back", function()
        local group = { type = "codedeploy", application = "shop", group = "web", canary = "web:2" }
        local known = allowed(document({}, { group }))
        assert.same({ ["cloudwatch:PutMetricData"] = "*" }, known)
        known = allowed(document({}, { { type = "codedeploy", application = "shop",
            group = "web" } }))
        assert.is_nil(known["cloudwatch:PutMetricData"])
        assert.matches("deploymentgroup:shop/web$", known["codedeploy:StopDeployment"])
        known = allowed(document({}, { { type = "ecs_service", cluster = "shop",
            service = "web" } }))
        assert.matches("service%-deployment/shop/web/%*$", known["ecs:StopServiceDeployment"])
        assert.matches("service/shop/web$", known["ecs:UpdateService"])
    end)

    it("is the operation, the look before it and its undo, on what it is about", function()
        local made = document { { operation = "elbv2.modify_rule", input = { RuleArn = calls.rule,
            Actions = {} } } }
        assert.same({
            ["elasticloadbalancing:DescribeRules"] = "*",
            ["elasticloadbalancing:ModifyRule"] = calls.rule,
        }, allowed(made))
        assert.is_truthy(reasons(made)["elasticloadbalancing:DescribeRules"])
        assert.is_nil(reasons(made)["elasticloadbalancing:ModifyRule"])
        made = document { { operation = "ssm.put_parameter", input = { Name = "/shop/limit",
            Value = "1", Type = "String" } } }
        local parameter = "arn:aws:ssm:eu-west-1:111122223333:parameter/shop/limit"
        assert.same({ ["ssm:PutParameter"] = parameter, ["ssm:GetParameters"] = parameter,
            ["ssm:DeleteParameter"] = parameter }, allowed(made))
    end)

    it("is found by the targets where no input is known", function()
        local made = document({ { operation = "lambda.update_alias" },
            { operation = "lambda.get_function_configuration" } },
            { { type = "lambda_alias", ["function"] = "pay", alias = "live", canary = "42" } })
        local arn = "arn:aws:lambda:eu-west-1:111122223333:function:pay"
        assert.same({ ["lambda:UpdateAlias"] = arn, ["lambda:GetAlias"] = arn,
            ["lambda:GetFunctionConfiguration"] = arn .. " " .. arn .. ":42" }, allowed(made))
        assert.same({}, made.comments)
    end)

    it("is everything, with a reason, where nothing says what it is about", function()
        local made = document { { operation = "lambda.get_alias" } }
        assert.same({ ["lambda:GetAlias"] = "*" }, allowed(made))
        assert.matches("nothing that is known", reasons(made)["lambda:GetAlias"])
    end)

    it("leaves open what the home does not say", function()
        local made = iam.document { uses = { { operation = "cloudwatch.set_alarm_state",
            input = { AlarmName = "errors" } } } }
        assert.equal("arn:*:cloudwatch:*:*:alarm:errors",
            allowed(made)["cloudwatch:SetAlarmState"])
    end)

    it("names what needs no permission beside the document", function()
        local made = document { { operation = "sts.get_caller_identity", input = {} } }
        assert.same({}, made.document.Statement)
        assert.equal("needs no permission", reasons(made)["sts:GetCallerIdentity"])
    end)

    it("passes roles on to the service that gets them, and no other", function()
        local role = "arn:aws:iam::111122223333:role/task"
        local made = document { { operation = "ecs.register_task_definition", input = {
            family = "f", taskRoleArn = role, executionRoleArn = "short" } } }
        local last = made.document.Statement[#made.document.Statement]
        assert.same({ Sid = "iam1", Effect = "Allow", Action = { "iam:PassRole" },
            Resource = { role },
            Condition = { StringEquals = { ["iam:PassedToService"] = "ecs-tasks.amazonaws.com" } },
        }, last)
    end)

    it("has one statement for actions on the same, each with a name of its own", function()
        local made = document { { operation = "ssm.get_parameter", input = { Name = "a:3" } },
            { operation = "ssm.get_parameter_history", input = { Name = "a" } },
            { operation = "ssm.get_parameters", input = { Names = { "b", "/a" } } } }
        local list, seen = made.document.Statement, {}
        assert.equal(2, #list)
        for _, statement in ipairs(list) do
            assert.matches("^[%w]+$", statement.Sid)
            assert.is_nil(seen[statement.Sid])
            seen[statement.Sid] = true
        end
        assert.same({ "ssm:GetParameter", "ssm:GetParameterHistory" }, list[1].Action)
        assert.equal("2012-10-17", made.document.Version)
    end)

    it("is where the targets that are called so say that they are", function()
        local function on(...)
            local targets = {}
            for i, region in ipairs { ... } do
                targets[i] = { type = "lambda_alias", ["function"] = "pay", alias = "live",
                    canary = "2", region = region or nil }
            end
            local uses = {}
            for i, name in ipairs { "pay", "cart" } do
                uses[i] = { operation = "lambda.get_alias",
                    input = { FunctionName = name, Name = "live" } }
            end
            local made = iam.document { targets = targets, uses = uses }
            return made.document.Statement[1].Resource
        end
        local cart = "arn:*:lambda:*:*:function:cart"
        local function pay(region)
            return ("arn:*:lambda:%s:*:function:pay"):format(region)
        end
        assert.same({ cart, pay "eu-west-1" }, on("eu-west-1"))
        assert.same({ cart, pay "eu-west-1", pay "us-east-1" }, on("us-east-1", "eu-west-1"))
        assert.same({ cart, pay "*", pay "us-east-1" }, on("us-east-1", false))
    end)

    it("is refused for an operation that there is not", function()
        local ok, problem = pcall(document, { { operation = "elbv2.nothing" } })
        assert.same({ false, "there is no operation elbv2.nothing" }, { ok, problem.invalid })
    end)
end)

describe("what is known of resources", function()
    it("covers every operation of the catalogue, and nothing else", function()
        for _, service in ipairs(catalogue.services()) do
            local permissions = require("services." .. service.name .. ".permissions")
            local free, known = permissions.free or {}, {}
            for name, entry in pairs(service.operations) do
                known[entry.action] = true
                assert.is_truthy(permissions.on[entry.action] or free[entry.action], name)
            end
            for _, part in ipairs { permissions.on, free, permissions.passed or {} } do
                for action in pairs(part) do
                    assert.is_true(known[action], action)
                end
            end
        end
    end)

    it("is enough for every operation by itself", function()
        for _, operation in ipairs(catalogue.names()) do
            assert.is_table(document({ { operation = operation } }).document, operation)
        end
    end)
end)
