-- Runs whole-program transcripts and compares them, byte for byte.
--
--     lua5.4 tests/cases/run.lua --bin FOLDER [--update] FILE...
--
-- FILE is a case (*.t) or a page of the documentation (*.md); support/transcript.lua tells how they
-- are written. --bin is the folder of the built program. --update writes what was really printed
-- into the files: read the difference before you commit it. TIDELOCK_TIMEOUT are the seconds after
-- which CTest ends this program: a session is ended before, so that what it had printed is told.

local here = arg[0]:match("^(.*)/cases/[^/]*$") or "tests"
package.path = here .. "/support/?.lua;" .. package.path

local shell = require "shell"
local transcript = require "transcript"

local function absolute(folder)
    local pipe <close> = assert(io.popen(("cd '%s' && pwd"):format(folder)))
    return assert(pipe:read("l"), folder .. " is no folder")
end

local function read_arguments()
    local seconds = math.tointeger(tonumber(os.getenv "TIDELOCK_TIMEOUT" or 600))
    local options = { timeout = seconds * 9 // 10, files = {}, root = absolute(here .. "/..") }
    local i = 1
    while arg[i] do
        local name = arg[i]:match("^%-%-(%l+)$")
        if name == "update" then
            options.update = true
        elseif name == "bin" then
            i = i + 1
            options.bin = assert(arg[i], "--bin needs a value")
        elseif name then
            error("there is no option --" .. name, 0)
        else
            options.files[#options.files + 1] = arg[i]
        end
        i = i + 1
    end
    options.bin = absolute(assert(options.bin, "--bin FOLDER is missing"))
    return options
end

local function all_commands(page)
    local commands = {}
    for _, section in ipairs(page.sections) do
        table.move(section.commands, 1, #section.commands, #commands + 1, commands)
    end
    return commands
end

-- Length of the common part at the start, then at the end: what is left is the difference.
local function common(a, b)
    local first = 0
    while first < #a and first < #b and a[first + 1] == b[first + 1] do
        first = first + 1
    end
    local last = 0
    while last < #a - first and last < #b - first and a[#a - last] == b[#b - last] do
        last = last + 1
    end
    return first, last
end

local function print_lines(sign, lines, from, to)
    for i = from, to do
        print(sign .. " " .. lines[i])
    end
end

local function with_status(lines, status)
    local all = table.move(lines, 1, #lines, 1, {})
    if status ~= 0 then
        all[#all + 1] = ("[%d]"):format(status)
    end
    return all
end

local function print_command(path, command)
    print(("%s:%d: $ %s"):format(path, command.line, (command.text:gsub("\n", "\n    "))))
end

local function print_end(path, command, rest)
    print_command(path, command)
    print("the shell ended here, or ran out of time; it had printed:")
    print(rest)
end

local function print_difference(path, command, result)
    print_command(path, command)
    local want = with_status(command.expected, command.status)
    local got = with_status(result.output, result.status)
    local first, last = common(want, got)
    print_lines(" ", want, math.max(1, first - 2), first)
    print_lines("-", want, first + 1, #want - last)
    print_lines("+", got, first + 1, #got - last)
    print_lines(" ", want, #want - last + 1, math.min(#want, #want - last + 3))
end

local function report(page, results, rest)
    local failed = 0
    for _, section in ipairs(page.sections) do
        local wrong = transcript.compare(section, results)
        for _, found in ipairs(wrong) do
            if found.result then
                print_difference(page.path, found.command, found.result)
            elseif rest then
                print_end(page.path, found.command, rest)
                rest = nil
            end
        end
        failed = failed + (#wrong > 0 and 1 or 0)
    end
    return failed
end

local function update(page, results)
    local file <close> = assert(io.open(page.path, "w"))
    file:write(table.concat(transcript.updated(page, results), "\n"), "\n")
end

local function missing_program(page)
    for _, program in ipairs(page.needs) do
        if not shell.has(program) then
            return program
        end
    end
end

-- passed, failed, skipped
local function run_file(path, options)
    local page = path:find("%.md$") and transcript.read_page(path) or transcript.read_case(path)
    local missing = missing_program(page)
    if missing then
        print(("SKIPPED: %s needs %s"):format(path, missing))
        return 0, os.getenv("CI") == "true" and 1 or 0, os.getenv("CI") == "true" and 0 or 1
    end
    local commands = all_commands(page)
    assert(#commands > 0 or path:find("%.md$"), path .. ": there is no command in it")
    if #commands == 0 then
        return 0, 0, 0
    end
    local results, rest = shell.run(commands, options)
    local failed = report(page, results, rest)
    if options.update and failed > 0 then
        update(page, results)
    end
    return #page.sections - failed, failed, 0
end

local options = read_arguments()
local passed, failed, skipped = 0, 0, 0
for _, path in ipairs(options.files) do
    local p, f, s = run_file(path, options)
    passed, failed, skipped = passed + p, failed + f, skipped + s
end
print(("%d passed, %d failed, %d skipped"):format(passed, failed, skipped))
os.exit(failed == 0, true)
