-- One value in a JSON text: where it stands, so that it can be read or replaced and every other
-- byte stays what it was.

---@class json_text
local M = {}

-- The place of the next character that is no white space; past the end, if there is none.
local function skip_space(text, at)
    return text:find("[^ \t\r\n]", at) or #text + 1
end

-- The closing quote of the string that begins at `at`, or nil.
local function string_end(text, at)
    local place = text:find('["\\]', at + 1)
    while place and text:byte(place) == 92 do -- a backslash, and what it escapes
        place = text:find('["\\]', place + 2)
    end
    return place
end

-- The last bracket of the object or list that begins at `at`, or nil.
local function bracket_end(text, at)
    local depth, place = 0, at
    while place do
        local char = text:sub(place, place)
        if char == '"' then
            place = string_end(text, place)
        else
            depth = depth + ((char == "{" or char == "[") and 1 or -1)
            if depth == 0 then
                return place
            end
        end
        place = place and text:find('["{}%[%]]', place + 1)
    end
end

-- The last character of the value that begins at `at`, or nil.
local function value_end(text, at)
    local char = text:sub(at, at)
    if char == '"' then
        return string_end(text, at)
    elseif char == "{" or char == "[" then
        return bracket_end(text, at)
    end
    return select(2, text:find("^[%w.+-]+", at))
end

-- Where the value of a member of the object at `at` begins, or nil.
local function member(text, at, name)
    if text:sub(at, at) ~= "{" then
        return nil
    end
    local place = skip_space(text, at + 1)
    while text:sub(place, place) == '"' do
        local last = string_end(text, place)
        local colon = last and skip_space(text, last + 1)
        if not last or text:sub(colon, colon) ~= ":" then
            return nil
        end
        local value = skip_space(text, colon + 1)
        if text:sub(place + 1, last - 1) == name then
            return value
        end
        local value_last = value_end(text, value)
        local comma = value_last and skip_space(text, value_last + 1)
        if not comma or text:sub(comma, comma) ~= "," then
            return nil
        end
        place = skip_space(text, comma + 1)
    end
end

---Where the value at the end of a path of names stands; nil if it is not there. Names are as they
---are spelled in the text.
---
---    json_text.find('{"a":{"b":5}}', { "a", "b" })  --> 11, 11
---@param text string
---@param path string[]
---@return integer? first, integer? last
function M.find(text, path)
    local at = skip_space(text, 1)
    for _, name in ipairs(path) do
        at = member(text, at, name)
        if not at then
            return nil
        end
    end
    local last = value_end(text, at)
    if last then
        return at, last
    end
end

---The value at the end of a path, as it is spelled; nil if it is not there.
---@param text string
---@param path string[]
---@return string? value
function M.get(text, path)
    local first, last = M.find(text, path)
    return first and text:sub(first, last)
end

---The text with another value at the end of a path; nil if there was none.
---@param text string
---@param path string[]
---@param value string  # JSON
---@return string? changed
function M.set(text, path, value)
    local first, last = M.find(text, path)
    return first and text:sub(1, first - 1) .. value .. text:sub(last + 1)
end

return M
