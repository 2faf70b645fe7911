-- A plan from the records of a rehearsal, and what people read of it.
require "sim_modules"
local plan = require "report.plan"
local change_words = require "report.change".words
local text = require "report.plan_text"
local page = require "report.plan_markdown"

local alias = { type = "lambda_alias", ["function"] = "pay", alias = "live", canary = "42" }

local function state(weights, version)
    return { FunctionVersion = version or "41", Description = "",
        AdditionalVersionWeights = weights }
end

local function route(version, weights)
    return { operation = "lambda.update_alias", input = { FunctionName = "pay", Name = "live",
        FunctionVersion = version, RoutingConfig = { AdditionalVersionWeights = weights } } }
end

local function change(id, before, after, request)
    request.kind = "aws"
    return { id = id, branch = 0, identity = "pay:live", request = request, before = before,
        after = after, undo = route("41", {}), settle = 5000,
        observe = { operation = "lambda.get_alias", input = {} } }
end

local judge = { judge = "ratio", name = "errors", psi0 = 1.25, metrics = {
    { events = "errors", trials = "requests", weight = 1.0 } } }

local function watch(id, share)
    return { id = id, branch = 0, request = { kind = "watch", ["for"] = 300000, every = 60000,
        target = alias, share = share, step = share .. " %", judges = { judge }, limits = {},
        decide = false }, harm_at = { "more errors per requests than 1.25 times the baseline's" } }
end

local function records()
    local half, whole = state { ["42"] = 0.5 }, state({}, "42")
    return {
        { 1000, "run", {} },
        { 1000, "begin", { policy = { name = "step", summary = "In steps." }, params = {
            bake = 300000 }, targets = { alias } } },
        { 1100, "effect", change(2, state {}, half, route("41", { ["42"] = 0.5 })) },
        { 1200, "result", { id = 2, outcome = "ok", value = {} } },
        { 1200, "effect", watch(3, 50) },
        { 301200, "result", { id = 3, outcome = "ok", value = {} } },
        { 301200, "effect", { id = 4, branch = 0, request = { kind = "sleep", ["for"] = 15000 } } },
        { 316200, "effect", { id = 5, branch = 0, request = { kind = "sleep", ["for"] = 15000 } } },
        { 331200, "effect", change(6, half, whole, route("42", {})) },
        { 331300, "result", { id = 6, outcome = "ok", value = {} } },
        { 331300, "effect", watch(7, 100) },
        { 331300, "effect", { id = 8, branch = 0, request = { kind = "metric", metric = "errors",
            arm = "canary", target = alias } } },
        { 331300, "effect", { id = 9, branch = 0, request = { kind = "notify", level = "warning",
            message = "almost" } } },
        { 631300, "commit", {} },
    }
end

local function made(list)
    plan.begin()
    for _, record in ipairs(list) do
        plan.add { at = record[1], kind = record[2], body = record[3] }
    end
    return plan.finish()
end

local function document(list)
    local whole = made(list)
    whole.account, whole.region, whole.identity = "123456789012", "eu-west-1", "arn:me"
    whole.sources, whole.policy = { ["step.lua"] = ("ab"):rep(32) }, "step.lua"
    whole.arguments = { { "bake", "5m" }, { "target", "lambda-alias:pay:live,canary=42" } }
    return whole
end

describe("a plan", function()
    it("has the steps of the rehearsal, and the state each resource was found in", function()
        local whole = made(records())
        local kinds = {}
        for i, step in ipairs(whole.steps) do
            kinds[i] = step.kind .. " " .. step.at
        end
        assert.same({ "change 100", "watch 200", "wait 300200", "change 330200", "watch 330300",
            "metric 330300", "notify 330300" }, kinds)
        assert.same({ ["for"] = 30000, times = 2, kind = "wait", at = 300200, branch = 0 },
            whole.steps[3])
        assert.equal(1, #whole.observed)
        local found = whole.observed[1]
        assert.same({ "pay:live", state {} }, { found.identity, found.before })
        assert.equal(630300, whole.length)
    end)

    it("is read by people", function()
        assert.equal([[
step: In steps.
  account    123456789012, eu-west-1
  as         arn:me
  source     step.lua  sha256 abababababababab
  given      bake=5m
  target     pay:live (lambda_alias)
  now        version 41

00:00:00  shift        50 % [##########..........]
                    lambda.update_alias: version 41 -> version 41 50 %,
                    version 42 50 %
                    undo: lambda.update_alias, back to version 41
00:00:00  watch     5m at 50 %, every 1m
                    errors: harm at more errors per requests than 1.25 times the
                    baseline's
00:05:00  wait      about 30s, looking every 15s
00:05:30  shift       100 % [####################]
                    lambda.update_alias: version 41 50 %, version 42 50 % ->
                    version 42
                    undo: back to version 41, in one call with the first change
00:05:30  watch     5m at 100 %, every 1m
00:05:30  metric    errors of the canary
                    what follows depends on what the policy finds; here it found
                    nothing
00:05:30  warning   almost

2 changes of 1 resource, in about 11m. Nothing has been touched.
At the end: pay:live: version 42 (the canary at 100 %).
To carry it out: tidelock run plan.json
]], text.tell(document(records()), { colour = false, file = "plan.json" }))
    end)

    it("is a page in Markdown", function()
        -- A line that begins with a blank goes on the one before.
        assert.equal(([[
### Plan of `step`

`In steps.`

| | |
|---|---|
| account | `123456789012`, `eu-west-1` |
| as | `arn:me` |
| target | `pay:live (lambda_alias)` |
| now | `version 41` |

| at |  | what | undone by |
|---|---|---|---|
| 00:00:00 | shift | **50 %**<br>`lambda.update_alias: version 41 ->
 version 41 50 %, version 42 50 %` |
 `undo: lambda.update_alias, back to version 41` |
| 00:00:00 | watch | 5m at 50 %, every 1m<br>`errors: harm at more errors per
 requests than 1.25 times the baseline's` |  |
| 00:05:00 | wait | about 30s |  |
| 00:05:30 | shift | **100 %**<br>`lambda.update_alias: version 41 50 %,
 version 42 50 % -> version 42` |
 `undo: back to version 41, in one call with the first change` |
| 00:05:30 | watch | 5m at 100 %, every 1m<br>`errors: harm at more errors per
 requests than 1.25 times the baseline's` |  |
| 00:05:30 | metric | `errors of the canary` |  |
| 00:05:30 | notify | `almost` |  |

**2 changes** of 1 resource, in about 11m. Nothing has been touched.

`At the end: pay:live: version 42 (the canary at 100 %).`

]]):gsub("\n ", " "), page.tell(document(records())))
    end)

    it("shows what others wrote as code on that page", function()
        local whole = document(records())
        whole.summary.summary = "``` </td> @all\n# x | [a](b) ::error::"
        assert.truthy(page.tell(whole):find(
            "\n\n```` ``` </td> @all\\x0a# x \\| [a](b) ::error:: ````\n\n", 1, true))
    end)

    it("calls a target by the name that it was given", function()
        alias.name = "checkout"
        local told = text.tell(document(records()), {})
        alias.name = nil
        assert.truthy(told:find("  target     checkout (lambda_alias pay:live)\n", 1, true), told)
        assert.truthy(told:find("At the end: checkout: ", 1, true), told)
    end)

    it("says how it is written down, where it was not", function()
        assert.matches("`tidelock plan %-%-output FILE` seals it",
            text.tell(document(records()), {}))
    end)

    it("ends where a run would be rolled back, and says why", function()
        local list = records()
        list[4] = { 1200, "result", { id = 2, outcome = "rejected", error = { code = "NotFound",
            message = "no version 42" } } }
        list[5] = { 1200, "rollback", { cause = "error", reason = "step.lua:7: it is not there",
            chunk = "step.lua", line = 7 } }
        local whole = document(list)
        assert.equal(1, #whole.steps)
        assert.equal(0, #whole.observed)
        local told = text.tell(whole, {})
        assert.matches("AWS would refuse it: NotFound: no version 42", told, 1, true)
        assert.matches("00:00:00  rollback  error: step.lua:7: it is not there\n", told, 1, true)
        assert.matches("Nothing has been touched.", told, 1, true)
    end)

    it("never moves the reader's cursor", function()
        local list = records()
        list[2][3].policy.summary = "a\27[2Jb"
        list[13][3].request.message = "c\rd"
        local told = text.tell(document(list), { colour = false })
        assert.is_nil(told:find("[\27\r]"))
        assert.matches("a\\x1b[2Jb", told, 1, true)
    end)

    it("is coloured on demand only", function()
        assert.matches("\27[1m2 changes", text.tell(document(records()), { colour = true }), 1,
            true)
    end)
end)

describe("how a resource stands", function()
    local blue, green = "arn:aws:elasticloadbalancing:r:1:targetgroup/blue/1",
        "arn:aws:elasticloadbalancing:r:1:targetgroup/green/2"
    local function forward(...)
        local groups = {}
        for i, pair in ipairs { ... } do
            groups[i] = { TargetGroupArn = pair[1], Weight = pair[2] }
        end
        return { { Type = "forward", ForwardConfig = { TargetGroups = groups } } }
    end

    it("is told by what a change makes of it", function()
        for _, case in ipairs {
            { "elbv2.modify_rule", { Actions = forward { blue, 1 }, Conditions = {} },
                { Actions = forward({ blue, 95 }, { green, 5 }), Conditions = {} },
                "blue 100 %", "blue 95 %, green 5 %" },
            { "elbv2.modify_listener", { Port = 443, DefaultActions = forward { blue, 1 } },
                { Port = 8443, DefaultActions = forward { blue, 1 } }, "Port 443", "Port 8443" },
            { "ecs.update_service", { taskDefinition = "shop:41" }, { taskDefinition = "shop:42" },
                "shop:41", "shop:42" },
            { "ecs.update_service", { desiredCount = 1 }, { desiredCount = 2 }, "desiredCount 1",
                "desiredCount 2" },
            { "appconfig.start_deployment", { ConfigurationVersion = "1" },
                { ConfigurationVersion = "2" }, "version 1", "version 2" },
            { "appconfig.create_hosted_configuration_version",
                { VersionNumber = 0, VersionLabel = "" },
                { VersionNumber = 2, VersionLabel = "v2" },
                "no such version", '"v2", version 2' },
            { "appconfig.create_deployment_strategy", { there = false }, { there = true },
                "not there", "there" },
            { "ssm.put_parameter", {}, { Value = "a", Type = "String" }, "Type none, Value none",
                'Type "String", Value "a"' },
            { "lambda.update_alias", state({}), state({}), "as it is", "as it is" },
            { "lambda.update_alias", state({}), state { ["42"] = 0.1 }, "version 41",
                "version 41 90 %, version 42 10 %" },
            { "nobody.knows", { a = ("x"):rep(80) .. 1 }, { a = ("x"):rep(80) .. 2 },
                "a ..." .. ("x"):rep(20) .. '1"', "a ..." .. ("x"):rep(20) .. '2"' },
            { "elbv2.modify_rule", { Actions = forward({ blue, 50 }, { green, 50 }) },
                { Actions = forward({ blue, 1 }, { green, 1 }) },
                "blue 50 %, green 50 % (Actions[1].ForwardConfig.TargetGroups[1].Weight 50)",
                "blue 50 %, green 50 % (Actions[1].ForwardConfig.TargetGroups[1].Weight 1)" },
        } do
            assert.same({ case[4], case[5] }, { change_words(case[1], case[2], case[3]) })
        end
    end)

    it("differs first somewhere", function()
        assert.equal("FunctionVersion was \"41\" and is \"42\"",
            plan.difference(state {}, state({}, "42")))
        assert.equal("AdditionalVersionWeights.42 was absent and is 0.5",
            plan.difference(state {}, state { ["42"] = 0.5 }))
    end)
end)
