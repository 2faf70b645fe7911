-- One member of a target, given alone on the command line: "-p target.canary=43", and of several
-- targets by name or number, "-p target.checkout.canary=43".

local check = require "check"
local target = require "target"
local target_group = require "target_group"

---@class target_member
local M = {}

-- What can be said for each target: its name, if it has one, and its number.
local function numbered(targets)
    local number_of, first = {}, {}
    for i, one in ipairs(targets) do
        number_of[tostring(i)] = i
        number_of[one.value.name or ""] = i
        first[one.value.name or tostring(i)] = i
    end
    number_of[""] = nil
    return number_of, first
end

-- The number of the target that is meant, or why none is.
local function find(targets, which, member)
    local number_of, first = numbered(targets)
    if which then
        return number_of[which], ('there is no target "%s"; %s'):format(which,
            check.instead(which, first))
    elseif #targets == 1 then
        return 1
    end
    return nil, ("there are %d targets: say of which, as in %s.%s; there are: %s"):format(#targets,
        check.names(first)[1], member, table.concat(check.names(first), ", "))
end

-- The same target with another value of a member; nil, and why not.
local function with(one, member, text)
    local kind, called = one.kind.fields[member], one.value.type:gsub("_", "-")
    if not kind then
        return nil, ('%s has no member "%s"; %s'):format(called, member,
            check.instead(member, one.kind.fields))
    end
    local read, why = kind.parse(text)
    if read == nil then
        return nil, check.reason(kind, text, why)
    end
    local options = {}
    for name, value in pairs(one.value) do
        options[name] = value
    end
    options.type, options[member] = nil, read
    return target.make(one.value.type, options)
end

---The target, or the targets as one, with one member changed; nil, and why not. What was given
---stays as it is.
---@param value Target|target.Group
---@param path string  # "canary", "checkout.canary", "2.canary"
---@param text string
---@return Target|target.Group|nil, string? why
function M.change(value, path, text)
    local which, member = path:match("^([^.]+)%.([^.]+)$")
    local targets = table.move(value.targets or { value }, 1, value.targets and #value.targets or 1,
        1, {})
    local number, why = find(targets, which, member or path)
    if number then
        targets[number], why = with(targets[number], member or path, text)
    end
    if why then
        return nil, why
    end
    return target_group.of(targets)
end

return M
