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
            ["time"] = 'the column map "time": expected time=NAME, series=NAME',
            ["colour=metric"] = 'the column map "colour=metric": expected time=NAME',
            ["time=when"] = 'a.csv: there is no column "when", expected one of time, metric, value',
        } do
            local got = refused(text, {columns = {column}})
            assert.is_truthy(got:find(message, 1, true), got)
        end
        assert.is_truthy(refused("time,what,much\n60,a,1\n", {columns = {"series=what"}})
            :find("a series column needs a value column: add value=NAME", 1, true))
    end)
end)
