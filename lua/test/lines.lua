-- Which lines of a chunk have anything to execute: those that instructions of its compiled form
-- stand for, read as `string.dump` of Lua 5.4 writes them.

local M = {}

local HEADER = 4 + 1 + 1 + 6 + 1 + 1 + 1 -- signature, version, format, data, sizes
local ABSOLUTE = -128 -- in place of a difference that does not fit: the line is told elsewhere

-- A reader of the bytes: sizes are written in groups of seven bits, the last with its highest set.
local function reader(text, at)
    local read = {}
    function read.byte()
        at = at + 1
        return text:byte(at - 1)
    end
    function read.size()
        local value = 0
        while true do
            local byte = read.byte()
            value = value << 7 | byte & 0x7f
            if byte & 0x80 ~= 0 then
                return value
            end
        end
    end
    function read.skip(bytes)
        at = at + bytes
    end
    function read.text()
        local size = read.size()
        read.skip(size > 0 and size - 1 or 0)
    end
    return read
end

local function skip_constants(read)
    local numeral = { [0x03] = 8, [0x13] = 8 } -- an integer, a float
    for _ = 1, read.size() do
        local kind = read.byte()
        if kind == 0x04 or kind == 0x14 then
            read.text()
        else
            read.skip(numeral[kind] or 0)
        end
    end
end

-- Of each instruction the difference to the line of the one before, and the lines told whole.
local function read_lines(read, first, is_vararg, lines)
    local differences, absolute = {}, {}
    for i = 1, read.size() do
        local byte = read.byte()
        differences[i] = byte < 128 and byte or byte - 256
    end
    for _ = 1, read.size() do
        local instruction = read.size()
        absolute[instruction + 1] = read.size()
    end
    local line = first
    for i, difference in ipairs(differences) do
        line = difference == ABSOLUTE and absolute[i] or line + difference
        if i > 1 or not is_vararg then -- what adjusts the arguments stands on no line
            lines[line] = true
        end
    end
end

local function read_function(read, lines)
    read.text()
    local first = read.size()
    read.size()
    read.byte()
    local is_vararg = read.byte() ~= 0
    read.byte()
    read.skip(4 * read.size())
    skip_constants(read)
    read.skip(3 * read.size())
    for _ = 1, read.size() do
        read_function(read, lines)
    end
    read_lines(read, first, is_vararg, lines)
    for _ = 1, read.size() do -- local variables
        read.text()
        read.size()
        read.size()
    end
    for _ = 1, read.size() do -- upvalues
        read.text()
    end
end

-- A line that ends something, and nothing else, says nothing of whether what is before it ran.
local function ends_only(text)
    return text:gsub("%-%-.*$", ""):find("^[%s})%],;]*$") ~= nil
        or text:find("^%s*end[%s)},;]*$") ~= nil or text:find("^%s*else%s*$") ~= nil
end

-- The text of a chunk -> { line = true }. A text that is no Lua has none.
function M.executable(text)
    local chunk = load(text, "=chunk", "t")
    local all, lines, number = {}, {}, 0
    if not chunk then
        return lines
    end
    local bytes = string.dump(chunk)
    local read = reader(bytes, 1 + HEADER + 16) -- an integer and a float that prove the format
    read.byte() -- how many upvalues the main function has
    read_function(read, all)
    for line in (text .. "\n"):gmatch("([^\n]*)\n") do
        number = number + 1
        lines[number] = all[number] and not ends_only(line) or nil
    end
    return lines
end

return M
