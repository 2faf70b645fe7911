-- Numbers as exports spell them: with thousands apart, a decimal comma, a unit behind; and what is
-- written where there is none.

local invalid = require "import.invalid"
local units = require "import.units"

local M = {}

-- How what is written in place of a number is counted.
local ABSENT = {
    [""] = "empty", ["null"] = "null", ["none"] = "null", ["-"] = "empty", ["nan"] = "NaN",
    ["+nan"] = "NaN", ["-nan"] = "NaN", ["inf"] = "+Inf", ["+inf"] = "+Inf", ["-inf"] = "-Inf",
    ["n/a"] = "empty",
}

local GROUPED = "^[+-]?%d%d?%d?,%d%d%d[%d,]*%.?%d*$"

local function is_grouped(text)
    return text:find(GROUPED) and not text:gsub("^[+-]?%d+", ""):gsub(",%d%d%d", "")
        :find("[^%d.]")
end

-- With a point before the fraction and nothing between thousands. `style`: "point" or "comma" by
-- the user's word; "quoted" where commas divide columns, so that one in a number sets thousands
-- apart; nil: nobody says.
local function plain(text, style, where)
    if style == "comma" then
        return (text:gsub("%.", ""):gsub(",", "."))
    elseif not text:find(",", 1, true) then
        return text
    elseif not is_grouped(text) or not style then
        invalid("%s: \"%s\": if the comma is the decimal point, say --decimal comma, otherwise "
            .. "--decimal point", where, text:sub(1, 80))
    end
    return (text:gsub(",", ""))
end

local function split(text)
    local number, unit = text:match("^([+-]?[%d.,]+[eE][+-]?%d+)%s*(.*)$")
    if not number then
        number, unit = text:match("^([+-]?[%d.,]*%d[%d.,]*)%s*(.*)$")
    end
    return number, unit
end

-- A number and its unit as units.of_cell has it; or nil, nil and why there is none.
function M.read(text, style, where)
    text = text:match("^%s*(.-)%s*$")
    local absent = ABSENT[text:lower()]
    if absent then
        return nil, nil, absent
    end
    local digits, tail = split(text)
    local number = digits and tonumber((plain(digits, style, where):gsub("^%+", "")))
    if not number then
        invalid("%s: \"%s\" is no number", where, text:sub(1, 80))
    elseif math.abs(number) == math.huge then
        return nil, nil, "too large"
    elseif tail == "" then
        return number
    end
    local factor, unit = units.of_cell(tail)
    if not factor then
        invalid("%s: \"%s\" is no number, and \"%s\" no unit that is known (ms, s, req/s, ops/s, "
            .. "%%, ...)", where, text:sub(1, 80), tail:sub(1, 40))
    end
    return factor == 1 and number or number * factor, unit
end

-- The same without units, and as programs write numbers.
function M.read_plain(text, where)
    local number, unit, why = M.read(text, nil, where)
    if unit or (number and not tonumber(text)) then
        invalid("%s: \"%s\" is no number", where, text:sub(1, 80))
    end
    return number, nil, why
end

return M
