-- Values in HTTP headers: written, and read back.

local base64 = require "aws.protocols.base64"
local canonical = require "canonical"
local document = require "aws.protocols.document"
local null = require "aws.protocols.null"
local scalar = require "aws.protocols.scalar"

local M = {}

-- What would end the header, and start another one of the caller's choice.
local function check_line(text, position)
    if text:find("[\0\r\n]") then
        position:refuse("must not have line ends: it is sent as a header")
    end
    return text
end

local function check_name(name, position)
    if not name:find("^[%w!#$%%&'*+.^_`|~-]+$") then
        position:refuse("cannot be the name of a header")
    end
    return name
end

local function quoted(text)
    if text:find('[,"]') then
        return '"' .. text:gsub('["\\]', "\\%0") .. '"'
    end
    return text
end

local function write_one(shape, value, position)
    if shape.jsonvalue then
        return base64.encode(document.write(value, position))
    end
    return check_line(scalar.write(shape, value, "rfc822", position), position)
end

local function write_list(shape, value, position)
    local parts = {}
    for i = 1, #value do
        if value[i] ~= null then
            position:push(i)
            local text = write_one(shape.member, value[i], position)
            parts[#parts + 1] = shape.member.type == "string" and quoted(text) or text
            position:pop()
        end
    end
    return #parts > 0 and table.concat(parts, ",") or nil
end

-- The header's value; nil for a list without items, which is not sent.
function M.write(shape, value, position)
    if shape.type == "list" then
        return type(value) == "table" and write_list(shape, value, position)
            or type(value) ~= "table" and position:expected("a list", value) or nil
    end
    return write_one(shape, value, position)
end

-- A map of headers with a prefix, into `headers`.
function M.write_map(shape, value, headers, position)
    if type(value) ~= "table" then
        position:expected("an object", value)
    end
    for key, item in next, value do
        if item ~= null then
            position:push(key)
            local name = (shape.locationName or "") .. scalar.check_text(key, position)
            headers[check_name(name, position)] = write_one(shape.value, item, position)
            position:pop()
        end
    end
end

-- Reading ---

-- "a", "b, c" in quotes kept together; two commas to an item where the items are HTTP dates.
local function split_list(text, dates)
    local items, at = {}, 1
    while at <= #text + 1 do
        local from = text:find("%S", at) or #text + 1
        local item, to
        if text:sub(from, from) == '"' then
            local close = from + 1
            while close <= #text and text:sub(close, close) ~= '"' do
                close = close + (text:sub(close, close) == "\\" and 2 or 1)
            end
            item = text:sub(from + 1, close - 1):gsub("\\(.)", "%1")
            to = text:find(",", close, true) or #text + 1
        else
            to = text:find(",", from, true) or #text + 1
            if dates then
                to = text:find(",", to + 1, true) or #text + 1
            end
            item = text:sub(from, to - 1):match("^(.-)%s*$")
        end
        items[#items + 1] = item
        at = to + 1
    end
    return items
end

function M.read(shape, text, position)
    if shape.jsonvalue then
        return document.read(scalar.read_blob(text, position))
    elseif shape.type ~= "list" then
        return scalar.read(shape, text, position)
    end
    local of = shape.member
    local dates = of.type == "timestamp" and (of.timestampFormat or "rfc822") == "rfc822"
    local out = canonical.array({})
    for i, item in ipairs(split_list(text, dates)) do
        position:push(i)
        out[i] = scalar.read(of, item, position)
        position:pop()
    end
    return out
end

-- The headers that start with the map's prefix, without it. `headers` as they came.
function M.read_map(shape, headers)
    local prefix = (shape.locationName or ""):lower()
    local out = {}
    for name, value in next, headers do
        if name:sub(1, #prefix):lower() == prefix then
            out[name:sub(#prefix + 1)] = value
        end
    end
    return out
end

-- The same with lower-case names.
function M.lowered(headers)
    local out = {}
    for name, value in next, headers or {} do
        out[name:lower()] = value
    end
    return out
end

return M
