local fake = require "fake_effect"
fake.install()
local account = require "fake_account"
local entry = require "policy_entry"
local rollout = require "rollout"
local target = require "target"

local pay, cart = "lambda-alias:pay:live,canary=42", "lambda-alias:cart:live,canary=7,name=cart"

-- The targets that a run is begun with, as it is given these arguments; or why it is not.
local function begun(arguments, params, bound)
    local policy = rollout.policy {
        summary = "Do nothing.",
        params = params or { target = rollout.target() },
        run = function() end,
    }
    if bound then
        policy = rollout.use(policy, bound)
    end
    local run = fake.run(function() entry.start(policy, { arguments = arguments }) end,
        account.new())
    return run.effects[1] and run.effects[1].targets, run.error
end

describe("a member of a target", function()
    it("is changed where the command line gave the target, wherever it stands", function()
        local changed = { type = "lambda_alias", ["function"] = "pay", alias = "live",
            canary = "43" }
        for _, arguments in ipairs {
            { { "target", pay }, { "target.canary", "43" } },
            { { "target.canary", "43" }, { "target", pay } },
            { { "target", pay }, { "target.canary", "44" }, { "target.canary", "43" } },
            { { "target", pay }, { "target.1.canary", "43" } },
        } do
            assert.same({ changed }, (begun(arguments)))
        end
    end)

    it("is changed over a rollout file's and over a default, which stay as they are", function()
        local given = rollout.lambda_alias { ["function"] = "pay", alias = "live", canary = "42" }
        local bound = begun({ { "target.canary", "43" } }, nil, { target = given })
        assert.equal("43", bound[1].canary)
        local default = begun({ { "target.alias", "next" } }, { target = rollout.target(given) })
        assert.equal("next", default[1].alias)
        assert.same({ "42", "live" }, { given.value.canary, given.value.alias })
    end)

    it("of several is said by name or by number", function()
        local both = { { "target", pay }, { "target", cart } }
        for _, case in ipairs {
            { "target.cart.canary", { "42", "8" } }, { "target.2.canary", { "42", "8" } },
            { "target.1.canary", { "8", "7" } },
        } do
            local targets = begun { both[1], both[2], { case[1], "8" } }
            assert.same(case[2], { targets[1].canary, targets[2].canary })
        end
    end)

    it("may give a name, by which the next one is said", function()
        local targets = begun { { "target", pay }, { "target", cart }, { "target.1.name", "pay" },
            { "target.pay.canary", "43" } }
        assert.same({ "pay", "43" }, { targets[1].name, targets[1].canary })
    end)

    it("that is none, or not of its kind, is refused before anything is asked for", function()
        local one, both = { { "target", pay } }, { { "target", pay }, { "target", cart } }
        for _, case in ipairs {
            { one, "target.canry", 'parameter "target.canry": lambda-alias has no member "canry"; '
                .. 'did you mean "canary"?' },
            { one, "target.baseline", 'lambda-alias has no member "baseline"; there are: alias, '
                .. "canary, function, name" },
            { one, "target.type", 'lambda-alias has no member "type"' },
            { one, "target.", 'has no member ""' },
            { one, "target.canary", 'parameter "target.canary": expected a published version such '
                .. 'as "42", got "x"' },
            { one, "target.name", "expected a name of up to 40 letters, digits, - and _", "9" },
            { one, "target.name", "expected a name of up to 40 letters", ("n"):rep(41) },
            { one, "target.cart.canary", 'there is no target "cart"; there is: 1' },
            { one, "target.a.b.c", 'lambda-alias has no member "a.b.c"' },
            { one, "tagret.canary", 'there is no parameter "tagret"; did you mean "target"?' },
            { one, "steps.canary", 'parameter "steps" is no target, and has no member "canary"' },
            { {}, "target.canary", 'parameter "target" is missing: expected a target' },
            { both, "target.canary", 'parameter "target.canary": there are 2 targets: say of '
                .. "which, as in 1.canary; there are: 1, cart" },
            { both, "target.crat.canary", 'there is no target "crat"; did you mean "cart"?' },
            { both, "target.3.canary", 'there is no target "3"; did you mean "1"?' },
            { both, "target.cart.function", "pay:live is given twice", "pay" },
            { both, "target.1.name", 'two targets have the name "cart"', "cart" },
        } do
            local arguments = { table.unpack(case[1]) }
            arguments[#arguments + 1] = { case[2], case[4] or "x" }
            local targets, why = begun(arguments, { target = rollout.target(),
                steps = rollout.percents { 5, 100 } })
            assert.is_nil(targets)
            assert.is_truthy(why:find(case[3], 1, true), why)
        end
    end)
end)

describe("a target's name", function()
    it("is how messages call it, and stands in its value", function()
        local named = target.parse(cart)
        assert.same({ "cart", "cart:live" }, { named.label, named.resource })
        assert.equal("cart", named.value.name)
        assert.equal("pay:live", target.parse(pay).label)
    end)

    it("makes no other target of a resource", function()
        local _, why = begun { { "target", pay }, { "target", pay .. ",name=other" } }
        assert.equal('parameter "target": pay:live is given twice', why)
        _, why = begun({ { "one", pay }, { "two", pay .. ",name=pay" } },
            { one = rollout.target(), two = rollout.target() })
        assert.matches("pay:live is given twice, here and as another parameter", why)
    end)
end)

describe("a target as text", function()
    local cluster = "arn:aws:ecs:eu-west-1:111122223333:cluster/shop"

    it("takes what a table takes, each member by its name", function()
        for _, one in ipairs {
            rollout.alb_rule { rule = account.rule, baseline = account.blue,
                canary = account.green, name = "shop" },
            rollout.alb_listener { listener = account.listener, baseline = account.blue,
                canary = account.green },
            rollout.lambda_alias { ["function"] =
                "arn:aws:lambda:eu-west-1:111122223333:function:f", alias = "live", canary = "42" },
            rollout.ecs_service { cluster = cluster, service = "arn:aws:ecs:eu-west-1:"
                .. "111122223333:service/shop/checkout", canary = "shop:42", within = "20m" },
            rollout.appconfig_flag { application = "shop", environment = "prod",
                profile = "flags", flag = "new", attribute = "share", strategy = "abc1234" },
        } do
            local members = {}
            for name, value in pairs(one.value) do
                value = name == "within" and value // 60000 .. "m" or value
                members[#members + 1] = name ~= "type" and name .. "=" .. value or nil
            end
            local text = one.value.type:gsub("_", "-") .. ":" .. table.concat(members, ",")
            local parsed, why = target.parse(text)
            assert.is_nil(why)
            assert.same(one.value, parsed.value)
        end
    end)

    it("takes an ECS cluster or service by its ARN in front", function()
        for text, expected in pairs {
            ["shop/checkout"] = { "shop", "checkout" },
            [cluster .. "/checkout"] = { cluster, "checkout" },
            ["arn:aws:ecs:eu-west-1:111122223333:service/shop/checkout"] = { cluster, "checkout" },
        } do
            local parsed = target.parse("ecs-service:" .. text .. ",canary=shop:42")
            assert.same(expected, { parsed.value.cluster, parsed.value.service })
            assert.equal("shop/checkout", parsed.label)
        end
        local none, why = target.parse("ecs-service:" .. cluster .. ",canary=shop:42")
        assert.is_nil(none)
        assert.matches("expected ecs%-service:CLUSTER/SERVICE,canary=TASK%-DEFINITION, got", why)
    end)
end)
