local sim = require "sim_run"
local tables = require "simulation.tables"

local alias = { FunctionName = "pay", Name = "live" }

local function update(run, fields)
    return run:call("lambda.update_alias", tables.over(alias, fields))
end

local function weights(version, weight)
    return { AdditionalVersionWeights = { [version] = weight } }
end

local function code(run, fields)
    local _, refusal = update(run, fields)
    return refusal.code, refusal.message
end

describe("a simulated alias", function()
    it("is shown as AWS shows it", function()
        assert.same({
            AliasArn = "arn:aws:lambda:us-east-1:123456789012:function:pay:live",
            Name = "live",
            FunctionVersion = "41",
            Description = "",
            RevisionId = "00000000-0000-4000-8000-000000000000",
        }, sim.begin(sim.alias_target()):call("lambda.get_alias", alias))
    end)

    it("keeps what an update does not mention", function()
        local run = sim.begin(sim.alias_target())
        update(run, { RoutingConfig = weights("42", 0.1), Description = "d" })
        local shown = update(run, {})
        assert.equal("41", shown.FunctionVersion)
        assert.equal("d", shown.Description)
        assert.same(weights("42", 0.1), shown.RoutingConfig)
        assert.is_nil(update(run,
            { RoutingConfig = { AdditionalVersionWeights = {} } }).RoutingConfig)
    end)

    it("shows weights as the floats they are", function()
        local run = sim.begin(sim.alias_target())
        local shown = update(run, { RoutingConfig = weights("42", 1) }).RoutingConfig
        assert.equal("float", math.type(shown.AdditionalVersionWeights["42"]))
    end)

    it("has a new RevisionId after every write, and refuses an old one with 412", function()
        local run = sim.begin(sim.alias_target())
        local first = run:call("lambda.get_alias", alias).RevisionId
        local second = assert(update(run, { RevisionId = first })).RevisionId
        assert.not_equal(first, second)
        assert.equal("PreconditionFailedException", code(run, { RevisionId = first }))
        assert.equal(second, run:call("lambda.get_alias", alias).RevisionId)
    end)

    it("only points at published versions of its function", function()
        local run = sim.begin(sim.alias_target())
        assert.same({ "ResourceNotFoundException",
            "Function not found: arn:aws:lambda:us-east-1:123456789012:function:pay:40" },
            { code(run, { FunctionVersion = "40" }) })
        assert.equal("ResourceNotFoundException", code(run, { RoutingConfig = weights("7", 0.1) }))
        assert.equal("InvalidParameterValueException",
            code(run, { RoutingConfig = weights("41", 0.1) }))
        assert.equal("InvalidParameterValueException",
            code(run, { FunctionVersion = "$LATEST", RoutingConfig = weights("42", 0.1) }))
        assert.equal("ValidationException", code(run,
            { RoutingConfig = { AdditionalVersionWeights = {
            ["41"] = 0.1, ["42"] = 0.1 } } }))
        update(run, { RoutingConfig = weights("42", 0.1) })
        assert.equal("InvalidParameterValueException", code(run, { FunctionVersion = "42" }))
    end)

    it("is not shared by versions of different roles or dead-letter queues", function()
        for _, part in ipairs { { Role = "arn:aws:iam::123456789012:role/other" },
            { DeadLetterConfig = { TargetArn = "arn:aws:sqs:us-east-1:123456789012:dead" } } } do
            local state = sim.begin(sim.alias_target()).origin
            local arn, known = next(state.lambda.functions)
            local versions = tables.with(known.versions, "42", tables.over(known.versions["42"],
                part))
            state = sim.edit(state, "lambda", "functions", arn, tables.with(known, "versions",
                versions))
            local name, message = code(sim.on(state), { RoutingConfig = weights("42", 0.1) })
            assert.equal("InvalidParameterValueException", name)
            assert.matches("same execution role", message)
        end
    end)

    it("that does not exist is not found", function()
        local run = sim.begin(sim.alias_target())
        for _, input in ipairs { { FunctionName = "pay", Name = "dead" },
            { FunctionName = "other", Name = "live" } } do
            local _, refusal = run:call("lambda.get_alias", input)
            assert.equal("ResourceNotFoundException", refusal.code)
            _, refusal = run:call("lambda.update_alias", input)
            assert.equal("ResourceNotFoundException", refusal.code)
        end
    end)

    it("is found by every name of its function", function()
        local run = sim.begin(sim.alias_target { ["function"] = sim.function_arn })
        for _, name in ipairs { "pay", "function:pay", "111122223333:function:pay",
            sim.function_arn } do
            assert.equal("41", run:call("lambda.get_alias", { FunctionName = name, Name = "live" })
                .FunctionVersion)
        end
    end)
end)

describe("the calls of a simulated alias", function()
    local target = sim.alias_target()

    it("follow an update two seconds later", function()
        local run = sim.begin(target)
        local at = run.now
        assert.same({ 0 }, { run.account:share(target, at) })
        update(run, { RoutingConfig = weights("42", 0.07) })
        assert.same({ 0, at + 2000 }, { run.account:share(target, at) })
        assert.same({ 7.0 }, { run.account:share(target, at + 2000) })
    end)

    it("go to the canary wherever it stands", function()
        local run = sim.begin(target)
        update(run, { FunctionVersion = "42", RoutingConfig = weights("41", 0.25) })
        assert.equal(75.0, (run.account:share(target, run.now + 2000)))
        update(run, { RoutingConfig = { AdditionalVersionWeights = {} } })
        assert.equal(100, (run.account:share(target, run.now + 4000)))
    end)
end)

describe("simulated versions", function()
    it("are listed in pages", function()
        local run = sim.begin(sim.alias_target(), sim.alias_target { alias = "beta", canary = "9" })
        local found, marker = {}, nil
        repeat
            local page = assert(run:call("lambda.list_versions_by_function",
                { FunctionName = "pay", MaxItems = 2, Marker = marker }))
            marker = page.NextMarker
            for _, version in ipairs(page.Versions) do
                found[#found + 1] = version.Version
            end
        until not marker
        assert.same({ "$LATEST", "8", "9", "41", "42" }, found)
        local _, refusal = run:call("lambda.list_versions_by_function",
            { FunctionName = "pay", Marker = "7" })
        assert.equal("InvalidParameterValueException", refusal.code)
    end)

    it("have configurations, found by version and by alias", function()
        local run = sim.begin(sim.alias_target())
        local function ask(qualifier)
            return run:call("lambda.get_function_configuration",
                { FunctionName = "pay", Qualifier = qualifier })
        end
        assert.equal("$LATEST", ask().Version)
        assert.equal("arn:aws:lambda:us-east-1:123456789012:function:pay", ask().FunctionArn)
        assert.equal("41", ask("live").Version)
        assert.matches(":function:pay:live$", ask("live").FunctionArn)
        assert.equal("arn:aws:iam::123456789012:role/pay", ask("42").Role)
        assert.not_equal(ask("41").CodeSha256, ask("42").CodeSha256)
        local _, refusal = ask("7")
        assert.equal("ResourceNotFoundException", refusal.code)
    end)
end)
