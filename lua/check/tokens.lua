-- The words of a Lua text: names, keywords, numbers, texts and signs, each with its line; and its
-- comments. The text is one that Lua's own compiler has taken; of any other it says where it ends
-- to be Lua.

local M = {}

local find, sub = string.find, string.sub

M.keywords = {}
for word in ([[and break do else elseif end false for function goto if in local nil not or repeat
    return then true until while]]):gmatch("%l+") do
    M.keywords[word] = true
end

-- Signs by their length, the longest first.
local signs = {}
for size, list in pairs {
    [3] = "...",
    [2] = "== ~= <= >= // :: << >> ..",
    [1] = "+ - * / % ^ # & ~ | < > = ( ) { } [ ] ; : , .",
} do
    signs[size] = {}
    for sign in list:gmatch("%S+") do
        signs[size][sign] = true
    end
end

local function fail(line, format, ...)
    error({ invalid = ("line %d: " .. format):format(line, ...) }, 0)
end

-- How many lines end between two bytes: as Lua counts them, "\r\n" and "\n\r" end one.
local function lines_in(text, from, to)
    local count, at = 0, find(text, "[\r\n]", from)
    while at and at <= to do
        local pair = sub(text, at, at + 1)
        count, at = count + 1,
            find(text, "[\r\n]", at + ((pair == "\r\n" or pair == "\n\r") and 2 or 1))
    end
    return count
end

-- The end of a long bracket that opens at `at`, and what it holds; nil where none does.
local function long(text, at, line)
    local _, open, level = find(text, "^%[(=*)%[", at)
    if not open then
        return nil
    end
    local from, to = find(text, "]" .. level .. "]", open + 1, true)
    if not from then
        fail(line, "a long bracket does not end")
    end
    local held = sub(text, open + 1, from - 1):gsub("\r\n", "\n"):gsub("\n\r", "\n")
        :gsub("\r", "\n")
    return to, held:gsub("^\n", "")
end

local escapes = { n = "\n", t = "\t", r = "\r", a = "\a", b = "\b", f = "\f", v = "\v",
    ["\\"] = "\\", ['"'] = '"', ["'"] = "'", ["\n"] = "\n", ["\r"] = "\n" }

-- What an escape stands for, and where it ends.
local function escaped(text, at, line)
    local simple = escapes[sub(text, at, at)]
    if simple then
        local pair = sub(text, at, at + 1)
        return simple, at + ((pair == "\r\n" or pair == "\n\r") and 1 or 0)
    end
    local _, to, digits = find(text, "^(%d%d?%d?)", at)
    if to then
        return tonumber(digits) < 256 and string.char(tonumber(digits)) or fail(line,
            "an escape beyond 255"), to
    end
    _, to, digits = find(text, "^x(%x%x)", at)
    if to then
        return string.char(tonumber(digits, 16)), to
    end
    _, to, digits = find(text, "^u{(%x+)}", at)
    if to and #digits:gsub("^0+", "") <= 8 and tonumber(digits, 16) < 2 ^ 31 then
        return utf8.char(tonumber(digits, 16)), to
    end
    _, to = find(text, "^z%s*", at)
    return to and "" or fail(line, "an escape that there is not"), to
end

-- A text between quotes that opens at `at`: where it ends, and what it says.
local function quoted(text, at, line)
    local quote, parts, from = sub(text, at, at), {}, at + 1
    local stop = "[\\\r\n" .. quote .. "]"
    while true do
        local to = find(text, stop, from)
        local sign = to and sub(text, to, to)
        if not to or sign == "\n" or sign == "\r" then
            fail(line, "a text does not end")
        end
        parts[#parts + 1] = sub(text, from, to - 1)
        if sign == quote then
            return to, table.concat(parts)
        end
        parts[#parts + 1], to = escaped(text, to + 1, line)
        from = to + 1
    end
end

-- A number that begins at `at`: where it ends, and what it is.
local function number(text, at, line)
    local hex = find(text, "^0[xX]", at)
    local to, exponent = at - 1, hex and "^[pP][+-]?" or "^[eE][+-]?"
    while true do -- as Lua reads it: all that could belong to it, whether it makes sense or not
        local _, more = find(text, exponent, to + 1)
        if not more then
            _, more = find(text, "^[%w_.]", to + 1)
        end
        if not more then
            break
        end
        to = more
    end
    local value = tonumber(sub(text, at, to))
    return to, value or fail(line, "a number that there is not: %s", sub(text, at, to))
end

local function sign_at(text, at)
    for size = 3, 1, -1 do
        local sign = sub(text, at, at + size - 1)
        if signs[size][sign] then
            return sign
        end
    end
end

-- One comment from `at`, which stands behind "--": where it ends.
local function comment(state, at)
    local text = state.text
    local to, held = long(text, at, state.line)
    if not to then
        to = (find(text, "[\r\n]", at) or #text + 1) - 1
        held = sub(text, at, to)
    end
    local before = state.last_line
    state.comments[#state.comments + 1] = { text = held, line = state.line,
        last = state.line + lines_in(text, at, to), alone = before ~= state.line }
    return to
end

local function add(state, kind, value)
    local count = state.count + 1
    state.count, state.last_line = count, state.line
    state.kinds[count], state.values[count], state.lines[count] = kind, value, state.line
end

-- One token from `at`, which is no space: where it ends.
local function take(state, at)
    local text = state.text
    local _, to, word = find(text, "^([%a_][%w_]*)", at)
    if to then
        add(state, M.keywords[word] and word or "name", word)
        return to
    end
    local value
    if find(text, "^%.?%d", at) then
        to, value = number(text, at, state.line)
        add(state, "number", value)
        return to
    elseif find(text, "^[\"']", at) then
        to, value = quoted(text, at, state.line)
    else
        to, value = long(text, at, state.line)
    end
    if to then
        local first = state.line
        state.line = first + lines_in(text, at, to)
        add(state, "text", value) -- Lua counts it where it ends
        return to, true
    end
    local sign = sign_at(text, at) or fail(state.line, "%q is no sign of Lua", sub(text, at, at))
    add(state, sign, sign)
    return at + #sign - 1
end

---The tokens of a text: { kinds, values, lines, count, comments }. A kind is "name", "number",
---"text", or the keyword or sign itself; the last one is "end of file".
function M.of(text)
    local state = { text = text, line = 1, count = 0, kinds = {}, values = {}, lines = {},
        comments = {}, last_line = 0 }
    local at = find(text, "^#") and find(text, "[\r\n]") or 1
    while true do
        local from = find(text, "%S", at) or #text + 1
        state.line = state.line + lines_in(text, at, from - 1)
        if from > #text then
            break
        end
        if find(text, "^%-%-", from) then
            local to = comment(state, from + 2)
            state.line, at = state.comments[#state.comments].last, to + 1
        else
            at = take(state, from) + 1
        end
    end
    add(state, "end of file", nil)
    return state
end

return M
