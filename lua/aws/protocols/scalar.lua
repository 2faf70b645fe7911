-- Values without parts: their text in headers, URIs, forms and XML, and how each is read back.
-- JSON has kinds of its own for some of them; lua/aws/protocols/json_*.lua say where it differs.

local base64 = require "aws.protocols.base64"
local canonical = require "canonical"
local timestamp = require "aws.protocols.timestamp"

local M = {}

local integer_kinds = { integer = true, long = true, short = true, byte = true, bigInteger = true }
local float_kinds = { float = true, double = true, bigDecimal = true }

M.integer_kinds, M.float_kinds = integer_kinds, float_kinds

local specials = { NaN = 0 / 0, Infinity = math.huge, ["-Infinity"] = -math.huge }

-- "NaN", "Infinity" or "-Infinity"; nil for a number that is finite.
function M.special_text(number)
    if number ~= number then
        return "NaN"
    elseif number == math.huge or number == -math.huge then
        return number > 0 and "Infinity" or "-Infinity"
    end
end

-- Checks ---

function M.check_text(value, position)
    if type(value) ~= "string" or not utf8.len(value) then
        position:expected("text", value)
    end
    return value
end

function M.check_integer(value, position)
    return type(value) == "number" and math.tointeger(value)
        or position:expected("a whole number", value)
end

function M.check_number(value, position)
    return type(value) == "number" and value or position:expected("a number", value)
end

function M.check_boolean(value, position)
    if type(value) ~= "boolean" then
        position:expected("true or false", value)
    end
    return value
end

function M.check_bytes(value, position)
    return type(value) == "string" and value or position:expected("bytes", value)
end

-- Writing ---

-- `time_format` is used where the shape names none.
function M.write(shape, value, time_format, position)
    local kind = shape.type
    if kind == "boolean" then
        return M.check_boolean(value, position) and "true" or "false"
    elseif integer_kinds[kind] then
        return ("%d"):format(M.check_integer(value, position))
    elseif float_kinds[kind] then
        return M.special_text(M.check_number(value, position)) or canonical.encode(value)
    elseif kind == "timestamp" then
        return timestamp.write(value, shape.timestampFormat or time_format, position)
    elseif kind == "blob" then
        return base64.encode(M.check_bytes(value, position))
    elseif kind == "string" or kind == "character" then
        return M.check_text(value, position)
    end
    return position:refuse("is a %s, which cannot be written here", kind)
end

-- Reading ---

function M.read_integer(value, position)
    local number = value
    if type(value) == "string" then
        number = value:find("^%s*[+-]?%d+%s*$") and tonumber(value)
    end
    return type(number) == "number" and math.tointeger(number)
        or position:expected("a whole number of 64 bits", value)
end

function M.read_float(value, position)
    if type(value) == "number" then
        return value + 0.0
    end
    local plain = type(value) == "string" and value:find("^%s*[+-]?[%d.]+[eE]?[+-]?%d*%s*$")
    local number = plain and tonumber(value) or specials[value]
    return number and number + 0.0 or position:expected("a number", value)
end

function M.read_boolean(value, position)
    local text = type(value) == "string" and value:lower()
    if value == true or text == "true" then
        return true
    elseif value == false or text == "false" then
        return false
    end
    return position:expected("true or false", value)
end

function M.read_text(value, position)
    if type(value) == "number" then
        return canonical.encode(value)
    end
    return type(value) == "string" and value or position:expected("text", value)
end

function M.read_blob(value, position)
    local bytes = type(value) == "string" and base64.decode(value)
    return bytes or position:expected("base64", value)
end

local readers = {
    boolean = M.read_boolean, timestamp = timestamp.read, blob = M.read_blob,
    string = M.read_text, character = M.read_text,
}
for kind in next, integer_kinds do
    readers[kind] = M.read_integer
end
for kind in next, float_kinds do
    readers[kind] = M.read_float
end

function M.read(shape, value, position)
    local read = readers[shape.type]
        or position:refuse("is a %s, which cannot be read here", shape.type)
    return read(value, position)
end

return M
