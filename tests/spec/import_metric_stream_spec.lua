local modules = require "import_modules"

local blue = 'TargetGroup="targetgroup/blue/73e2d6bc24d8a067"'
local green = 'TargetGroup="targetgroup/green/44b5c0e1f0a8d217"'

describe("import metric-stream", function()
    it("tells metrics of one name apart by their dimensions", function()
        local result = modules.run("metric-stream", {"metric_stream.ndjson"}, {series = {
            "RequestCount.sum{" .. blue .. "}=requests:baseline",
            "AWS/ApplicationELB/HTTPCode_Target_5XX_Count.sum=errors:baseline",
            "RequestCount.sum{" .. green .. ', region="eu-west-1"}=requests:canary',
            "TargetResponseTime.p99=latency_p99:canary",
            "TargetResponseTime.average=latency_average:canary",
        }})
        assert.are.equal(modules.fixture "expected_metric_stream.ndjson", result.recording)
        assert.are.equal("16 series left out: AWS/ApplicationELB/RequestCount.count, "
            .. "AWS/ApplicationELB/RequestCount.max, AWS/ApplicationELB/RequestCount.min, "
            .. "AWS/ApplicationELB/RequestCount.average, AWS/ApplicationELB/RequestCount.count, "
            .. "AWS/ApplicationELB/RequestCount.max, and 10 more", result.report[1])
        assert.are.equal("  1 point out of order: put in order", result.report[3])
    end)

    it("refuses lines that cannot be right", function()
        local line = '{"namespace":"n","metric_name":"m","timestamp":%s,"value":%s,"unit":%s,'
            .. '"dimensions":%s}'
        for text, message in pairs {
            ["{"] = "a.ndjson:1:1: this is no JSON",
            ["7"] = "a.ndjson:1: $: expected an object, found number",
            ["{}"] = "a.ndjson:1: $.namespace: expected a string, found nothing",
            ['{"namespace":"n"}'] = "$.metric_name: expected a string, found nothing",
            [line:format("1", "3", "null", "{}")] = "$.value: expected an object, found number",
            [line:format("1", '{"sum":"x"}', "null", "{}")] =
                "$.value.sum: expected a number, found string",
            [line:format('"later"', '{"sum":1}', "null", "{}")] = '$.timestamp: "later" is no time',
            [line:format("1", '{"sum":1}', "2", "{}")] = "$.unit: expected a string, found number",
            [line:format("1", '{"sum":1}', "null", '{"a":1}')] =
                "$.dimensions.a: expected a string, found number",
        } do
            local got = modules.refusal("metric-stream", {{"a.ndjson", text}})
            assert.is_truthy(got:find(message, 1, true), got)
        end
    end)
end)
