-- What the rollout of checkout does, where nothing is wrong and where something is:
--
--     tidelock test examples/checkout

local test = require "test"

local function simulate(options)
    options.policy, options.recording = "checkout.lua", "checkout.ndjson"
    return test.simulate(options)
end

test.case("goes to 100 % in five steps of ten minutes", function()
    simulate {}:promoted():shifted_to(5, 10, 25, 50, 100):lasted { at_most = "51m" }
end)

test.case("takes back a version with twice the errors, in nine of ten rollouts", function()
    local runs = simulate { inject = "errors*2", runs = 1000 }
    runs:share("rolled back"):at_least(0.9)
end)

test.case("takes back a crash before it has a tenth of the traffic", function()
    simulate { inject = "crash@3m" }:no_decision():peak { at_most = 5 }:is_restored()
end)

test.case("survives an answer of AWS that is lost", function()
    simulate { faults = { { "answer lost", call = "elbv2.modify_rule", nth = 2 } } }:promoted()
end)

test.case("leaves the rule as it was, wherever its process is killed", function()
    simulate { inject = "errors*20", kill = "everywhere" }:rolled_back():is_restored()
end)
