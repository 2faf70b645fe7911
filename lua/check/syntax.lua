-- What a Lua text says: not all of it, but every expression in which a name is looked up or a
-- function is called, with the local variable that each name stands for.
--
-- An expression is { tag =, line = } and, of tag
--     "name"      name, var (the local variable; nil: a global)
--     "index"     of, key (an expression)
--     "call"      of, arguments
--     "method"    of, name, arguments
--     "function"  parameters (variables)
--     "table"     items: { key (an expression, nil: by number), value, line }
--     "text", "number", "true", "false"   value
--     "other"     whatever else: its value is not known here
--
-- A variable is { name, line, value (the expression that it was declared with), assigned (true: it
-- is changed somewhere), uses }.

local tokens = require "check.tokens"

local M = {}

local Reader = {}
Reader.__index = Reader

function Reader:fail(wanted)
    local kind = self.kinds[self.at]
    error({ invalid = ("line %d: expected %s, got %s"):format(self.lines[self.at], wanted, kind) },
        0)
end

function Reader:take(kind)
    if self.kinds[self.at] ~= kind then
        self:fail(kind)
    end
    local value = self.values[self.at]
    self.at = self.at + 1
    return value
end

-- Whether the next token is of this kind; then it is taken.
function Reader:skip(kind)
    local is = self.kinds[self.at] == kind
    self.at = is and self.at + 1 or self.at
    return is
end

-- Variables

function Reader:declare(name, line)
    local var = { name = name, line = line, uses = 0 }
    self.scope[name] = var
    return var
end

-- Runs `body` in a scope of its own.
function Reader:inside(body)
    local outer = self.scope
    self.scope = setmetatable({}, { __index = outer })
    body(self)
    self.scope = outer
end

-- Expressions

function Reader:keep(node)
    local list = self.unit[node.tag]
    if list then
        list[#list + 1] = node
    end
    return node
end

function Reader:name()
    local line, name = self.lines[self.at], self:take "name"
    local var = self.scope[name]
    if var then
        var.uses = var.uses + 1
    end
    return self:keep { tag = "name", name = name, var = var, line = line }
end

function Reader:list()
    local list = { self:expression() }
    while self:skip "," do
        list[#list + 1] = self:expression()
    end
    return list
end

local function item(self)
    local line, key = self.lines[self.at], nil
    if self:skip "[" then
        key = self:expression()
        self:take "]"
        self:take "="
    elseif self.kinds[self.at] == "name" and self.kinds[self.at + 1] == "=" then
        key = { tag = "text", value = self:take "name", line = line }
        self:take "="
    end
    return { key = key, value = self:expression(), line = line }
end

function Reader:table()
    local node = { tag = "table", line = self.lines[self.at], items = {} }
    self:take "{"
    while self.kinds[self.at] ~= "}" do
        node.items[#node.items + 1] = item(self)
        if not self:skip "," and not self:skip ";" then
            break
        end
    end
    self:take "}"
    return node
end

-- What a function is declared with behind its name.
function Reader:body(line, method)
    local node = { tag = "function", line = line, parameters = {} }
    self:inside(function()
        if method then
            self:declare("self", line)
        end
        self:take "("
        local more = self.kinds[self.at] ~= ")"
        while more and not self:skip "..." do
            node.parameters[#node.parameters + 1] = self:declare(self:take "name", line)
            more = self:skip ","
        end
        self:take ")"
        self:block()
    end)
    self:take "end"
    return self:keep(node)
end

local arguments = {
    ["("] = function(self)
        self:take "("
        local list = self.kinds[self.at] == ")" and {} or self:list()
        self:take ")"
        return list
    end,
    ["{"] = function(self) return { self:table() } end,
    text = function(self)
        local line = self.lines[self.at]
        return { { tag = "text", value = self:take "text", line = line } }
    end,
}

local suffixes = {
    ["."] = function(self, of)
        self:take "."
        local line = self.lines[self.at]
        local key = { tag = "text", value = self:take "name", line = line }
        return { tag = "index", of = of, key = key, line = line }
    end,
    ["["] = function(self, of)
        self:take "["
        local key = self:expression()
        self:take "]"
        return { tag = "index", of = of, key = key, line = key.line }
    end,
    [":"] = function(self, of)
        self:take ":"
        local line, name = self.lines[self.at], self:take "name"
        local take = arguments[self.kinds[self.at]] or self:fail "arguments"
        return { tag = "method", of = of, name = name, arguments = take(self), line = line }
    end,
}

-- A name or something in brackets, with whatever is looked up in it or called; and whether it may
-- be assigned to.
function Reader:suffixed()
    local node, plain
    if self:skip "(" then
        node = self:expression()
        self:take ")"
        node = node.tag == "call" and { tag = "other", line = node.line } or node
        plain = "call"
    else
        node = self:name()
    end
    while true do
        local kind = self.kinds[self.at]
        local suffix, call = suffixes[kind], arguments[kind]
        if suffix then
            node = self:keep(suffix(self, node))
        elseif call then
            local line = node.line
            node = self:keep { tag = "call", of = node, arguments = call(self), line = line }
        else
            return node, plain
        end
        plain = nil
    end
end

local function literal(tag)
    return function(self)
        local line = self.lines[self.at]
        return { tag = tag, value = self:take(tag), line = line }
    end
end

local function constant(tag, value)
    return function(self)
        self:take(tag)
        return { tag = tag, value = value, line = self.lines[self.at - 1] }
    end
end

local simple = {
    text = literal "text", number = literal "number",
    ["true"] = constant("true", true), ["false"] = constant("false", false),
    ["nil"] = constant "nil", ["..."] = constant "...",
    ["{"] = Reader.table,
    ["function"] = function(self)
        local line = self.lines[self.at]
        self:take "function"
        return self:body(line)
    end,
}

local unary = { ["not"] = true, ["-"] = true, ["#"] = true, ["~"] = true }

local binary = {}
for sign in ("+ - * / // % ^ .. == ~= < > <= >= and or & | ~ << >>"):gmatch("%S+") do
    binary[sign] = true
end

-- One operand; the negative of a number is a number.
local function operand(self)
    local sign, line = self.kinds[self.at], self.lines[self.at]
    if unary[sign] then
        self:take(sign)
        local node = operand(self)
        if sign == "-" and node.tag == "number" and self.kinds[self.at] ~= "^" then
            return { tag = "number", value = -node.value, line = line }
        end
        return { tag = "other", line = line }
    end
    local take = simple[sign]
    if take then
        return take(self)
    end
    return (self:suffixed())
end

-- Which operator binds more does not matter here: what operators make is not known.
function Reader:expression()
    local node = operand(self)
    while binary[self.kinds[self.at]] do
        self.at = self.at + 1
        operand(self)
        node = { tag = "other", line = node.line }
    end
    return node
end

-- Statements

local function assign(self, node)
    if node.tag == "name" and node.var then
        node.var.assigned = true
    elseif node.tag == "index" then
        self.unit.set[#self.unit.set + 1] = node
    end
end

function Reader:statement()
    local node, plain = self:suffixed()
    if self.kinds[self.at] ~= "," and self.kinds[self.at] ~= "=" then
        if node.tag ~= "call" and node.tag ~= "method" or plain then
            self:fail "a statement"
        end
        return
    end
    local targets = { node }
    while self:skip "," do
        targets[#targets + 1] = self:suffixed()
    end
    self:take "="
    self:list()
    for _, target in ipairs(targets) do
        if target.tag ~= "name" and target.tag ~= "index" then
            self:fail "something that can be assigned to"
        end
        assign(self, target)
    end
end

local function names(self)
    local list = {}
    repeat
        list[#list + 1] = { self:take "name", self.lines[self.at - 1] }
        if self:skip "<" then
            self:take "name"
            self:take ">"
        end
    until not self:skip ","
    return list
end

local function declare_locals(self)
    local list = names(self)
    local values = self:skip "=" and self:list() or {}
    for i, one in ipairs(list) do
        local last = values[#values]
        local var = self:declare(one[1], one[2])
        -- what a call returns behind its first value is not known
        var.value = values[i] or last and { tag = "other", line = last.line } or nil
    end
end

local function declare_function(self, line)
    local var = self:declare(self:take "name", line)
    var.value = self:body(line)
end

local function block_until_end(self)
    self:inside(Reader.block)
    self:take "end"
end

local statements = {
    [";"] = function() end,
    ["break"] = function() end,
    ["goto"] = function(self) self:take "name" end,
    ["::"] = function(self)
        self:take "name"
        self:take "::"
    end,
    ["do"] = block_until_end,
    ["while"] = function(self)
        self:expression()
        self:take "do"
        block_until_end(self)
    end,
    ["repeat"] = function(self)
        self:inside(function()
            self:block()
            self:take "until"
            self:expression()
        end)
    end,
    ["local"] = function(self)
        local line = self.lines[self.at]
        if self:skip "function" then
            declare_function(self, line)
        else
            declare_locals(self)
        end
    end,
}

statements["if"] = function(self)
    repeat
        self:expression()
        self:take "then"
        self:inside(Reader.block)
    until not self:skip "elseif"
    if self:skip "else" then
        self:inside(Reader.block)
    end
    self:take "end"
end

statements["for"] = function(self)
    local line = self.lines[self.at]
    local list = { self:take "name" }
    while self:skip "," do
        list[#list + 1] = self:take "name"
    end
    if not self:skip "=" then
        self:take "in"
    end
    self:list()
    self:take "do"
    self:inside(function()
        for _, name in ipairs(list) do
            self:declare(name, line)
        end
        self:block()
    end)
    self:take "end"
end

statements["function"] = function(self)
    local line = self.lines[self.at]
    local node, method = self:name(), false
    while not method and (self:skip "." or self.kinds[self.at] == ":") do
        method = self:skip ":"
        local key = { tag = "text", value = self:take "name", line = line }
        node = { tag = "index", of = node, key = key, line = line }
    end
    assign(self, node)
    self:body(line, method)
end

local ends = { ["end"] = true, ["else"] = true, ["elseif"] = true, ["until"] = true,
    ["end of file"] = true }

local function returned(self)
    local line = self.lines[self.at - 1]
    local kind = self.kinds[self.at]
    local list = not ends[kind] and kind ~= ";" and self:list() or {}
    self:skip ";"
    if not ends[self.kinds[self.at]] then
        self:fail "the end of a block"
    end
    return { line = line, value = list[1] }
end

-- Statements up to the end of the block; the value of its own return, if it ends with one.
function Reader:block()
    while not ends[self.kinds[self.at]] do
        local kind = self.kinds[self.at]
        if kind == "return" then
            self.at = self.at + 1
            return returned(self)
        elseif statements[kind] then
            self.at = self.at + 1
            statements[kind](self)
        else
            self:statement()
        end
    end
end

---What a text says: { call, method, index, name, ["function"]: lists of expressions in the order in
---which they end; set: those of tag "index" that are assigned to; returned: { line, value } of the
---text itself; comments }.
function M.read(text)
    local reader = setmetatable(tokens.of(text), Reader)
    reader.at, reader.scope = 1, {}
    reader.unit = { call = {}, method = {}, index = {}, name = {}, ["function"] = {}, set = {},
        comments = reader.comments }
    reader.unit.returned = reader:block()
    reader:take "end of file"
    return reader.unit
end

return M
