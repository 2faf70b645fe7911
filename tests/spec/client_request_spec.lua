local calls = require "client_calls"

if not calls.lent then
    return
end

local canonical = require "canonical"
local catalogue = require "aws.catalogue"
local client = require "aws.client"
local model = require "aws.client.model"

local function headers_of(request)
    local map = {}
    for _, header in ipairs(request.headers) do
        map[header[1]] = header[2]
    end
    return map
end

describe("where an operation is sent", function()
    it("is told for every one of the catalogue", function()
        for _, operation in ipairs(catalogue.names()) do
            local where = client.where(operation)
            assert.is_string(where.service_id, operation)
            assert.matches("^[%l%d-]+$", where.endpoint_prefix)
            assert.matches("^[%l%d-]+$", where.signing_name)
            assert.is_boolean(where.signed)
        end
    end)

    it("has other names for signing where AWS has", function()
        assert.same({ service_id = "CloudWatch", endpoint_prefix = "monitoring",
            signing_name = "monitoring", signed = true },
            client.where("cloudwatch.describe_alarms"))
        assert.equal("elasticloadbalancing", client.where("elbv2.modify_rule").signing_name)
    end)

    it("is asked of an operation that there is", function()
        local ok, problem = pcall(client.where, "elbv2.modify_rules")
        assert.same({ false, "there is no operation elbv2.modify_rules" }, { ok, problem.invalid })
    end)
end)

describe("a request", function()
    it("of the query protocol is a form", function()
        local request = client.request("elbv2.describe_rules", { RuleArns = { calls.rule } },
            "https://elb.example.com")
        assert.equal("POST", request.method)
        assert.equal("https://elb.example.com/", request.url)
        assert.equal("Action=DescribeRules&Version=2015-12-01&RuleArns.member.1="
            .. calls.rule:gsub(":", "%%3A"):gsub("/", "%%2F"), request.body)
        assert.same({ ["Content-Type"] = "application/x-www-form-urlencoded; charset=utf-8" },
            headers_of(request))
    end)

    it("of a JSON protocol names its operation in a header", function()
        local request = client.request("cloudwatch.get_metric_data", {
            MetricDataQueries = { { Id = "a", Expression = "1" } },
            StartTime = 1764000000500, EndTime = 1764000060000,
        }, "https://monitoring.example.com/")
        assert.same({
            ["Content-Type"] = "application/x-amz-json-1.0",
            ["X-Amz-Target"] = "GraniteServiceVersion20100801.GetMetricData",
            ["x-amzn-query-mode"] = "true",
        }, headers_of(request))
        assert.same({ MetricDataQueries = { { Id = "a", Expression = "1" } },
            StartTime = 1764000000.5, EndTime = 1764000060 }, canonical.decode(request.body))
    end)

    it("of REST has members in the path, the query string and the body", function()
        local arn = "arn:aws:lambda:eu-west-1:111122223333:function:pay"
        local request = client.request("lambda.update_alias", { FunctionName = arn, Name = "live",
            RoutingConfig = { AdditionalVersionWeights = { ["4"] = 0.1 } } }, "http://[::1]:8080/x")
        assert.equal("PUT", request.method)
        assert.equal("http://[::1]:8080/x/2015-03-31/functions/" .. arn:gsub(":", "%%3A")
            .. "/aliases/live", request.url)
        assert.same({ RoutingConfig = { AdditionalVersionWeights = { ["4"] = 0.1 } } },
            canonical.decode(request.body))
        request = client.request("lambda.list_versions_by_function", { FunctionName = "pay",
            MaxItems = 2, Marker = "a b" }, "https://l.example.com")
        assert.equal("https://l.example.com/2015-03-31/functions/pay/versions?Marker=a%20b"
            .. "&MaxItems=2", request.url)
        assert.equal("", request.body)
    end)

    it("says which attempt it is, and by whom it is made, its headers in order", function()
        local request = client.request("sts.get_caller_identity", {}, "https://sts.example.com", {
            invocation = "u-u", attempt = 2, attempts = 3, agent = "tidelock/1" })
        assert.same({
            { "Content-Type", "application/x-www-form-urlencoded; charset=utf-8" },
            { "User-Agent", "tidelock/1" },
            { "amz-sdk-invocation-id", "u-u" },
            { "amz-sdk-request", "attempt=2; max=3" },
        }, request.headers)
    end)

    it("is refused for an input or an endpoint that cannot be sent", function()
        local ok, problem = pcall(client.request, "lambda.get_alias", { FunctionName = "f" },
            "https://l.example.com")
        assert.is_false(ok)
        assert.is_truthy(problem.invalid:find("Name", 1, true))
        ok, problem = pcall(client.request, "sts.get_caller_identity", {}, "nowhere")
        assert.is_false(ok)
        assert.is_truthy(problem.invalid:find("is no endpoint", 1, true))
    end)
end)

describe("what the services say of the wire", function()
    it("is about operations of the catalogue, each once", function()
        for _, service in ipairs(catalogue.services()) do
            local known = {}
            for _, entry in pairs(service.operations) do
                known[entry.action] = true
            end
            for action in pairs(require("services." .. service.name .. ".wire").operations) do
                assert.is_true(known[action], service.name .. " " .. action)
            end
        end
    end)

    it("speaks of members that there are", function()
        for _, operation in ipairs(catalogue.names()) do
            local _, entry, wire = model.find(operation)
            for _, places in ipairs { "query", "headers", "names", "labels" } do
                for member in pairs(wire[places] or {}) do
                    assert.is_truthy(entry.input.members[member], operation .. " " .. member)
                end
            end
            if wire.pages then
                assert.is_truthy(entry.input.members[wire.pages.token], operation)
                assert.is_truthy(wire.output.members[wire.pages.next], operation)
            end
        end
    end)
end)
