-- Reading other people's JSON: strictly, with errors that name the file and the line, and with
-- checks that name the JSON path.

local cjson = require "cjson"
local invalid = require "import.invalid"

local M = {}

local decoder = cjson.new()
decoder.decode_invalid_numbers(false)
decoder.decode_max_depth(64)

local function line_of(text, position)
    local _, breaks = text:sub(1, position - 1):gsub("\n", "")
    return breaks + 1
end

local function explain(text, message, name, first_line)
    local what, position = message:match("^(.-) at character (%d+)$")
    if not what then
        invalid("%s: this is no JSON: %s", name, message)
    end
    local line = line_of(text, tonumber(position)) + first_line - 1
    invalid("%s:%d: this is no JSON: %s", name, line, what)
end

-- The position after the bracketed value that begins at `start`; nil if it does not end.
local function value_end(text, start)
    local depth, position = 0, start
    while true do
        local at = text:find('[%[%]{}"]', position)
        if not at then
            return nil
        end
        local c = text:sub(at, at)
        if c == '"' then
            at = at + 1
            while true do
                at = text:find('[\\"]', at)
                if not at then
                    return nil
                elseif text:sub(at, at) == '"' then
                    break
                end
                at = at + 2
            end
        else
            depth = depth + ((c == "{" or c == "[") and 1 or -1)
            if depth == 0 then
                return at + 1
            end
        end
        position = at + 1
    end
end

local function split(text)
    local parts, position = {}, 1
    while true do
        local start = text:find("%S", position)
        if not start then
            return parts
        end
        local stop = text:find("^[{%[]", start) and value_end(text, start)
        if not stop then
            return nil
        end
        parts[#parts + 1] = {text = text:sub(start, stop - 1), line = line_of(text, start)}
        position = stop
    end
end

-- The documents in `text`, one or several after another (as a paginated command prints them): a
-- list of {value, line}.
function M.documents(text, name)
    text = text:gsub("^\xEF\xBB\xBF", "")
    if not text:find("%S") then
        invalid("%s: the file is empty, expected JSON", name)
    end
    local ok, value = pcall(decoder.decode, text)
    if ok then
        return {{value = value, line = 1}}
    end
    local parts = split(text)
    if not parts or #parts < 2 then
        explain(text, value, name, 1)
    end
    local documents = {}
    for i, part in ipairs(parts) do
        local decoded, document = pcall(decoder.decode, part.text)
        if not decoded then
            explain(part.text, document, name, part.line)
        end
        documents[i] = {value = document, line = part.line}
    end
    return documents
end

function M.decode(text, name)
    local documents = M.documents(text, name)
    if #documents > 1 then
        invalid("%s: expected one JSON value, found %d", name, #documents)
    end
    return documents[1].value
end

local function kind_of(value)
    if value == nil then
        return "nothing"
    elseif value == cjson.null then
        return "null"
    elseif type(value) ~= "table" then
        return type(value)
    elseif #value > 0 then
        return "an array"
    end
    return next(value) == nil and "an empty object or array" or "an object"
end

M.kind_of = kind_of

local function expect(ok, value, where, what)
    if not ok then
        invalid("%s: expected %s, found %s", where, what, kind_of(value))
    end
    return value
end

-- cjson cannot tell {} from []: an empty one passes for both.
function M.array(value, where)
    return expect(type(value) == "table" and (#value > 0 or next(value) == nil), value, where,
        "an array")
end

function M.object(value, where)
    return expect(type(value) == "table" and #value == 0, value, where, "an object")
end

function M.text(value, where)
    return expect(type(value) == "string", value, where, "a string")
end

function M.number(value, where)
    local finite = type(value) == "number" and value == value and math.abs(value) < math.huge
    return expect(finite, value, where, "a number")
end

-- nil for what is absent or null, so that optional members read alike.
function M.optional(value)
    if value == cjson.null then
        return nil
    end
    return value
end

-- JSON numbers arrive as floats: whole ones become integers again, nulls and empty tables go.
function M.plain(value)
    if type(value) == "number" then
        return math.tointeger(value) or value
    elseif type(value) ~= "table" then
        return value
    end
    local copy = {}
    for key, member in pairs(value) do
        if member ~= cjson.null and not (type(member) == "table" and next(member) == nil) then
            copy[key] = M.plain(member)
        end
    end
    return copy
end

return M
