-- Counts per threshold: what is asked of each provider, what is made of its answers, what they are
-- called in a recording, and what a baseline's requests took in the hour before.

require "sim_modules"
local modules = require "metrics_modules"
local fake_tasks = require "fake_tasks"

local START, MINUTE = modules.START, modules.MINUTE
local provider = modules.provider
local histogram = require "metrics.histogram"
local recorder = require "metrics.record"
local run = require "metrics.run"
local cjson = require "cjson"

local PAIR = "latency_within_250-275ms"

local function prometheus(definition)
    definition.provider = "prom"
    return {
        providers = { prom = { kind = "prometheus", url = "http://127.0.0.1:9" } },
        metrics = { latency = definition },
    }
end

local CLASSIC = prometheus { histogram = "classic", scale = 1000,
    query = 'shop_seconds_bucket{track="{{arm}}"}' }
local NATIVE = prometheus { histogram = "native", scale = 1000,
    query = 'shop_seconds{track="{{arm}}"}' }

local function unescape(url)
    return (url:gsub("%%(%x%x)", function(hex)
        return string.char(tonumber(hex, 16))
    end))
end

-- The stats that CloudWatch is asked for, by the last dimension.
local function stats_of(plan)
    local found = {}
    for _, query in ipairs(plan.calls[1].input.MetricDataQueries) do
        local dimensions = query.MetricStat.Metric.Dimensions
        local last = dimensions[#dimensions].Value:match "([^/]+)/[^/]+$"
            or dimensions[1].Value
        found[last] = found[last] or {}
        table.insert(found[last], query.MetricStat.Stat)
    end
    return found
end

-- An answer of Prometheus: for each bound the readings, one a minute from START on.
local function buckets(readings)
    local result = {}
    for le, values in pairs(readings) do
        for pod, list in pairs(values) do
            local pairs_ = {}
            for i, value in ipairs(list) do
                pairs_[i] = { (START + (i - 1) * MINUTE) // 1000, tostring(value) }
            end
            result[#result + 1] = {
                metric = { __name__ = "shop_seconds_bucket", le = le, pod = pod },
                values = pairs_,
            }
        end
    end
    return { status = 200, body = cjson.encode {
        status = "success", data = { resultType = "matrix", result = result } } }
end

describe("names of counts per threshold", function()
    it("say where each arm is cut", function()
        assert.same({ family = "latency", baseline = 250, canary = 275 }, histogram.parse(PAIR))
        assert.same({ family = "wait", baseline = 0.5, canary = 0.5 },
            histogram.parse "wait_within_0.5ms")
        assert.same({ family = "latency", count = true }, histogram.parse "latency_count")
        assert.same({ family = "latency", percentile = "p99.5" }, histogram.parse "latency_p99.5")
        for _, name in ipairs { "latency", "_within_5ms", "latency_within_ms", "latency_px",
            "latency_within_1-2-3ms", "latency_within_.ms", "latency_within_5.ms" } do
            assert.is_nil(histogram.parse(name), name)
        end
    end)

    it("are those of the arm in a recording", function()
        assert.equal("latency_within_250ms", histogram.recorded(PAIR, "baseline"))
        assert.equal("latency_within_275ms", histogram.recorded(PAIR, "canary"))
        assert.equal("errors", histogram.recorded("errors", "canary"))
    end)
end)

describe("latencies of CloudWatch", function()
    it("are counted at each arm's threshold, in the metric's unit", function()
        local plan = modules.plan({}, modules.rule, { "latency_count", PAIR })
        assert.same({ blue = { "SampleCount", "TC(:0.25)" }, green = { "SampleCount",
            "TC(:0.275)" } }, stats_of(plan))
        local alias = modules.plan({}, modules.alias, { PAIR })
        assert.same({ ["8"] = { "TC(:275)", "SampleCount" }, ["7"] = { "TC(:250)",
            "SampleCount" } }, stats_of(alias))
    end)

    it("are counts, zero where there were requests", function()
        local plan = modules.plan({}, modules.rule, { PAIR }, 2)
        local results = {}
        for _, query in ipairs(plan.calls[1].input.MetricDataQueries) do
            local sampled = query.MetricStat.Stat == "SampleCount"
            results[#results + 1] = { Id = query.Id, StatusCode = "Complete",
                Timestamps = sampled and { START } or {}, Values = sampled and { 40.0 } or {} }
        end
        local got = provider.read(plan, { { outcome = "ok",
            value = { MetricDataResults = results } } })
        assert.same({ 0, "no data" }, modules.column(got, PAIR, "canary"))
        assert.same({ 40.0, "no data" }, modules.column(got, "latency_count", "canary"))
    end)

    it("follow from what is configured", function()
        local config = { metrics = { wait = { provider = "cloudwatch", namespace = "Shop",
            metric = "Wait", stat = "Average", dimensions = { Track = "{{arm}}" },
            scale = 0.001 } } }
        local plan = modules.plan(config, { type = "state_machine", cluster = "c", service = "s" },
            { "wait_within_2ms" })
        assert.same({ baseline = { "TC(:2000)", "SampleCount" }, canary = { "TC(:2000)",
            "SampleCount" } }, stats_of(plan))
    end)

    it("follow from what is configured before what is built in", function()
        local config = prometheus { histogram = "native",
            query = 'shop_seconds{track="{{arm}}"}' }
        for _, name in ipairs { "latency_p25", "latency_count", "latency_within_5ms" } do
            local plan = modules.plan(config, modules.alias, { name })
            local asked = {}
            for _, call in ipairs(plan.calls) do
                asked[call.provider or call.operation] = true
            end
            assert.is_true(asked.prom, name)
        end
        config = prometheus { query = "mean_latency" } -- no histogram: nothing follows from it
        assert.equal("cloudwatch.get_metric_data",
            modules.plan(config, modules.alias, { "latency_p25" }).calls[1].operation)
    end)

    it("are not made of what counts already", function()
        assert.matches("there is no metric \"requests_within_5ms\"",
            modules.refusal(modules.plan, {}, modules.rule, { "requests_within_5ms" }))
    end)
end)

describe("latencies of Prometheus", function()
    local target = { type = "state_machine", cluster = "c", service = "s" }

    it("come as buckets in one answer for each arm", function()
        local plan = modules.plan(CLASSIC, target, { "latency_count", PAIR,
            "latency_within_500-500ms" }, 2)
        assert.equal(2, #plan.calls)
        assert.is_truthy(unescape(plan.calls[1].url):find(
            'query=shop_seconds_bucket{track="baseline"}&start=', 1, true))
        local answer = {
            ["0.25"] = { a = { 10, 14, 20 }, b = { 5, 5, 7 } },
            ["0.275"] = { a = { 12, 17, 24 }, b = { 5, 6, 9 } },
            ["0.5"] = { a = { 12, 18, 26 }, b = { 5, 6, 9 } },
            ["+Inf"] = { a = { 12, 20, 30 }, b = { 6, 9, 13 } },
        }
        local got = provider.read(plan, { buckets(answer), buckets(answer) })
        assert.same({ 4, 8 }, modules.column(got, PAIR, "baseline"))
        assert.same({ 6, 10 }, modules.column(got, PAIR, "canary"))
        assert.same({ 7, 11 }, modules.column(got, "latency_within_500-500ms", "canary"))
        assert.same({ 11, 14 }, modules.column(got, "latency_count", "canary"))
    end)

    it("have no other bounds than they have", function()
        local plan = modules.plan(CLASSIC, target, { PAIR }, 1)
        local got = provider.read(plan, { buckets { ["0.1"] = { a = { 1, 2 } },
            ["+Inf"] = { a = { 1, 3 } } }, buckets {} })
        local reading = got.periods[1].metrics[PAIR].baseline
        assert.equal("provider error", reading.status)
        assert.matches('there is no bucket with le="0.25", only', reading.message)
        assert.equal("no data", got.periods[1].metrics[PAIR].canary.status)
    end)

    it("are cut anywhere where the histogram is native", function()
        local plan = modules.plan(NATIVE, target, { "latency_count", PAIR }, 1)
        local asked = {}
        for i, call in ipairs(plan.calls) do
            asked[i] = unescape(call.url):match "query=(.-)&start"
        end
        table.sort(asked)
        local canary = 'sum(increase(shop_seconds{track="canary"}[60s]))'
        local baseline = 'sum(increase(shop_seconds{track="baseline"}[60s]))'
        assert.same({
            ("histogram_count(%s)"):format(baseline), ("histogram_count(%s)"):format(canary),
            ("histogram_fraction(-Inf, 0.25, %s) * histogram_count(%s)"):format(baseline, baseline),
            ("histogram_fraction(-Inf, 0.275, %s) * histogram_count(%s)"):format(canary, canary),
        }, asked)
    end)

    it("have percentiles, too, and no value of their own", function()
        local plan = modules.plan(CLASSIC, target, { "latency_p99" }, 1)
        assert.is_truthy(unescape(plan.calls[1].url):find("histogram_quantile(0.99, sum by (le) "
            .. '(increase(shop_seconds_bucket{track="baseline"}[60s])))', 1, true))
        assert.matches("latency is a histogram, and no one value",
            modules.refusal(modules.plan, CLASSIC, target, { "latency" }))
        assert.matches("the query is the series alone", modules.refusal(provider.check,
            prometheus { histogram = "native", query = "sum(shop_seconds)" }))
        assert.matches("neither a counter nor a rate", modules.refusal(provider.check,
            prometheus { histogram = "native", query = "shop_seconds", counter = true }))
    end)
end)

describe("latencies configured threshold by threshold", function()
    it("answer for both arms, each by its own", function()
        local function metric(name)
            return { provider = "api", path = "/" .. name .. "/{{arm}}", points = "", time = "t",
                value = "v" }
        end
        local config = {
            providers = { api = { kind = "http", url = "http://127.0.0.1:9" } },
            metrics = { latency_count = metric "all", latency_within_250ms = metric "a",
                latency_within_275ms = metric "b" },
        }
        local plan = modules.plan(config, modules.rule, { PAIR }, 1)
        local urls = {}
        for i, call in ipairs(plan.calls) do
            urls[i] = call.url:match "9(/.*)"
        end
        table.sort(urls)
        assert.same({ "/a/baseline", "/all/baseline", "/all/canary", "/b/canary" }, urls)
    end)
end)

describe("the hour before", function()
    local target = { type = "state_machine", cluster = "c", service = "s" }

    local function distribution(config, asked, answers, family)
        local one = run.new(config)
        local driver = fake_tasks.new(answers)
        return driver:run(one.distribution, one, { kind = "distribution", target = asked,
            metric = family or "latency", from = START, to = START + 10 * MINUTE },
            START + 10 * MINUTE), driver
    end

    it("is asked of CloudWatch by percentiles, of an alias as a whole", function()
        local function call(request)
            local results = {}
            for _, query in ipairs(request.input.MetricDataQueries) do
                local stat, values, stamps = query.MetricStat.Stat, {}, {}
                local percent = tonumber(stat:match "^p(.*)$")
                for i = 1, percent == 99.5 and 0 or 3 do
                    stamps[i] = START + i * MINUTE
                    values[i] = percent and percent * i or 1000.0
                end
                results[#results + 1] = { Id = query.Id, StatusCode = "Complete",
                    Timestamps = stamps, Values = values }
            end
            return { outcome = "ok", value = { MetricDataResults = results } }
        end
        local seen, driver = distribution({}, modules.alias, { call = call })
        assert.same({ 50, 100, 150, 180, 190, 198 }, seen.bounds)
        assert.equal(3, seen.periods)
        assert.is_nil(seen.canary_bounds)
        assert.same({ 750, 750, 750, 450, 150, 120, 30 }, (function()
            local whole = {}
            for i, count in ipairs(seen.counts) do
                whole[i] = math.floor(count + 0.5)
            end
            return whole
        end)())
        for _, query in ipairs(driver:all("call")[1].input.MetricDataQueries) do
            assert.same({ "FunctionName", "Resource" }, {
                query.MetricStat.Metric.Dimensions[1].Name,
                query.MetricStat.Metric.Dimensions[2].Name })
            assert.is_nil(query.MetricStat.Metric.Dimensions[3])
        end
    end)

    it("is what classic buckets have, at their bounds", function()
        local seen = distribution(CLASSIC, target, { send = function(request)
            return request.url:find "baseline" and buckets {
                ["0.1"] = { a = { 0, 4, 10 }, b = { 1, 1, 1 } },
                ["0.5"] = { a = { 0, 6, 16 }, b = { 1, 2, 3 } },
                ["+Inf"] = { a = { 0, 6, 18 }, b = { 1, 2, 4 } },
            } or buckets {}
        end })
        assert.same({ bounds = { 100, 500 }, canary_bounds = { 100, 500 }, counts = { 10, 8, 3 },
            periods = 2 }, seen)
    end)

    it("is refused where nobody answers, or nothing is known", function()
        local ok, raised = pcall(distribution, CLASSIC, target, { send = function()
            return { status = 503, body = "" }
        end })
        assert.is_false(ok)
        assert.matches("answered 503", raised.unanswered)
        ok, raised = pcall(distribution, {}, target, {})
        assert.is_false(ok)
        assert.matches('neither counts per threshold of "latency" nor percentiles', raised.invalid)
    end)

    it("has names of percentiles where there is nothing else", function()
        local config = prometheus { query = "mean" }
        config.metrics = { latency_p50 = { provider = "prom", query = "p50" },
            latency_p99 = { provider = "prom", query = "p99" } }
        assert.same({ percentiles = { "latency_p50", "latency_p99" } },
            (distribution(config, target, {})))
    end)
end)

describe("a recording of latencies", function()
    it("has each arm's counts by its own threshold", function()
        local plan = modules.plan({}, modules.rule, { "latency_count", PAIR }, 1)
        local book = recorder.new()
        recorder.add(book, { plan = plan, read = { periods = { { at = START, metrics = {
            latency_count = { baseline = { status = "value", value = 90.0 },
                canary = { status = "value", value = 10.0 } },
            [PAIR] = { baseline = { status = "value", value = 60.0 },
                canary = { status = "value", value = 7.0 } },
        } } } } })
        local text = recorder.finish(book, {}).recording
        for _, series in ipairs { '"arm":"baseline","id":%d,"metric":"latency_within_250ms"',
            '"arm":"canary","id":%d,"metric":"latency_within_275ms"',
            '"arm":"canary","id":%d,"metric":"latency_count"' } do
            assert.is_truthy(text:find((series:gsub("%%d", "%%d+"))), series)
        end
        assert.is_nil(text:find("companion", 1, true))
    end)
end)
