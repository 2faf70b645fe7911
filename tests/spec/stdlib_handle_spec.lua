local fake = require "fake_effect"
fake.install()
local account = require "fake_account"
local entry = require "policy_entry"
local metrics = require "metrics"
local policy = require "policy"
local rollout = require "rollout"

local pay = { "target", "lambda-alias:pay:live,canary=42" }
local web = { "target", "lambda-alias:web:live,canary=42" }

-- Runs a policy of one parameter, target.
local function run(body, arguments, world)
    local one = rollout.policy { summary = "S", params = { target = rollout.target() }, run = body }
    return fake.run(function()
        entry.start(one, { arguments = arguments or { pay } })
    end, world or account.new())
end

local function misuse(body, message)
    local problem = run(body).error
    assert.matches("^stdlib_handle_spec.lua:%d+: ", problem)
    assert.is_truthy(problem:find(message, 1, true), problem)
end

describe("what a policy holds of a target", function()
    it("shows the share it has, of several the smallest", function()
        for _, arguments in ipairs { { pay }, { pay, web } } do
            local seen = {}
            local result = run(function(p)
                seen[1] = p.target.percent
                p.target:shift(10)
                seen[2] = p.target.percent
                p.target.targets[1]:shift(20)
                seen[3] = p.target.percent
            end, arguments)
            assert.is_nil(result.error)
            assert.same({ 0, 10, #arguments == 1 and 20 or 10 }, seen)
        end
    end)

    it("is for reading", function()
        misuse(function(p) p.target.percent = 5 end, "percent is read-only: use shift")
        misuse(function(p) p.target.canary = "7" end, "canary: a target cannot be written to")
        local after
        run(function(p)
            p.target.value.canary = "7"
            after = { p.target.value.canary, p.target.label }
        end)
        assert.same({ "42", "pay:live" }, after)
    end)

    it("tells a dot from a colon, and a name from its neighbour", function()
        misuse(function(p) p.target.shift(5) end,
            "shift: call it with a colon: p.target:shift(...)")
        misuse(function(p) p.target.watch { during = "5m" } end, "watch: call it with a colon")
        misuse(function(p) p.target:shfit(5) end, 'a target has no "shfit"; did you mean "shift"?')
        misuse(function(p) return p.tagret end, 'p has no "tagret"; did you mean "target"?')
    end)

    it("can be asked for its metrics", function()
        local result = run(function(p)
            metrics.query { target = p.target, metric = "errors", arm = "canary", last = "10m" }
        end)
        local asked = fake.of(result, "metric")[1]
        assert.same({ 600000, "lambda_alias" }, { asked.last, asked.target.type })
        assert.is_nil(asked.from)
        misuse(function(p)
            metrics.query { target = p.target, metric = "errors", arm = "canary" }
        end, "metrics.query: expected either last")
        misuse(function(p)
            metrics.query { target = p.target, metric = "errors", arm = "canary", last = "10m",
                from = 1, to = 2 }
        end, "metrics.query: expected either last")
    end)
end)

describe("modules", function()
    it("have no other names", function()
        for call, message in pairs {
            ["rollout.shift(5)"] = 'rollout has no "shift"; there are: ',
            ["rollout.polcy {}"] = 'rollout has no "polcy"; did you mean "policy"?',
            ["judge.ratoi {}"] = 'judge has no "ratoi"; did you mean "ratio"?',
            ["metrics.sums {}"] = 'metrics has no "sums"; did you mean "sum"?',
            ["duration.fromat(5)"] = 'duration has no "fromat"; did you mean "format"?',
            ["aws.attmept('lambda.get_alias', {})"] = "there is no aws.attmept; there are",
            ["metrics.sum(5)"] = "metrics.sum: expected the points of metrics.query, got 5",
        } do
            local module = call:match("^%l+")
            local body = assert(load(("local %s = require '%s'\n%s"):format(module, module, call),
                "=t.lua"))
            local problem = fake.run(body).error
            assert.is_truthy(problem:find("t.lua:2: " .. message, 1, true), problem)
        end
    end)

    it("know the shipped policies", function()
        local problem = fake.run(function() policy.use("step_canery", {}) end).error
        assert.is_truthy(problem:find('no shipped policy "step_canery"; did you mean "step_canary"',
            1, true), problem)
        for _, name in ipairs { "blue_green", "linear", "step_canary" } do
            assert.is_true(policy.is(policy.use(name, {})))
        end
    end)

    it("raise what could not be asked, and hand back what AWS refused", function()
        local aws = require "aws"
        local function attempt(code)
            local problem
            local result = fake.run(function()
                problem = select(2, aws.attempt("lambda.get_alias", {}))
            end, { default = function() return nil, { code = code, message = "no" } end })
            return result.error, problem
        end
        local raised, problem = attempt "invalid"
        assert.matches("^stdlib_handle_spec.lua:%d+: aws.lambda.get_alias: no$", raised)
        assert.is_nil(problem)
        raised, problem = attempt "ResourceNotFoundException"
        assert.is_nil(raised)
        assert.equal("ResourceNotFoundException", problem.code)
    end)
end)
