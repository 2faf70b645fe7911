-- Text from outside on its way to a terminal: what a terminal would obey is shown instead.

local M = {}

local function escape(c)
    return ("\\x%02x"):format(c:byte(-1))
end

local function code_point(character)
    return ("\\u%04x"):format(utf8.codepoint(character))
end

local function clean(text)
    if not text:find("[\0-\31\127\xC2\xE2]") then
        return text -- nearly all: a journal has thousands
    end
    -- C0 and DEL, C1 as UTF-8 spells it, and what turns the direction of the text or ends a line.
    return (text:gsub("[\0-\31\127]", escape):gsub("\xC2[\x80-\x9F]", escape)
        :gsub("\xE2\x80[\xA8-\xAE]", code_point):gsub("\xE2\x81[\xA6-\xA9]", code_point))
end

-- A copy of a plain value whose strings are safe to print.
function M.text(value)
    if type(value) == "string" then
        return clean(value)
    elseif type(value) ~= "table" then
        return value
    end
    local copy = {}
    for name, item in pairs(value) do
        copy[M.text(name)] = M.text(item)
    end
    return copy
end

return M
