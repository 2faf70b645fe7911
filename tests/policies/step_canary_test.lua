-- The shipped policy step_canary: what it does where nothing is wrong, and where something is.

local test = require "test"

local CHECKOUT = "../../examples/checkout/checkout.ndjson"
local ALIAS = "lambda-alias:pay:live,canary=42"

local function simulate(options)
    options.policy, options.recording = "step_canary", CHECKOUT
    options.params = options.params or {}
    options.params.target = ALIAS
    return test.simulate(options)
end

test.case("goes up in its five steps where nothing is wrong", function()
    local run = simulate {}
    run:promoted():shifted_to(5, 10, 25, 50, 100):called("lambda.update_alias", 5)
    run:lasted { at_least = "25m", at_most = "26m" }:is_restored()
end)

test.case("watches each step, by one judge below 100 % and by two at it", function()
    local run = simulate { records = true }
    run:verdicts("undecided", "undecided", "safe", "safe", "undecided")
    local judges = {}
    for _, record in ipairs(run.records) do
        if record.kind == "effect" and record.body.request.kind == "watch" then
            table.insert(judges, #record.body.request.judges)
            test.equal(record.body.request["for"], test.ms "5m")
            test.equal(record.body.request.every, test.ms "1m")
        end
    end
    test.equal(judges, { 1, 1, 1, 1, 2 })
end)

test.case("goes on to 100 % where its steps end below", function()
    simulate { params = { steps = { 10, 50 } } }:promoted():shifted_to(10, 50, 100)
end)

test.case("takes back a bad version at its first step", function()
    local run = simulate { inject = "errors*20" }
    run:rolled_back { because = "errors", within = "5m", at = 5 }:shifted_to(5):is_restored()
end)

test.case("takes back a version that goes bad at 100 %", function()
    local run = simulate { inject = "errors+10%@21m" }
    run:rolled_back { at = 100, within = "25m" }:is_restored()
end)

test.case("goes by what one version did before, at 100 %", function()
    simulate { inject = "errors*8@21m" }:rolled_back { because = "before" }
end)

test.case("rolls a bad version back nearly always, and a good one hardly ever", function()
    simulate { inject = "errors*20", runs = 2000 }:share("rolled back"):at_least(0.99)
    simulate { runs = 2000 }:share("rolled back"):at_most(0.03)
end)

test.case("heeds an alarm", function()
    local run = simulate { params = { alarms = "pay-5xx" },
        faults = { { "alarm", name = "pay-5xx", from = "7m" } } }
    run:rolled_back { because = "pay-5xx", at = 10 }:is_restored()
end)

test.case("does not wait for ever for an alarm that nobody tells of", function()
    local run = simulate { params = { alarms = "pay-5xx" },
        faults = { { "alarms unanswered", from = "7m" } } }
    run:no_decision():peak { at_most = 25 }:is_restored()
end)

test.case("decides nothing without metrics", function()
    for _, fault in ipairs { "metrics missing", "metrics NaN", "metric provider down" } do
        local run = simulate { faults = { { fault, from = "6m" } } }
        run:no_decision():peak { at_most = 10 }:is_restored()
    end
end)

test.case("waits for metrics that are late", function()
    simulate { faults = { { "metrics late", by = "3m" } } }:promoted():lasted { at_least = "26m" }
end)

test.case("leaves the account as it was, whatever becomes of a call", function()
    for _, fault in ipairs { "unreachable", "broken", "throttled", "credentials expired",
        "request lost", "refused", "effect late" } do
        for nth = 1, 2 do
            local run = simulate { faults = { { fault, call = "lambda.update_alias", nth = nth } } }
            run:policy_failed():is_restored()
        end
    end
end)

test.case("goes on where only an answer was lost, or late", function()
    for _, fault in ipairs { "answer lost", "answer late" } do
        simulate { faults = { { fault, call = "lambda.update_alias", nth = 2 } } }:promoted()
    end
end)

test.case("does as people ask", function()
    simulate { hands = { { "abort", at = "12m", by = "ann" } } }
        :aborted():said("ann asked for it"):is_restored()
    simulate { hands = { { "pause", at = "1m" }, { "resume", at = "31m" } } }
        :promoted():lasted { at_least = "50m" }
    simulate { hands = { { "promote --full", at = "6m" } } }:promoted():lasted { at_most = "7m" }
end)

test.case("overwrites nobody", function()
    local run = simulate { faults = { { "somebody else", at = "7m",
        operation = "lambda.update_alias",
        input = { FunctionName = "pay", Name = "live",
            RoutingConfig = { AdditionalVersionWeights = { ["42"] = 0.4 } } } } } }
    run:exits(14):called("lambda.update_alias", 2)
end)

test.case("is taken back wherever its process is killed", function()
    local run = simulate { params = { steps = { 10, 100 }, bake = "2m" }, kill = "everywhere" }
    run:promoted():is_restored()
    test.check(run.points.tried > 100, "it was killed at hardly any point")
end)

test.case("asks for what it needs", function()
    test.simulate { policy = "step_canary", recording = CHECKOUT }
        :refused('parameter "target" is missing')
    simulate { params = { steps = { 50, 10 } } }:refused("percentages must rise")
end)
