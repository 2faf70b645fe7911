-- The shipped policy blue_green: all at once, and the old version stays for a while.

local test = require "test"

local CHECKOUT = "../../examples/checkout/checkout.ndjson"
local ALIAS = "lambda-alias:pay:live,canary=42"

local function simulate(options)
    options.policy, options.recording = "blue_green", CHECKOUT
    options.params = options.params or {}
    options.params.target = ALIAS
    return test.simulate(options)
end

local function watches(run)
    local seen = {}
    for _, record in ipairs(run.records) do
        local request = record.kind == "effect" and record.body.request or {}
        if request.kind == "watch" then
            table.insert(seen, { request.share, request["for"], #request.judges })
        end
    end
    return seen
end

test.case("switches at once, and watches for ten minutes", function()
    local run = simulate { records = true }
    run:promoted():shifted_to(100):lasted { at_least = "10m", at_most = "11m" }
    test.equal(watches(run), { { 100, 600000, 2 } })
end)

test.case("tries a share first where it is given one", function()
    local run = simulate { params = { preview = 10, preview_for = "3m" }, records = true }
    run:promoted():shifted_to(10, 100)
    test.equal(watches(run), { { 10, 180000, 1 }, { 100, 600000, 2 } })
end)

test.case("takes back a version above its limit of errors", function()
    simulate { params = { max_error_rate = 0.0002 } }
        :rolled_back { because = "limit", at = 100 }:is_restored()
end)

test.case("takes back a version that does worse than the old one did before", function()
    simulate { inject = "errors*8" }:rolled_back { because = "before" }:is_restored()
end)

test.case("takes back a bad version at its preview", function()
    simulate { params = { preview = 10 }, inject = "errors*20" }
        :rolled_back { at = 10, within = "5m" }
end)

test.case("keeps watching to the end", function()
    simulate { inject = "errors+20%@8m" }:rolled_back { at = 100, within = "11m" }
end)

test.case("waits until green is healthy, and gives up where it is not", function()
    local A = "arn:aws:elasticloadbalancing:eu-west-1:111122223333:"
    local run = test.simulate { policy = "blue_green", recording = CHECKOUT, params = {
        target = ("alb-rule:%slistener-rule/app/shop/50dc6c495c0c9188/f2f7dc8efc522ab2/"
            .. "9683b2d02a6cabee,baseline=%stargetgroup/blue/73e2d6bc24d8a067,"
            .. "canary=%stargetgroup/green/44b5c0e1f0a8d217"):format(A, A, A) } }
    run:promoted():called("elbv2.describe_target_health")
end)

test.case("heeds an alarm", function()
    simulate { params = { alarms = "pay-5xx" },
        faults = { { "alarm", name = "pay-5xx", from = "4m" } } }
        :rolled_back { because = "pay-5xx" }
end)

test.case("decides nothing without metrics", function()
    simulate { faults = { { "metric provider down", from = "2m" } } }:no_decision():is_restored()
end)

test.case("is taken back wherever its process is killed", function()
    simulate { params = { preview = 10, preview_for = "1m", keep = "1m" }, kill = "everywhere" }
        :promoted():is_restored()
end)
