-- Holds what `tidelock check` finds in a corpus of small policies against what they say it will:
-- `-- found: CODE` at the end of a line, `-- found above: CODE` below it. In the shipped policies
-- and the examples nothing is found.
--
--     lua5.4 tests/cases/check_corpus.lua TIDELOCK

local cjson = require "cjson"

local tidelock = assert(arg[1], "usage: check_corpus.lua TIDELOCK")
local tally = { found = 0, wrong = 0 }

local function output_of(command)
    local pipe = assert(io.popen(command))
    local text = pipe:read "a"
    local _, _, status = pipe:close()
    return text, status
end

local function files_of(pattern)
    local list = {}
    for path in output_of("ls " .. pattern):gmatch("%S+") do
        list[#list + 1] = path
    end
    return list
end

local function wanted_in(path)
    local wanted, line = {}, 0
    for text in io.lines(path) do
        line = line + 1
        for code in text:gmatch("%-%- found: (%S+)") do
            wanted[#wanted + 1] = ("%d %s"):format(line, code)
        end
        for code in text:gmatch("%-%- found above: (%S+)") do
            wanted[#wanted + 1] = ("%d %s"):format(line - 1, code)
        end
    end
    return wanted
end

local function found_in(path)
    local text = output_of(("%s check --format json %s 2>&1"):format(tidelock, path))
    local ok, document = pcall(cjson.decode, text)
    if not ok then
        return { text }
    end
    local found, seen = {}, {}
    for _, one in ipairs(document.files[1].findings) do
        local key = ("%d %s"):format(one.line, one.code)
        found[#found + 1] = not seen[key] and key or nil
        seen[key] = true
    end
    return found
end

local function compare(path, wanted)
    local found = found_in(path)
    table.sort(found)
    table.sort(wanted)
    tally.found = tally.found + #found
    if table.concat(found, "; ") ~= table.concat(wanted, "; ") then
        tally.wrong = tally.wrong + 1
        print(("%s\n  wanted: %s\n  found:  %s"):format(path, table.concat(wanted, "; "),
            table.concat(found, "; ")))
    end
end

-- The codes that some policy of the corpus is there for.
local shown = {}
local corpus = files_of "tests/fixtures/check/*.lua"
for _, path in ipairs(corpus) do
    local wanted = wanted_in(path)
    for _, one in ipairs(wanted) do
        shown[one:match("%S+$")] = true
    end
    compare(path, wanted)
end

-- Every rule is there for something; two need what a file alone does not have (check.t and
-- spec/check_live_spec.lua).
local elsewhere = { ["sees-too-little"] = true, ["stale-flag"] = true }
for code in io.open("lua/check/lints.lua"):read("a"):gmatch('\n        code = "([%w-]+)"') do
    if not shown[code] and not elsewhere[code] then
        tally.wrong = tally.wrong + 1
        print("no policy of the corpus shows " .. code)
    end
end

for _, name in ipairs { "blue_green", "flag_ramp", "linear", "step_canary", "take_back" } do
    compare(name, {})
end
for _, path in ipairs(files_of "examples/*/*.lua") do
    if io.open(path):read("a"):find('require "rollout"', 1, true) then
        compare(path, {})
    end
end

print(("%d policies, %d findings, %d as they should not be"):format(#corpus, tally.found,
    tally.wrong))
os.exit(tally.wrong == 0)
