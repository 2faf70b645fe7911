-- What a test is told of a run, which lines of a chunk can be executed, and the reports of tests.
require "sim_modules"
local coverage = require "test.coverage"
local lines = require "test.lines"
local page = require "test.page"
local run = require "test.run"

local function numbers(text)
    local list = {}
    for line in pairs(lines.executable(text)) do
        list[#list + 1] = line
    end
    table.sort(list)
    return table.concat(list, " ")
end

describe("executable lines", function()
    -- A closure is made on the line of its `end`, which is left out.
    it("are those with an instruction, in functions inside of functions too", function()
        assert.equal("1 5 8", numbers [[
local a = 1
-- a comment
local function f(x)
    return function()
        return x + a
    end
end
return f(2)
]])
    end)

    it("are found far apart, as lines of calls over many lines and long chunks are", function()
        local text = "local t = {}\n" .. ("\n"):rep(500) .. "t.x = 1\n"
        assert.equal("1 502", numbers(text))
        local long = {}
        for i = 1, 3000 do
            long[i] = ("x%d = %d.5"):format(i, i)
        end
        local _, count = numbers(table.concat(long, "\n")):gsub("%d+", "")
        assert.equal(3000, count)
    end)

    -- The hook for lines is the authority: what it tells is executable, and what is not ends
    -- something or is never reached.
    it("are all that the interpreter stops at", function()
        for _, name in ipairs { "step_canary", "linear", "blue_green", "flag_ramp" } do
            local file <close> = assert(io.open("policies/" .. name .. ".lua"))
            local text = file:read("a")
            local executable, stopped = lines.executable(text), 0
            local chunk = assert(load(text, "=it"))
            local got = {}
            debug.sethook(function(_, line)
                if debug.getinfo(2, "S").source == "=it" then
                    got[line] = true
                end
            end, "l")
            pcall(chunk)
            debug.sethook()
            for line in pairs(got) do
                stopped = stopped + (executable[line] and 1 or 0)
            end
            assert.is_true(stopped > 0, name)
        end
    end)

    it("are none of what is no Lua", function()
        assert.equal("", numbers "return 1 +")
    end)
end)

describe("coverage", function()
    it("adds up over tests, and tells what was missed in ranges", function()
        local book = coverage.new()
        local text = "local a = 1\nlocal b = 2\nlocal c = 3\nlocal d = 4\nreturn a + b + c + d\n"
        coverage.add(book, { lines = { ["p.lua"] = { 1 } }, sources = { ["p.lua"] = text } })
        coverage.add(book, { lines = { ["p.lua"] = { 5 } }, sources = { ["p.lua"] = text } })
        local list = coverage.list(book)
        assert.same({ { name = "p.lua", lines = 5, reached = 2, missed = { 2, 3, 4 } } }, list)
        assert.equal("2-4", coverage.ranges(list[1].missed))
        assert.equal("1, 3-4, 7", coverage.ranges { 1, 3, 4, 7 })
    end)

    it("keeps two texts of one name apart", function()
        local book = coverage.new()
        coverage.add(book, { lines = {}, sources = { ["p.lua"] = "return 1\n" } })
        coverage.add(book, { lines = {}, sources = { ["p.lua"] = "\nreturn 1\n" } })
        assert.equal(2, #coverage.list(book))
    end)
end)

describe("a report", function()
    local function report(options, events)
        page.begin(options)
        local out = {}
        for i, event in ipairs(events) do
            out[i] = page.add(event)
        end
        local last = page.finish()
        return table.concat(out) .. last.text, last
    end

    local function case(changes)
        local event = { file = "a_test.lua", case = "it", place = "a_test.lua:1", ok = true,
            message = "", printed = "", ms = 7, covered = {} }
        for name, value in pairs(changes or {}) do
            event[name] = value
        end
        return event
    end

    it("names a file once, and counts what could not be tested", function()
        local text, last = report({ format = "text" }, { case(), case { case = "that" },
            case { file = "b_test.lua", ok = false, message = "b_test.lua:1: no\27" },
            { file = "c_test.lua", error = "broken" }, { file = "a_test.lua", read = "x" } })
        assert.equal("a_test.lua\n  ok      it\n  ok      that\nb_test.lua\n  FAILED  it\n"
            .. "          b_test.lua:1: no\\x1b\n"
            .. "2 passed, 1 failed, 1 file could not be tested\n", text)
        assert.same({ 2, 1, 1 }, { last.passed, last.failed, last.wrong })
    end)

    it("shows the end of what is long", function()
        local text = report({ format = "text" }, { case { ok = false, message = "no",
            printed = ("line\n"):rep(100) .. "the last\n" } })
        assert.is_truthy(text:find("(the last 40 lines of 101)", 1, true))
        assert.is_truthy(text:find("| the last\n", 1, true))
    end)

    it("is one document of XML, whatever is in a name", function()
        local text = report({ format = "junit" }, { case { case = 'a<"&>\0\27' },
            { file = "c_test.lua", error = "x < y" } })
        assert.is_truthy(text:find('name="a&lt;&quot;&amp;&gt;??"', 1, true), text)
        local parser = require("lxp").new {}
        assert.is_truthy(parser:parse(text) and parser:parse())
    end)
end)

describe("what is told of a run", function()
    it("has calls, watches and shares, of both ways", function()
        local told = run.told { wanted = true, records = {
            { kind = "run", at = 0, body = { policy = "p.lua", seed = 1 } },
            { kind = "begin", at = 1000, body = { policy = { name = "p" }, params = {},
                targets = {} } },
            { kind = "effect", at = 1000, body = { id = 1, request = { kind = "aws",
                operation = "sts.get_caller_identity", input = {} } } },
            { kind = "result", at = 1500, body = { id = 1, outcome = "ok", value = {} } },
        } }
        assert.same({ { operation = "sts.get_caller_identity", at = 0, back = false,
            outcome = "ok" } }, told.calls)
        assert.equal(4, #told.records)
    end)
end)
