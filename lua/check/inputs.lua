-- Holds the input of an AWS operation, as it stands in a text, against the catalogue: whatever is
-- known of it, at the line where it stands.

local closest = require "aws.closest"
local literals = require "check.literals"

local M = {}

local check_node

local function add(found, line, place, why)
    local first = place == "" and why:sub(1, 1) == "." and why:sub(2) or place .. why
    found[#found + 1] = { line = line, why = first:gsub("^%.", "") }
end

-- Whether every name of a table is known, so that one that is missing is missing.
local function is_closed(node)
    for _, item in ipairs(node.items) do
        if not item.key or item.key.tag ~= "text" then
            return false
        end
    end
    return true
end

local function check_needed(shape, node, place, found)
    local there = {}
    for _, item in ipairs(node.items) do
        there[item.key.value] = true
    end
    for _, name in ipairs(shape.needed) do
        if not there[name] then
            add(found, node.line, place, (".%s is missing"):format(name))
        end
    end
end

local kinds = {}

function kinds.structure(shape, node, place, found)
    for _, item in ipairs(node.items) do
        local name = item.key and item.key.tag == "text" and item.key.value
        local member = name and shape.members[name]
        if member then
            check_node(member, item.value, place .. "." .. name, found)
        elseif name then
            add(found, item.line, place, (".%s is not a member of this%s"):format(name,
                closest.hint(name, shape.names)))
        end
    end
    if is_closed(node) then
        check_needed(shape, node, place, found)
    end
end

function kinds.list(shape, node, place, found)
    for i, item in ipairs(node.items) do
        if not item.key then
            check_node(shape.of, item.value, ("%s[%d]"):format(place, i), found)
        end
    end
end

function kinds.map(shape, node, place, found)
    for _, item in ipairs(node.items) do
        if item.key and item.key.tag == "text" then
            check_node(shape.of, item.value, ('%s["%s"]'):format(place, item.key.value), found)
        end
    end
end

-- What is known as a whole the shape itself looks at, also at what holds between members.
function check_node(shape, node, place, found)
    local before = #found
    if node.tag == "table" and kinds[shape.kind] then
        kinds[shape.kind](shape, node, place, found)
    end
    local value, whole = literals.value(node)
    local why = whole and #found == before and shape.check(value)
    if why then
        add(found, node.line, place, place == "" and why:sub(1, 1) == " " and "the input" .. why
            or why)
    end
end

---What is wrong with an input: [{ line, why }...].
function M.wrong(shape, node)
    local found = {}
    check_node(shape, node, "", found)
    return found
end

return M
