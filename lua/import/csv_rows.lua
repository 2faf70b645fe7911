-- Comma separated values as they occur: quoted fields, a byte order mark, CRLF, a first line
-- `sep=;`.

local invalid = require "import.invalid"

local M = {}

-- The separator that occurs most often in the header, outside quotes.
local function guess_separator(text)
    local header = text:match("^[^\r\n]*"):gsub('"[^"]*"', "")
    local best, most = ",", 0
    for _, candidate in ipairs {",", ";", "\t"} do
        local _, count = header:gsub(candidate, "")
        if count > most then
            best, most = candidate, count
        end
    end
    return best
end

local function quoted_field(text, start, name, line)
    local parts, position = {}, start + 1
    while true do
        local stop = text:find('"', position, true)
        if not stop then
            invalid("%s:%d: a quoted field does not end", name, line)
        end
        parts[#parts + 1] = text:sub(position, stop - 1)
        if text:sub(stop + 1, stop + 1) ~= '"' then
            return table.concat(parts, '"'), stop + 1
        end
        position = stop + 2
    end
end

-- One row from `position` on: its fields, where the next one begins, its last line.
local function read_row(text, position, separator, name, line)
    local fields = {}
    local plain = "^[^" .. separator:gsub("%p", "%%%0") .. "\r\n]*"
    while true do
        local field
        if text:sub(position, position) == '"' then
            field, position = quoted_field(text, position, name, line)
            local _, breaks = field:gsub("\n", "")
            line = line + breaks
        else
            local _, stop = text:find(plain, position)
            field = text:sub(position, stop)
            position = stop + 1
        end
        fields[#fields + 1] = field
        local c = text:sub(position, position)
        if c == "" then
            return fields, position, line
        elseif c == "\n" or c == "\r" then
            return fields, position + (text:find("^\r\n", position) and 2 or 1), line
        elseif c ~= separator then
            invalid("%s:%d: expected \"%s\" or the end of the line after a quoted field, found "
                .. "\"%s\"", name, line, separator, c)
        end
        position = position + 1
    end
end

local function strip(field)
    return field:match("^%s*(.-)%s*$")
end

-- Returns the header's names, an iterator over (fields, line number), and what divides columns.
function M.open(text, name)
    text = text:gsub("^\xEF\xBB\xBF", "")
    local line, separator = 1, nil
    local declared, rest = text:match("^[Ss][Ee][Pp]=([^\r\n])\r?\n()")
    if declared then
        separator, line, text = declared, 2, text:sub(rest)
    end
    separator = separator or guess_separator(text)
    if not text:find("%S") then
        invalid("%s: the file is empty, expected a line with the names of the columns", name)
    end
    local header, position, last = read_row(text, 1, separator, name, line)
    for i, field in ipairs(header) do
        header[i] = strip(field)
    end
    line = last + 1
    local function next_row()
        while position <= #text do
            local at, fields = line
            fields, position, last = read_row(text, position, separator, name, line)
            line = last + 1
            if #fields > 1 or strip(fields[1]) ~= "" then
                return fields, at
            end
        end
    end
    return header, next_row, separator
end

return M
