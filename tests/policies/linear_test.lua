-- The shipped policy linear: the same amount more, again and again.

local test = require "test"

local CHECKOUT = "../../examples/checkout/checkout.ndjson"
local ALIAS = "lambda-alias:pay:live,canary=42"

local function simulate(options)
    options.policy, options.recording = "linear", CHECKOUT
    options.params = options.params or {}
    options.params.target = ALIAS
    return test.simulate(options)
end

test.case("goes up in ten equal steps where nothing is wrong", function()
    local run = simulate {}
    run:promoted():shifted_to(10, 20, 30, 40, 50, 60, 70, 80, 90, 100)
    run:lasted { at_least = "50m", at_most = "51m" }
end)

test.case("ends at 100 %, whatever the step", function()
    simulate { params = { step = 30, bake = "2m" } }:promoted():shifted_to(30, 60, 90, 100)
    simulate { params = { step = 100, bake = "2m" } }:promoted():shifted_to(100)
end)

test.case("watches every share, by one judge below 100 % and by two at it", function()
    local run = simulate { params = { step = 50, bake = "3m" }, records = true }
    local seen = {}
    for _, record in ipairs(run.records) do
        local request = record.kind == "effect" and record.body.request or {}
        if request.kind == "watch" then
            table.insert(seen, { request.share, request["for"], #request.judges })
        end
    end
    test.equal(seen, { { 50, 180000, 1 }, { 100, 180000, 2 } })
end)

test.case("takes back a bad version at its first share", function()
    simulate { inject = "errors*20" }:rolled_back { at = 10, within = "5m" }:is_restored()
end)

test.case("takes back a version that goes bad on the way", function()
    local run = simulate { inject = "errors*20@22m" }
    run:rolled_back { at = 50, within = "27m" }:shifted_to(10, 20, 30, 40, 50):is_restored()
end)

test.case("goes by a limit, and by what was before, at 100 %", function()
    simulate { params = { step = 100, alone = "threshold:above=0.0002" } }
        :rolled_back { because = "limit" }
    simulate { params = { step = 100 }, inject = "errors*8" }:rolled_back { because = "before" }
end)

test.case("heeds an alarm", function()
    simulate { params = { alarms = "pay-5xx" },
        faults = { { "alarm", name = "pay-5xx", from = "12m" } } }
        :rolled_back { because = "pay-5xx", at = 30 }
end)

test.case("decides nothing without metrics", function()
    simulate { faults = { { "metrics missing", from = "3m" } } }:no_decision():is_restored()
end)

test.case("is taken back wherever its process is killed", function()
    simulate { params = { step = 50, bake = "1m" }, kill = "everywhere" }:promoted():is_restored()
end)
