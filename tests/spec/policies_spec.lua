local fake = require "fake_effect"
fake.install()
local account = require "fake_account"
local entry = require "policy_entry"

local targets = {
    ["alb-rule"] = ("alb-rule:%s,baseline=%s,canary=%s"):format(account.rule, account.blue,
        account.green),
    ["alb-listener"] = ("alb-listener:%s,baseline=%s,canary=%s"):format(account.listener,
        account.blue, account.green),
    ["lambda-alias"] = "lambda-alias:pay:live,canary=42",
}

local function start(name, given, world)
    local arguments = {}
    for _, argument in ipairs(given) do
        arguments[#arguments + 1] = argument
    end
    return fake.run(function()
        entry.start(require("policies." .. name), { arguments = arguments })
    end, world or account.new())
end

-- What a run did, in short: "->5" a shift, "5:5m" a watch at 5 %.
local function story(run)
    local words = {}
    for _, request in ipairs(run.effects) do
        local input = request.input or {}
        if input.Actions or input.DefaultActions then
            local groups = (input.Actions or input.DefaultActions)[1].ForwardConfig.TargetGroups
            local scale = (groups[1].Weight + groups[2].Weight) / 100
            words[#words + 1] = ("->%g"):format(groups[2].Weight / scale)
        elseif input.RoutingConfig then
            local weight = input.RoutingConfig.AdditionalVersionWeights["42"]
                or input.FunctionVersion == "42" and 1 or 0
            words[#words + 1] = ("->%g"):format(weight * 100)
        elseif request.kind == "watch" then
            words[#words + 1] = ("%g:%dm"):format(request.share, request["for"] // 60000)
        end
    end
    return table.concat(words, " ")
end

for kind, text in pairs(targets) do
    describe("on " .. kind, function()
        it("step_canary goes up its steps", function()
            local run = start("step_canary", { { "target", text } })
            assert.is_nil(run.error)
            assert.equal("->5 5:5m ->10 10:5m ->25 25:5m ->50 50:5m ->100 100:5m", story(run))
        end)

        it("step_canary ends at 100 % whatever its steps", function()
            local run = start("step_canary", { { "target", text }, { "steps", "1,5" },
                { "bake", "2m" } })
            assert.equal("->1 1:2m ->5 5:2m ->100 100:2m", story(run))
        end)

        it("linear goes up by the same amount", function()
            local run = start("linear", { { "target", text }, { "step", "30" }, { "bake", "1m" } })
            assert.is_nil(run.error)
            assert.equal("->30 30:1m ->60 60:1m ->90 90:1m ->100 100:1m", story(run))
            run = start("linear", { { "target", text }, { "step", "100" } })
            assert.equal("->100 100:5m", story(run))
            run = start("linear", { { "target", text }, { "step", "33.3" }, { "bake", "1m" } })
            assert.equal("->33.3 33.3:1m ->66.6 66.6:1m ->99.9 99.9:1m ->100 100:1m", story(run))
        end)

        it("blue_green switches at once and watches afterwards", function()
            local run = start("blue_green", { { "target", text } })
            assert.is_nil(run.error)
            assert.equal("->100 100:10m", story(run))
            local judges = fake.of(run, "watch")[1].judges
            assert.same({ "threshold", 0.02 }, { judges[1].judge, judges[1].above })
            assert.same({ "before", 2 }, { judges[2].judge, #judges })
        end)

        it("blue_green can look at a share first", function()
            local run = start("blue_green", { { "target", text }, { "preview", "10" },
                { "keep", "30m" } })
            assert.equal("->10 10:5m ->100 100:30m", story(run))
            assert.equal("ratio", fake.of(run, "watch")[1].judges[1].judge)
        end)
    end)
end

describe("rollout files in examples/", function()
    local root = package.searchpath("rollout", package.path):match("^(.*)stdlib/")

    for file, expected in pairs {
        ["checkout/checkout.lua"] = "->5 5:10m ->10 10:10m ->25 25:10m ->50 50:10m ->100 100:10m",
        ["measured/measured.lua"] = "->5 5:2m ->10 10:2m ->25 25:2m ->50 50:2m ->100 100:2m",
    } do
        it("run: " .. file, function()
            local policy = dofile(root .. "examples/" .. file)
            local blue = policy.bound.target.value.baseline
            local run = fake.run(function()
                entry.start(policy, { arguments = {} })
            end, account.new { { Type = "forward", TargetGroupArn = blue } })
            assert.is_nil(run.error)
            assert.equal(expected, story(run))
        end)
    end
end)

describe("shipped policies", function()
    it("stop at harm", function()
        for _, name in ipairs { "step_canary", "linear", "blue_green", "flag_ramp" } do
            local world = account.new()
            world.watch = function() return { verdict = "harm", judges = {} } end
            local run = start(name, { { "target", targets["alb-rule"] } }, world)
            assert.equal("harm", run.rollback)
            assert.equal(1, #fake.of(run, "watch"))
        end
    end)

    it("tell their judges how many watches there will be", function()
        local run = start("step_canary", { { "target", targets["alb-rule"] },
            { "steps", "1,5,100" } })
        assert.equal(2, fake.of(run, "watch")[1].judges[1].restarts) -- not at 100 %
        run = start("flag_ramp", { { "target", targets["alb-rule"] }, { "steps", "1,5,20" } })
        assert.equal(3, fake.of(run, "watch")[1].judges[1].restarts)
        run = start("linear", { { "target", targets["alb-rule"] } })
        assert.equal(9, fake.of(run, "watch")[1].judges[1].restarts)
    end)

    it("leave a canary alone for as long as they are told to", function()
        for _, name in ipairs { "step_canary", "linear", "blue_green", "flag_ramp" } do
            local target = { "target", targets["alb-rule"] }
            local run = start(name, { target })
            assert.is_nil(fake.of(run, "watch")[1].settle_in)
            run = start(name, { target, { "settle_in", "2m" } })
            assert.equal(120000, fake.of(run, "watch")[1].settle_in)
            run = start(name, { target, { "settle_in", "0s" } })
            assert.is_nil(fake.of(run, "watch")[1].settle_in)
        end
        local run = start("step_canary", { { "target", targets["alb-rule"] },
            { "settle_in", "5m" } })
        assert.matches("5m leaves nothing of bake %(5m%) to watch", run.error)
        assert.same({}, run.effects)
    end)

    it("judge what they do at 100 %, and say what each watch must be able to see", function()
        for _, name in ipairs { "step_canary", "linear", "blue_green", "flag_ramp" } do
            local watches = fake.of(start(name, { { "target", targets["alb-rule"] } }), "watch")
            local last = watches[#watches]
            assert.equal(100, last.share)
            assert.same({ "threshold", "before" }, { last.judges[1].judge, last.judges[2].judge })
            for _, watch in ipairs(watches) do
                assert.same({ 10.0, 3600000 }, { watch.sees, watch.patience })
            end
        end
    end)

    it("move several targets together", function()
        local run = start("step_canary", { { "target", targets["alb-rule"] },
            { "target", targets["lambda-alias"] }, { "steps", "50" } })
        assert.equal("->50 ->50 50:5m 50:5m ->100 ->100 100:5m 100:5m", story(run))
    end)

    it("switch nothing to a group that is not healthy", function()
        local world = account.new()
        world.healthy = { "unhealthy" }
        local run = start("blue_green", { { "target", targets["alb-rule"] } }, world)
        assert.matches("not healthy after 5m", run.rollback)
        assert.equal("", story(run))
    end)

    it("are refused before anything is touched where they do not fit", function()
        for _, case in ipairs {
            { "step_canary", "steps", "1.25,100" },
            { "linear", "step", "0.05" },
            { "blue_green", "preview", "0.01" },
        } do
            local run = start(case[1], { { "target", targets["alb-rule"] }, { case[2], case[3] } })
            assert.matches('^parameter "' .. case[2] .. '": .* in steps of 0.1 %%$', run.error)
            assert.same({}, run.effects)
        end
    end)

    it("run in a few thousand instructions", function()
        local count, policy = 0, require "policies.step_canary"
        local world, reply = account.new(), nil
        local thread = coroutine.create(function()
            debug.sethook(function() count = count + 1 end, "", 1)
            entry.start(policy, { arguments = { { "target", targets["alb-rule"] } } })
            debug.sethook()
        end)
        package.loaded.effect.perform = coroutine.yield
        repeat
            local _, request = assert(coroutine.resume(thread, reply))
            local respond = request and world[request.operation or request.kind]
            reply = { value = respond and respond(request) or {} }
        until coroutine.status(thread) == "dead"
        assert.is_true(count > 1000 and count < 5500, "instructions: " .. count)
    end)
end)
