local modules = require "import_modules"

local function answer(result)
    return {{"requests.json",
        '{"status":"success","data":{"resultType":"matrix","result":[' .. result .. "]}}"}}
end

local function series(values, labels)
    return ('{"metric":{%s},"values":[%s]}'):format(labels or "", values)
end

local function refused(text, options)
    local inputs = type(text) == "table" and text or {{"requests.json", text}}
    return modules.refusal("prometheus", inputs, options)
end

describe("import prometheus", function()
    local files = {
        "prometheus_requests.json", "prometheus_errors.json", "prometheus_latency_p99.json",
    }

    it("reads counters with resets and gaps, values that are no number, and no series at all",
        function()
            local result = modules.run("prometheus", files, {
                series = {
                    'http_requests_total{version="v1"}=requests', "prometheus_errors=errors",
                    "prometheus_latency_p99=latency_p99",
                },
                counters = {"requests", "errors"}, units = {"latency_p99=s"},
            })
            assert.are.same({
                "prometheus_errors.json: $.warnings[0]: PromQL warning: results may be incomplete",
                '1 series left out: prometheus_requests.json http_requests_total{job="shop",'
                    .. 'version="v2"}',
                'requests (service) from "http_requests_total{version="v1"}": 4 points, '
                    .. "2026-03-02T09:00:00Z to 2026-03-02T09:04:00Z, sum of every 1m",
                "  1 value without a number left out (NaN 1)",
                "  1 counter reset: counted from zero again",
                "  2 increases across gaps left out: nobody knows to which period they belong",
                'errors (service) from "prometheus_errors": 0 points, sum of every 1m',
                'latency_p99 (service) from "prometheus_latency_p99": 2 points, '
                    .. "2026-03-02T09:00:00Z to 2026-03-02T09:04:00Z, p99 of every 1m",
                "  2 values without a number left out (+Inf 1, NaN 1)",
                "  multiplied by 1000 to milliseconds",
                "  2 of 4 periods without a point (no data)",
            }, result.report)
            assert.are.equal(modules.fixture "expected_prometheus.ndjson", result.recording)
        end)

    it("calls a sum, which has no labels, what its file is called", function()
        local sum = {{"hits.json", answer(series('[1772442060,"30"],[1772442120,"60"]'))[1][2]}}
        local report = modules.run("prometheus", sum).report
        assert.are.equal("nothing is called requests, by which errors are divided: if hits is, say "
            .. "--series hits=requests", report[1])
        assert.is_truthy(refused(sum, {series = {"sum(increase(x[1m]))=requests"}}):find(
            'there is no series "sum(increase(x[1m]))"; there are hits', 1, true))
    end)

    it("notices a counter that nobody called one", function()
        local function report(numbers, options)
            local values = {}
            for i, number in ipairs(numbers) do
                values[i] = ('[%d,"%s"]'):format(1772442000 + 60 * i, number)
            end
            local result = modules.run("prometheus", answer(series(table.concat(values, ","))),
                options)
            return table.concat(result.report, "\n")
        end
        local growing = { 100, 130, 130, 170, 5, 20, 60, 90, 100, 140 }
        local hint = "looks like a counter, which is no count of a period: add --counter requests"
        assert.is_truthy(report(growing):find(hint, 1, true), report(growing))
        assert.is_nil(report(growing, { counters = { "requests" } }):find("looks like", 1, true))
        assert.is_nil(report({ 100, 130, 120, 170, 150, 20, 60, 90, 80, 140 })
            :find("looks like", 1, true))
        assert.is_nil(report({ 9, 9, 9, 9, 9, 9, 9, 9, 9, 9 }):find("looks like", 1, true))
    end)

    it("names the period by its start, whatever the kind of value", function()
        local values = '[1772442060,"30"],[1772442120,"60"]'
        local gauge = modules.run("prometheus", answer(series(values)))
        local rate = modules.run("prometheus", answer(series(values)), {rates = {"requests"}})
        local counter = modules.run("prometheus", answer(series(values)), {counters = {"requests"}})
        assert.are.same({{1, 1772442000000, 30}, {1, 1772442060000, 60}},
            modules.points(gauge.recording))
        assert.are.same({{1, 1772442000000, 1800}, {1, 1772442060000, 3600}},
            modules.points(rate.recording))
        assert.are.same({{1, 1772442060000, 30}}, modules.points(counter.recording))
    end)

    it("takes exactly the reading after a reset as the increase", function()
        local result = modules.run("prometheus", answer(series(
            '[60,"90"],[120,"100"],[180,"4"],[240,"4"],[300,"3"]')), {counters = {"requests"}})
        assert.are.same({{1, 60000, 10}, {1, 120000, 4}, {1, 180000, 0}, {1, 240000, 3}},
            modules.points(result.recording))
    end)

    it("finds series by labels, and says which there are", function()
        local two = answer(series('[60,"1"],[120,"2"]', '"__name__":"n","pod":"a"') .. ","
            .. series('[60,"3"],[120,"5"]', '"__name__":"n","pod":"b"'))
        local result = modules.run("prometheus", two,
            {series = {'{pod="b"}=requests:canary', 'n{pod="a"}=requests:baseline'}})
        assert.are.same({{1, 0, 3}, {2, 0, 1}, {1, 60000, 5}, {2, 60000, 2}},
            modules.points(result.recording))
        assert.are.equal('the series map "{pod="c"}=requests": there is no series "{pod="c"}"; '
            .. 'there are requests.json n{pod="a"}, requests.json n{pod="b"}',
            refused(two, {series = {'{pod="c"}=requests'}}))
    end)

    -- Readings of four series: two pods, two status codes. The second pod restarts, and the first
    -- has no 500s before its second period.
    local pods = answer(table.concat({
        series('[60,"10"],[120,"30"],[180,"70"],[240,"80"]',
            '"__name__":"n_total","pod":"a","code":"200"'),
        series('[120,"0"],[180,"2"],[240,"2"]', '"__name__":"n_total","pod":"a","code":"500"'),
        series('[60,"900"],[120,"905"],[180,"3"],[240,"13"]',
            '"__name__":"n_total","pod":"b","code":"200"'),
        series('[60,"5"],[120,"5"],[180,"1"],[240,"4"]',
            '"__name__":"n_total","pod":"b","code":"503"'),
    }, ","))

    local function sums(specs)
        return modules.run("prometheus", pods, {series = specs})
    end

    it("adds up the increases of all series that a name or its labels mean, and says of which",
        function()
            local result = sums {"n_total=requests", 'n_total{code=~"5.."}=errors'}
            assert.are.same({
                {1, 60000, 25}, {2, 60000, 0}, {1, 120000, 46}, {2, 120000, 3},
                {1, 180000, 23}, {2, 180000, 3},
            }, modules.points(result.recording))
            assert.are.same({
                'requests (service) from "n_total": 3 points, 1970-01-01T00:01:00Z to '
                    .. "1970-01-01T00:04:00Z, sum of every 1m",
                "  sum of 4 series: code 200, 500, 503; pod a, b",
                "  1 counter reset: counted from zero again (in 2 of 4 series)",
                "  1 period had less than all 4 series: those that were there are added up",
                'errors (service) from "n_total{code=~"5.."}": 3 points, 1970-01-01T00:01:00Z to '
                    .. "1970-01-01T00:04:00Z, sum of every 1m",
                "  sum of 2 series: code 500, 503; pod a, b",
                "  1 counter reset: counted from zero again (in 1 of 2 series)",
                "  1 period had less than all 2 series: those that were there are added up",
            }, result.report)
            assert.is_truthy(result.recording:find('"query":{"sum":"n_total"}', 1, true))
        end)

    it("chooses by every kind of matcher, whole values only", function()
        for matchers, found in pairs {
            ['pod="a",code="200"'] = 1, ['pod!="a"'] = 2, ['code=~"5"'] = 0, ['code=~"5.*"'] = 2,
            ['code!~"50[03]"'] = 2, ['code=~"2\\d\\d|503"'] = 3, ['code=~"(?:200|500)"'] = 3,
            ['zone=""'] = 4, ['zone!=""'] = 0, ['code=~"[\\d]+?"'] = 4, ['pod=~"^a$"'] = 2,
        } do
            local ok, problem = pcall(sums, {"n_total{" .. matchers .. "}=requests"})
            local text = ok and table.concat(problem.report, "\n") or problem.invalid
            local told = text:match("sum of (%d)") or ok and "1" or "0"
            assert.are.equal(found, tonumber(told), matchers .. ": " .. text)
        end
        for matchers, message in pairs {
            ['pod=~"("'] = '"(" is no regular expression: ',
            ['pod=~"(?i)A"'] = '"(?" is not understood in a pattern, but for "(?:"',
            ['pod=~"\\ba"'] = '"\\b" is not understood in a pattern',
            ['pod=~"(a)\\1"'] = '"\\1" is not understood in a pattern',
            ['pod~"a"'] = "with =, !=, =~ or !~", ['pod="a" code="b"'] = "expected labels as {",
            ['pod=a'] = "expected labels as {", ['pod="a'] = "expected labels as {",
        } do
            local got = refused(pods, {series = {"n_total{" .. matchers .. "}=requests"}})
            assert.is_truthy(got:find(message, 1, true), got)
        end
    end)

    it("adds up nothing but counts of one name", function()
        local two = answer(series('[60,"1"],[120,"2"]', '"__name__":"n","pod":"a"') .. ","
            .. series('[60,"3"],[120,"5"]', '"__name__":"m","pod":"a"'))
        assert.are.equal('both requests.json n{pod="a"} and requests.json m{pod="a"} answer to '
            .. '"{pod="a"}", and they are not of one name: add labels, or sum them in the query',
            refused(two, {series = {'{pod="a"}=requests'}}))
        two = answer(series('[60,"1"],[120,"2"]', '"__name__":"n","pod":"a"') .. ","
            .. series('[60,"3"],[120,"5"]', '"__name__":"n","pod":"b"'))
        assert.are.equal('both requests.json n{pod="a"} and requests.json n{pod="b"} answer to '
            .. '"n", and only counts can be added up, not the p99: add labels, or sum them in the '
            .. "query", refused(two, {series = {"n=latency_p99"}}))
    end)

    it("puts together what several files have of one series, but not answers to two queries",
        function()
            local function part(name, values, labels)
                return {name, answer(series(values, labels))[1][2]}
            end
            local n = '"__name__":"n_total","pod":"a"'
            local result = modules.run("prometheus", {part("1.json", '[60,"1"],[120,"3"]', n),
                part("2.json", '[120,"3"],[180,"8"]', n)}, {series = {"n_total=requests"}})
            assert.are.same({{1, 60000, 2}, {1, 120000, 5}}, modules.points(result.recording))
            assert.is_truthy(refused({part("1.json", '[60,"1"],[120,"3"]', '"pod":"a"'),
                part("2.json", '[60,"3"],[120,"8"]', '"pod":"a"')},
                {series = {'{pod="a"}=requests'}}):find("they are not of one name", 1, true))
        end)

    local function histogram(name, bounds)
        local list = {}
        for i, le in ipairs(bounds) do
            for _, pod in ipairs {"a", "b"} do
                list[#list + 1] = series(('[60,"100"],[120,"%d"]'):format(100 + 10 * i),
                    ('"__name__":"%s","le":"%s","pod":"%s"'):format(name, le, pod))
            end
        end
        return answer(table.concat(list, ","))
    end

    it("takes a histogram for counts per threshold, in milliseconds, added up over its pods",
        function()
            local text = histogram("slow_seconds_bucket", {"0.0005", "0.25", "2.5", "+Inf"})
            local result = modules.run("prometheus", text,
                {series = {"slow_seconds_bucket=latency:canary"}})
            assert.are.same({
                'latency_count (canary) from "slow_seconds_bucket": 1 point, '
                    .. "1970-01-01T00:01:00Z to 1970-01-01T00:02:00Z, sum of every 1m",
                "  and how many were within 0.5, 250, 2500 ms", "  sum of 2 series: pod a, b",
            }, result.report)
            assert.are.same({{1, 60000, 20}, {2, 60000, 40}, {3, 60000, 60}, {4, 60000, 80}},
                modules.points(result.recording))
            for i, name in ipairs {"within_0.5ms", "within_250ms", "within_2500ms", "count"} do
                assert.is_truthy(result.recording:find(
                    ('"id":%d,"metric":"latency_%s"'):format(i, name), 1, true))
            end
        end)

    it("refuses a histogram of which something is missing", function()
        local text = histogram("slow_bucket", {"1", "5", "+Inf"})
        assert.are.equal('"slow_bucket" is a histogram, and nothing says in which unit of time: '
            .. "add --unit latency=s, or =ms", refused(text, {series = {"slow_bucket=latency"}}))
        local result = modules.run("prometheus", text,
            {series = {"slow_bucket=latency"}, units = {"latency=ms"}})
        assert.is_truthy(result.recording:find('"metric":"latency_within_5ms"', 1, true))
        text = histogram("slow_seconds_bucket", {"1", "5", "+Inf"})
        for spec, message in pairs {
            ['slow_seconds_bucket{le!="+Inf"}=latency'] = 'is a histogram without le="+Inf"',
            ["slow_seconds_bucket=latency_p99"] = "is a histogram, and has counts: call it latency",
        } do
            local got = refused(text, {series = {spec}})
            assert.is_truthy(got:find(message, 1, true), got)
        end
        assert.is_truthy(refused(histogram("slow_seconds_bucket", {"-1", "+Inf"}),
            {series = {"slow_seconds_bucket=latency"}}):find(
            'the label le is "-1", expected a time above 0', 1, true))
    end)

    it("takes milliseconds from what a metric is called", function()
        local text = answer(series('[60,"0.25"],[120,"0.5"]', '"__name__":"slow_seconds"'))
        local result = modules.run("prometheus", text, {series = {"slow_seconds=latency_p99"}})
        assert.are.same({{1, 0, 250}, {1, 60000, 500}}, modules.points(result.recording))
        assert.is_truthy(result.recording:find('"unit":"ms"', 1, true))
    end)

    it("refuses series of other grids, unless times are taken down", function()
        local inputs = answer(series('[60,"1"],[120,"2"]', '"pod":"a"') .. ","
            .. series('[60.25,"3"],[120.25,"5"]', '"pod":"b"'))
        local options = {series = {'{pod="a"}=requests:baseline', '{pod="b"}=requests:canary'}}
        assert.is_truthy(refused(inputs, options):find("have no common periods", 1, true))
        options.align, options.period = true, 60000
        local result = modules.run("prometheus", inputs, options)
        assert.is_truthy(table.concat(result.report, "\n"):find(
            "2 times taken down to whole periods", 1, true))
        assert.are.equal(4, #modules.points(result.recording))
    end)

    it("refuses answers that are none", function()
        for text, message in pairs {
            ['{"status":"error","error":"parse error"}'] =
                "requests.json: $: Prometheus answered with an error: parse error",
            ["{}"] = "expected an answer of /api/v1/query_range, with status and data",
            ['{"status":"success","data":{"resultType":"vector","result":[]}}'] =
                'expected "matrix", found "vector": ask with query_range, not query',
            ['{"status":"success","data":{"resultType":"matrix"}}'] =
                "$.data.result: expected an array, found nothing",
        } do
            local got = refused(text)
            assert.is_truthy(got:find(message, 1, true), got)
        end
    end)

    it("refuses series that cannot be right", function()
        for text, message in pairs {
            ['{"metric":{},"histograms":[]}'] = 'there are no "values": native histograms',
            ['{"values":[]}'] = "$.data.result[0].metric: expected an object, found nothing",
            ['{"metric":{"a":1},"values":[]}'] = ".metric.a: expected a string, found number",
            [series "1"] = '.values[0]: expected [time, "value"], found number',
            [series "[1,2]"] = ".values[0][1]: expected a string, found number",
            [series '["1","2"]'] = ".values[0][0]: expected a number, found string",
            [series '[1e12,"2"]'] = ".values[0][0]: 1000000000000.0 is no time, expected seconds",
            [series '[-5,"2"]'] = "is no time, expected seconds since 1970",
            [series '[1,"0x10"]'] = '.values[0]: "0x10" is no number',
            [series '[0,"1"],[60,"2"]'] = "a period that starts before 1970",
        } do
            local got = refused(answer(text))
            assert.is_truthy(got:find(message, 1, true), got)
        end
    end)
end)
