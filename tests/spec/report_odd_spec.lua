-- Records that no run wrote: whatever a journal holds, a report tells the rest of it.
require "sim_modules"
local page = require "report.page"
local rows_of = require "report_rows"
local summary = require "report.summary"
local timeline = require "report.timeline"

local record, run = rows_of.record, rows_of.run

-- Every record of a run, one thing of it changed at a time, and its kind as well.
local function each_odd(rows, try)
    for _, row in ipairs(rows) do
        rows_of.each_change(row[3], rows_of.others, try)
        local kind = row[2]
        for _, other in ipairs { "tick", "end", "oracle" } do
            row[2] = other
            try()
        end
        row[2] = kind
    end
end

local function count(text, pattern)
    local _, found = text:gsub(pattern, "")
    return found
end

describe("records that no run wrote", function()
    it("are a line each in the timeline, and what follows is told", function()
        local rows, odd, told = run(), 0, 0
        each_odd(rows, function()
            timeline.begin { ticks = true }
            for i, row in ipairs(rows) do
                local text = timeline.add(record(row))
                local untold = count(text, "untold")
                assert.is_nil(text:find "\27")
                assert.is_true(untold == 0 or untold == 1 and text:find(
                    ("untold    line %d of the journal "):format(i), 1, true) == 11)
                odd, told = odd + untold, told + 1 - untold
                assert.is_string(timeline.status(record(row)))
            end
        end)
        assert.truthy(odd > 1000 and told > 9 * odd, odd .. " " .. told)
    end)

    it("do not keep a later process from telling what it does", function()
        local rows = run()
        each_odd({ table.unpack(rows, 1, 8) }, function()
            timeline.begin {}
            for i, row in ipairs(rows) do
                if i == 9 then
                    assert.is_string(timeline.recalled())
                end
                timeline[i < 9 and "recall" or "add"](record(row))
            end
        end)
    end)

    it("are counted by the summary", function()
        local rows, untold = run(), 0
        each_odd(rows, function()
            summary.begin(1)
            for _, row in ipairs(rows) do
                summary.add(record(row))
            end
            assert.equal(#rows, summary.finish().records)
            untold = untold + (summary.finish().untold or 0)
        end)
        assert.truthy(untold > 700, untold)
    end)

    it("are named by the page about a run", function()
        local rows, named = run(), 0
        each_odd(rows, function()
            page.begin { run = "R", status = "ended", policy = "x", began = 0, last = 120500,
                outcome = "rolled back", exit = 10 }
            for _, row in ipairs(rows) do
                page.add(record(row))
            end
            named = named + count(page.finish().text, "  untold     %d+ of the journal's records")
        end)
        assert.truthy(named > 500, named)
    end)

    it("are those that could not be handed over, too", function()
        timeline.begin {}
        assert.equal(
            "00:00:00  untold    line 1 of the journal is no record of kind tick that a run\n"
                .. (" "):rep(20) .. "writes\n",
            timeline.add { at = 7, kind = "tick", body = {}, untold = true })
    end)
end)
