-- What an expression is worth, as far as its text alone says it: a plain value.

local array = require "canonical".array

local M = {}

local DEPTH_MAX = 32

local scalars = {
    text = function(node) return utf8.len(node.value) and node.value or nil end,
    number = function(node)
        local value = node.value
        local plain = value == value and math.abs(value) < math.huge
        return (math.type(value) == "integer" or plain) and value or nil
    end,
    ["true"] = function() return true end,
    ["false"] = function() return false end,
}

-- A table is a list or an object; one that is both crosses no border.
local function is_list(node)
    for _, item in ipairs(node.items) do
        if item.key then
            return false
        end
    end
    return #node.items > 0
end

local function list_of(node, depth)
    local list = array {}
    for i, item in ipairs(node.items) do
        local value, whole = M.value(item.value, depth)
        if value == nil or not whole then
            return nil, false -- where one is not known, neither is where the others stand
        end
        list[i] = value
    end
    return list, true
end

local function object_of(node, depth)
    local object, complete = {}, true
    for _, item in ipairs(node.items) do
        local named = item.key and item.key.tag == "text" and utf8.len(item.key.value)
        local value, whole
        if named then
            value, whole = M.value(item.value, depth)
            if not whole then
                value = nil -- half of an option says nothing
            end
        elseif not item.key then
            return nil, false
        end
        if value == nil then
            complete = false
        else
            object[item.key.value] = value
        end
    end
    return object, complete
end

---The value of an expression, and whether all of it is known: of an object, those members that are.
---Nil: nothing is.
function M.value(node, depth)
    depth = (depth or 0) + 1
    local scalar = scalars[node.tag]
    if scalar then
        local value = scalar(node)
        return value, value ~= nil
    elseif node.tag ~= "table" or depth > DEPTH_MAX then
        return nil, false
    end
    return (is_list(node) and list_of or object_of)(node, depth)
end

---The names in a table whose values are not known.
function M.unknown(node)
    local names = array {}
    for _, item in ipairs(node.tag == "table" and node.items or {}) do
        local named = item.key and item.key.tag == "text" and utf8.len(item.key.value)
        local _, whole = M.value(item.value)
        names[#names + 1] = named and not whole and item.key.value or nil
    end
    return names
end

return M
