-- The files of the repository as tests/tidy.lua looks at them: their texts, and what is asked of
-- them again and again, which is worked out once.

local M = { files = {}, texts = {} } -- paths from the top; their contents

-- What is asked for every file is worked out once.
local function remembering(compute)
    local known = {}
    return function(key)
        known[key] = known[key] or compute(key)
        return known[key]
    end
end

local matching_one = remembering(function(pattern)
    local found = {}
    for _, path in ipairs(M.files) do
        if path:find(pattern) then
            found[#found + 1] = path
        end
    end
    return found
end)

-- The paths that match any of the patterns, in one list.
function M.matching(...)
    local found = {}
    for _, pattern in ipairs { ... } do
        local some = matching_one(pattern)
        table.move(some, 1, #some, #found + 1, found)
    end
    return found
end

-- Calls each(line, number).
function M.each_line(text, each)
    local number = 0
    for line in (text:sub(-1) == "\n" and text or text .. "\n"):gmatch("([^\n]*)\n") do
        number = number + 1
        each(line, number)
    end
end

-- C without comments and the insides of strings; lines stay where they are.
M.bare_c = remembering(function(text)
    local function blank(part)
        return (part:gsub("[^\n]", " "))
    end
    local out, at = {}, 1
    while true do
        local from = text:find("[/\"']", at)
        if not from then
            break
        end
        out[#out + 1] = text:sub(at, from - 1)
        local to
        if text:sub(from, from + 1) == "/*" then
            to = select(2, text:find("*/", from + 2, true)) or #text
        elseif text:sub(from, from + 1) == "//" then
            to = (text:find("\n", from, true) or #text + 1) - 1
        elseif text:sub(from, from) == "/" then
            to = nil
        else
            local quote = text:sub(from, from)
            local ends = "[\\" .. quote .. "]"
            to = text:find(ends, from + 1) or #text + 1
            while text:sub(to, to) == "\\" do
                to = text:find(ends, to + 2) or #text + 1
            end
        end
        out[#out + 1] = to and blank(text:sub(from, to)) or "/"
        at = (to or from) + 1
    end
    out[#out + 1] = text:sub(at)
    return table.concat(out)
end)

function M.any_contains(paths, needle, except)
    for _, path in ipairs(paths) do
        if path ~= except and M.texts[path] and M.texts[path]:find(needle, 1, true) then
            return true
        end
    end
    return false
end

-- What stands between double quotes. A quote that is none may set it off by one: who is not found
-- here is looked for in full.
local quoted = remembering(function(text)
    local set = {}
    for part in text:gmatch('"([^"\n]*)"') do
        set[part] = true
    end
    return set
end)

-- Whether any of them has the needle between double quotes.
function M.any_quotes(paths, needle, except)
    for _, path in ipairs(paths) do
        if path ~= except and quoted(M.texts[path])[needle] then
            return true
        end
    end
    return M.any_contains(paths, ('"%s"'):format(needle), except)
end

M.words = remembering(function(text)
    local set = {}
    for word in text:gmatch("[%w_.]+") do
        set[word] = true
    end
    return set
end)

function M.has_word(text, word)
    return M.words(text)[word]
        or text:find("%f[%w_]" .. word:gsub("%p", "%%%0") .. "%f[^%w_]") ~= nil
end

local function load_files()
    local pipe <close> = assert(io.popen(
        "find . -type d \\( -name build -o -name .git -o -name .venv \\) -prune -o -type f -print"))
    for path in pipe:lines() do
        path = path:sub(3)
        local file <close> = assert(io.open(path, "rb"))
        M.files[#M.files + 1] = path
        M.texts[path] = file:read("a")
    end
    table.sort(M.files)
end

load_files()

return M
