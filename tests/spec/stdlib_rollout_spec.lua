local fake = require "fake_effect"
fake.install()
local aws = require "aws"
local metrics = require "metrics"
local rollout = require "rollout"

local target = rollout.lambda_alias { ["function"] = "pay", alias = "live", canary = "42" }

-- Runs a body; its first effect, and its error.
local function asks(body, world)
    local run = fake.run(body, world)
    return run.effects[1], run.error, run
end

local function misuse(body, message)
    local _, raised, run = asks(body)
    assert.matches("^stdlib_rollout_spec.lua:%d+: ", raised)
    assert.is_truthy(raised:find(message, 1, true), raised)
    assert.same({}, run.effects)
end

describe("rollout", function()
    it("sleeps", function()
        assert.same({ kind = "sleep", ["for"] = 600000 },
            (asks(function() rollout.sleep "10m" end)))
        misuse(function() rollout.sleep "10" end, "rollout.sleep: expected a duration")
        misuse(function() rollout.sleep(10) end, "rollout.sleep: 10 ms is less than a second")
    end)

    it("notifies", function()
        assert.same({ kind = "notify", message = "half way", level = "info" },
            (asks(function() rollout.notify "half way" end)))
        assert.same({ kind = "notify", message = "slow", level = "warning" },
            (asks(function() rollout.notify("slow", "warning") end)))
        misuse(function() rollout.notify() end, "rollout.notify: expected a text, got nothing")
        misuse(function() rollout.notify("x", "error") end, 'level: expected one of "info"')
    end)

    it("rolls back, and never returns", function()
        local returned = false
        local _, _, run = asks(function()
            rollout.rollback "the queue is full"
            returned = true
        end)
        assert.equal("the queue is full", run.rollback)
        assert.is_false(returned)
        misuse(function() rollout.rollback() end,
            "rollout.rollback: expected the reason, in up to 200 characters, got nothing")
    end)

    it("runs branches side by side", function()
        local results
        local _, _, run = asks(function()
            results = rollout.parallel {
                function() rollout.sleep "1m" rollout.sleep "2m" return { first = true } end,
                function() rollout.sleep "3m" return 2 end,
            }
        end)
        assert.same({ { first = true }, 2 }, results)
        local order = {}
        for i, request in ipairs(run.effects) do
            order[i] = request["for"] // 60000
        end
        assert.same({ 1, 3, 2 }, order)
        misuse(function() rollout.parallel {} end, "rollout.parallel: expected a list of functions")
        misuse(function() rollout.parallel { print, 5 } end,
            "rollout.parallel: item 2: expected a function, got 5")
    end)

    it("raises what was refused", function()
        local world = { default = function() return nil, { code = "invalid", message = "no" } end }
        for _, body in ipairs {
            function() rollout.sleep "1m" end,
            function() rollout.notify "x" end,
        } do
            local _, raised = asks(body, world)
            assert.matches("^stdlib_rollout_spec.lua:%d+: rollout.%l+: invalid: no$", raised)
        end
    end)
end)

describe("aws", function()
    local world = {
        ["lambda.get_alias"] = function(request)
            if request.input.Name ~= "live" then
                return nil, { code = "ResourceNotFoundException", message = "no such alias" }
            end
            return { FunctionVersion = "41" }
        end,
    }

    it("asks for any operation", function()
        local output
        local effect = asks(function()
            output = aws.lambda.get_alias { FunctionName = "pay", Name = "live" }
        end, world)
        assert.same({ kind = "aws", operation = "lambda.get_alias",
            input = { FunctionName = "pay", Name = "live" } }, effect)
        assert.same({ FunctionVersion = "41" }, output)
    end)

    it("raises a refusal, or hands it back", function()
        local _, raised = asks(function() aws.lambda.get_alias { Name = "x" } end, world)
        assert.matches("^stdlib_rollout_spec.lua:%d+: aws.lambda.get_alias: "
            .. "ResourceNotFoundException: no such alias$", raised)
        local output, problem
        asks(function()
            output, problem = aws.attempt("lambda.get_alias", { Name = "x" })
        end, world)
        assert.is_nil(output)
        assert.equal("ResourceNotFoundException", problem.code)
    end)

    it("goes to a region that is asked for", function()
        local effect = asks(function() aws.lambda.get_alias({ Name = "x" }, "us-west-2") end,
            world)
        assert.equal("us-west-2", effect.region)
        misuse(function() aws.lambda.get_alias({ Name = "x" }, 7) end,
            'aws.lambda.get_alias: expected a region such as "eu-west-1", got 7')
    end)

    it("takes its input as a table", function()
        misuse(function() aws.lambda.get_alias "live" end,
            'aws.lambda.get_alias: expected its input as a table, got "live"')
        misuse(function() aws.attempt(5, {}) end, "aws: expected an operation such as")
    end)
end)

describe("metrics", function()
    it("are queried", function()
        local points
        local effect = asks(function()
            points = metrics.query { target = target, metric = "errors", arm = "canary",
                from = 1000, to = 2000 }
        end, { metric = function() return { points = { { at = 1000, value = 2 } } } end })
        assert.same({ kind = "metric", target = target.value, metric = "errors", arm = "canary",
            from = 1000, to = 2000 }, effect)
        assert.same({ { at = 1000, value = 2 } }, points)
    end)

    it("are refused where they make no sense", function()
        misuse(function() metrics.query { target = target } end, "metrics.query: metric is missing")
        misuse(function() metrics.query { target = target.value } end,
            "metrics.query: target: expected a single target, got a table")
        misuse(function() metrics.query { arm = "green" } end, 'arm: expected one of "canary"')
        local _, raised = asks(function()
            metrics.query { target = target, metric = "x", arm = "canary", from = 1, to = 2 }
        end, { metric = function() return nil, { code = "invalid", message = "no metric x" } end })
        assert.matches("^stdlib_rollout_spec.lua:%d+: metrics.query: invalid: no metric x$", raised)
    end)

    it("are summed, and none is not 0", function()
        assert.equal(5, metrics.sum { { at = 1, value = 2 }, { at = 2, value = 3 } })
        assert.is_nil(metrics.sum {})
    end)
end)
