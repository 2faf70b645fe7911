-- The shipped policies and the standard library against the simulated account, with what the engine
-- does in between done by sim_run: every mutation is foretold, kept, and undone in the end.
local fake = require "fake_effect"
fake.install()
local sim = require "sim_run"
local entry = require "policy_entry"
local rollout = require "rollout"

local targets = {
    alb_rule = sim.rule_target(),
    alb_listener = sim.listener_target(),
    lambda_alias = sim.alias_target(),
}

local texts = {
    alb_rule = ("alb-rule:%s,baseline=%s,canary=%s"):format(sim.rule, sim.blue, sim.green),
    alb_listener = ("alb-listener:%s,baseline=%s,canary=%s"):format(sim.listener, sim.blue,
        sim.green),
    lambda_alias = "lambda-alias:pay:live,canary=42",
}

-- Every change shows as foretold.
local function world_of(run)
    return run:world(nil, function(change)
        assert.is_true(run:shows(change, "after"))
    end)
end

local function start(name, kind, given)
    local run = sim.begin(targets[kind])
    local arguments = { { "target", texts[kind] }, table.unpack(given or {}) }
    local done = fake.run(function()
        entry.start(require("policies." .. name), { arguments = arguments })
    end, world_of(run))
    assert.is_nil(done.error)
    return run
end

for _, kind in ipairs { "alb_rule", "alb_listener", "lambda_alias" } do
    describe("on a simulated " .. kind, function()
        local function ends_at(run, percent)
            assert.equal(percent, (run.account:share(targets[kind], run.now + 60000)))
            run:undo_all()
            assert.same({ true }, { run:equal() })
            assert.equal(0, (run.account:share(targets[kind], run.now + 60000)))
        end

        it("step_canary moves the traffic up its steps, and is undone", function()
            local run = start("step_canary", kind)
            assert.same({ 5, 10, 25, 50, 100 }, run.shares)
            ends_at(run, 100)
        end)

        it("linear moves the traffic by equal steps, and is undone", function()
            local run = start("linear", kind, { { "step", "12.5" } })
            assert.equal(12.5, run.shares[1])
            assert.equal(87.5, run.shares[7])
            ends_at(run, 100)
        end)

        it("blue_green switches once, and is undone", function()
            ends_at(start("blue_green", kind), 100)
        end)
    end)
end

describe("a target on the simulated account", function()
    it("becomes healthy a while after it is first named", function()
        local run = sim.begin(targets.alb_rule)
        local at = run.now
        local done = fake.run(function()
            rollout.alb_rule { rule = sim.rule, baseline = sim.blue, canary = sim.green }
                :healthy { within = "5m" }
        end, world_of(run))
        assert.is_nil(done.error)
        assert.is_nil(done.rollback)
        assert.equal(2, #fake.of(done, "sleep"))
        assert.is_true(run.now - at > 30000)
        run:undo_all()
        assert.same({ true }, { run:equal() })
    end)

    it("that is not as the policy says is refused before anything changes", function()
        for reason, fields in pairs {
            ["RuleNotFound"] = { rule = sim.rule .. "0", baseline = sim.blue, canary = sim.green },
            ["does not forward to the baseline"] =
                { rule = sim.rule, baseline = sim.green, canary = sim.blue },
        } do
            local run = sim.begin(targets.alb_rule)
            local done = fake.run(function()
                rollout.alb_rule(fields):shift(5)
            end, world_of(run))
            assert.matches(reason, done.error)
            assert.equal(run.origin, run.account:snapshot())
        end
    end)

    it("of an alias is refused when somebody else changed it meanwhile", function()
        local run = sim.begin(targets.lambda_alias)
        local world = world_of(run)
        local done = fake.run(function()
            local target = rollout.lambda_alias {
                ["function"] = "pay", alias = "live", canary = "42",
            }
            target:shift(5)
            run:call("lambda.update_alias", { FunctionName = "pay", Name = "live",
                Description = "theirs" })
            target:shift(10)
        end, world)
        assert.matches("PreconditionFailedException", done.error)
        assert.equal(1, #run.changes)
    end)
end)
