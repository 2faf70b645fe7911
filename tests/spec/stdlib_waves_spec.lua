local fake = require "fake_effect"
fake.install()
local account = require "fake_account"
local entry = require "policy_entry"
local rollout = require "rollout"

-- What happened, in short: "wave 1 of 2: a" and each target's watch and shift.
local function start(options, verdicts, names)
    local arguments = {}
    for i, name in ipairs(names or { "a", "b", "c" }) do
        arguments[i] = { "target", ("lambda-alias:%s:live,canary=42,name=%s"):format(name, name) }
    end
    local world = account.new()
    world.watch = function(request)
        return { verdict = verdicts and verdicts[request.target.name] or "safe", judges = {} }
    end
    local failed
    local policy = rollout.policy { summary = "Waves.", params = { target = rollout.target() },
        run = function(p)
            options.targets = options.targets or p.target
            options.each = options.each or function(target)
                target:shift(50)
                target:watch { during = "5m" }
                target:shift(100)
            end
            failed = rollout.waves(options)
        end }
    local run = fake.run(function() entry.start(policy, { arguments = arguments }) end, world)
    local waves = {}
    for _, one in ipairs(fake.of(run, "notify")) do
        waves[#waves + 1] = one.message:match("^wave (.*)$")
    end
    return run, waves, failed
end

describe("rollout.waves", function()
    it("goes by sizes, the last of which holds for the rest, and by names", function()
        for _, case in ipairs {
            { nil, { "1 of 3: a", "2 of 3: b", "3 of 3: c" } },
            { { 1, 5 }, { "1 of 2: a", "2 of 2: b, c" } },
            { { 2 }, { "1 of 2: a, b", "2 of 2: c" } },
            { { "c", { "b", "a" } }, { "1 of 2: c", "2 of 2: b, a" } },
        } do
            local between = {}
            local run, waves = start { waves = case[1],
                between = function(i) between[#between + 1] = i end }
            assert.is_nil(run.error)
            assert.same(case[2], waves)
            assert.equal(#waves - 1, #between)
        end
    end)

    it("undoes all at the first harm where none may fail", function()
        local run, waves = start({}, { b = "harm" })
        assert.equal("harm", run.rollback)
        assert.same({ "1 of 3: a", "2 of 3: b" }, waves)
        assert.is_false(fake.of(run, "watch")[1].decide)
    end)

    it("takes back alone what may fail, and goes on", function()
        for _, verdict in ipairs { "harm", "no data", "provider error" } do
            local run, waves, failed = start({ failures = 1 }, { b = verdict })
            assert.is_nil(run.error or run.rollback)
            assert.equal(3, #waves)
            assert.same({ "b" }, failed)
            local watch = fake.of(run, "watch")[1]
            assert.same({ true, true }, { watch.decide, watch.spared })
            local shifts = {}
            for _, call in ipairs(fake.of(run, "lambda.update_alias")) do
                local input = call.input
                shifts[#shifts + 1] = input.FunctionName .. ":" .. (input.FunctionVersion == "42"
                    and 100 or (input.RoutingConfig.AdditionalVersionWeights["42"] or 0) * 100)
            end
            assert.same({ "a:50.0", "a:100", "b:50.0", "b:0", "c:50.0", "c:100" }, shifts)
        end
    end)

    it("undoes all when more fail than may", function()
        local run = start({ failures = 1, waves = { 2 } }, { a = "harm", c = "no data" })
        assert.equal("2 targets failed, and no more than 1 may: a, c", run.rollback)
    end)

    it("spares no error of the policy", function()
        local run = start { failures = 2, each = function() error("mine", 0) end }
        assert.equal("mine", run.error)
    end)

    it("says what is wrong at the author's line", function()
        for what, options in pairs {
            ["there is no target \"d\" that is in no wave yet"] = { waves = { "a", "d" } },
            ["there is no target \"a\" that is in no wave yet"] = { waves = { "a", "a" } },
            ["c is in no wave"] = { waves = { "a", "b" } },
            ["expected a number of targets, got 0"] = { waves = { 1, 0 } },
            ["waves: expected sizes"] = { waves = {} },
            ["targets: expected the targets of the policy"] = { targets = {} },
            ["expected fewer than there are targets (3), got 3"] = { failures = 3 },
            ["failures: expected a whole number"] = { failures = -1 },
        } do
            local run = start(options)
            assert.is_truthy(run.error:find(what, 1, true), run.error)
            assert.matches("^stdlib_waves_spec.lua:%d+: rollout.waves: ", run.error)
        end
    end)
end)
