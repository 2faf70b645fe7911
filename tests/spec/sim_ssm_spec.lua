local sim = require "sim_run"

local function put(run, fields)
    local input = { Name = "/shop/limit", Value = "10", Type = "String" }
    for name, value in pairs(fields or {}) do
        input[name] = value
    end
    return run:call("ssm.put_parameter", input)
end

local function code(_, refusal)
    return refusal and refusal.code
end

describe("a simulated parameter", function()
    it("is created, and then overwritten by newer versions", function()
        local run = sim.begin()
        assert.same({ Version = 1, Tier = "Standard" }, put(run))
        assert.equal("ParameterAlreadyExists", code(put(run)))
        assert.same({ Version = 2, Tier = "Standard" }, put(run, { Value = "20",
            Overwrite = true }))
        local found = run:call("ssm.get_parameter", { Name = "/shop/limit" }).Parameter
        assert.same({ "20", 2, "arn:aws:ssm:us-east-1:123456789012:parameter/shop/limit" },
            { found.Value, found.Version, found.ARN })
    end)

    it("is shown by version, and by ARN", function()
        local run = sim.begin()
        put(run)
        put(run, { Value = "20", Overwrite = true })
        local arn = "arn:aws:ssm:us-east-1:123456789012:parameter/shop/limit"
        for _, name in ipairs { "/shop/limit:1", arn .. ":1" } do
            local found = run:call("ssm.get_parameter", { Name = name }).Parameter
            assert.same({ "10", ":1" }, { found.Value, found.Selector })
        end
        assert.equal("ParameterVersionNotFound", code(run:call("ssm.get_parameter",
            { Name = "/shop/limit:9" })))
        assert.equal("ParameterNotFound", code(run:call("ssm.get_parameter", { Name = "/b" })))
        local several = run:call("ssm.get_parameters", { Names = { "/b", "/shop/limit" } })
        assert.same({ "/b" }, several.InvalidParameters)
        assert.equal(1, #several.Parameters)
    end)

    it("keeps a hundred versions, shown in pages", function()
        local run = sim.begin()
        put(run)
        for i = 2, 105 do
            put(run, { Value = tostring(i), Overwrite = true })
        end
        local first = run:call("ssm.get_parameter_history", { Name = "/shop/limit",
            MaxResults = 50 })
        local second = run:call("ssm.get_parameter_history", { Name = "/shop/limit",
            MaxResults = 50, NextToken = first.NextToken })
        assert.same({ 6, 50, 105 }, { first.Parameters[1].Version, #first.Parameters,
            second.Parameters[50].Version })
        assert.is_nil(second.NextToken)
        for _, token in ipairs { "x", "1" } do
            assert.equal("InvalidNextToken", code(run:call("ssm.get_parameter_history",
                { Name = "/shop/limit", NextToken = token })))
        end
    end)

    it("keeps what is not mentioned, its type, and its tier once it is advanced", function()
        local run = sim.begin()
        put(run, { Description = "d", Tier = "Advanced" })
        put(run, { Value = "20", Overwrite = true })
        local history = run:call("ssm.get_parameter_history", { Name = "/shop/limit" }).Parameters
        assert.same({ "d", "Advanced" }, { history[2].Description, history[2].Tier })
        assert.equal("HierarchyTypeMismatchException", code(put(run, { Type = "StringList",
            Overwrite = true })))
        assert.equal("ValidationException", code(put(run, { Tier = "Standard",
            Overwrite = true })))
        assert.equal("ValidationException", code(put(run, { Name = "new",
            Value = ("x"):rep(4097) })))
        assert.equal("Advanced", put(run, { Name = "new", Value = ("x"):rep(4097),
            Tier = "Intelligent-Tiering" }).Tier)
    end)

    it("is deleted", function()
        local run = sim.begin()
        put(run)
        assert.same({}, run:call("ssm.delete_parameter", { Name = "/shop/limit" }))
        assert.equal("ParameterNotFound", code(run:call("ssm.delete_parameter",
            { Name = "/shop/limit" })))
        assert.same({ true }, { run:equal() })
    end)
end)

describe("the simulated account", function()
    it("knows who one is, and whom one may become", function()
        local run = sim.begin(sim.rule_target())
        assert.same("111122223333", run:call("sts.get_caller_identity", {}).Account)
        local assumed = run:call("sts.assume_role", { RoleSessionName = "s1",
            RoleArn = "arn:aws:iam::444455556666:role/path/deploy" }).AssumedRoleUser
        assert.equal("arn:aws:sts::444455556666:assumed-role/deploy/s1", assumed.Arn)
    end)

    it("has metrics without points", function()
        local run = sim.begin()
        local data = run:call("cloudwatch.get_metric_data", { StartTime = 0, EndTime = 1,
            MetricDataQueries = { { Id = "a", Expression = "1", Label = "A" },
                { Id = "b", Expression = "2", ReturnData = false } } })
        assert.same({ { Id = "a", Label = "A", Timestamps = {}, Values = {},
            StatusCode = "Complete" } }, data.MetricDataResults)
        local statistics = run:call("cloudwatch.get_metric_statistics", { Namespace = "n",
            MetricName = "m", StartTime = 0, EndTime = 1, Period = 60, Statistics = { "Sum" } })
        assert.same({ Label = "m", Datapoints = {} }, statistics)
    end)
end)
