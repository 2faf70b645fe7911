local modules = require "import_modules"

local function refused(text, options)
    return modules.refusal("csv", {{"a.csv", text}}, options)
end

local function run(text, options)
    return modules.run("csv", {{"a.csv", text}}, options)
end

describe("import csv", function()
    it("reads a wide table whose columns name metric and arm", function()
        local result = modules.run("csv", {"wide.csv"})
        assert.are.equal(modules.fixture "expected_wide.ndjson", result.recording)
        assert.are.equal(4, #result.report)
    end)

    it("reads what dashboards export for spreadsheets", function()
        local result = modules.run("csv", {"grafana.csv"},
            {series = {"requests=requests:canary", "errors, canary=errors:canary"}})
        assert.are.same({
            "1 series left out: idle",
            'requests (canary) from "requests": 3 points, 2026-03-02T09:00:00Z to '
                .. "2026-03-02T09:04:00Z, sum of every 1m",
            "  1 of 4 periods without a point (no data)",
            'errors (canary) from "errors, canary": 1 point, 2026-03-02T09:00:00Z to '
                .. "2026-03-02T09:01:00Z, sum of every 1m",
            "  2 values without a number left out (NaN 1, empty 1)",
        }, result.report)
        assert.are.equal(modules.fixture "expected_grafana.ndjson", result.recording)
    end)

    it("reads a long table with arms and first-seen times, revisions included", function()
        local result = modules.run("csv", {"long.csv"})
        assert.are.equal(modules.fixture "expected_long.ndjson", result.recording)
    end)

    it("says what is missing where nothing is called requests, or no value is", function()
        local report = run("time,hits\n60,1\n120,2\n").report
        assert.are.equal("nothing is called requests, by which errors are divided: if hits is, say "
            .. "--series hits=requests", report[1])
        assert.are.equal(1, #run("time,requests\n60,1\n120,2\n").report)
        assert.is_truthy(refused("time,metric,count\n60,requests,1\n"):find(
            'a.csv: the column "metric" says what a row is about, and none is named "value": add '
            .. "--column value=NAME", 1, true))
    end)

    it("takes any columns by their names", function()
        local result = run("when,what,how many\n60,requests,1\n120,requests,2\n",
            {columns = {"time=when", "series=what", "value=how many"}})
        assert.are.same({{1, 60000, 1}, {1, 120000, 2}}, modules.points(result.recording))
    end)

    it("puts together what several files have of one series", function()
        local result = modules.run("csv", {{"a.csv", "time,requests\n60,1\n120,2\n"},
            {"b.csv", "time,requests\n120,2\n180,3\n"}})
        assert.are.same({{1, 60000, 1}, {1, 120000, 2}, {1, 180000, 3}},
            modules.points(result.recording))
        assert.is_truthy(table.concat(result.report, "\n"):find(
            "1 duplicate dropped: 1 with the same value, 0 with another", 1, true))
    end)

    it("reads old exports with clock changes and odd gaps, once told how", function()
        assert.are.equal('"value" has mixed periods: points are 5m apart at nab.csv:3 and 1h1m '
            .. "apart at nab.csv:24: import the parts by themselves, or take times down to whole "
            .. "periods with --period and --align", modules.refusal("csv", {"nab.csv"},
            {series = {"value=cpu"}}))
        local result = modules.run("csv", {"nab.csv"},
            {series = {"value=cpu"}, align = true, period = 300000, note = "made up"})
        assert.are.same({
            'cpu (service) from "value": 16 points, 2014-04-02T21:30:00Z to '
                .. "2014-04-03T00:00:00Z, average of every 5m",
            "  22 times taken down to whole periods",
            "  12 duplicates dropped: 1 with the same value, 11 with another (the one given last "
                .. "was kept)",
            "  14 of 30 periods without a point (no data)",
        }, result.report)
        assert.are.equal(modules.fixture "expected_nab.ndjson", result.recording)
    end)

    it("reads quoted fields, empty lines and any of three separators", function()
        for _, text in ipairs {
            'time,"requests"\n"60","1"\n\n120,2',
            "time;requests\r\n60;1\r\n120;2\r\n",
            "time\trequests\n60\t 1 \n120\t2\n",
            "sep=|\ntime|requests\n60|1\n120|2\n",
        } do
            assert.are.same({{1, 60000, 1}, {1, 120000, 2}}, modules.points(run(text).recording))
        end
        local quoted = run('time,"a ""b""\nc"\n60,1\n120,2\n', {series = {'a "b"\nc=requests'}})
        assert.are.equal(2, #modules.points(quoted.recording))
    end)

    it("refuses what cannot be right", function()
        for text, message in pairs {
            [""] = "a.csv: the file is empty, expected a line with the names of the columns",
            ["time,requests\n60\n"] = "a.csv:2: 1 fields, the header has 2",
            ["time,metric,value\n60,requests\n"] = "a.csv:2: 2 fields, the header has 3",
            ["time,requests,requests\n60,1,2\n"] = 'a.csv: two columns are named "requests"',
            ["time,requests\nsoon,1\n"] = 'a.csv:2: "soon" is no time, expected ISO 8601',
            ["time,requests\n60,many\n120,1\n"] = 'a.csv:2: "many" is no number',
            ['time,requests\n60,"1\n'] = "a.csv:2: a quoted field does not end",
            ['time,requests\n60,"1"2\n'] = 'a.csv:2: expected "," or the end of the line after a '
                .. 'quoted field, found "2"',
            ["time,5xx\n60,1\n"] = 'what is "5xx"? Say it with --series KEY=METRIC:ARM',
            ["time,requests,seen\n60,1,50\n120,1,180\n"] = "a.csv:2: first seen at "
                .. "1970-01-01T00:00:50Z, before its period began at 1970-01-01T00:01:00Z",
            ["time\n60\n"] = "there are no series in what was given",
            ["time,requests\n"] = "there is not one point in what was given",
        } do
            local got = refused(text)
            assert.is_truthy(got:find(message, 1, true), got)
        end
    end)

    it("refuses column maps that cannot be right", function()
        local text = "time,metric,value\n60,requests,1\n"
        for column, message in pairs {
            ["time"] = 'the column map "time": expected ROLE=NAME with one of the roles arm, ',
            ["colour=metric"] = 'the column map "colour=metric": expected ROLE=NAME',
            ["time=when"] = 'a.csv: there is no column "when", expected one of time, metric, value',
        } do
            local got = refused(text, {columns = {column}})
            assert.is_truthy(got:find(message, 1, true), got)
        end
        assert.is_truthy(refused("time,what,much\n60,a,1\n", {columns = {"series=what"}})
            :find("a series column needs a value column: add value=NAME", 1, true))
    end)
end)

describe("import csv as dashboards write it", function()
    it("takes units from cells: times to milliseconds, rates times their period", function()
        local result = run('Time,"{track=""canary""}",p99,slow\n60,1.5 req/s,250 ms,0.25 s\n'
            .. "120,2 K req/s,1.5 s,2 min\n180,0 req/s,0,-\n", {series = {
                '{track="canary"}=requests:canary', "p99=latency_p99", "slow=latency_p90",
            }})
        assert.are.same({
            {1, 60000, 90}, {2, 60000, 250}, {3, 60000, 250}, {1, 120000, 120000},
            {2, 120000, 1500}, {3, 120000, 120000}, {1, 180000, 0}, {2, 180000, 0},
        }, modules.points(result.recording))
        assert.are.equal("  per second (/s): taken times its period", result.report[2])
        for text, message in pairs {
            ["60,5 ms\n120,6\n"] = "a.csv:3: there is no unit, but it is ms at a.csv:2",
            ["60,5 ms\n120,6 %\n"] = "a.csv:3: the unit is %, but it is ms at a.csv:2",
            ["60,5 furlongs\n"] = 'a.csv:2: "5 furlongs" is no number, and "furlongs" no unit',
        } do
            local got = refused("time,p99\n" .. text, {series = {"p99=latency_p99"}})
            assert.is_truthy(got:find(message, 1, true), got)
        end
    end)

    it("has latencies in milliseconds or not at all", function()
        local text = "time,p99\n60,0.25\n120,0.5\n"
        local series = {"p99=latency_p99"}
        assert.are.equal('"p99" is latency_p99, and nothing says in which unit: add --unit '
            .. "latency_p99=s, or =ms", refused(text, {series = series}))
        local function values(options)
            options.series = series
            return modules.points(run(text, options).recording)
        end
        assert.are.same({{1, 60000, 250}, {1, 120000, 500}}, values {units = {"latency_p99=s"}})
        assert.are.same({{1, 60000, 2.5}, {1, 120000, 5}},
            values {units = {"latency_p99=ms"}, scales = {"latency_p99=10"}})
        assert.is_truthy(refused(text, {series = series, units = {"latency_p99=s"},
            scales = {"latency_p99=-1"}})
            :find("expected a factor, a number above 0", 1, true))
        assert.is_truthy(refused("time,p99\n60,5 ms\n120,6 ms\n", {series = series,
            units = {"latency_p99=s"}}):find("the unit is ms by what stands at a.csv:2", 1, true))
        assert.is_truthy(refused("time,n\n60,5 ms\n120,6 ms\n", {series = {"n=requests"}})
            :find('"n" cannot be requests: it is a time (ms), expected a count', 1, true))
    end)

    it("takes a day or a month first only when told which", function()
        local text = "time,requests\n02/03/2026 12:00 AM,1\n02/03/2026 1:00 PM,2\n"
        assert.are.equal('a.csv:2: "02/03/2026 12:00 AM": say whether its day or its month comes '
            .. "first, with --dates day-first or --dates month-first", refused(text))
        local function first(order)
            return modules.points(run(text, {dates = order}).recording)[1][2]
        end
        assert.are.equal(1772409600000, first "day-first")   -- 2 March
        assert.are.equal(1770076800000, first "month-first") -- 3 February
        assert.are.equal(13 * 3600000, modules.points(run(text, {dates = "day-first"})
            .recording)[2][2] - 1772409600000)
        assert.is_truthy(refused("time,requests\n11/27/2026 09:00,1\n", {dates = "day-first"})
            :find('"11/27/2026 09:00" is no time (day-first)', 1, true))
        assert.is_truthy(refused(text, {dates = "german"}):find("expected day-first or month", 1,
            true))
        assert.are.equal(1772442000000, modules.points(run("time,requests\n2026/03/02 09:00:00,1\n"
            .. "2026/03/02 09:01:00,2\n").recording)[1][2])
    end)

    it("knows thousands from a decimal comma, or asks", function()
        local function values(text, decimal)
            local list = {}
            for i, point in ipairs(modules.points(run(text, {decimal = decimal}).recording)) do
                list[i] = point[3]
            end
            return list
        end
        assert.are.same({6011, 1234567}, values('time,requests\n60,"6,011"\n120,"1,234,567"\n'))
        assert.are.same({6, 1250}, values("time;requests\n60;6\n120;1.250\n", "comma"))
        assert.are.same({6011, 7}, values("time;requests\n60;6,011\n120;7\n", "point"))
        assert.are.same({2.5, 1250.75}, values("time;cpu\n60;2,5\n120;1.250,75\n", "comma"))
        for _, text in ipairs {"time;requests\n60;6,011\n", 'time,cpu\n60,"2,5"\n'} do
            local got = refused(text)
            assert.is_truthy(got:find("if the comma is the decimal point, say --decimal comma", 1,
                true), got)
        end
    end)

    it("tells series apart by tags and by columns that it does not know", function()
        local text = "timestamp,metric,tags,region,value\n"
            .. '60,hits,"service:shop,version:canary",eu,10\n'
            .. '60,hits,"service:shop,version:stable",eu,90\n'
            .. '60,hits,"service:shop,version:stable",us,70\n'
            .. '120,hits,"service:shop,version:canary",eu,11\n'
            .. '120,hits,"service:shop,version:stable",eu,91\n'
            .. '120,hits,"service:shop,version:stable",us,71\n'
        local result = run(text, {series = {
            'hits{version="canary"}=requests:canary', 'hits{version="stable"}=requests:baseline',
        }})
        assert.are.same({{1, 60000, 10}, {2, 60000, 160}, {1, 120000, 11}, {2, 120000, 162}},
            modules.points(result.recording))
        assert.are.equal("  sum of 2 series: region eu, us", result.report[3])
        assert.is_truthy(refused(text):find("say with --series which is what, by labels", 1, true))
    end)

    it("reads what CloudWatch's console saves", function()
        local result = run("Label,RequestCount,5XX\nID,m1,m2\nStatusCode,Complete,PartialData\n"
            .. "2026/03/02 09:00:00,100,1\n2026/03/02 09:01:00,110,\n",
            {series = {"m1=requests", "5XX=errors"}})
        assert.are.same({{1, 1772442000000, 100}, {2, 1772442000000, 1}, {1, 1772442060000, 110}},
            modules.points(result.recording))
        assert.are.equal("a.csv: the answer for 5XX is PartialData", result.report[1])
    end)
end)
