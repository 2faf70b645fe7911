-- Which lines of the policies under test were executed, added up over all tests.

local lines = require "test.lines"

local M = {}

-- What nothing has been added to yet.
function M.new()
    return { chunks = {}, by_text = {} }
end

local function chunk_of(book, name, text)
    local key = name .. "\0" .. text
    local chunk = book.by_text[key]
    if not chunk then
        chunk = { name = name, executable = lines.executable(text), reached = {} }
        book.by_text[key] = chunk
        table.insert(book.chunks, chunk)
    end
    return chunk
end

-- One simulation: { lines = { chunk = [line...] }, sources = { chunk = text } }.
function M.add(book, covered)
    for name, text in pairs(covered.sources) do
        local chunk = chunk_of(book, name, text)
        for _, line in ipairs(covered.lines[name] or {}) do
            chunk.reached[line] = true
        end
    end
end

-- In the order of their names: { name, lines, reached, missed = [line...] }.
function M.list(book)
    local list = {}
    for _, chunk in ipairs(book.chunks) do
        local one = { name = chunk.name, lines = 0, reached = 0, missed = {} }
        for line in pairs(chunk.executable) do
            one.lines = one.lines + 1
            if chunk.reached[line] then
                one.reached = one.reached + 1
            else
                table.insert(one.missed, line)
            end
        end
        table.sort(one.missed)
        list[#list + 1] = one
    end
    table.sort(list, function(a, b)
        return a.name < b.name or a.name == b.name and a.lines < b.lines
    end)
    return list
end

-- "12, 15-17"
function M.ranges(missed)
    local parts, i = {}, 1
    while i <= #missed do
        local last = i
        while missed[last + 1] == missed[last] + 1 do
            last = last + 1
        end
        parts[#parts + 1] = last == i and tostring(missed[i])
            or ("%d-%d"):format(missed[i], missed[last])
        i = last + 1
    end
    return table.concat(parts, ", ")
end

return M
