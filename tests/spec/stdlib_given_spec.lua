local fake = require "fake_effect"
fake.install()
local account = require "fake_account"
local entry = require "policy_entry"
local rollout = require "rollout"

local given = rollout.given

local function policy()
    return rollout.policy {
        summary = "Do nothing.",
        params = { target = rollout.target(), bake = rollout.duration "5m",
            steps = rollout.percents { 5, 100 } },
        run = function() end,
    }
end

-- What a run of the policy is begun with, bound to these values; or why it is not.
local function begun(bound, arguments)
    local run = fake.run(function()
        entry.start(rollout.use(policy(), bound), { arguments = arguments or {} })
    end, account.new())
    return run.effects[1], run.error
end

local function pay(canary)
    return rollout.lambda_alias { ["function"] = "pay", alias = "live", canary = canary }
end

describe("rollout.given", function()
    it("is filled from the command line, in a target and as a parameter's value", function()
        local begin = begun({
            target = pay(given("version", "what CI passes")), bake = given("bake_for", "how long"),
        }, { { "version", "43" }, { "bake_for", "90s" } })
        assert.equal("43", begin.targets[1].canary)
        assert.equal(90000, begin.params.bake)
    end)

    it("fills several targets by one name", function()
        local version = given("version", "what CI passes")
        local begin = begun({ target = { pay(version), rollout.lambda_alias {
            ["function"] = "cart", alias = "live", canary = version } } }, { { "version", "43" } })
        assert.same({ "43", "43" }, { begin.targets[1].canary, begin.targets[2].canary })
    end)

    it("takes several texts where its parameter does, and a parameter's own name", function()
        local begin = begun({ target = pay "42", steps = given("steps", "how it goes up") },
            { { "steps", "5,25" }, { "steps", "100" } })
        assert.same({ 5, 25, 100 }, begin.params.steps)
    end)

    it("that is not filled is told where it stands, before anything is asked for", function()
        local begin, why = begun { target = pay(given("version", "what CI passes")) }
        assert.is_nil(begin)
        assert.matches('^stdlib_given_spec.lua:%d+: "version" is not given %(%-p version=...%): '
            .. "what CI passes$", why)
    end)

    it("need not be filled where what has it is given as a whole, nor keeps a member", function()
        local bound = { target = pay(given("version", "what CI passes")) }
        assert.equal("7", begun(bound, { { "target", "lambda-alias:pay:live,canary=7" } })
            .targets[1].canary)
        assert.equal("next", begun(bound, { { "version", "43" }, { "target.alias", "next" } })
            .targets[1].alias)
    end)

    it("is refused what does not fit, by the name that filled it", function()
        for _, case in ipairs {
            { { { "version", "4x" } }, 'parameter "version": expected a published version' },
            { { { "version", "1" }, { "version", "2" } }, '"version" is given 2 times' },
            { { { "versoin", "43" } }, 'no parameter "versoin"; did you mean "version"?' },
            { { { "version.canary", "43" } }, '"version" is no target' },
        } do
            local begin, why = begun({ target = pay(given("version", "what CI passes")) }, case[1])
            assert.is_nil(begin)
            assert.is_truthy(why:find(case[2], 1, true), why)
        end
    end)

    it("is wrong at the author's line where it cannot stand", function()
        for what, make in pairs {
            ["is no name for a parameter"] = function() given("a b", "x") end,
            ["expected what belongs there"] = function() given("a") end,
            ['there is no option "canry"; did you mean "canary"?'] = function()
                rollout.lambda_alias { ["function"] = "pay", alias = "live",
                    canry = given("version", "x") }
            end,
            ["alias is missing"] = function()
                rollout.lambda_alias { ["function"] = "pay", canary = given("version", "x") }
            end,
            ['has a parameter "bake" itself'] = function()
                rollout.use(policy(), { target = pay(given("bake", "x")) })
            end,
            ["rollout.given is for rollout files"] = function()
                rollout.target(pay(given("version", "x")))
            end,
        } do
            local ok, why = pcall(make)
            assert.is_false(ok)
            assert.is_truthy(why:find(what, 1, true), why)
            assert.matches("^stdlib_given_spec.lua:%d+: ", why)
        end
    end)
end)
