require "sim_modules"
local difference = require "report.difference"
local plain = require "report.plain"
local rows_of = require "report_rows"
local timeline = require "report.timeline"
local summary = require "report.summary"

local ask, record, run = rows_of.ask, rows_of.record, rows_of.run

local function tell(rows, options)
    local out = {}
    timeline.begin(options or {})
    for _, row in ipairs(rows) do
        out[#out + 1] = timeline.add(record(row))
    end
    return table.concat(out)
end

local numbers = "errors: canary 0.900 % (9 of 1000),\n"
    .. (" "):rep(22) .. "baseline 0.100 % (9 of 9000), evidence 5.25 of 4.61"

describe("a timeline", function()
    it("tells a run from its records", function()
        assert.equal([[
step: In steps.
  target     pay:live (lambda_alias)
  recording  shop.ndjson
  inject     errors*2@1m
  seed       7

00:00:00  shift         5 % [#...................]
00:02:00  verdict   2m in at 5 %: harm
                    ]] .. numbers .. [[

00:02:00  rollback  harm
00:02:00  rollback  the run was cut short; it was taken up from its journal
00:02:00  undo          0 % [....................]
00:02:00  verified  as it was before: pay:live
rolled back after 2m: pay:live is as it was before
]], tell(run()))
    end)

    it("tells every tick where it is asked to", function()
        assert.truthy(tell(run(), { ticks = true }):find("tick +1m in at 5 %%: undecided"))
    end)

    it("tells what people asked for, and what came of it", function()
        local function asked(at, request, applied)
            return { at, "request", { at = at, by = "ann on ci-7", request = request,
                applied = applied } }
        end
        local rows = { table.unpack(run(), 1, 5) }
        local watched = { id = 3, outcome = "ok", value = { verdict = "undecided" } }
        for _, row in ipairs { asked(1000, "pause", true), asked(2000, "pause", false),
            asked(3000, "resume", true), asked(4000, "resume", false),
            asked(5000, "promote --full", true), { 5000, "result", watched },
            asked(6000, "promote", false), asked(7000, "abort", true),
            { 7000, "rollback", { cause = "person", reason = "ann on ci-7 asked for it",
                chunk = "", line = 0 } }, asked(8000, "pause", false) } do
            rows[#rows + 1] = row
        end
        assert.equal([[
00:00:01  pause     paused by ann on ci-7
00:00:02  pause     ann on ci-7 asked for it; it was paused already
00:00:03  resume    resumed by ann on ci-7
00:00:04  resume    ann on ci-7 asked for it; it was not paused
00:00:05  promote   this wait and every later one are over, says ann on ci-7
00:00:05  watched   4s at 5 %: undecided
00:00:06  promote   ann on ci-7 asked for it; it waits for nothing
00:00:07  abort     aborted by ann on ci-7
00:00:07  rollback  ann on ci-7 asked for it
00:00:08  pause     ann on ci-7 asked for it; it is rolling back
]], tell(rows):match("00:00:01.*"))
    end)

    -- What a later process tells, which takes up the run of these records.
    local function take_up(before, after)
        timeline.begin {}
        for _, row in ipairs(before) do
            assert.equal("", timeline.recall(record(row)))
        end
        local out = { timeline.recalled() }
        for _, row in ipairs(after) do
            out[#out + 1] = timeline.add(record(row))
        end
        return table.concat(out)
    end

    it("tells the past in short where a later process takes it up", function()
        local rows = run()
        assert.equal([[
step.lua, begun 1970-01-01T00:00:00Z: cut short after 2m
  target     pay:live (lambda_alias)

00:00:00  rollback  the run was cut short; it was taken up from its journal
00:00:00  undo          0 % [....................]
00:00:00  verified  as it was before: pay:live
rolled back after 300ms: pay:live is as it was before
]], take_up({ table.unpack(rows, 1, 8) }, { table.unpack(rows, 9) }))
    end)

    it("tells how a run had ended that a person takes back", function()
        local rows = run()
        local function asked(outcome, exit)
            return { { 500000, "rollback", { cause = "person", reason = "ann on ci-7 asked for it",
                chunk = "", line = 0 } }, { 503000, "end", { outcome = outcome, exit = exit } } }
        end
        local promoted = { rows[1], rows[2], { 400000, "commit", {} },
            { 400000, "end", { outcome = "promoted", exit = 0 } } }
        local past = [[
step.lua, begun 1970-01-01T00:00:00Z: promoted after 6m40s, with pay:live not
shifted
  target     pay:live (lambda_alias)

]]
        assert.equal(past .. [[
00:00:00  rollback  ann on ci-7 asked for it
rolled back after 3s: its journal tells of no change
]], take_up(promoted, asked("aborted", 11)))
        table.insert(promoted, 3, rows[3])
        assert.truthy(take_up(promoted, asked("aborted", 11)):find(
            "after 3s: there was nothing to put back\n", 1, true))
        assert.truthy(take_up(promoted, asked("not restored", 14)):find(
            "\nnot restored after 3s (exit status 14)\n", 1, true))
        assert.truthy(take_up({ table.unpack(promoted, 1, 4) }, { promoted[5] }):find(
            "cut short after 6m40s\n.*\npromoted after 6m40s\n$"))
        assert.equal("step.lua: nothing had been begun\n", take_up({ rows[1] }, {}))
    end)

    it("counts what was put back", function()
        local rows = run()
        table.insert(rows, 15, { 120500, "verified", { id = 5, identity = "b", restored = true } })
        assert.truthy(tell(rows):find(
            "after 2m: all 2 resources are as they were before\n", 1, true))
    end)

    it("says that somebody will look, before the first look", function()
        local rows = run()
        rows[5][3].request.every = 60000
        tell { rows[1], rows[2], rows[3], rows[4], rows[5] }
        assert.equal("pay:live [#...................] 5 %  first look in 1m, 5m left",
            timeline.status(record(rows[5])))
        assert.equal("", timeline.status(record(rows[3]))) -- a change is no watch
    end)

    it("says that a run is paused where it tells what is left", function()
        local rows = run()
        tell { rows[1], rows[2], rows[3], rows[4], rows[5] }
        assert.truthy(timeline.status(record(rows[6])):find("4m left", 1, true))
        timeline.add { at = 1, kind = "request", body = { at = 1, by = "ann", request = "pause",
            applied = true } }
        assert.truthy(timeline.status(record(rows[6])):find("undecided, paused", 1, true))
    end)

    it("tells once that AWS is carrying an undo out, and that it did not", function()
        local rows = { table.unpack(run(), 1, 12) }
        for at = 120500, 150500, 15000 do
            rows[#rows + 1] = { at, "probe", { id = 4, identity = "pay:live", found = "unsteady" } }
        end
        rows[#rows + 1] = { 165500, "verified", { id = 4, identity = "pay:live",
            restored = false } }
        local text = tell(rows)
        local _, count = text:gsub("probe     pay:live: put back, and AWS is still carrying", "")
        assert.equal(1, count, text)
        assert.truthy(text:find("NOT as it was before: pay:live (AWS did not carry it out)", 1,
            true), text)
    end)

    it("tells why something could not be put back", function()
        local rows = { table.unpack(run(), 1, 12) }
        rows[#rows + 1] = { 120500, "probe", { id = 4, identity = "pay:live", found = "unsteady" } }
        rows[#rows + 1] = { 120500, "verified", { id = 4, identity = "pay:live", restored = false,
            why = "ecs.update_service: the tasks of checkout:1 do not start: no such image" } }
        local text = tell(rows)
        assert.truthy(text:find([[
00:02:00  verified  NOT as it was before: pay:live (ecs.update_service: the
                    tasks of checkout:1 do not start: no such image)
]], 1, true), text)
    end)

    it("tells how a resource stands that was not put back, and how it was", function()
        local rows = { table.unpack(run(), 1, 12) }
        rows[3][3].before = { FunctionVersion = "1", AdditionalVersionWeights = {} }
        rows[3][3].after = { FunctionVersion = "1", AdditionalVersionWeights = { ["2"] = 0.05 } }
        rows[3][3].undo = { operation = "lambda.update_alias", region = "eu-west-1",
            input = { Name = "it's" } }
        rows[#rows + 1] = { 120500, "probe", { id = 4, identity = "pay:live", found = "foreign" } }
        rows[#rows + 1] = { 120500, "verified", { id = 4, identity = "pay:live", restored = false,
            state = { FunctionVersion = "2", AdditionalVersionWeights = { ["3"] = 0.1 } } } }
        local text = tell(rows)
        assert.truthy(text:find([[
00:02:00  verified  NOT as it was before: pay:live
                    it was version 1
                    it is version 2 90 %, version 3 10 %
                    the run made it version 1 95 %, version 2 5 %
                    by hand: aws lambda update-alias --region eu-west-1 ]]
            .. [[--cli-input-json '{"Name":"it'\''s"}'
]], 1, true), text)
    end)

    it("tells what AWS said where a resource could not be read, and how it was", function()
        local rows = { table.unpack(run(), 1, 12) }
        rows[3][3].before = { FunctionVersion = "1", AdditionalVersionWeights = {} }
        rows[3][3].after = { FunctionVersion = "1", AdditionalVersionWeights = { ["2"] = 0.05 } }
        rows[#rows + 1] = { 120500, "probe", { id = 4, identity = "pay:live", found = "error",
            outcome = "rejected", observed = { code = "AccessDenied", message = "not you" } } }
        rows[#rows + 1] = { 120500, "verified", { id = 4, identity = "pay:live", restored = false,
            why = "it could not be read: AccessDenied: not you" } }
        local text = tell(rows)
        assert.truthy(text:find([[
00:02:00  probe     pay:live: it could not be read (AccessDenied: not you)
00:02:00  verified  NOT as it was before: pay:live (it could not be read:
                    AccessDenied: not you)
                    it was version 1
                    the run made it version 1 95 %, version 2 5 %
]], 1, true), text)
    end)

    -- A promoted run that shifts to these shares.
    local function promoted(...)
        local rows = { table.unpack(run(), 1, 2) }
        for i, weight in ipairs { ... } do
            rows[#rows + 1] = { 0, "effect", { id = i, identity = "pay:live",
                request = ask(weight) } }
            rows[#rows + 1] = { 0, "result", { id = i, outcome = "ok", value = {} } }
        end
        rows[#rows + 1] = { 300000, "end", { outcome = "promoted", exit = 0 } }
        return rows
    end

    it("rounds no share away, and fills the bar at 100 only", function()
        local text = tell(promoted(0.0025, 0.1234, 0.9996, 1))
        assert.truthy(text:find(" 0.25 % [....................]", 1, true), text)
        assert.truthy(text:find("12.34 % [##..................]", 1, true), text)
        assert.truthy(text:find("99.96 % [###################.]", 1, true), text)
        assert.truthy(text:find("  100 % [####################]", 1, true), text)
        assert.truthy(text:find("\npromoted after 5m\n$"), text)
    end)

    it("says what a promoted run leaves below 100 %", function()
        local text = tell(promoted(0.5, 0.1))
        assert.truthy(text:find("promoted after 5m, with pay:live at 10 %\n", 1, true), text)
        text = tell(promoted())
        assert.truthy(text:find("promoted after 5m, with pay:live not shifted\n", 1, true), text)
        summary.begin(1)
        for _, row in ipairs(promoted(0.5, 0.1)) do
            summary.add(record(row))
        end
        assert.equal(50.0, summary.finish().peak_share)
    end)

    it("calls a watch what the policy calls it", function()
        local rows = { table.unpack(run(), 1, 6) }
        rows[5][3].request.step = "first look"
        local text = tell(rows, { ticks = true })
        assert.truthy(text:find("1m in at first look, 5 %: undecided\n", 1, true), text)
        rows[5][3].request.step = "5 %"
        assert.truthy(tell(rows, { ticks = true }):find("1m in at 5 %: undecided\n", 1, true))
    end)

    it("gives each judge its own words, whoever it is", function()
        local rows = { table.unpack(run(), 1, 6) }
        rows[6][3].judges = { { name = "mood", says = { "low,", "falling", "fast" } },
            { name = "alarm", says = { "quiet" } } }
        local text = tell(rows, { ticks = true })
        assert.truthy(text:find([[
00:01:00  tick      1m in at 5 %: undecided
                    mood: low,
                      falling
                      fast
                    alarm: quiet
]], 1, true), text)
        assert.truthy(timeline.status(record(rows[6])):find(
            "left  mood: low, falling fast; alarm: quiet$"))
    end)

    it("tells what was not answered", function()
        local rows = { table.unpack(run(), 1, 6) }
        local tick = rows[6][3]
        local function period(canary)
            return { at = 0, metrics = { errors = { baseline = 1.0, canary = 1.0 },
                requests = { baseline = 1.0, canary = canary } } }
        end
        tick.periods = { period(1.0), period("provider error"), period("provider error") }
        local text = tell(rows, { ticks = true })
        assert.truthy(text:find("\n +requests: not answered for 2 periods\n"), text)
        assert.truthy(timeline.status(record(rows[6])):find(
            "left  requests: not answered for 2 periods$"))
        rows[7] = { 90200, "tick", { id = 3, tick = 2, verdict = "undecided",
            periods = { period(0.0) }, judges = tick.judges } }
        text = tell(rows, { ticks = true }):match("1m30s in.*")
        assert.falsy(text:find("not answered", 1, true))
    end)

    it("tells a warning as one, and breaks a long reason between words", function()
        local rows = { table.unpack(run(), 1, 2) }
        rows[3] = { 0, "effect", { id = 1, request = { kind = "notify", message = "slow",
            level = "warning" } } }
        rows[4] = { 0, "rollback", { cause = "policy", reason = ("word "):rep(20), chunk = "",
            line = 0 } }
        local text = tell(rows, { colour = true })
        assert.truthy(text:find("00:00:00  warning   \27[33mslow\27[0m\n", 1, true), text)
        for line in text:gmatch("[^\n]+") do
            assert.truthy(#line <= 80 + #"\27[31m", line)
        end
    end)

    it("has no live line after a verdict that ends the watch", function()
        local rows = run()
        tell({ table.unpack(rows, 1, 6) })
        assert.truthy(timeline.status(record(rows[6])):find("4m left  errors: canary", 1, true))
        rows[6][1] = 360200
        assert.truthy(timeline.status(record(rows[6])):find("waiting for metrics", 1, true))
        assert.equal("", timeline.status(record(rows[7])))
    end)

    it("tells what was refused, and what is in doubt", function()
        local rows = run()
        rows[4][3] = { id = 2, outcome = "unknown", error = { message = "timed out" } }
        rows[5] = { 300, "effect", { id = 3, request = ask(0.1), observed = {} } }
        rows[6] = { 300, "result", { id = 3, outcome = "rejected",
            error = { message = "foreign" } } }
        local text = tell({ table.unpack(rows, 1, 6) })
        assert.truthy(text:find("[#...................]  unknown: timed out", 1, true))
        assert.truthy(text:find("asked     lambda.update_alias  rejected: foreign", 1, true))
    end)

    it("shows what a terminal would obey", function()
        local rows = run()
        rows[2][3].policy.summary = "a\27[2Jb\r\nc\xC2\x9Bd\127 é"
        assert.truthy(tell(rows):find("a\\x1b[2Jb\\x0d\\x0ac\\x9bd\\x7f é", 1, true))
    end)
end)

it("an outage is told with what was heard, and when it is looked at again", function()
    local rows = run()
    table.insert(rows, 10, { 120300, "probe", { id = 4, identity = "pay:live", found = "error",
        outcome = "rejected", observed = { code = "Thrott\27[31mling", message = "slow down" },
        again = 2340 } })
    assert.truthy(tell(rows):find([[
00:02:00  probe     pay:live: it could not be read (Thrott\x1b[31mling: slow
                    down); it is looked at again in 3s
]], 1, true), tell(rows))
end)

it("a summary counts", function()
    summary.begin(2)
    for _, row in ipairs(run()) do
        summary.add(record(row))
    end
    assert.same({ records = 15, lives = 2, mutations = 1, undone = 1, restored = 1,
        not_restored = 0, peak_share = 5, started = 0, ended = 120500, policy = "step",
        cause = "harm", reason = "errors", chunk = "step.lua", line = 3,
        outcome = "rolled back", exit = 10 }, summary.finish())
end)

describe("a difference", function()
    local function between(a, b, why)
        return difference.tell(a and record(a), b and record(b), 1000, why)
    end

    it("is the member that differs, what is asked for first", function()
        local function effect(weight)
            return { 301000, "effect", { id = 9, after = { w = weight }, identity = "k",
                request = ask(weight) } }
        end
        local told = between(effect(0.1), effect(0.2))
        assert.equal("request.input.RoutingConfig.AdditionalVersionWeights.42", told.member)
        assert.equal("at 00:05:00 the journal has lambda.update_alias with 42 0.1; the policy now "
            .. "asks for 0.2", told.text)
    end)

    it("counts lists from one, and tells what is missing", function()
        local told = between({ 1000, "begin", { params = { steps = { 5, 10 } } } },
            { 1000, "begin", { params = { steps = { 5 } } } })
        assert.equal("params.steps[2]", told.member)
        assert.equal("at 00:00:00 the journal has the beginning with steps 10; now it is nothing",
            told.text)
    end)

    it("is of kind where the run goes another way", function()
        local told = between({ 1000, "commit", {} }, { 61000, "rollback", { cause = "harm",
            reason = "errors" } })
        assert.equal("at 00:00:00 the journal has the commit; the policy now comes to a rollback "
            .. "(harm: errors)", told.text)
        told = between({ 1000, "request", { request = "pause", by = "ann on ci-7" } },
            { 1000, "commit", {} })
        assert.equal("at 00:00:00 the journal has pause, asked for by ann on ci-7; the policy now "
            .. "comes to the commit", told.text)
    end)

    it("is the time where nothing else is", function()
        local told = between({ 1000, "commit", {} }, { 2000, "commit", {} })
        assert.equal("at", told.member)
    end)

    it("tells 1 from 1.0", function()
        local told = between({ 1000, "tick", { tick = 1, verdict = "safe", share = 1 } },
            { 1000, "tick", { tick = 1, verdict = "safe", share = 1.0 } })
        assert.equal("share", told.member)
    end)

    it("can be that one of them has nothing", function()
        assert.truthy(between(nil, { 1000, "commit", {} }).text:find("nothing more", 1, true))
        assert.equal("at 00:00:00 the journal has the commit; now the run does not come to it: why",
            between({ 1000, "commit", {} }, nil, "why").text)
    end)

    it("can be told of anything", function()
        local rows = run()
        for _, row in ipairs(rows) do
            local as_it_was = plain.text(row[3])
            rows_of.each_change(row[3], rows_of.others, function()
                assert.is_string(between(row, { row[1], row[2], as_it_was }).text)
            end)
        end
    end)
end)
