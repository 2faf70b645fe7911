-- The code looks after itself: what can be checked about its form is checked here.
--
--     lua5.4 tests/tidy.lua        from the top of the repository
--
-- A rule is a row at the end of the file: a name, which files, and a function that calls
-- complain(place, message) for what is wrong.

package.path = "tests/support/?.lua;" .. package.path
local circles = require "circles"
local tree = require "tree"

local LINE_MAX, FUNCTION_MAX, FILE_MAX = 100, 70, 500

local files, texts, matching, each_line = tree.files, tree.texts, tree.matching, tree.each_line

local function is_code(path)
    return path:find("%.[ch]$") or path:find("%.lua$") or path:find("%.sh$") or path:find("%.py$")
        or path:find("%.cmake$") or path:find("CMakeLists%.txt$")
end

local function is_text(path)
    return is_code(path) or path:find("%.md$") or path:find("%.t$") or path:find("^%.[^/]+$")
        or path:find("%.json$") and not path:find("^examples/.*/raw/")
end

local function place(path, number)
    return ("%s:%d"):format(path, number)
end

-- --- lines and files ---

local function check_width(path, complain)
    each_line(texts[path], function(line, number)
        local width = #line > LINE_MAX and utf8.len(line) or #line
        if width > LINE_MAX then
            complain(place(path, number), ("%d columns, at most %d"):format(width, LINE_MAX))
        end
    end)
end

local function check_blanks(path, complain)
    local text = texts[path]
    if text ~= "" and text:sub(-1) ~= "\n" then
        complain(path, "no newline at the end")
    end
    if text:find("[^%S\n]\n") or text:find("[^%S\n]$") or text:find("\t", 1, true) then
        each_line(text, function(line, number)
            if line:find("%s$") then
                complain(place(path, number), "blank at the end")
            elseif line:find("\t") then
                complain(place(path, number), "tab")
            end
        end)
    end
    if text:find("\n\n$") then
        complain(path, "empty line at the end")
    end
end

local function check_size(path, complain)
    local _, count = texts[path]:gsub("\n", "")
    local made = texts[path]:find("Made by lua/report/", 1, true) -- read by editors, not by people
    if count > FILE_MAX and not made then
        complain(path, ("%d lines, at most %d"):format(count, FILE_MAX))
    end
end

local markers = { "TO" .. "DO", "FIX" .. "ME", "XX" .. "X", "HA" .. "CK", "NEEDS" .. "WORK" }

local function check_markers(path, complain)
    for _, marker in ipairs(markers) do
        if texts[path]:find(marker, 1, true) then
            each_line(texts[path], function(line, number)
                if line:find("%f[%w_]" .. marker .. "%f[^%w_]") then
                    complain(place(path, number), "left-over " .. marker)
                end
            end)
        end
    end
end

-- --- C ---

local function check_functions(path, complain)
    local start, name
    local before = ""
    each_line(tree.bare_c(texts[path]), function(line, number)
        if line == "{" then
            start, name = number, before:match("([%w_]+)%s*%(") or "function"
        elseif line:find("^}") and start then
            local length = number - start + 1
            if length > FUNCTION_MAX then
                complain(place(path, start), ("%s has %d lines, at most %d"):format(name, length,
                    FUNCTION_MAX))
            end
            start = nil
        end
        if line:find("^[%a_].*%(") then
            before = line
        end
    end)
end

local function set_of(names)
    local set = {}
    for _, name in ipairs(names) do
        set[name] = true
    end
    return set
end

local banned = set_of { "alloca", "asctime", "atof", "atoi", "atol", "ctime", "gets", "gmtime",
    "localtime", "mktime", "popen", "rand", "random", "sprintf", "srand", "strcat", "strcpy",
    "strtok", "system", "vsprintf" }
local doors = set_of { "clock_gettime", "getrandom", "gettimeofday", "time" } -- core/base may

local function check_calls(path, complain, names, why)
    each_line(tree.bare_c(texts[path]), function(line, number)
        for from, found in line:gmatch("()%f[%w_]([%w_]+)%s*%(") do
            local before = names[found] and line:sub(1, from - 1)
            if before and not before:find("%.$") and not before:find("->$") then
                complain(place(path, number), found .. "() " .. why)
            end
        end
    end)
end

local function check_banned(path, complain)
    check_calls(path, complain, banned, "is not used here")
    if not path:find("^core/base/") and not path:find("^tests/") then
        check_calls(path, complain, doors, "is for core/base: time and chance have one door")
    end
end

-- --- layers: docs/architecture.md draws them, includes and link lines must agree ---

local layers = {} -- folder -> set of folders below it

local function read_layers()
    local drawing = texts["docs/architecture.md"]:match("## Layers.-\n```\n(.-)\n```")
    local direct = {}
    for line in drawing:gmatch("[^\n]+") do
        local upper
        for folder, rest in line:gmatch("(%l+)%s*([^%l]*)") do
            if line:find("^lua/") then
                break
            end
            direct[folder] = direct[folder] or {}
            if upper then
                direct[upper][folder] = true
            end
            upper = rest:find("^%->") and folder or nil
        end
    end
    local function close(folder, into)
        for below in pairs(direct[folder]) do
            if not into[below] then
                into[below] = true
                close(below, into)
            end
        end
        return into
    end
    for folder in pairs(direct) do
        layers[folder] = close(folder, { [folder] = true })
    end
end

local function check_layer(path, complain)
    local folder = path:match("^core/(%l+)/")
    if not folder or path:find("tests%.cmake$") then
        return
    end
    if not layers[folder] then
        return complain(path, ("docs/architecture.md has no place for core/%s"):format(folder))
    end
    local pattern = path:find("%.[ch]$") and '^%s*#include "(%l+)/' or "core_(%l+)"
    each_line(texts[path], function(line, number)
        for below in line:gmatch(pattern) do
            if below ~= "library" and not layers[folder][below] then
                complain(place(path, number), ("%s reaches up to %s"):format(folder, below))
            end
        end
    end)
end

-- --- no circles (tests/support/circles.lua says what one is) ---

local function complain_of(graph, complain)
    circles.each(graph, function(path)
        complain(path[1], "goes round: " .. table.concat(path, " -> "))
    end)
end

local function check_include_circles(_, complain)
    complain_of(circles.of_includes(texts, matching("^core/.*%.[ch]$")), complain)
end

local function check_require_circles(_, complain)
    local paths = matching("^lua/.*%.lua$", "^stdlib/.*%.lua$")
    complain_of(circles.of_requires(texts, paths), complain)
end

-- --- Lua: one door for time and chance there as well ---

local lua_doors = set_of { "os.time", "os.clock", "os.date", "os.getenv", "os.execute", "io.open",
    "io.popen" }

local function check_lua_doors(path, complain)
    each_line(texts[path]:gsub("%-%-[^\n]*", ""), function(line, number)
        for name in line:gmatch("%f[%w_][io][os]%.%l+%f[^%w_]") do
            if lua_doors[name] then
                complain(place(path, number), name .. " is not for this folder")
            end
        end
    end)
end

-- --- nothing is dead ---

-- Named in full, or as "${name}_test.c" or "${name}.c" in a loop over names.
local function check_built(path, complain)
    local name = path:match("[^/]+$")
    local stem, ending = name:match("^(.+)(_%l+%.c)$")
    local lists = matching("CMakeLists%.txt$", "%.cmake$")
    for _, list in ipairs(lists) do
        if tree.words(texts[list])[name] then
            return
        end
    end
    for _, list in ipairs(lists) do
        local text = texts[list]
        if tree.has_word(text, name)
            or stem and text:find("}" .. ending, 1, true) and tree.has_word(text, stem)
            or text:find("}.c", 1, true) and tree.has_word(text, (name:gsub("%.c$", ""))) then
            return
        end
    end
    complain(path, "no CMake list builds it")
end

local function check_included(path, complain)
    local sources = matching("%.[ch]$", "%.cmake$")
    for _, name in ipairs { path:match("^core/(.*)$") or path, path:match("[^/]+$") } do
        if tree.any_quotes(sources, name, path)
            or tree.any_contains(sources, ('\\"%s\\"'):format(name)) then
            return
        end
    end
    complain(path, "nobody includes it")
end

-- A module is asked for by its whole name, or found by a name that another module joins to a
-- prefix, or puts into the middle: require("services." .. name .. ".wire").
local function check_required(path, complain)
    local module = path:gsub("^lua/", ""):gsub("^stdlib/", ""):gsub("^tests/.*/", "")
        :gsub("%.lua$", ""):gsub("/init$", ""):gsub("/", ".")
    local code = matching("%.lua$", "^core/.*%.[ch]$")
    if tree.any_contains(matching("%.sh$"), path) then
        return
    end
    local prefix = module:match("^.+%.")
    local joined = prefix and ('require("%s" .. '):format(prefix)
    local alive = tree.any_quotes(code, module, path)
        or joined and tree.any_contains(code, joined)
    local first, last = module:match("^([^.]+%.)[^.]+(%.[^.]+)$")
    alive = alive or first
        and tree.any_contains(code, ('require("%s" .. name .. "%s")'):format(first, last))
    if not alive then
        complain(path, ("nobody requires %q"):format(module))
    end
end

-- --- documents ---

local function pages()
    return matching("^docs/.*%.md$", "^README%.md$")
end

local function check_mentioned(path, complain)
    local folder, file = path:match("^examples/([^/]+)/(.+)$")
    if folder then
        local name = file:match("^([^/]+)")
        local page = texts[("examples/%s/README.md"):format(folder)] or ""
        if file ~= "README.md" and not page:find(name, 1, true) then
            complain(path, "its folder's README.md does not mention it")
        end
        return
    end
    local name = path:match("([^/]+)%.lua$") or path:match("([^/]+)$")
    if not tree.any_contains(pages(), name) then
        complain(path, "no document mentions it")
    end
end

local function check_folders(_, complain)
    local seen = {}
    for _, path in ipairs(matching("^examples/[^/]+/")) do
        local folder = path:match("^(examples/[^/]+)/")
        if not seen[folder] and not tree.any_contains(pages(), folder) then
            complain(folder, "neither README.md nor docs/ mention it")
        end
        seen[folder] = true
    end
end

local function looks_like_command(line, info)
    return line:find("^%$ ")
        or info ~= "lua" and (line:find("^tidelock %l") or line:find("^%./"))
end

-- Commands in pages stand in ```console blocks, which tests/cases/run.lua runs; what cannot be run
-- there says why: ```console (not run: takes eight minutes).
local function check_commands(path, complain)
    local info
    each_line(texts[path], function(line, number)
        local opened = line:match("^```(.*)$")
        if opened and info then
            info = nil
        elseif opened then
            info = opened
            if opened:find("^console") and opened ~= "console"
                and not opened:find("^console %(not run: .+%)$") then
                complain(place(path, number), "a console block is run, or says (not run: why)")
            end
        elseif info and not info:find("^console") and looks_like_command(line, info) then
            complain(place(path, number), "a command that no test runs; make it a ```console block")
        end
    end)
end

local function check_reading_order(path, complain)
    if not texts["README.md"]:find(("](%s)"):format(path), 1, true) then
        complain(path, "README.md has no place for it in its reading order")
    end
end

-- A link within the repository leads somewhere.
local function check_links(path, complain)
    local folder = path:match("^(.*/)[^/]+$") or ""
    each_line(texts[path], function(line, number)
        for target in line:gmatch("%]%(([^)#]+)[^)]*%)") do
            local file, climbs = folder .. target
            repeat
                file, climbs = file:gsub("[^/.]+/%.%./", "", 1)
            until climbs == 0
            local there = #matching("^" .. file:gsub("%p", "%%%0")) > 0
            if not target:find("^%a+:") and not there then
                complain(place(path, number), target .. " is not there")
            end
        end
    end)
end

local function check_top(_, complain)
    local expected = { ["CMakeLists.txt"] = true, ["CMakePresets.json"] = true, LICENSE = true,
        ["README.md"] = true, core = true, lua = true, policies = true, stdlib = true,
        examples = true, tests = true, docs = true }
    for _, path in ipairs(files) do
        local top = path:match("^[^/]+")
        if not expected[top] and not top:find("^%.") then
            complain(top, "does not belong at the top")
            expected[top] = true
        end
    end
end

local function in_folder(...)
    local patterns = { ... }
    return function(path)
        for _, pattern in ipairs(patterns) do
            if path:find(pattern) then
                return true
            end
        end
        return false
    end
end

-- Without a choice of files, a rule runs once.
local rules = {
    { "lines", is_code, check_width },
    { "blanks", function(path) return is_text(path) and not path:find("%.t$") end, check_blanks },
    { "file sizes", is_code, check_size },
    { "markers", is_text, check_markers },
    { "functions", in_folder "%.[ch]$", check_functions },
    { "banned functions", in_folder("^core/.*%.[ch]$", "^tests/.*%.[ch]$"), check_banned },
    { "layers", in_folder("^core/.+/.*%.[ch]$", "^core/.+/CMakeLists.txt$"), check_layer },
    { "circles of includes", nil, check_include_circles },
    { "circles of requires", nil, check_require_circles },
    { "doors in Lua", in_folder("^lua/", "^stdlib/", "^policies/"), check_lua_doors },
    { "dead C", in_folder("^core/.*%.c$", "^tests/.*%.c$"), check_built },
    { "dead headers", in_folder("^core/.*%.h$", "^tests/.*%.h$"), check_included },
    { "dead modules", in_folder("^lua/.*%.lua$", "^stdlib/[^/]+%.lua$", "/support/.*%.lua$"),
        check_required },
    { "policies and examples are told of", in_folder("^policies/", "^examples/"), check_mentioned },
    { "folders of examples are told of", nil, check_folders },
    { "commands in pages", in_folder "%.md$", check_commands },
    { "the reading order", in_folder "^docs/.*%.md$", check_reading_order },
    { "links in pages", in_folder "%.md$", check_links },
    { "the top level", nil, check_top },
}

read_layers()
local passed, failed = 0, 0
for _, rule in ipairs(rules) do
    local name, chosen, check = table.unpack(rule, 1, 3)
    local complaints = 0
    local function complain(where, message)
        complaints = complaints + 1
        print(("%s: %s"):format(where, message))
    end
    for _, path in ipairs(chosen and files or { "." }) do
        if not chosen or chosen(path) then
            check(path, complain)
        end
    end
    if complaints > 0 then
        failed = failed + 1
        print(("FAILED: %s (%d)"):format(name, complaints))
    else
        passed = passed + 1
    end
end
print(("%d passed, %d failed"):format(passed, failed))
os.exit(failed == 0, true)
