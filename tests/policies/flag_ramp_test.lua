-- The shipped policy flag_ramp: a feature flag, for more and more of the users.

local test = require "test"

local CHECKOUT = "../../examples/checkout/checkout.ndjson"
local FLAG = "appconfig-flag:shop/prod/flags/new-checkout,attribute=percent"

local function simulate(options)
    options.policy, options.recording = "flag_ramp", CHECKOUT
    options.params = options.params or {}
    options.params.target = FLAG
    options.params.hold = options.params.hold or "5m"
    return test.simulate(options)
end

test.case("raises the flag in its six steps where nothing is wrong", function()
    simulate {}:promoted():shifted_to(1, 5, 10, 25, 50, 100):is_restored()
end)

test.case("stays where its steps end", function()
    simulate { params = { steps = { 5, 20 } } }:promoted():shifted_to(5, 20)
end)

test.case("holds each percentage, and looks at it by two judges", function()
    local run = simulate { params = { steps = { 10, 100 }, hold = "4m" }, records = true }
    local seen = {}
    for _, record in ipairs(run.records) do
        local request = record.kind == "effect" and record.body.request or {}
        if request.kind == "watch" then
            table.insert(seen, { request.share, request["for"], request.every, #request.judges })
        end
    end
    test.equal(seen, { { 10, 240000, 60000, 2 }, { 100, 240000, 60000, 2 } })
end)

test.case("takes a bad feature from everybody", function()
    local run = simulate { params = { steps = { 5, 25, 100 } }, inject = "errors*20" }
    run:rolled_back { at = 5 }:is_restored()
end)

test.case("takes back what goes bad later", function()
    local run = simulate { params = { steps = { 5, 25, 100 } }, inject = "errors+10%@11m" }
    run:rolled_back { at = 100 }:is_restored()
end)

test.case("goes by what was before, at 100 %", function()
    simulate { params = { steps = { 100 } }, inject = "errors*8" }
        :rolled_back { because = "before" }
end)

test.case("heeds an alarm", function()
    simulate { params = { alarms = "shop-5xx" },
        faults = { { "alarm", name = "shop-5xx", from = "7m" } } }
        :rolled_back { because = "shop-5xx", at = 1 }
end)

test.case("decides nothing without metrics", function()
    simulate { faults = { { "metrics missing", from = "6m" } } }:no_decision():is_restored()
end)

test.case("is taken back wherever its process is killed", function()
    simulate { params = { steps = { 10, 50 }, hold = "1m" }, kill = "everywhere" }
        :promoted():is_restored()
end)
