-- Circles among the files of the program.
--
-- A graph is a table: node -> list of the nodes that it leads to.

local M = {}

-- Calls each(path) for every way round that a walk through the graph meets: path is a list of
-- nodes, the first again at its end. Where there is a circle, at least one is met.
function M.each(graph, each)
    local path, place_of, done = {}, {}, {}
    local function visit(node)
        path[#path + 1], place_of[node] = node, #path + 1
        for _, to in ipairs(graph[node] or {}) do
            if place_of[to] then
                local circle = table.move(path, place_of[to], #path, 1, {})
                circle[#circle + 1] = to
                each(circle)
            elseif not done[to] then
                visit(to)
            end
        end
        path[#path], place_of[node], done[node] = nil, nil, true
    end
    local nodes = {}
    for node in pairs(graph) do
        nodes[#nodes + 1] = node
    end
    table.sort(nodes)
    for _, node in ipairs(nodes) do
        if not done[node] then
            visit(node)
        end
    end
end

-- A module of C is a .c and the .h of its name, or one of the two, and leads to what either of them
-- includes: a .c that includes what builds on its own header would be entered from below.
function M.of_includes(texts, paths)
    local graph = {}
    for _, path in ipairs(paths) do
        local module = path:match("^core/(.*)%.[ch]$")
        graph[module] = graph[module] or {}
        for included in ("\n" .. texts[path]):gmatch('\n%s*#include "([^"\n]*)%.h"') do
            if included ~= module then
                table.insert(graph[module], included)
            end
        end
    end
    return graph
end

-- A module of Lua leads to those that it requires, when it is loaded or later. A name that is
-- joined to a prefix stands for every module that it can find.
function M.of_requires(texts, paths)
    local graph, path_of = {}, {}
    for _, path in ipairs(paths) do
        local name = path:gsub("^%l+/", "", 1):gsub("%.lua$", ""):gsub("/init$", "")
        path_of[name:gsub("/", ".")] = path
    end
    for module, path in pairs(path_of) do
        local required = {}
        local code = texts[path]:gsub("%-%-[^\n]*", "")
        for name, joined in code:gmatch('%f[%w_]require%s*%(?%s*"([%w_.]+)"%s*(%.?%.?)') do
            for other in pairs(path_of) do
                if other == name or joined == ".." and other:find(name, 1, true) == 1 then
                    table.insert(required, other)
                end
            end
        end
        table.sort(required)
        graph[module] = required
    end
    return graph
end

-- These checks can fail: tried with every load.

local function met(graph)
    local found = {}
    M.each(graph, function(path)
        found[#found + 1] = table.concat(path, " ")
    end)
    return table.concat(found, ", ")
end

assert(met { a = { "b", "c" }, b = { "c", "d" }, c = { "d" } } == "")
assert(met { a = { "a" } } == "a a")
assert(met { x = { "a" }, a = { "b" }, b = { "c", "d" }, c = { "a" } } == "a b c a")

local c = {
    ["core/x/high.c"] = '#include "x/high.h"\n#include "x/low.h"\n',
    ["core/x/high.h"] = "",
    ["core/x/low.h"] = '#include "x/base.h"\n',
}
local c_paths = { "core/x/high.c", "core/x/high.h", "core/x/low.h" }
assert(met(M.of_includes(c, c_paths)) == "")
c["core/x/low.h"] = '#pragma once\n#include "x/high.h"\n'
assert(met(M.of_includes(c, c_paths)) == "x/high x/low x/high")

local lua = {
    ["lua/a/init.lua"] = 'local found = require("a.b." .. name) -- require "c"\n',
    ["lua/a/b/one.lua"] = 'local function later() return require "c" end\n',
    ["lua/c.lua"] = "",
}
local lua_paths = { "lua/a/init.lua", "lua/a/b/one.lua", "lua/c.lua" }
assert(met(M.of_requires(lua, lua_paths)) == "")
lua["lua/c.lua"] = 'local a = require "a"\n'
assert(met(M.of_requires(lua, lua_paths)) == "a a.b.one c a")

return M
