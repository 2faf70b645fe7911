-- What a policy holds of its targets: one, or several as one. It offers what policies may call and
-- read; that nothing else can be set or misspelt is seen to here.

local check = require "check"

---@class handle
local M = {}

---@class target.Handle
---@field percent number   # the canary's share now; of several targets the smallest
---@field label string     # how messages call it
---@field value table      # the target as a plain value
---@field targets target.Handle[]  # several targets: each of them
local Handle = {}

local INNER = {} -- the name under which a handle keeps its target

---The target, or the group, that a handle stands for; a target stands for itself.
---@param value any
---@return any
function M.inner(value)
    if type(value) == "table" and getmetatable(value) == Handle then
        return rawget(value, INNER)
    end
    return value
end

local facts = {}

local function smallest(targets)
    local least
    for _, one in ipairs(targets) do
        least = least and math.min(least, one.percent) or one.percent
    end
    return least
end

function facts.percent(inner)
    return inner.targets and smallest(inner.targets) or inner.percent
end

function facts.label(inner)
    if not inner.targets then
        return inner.label
    end
    local labels = {}
    for i, one in ipairs(inner.targets) do
        labels[i] = one.label
    end
    return table.concat(labels, ", ")
end

function facts.value(inner)
    local copy = {}
    for name, value in pairs(inner.value or {}) do
        copy[name] = value
    end
    return copy
end

function facts.targets(inner)
    local handles = {}
    for i, one in ipairs(inner.targets or { inner }) do
        handles[i] = M.new(one)
    end
    return handles
end

local methods = {}

for _, name in ipairs { "shift", "foresee", "watch", "healthy", "take_back" } do
    methods[name] = function(self, given, more)
        if type(self) ~= "table" or getmetatable(self) ~= Handle then
            check.fail("%s: call it with a colon: p.target:%s(...)", name, name)
        end
        local inner = rawget(self, INNER)
        return inner[name](inner, given, more)
    end
end

---All that a target has, {name = true}.
---@type table<string, boolean>
M.known = {}
for _, names in ipairs { facts, methods } do
    for name in pairs(names) do
        M.known[name] = true
    end
end

function Handle:__index(name)
    if facts[name] then
        return facts[name](rawget(self, INNER))
    elseif methods[name] then
        return methods[name]
    end
    check.fail("a target has no %s; %s", check.show(name), check.instead(tostring(name), M.known))
end

function Handle.__newindex(_, name)
    if name == "percent" then
        check.fail("percent is read-only: use shift")
    end
    check.fail("%s: a target cannot be written to", tostring(name))
end

---A handle of a target or of a group.
---@param inner Target|target.Group
---@return target.Handle
function M.new(inner)
    return setmetatable({ [INNER] = inner }, Handle)
end

return M
