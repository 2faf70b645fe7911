-- The shipped policy take_back: what somebody else deployed is taken back.

local test = require "test"

local CHECKOUT = "../../examples/checkout/checkout.ndjson"

-- Somebody deploys this revision, so long before.
local function deployed(revision, ago)
    return { "codedeploy.create_deployment", ago = ago, input = {
        applicationName = "shop", deploymentGroupName = "checkout",
        deploymentConfigName = "CodeDeployDefault.ECSCanary10Percent5Minutes",
        revision = { revisionType = "AppSpecContent", appSpecContent = { content =
            "TaskDefinition: arn:aws:ecs:us-east-1:123456789012:task-definition/" .. revision } },
    } }
end

local function simulate(...)
    return test.simulate { policy = "take_back", recording = CHECKOUT, account = { ... },
        params = { target = "codedeploy:shop/checkout" } }
end

test.case("stops what is under way, and follows it back", function()
    local run = simulate(deployed("checkout:43", "3m"))
    run:promoted():called("codedeploy.stop_deployment", 1)
    run:called("codedeploy.create_deployment", 0):said("was stopped and rolled back")
end)

test.case("deploys what ran before, where nothing is under way", function()
    local run = simulate(deployed("checkout:39", "3h"), deployed("checkout:43", "1h"))
    run:promoted():called("codedeploy.create_deployment", 1):said("it runs checkout:39")
end)

test.case("touches nothing where there is nothing to take back", function()
    simulate():promoted():called("codedeploy.create_deployment", 0)
        :called("codedeploy.stop_deployment", 0):said("there is nothing to take back")
end)

test.case("is for what CodeDeploy deploys", function()
    test.simulate { policy = "take_back", recording = CHECKOUT }
        :refused('parameter "target" is missing')
    test.simulate { policy = "take_back", recording = CHECKOUT,
        params = { target = "lambda-alias:pay:live,canary=42" } }
        :refused("take_back is for what CodeDeploy deploys")
end)
