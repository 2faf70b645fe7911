-- What all importers have in common: the map of series, the options, periods, the recording.
local modules = require "import_modules"

local function table_of(rows, header)
    header = header or "time,requests,errors"
    return {{"a.csv", header .. "\n" .. table.concat(rows, "\n") .. "\n"}}
end

local function run(rows, options, header)
    return modules.run("csv", table_of(rows, header), options)
end

local function refused(rows, options, header)
    return modules.refusal("csv", table_of(rows, header), options)
end

local function report(result)
    return table.concat(result.report, "\n")
end

local function contains(text, part)
    assert.is_truthy(text:find(part, 1, true), text)
end

local two = {"60,10,1", "120,20,2"}

describe("the map of series", function()
    it("gives each series one meaning", function()
        for spec, message in pairs {
            ["requests"] = 'the series map "requests": expected KEY=METRIC or KEY=METRIC:ARM',
            ["requests="] = 'the series map "requests=": "" is no name of a metric',
            ["requests=5xx"] = '"5xx" is no name of a metric, expected a letter',
            ["requests=a:blue"] = 'the arm "blue" is unknown, expected service, baseline or canary',
            ["traffic=requests"] = 'there is no series "traffic"; there are requests, errors',
            ["requests{a=1}=requests"] = 'expected labels as {name="value",...}',
        } do
            contains(refused(two, {series = {spec}}), message)
        end
        assert.are.equal('both "requests" and "errors" are to be requests:service: say with '
            .. "--series which is what, by labels if need be",
            refused(two, {series = {"requests=requests", "errors=requests"}}))
    end)

    it("puts series to targets of their own", function()
        local result = run(two, {series = {
            "requests=requests:service@arn:aws:x:y/app/1", "errors=requests@pay:live",
        }})
        contains(result.recording, '"statistic":"sum","target":"arn:aws:x:y/app/1"}')
        contains(result.recording, '"statistic":"sum","target":"pay:live"}')
        contains(report(result), 'requests (service of pay:live) from "errors": 2 points')
    end)

    it("refuses names in options that nothing has", function()
        for option, list in pairs {
            counters = {"request"}, rates = {"request"}, units = {"request=Count"},
            statistics = {"request=sum"}, companions = {"request=errors"},
        } do
            contains(refused(two, {[option] = list}),
                'nothing that is imported is named "request"')
        end
    end)

    it("refuses options that contradict", function()
        contains(refused(two, {counters = {"requests"}, rates = {"requests"}}),
            '"requests" cannot be a counter and a rate')
        contains(refused(two, {units = {"requests"}}), '--unit "requests": expected NAME=VALUE')
        contains(refused(two, {statistics = {"errors=often"}}),
            '--statistic errors: the statistic "often" is unknown')
        contains(refused(two, {statistics = {"errors=p99"}}),
            '"errors" cannot be errors: it is the p99 of a period, expected the sum')
        contains(refused(two, {companions = {"errors=errors"}}),
            "--companion errors=errors: both must be counts of the same arm and target")
        contains(refused(two, {align = true}), "--align needs --period")
        contains(refused(two, {period = 0}), "--period: expected a period of 1 ms to 31 days")
    end)
end)

describe("an imported recording", function()
    it("says what its series are", function()
        local result = run(two, {units = {"errors=Count"}, target = "pay:live", note = "by hand"})
        assert.are.equal('{"format":"tidelock-recording","note":"by hand","series":['
            .. '{"arm":"service","id":1,"metric":"requests","period":60000,'
            .. '"query":{"column":"requests"},"statistic":"sum","target":"pay:live"},'
            .. '{"arm":"service","companion":"requests","id":2,"metric":"errors","period":60000,'
            .. '"query":{"column":"errors"},"statistic":"sum","target":"pay:live","unit":"Count"}],'
            .. '"source":"csv","version":1}', result.recording:match "^[^\n]*")
    end)

    it("links companions: errors of themselves, others when told", function()
        local result = run({"60,9,1,4", "120,9,1,4"}, {companions = {"timeouts=requests"},
            statistics = {"timeouts=sum"}}, "time,requests,errors_4xx,timeouts")
        contains(result.recording, '"companion":"requests","id":2,"metric":"errors_4xx"')
        contains(result.recording, '"companion":"requests","id":3,"metric":"timeouts"')
        contains(report(run({"60,1", "120,2"}, nil, "time,errors")),
            "there are no requests (service): periods without errors are no data")
    end)

    it("gives counts without points the period of their companion", function()
        local result = run({"60,10,", "120,20,"})
        contains(report(result), 'errors (service) from "errors": 0 points, sum of every 1m')
        assert.are.same({{1, 60000, 10}, {1, 120000, 20}}, modules.points(result.recording))
    end)

    it("tells the period from values without a number too", function()
        local result = run({"60,1", "120,NaN", "180,3"}, nil, "time,requests")
        contains(report(result), "sum of every 1m")
        contains(report(result), "1 of 3 periods without a point (no data)")
    end)

    it("keeps whole numbers whole and others to the last digit", function()
        local result = run({"60,0.1", "120,1e3", "180,9007199254740993", "240,-0.0",
            "300,0.30000000000000004"}, nil, "time,level")
        local values = {}
        for value in result.recording:gmatch '"v":([^}]+)}' do
            values[#values + 1] = value
        end
        assert.are.same({"0.1", "1000", "9007199254740992", "0", "0.30000000000000004"}, values)
    end)
end)

describe("periods", function()
    local function at(...)
        local rows = {}
        for i, time in ipairs {...} do
            rows[i] = time .. ",1"
        end
        return rows
    end

    it("refuses points off the grid", function()
        contains(refused(at(60, 120, 190), nil, "time,requests"), '"requests" has mixed periods: '
            .. "points are 1m apart at a.csv:3 and 1m10s apart at a.csv:4")
        contains(refused(at(60, 120, 190), {period = 60000}, "time,requests"),
            'a.csv:4: "requests" has a period of 1m, but points 1m10s apart (--align takes')
    end)

    it("takes five longer steps at one end for another period, fewer for gaps", function()
        local coarse = at(0, 300, 600, 900, 1200, 1500, 1560, 1620, 1680)
        contains(refused(coarse, nil, "time,requests"),
            "points are 1m apart at a.csv:8 and 5m apart at a.csv:3")
        contains(refused(at(60, 120, 180, 480, 780, 1080, 1380, 1680), nil, "time,requests"),
            "has mixed periods")
        local gaps = run(at(0, 300, 600, 900, 1200, 1260, 1320), nil, "time,requests")
        contains(report(gaps), "16 of 23 periods without a point (no data)")
        local told = run(coarse, {period = 60000}, "time,requests")
        assert.are.equal(9, #modules.points(told.recording))
    end)

    it("takes times down when asked, but does not lose what was counted", function()
        local result = run(at(61, 119, 185), {align = true, period = 60000}, "time,requests")
        contains(report(result), "3 times taken down to whole periods")
        contains(report(result), "1 point fell into a period that had one already")
        contains(report(result), "1 duplicate dropped")
        contains(refused(at(60, 120, 180, 240, 300), {align = true, period = 300000},
            "time,requests"), "3 of 5 points fall into a period of 5m that has one already")
    end)

    it("refuses series that have no common periods", function()
        contains(refused({"60,1,", "90,,1", "120,1,", "150,,1"}, nil, "time,requests,load"),
            "have no common periods")
        local inputs = {
            {"a.csv", "time,requests\n60,1\n120,1\n"}, {"b.csv", "time,load\n90,1\n150,1\n"},
        }
        contains(modules.refusal("csv", inputs), '"requests" (every 1m from 1970-01-01T00:01:00Z) '
            .. 'and "load" (every 1m from 1970-01-01T00:01:30Z) have no common periods')
        inputs[2][2] = "time,errors\n0,1\n290,1\n"
        contains(modules.refusal("csv", inputs), 'has a period of 1m, but points 4m50s apart')
    end)
end)

describe("import", function()
    it("knows its kinds and needs an input", function()
        assert.are.equal('there is no importer "excel", expected one of cloudwatch, '
            .. "cloudwatch-statistics, csv, metric-stream, prometheus",
            modules.refusal("excel", {}))
        assert.are.equal("nothing to import: expected at least one file",
            modules.refusal("csv", {}))
        assert.are.equal("a.csv:2: byte 9 is not UTF-8 text", refused({"60,\xE9"}, nil, "time"))
        assert.are.equal("the queries:1: byte 3 is not UTF-8 text",
            modules.refusal("cloudwatch", {{"a", "{}"}}, {queries = '["\xFF"]'}))
    end)

    it("does not depend on the order of tables", function()
        local options = {series = {"requests=requests:canary", "errors=errors:canary"}}
        local first = run(two, options).recording
        for _ = 1, 20 do
            assert.are.equal(first, run(two, options).recording)
        end
    end)
end)
