local modules = require "import_modules"

local function answer(results)
    return {{"answer.json", '{"MetricDataResults":[' .. results .. "]}"}}
end

local function series(timestamps, values, more)
    return ('{"Id":"requests","Timestamps":[%s],"Values":[%s]%s}'):format(timestamps, values,
        more or "")
end

local function refused(inputs, options)
    return modules.refusal("cloudwatch", inputs, options)
end

describe("import cloudwatch", function()
    it("reads pages, newest first, with the queries beside them", function()
        local result = modules.run("cloudwatch", {"cloudwatch_pages.json"}, {
            queries = "cloudwatch_queries.json",
            series = {"requests=requests", "errors=errors", "slow=latency_p99"},
        })
        assert.are.same({
            "cloudwatch_pages.json: page 2: $.Messages[0]: MaxMetricsExceeded: only the first "
                .. "metrics were read",
            "1 series left out: share",
            'requests (service) from "requests": 5 points, 2026-03-02T09:00:00Z to '
                .. "2026-03-02T09:06:00Z, sum of every 1m",
            "  newest first: put in order",
            "  1 duplicate dropped: 0 with the same value, 1 with another (the one given last was "
                .. "kept)",
            "  1 of 6 periods without a point (no data)",
            'errors (service) from "errors": 2 points, 2026-03-02T09:01:00Z to '
                .. "2026-03-02T09:05:00Z, sum of every 1m",
            "  newest first: put in order",
            "  2 of 4 periods without a point (zero where there are requests)",
            'latency_p99 (service) from "slow": 4 points, 2026-03-02T09:00:00Z to '
                .. "2026-03-02T09:06:00Z, p99 of every 1m",
            "  multiplied by 1000 to milliseconds",
            "  newest first: put in order",
            "  2 of 6 periods without a point (no data)",
        }, result.report)
        assert.are.equal(modules.fixture "expected_cloudwatch.ndjson", result.recording)
    end)

    it("does without the queries, and says what it then goes by", function()
        local result = modules.run("cloudwatch", {"cloudwatch_pages.json"}, {
            series = {"RequestCount=requests", "slow=latency"}, statistics = {"latency=p99"},
            units = {"latency=ms"},
        })
        local report = table.concat(result.report, "\n")
        assert.is_truthy(report:find("without --queries: periods are told", 1, true))
        assert.is_truthy(report:find("not named latency_p99: both arms will have", 1, true))
        assert.is_nil(result.recording:find('"query"', 1, true))
    end)

    it("takes a page after another as an array, epoch seconds, and equal Ids with other labels",
        function()
            local pages = '[{"MetricDataResults":[{"Id":"s","Label":"a","Timestamps":[1772442000,'
                .. '1772442060],"Values":[1,2]}]},{"MetricDataResults":[{"Id":"s","Label":"b",'
                .. '"Timestamps":[1772442000000],"Values":[3]}]}]'
            local result = modules.run("cloudwatch", {{"pages.json", pages}},
                {series = {"a=requests:baseline", "b=requests:canary"}, period = 60000})
            assert.are.same({
                {1, 1772442000000, 1}, {2, 1772442000000, 3}, {1, 1772442060000, 2},
            }, modules.points(result.recording))
        end)

    it("tells of results that were not asked for, of partial answers and of more pages", function()
        local result = modules.run("cloudwatch", {{"a.json", '{"MetricDataResults":[{"Id":"other",'
            .. '"Timestamps":[1772442000,1772442060],"Values":[1,2],"StatusCode":"PartialData"}],'
            .. '"NextToken":"x"}'}}, {queries = "cloudwatch_queries.json",
            series = {"other=requests"}})
        local report = table.concat(result.report, "\n")
        assert.is_truthy(report:find("other is not among the queries", 1, true))
        assert.is_truthy(report:find("other: the last answer is PartialData", 1, true))
        assert.is_truthy(report:find("the last page has a NextToken", 1, true))
    end)

    it("knows what statistics mean", function()
        local statistics = require "import.statistics"
        for name, meaning in pairs {
            Sum = "sum", SampleCount = "sum", Average = "average", Minimum = "minimum",
            Maximum = "maximum", IQM = "average", p99 = "p99", ["p99.9"] = "p99.9",
            p100 = "maximum", p0 = "minimum", ["TC(0.1:)"] = "sum", ts90 = "sum",
            ["TM(2%:98%)"] = "average", ["PR(:0.3)"] = "average",
        } do
            assert.are.equal(meaning, statistics.of_cloudwatch(name), name)
        end
    end)

    it("refuses answers that are none", function()
        for text, message in pairs {
            [""] = "answer.json: the file is empty, expected JSON",
            ["{\n\"MetricDataResults\": [}"] = "answer.json:2: this is no JSON",
            ["{}\n\xFF"] = "answer.json:2: byte 4 is not UTF-8 text",
            ["nonsense"] = "answer.json:1: this is no JSON",
            ["[1,2]"] = "answer.json: $[0]: expected an object, found number",
            ["{}"] = "answer.json: $: expected an answer of get-metric-data, with MetricData",
            ['{"MetricDataResults":{"a":1}}'] = "$.MetricDataResults: expected an array, found an "
                .. "object",
            ['{"MetricDataResults":[7]}'] = "DataResults[0]: expected an object, found number",
            ['{"MetricDataResults":[]}'] = "there are no series in what was given",
            ['{"MetricDataResults":[]} {"Metric'] = "this is no JSON",
        } do
            local got = refused({{"answer.json", text}})
            assert.is_truthy(got:find(message, 1, true), got)
        end
    end)

    it("refuses series that cannot be right", function()
        for text, message in pairs {
            ['{"Timestamps":[],"Values":[]}'] = "[0].Id: expected a string, found nothing",
            ['{"Id":"m","Label":5,"Timestamps":[],"Values":[]}'] =
                "[0].Label: expected a string, found number",
            ['{"Id":"m","Values":[]}'] = "[0].Timestamps: expected an array, found nothing",
            [series("1772442000", "")] = "[0]: 1 Timestamps but 0 Values",
            [series('"yesterday"', "1")] = '[0].Timestamps[0]: "yesterday" is no time',
            [series("1e300", "1")] = "is no time",
            [series("1772442000", '"many"')] = "[0].Values[0]: expected a number, found string",
            [series("1772442000,1772442060", "-1,1")] = "-1.0 is no count: expected 0 to 2^53",
            [series("1772442000", "1", ',"StatusCode":"Forbidden"')] =
                "CloudWatch answered Forbidden: what is missing would pass for zero",
            [series("", "")] = "there is not one point in what was given",
            [series("1772442000", "1")] =
                '"requests" has 1 point, from which no period can be told: add --period',
        } do
            local got = refused(answer(text))
            assert.is_truthy(got:find(message, 1, true), got)
        end
    end)

    it("refuses queries that cannot be right", function()
        local stat = '[{"Id":"requests","MetricStat":{"Metric":{"Namespace":"n",'
            .. '"MetricName":"m","Dimensions":%s},"Period":%s,"Stat":%s}}]'
        for text, message in pairs {
            ['[{"Id":"a"}]'] = "$[0].Expression: expected a string, found nothing",
            ['[{"Expression":"a"}]'] = "$[0].Id: expected a string, found nothing",
            [stat:format("[]", "0", '"Sum"')] = "$[0].MetricStat.Period: expected a period of 1 ms",
            [stat:format("[]", "1e9", '"Sum"')] = "expected a period of 1 ms to 31 days",
            [stat:format("[]", "60", "1")] = "$[0].MetricStat.Stat: expected a string",
            [stat:format('[{"Name":"a"}]', "60", '"Sum"')] =
                "Dimensions[0].Value: expected a string, found nothing",
            [stat:format("[]", "60", '"Average"')] =
                '"requests" cannot be requests: it is the average of a period, expected the sum',
            [stat:format("[]", "300", '"Sum"')] =
                '"requests" has a period of 5m, but points 1m apart',
        } do
            local got = refused(answer(series("1772442000,1772442060", "1,2")), {queries = text})
            assert.is_truthy(got:find(message, 1, true), got)
        end
    end)
end)

describe("import cloudwatch-statistics", function()
    it("reads unordered datapoints of several files, and a count that never was", function()
        local result = modules.run("cloudwatch-statistics",
            {"statistics_requests.json", "statistics_none.json", "statistics_latency.json"},
            {series = {
                "RequestCount=requests", "statistics_none=errors",
                "TargetResponseTime.p99=latency_p99", "TargetResponseTime.p50=latency_p50",
            }})
        assert.are.same({
            "2 series left out: TargetResponseTime.Average, TargetResponseTime.Maximum",
            'requests (service) from "RequestCount": 4 points, 2026-03-02T09:00:00Z to '
                .. "2026-03-02T09:04:00Z, sum of every 1m",
            "  2 points out of order: put in order",
            'errors (service) from "statistics_none": 0 points, sum of every 1m',
            'latency_p99 (service) from "TargetResponseTime.p99": 2 points, '
                .. "2026-03-02T09:00:00Z to 2026-03-02T09:02:00Z, p99 of every 1m",
            "  multiplied by 1000 to milliseconds",
            "  newest first: put in order",
            'latency_p50 (service) from "TargetResponseTime.p50": 2 points, '
                .. "2026-03-02T09:00:00Z to 2026-03-02T09:02:00Z, p50 of every 1m",
            "  multiplied by 1000 to milliseconds",
            "  newest first: put in order",
        }, result.report)
        assert.are.equal(modules.fixture "expected_statistics.ndjson", result.recording)
    end)

    it("takes what the request says", function()
        local request = '{"Namespace":"AWS/ApplicationELB","MetricName":"RequestCount","Period":60,'
            .. '"Dimensions":[{"Name":"LoadBalancer","Value":"app/shop/1"}]}'
        local result = modules.run("cloudwatch-statistics", {"statistics_requests.json"},
            {queries = request, series = {"RequestCount=requests"}})
        assert.is_truthy(result.recording:find('"namespace":"AWS/ApplicationELB"', 1, true))
    end)

    it("refuses what cannot be right", function()
        local data = '{"Label":"m","Datapoints":[%s]}'
        for text, message in pairs {
            ["{}"] = "a.json: $: expected an answer of get-metric-statistics, with Datapoints",
            ["[]"] = "expected an answer of get-metric-statistics, with Datapoints",
            [data:format "3"] = "$.Datapoints[0]: expected an object, found number",
            [data:format '{"Sum":1}'] = '$.Datapoints[0].Timestamp: "nil" is no time',
            [data:format '{"Timestamp":1772442000,"Sum":"1"}'] =
                "$.Datapoints[0].Sum: expected a number, found string",
            [data:format '{"Timestamp":1772442000,"Sum":1,"Unit":7}'] =
                "its Unit: expected a string, found number",
            [data:format ('{"Timestamp":1772442000,"Sum":1,"Unit":"Count"},'
                .. '{"Timestamp":1772442060,"Sum":1,"Unit":"Bytes"}')] =
                "the unit is Bytes, it was Count before: ask for one unit",
            [data:format "" .. data:format ""] = "a.json: expected one JSON value, found 2",
        } do
            local got = modules.refusal("cloudwatch-statistics", {{"a.json", text}},
                {series = {"m=requests"}})
            assert.is_truthy(got:find(message, 1, true), got)
        end
    end)
end)
