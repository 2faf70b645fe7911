-- The providers that are asked over HTTP: Prometheus, and whatever answers with JSON.

local modules = require "metrics_modules"

local START, MINUTE = modules.START, modules.MINUTE
local provider = modules.provider
local service = { type = "state_machine", cluster = "main", service = "shop" }

local function prometheus(metrics)
    return { metrics = metrics, providers = { prom = { kind = "prometheus",
        url = "http://127.0.0.1:9090/prom/", headers = { Authorization = { env = "TOKEN" } } } } }
end

local counted = prometheus {
    requests = { provider = "prom", counter = true,
        query = 'http_requests_total{app="{{service}}",track="{{arm}}"}' },
    errors = { provider = "prom", counter = true, absent = "zero",
        baseline = 'http_errors_total{v="1"}', canary = 'http_errors_total{v="2"}' },
    latency_p99 = { provider = "prom", query = 'p99{track="{{arm}}"}[{{period}}]', scale = 1000 },
}

local function unescaped(url)
    return (url:gsub("%%(%x%x)", function(hex) return string.char(tonumber(hex, 16)) end))
end

-- A series of Prometheus: readings by minute from START on.
local function series(readings)
    local parts = {}
    for minute = 0, 10 do
        if readings[minute] then
            parts[#parts + 1] = ('[%d,"%s"]'):format(START // 1000 + minute * 60, readings[minute])
        end
    end
    return ('{"metric":{"pod":"x"},"values":[%s]}'):format(table.concat(parts, ","))
end

local function success(list, more)
    return { status = 200, headers = {}, body = ('{"status":"success","data":{"resultType":'
        .. '"matrix","result":[%s]}%s}'):format(table.concat(list, ","), more or "") }
end

-- Answers by parts of the query; an empty one for the rest.
local function answers(plan, by_part)
    local list = {}
    for i, call in ipairs(plan.calls) do
        list[i] = success {}
        for part, answer in pairs(by_part) do
            if unescaped(call.url):find(part, 1, true) then
                list[i] = answer
            end
        end
    end
    return list
end

describe("metrics on Prometheus", function()
    it("asks query_range for each arm, a counter from the reading before on", function()
        local plan = modules.plan(counted, service, { "requests" }, 2)
        assert.are.equal(2, #plan.calls)
        local call = plan.calls[2]
        assert.are.same({ "GET", { { "Authorization", { env = "TOKEN" } } } },
            { call.method, call.headers })
        assert.are.equal("http://127.0.0.1:9090/prom/api/v1/query_range?query="
            .. 'http_requests_total{app="shop",track="canary"}'
            .. "&start=1772442000&end=1772442120&step=60", unescaped(call.url))
        assert.is_nil(call.url:find("[{}\"]"))
        plan = modules.plan(counted, service, { "latency_p99" }, 2)
        assert.are.equal('p99{track="canary"}[60s]&start=1772442060&end=1772442120&step=60',
            unescaped(plan.calls[2].url):match("query=(.*)"))
    end)

    it("lets no value of a target into the language of a query", function()
        local target = { type = "state_machine", service = 'x"} or vector(0) #' }
        assert.are.equal("metrics.requests: {{service}} is \"x\\\"} or vector(0) #\", which cannot "
            .. "stand in a query: expected letters, digits and _.:/@+=,-",
            modules.refusal(modules.plan, counted, target, { "requests" }))
        assert.are.equal("metrics.requests: nothing is known as {{service}} of this target; there "
            .. "are arm, period, type",
            modules.refusal(modules.plan, counted, { type = "state_machine" }, { "requests" }))
    end)

    it("takes increases, over resets, and adds up the instances", function()
        local plan = modules.plan(counted, service, { "errors", "requests" }, 4)
        local got = provider.read(plan, answers(plan, {
            ['track="canary"'] = success { series { [0] = 100, 110, 4, 4, 10 },
                series { [2] = 7, [3] = 9, [4] = 9 } },
            ['track="baseline"'] = success { series { [0] = 1000, 1900 } },
            ['errors_total{v="2"}'] = success { series { [0] = "0", "1", "1", "NaN", "5" } },
        }))
        assert.are.same({ 10, 4, 2, 6 }, modules.column(got, "requests", "canary"))
        assert.are.same({ 1, 0, 0, 0 }, modules.column(got, "errors", "canary"))
        assert.are.same({ 900, "no data", "no data", "no data" },
            modules.column(got, "requests", "baseline"))
        assert.are.same({ 0, "no data", "no data", "no data" },
            modules.column(got, "errors", "baseline"))
    end)

    -- What is misnamed is as absent as what never happened; only the definition can tell.
    it("takes what is absent for zero only where the definition says so", function()
        local function errors_of(absent)
            local checked = prometheus {
                requests = { provider = "prom", query = 'requests{track="{{arm}}"}' },
                errors = { provider = "prom", query = 'erors{track="{{arm}}"}', absent = absent,
                    statistic = "sum" },
            }
            local plan = modules.plan(checked, service, { "errors" }, 3)
            return modules.column(provider.read(plan, answers(plan, {
                ['requests{track="canary"}'] = success { series { "10", "20" } },
                ['requests{track="baseline"}'] = success { series { "10", "20" } },
                ['erors{track="canary"}'] = success { series { "NaN", "null" } },
                ['erors{track="baseline"}'] = success {},
            })), "errors", "canary")
        end
        assert.are.same({ "no data", "no data", "no data" }, errors_of(nil))
        assert.are.same({ 0, 0, "no data" }, errors_of("zero"))
    end)

    it("refuses one series for both arms", function()
        local problem = select(2, pcall(modules.plan, prometheus {
            requests = { provider = "prom", query = 'requests{app="{{service}}"}' },
        }, service, { "requests" }, 3))
        assert.are.equal('metrics.requests: baseline and canary would be one series, prom '
            .. '{"query":"requests{app=\\"shop\\"}"}: write {{arm}} or {{version}} into what is '
            .. "asked for, or baseline = and canary = beside each other", problem.invalid)
    end)

    it("gates percentiles by the requests, and scales them", function()
        local plan = modules.plan(counted, service, { "latency_p99" }, 3)
        local got = provider.read(plan, answers(plan, {
            ["p99{track=\"canary\"}"] = success { series { "0.25", "0.5", "NaN" } },
            ["p99{track=\"baseline\"}"] = success { series { "0.25" } },
            ['app="shop",track="canary"'] = success { series { [0] = 0, 100, 199, 400 } },
        }))
        assert.are.same({ 250.0, "no data", "no data" },
            modules.column(got, "latency_p99", "canary"))
        assert.are.same({ "no data", "no data", "no data" },
            modules.column(got, "latency_p99", "baseline"))
    end)

    it("says why there is no answer, and whether asking again may help", function()
        local plan = modules.plan(counted, service, { "requests" }, 1)
        local function message(answer)
            local got = provider.read(plan, { answer, answer })
            local reading = got.periods[1].metrics.requests.canary
            assert.are.equal("provider error", reading.status)
            return reading.message .. (reading.again and " (again)" or "")
        end
        local refused = '{"status":"error","errorType":"bad_data","error":"parse \\"x\\" failed"}'
        assert.are.equal('127.0.0.1:9090 answered 400: parse "x" failed',
            message { status = 400, body = refused })
        assert.are.equal("the answer: $: Prometheus answered with an error: parse \"x\" failed",
            message { status = 200, body = refused })
        assert.are.equal("127.0.0.1:9090 answered 503 (again)",
            message { status = 503, body = "<html>" })
        assert.are.equal("127.0.0.1:9090 answered 401", message { status = 401, body = "" })
        assert.are.equal("127.0.0.1:9090 did not answer: reset by peer (again)",
            message { lost = true, message = "reset by peer" })
        assert.is_truthy(message { status = 200, body = "<html>" }:find("this is no JSON", 1, true))
        assert.are.equal("Prometheus warns: a store did not answer",
            message(success({}, ',"warnings":["a store did not answer"]')))
    end)

    it("has no answer in two series of what cannot be added up", function()
        local plan = modules.plan(counted, service, { "latency_p99" }, 1)
        local two = success { series { "1" }, series { "2" } }
        local got = provider.read(plan, { two, two, success {}, success {} })
        assert.are.equal("2 series, of which no one value of the p99 can be made: the query must "
            .. "give one", got.periods[1].metrics.latency_p99.canary.message)
    end)

    it("takes remarks on the query for no fault", function()
        local plan = modules.plan(counted, service, { "requests" }, 1)
        local fine = success({ series { [0] = 1, 3 } },
            ',"warnings":["PromQL info: metric might not be a counter"]')
        local got = provider.read(plan, { fine, fine })
        assert.are.same({ 2 }, modules.column(got, "requests", "canary"))
    end)

    it("multiplies rates by the period, and asks long times in parts", function()
        local config = prometheus { requests = { provider = "prom", rate = true,
            query = "r{{arm}}" } }
        local plan = modules.plan(config, service, { "requests" }, 10001)
        assert.are.equal(4, #plan.calls)
        local got = provider.read(plan, answers(plan, {
            ["rcanary&start=1772442060"] = success { series { [1] = "1.5" } },
        }))
        assert.are.equal(90.0, got.periods[1].metrics.requests.canary.value)
        assert.are.equal("no data", got.periods[10001].metrics.requests.canary.status)
    end)
end)

local function api(metric)
    metric.provider = "api"
    return { providers = { api = { kind = "http", url = "https://api.example.com/v1" } },
        metrics = { load = metric } }
end

local function column_of(metric, body, count)
    local plan = modules.plan(api(metric), service, { "load" }, count or 2)
    local answer = { status = 200, headers = {}, body = body }
    return modules.column(provider.read(plan, { answer, answer }), "load", "canary"), plan
end

describe("metrics from JSON over HTTP", function()
    it("fills the address and encodes what is put into it", function()
        local config = api { path = "/q/{{service}}?a={{arm}}&from={{from}}&to={{to_iso}}"
            .. "&ms={{to_ms}}&step={{period}}" }
        local target = { type = "state_machine", service = "a b/../&x" }
        local plan = modules.plan(config, target, { "load" })
        assert.are.equal("https://api.example.com/v1/q/a%20b%2F..%2F%26x?a=canary&from=1772442000"
            .. "&to=2026-03-02T09%3A02%3A00Z&ms=1772442120000&step=60", plan.calls[2].url)
    end)

    it("finds points by a place in the document, once for both arms", function()
        local got, plan = column_of({ path = "/x", points = "series.{{arm}}.points" },
            ([[{"series":{"baseline":{"points":[]},"canary":{"points":[{"time":%d,"value":"3.5"},
                {"time":"2026-03-02T09:01:00Z","value":null}]}}}]]):format(START))
        assert.are.same({ 3.5, "no data" }, got)
        assert.are.equal(1, #plan.calls)
    end)

    it("reads pairs, and columns whose times are the ends of periods", function()
        assert.are.same({ 1, 2 }, (column_of({ path = "/x?{{arm}}", time = "0", value = "1.n" },
            ("[[%d,{\"n\":1}],[%d,{\"n\":2}]]"):format(START, START + MINUTE))))
        assert.are.same({ 4, "no data" }, (column_of({ path = "/x?{{arm}}", times = "d.t",
            values = "d.v", times_are = "end" },
            ('{"d":{"t":[%d],"v":[4]}}'):format(START + MINUTE))))
    end)

    it("says what it does not find", function()
        local function message(metric, body)
            local plan = modules.plan(api(metric), service, { "load" })
            local answer = { status = 200, body = body }
            local got = provider.read(plan, { answer, answer })
            return got.periods[1].metrics.load.canary.message
        end
        assert.are.equal('the answer: there is no "data" in an object',
            message({ path = "/x?{{arm}}", points = "data.0" }, '{"date":[]}'))
        assert.are.equal('the answer: x.0: there is no "value" in an object',
            message({ path = "/x?{{arm}}", points = "x" }, ('{"x":[{"time":%d}]}'):format(START)))
        assert.are.equal("the answer: 1 times but 0 values",
            message({ path = "/x?{{arm}}", times = "t", values = "v" }, '{"t":[1],"v":[]}'))
        assert.are.equal("2026-03-02T09:00:07Z is not the start of a period of 1m",
            message({ path = "/x?{{arm}}" }, ('[{"time":%d,"value":1}]'):format(START + 7000)))
        assert.is_truthy(message({ path = "/x?{{arm}}" },
            ('[{"time":%d,"value":{}}]'):format(START)):find("expected a number", 1, true))
    end)
end)
