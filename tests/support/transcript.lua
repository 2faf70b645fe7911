-- A shell session on paper: commands, what they print, how they end. Two forms are read:
--
--   tests/cases/*.t     a sentence; then lines indented by two blanks: "$ command" and "> more of
--   it",
--                       the output, and "[3]" where the exit status is not 0. A line "needs: jq"
--                       names programs without which the case is skipped.
--   *.md                ```console blocks: "$ command", continued by a "\" at the end of a line,
--   and
--                       the output. "$ echo $?" shows a status that is not 0.
--
-- A transcript is { lines =, sections = { { title =, line =, commands = {...} } } }, a command
-- { text =, line =, last =, expected = {...}, status =, indent = }: `line` to `last` are its own
-- lines.

local M = {}

local function read_lines(path)
    local lines = {}
    for line in io.lines(path) do
        lines[#lines + 1] = line
    end
    return lines
end

local function new_command(text, number, indent)
    return { text = text, line = number, last = number, expected = {}, status = 0, indent = indent }
end

-- Adds one line (without its indentation) to the commands read so far.
local function add_line(commands, line, number, indent)
    local command = commands[#commands]
    if line:find("^%$ ") then
        commands[#commands + 1] = new_command(line:sub(3), number, indent)
        return
    end
    assert(command, ("line %d: output before the first command"):format(number))
    local fresh = command.last == number - 1 and #command.expected == 0
    if fresh and (line:find("^> ") or line == ">") then
        command.text = command.text .. "\n" .. line:sub(3)
        command.last = number
    elseif fresh and command.text:find("\\$") then
        command.text = command.text .. "\n" .. line
        command.last = number
    elseif line:find("^%[%d+%]$") then
        command.status = tonumber(line:sub(2, -2))
    else
        command.expected[#command.expected + 1] = line
    end
end

function M.read_case(path)
    local lines = read_lines(path)
    local section = { title = lines[1] or "", line = 1, commands = {} }
    local needs = {}
    for number, line in ipairs(lines) do
        local text = line:match("^  (.*)$")
        if text then
            add_line(section.commands, text, number, "  ")
        elseif line:find("^needs: ") then
            for program in line:sub(8):gmatch("%S+") do
                needs[#needs + 1] = program
            end
        end
    end
    return { path = path, lines = lines, sections = { section }, needs = needs }
end

function M.read_page(path)
    local lines = read_lines(path)
    local sections, section = {}, nil
    for number, line in ipairs(lines) do
        if section and line == "```" then
            section = nil
        elseif section then
            add_line(section.commands, line, number, "")
        elseif line == "```console" then
            section = { title = ("line %d"):format(number), line = number, commands = {} }
            sections[#sections + 1] = section
        end
    end
    return { path = path, lines = lines, sections = sections, needs = {} }
end

-- "$ echo $?" is the way a page shows a status; the command before it then need not be 0.
local function is_status_shown(commands, i)
    return commands[i + 1] ~= nil and commands[i + 1].text == "echo $?"
end

local function differs(command, result, shown)
    if not result then
        return true
    end
    local status_ok = result.status == command.status or shown and command.status == 0
    local got, want = result.output, command.expected
    return not status_ok or #got ~= #want or table.concat(got, "\n") ~= table.concat(want, "\n")
end

-- What is wrong in a section: a list of { command =, result = }, result being nil where the shell
-- ended.
function M.compare(section, results)
    local wrong = {}
    for i, command in ipairs(section.commands) do
        local shown = is_status_shown(section.commands, i)
        if differs(command, results[command], shown) then
            wrong[#wrong + 1] = { command = command, result = results[command] }
        end
    end
    return wrong
end

-- The lines of the transcript with what was really printed. Only for a person to look at and
-- commit.
function M.updated(transcript, results)
    local lines, at = {}, 1
    for _, section in ipairs(transcript.sections) do
        for i, command in ipairs(section.commands) do
            table.move(transcript.lines, at, command.last, #lines + 1, lines)
            at = command.last + 1 + #command.expected + (command.status ~= 0 and 1 or 0)
            local result = results[command]
                or { output = command.expected, status = command.status }
            for _, line in ipairs(result.output) do
                lines[#lines + 1] = command.indent .. line
            end
            local shown = results[command] and is_status_shown(section.commands, i)
            if result.status ~= 0 and not shown then
                lines[#lines + 1] = ("%s[%d]"):format(command.indent, result.status)
            end
        end
    end
    table.move(transcript.lines, at, #transcript.lines, #lines + 1, lines)
    return lines
end

return M
