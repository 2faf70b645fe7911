-- Step Functions in the simulated account, and its aliases as targets there.
local fake = require "fake_effect"
fake.install()
local sim = require "sim_run"
local cases = require "states_cases"
local entry = require "policy_entry"
local rollout = require "rollout"
local tables = require "simulation.tables"

local ALIAS = cases.machine .. ":live"

local function begin(...)
    return sim.begin(cases.target, ...)
end

local function update(run, weights)
    return run:call("states.update_state_machine_alias", cases.routing(weights))
end

local function weights_of(run)
    local weights, alias = {}, run:call("states.describe_state_machine_alias",
        { stateMachineAliasArn = ALIAS })
    for _, item in ipairs(alias.routingConfiguration) do
        weights[item.stateMachineVersionArn:match("[^:]*$")] = item.weight
    end
    return weights
end

describe("simulated Step Functions", function()
    it("begins with all on the version before the canary", function()
        local run = begin()
        assert.same({ ["41"] = 100 }, weights_of(run))
        assert.equal(0, (run.account:share(cases.target, run.now)))
        run = begin(tables.with(cases.target, "canary", "1"))
        assert.same({ ["2"] = 100 }, weights_of(sim.begin(tables.with(cases.target, "canary",
            "1"))))
        assert.equal(3, #run:call("states.list_state_machine_versions",
            { stateMachineArn = cases.machine }).stateMachineVersions)
    end)

    it("is one machine, whether by its name or its ARN", function()
        local named = tables.over(cases.target, { machine = "orders" })
        local run = sim.begin(named, sim.rule_target())
        assert.same({ ["41"] = 100 }, weights_of(run))
        assert.equal(0, (run.account:share(cases.target, run.now)))
    end)

    it("follows a change a little later", function()
        local run = begin()
        assert(update(run, { ["41"] = 93, ["42"] = 7 }))
        assert.same({ ["41"] = 93, ["42"] = 7 }, weights_of(run))
        local percent, until_then = run.account:share(cases.target, run.now)
        assert.equal(0, percent)
        assert.equal(7, (run.account:share(cases.target, until_then)))
    end)

    it("refuses what AWS refuses", function()
        local run = begin()
        local output, refusal = update(run, { ["43"] = 100 })
        assert.same({ nil, "ResourceNotFound" }, { output, refusal.code })
        assert.matches(":43$", refusal.message)
        local none = cases.machine .. ":none"
        for _, operation in ipairs { "describe_state_machine_alias",
            "update_state_machine_alias" } do
            local input = operation:find("^d") and {} or cases.routing { ["41"] = 100 }
            input.stateMachineAliasArn = none
            output, refusal = run:call("states." .. operation, input)
            assert.same({ nil, "ResourceNotFound" }, { output, refusal.code })
        end
    end)

    it("lists machines and versions page by page, the newest first", function()
        local run = sim.begin(cases.target, tables.over(cases.target, { machine = "till",
            canary = "100" }))
        local seen, token = {}, nil
        repeat
            local page = run:call("states.list_state_machines", { maxResults = 1,
                nextToken = token })
            seen[#seen + 1], token = page.stateMachines[1].name, page.nextToken
        until not token
        assert.same({ "orders", "till" }, seen)
        local input = { stateMachineArn = cases.machine:gsub("orders", "till"), maxResults = 1 }
        local page = run:call("states.list_state_machine_versions", input)
        assert.matches(":100$", page.stateMachineVersions[1].stateMachineVersionArn)
        input.nextToken = page.nextToken
        page = run:call("states.list_state_machine_versions", input)
        assert.matches(":99$", page.stateMachineVersions[1].stateMachineVersionArn)
        input.nextToken = "elsewhere"
        assert.equal("InvalidToken", select(2, run:call("states.list_state_machine_versions",
            input)).code)
        assert.same({}, run:call("states.list_state_machine_versions",
            { stateMachineArn = cases.machine .. "s" }).stateMachineVersions)
    end)
end)

-- Every change shows as foretold.
local function carry_out(run, policy, text, given)
    local world = run:world(nil, function(change) assert.is_true(run:shows(change, "after")) end)
    return fake.run(function()
        entry.start(require("policies." .. policy), { arguments = { { "target", text },
            table.unpack(given or {}) } })
    end, world)
end

describe("a simulated alias of a state machine", function()
    for policy, given in pairs {
        step_canary = {}, linear = { { "step", "20" } }, blue_green = {}, flag_ramp = {},
    } do
        it("is moved by " .. policy .. ", and put back", function()
            local run = begin()
            assert.is_nil(carry_out(run, policy, cases.text, given).error)
            assert.equal(100, (run.account:share(cases.target, run.now + 60000)))
            run:undo_all()
            assert.same({ true }, { run:equal() })
            assert.same({ ["41"] = 100 }, weights_of(run))
        end)
    end

    it("is found by the name of its machine", function()
        local run = sim.begin(cases.target, sim.rule_target())
        assert.is_nil(carry_out(run, "blue_green", "state-machine:orders:live,canary=42").error)
        assert.same({ ["42"] = 100 }, weights_of(run))
        local done = carry_out(sim.begin(cases.target), "blue_green",
            "state-machine:none:live,canary=42")
        assert.matches("none:live: there is no state machine none", done.error)
    end)

    it("takes up a rollout that was left half way", function()
        local run = begin()
        update(run, { ["41"] = 70, ["42"] = 30 })
        assert.is_nil(carry_out(run, "step_canary", cases.text, { { "steps", "30,60" } }).error)
        run = begin()
        update(run, { ["42"] = 100 })
        assert.matches("orders:live: already points at version 42: there is nothing to roll out",
            carry_out(run, "blue_green", cases.text).error)
    end)

    it("is not touched where two other versions share it", function()
        local run = sim.begin(cases.target, tables.with(cases.target, "canary", "43"))
        update(run, { ["41"] = 50, ["43"] = 50 })
        local target = tables.with(cases.target, "type", nil)
        local done = fake.run(function() rollout.state_machine(target):shift(5) end, run:world())
        assert.matches("is already shared by two other versions", done.error)
    end)

    it("carries whole percents only", function()
        local done = carry_out(begin(), "linear", cases.text, { { "step", "12.5" } })
        assert.matches("cannot carry 12.5 %%: its weights are in steps of 1 %%", done.error)
    end)

    it("is written by name or ARN, and refused otherwise", function()
        local target = require "target"
        for text, why in pairs {
            ["state-machine:orders,canary=1"] = "expected state%-machine:NAME:ALIAS",
            ["state-machine:orders:7,canary=1"] = "alias: expected the name of an alias",
            ["state-machine:a b:live,canary=1"] = "machine: expected the name or ARN",
            ["state-machine:orders:live,canary=0"] = "canary: expected a published version",
        } do
            local none, problem = target.parse(text)
            assert.is_nil(none)
            assert.matches(why, problem)
        end
        assert.equal("orders:live", target.parse(cases.text).label)
        assert.equal("7", rollout.state_machine { machine = "a", alias = "b", canary = 7 }.value
            .canary)
    end)
end)

describe("metrics of a state machine's alias", function()
    local types = require "targets"
    local of = types.type "state_machine"

    it("know the baseline from the alias, where its ARN is known", function()
        local read = of.lookup(cases.target)
        assert.same({ operation = "states.describe_state_machine_alias",
            input = { stateMachineAliasArn = ALIAS } }, read)
        local answer = begin():call(read.operation, read.input)
        assert.same({ baseline = "41" }, of.known(cases.target, answer))
        assert.is_nil(of.lookup { machine = "orders", alias = "live", canary = "42" })
    end)

    it("are of what a request routes", function()
        local request = { operation = "states.update_state_machine_alias",
            input = cases.routing { ["41"] = 80, ["42"] = 20 } }
        local named = tables.over(cases.target, { machine = "orders" })
        for _, one in ipairs { cases.target, named } do
            assert.equal(20, (types.share(request, { one })))
            request.input = cases.routing { ["41"] = 100 }
            assert.equal(0, (types.share(request, { one })))
            request.input = cases.routing { ["41"] = 80, ["42"] = 20 }
        end
        for _, other in ipairs { { machine = "rders" }, { alias = "beta" },
            { machine = cases.machine:gsub("eu%-west%-1", "us-east-1") } } do
            assert.is_nil(types.share(request, { tables.over(cases.target, other) }))
        end
    end)
end)
