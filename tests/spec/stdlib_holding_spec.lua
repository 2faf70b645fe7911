local fake = require "fake_effect"
fake.install()
local account = require "fake_account"
local entry = require "policy_entry"
local judge = require "judge"
local rollout = require "rollout"

local pay, cart = "lambda-alias:pay:live,canary=42", "lambda-alias:cart:live,canary=7"

local function start(run, targets, world)
    local arguments = {}
    for i, text in ipairs(targets or { pay }) do
        arguments[i] = { "target", text }
    end
    local policy = rollout.policy { summary = "Wait.", params = { target = rollout.target() },
        run = run }
    world = world or account.new()
    world.approval = world.approval or function() return { approved = true } end
    return fake.run(function() entry.start(policy, { arguments = arguments }) end, world)
end

describe("rollout.approval", function()
    it("asks, and says whether it was given", function()
        local got
        local run = start(function()
            got = rollout.approval { within = "12h", from = "ann", message = "half" }
        end)
        assert.is_nil(run.error)
        assert.is_true(got)
        assert.same({ kind = "approval", within = 43200000, from = { "ann" }, message = "half",
            otherwise = "rollback" }, fake.of(run, "approval")[1])
        local world = account.new()
        world.approval = function() return { approved = false } end
        start(function()
            got = rollout.approval { within = "12h", otherwise = "go on" }
        end, nil, world)
        assert.is_false(got)
    end)

    it("watches meanwhile what was watched before, by the same judges", function()
        local judges = { judge.ratio { alpha = 0.005 } }
        local run = start(function(p)
            p.target:shift(5)
            p.target:watch { during = "5m", every = "30s", judges = judges, steps = 3,
                settle_in = "2m", sees = 10, decide = true }
            p.target:shift(50)
            rollout.approval { within = "12h" }
        end, { pay, cart })
        assert.is_nil(run.error)
        local watches = fake.of(run, "watch")
        assert.equal(4, #watches)
        for i = 3, 4 do
            assert.is_true(watches[i].beside)
            assert.same(watches[1].judges, watches[i].judges)
            assert.same({ 43200000, 30000, 50, 120000, false, nil }, { watches[i]["for"],
                watches[i].every, watches[i].share, watches[i].settle_in, watches[i].decide,
                watches[i].sees })
        end
    end)

    it("watches nothing that has no traffic or was never watched", function()
        local run = start(function(p)
            rollout.approval { within = "1h" }
            p.target:shift(5)
            rollout.approval { within = "1h" }
            p.target:watch { during = "1m" }
            p.target:shift(0)
            rollout.approval { within = "1h" }
        end)
        assert.is_nil(run.error)
        assert.equal(1, #fake.of(run, "watch"))
        assert.equal(3, #fake.of(run, "approval"))
    end)

    it("says what is wrong at the author's line", function()
        local many = {}
        for i = 1, 33 do
            many[i] = "user" .. i
        end
        for what, options in pairs {
            ["within is missing"] = {},
            ['from: expected the name of a user, got "a b"'] = { within = "1h", from = "a b" },
            ["from: expected at most 32 names, got 33"] = { within = "1h", from = many },
            ['there is no option "form"; did you mean "from"?'] = { within = "1h", form = "ann" },
        } do
            local run = start(function() rollout.approval(options) end)
            assert.matches("^stdlib_holding_spec.lua:%d+: rollout.approval: ", run.error)
            assert.is_truthy(run.error:find(what, 1, true), run.error)
        end
    end)
end)
