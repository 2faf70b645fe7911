local fake = require "fake_effect"
fake.install()
local account = require "fake_account"
local entry = require "policy_entry"
local judge = require "judge"
local rollout = require "rollout"

local rule_text = ("alb-rule:%s,baseline=%s,canary=%s"):format(account.rule, account.blue,
    account.green)
local alias_text = "lambda-alias:pay:live,canary=42"

-- A policy that keeps what it was given.
local function keeper(params)
    local kept = {}
    return rollout.policy {
        summary = "Keep the parameters.",
        params = params,
        run = function(p) kept.p = p end,
    }, kept
end

local function start(policy, arguments, world)
    return fake.run(function() entry.start(policy, { arguments = arguments }) end,
        world or account.new())
end

local function every_kind()
    return {
        bake = rollout.duration "5m",
        steps = rollout.percents { 5, 50, 100 },
        first = rollout.percent(0),
        rate = rollout.number { default = 0.5, min = 0, max = 1 },
        tries = rollout.integer { default = 3, min = 1 },
        ticket = rollout.text "none",
        loud = rollout.flag(false),
        mood = rollout.choice({ "calm", "brave" }, "calm"),
        judges = rollout.judges(),
    }
end

describe("parameters", function()
    it("have defaults", function()
        local policy, kept = keeper(every_kind())
        assert.is_nil(start(policy, {}).error)
        assert.same({
            bake = 300000, steps = { 5, 50, 100 }, first = 0, rate = 0.5, tries = 3,
            ticket = "none", loud = false, mood = "calm", judges = { judge.ratio() },
        }, kept.p)
    end)

    it("leave something of what a canary is watched for, where it is", function()
        local function warming(arguments)
            local policy, kept = keeper {
                settle_in = rollout.settle_in { "keep", preview = "preview_for" },
                keep = rollout.duration "10m", preview = rollout.percent(0),
                preview_for = rollout.duration "5m",
            }
            return start(policy, arguments).error, kept.p and kept.p.settle_in
        end
        assert.same({ nil, 0 }, { warming {} })
        assert.same({ nil, 599000 }, { warming { { "settle_in", "9m59s" } } })
        assert.equal('parameter "settle_in": 10m leaves nothing of keep (10m) to watch',
            warming { { "settle_in", "10m" } })
        assert.equal('parameter "settle_in": 5m leaves nothing of preview_for (5m) to watch',
            warming { { "settle_in", "5m" }, { "preview", "10" } })
    end)

    it("are read from the command line", function()
        local policy, kept = keeper(every_kind())
        assert.is_nil(start(policy, {
            { "bake", "90s" }, { "steps", "1,2.5" }, { "steps", "100%" }, { "first", "7" },
            { "rate", "0.25" }, { "tries", "9" }, { "ticket", "a=b, c" }, { "loud", "yes" },
            { "mood", "brave" }, { "judges", "ratio:alpha=0.1" }, { "judges", "threshold:above=1" },
        }).error)
        assert.same({
            bake = 90000, steps = { 1, 2.5, 100 }, first = 7, rate = 0.25, tries = 9,
            ticket = "a=b, c", loud = true, mood = "brave",
            judges = { judge.ratio { alpha = 0.1 }, judge.threshold { above = 1 } },
        }, kept.p)
    end)

    it("that are wrong are named, with what was expected, before anything is asked for", function()
        for _, case in ipairs {
            { "bakee", "5m", 'there is no parameter "bakee"; did you mean "bake"?' },
            { "zzz", "5m", 'there is no parameter "zzz"; there are: bake, first, judges, loud, '
                .. "mood, rate, steps, ticket, tries" },
            { "bake", "5", 'parameter "bake": expected a duration such as "90s", "5m" or "1h30m", '
                .. 'got "5"' },
            { "bake", "", 'got ""' },
            { "steps", "50,5", 'parameter "steps": percentages must rise, but 5 comes after 50' },
            { "steps", "fast", 'parameter "steps": expected a percentage above 0, up to 100, '
                .. 'got "fast"' },
            { "first", "101", 'parameter "first": expected a percentage from 0 to 100, got "101"' },
            { "rate", "2", 'parameter "rate": expected a number from 0 to 1, got "2"' },
            { "tries", "0", 'parameter "tries": expected a whole number of at least 1, got "0"' },
            { "loud", "maybe", 'parameter "loud": expected true or false, got "maybe"' },
            { "mood", "sad", 'parameter "mood": expected one of "calm", "brave", got "sad"' },
            { "judges", "ratio:alpha=7", 'parameter "judges": ratio: alpha: expected a number' },
            { "judges", "kayenta", 'parameter "judges": expected a judge such as "alarm:' },
        } do
            local run = start(keeper(every_kind()), { { case[1], case[2] } })
            assert.is_truthy(run.error:find(case[3], 1, true), run.error)
            assert.same({}, run.effects)
        end
    end)

    it("that take one value may be given once", function()
        local run = start(keeper(every_kind()), { { "bake", "5m" }, { "bake", "6m" } })
        assert.equal('parameter "bake" is given 2 times, but takes one value', run.error)
    end)

    it("without a default must be given", function()
        local run = start(keeper { bake = rollout.duration() }, {})
        assert.equal('parameter "bake" is missing: expected a duration such as "90s", "5m" or '
            .. '"1h30m"', run.error)
    end)

    it("have defaults of their own kind, or the author is told", function()
        for _, case in ipairs {
            { function() rollout.duration "5" end, 'rollout.duration: expected a duration' },
            { function() rollout.settle_in {} end, "rollout.settle_in: expected the names of" },
            { function() keeper { s = rollout.settle_in { "bake" } } end,
                'params: "s": expected the name of a duration, got "bake"' },
            { function() rollout.percents { 50, 5 } end, "rollout.percents: percentages must" },
            { function() rollout.number { default = 2, max = 1 } end,
                "rollout.number: expected a number of at most 1, got 2" },
            { function() rollout.number { mn = 2 } end, 'rollout.number: there is no option "mn"' },
            { function() rollout.choice({ "a" }, "b") end, 'rollout.choice: expected one of "a"' },
            { function() rollout.choice {} end, "rollout.choice: expected a list of texts" },
            { function() rollout.target "alb" end, "rollout.target: expected a target" },
            { function() rollout.judges { "ratio" } end, "rollout.judges: expected judges made" },
        } do
            local ok, message = pcall(case[1])
            assert.is_false(ok)
            assert.matches("^stdlib_params_spec.lua:%d+: ", message)
            assert.is_truthy(message:find(case[2], 1, true), message)
        end
    end)
end)

describe("target parameters", function()
    it("take one target or several", function()
        local policy, kept = keeper { target = rollout.target() }
        local run = start(policy, { { "target", rule_text } })
        assert.is_nil(run.error)
        assert.equal("alb_rule", kept.p.target.value.type)
        run = start(policy, { { "target", rule_text }, { "target", alias_text } })
        assert.is_nil(run.error)
        assert.equal(2, #kept.p.target.targets)
        assert.same({ "alb_rule", "lambda_alias" },
            { run.effects[1].targets[1].type, run.effects[1].targets[2].type })
    end)

    it("take no target twice", function()
        local policy = keeper { target = rollout.target(), other = rollout.target() }
        local twice = { { "target", alias_text }, { "target", alias_text }, { "other", rule_text } }
        assert.equal('parameter "target": pay:live is given twice', start(policy, twice).error)
        local both = { { "target", alias_text }, { "other", alias_text } }
        assert.matches('pay:live is given twice, here and as another parameter',
            start(policy, both).error)
    end)

    it("say what a target looks like", function()
        local policy = keeper { target = rollout.target() }
        assert.matches('parameter "target" is missing: expected a target', start(policy, {}).error)
        assert.matches('"target": expected a target; got "prod". It is one of\n  alb%-listener:ARN',
            start(policy, { { "target", "prod" } }).error)
    end)

    it("must fit every share that the parameters name", function()
        local policy = keeper { target = rollout.target(), steps = rollout.percents { 1.25, 50 },
            first = rollout.percent(10) }
        assert.equal('parameter "steps": ' .. account.rule:match("listener%-rule.*")
            .. " cannot carry 1.25 %: its weights are in steps of 0.1 %",
            start(policy, { { "target", rule_text } }).error)
        assert.is_nil(start(policy, { { "target", alias_text } }).error)
        local run = start(policy, { { "target", alias_text }, { "first", "0.001" } })
        assert.equal('parameter "first": pay:live cannot carry 0.001 %: its weights are in steps '
            .. "of 0.01 %", run.error)
        assert.same({}, run.effects)
    end)
end)

describe("starting", function()
    it("announces the run, reads every target, and only then runs the policy", function()
        local policy = rollout.policy {
            name = "careful",
            summary = "Shift once.",
            params = { target = rollout.target(), bake = rollout.duration "5m" },
            run = function(p) p.target:shift(50) end,
        }
        local run = start(policy, { { "target", alias_text } })
        assert.same({
            kind = "begin",
            policy = { name = "careful", summary = "Shift once." },
            params = { bake = 300000 },
            targets = { { type = "lambda_alias", ["function"] = "pay", alias = "live",
                canary = "42" } },
        }, run.effects[1])
        assert.equal("lambda.get_alias", run.effects[2].operation)
        assert.equal("lambda.update_alias", run.effects[3].operation)
    end)

    it("refuses a target that no rollout can start from before any other is touched", function()
        local policy = rollout.policy {
            summary = "Shift all.",
            params = { target = rollout.target() },
            run = function(p) p.target:shift(50) end,
        }
        local run = start(policy, { { "target", rule_text }, { "target", alias_text } },
            account.new(nil, { FunctionVersion = "$LATEST" }))
        assert.matches("pay:live: points at $LATEST", run.error)
        assert.same({}, fake.of(run, "elbv2.modify_rule"))
    end)

    it("needs no target", function()
        local run = start(keeper {}, {})
        assert.is_nil(run.error)
        assert.same({}, run.effects[1].targets)
    end)

    it("marks an empty list of targets as one", function()
        local seen
        package.loaded.effect.perform, seen = (function(before)
            return function(request)
                seen = seen or fake.is_array(request.targets)
                return before(request)
            end
        end)(package.loaded.effect.perform)
        start(keeper {}, {})
        assert.is_true(seen)
    end)

    it("names the policy after its file", function()
        assert.equal("stdlib_params_spec", (keeper {}).name)
    end)

    it("takes nothing but a policy", function()
        assert.matches("but this one returned nothing$", start(nil, {}).error)
        assert.matches("but this one returned a table$", start({}, {}).error)
    end)
end)

describe("rollout.policy", function()
    it("reports misuse at the author's line", function()
        local function run() end
        for _, case in ipairs {
            { {}, "rollout.policy: summary is missing" },
            { { summary = "S" }, "rollout.policy: run is missing: expected a function" },
            { { summary = "S", run = run, param = {} },
                'rollout.policy: there is no option "param"; did you mean "params"?' },
            { { summary = "S", run = run, params = { bake = "5m" } },
                'params: "bake": expected a parameter such as rollout.duration "5m", got "5m"' },
            { { summary = "S", run = run, params = { rollout.text() } }, "1 is no name" },
            { { summary = "S", run = "x" }, 'run: expected a function of the parameters, got "x"' },
        } do
            local ok, message = pcall(rollout.policy, case[1])
            assert.is_false(ok)
            assert.matches("^stdlib_params_spec.lua:%d+: ", message)
            assert.is_truthy(message:find(case[2], 1, true), message)
        end
    end)
end)

describe("rollout.use", function()
    local target = rollout.lambda_alias { ["function"] = "pay", alias = "live", canary = "42" }

    it("binds a shipped policy by name", function()
        local bound = rollout.use("step_canary", { target = target, steps = { 10, 100 },
            bake = "2m" })
        local run = start(bound, {})
        assert.is_nil(run.error)
        assert.equal("step_canary", run.effects[1].policy.name)
        assert.same({ 10, 100 }, run.effects[1].params.steps)
        assert.equal(120000, run.effects[1].params.bake)
    end)

    it("binds a policy of one's own, and a bound one further", function()
        local policy, kept = keeper { bake = rollout.duration(), loud = rollout.flag(true) }
        local once = rollout.use(policy, { bake = "1m", loud = false })
        local twice = rollout.use(once, { bake = "2m" })
        start(twice, {})
        assert.same({ bake = 120000, loud = false }, kept.p)
        start(once, {})
        assert.same({ bake = 60000, loud = false }, kept.p)
    end)

    it("gives way to the command line", function()
        local policy, kept = keeper { bake = rollout.duration "5m" }
        start(rollout.use(policy, { bake = "1m" }), { { "bake", "7m" } })
        assert.same({ bake = 420000 }, kept.p)
    end)

    it("takes several targets", function()
        local policy, kept = keeper { target = rollout.target() }
        local other = rollout.lambda_alias { ["function"] = "bill", alias = "live", canary = "7" }
        start(rollout.use(policy, { target = { target, other } }), {})
        assert.equal(2, #kept.p.target.targets)
    end)

    it("reports misuse at the author's line", function()
        for _, case in ipairs {
            { "step_canry", {}, 'rollout.use: there is no shipped policy "step_canry"' },
            { 5, {}, "rollout.use: expected the name of a shipped policy" },
            { "../secret", {}, "rollout.use: expected the name of a shipped policy" },
            { "linear", { stpe = 5 },
                'rollout.use linear: there is no option "stpe"; did you mean "step"?' },
            { "linear", { step = 500 }, "rollout.use linear: step: expected a percentage" },
            { "linear", { target = { target, target } }, "target: pay:live is given twice" },
            { "linear", { target = { target, 5 } }, "target: expected targets, got 5" },
            { "linear", { target = {} }, "target: expected a target" },
            { "linear", nil, "rollout.use linear: expected a table of options, got nothing" },
        } do
            local ok, message = pcall(rollout.use, case[1], case[2])
            assert.is_false(ok)
            assert.matches("^stdlib_params_spec.lua:%d+: ", message)
            assert.is_truthy(message:find(case[3], 1, true), message)
        end
    end)
end)
