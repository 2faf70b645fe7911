-- Runs the commands of a transcript in one shell, in a fresh folder that has copies of policies/,
-- examples/ and stdlib/, and tells apart what each printed.

local M = {}

local MARK = "@@tidelock-transcript-"

local function quote(text)
    return "'" .. text:gsub("'", "'\\''") .. "'"
end

local function capture(command)
    local pipe = assert(io.popen(command))
    local text = pipe:read("a")
    local ok = pipe:close()
    return text, ok
end

function M.has(program)
    local _, ok = capture("command -v " .. quote(program) .. " 2>&1")
    return ok == true
end

-- The same surroundings for everybody: no colours, no time zone, nobody's home. Sanitizers keep
-- their options.
local function prologue(options, folder)
    return table.concat({
        "unset NO_COLOR CLICOLOR CLICOLOR_FORCE CI TIDELOCK_LUA_DIR BASH_ENV ENV COLUMNS",
        "export LC_ALL=C.UTF-8 TZ=UTC TERM=dumb",
        "export HOME=" .. quote(folder .. "/home"),
        "export TIDELOCK_ROOT=" .. quote(options.root),
        "export TIDELOCK=" .. quote(options.bin .. "/tidelock"),
        "export PATH=" .. quote(options.bin) .. ":$PATH",
        "cd " .. quote(folder .. "/work"),
    }, "\n") .. "\n"
end

-- A command, its mark with number and status, and the status again for whoever asks for $?.
local function script_of(commands, options, folder)
    local parts = { prologue(options, folder) }
    for i, command in ipairs(commands) do
        parts[#parts + 1] = ("%s\n{ __status=$?; printf '%s%%d %%d\\n' %d $__status; "
            .. "(exit $__status); }\n"):format(command.text, MARK, i)
    end
    return table.concat(parts)
end

local function split_lines(text)
    local lines = {}
    for line in text:gmatch("([^\n]*)\n") do
        lines[#lines + 1] = line
    end
    local rest = text:match("[^\n]+$")
    if rest then
        lines[#lines + 1] = rest .. " (no newline at the end)"
    end
    return lines
end

local function read_results(commands, text)
    local results, at = {}, 1
    for i, command in ipairs(commands) do
        local mark = ("%s%d "):format(MARK, i)
        local from, to = text:find(mark, at, true)
        if not from then
            return results, text:sub(at)
        end
        local status, after = text:match("^(%d+)\n()", to + 1)
        local output = split_lines(text:sub(at, from - 1))
        results[command] = { output = output, status = tonumber(status) }
        at = after
    end
    return results, text:sub(at)
end

local function make_folder(root)
    local folder = capture("mktemp -d"):match("[^\n]+")
    local make = "mkdir %s/work %s/home && cd %s && cp -r policies examples stdlib %s/work"
    assert(os.execute(make:format(folder, folder, quote(root), folder)))
    return folder
end

-- options: root (the repository), bin (the folder of the program), timeout in seconds. Returns the
-- results by command, and what was printed by a command that ended the shell.
function M.run(commands, options)
    local folder = make_folder(options.root)
    local file = assert(io.open(folder .. "/session.sh", "w"))
    file:write(script_of(commands, options, folder))
    file:close()
    local text = capture(("cd %s && timeout -k 5 %d bash session.sh 2>&1 </dev/null"):format(folder,
        options.timeout))
    os.execute("chmod -R u+w " .. folder .. " && rm -rf " .. folder)
    return read_results(commands, text)
end

return M
