-- How the search service is rolled out in two regions; the pipeline says which version, no more.

local rollout = require "rollout"

local function search(name, region)
    return rollout.lambda_alias {
        name = name,
        ["function"] = ("arn:aws:lambda:%s:123456789012:function:search"):format(region),
        alias = "live",
        canary = rollout.given("version", "the version that CI has just published"),
    }
end

return rollout.use(require "two_regions", {
    target = { search("eu", "eu-central-1"), search("us", "us-east-1") },
    alarms = { "search-backlog" },
})
