-- XML to a tree of plain tables and back, over libexpat (module lxp). A node is {name, prefix,
-- attributes, text, children...}: names without their namespace prefix, `text` all of its own text
-- put together. Declarations of document types are refused, so no entity of a server's
-- making is ever expanded; so are documents that are too large or too deep.

local lxp = require "lxp"

local M = {}

M.limits = { bytes = 64 << 20, depth = 64, elements = 500000 }

local function invalid(format, ...)
    error({ invalid = format:format(...) }, 0)
end

-- "xsi:type" -> "type", "xsi"
local function split_name(name)
    local prefix, bare = name:match("^([^:]+):(.+)$")
    return bare or name, prefix
end

-- expat gives the names in order at 1, 2, ... and the values by name.
local function attributes_of(given)
    local attributes = {}
    for i = 1, #given do
        attributes[given[i]] = given[given[i]]
    end
    return attributes
end

local handlers_of = {}

function handlers_of.StartElement(state)
    return function(_, name, given)
        state.nodes, state.depth = state.nodes + 1, state.depth + 1
        if state.depth > M.limits.depth then
            invalid("XML nested more than %d deep", M.limits.depth)
        elseif state.nodes > M.limits.elements then
            invalid("XML with more than %d elements", M.limits.elements)
        end
        local node = { attributes = attributes_of(given), text = "" }
        node.name, node.prefix = split_name(name)
        local parent = state.open[state.depth - 1]
        parent[#parent + 1] = node
        state.open[state.depth], state.texts[state.depth] = node, {}
    end
end

function handlers_of.EndElement(state)
    return function()
        local depth = state.depth
        state.open[depth].text = table.concat(state.texts[depth])
        state.depth = depth - 1
    end
end

-- One text may come in several pieces: between children, around comments.
function handlers_of.CharacterData(state)
    return function(_, text)
        local texts = state.texts[state.depth]
        texts[#texts + 1] = text
    end
end

function handlers_of.StartDoctypeDecl()
    return function()
        invalid("XML with a document type declaration, which is not taken")
    end
end

local function builder()
    local state = { open = { [0] = {} }, texts = {}, depth = 0, nodes = 0 }
    local handlers = {}
    for event, make in next, handlers_of do
        handlers[event] = make(state)
    end
    return state, handlers
end

-- The root of the document; raises {invalid = message}.
function M.read(text)
    if #text > M.limits.bytes then
        invalid("XML of %d bytes, at most %d", #text, M.limits.bytes)
    end
    local state, handlers = builder()
    local parser = lxp.new(handlers)
    local function feed(part)
        local ok, reason, line, column = parser:parse(part)
        if not ok then
            invalid("not XML: %s at line %d, column %d", reason, line, column)
        end
    end
    feed(text)
    feed(nil)
    parser:close()
    return state.open[0][1]
end

-- The first child of that name, or nil.
function M.child(node, name)
    for i = 1, #node do
        if node[i].name == name then
            return node[i]
        end
    end
end

-- The text of the first child of that name, without white space around it, or nil.
function M.child_text(node, name)
    local child = M.child(node, name)
    return child and child.text:match("^%s*(.-)%s*$")
end

local escapes = { ["&"] = "&amp;", ["<"] = "&lt;", [">"] = "&gt;", ['"'] = "&quot;" }

-- Text for an element or an attribute: what XML would take for markup, or normalise, is escaped.
function M.escape(text)
    return (text:gsub('[&<>"\t\n\r]', function(char)
        return escapes[char] or ("&#%d;"):format(char:byte())
    end))
end

-- Whether XML 1.0 can carry this text at all.
function M.can_carry(text)
    return not text:find("[\0-\8\11\12\14-\31]") and not text:find("\xEF\xBF[\xBE\xBF]")
end

return M
