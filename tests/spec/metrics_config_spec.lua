local modules = require "metrics_modules"

local check = modules.provider.check

local function refused(config)
    return modules.refusal(check, config)
end

local function prometheus(more)
    local provider = { kind = "prometheus", url = "https://prometheus.example.com" }
    for name, value in pairs(more or {}) do
        provider[name] = value
    end
    return { providers = { prom = provider } }
end

local function metric(definition, name)
    local config = prometheus()
    config.metrics = { [name or "errors"] = definition }
    return config
end

describe("metrics.config", function()
    it("has CloudWatch without a word, settled after two periods", function()
        local checked = check {}
        assert.are.same({ kind = "cloudwatch", name = "cloudwatch", period = 60000,
            settle = 120000 }, checked.providers.cloudwatch)
        checked = check { providers = { cloudwatch = { kind = "cloudwatch", period = "5m" } } }
        assert.are.equal(600000, checked.providers.cloudwatch.settle)
    end)

    it("takes a provider with secrets by the names of environment variables", function()
        local checked = check(prometheus { period = "30s", settle = "45s", headers = {
            Authorization = { env = "PROM_TOKEN", prefix = "Bearer " },
            ["X-Scope-OrgID"] = "shop",
        } })
        local prom = checked.providers.prom
        assert.are.same({ 30000, 45000 }, { prom.period, prom.settle })
        assert.are.same({ { "Authorization", { env = "PROM_TOKEN", prefix = "Bearer " } },
            { "X-Scope-OrgID", "shop" } }, prom.headers)
    end)

    it("names the path of what is wrong with a provider", function()
        for message, provider in pairs {
            ["providers.prom.kind: expected cloudwatch or http or prometheus, found \"influx\""] =
                { kind = "influx" },
            ["providers.prom.url: expected an address such as https://"] = { url = "ftp://x" },
            ["providers.prom.url: a name and a password do not belong into an address"] =
                { url = "https://me:secret@example.com" },
            ["providers.prom.url: expected no more than a host and a path"] =
                { url = "https://example.com/?token=secret" },
            ["providers.prom.url: \"{{target}}.example.com\" is no host"] =
                { url = "https://{{target}}.example.com" },
            ["providers.prom: there is no member \"setle\" (did you mean settle?)"] =
                { setle = "1m" },
            ["providers.prom.period: expected a period of 1 ms to 31 days"] = { period = 0 },
            ["providers.prom.settle: expected a duration such as \"1m\", found \"soon\""] =
                { settle = "soon" },
            ["providers.prom.headers.Authorization: a secret does not belong into this file"] =
                { headers = { Authorization = "Bearer abc" } },
            ["providers.prom.headers.X-Token: a secret does not belong into this file"] =
                { headers = { ["X-Token"] = "abc" } },
            ["providers.prom.headers.X-Key.env: expected the name of an environment variable"] =
                { headers = { ["X-Key"] = { env = "not a name, s3cr3t" } } },
            ["providers.prom.headers.Host: this header is not free to choose"] =
                { headers = { Host = "other" } },
            ["providers.prom.url: headers with secrets are only sent to https://"] =
                { url = "http://prometheus.example.com", headers = { A = { env = "TOKEN" } } },
        } do
            local got = refused(prometheus(provider))
            assert.is_truthy(got:find(message, 1, true), got)
            assert.is_nil(got:find("secret@", 1, true) or got:find("s3cr3t", 1, true), got)
        end
        assert.are.equal("providers.cloudwatch: this name is for the kind \"cloudwatch\"",
            refused { providers = { cloudwatch = { kind = "http", url = "https://a.example" } } })
        assert.are.equal("providers: 1 is no name, expected a letter, then letters, digits, '_', "
            .. "'.' or '-'", refused { providers = { "prom" } })
    end)

    it("lets secrets go to this machine without TLS", function()
        for _, url in ipairs { "http://localhost:9090", "http://127.0.0.1:9090", "http://[::1]" } do
            check(prometheus { url = url, headers = { A = { env = "TOKEN" } } })
        end
        assert.is_truthy(refused(prometheus { url = "http://127.0.0.1.example.com",
            headers = { A = { env = "TOKEN" } } }))
    end)

    it("names the path of what is wrong with a metric", function()
        for message, definition in pairs {
            ["metrics.errors.provider: expected one of cloudwatch, prom, found \"prm\""] =
                { provider = "prm" },
            ["metrics.errors: there is no \"query\" for the baseline"] =
                { provider = "prom", canary = "x" },
            ["metrics.errors: there is no member \"querry\" (did you mean query?)"] =
                { provider = "prom", querry = "x" },
            ["metrics.errors: \"errors\" must be the sum of a period, not the average"] =
                { provider = "prom", query = "x", statistic = "average" },
            ["metrics.errors.query: \"{{Arm}}\" is no placeholder"] =
                { provider = "prom", query = "x{arm=\"{{Arm}}\"}" },
            ["metrics.errors: there is no placeholder {{alais}} (did you mean alias?)"] =
                { provider = "prom", query = "x{arm=\"{{alais}}\"}" },
            ["metrics.errors.alb_rule: there is no placeholder {{function}} of alb_rule"] =
                { alb_rule = { provider = "prom", query = "x{arm=\"{{function}}\"}" } },
            ["metrics.errors: there is no placeholder {{from}} (did you mean arm?)"] =
                { provider = "prom", query = "x{arm=\"{{ from }}\"}" },
            ["metrics.errors: cannot be a counter and a rate"] =
                { provider = "prom", query = "x", counter = true, rate = true },
            ["metrics.errors.companion: errors are among the requests"] =
                { provider = "prom", query = "x", companion = "visits" },
            ["metrics.errors.alb_rule.canary: there is no member \"metric\""] =
                { alb_rule = { provider = "prom", query = "x", canary = { metric = "y" } } },
            ["metrics.errors: there is no member \"alb_rul\""] =
                { alb_rul = { provider = "prom", query = "x" }, provider = "prom" },
            ["metrics.errors: several metrics are added up, which needs the stat \"Sum\""] = {
                provider = "cloudwatch", namespace = "N", metric = { "a", "b" }, stat = "Average",
            },
        } do
            local got = refused(metric(definition))
            assert.is_truthy(got:find(message, 1, true), got)
        end
        local http = { providers = { api = { kind = "http", url = "https://api.example.com" } },
            metrics = { load = { provider = "api", path = "series" } } }
        assert.is_truthy(refused(http):find("metrics.load.path: expected a path such as /", 1,
            true))
        http.metrics.load = { provider = "api", path = "/series", times = "t" }
        assert.is_truthy(refused(http):find("\"times\" and \"values\" go together", 1, true))
    end)

    it("tells statistics, companions and how many values a percentile needs", function()
        local function of(name, definition)
            definition.provider, definition.query = "prom", "x"
            return check(metric(definition, name)).metrics[name].any
        end
        local errors = of("errors_4xx", {})
        assert.are.same({ "sum", "requests" }, { errors.statistic, errors.companion })
        assert.are.same({ "p99", 100 },
            { of("latency_p99", {}).statistic, of("latency_p99", {}).at_least })
        assert.are.same({ 2, 10, 20 }, { of("latency_p50", {}).at_least,
            of("latency_p90", {}).at_least, of("latency_p95", {}).at_least })
        assert.are.equal(30, of("latency_p99", { at_least = 30 }).at_least)
        assert.are.equal("sum", of("refunds", { counter = true }).statistic)
        assert.are.equal("average", of("cpu", {}).statistic)
    end)

    it("takes every example of its page", function()
        local file = assert(io.open("docs/metrics.md", "rb"))
        local page, count = file:read("a"), 0
        file:close()
        for block in page:gmatch("```lua\n(.-)```") do
            check(assert(load(block, "docs/metrics.md", "t", {}))())
            count = count + 1
        end
        assert.are.equal(5, count)
    end)

    it("refuses questions that no honest policy asks", function()
        local function asked(target, names, from, to)
            return modules.refusal(modules.provider.plan, check {}, target, names, from, to)
        end
        local start = modules.START
        assert.are.equal("metrics are asked for of a target, found \"x\"",
            asked("x", { "errors" }, start, start))
        assert.are.equal("a target of the type alb_rule needs a text as its \"rule\"",
            asked({ type = "alb_rule", rule = {} }, { "errors" }, start, start + 3600000))
        assert.are.equal("a target of the type lambda_alias needs a text as its \"alias\"",
            asked({ type = "lambda_alias", ["function"] = "f", baseline = "1" }, { "errors" },
                start, start + 3600000))
        assert.are.equal("\"a b\" is no name of a metric",
            asked(modules.rule, { "a b" }, start, start))
        assert.are.equal("true is no name of a metric", asked(modules.rule, { true }, start, start))
        assert.are.equal("metrics from 0.5 to 1: expected two times in milliseconds",
            asked(modules.rule, { "errors" }, 0.5, 1))
        assert.are.equal("no metrics were asked for", asked(modules.rule, {}, start, start))
    end)

    it("says which metrics there are", function()
        assert.are.equal("there is no metric \"latency_p101\" for the target type alb_rule: built "
            .. "in are errors, errors_4xx, healthy_hosts, latency, latency_p99, requests, "
            .. "unhealthy_hosts; write it into `metrics` of tidelock.lua",
            modules.refusal(modules.plan, {}, modules.rule, { "latency_p101" }))
        local config = metric { provider = "prom", query = "x" }
        assert.are.equal("there is no metric \"requests\" for the target type state_machine: "
            .. "configured are errors; write it into `metrics` of tidelock.lua",
            modules.refusal(modules.plan, config, { type = "state_machine" }, { "errors" }))
    end)
end)
