-- What can be told of a policy without running it, for `tidelock check`: what it declares, what the
-- modules that it requires have, and what is wrong with the options that stand in its text.

local check = require "check"
local effect = require "effect"
local frozen = require "frozen"
local given_by = require "given"
local handle = require "handle"
local judging = require "judging"
local kinds = require "kinds"
local policy = require "policy"
local watching = require "watching"

---@class policy_facts
local M = {}

-- Parameters

-- Texts that a kind may take: those that it shows in its own words, and a few more.
local function candidates(kind)
    local texts = {}
    for _, pattern in ipairs { '"([^"]*)"', "%-?%d[%d.]*" } do
        for text in kind.expected:gmatch(pattern) do
            texts[#texts + 1] = text
        end
    end
    return table.move({ "10,50,100", "10", "1", "true", "5m", "ratio", "pretend" }, 1, 7,
        #texts + 1, texts)
end

-- A text that stands for a value nobody has given; nil: none is known.
local function pretended(kind)
    for _, text in ipairs(kind.parse and candidates(kind) or {}) do
        if kind.parse(text) ~= nil then
            return text
        end
    end
end

local function parameter(name, param, bound)
    local kind = frozen.part(param, "kind")
    local needed = bound == nil and frozen.part(param, "default") == nil
    return {
        name = name,
        sort = kind.sort,
        expected = kind.expected,
        needed = needed,
        pretended = needed and kind.sort ~= "target" and pretended(kind) or nil,
    }
end

local function declared_by(one)
    local list = effect.array {}
    for i, name in ipairs(one.names.all) do
        list[i] = parameter(name, one.params[name], one.bound[name])
    end
    return list
end

-- Texts that may fill a hole of a rollout file; no two holes are filled by the same.
local function fillings(number)
    return {
        tostring(number + 1), "pretended:" .. number,
        ("arn:aws:elasticloadbalancing:eu-west-1:123456789012:targetgroup/pretended/%016x"):format(
            number),
    }
end

local function filling(kind, number)
    for _, text in ipairs(fillings(number)) do
        if kind.parse(text) ~= nil then
            return text
        end
    end
    return pretended(kind)
end

-- Several parts of a rollout file may wait for the same text.
local function hole_at(list, name)
    for i, hole in ipairs(list) do
        if hole.name == name then
            return i
        end
    end
    return #list + 1
end

-- What a value leaves open, and texts that could fill it.

local function add_holes(list, value)
    local texts, count = {}, #list
    pcall(value.make, function(hole, kind)
        count = count + 1
        texts[hole.name] = texts[hole.name] or filling(kind, count)
        return kind.parse(texts[hole.name])
    end)
    for _, hole in ipairs(value.holes) do
        list[hole_at(list, hole.name)] = { name = hole.name, expected = hole.what, needed = true,
            pretended = texts[hole.name] }
    end
end

-- The holes of a rollout file.
local function open_in(one)
    local list = effect.array {}
    for _, name in ipairs(one.names.all) do
        local value = one.bound[name]
        if given_by.is_unfilled(value) then
            add_holes(list, value)
        end
    end
    return list
end

-- Modules

-- What each has; false: it is not known.
local function names_of(modules)
    local names = {}
    for _, module in ipairs(modules) do
        local found, loaded = pcall(require, module)
        names[module] = found and type(loaded) == "table" and effect.array(check.known(loaded))
            or false
    end
    return names
end

-- Options

local fields = { watch = watching.watch_fields, healthy = watching.healthy_fields }

for _, name in ipairs(judging.names) do
    fields["judge." .. name] = require("judge_" .. name).fields
end

-- Those of which only a part is known can be wrong in their names and in what is known.
local function wrong_part(what, given, unknown)
    local _, why = check.take(given, fields[what], {})
    for _, name in ipairs(unknown) do
        if not why and not fields[what][name] then
            why = ('there is no option "%s"; %s'):format(name, check.instead(name, fields[what]))
        end
    end
    return why and ("%s: %s"):format(what, why)
end

local tried = {}

function tried.watch(given)
    watching.options(given)
end

function tried.healthy(given)
    watching.healthy_options(given)
end

function tried.shift(given)
    check.value("shift", given, kinds.percent_or_none)
end

for _, name in ipairs(judging.names) do
    tried["judge." .. name] = function(given) judging.made(name, given) end
end

local function wrong_whole(what, given)
    local fine, why = pcall(tried[what], given)
    return not fine and tostring(why) or nil
end

-- What is wrong with each call, as { number, why }.
local function wrong_of(calls)
    local list = effect.array {}
    for number, call in ipairs(calls) do
        local why
        if call.whole and tried[call.what] then
            why = wrong_whole(call.what, call.given)
        elseif fields[call.what] then
            why = wrong_part(call.what, call.given, call.unknown)
        end
        if why then
            list[#list + 1] = { number = number, why = why }
        end
    end
    return list
end

---What is known of what a policy file returned. `asked`: the modules that its text names, and the
---calls in it whose options are known.
---@param declared any
---@param asked { modules: string[], calls: table[] }  # of lua/check/examination.lua
---@return table
function M.of(declared, asked)
    local is_policy = policy.is(declared)
    local one = is_policy and policy.parts(declared)
    return {
        returned = is_policy and "policy" or declared == nil and "nothing" or type(declared),
        summary = one and one.summary or nil,
        name = one and one.name or nil,
        params = one and declared_by(one) or effect.array {},
        holes = one and open_in(one) or effect.array {},
        modules = names_of(asked.modules),
        target = effect.array(check.names(handle.known)),
        wrong = wrong_of(asked.calls),
    }
end

return M
