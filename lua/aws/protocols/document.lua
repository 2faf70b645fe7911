-- JSON values without a shape: document types, and bodies before their shape is known.

local canonical = require "canonical"
local null = require "aws.protocols.null"

local M = {}

local function is_list(value)
    return value[1] ~= nil or getmetatable(value) == false -- the mark of canonical.array
end

local write

local function write_list(value, position)
    local parts = {}
    for i = 1, #value do
        position:push(i)
        parts[i] = write(value[i], position)
        position:pop()
    end
    return "[" .. table.concat(parts, ",") .. "]"
end

local function write_object(value, position)
    local names, parts = {}, {}
    for name in next, value do
        names[#names + 1] = type(name) == "string" and name
            or position:refuse("has a key of no name")
    end
    table.sort(names)
    for i, name in ipairs(names) do
        position:push(name)
        parts[i] = canonical.encode(name) .. ":" .. write(value[name], position)
        position:pop()
    end
    return "{" .. table.concat(parts, ",") .. "}"
end

-- Text with exact integers; `null` is written as such.
function write(value, position)
    if value == null then
        return "null"
    elseif type(value) ~= "table" then
        local ok, text = pcall(canonical.encode, value)
        return ok and text or position:expected("a JSON value", value)
    elseif position.count > 64 then
        position:refuse("is nested too deeply, or contains itself")
    end
    return is_list(value) and write_list(value, position) or not is_list(value)
        and write_object(value, position)
end

M.write = write

-- A value as it was read, `null` in it replaced: by `nothing`, or left out where that is nil.
function M.without_null(value, nothing)
    if value == null then
        return nothing
    elseif type(value) ~= "table" or nothing == null then
        return value
    end
    local out = is_list(value) and canonical.array({}) or {}
    for key, item in next, value do
        local kept = M.without_null(item, nothing)
        if kept ~= nil then
            out[type(key) == "number" and #out + 1 or key] = kept
        end
    end
    return out
end

-- Any JSON text, with `null` where it has null; raises {invalid = message}.
function M.read(text)
    return canonical.decode(text, false, null)
end

return M
