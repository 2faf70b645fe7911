-- What the names in a policy's text stand for: which module, which parameter, which operation of
-- AWS; and what is wrong with them, on branches that never run too.

local catalogue = require "aws.catalogue"
local closest = require "aws.closest"
local inputs = require "check.inputs"
local literals = require "check.literals"
local sorted = require "sorted"

local M = {}

local function required(node)
    local is = node.tag == "call" and node.of.tag == "name" and node.of.name == "require"
        and not node.of.var
    local argument = is and node.arguments[1]
    return argument and argument.tag == "text" and argument.value or nil
end

---What an expression stands for as a place in a module: its name, and the keys on the way; nil
---where it is no such thing, or may change.
function M.path(node)
    local module = required(node)
    if module then
        return module, {}
    elseif node.tag == "name" and node.var and node.var.value and not node.var.assigned then
        return M.path(node.var.value)
    elseif node.tag == "index" and node.key.tag == "text" then
        local keys
        module, keys = M.path(node.of)
        if module then
            local longer = table.move(keys, 1, #keys, 1, {})
            longer[#longer + 1] = node.key.value
            return module, longer
        end
    end
end

---Whether an expression is NAME of a module: M.is(node, "rollout", "policy").
function M.is(node, module, name)
    local found, keys = M.path(node)
    return found == module and #keys == 1 and keys[1] == name
end

---The modules that a text requires by their names.
function M.modules(unit)
    local list, seen = {}, {}
    for _, node in ipairs(unit.call) do
        local module = required(node)
        if module and not seen[module] then
            seen[module] = true
            list[#list + 1] = module
        end
    end
    return list
end

-- A module of one's own

-- How often a variable is used as what something is looked up in, called of or put into.
local function inner_uses(unit, var)
    local count, seen = 0, {}
    for _, list in ipairs { unit.index, unit.method, unit.set } do
        for _, node in ipairs(list) do
            if node.of.tag == "name" and node.of.var == var and not seen[node.of] then
                seen[node.of], count = true, count + 1
            end
        end
    end
    return count
end

---The names that a module's text gives it; nil where the text does not say.
function M.exported(unit)
    local value = unit.returned and unit.returned.value
    local var = value and value.tag == "name" and value.var
    local made = var and var.value or value
    if not made or made.tag ~= "table" or var
        and (var.assigned or inner_uses(unit, var) + 1 ~= var.uses) then
        return nil
    end
    local known, list = {}, table.move(made.items, 1, #made.items, 1, {})
    for _, node in ipairs(unit.set) do
        list[#list + 1] = node.of.tag == "name" and node.of.var == var and node or nil
    end
    for _, one in ipairs(list) do
        if not one.key or one.key.tag ~= "text" then
            return nil
        end
        known[one.key.value] = true
    end
    return sorted(known)
end

-- Parameters

local function item_of(node, name)
    for _, item in ipairs(node.items) do
        if item.key and item.key.tag == "text" and item.key.value == name then
            return item.value
        end
    end
end

-- A function, where it stands or by the local variable that it is kept in.
local function function_of(node)
    if node and node.tag == "name" and node.var and not node.var.assigned then
        node = node.var.value
    end
    return node and node.tag == "function" and node or nil
end

-- The parameters that a policy declares: { name = the expression that makes it }, or nil where the
-- text does not say.
local function declared(definition)
    local params, known = item_of(definition, "params"), {}
    if params and params.tag ~= "table" then
        return nil
    end
    for _, item in ipairs(params and params.items or {}) do
        if not item.key or item.key.tag ~= "text" then
            return nil
        end
        known[item.key.value] = item.value
    end
    return known
end

-- Marks the variables through which the functions of a policy are given its parameters.
local function mark(definition)
    local params = declared(definition)
    for _, name in ipairs { "run", "judges", "shares" } do
        local of = function_of(item_of(definition, name))
        local first = of and of.parameters[1]
        if first and not first.assigned then
            first.params = params
        end
    end
end

---The policies that a text defines, as the tables that it defines them with.
function M.definitions(unit)
    local list = {}
    for _, node in ipairs(unit.call) do
        local definition = node.arguments[1]
        if definition and definition.tag == "table" and M.is(node.of, "rollout", "policy") then
            list[#list + 1] = definition
            mark(definition)
        end
    end
    return list
end

local function params_of(node)
    return node.tag == "name" and node.var and node.var.params or nil
end

-- Whether an expression is a parameter that was declared as a target.
local function is_target(node)
    local params = node.tag == "index" and params_of(node.of)
    local made = params and node.key.tag == "text" and params[node.key.value]
    return made and made.tag == "call" and M.is(made.of, "rollout", "target") or false
end

-- Calls whose options are known

local methods = { watch = true, healthy = true, shift = true }

local function add_call(calls, what, node)
    local argument = node.arguments[1]
    if not argument then
        return
    end
    local given, whole = literals.value(argument)
    if given ~= nil then
        calls[#calls + 1] = { what = what, given = given, whole = whole, line = node.line,
            unknown = literals.unknown(argument) }
    end
end

---What can be tried of a text: [{ what = "judge.ratio", "watch" ..., given, whole, unknown (names
---of options whose values are not known), line }...].
function M.calls(unit)
    local calls = {}
    for _, node in ipairs(unit.call) do
        local module, keys = M.path(node.of)
        if module == "judge" and #keys == 1 then
            add_call(calls, "judge." .. keys[1], node)
        end
    end
    for _, node in ipairs(unit.method) do
        if methods[node.name] and is_target(node.of) then
            add_call(calls, node.name, node)
        end
    end
    return calls
end

-- What is wrong

local function instead(name, names)
    local near = closest.name(name, names)
    return near and ('; did you mean "%s"?'):format(near)
        or ("; there is: %s"):format(table.concat(names, ", "))
end

local function is_among(name, names)
    for _, known in ipairs(names) do
        if known == name then
            return true
        end
    end
    return false
end

local function check_module(node, known, report)
    local module, keys = M.path(node)
    local names = module and #keys == 1 and module ~= "aws" and known.modules[module]
    if names and not is_among(keys[1], names) then
        report("unknown-name", node.line, ('%s has no "%s"%s'):format(module, keys[1],
            instead(keys[1], names)))
    end
end

local function check_parameter(node, known, report)
    local params = params_of(node.of)
    if params and node.key.tag == "text" and not params[node.key.value] then
        report("unknown-parameter", node.line, ('%s has no "%s"%s'):format(node.of.name,
            node.key.value, instead(node.key.value, sorted(params))))
    elseif is_target(node.of) and node.key.tag == "text"
        and not is_among(node.key.value, known.target) then
        report("unknown-name", node.line, ('a target has no "%s"%s'):format(node.key.value,
            instead(node.key.value, known.target)))
    end
end

local function check_method(node, known, report)
    if is_target(node.of) and not is_among(node.name, known.target) then
        report("unknown-name", node.line, ('a target has no "%s"%s'):format(node.name,
            instead(node.name, known.target)))
    end
end

-- AWS

local spoken = { call = true, attempt = true } -- aws.call("service.operation", input)

-- The operation that a call of a module's function asks for, and its input; nil where it asks for
-- none, or nobody can tell which.
local function operation_of(node)
    local module, keys = M.path(node.of)
    if module ~= "aws" then
        return nil
    elseif #keys == 1 and spoken[keys[1]] then
        local name = node.arguments[1]
        return name and name.tag == "text" and name.value or nil, node.arguments[2]
    elseif #keys == 2 then
        return table.concat(keys, "."), node.arguments[1]
    end
end

local function check_operation(node, operation, input, report)
    local entry = catalogue.entry(operation)
    if not entry or not catalogue.is_asked(entry) then
        report("unknown-operation", node.line, ("there is no operation %s%s"):format(operation,
            closest.hint(operation, catalogue.names())))
        return
    end
    for _, wrong in ipairs(input and inputs.wrong(entry.input, input) or {}) do
        report("wrong-input", wrong.line, ("aws.%s: %s"):format(operation, wrong.why))
    end
end

---The calls of AWS that stand in a text: [{ operation, line }...].
function M.operations(unit)
    local list = {}
    for _, node in ipairs(unit.call) do
        local operation = operation_of(node)
        if operation then
            list[#list + 1] = { operation = operation, line = node.line }
        end
    end
    return list
end

---Reports what is wrong with the names of a text, as report(code, line, message). `known`: what
---there is, { modules = { name = [names], or false where nobody knows }, target = [names] }.
function M.check(unit, known, report)
    for _, node in ipairs(unit.index) do
        check_module(node, known, report)
        check_parameter(node, known, report)
    end
    for _, node in ipairs(unit.method) do
        check_method(node, known, report)
    end
    for _, node in ipairs(unit.call) do
        local operation, input = operation_of(node)
        if operation then
            check_operation(node, operation, input, report)
        end
    end
end

return M
