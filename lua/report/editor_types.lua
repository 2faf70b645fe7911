-- What an editor's language server knows of the operations: stdlib/meta/operations.lua, so that
-- policy authors see members completed and mistakes as they type. Nothing in it is written by
-- hand; make it anew with
--
--     tidelock-lua docs/editor_types.lua > stdlib/meta/operations.lua

local catalogue = require "aws.catalogue"

local M = {}

local HEADER = [[
---@meta operations
-- luacheck: ignore 212 241
-- The inputs of the AWS operations, for editors. Made by lua/report/editor_types.lua.
]]

local plain = { text = "string", integer = "integer", number = "number", flag = "boolean",
    time = "integer" }

-- The type of a member, by its shape; `called` is how its choices are called.
local function type_of(shape, service, called)
    if shape.kind == "structure" then
        return service .. "." .. shape.name
    elseif shape.kind == "list" then
        return type_of(shape.of, service, called) .. "[]"
    elseif shape.kind == "map" then
        return ("table<string, %s>"):format(type_of(shape.of, service, called))
    elseif shape.kind == "choice" then
        return shape.quoted[2] and called or shape.quoted[1]
    end
    return plain[shape.kind]
end

-- The choice that a shape is, or is a list of.
local function choice_in(shape)
    return shape.kind == "choice" and shape.quoted[2] and shape or shape.of and choice_in(shape.of)
end

local Page = {}
Page.__index = Page

function Page:add(format, ...)
    self.lines[#self.lines + 1] = format:format(...)
end

-- A choice by the member that takes it. Inputs share theirs, so each is told once.
function Page:choices(structure, owner)
    for _, name in ipairs(structure.names) do
        local choice, called = choice_in(structure.members[name]), owner .. "." .. name
        if choice and not self.seen[called] then
            self.seen[called] = true
            self:add("\n---@alias %s", called)
            for _, quoted in ipairs(choice.quoted) do
                self:add("---| %s", quoted)
            end
        end
    end
end

function Page:class(structure, called, owner)
    local needed = {}
    for _, name in ipairs(structure.needed) do
        needed[name] = true
    end
    self:choices(structure, owner)
    self:add("\n---@class (exact) %s", called)
    for _, name in ipairs(structure.names) do
        self:add("---@field %s%s %s", name, needed[name] and "" or "?",
            type_of(structure.members[name], self.service, owner .. "." .. name))
    end
end

-- The structures that a shape is made of, each once, those of its members first.
function Page:classes_in(shape)
    if shape.of then
        self:classes_in(shape.of)
    end
    local called = self.service .. "." .. (shape.name or "")
    if self.seen[called] then
        return
    end
    self.seen[called] = shape.name ~= nil
    for _, name in ipairs(shape.names or {}) do
        self:classes_in(shape.members[name])
    end
    if shape.name then
        self:class(shape, called, called)
    end
end

-- What policies may ask for, sorted.
local function verbs_of(service)
    local verbs = {}
    for name, entry in pairs(service.operations) do
        verbs[#verbs + 1] = catalogue.is_asked(entry) and name:match("%.(.*)") or nil
    end
    table.sort(verbs)
    return verbs
end

function Page:service_of(service)
    self.service = service.name
    self:add("\n---@class aws.%s\nlocal %s = {}", service.name, service.name)
    for _, verb in ipairs(verbs_of(service)) do
        local called = service.name .. "." .. verb
        local entry = service.operations[called]
        self:classes_in(entry.input)
        self:class(entry.input, called, service.name)
        self:add("\n---%s\n---@async\n---@param input %s\n---@param region? string\n"
            .. "---@return table output", entry.summary,
            called)
        self:add("function %s(input, region) end", called)
    end
end

-- The whole file.
function M.file()
    local page = setmetatable({ lines = { (HEADER:gsub("\n$", "")) }, seen = {} }, Page)
    page:add("\n---@class aws")
    for _, service in ipairs(catalogue.services()) do
        page:add("---@field %s aws.%s", service.name, service.name)
    end
    for _, service in ipairs(catalogue.services()) do
        page:service_of(service)
    end
    return table.concat(page.lines, "\n") .. "\n"
end

return M
