-- What became of tests, as text, TAP, JUnit or JSON: one event of core/cli/test_file.h in, what can
-- be printed at once out, and the rest at the end.

local canonical = require "canonical"
local coverage = require "test.coverage"
local plain = require "report.plain"
local words = require "report.words"

local M = {}

local state

-- options: { format = "text", "tap", "junit" or "json"; colour = bool; coverage = bool }
function M.begin(options)
    state = { options = options, files = {}, by_path = {}, passed = 0, failed = 0, wrong = 0,
        number = 0, covered = coverage.new() }
    return ""
end

local function file_of(path)
    local file = state.by_path[path]
    if not file then
        file = { file = path, cases = canonical.array {} }
        state.by_path[path] = file
        table.insert(state.files, file)
    end
    return file
end

local colours = { good = "32", bad = "31" }

local function paint(how, text)
    return state.options.colour and ("\27[%sm%s\27[0m"):format(colours[how], text) or text
end

local SHOWN = 40 -- lines of what a test printed

-- Other people's text, line by line behind a margin; the last ones, where it is long.
local function indented(text, margin)
    local lines = {}
    for line in (text:gsub("%s+$", "") .. "\n"):gmatch("([^\n]*)\n") do
        line = #line > 400 and line:sub(1, utf8.offset(line, 0, 400) - 1) .. "..." or line
        line = margin .. plain.text((line:gsub("\t", "    ")))
        lines[#lines + 1] = line:gsub("%s+$", "") .. "\n"
    end
    if #lines > SHOWN then
        lines = table.move(lines, #lines - SHOWN + 1, #lines, 2,
            { ("%s(the last %d lines of %d)\n"):format(margin, SHOWN, #lines) })
    end
    return table.concat(lines)
end

local MARGIN = (" "):rep(10)

local show, close = {}, {}

function show.text(case, file, first)
    local out = { first and plain.text(file) .. "\n" or "" }
    out[2] = ("  %s  %s\n"):format(case.ok and paint("good", "ok    ") or paint("bad", "FAILED"),
        plain.text(case.name))
    if not case.ok then
        local message = plain.text((case.message:gsub("\n", " ")))
        out[3] = MARGIN .. words.wrapped(message, #MARGIN) .. "\n"
        out[4] = case.printed ~= "" and indented(case.printed, MARGIN .. "| ") or ""
    end
    return table.concat(out)
end

local function percent(one)
    return one.lines == 0 and 100 or math.floor(100 * one.reached / one.lines)
end

local function coverage_text()
    local out = { "\nlines executed\n" }
    for _, one in ipairs(coverage.list(state.covered)) do
        local missed = #one.missed > 0 and "  not " .. coverage.ranges(one.missed) or ""
        out[#out + 1] = ("  %-32s %3d %% of %d%s\n"):format(plain.text(one.name), percent(one),
            one.lines, missed)
    end
    return table.concat(out)
end

function close.text()
    local wrong = state.wrong > 0 and (", %d %s could not be tested"):format(state.wrong,
        state.wrong == 1 and "file" or "files") or ""
    return ("%d passed, %d failed%s\n"):format(state.passed, state.failed, wrong)
        .. (state.options.coverage and coverage_text() or "")
end

-- A line of TAP: what would end it, or begin a directive, is shown as something else.
local function tap_line(text)
    return (plain.text(text):gsub("\n", " "):gsub("#", "\\#"))
end

function show.tap(case, file)
    state.number = state.number + 1
    local head = state.number == 1 and "TAP version 14\n" or ""
    local out = ("%s%s %d - %s: %s\n"):format(head, case.ok and "ok" or "not ok", state.number,
        tap_line(file), tap_line(case.name))
    if case.ok then
        return out
    end
    return out .. "  ---\n  message: |-\n" .. indented(case.message, "    ") .. "  ...\n"
end

function close.tap()
    return ("1..%d\n"):format(state.number)
end

-- What XML 1.0 has no place for becomes a question mark.
local function xml(text)
    local marks = { ["&"] = "&amp;", ["<"] = "&lt;", [">"] = "&gt;", ['"'] = "&quot;",
        ["\n"] = "&#10;", ["\t"] = "&#9;" }
    text = text:gsub("[%z\1-\8\11\12\13\14-\31]", "?"):gsub("\u{FFFE}", "?"):gsub("\u{FFFF}", "?")
    return (text:gsub('[&<>"\n\t]', marks))
end

local function junit_case(file, case)
    local head = ('    <testcase classname="%s" name="%s" time="%.3f"'):format(xml(file),
        xml(case.name), case.ms / 1000)
    if case.ok then
        return head .. "/>\n"
    end
    local printed = case.printed ~= "" and ("      <system-out>%s</system-out>\n"):format(
        xml(case.printed)) or ""
    return ('%s>\n      <failure message="%s"/>\n%s    </testcase>\n'):format(head,
        xml(case.message), printed)
end

local function junit_file(file)
    local failed, ms, out = 0, 0, {}
    for i, case in ipairs(file.cases) do
        failed, ms = failed + (case.ok and 0 or 1), ms + case.ms
        out[i] = junit_case(file.file, case)
    end
    if file.error then
        out[#out + 1] = ('    <testcase classname="%s" name="the file">\n'
            .. '      <error message="%s"/>\n    </testcase>\n'):format(xml(file.file),
            xml(file.error))
    end
    return ('  <testsuite name="%s" tests="%d" failures="%d" errors="%d" time="%.3f">\n%s'
        .. "  </testsuite>\n"):format(xml(file.file), #out, failed, file.error and 1 or 0,
        ms / 1000, table.concat(out))
end

function close.junit()
    local out = {}
    for i, file in ipairs(state.files) do
        out[i] = junit_file(file)
    end
    return '<?xml version="1.0" encoding="UTF-8"?>\n<testsuites>\n' .. table.concat(out)
        .. "</testsuites>\n"
end

function close.json()
    local covered
    if state.options.coverage then
        covered = canonical.array(coverage.list(state.covered))
        for _, one in ipairs(covered) do
            one.missed = canonical.array(one.missed)
        end
    end
    return canonical.encode { files = canonical.array(state.files), passed = state.passed,
        failed = state.failed, wrong = state.wrong, coverage = covered } .. "\n"
end

-- Takes one event; what is to be printed now.
function M.add(event)
    local file = file_of(event.file)
    if event.error then
        file.error, state.wrong = event.error, state.wrong + 1
        return ""
    elseif not event.case then
        return ""
    end
    for _, covered in ipairs(event.covered) do
        coverage.add(state.covered, covered)
    end
    local case = { name = event.case, ok = event.ok, message = event.message, ms = event.ms,
        place = event.place, printed = event.printed }
    table.insert(file.cases, case)
    local counter = case.ok and "passed" or "failed"
    state[counter] = state[counter] + 1
    local now = show[state.options.format]
    return now and now(case, event.file, #file.cases == 1) or ""
end

-- The rest, and how many there were: { text, passed, failed, wrong }.
function M.finish()
    return { text = close[state.options.format](), passed = state.passed, failed = state.failed,
        wrong = state.wrong }
end

return M
