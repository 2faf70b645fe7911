-- A tree of XML (xml.read) as its shape says. Elements that the shape does not name are passed
-- over.

local canonical = require "canonical"
local scalar = require "aws.protocols.scalar"

local M = {}

local readers = {}

-- `nodes` are all the elements of that name: more than one where a list or map is flattened.
local function read(shape, nodes, position)
    local reader = readers[shape.type]
    if reader then
        return reader(shape, nodes, position)
    end
    return scalar.read(shape, nodes[1].text, position)
end

-- name -> nodes
local function children_by_name(node)
    local found = {}
    for i = 1, #node do
        local child = node[i]
        local same = found[child.name]
        if same then
            same[#same + 1] = child
        else
            found[child.name] = { child }
        end
    end
    return found
end

local function bare(name)
    return name:match("[^:]+$")
end

-- A flattened list goes by the name of its items in some models, by its own in others.
local function nodes_of(member, name, children)
    local item = member.type == "list" and member.flattened and member.member.locationName
    return item and children[bare(item)] or children[bare(member.locationName or name)]
end

local function read_member(member, name, node, children, position)
    if member.xmlAttribute then
        local text = node.attributes[member.locationName or name]
        return text and scalar.read(member, text, position)
    end
    local nodes = nodes_of(member, name, children)
    return nodes and read(member, nodes, position)
end

local function read_members(shape, names, node, position)
    local out, children = {}, children_by_name(node)
    for _, name in ipairs(names) do
        position:push(name)
        out[name] = read_member(shape.members[name], name, node, children, position)
        position:pop()
    end
    return out
end

function readers.structure(shape, nodes, position)
    return read_members(shape, shape.names, nodes[1], position)
end

function readers.list(shape, nodes, position)
    local items = shape.flattened and nodes or nodes[1]
    local out = canonical.array({})
    for i = 1, #items do
        position:push(i)
        out[i] = read(shape.member, { items[i] }, position)
        position:pop()
    end
    return out
end

function readers.map(shape, nodes, position)
    local entries = shape.flattened and nodes or nodes[1]
    local key_name = bare(shape.key.locationName or "key")
    local value_name = bare(shape.value.locationName or "value")
    local out = {}
    for i = 1, #entries do
        local children = children_by_name(entries[i])
        if not children[key_name] then
            position:refuse("has an entry without a <%s>", key_name)
        end
        local key = read(shape.key, children[key_name], position)
        position:push(key)
        if children[value_name] then
            out[key] = read(shape.value, children[value_name], position)
        end
        position:pop()
    end
    return out
end

M.read_node = function(shape, node, position)
    return read(shape, { node }, position)
end

function M.read_body(shape, node, position)
    return read_members(shape, shape.answered_names, node, position)
end

return M
