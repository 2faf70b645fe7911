-- The parameters of a policy: what it declares, what a rollout file binds, what the command line
-- says.

local check = require "check"
local duration = require "duration"
local effect = require "effect"
local frozen = require "frozen"
local given_by = require "given"
local judge = require "judge"
local judging = require "judging"
local kinds = require "kinds"
local target = require "target"
local target_group = require "target_group"
local window = require "window"

---@class params
local M = {}

---@class Param
---@field kind check.Kind
---@field default? any  # none: it must be given
---@field place string   # where it was declared: "step_canary.lua:9"

local PARAM = "a parameter"

---Declares a parameter. A default is taken as an author's value is.
---@param what string
---@param kind check.Kind
---@param default? any
---@param leaves? table<integer|string, string>  # see M.constructors.settle_in
---@return Param
function M.new(what, kind, default, leaves)
    if default ~= nil then
        default = check.value(what, default, kind)
        if given_by.is_unfilled(default) then
            check.fail("%s: rollout.given is for rollout files: what a policy leaves open is a "
                .. "parameter without a default", what)
        end
    end
    local place = tostring((effect.where()))
    return frozen.new(PARAM, { kind = kind, sort = kind.sort, default = default, place = place,
        leaves = leaves })
end

-- Several targets, some of which are yet to be made.
local function unfilled_list(targets, holes)
    return given_by.unfilled(holes, function(read)
        local made = {}
        for i, one in ipairs(targets) do
            made[i] = given_by.is_unfilled(one) and one.make(read) or one
        end
        local list, why = target_group.of(made)
        return list or error(why, 0)
    end)
end

---@type check.Kind
M.target_kind = {
    sort = "target",
    expected = ("a target (rollout.%s) or several"):format(
        table.concat(check.names(require "target_kinds"), ", rollout.")),
    read = function(value)
        if target.is(value) then
            return target.copy(value)
        elseif given_by.is_unfilled(value) then
            return value
        elseif type(value) ~= "table" or #value == 0 then
            return nil
        end
        local copies, holes = {}, {}
        for i, one in ipairs(value) do
            if given_by.is_unfilled(one) then
                table.move(one.holes, 1, #one.holes, #holes + 1, holes)
            elseif not target.is(one) then
                return nil, "expected targets, got " .. check.show(one)
            end
            copies[i] = target.is(one) and target.copy(one) or one
        end
        if holes[1] then
            return unfilled_list(copies, holes)
        end
        return target_group.of(copies)
    end,
    parse = target.parse,
    many = function(texts)
        local targets = {}
        for i, text in ipairs(texts) do
            local one, why = target.parse(text)
            if not one then
                return nil, why
            end
            targets[i] = one
        end
        return target_group.of(targets)
    end,
}

---The names of a policy's parameters, put in order once and not in every run.
---@class params.Names
---@field all string[]
---@field targets string[]
---@field shares string[]   # percentages, one or several
---@field plain string[]    # all but the targets
---@field alarms string[]   # lists of alarms, that every watch heeds
---@field judges string[]   # lists of judges
---@field windows string[]
---@field fit? fun(values: table)  # raises where durations leave nothing of others

-- There is no author's line for the command line, so the message has to say it all.
local function refuse(format, ...)
    error(format:format(...), 0)
end

-- A watch of which nothing is left would be found out once traffic is shifted. Of one that is for a
-- share, none is made where that share is 0.
local function leaving(name, of, share, first)
    return function(values)
        if first then
            first(values)
        end
        if values[name] >= values[of] and values[share] ~= 0 then
            refuse('parameter "%s": %s leaves nothing of %s (%s) to watch', name,
                duration.format(values[name]), of, duration.format(values[of]))
        end
    end
end

-- What a duration must leave something of are durations of the same policy.
local function fit_of(what, names, declared)
    local fit
    for _, name in ipairs(names.plain) do
        for share, of in pairs(frozen.part(declared[name], "leaves") or {}) do
            local sort = declared[of] and frozen.part(declared[of], "sort")
            if sort ~= "duration" then
                check.fail('%s: params: "%s": expected the name of a duration, got %s', what, name,
                    check.show(of))
            end
            fit = leaving(name, of, share, fit)
        end
    end
    return fit
end

---Takes what a policy declares.
---@param what string
---@param declared any
---@return table<string, Param> declared, params.Names names
function M.declared(what, declared)
    local names = { all = {}, targets = {}, shares = {}, plain = {}, alarms = {},
        judges = {}, windows = {} }
    if type(declared) ~= "table" then
        check.fail("%s: params: expected a table of parameters, got %s", what, check.show(declared))
    end
    for name, param in pairs(declared) do
        if type(name) ~= "string" or not name:find("^[%a_][%w_]*$") then
            check.fail("%s: params: %s is no name for a parameter", what, check.show(name))
        elseif not frozen.is(param, PARAM) then
            check.fail('%s: params: "%s": expected a parameter such as %s, got %s', what, name,
                'rollout.duration "5m"', check.show(param))
        end
        local sort = frozen.part(param, "sort")
        table.insert(names.all, name)
        table.insert(sort == "target" and names.targets or names.plain, name)
        if sort == "percent" or sort == "percents" then
            table.insert(names.shares, name)
        elseif sort == "window" then
            table.insert(names.windows, name)
        elseif sort == "alarms" or sort == "judges" then
            table.insert(names[sort], name)
        end
    end
    names.fit = fit_of(what, names, declared)
    return declared, names
end

---Takes what a rollout file binds, and raises at its line.
---@param what string
---@param declared table<string, Param>
---@param given table<string, any>
---@return table<string, any>
function M.bind(what, declared, given)
    local fields = {}
    for name, param in pairs(declared) do
        fields[name] = given_by.or_hole(frozen.part(param, "kind"))
    end
    local bound = check.record(what, given, fields)
    for name, hole in pairs(M.holes(bound)) do
        if declared[name] and given[name] ~= hole then
            check.fail("%s: the policy has a parameter %s itself: call what is given otherwise",
                what, check.show(name))
        end
    end
    return bound
end

---The holes that bound values have, by what fills them.
---@param bound table<string, any>
---@return table<string, given.Hole>
function M.holes(bound)
    local holes = {}
    for _, value in pairs(bound) do
        for _, hole in ipairs(given_by.is_unfilled(value) and value.holes or {}) do
            holes[hole.name] = hole
        end
    end
    return holes
end

-- A name on the command line is that of a parameter, or fills a hole of the rollout file.
local function check_known(name, declared, bound)
    local known = declared[name] and declared or M.holes(bound)
    if known[name] == nil then
        for declared_name in pairs(declared) do
            known[declared_name] = declared_name
        end
        refuse('there is no parameter "%s"%s', name,
            next(known) and "; " .. check.instead(name, known) or "")
    end
end

-- What is given for each parameter, and for members of targets: "target.canary".
local function collect(declared, bound, arguments)
    local given, members = {}, {}
    for _, argument in ipairs(arguments) do
        local name, member = argument[1]:match("^([^.]*)%.?(.*)$")
        check_known(name, declared, bound)
        if argument[1] ~= name and not declared[name] then
            refuse('parameter "%s" is no target, and has no member "%s"', name, member)
        end
        local into, item = given, argument[2]
        if argument[1] ~= name then
            into, item = members, { path = member, text = item }
        end
        into[name] = into[name] or {}
        table.insert(into[name], item)
    end
    return given, members
end

local function from_texts(name, kind, texts)
    if #texts > 1 and not kind.many then
        refuse('parameter "%s" is given %d times, but takes one value', name, #texts)
    end
    local parse = #texts > 1 and kind.many or kind.parse
    local value, why = parse(#texts > 1 and texts or texts[1])
    if value == nil then
        refuse('parameter "%s": %s', name, check.reason(kind, texts[1], why))
    end
    return value
end

-- What a rollout file left open, once it is filled.
local function filled(value, given)
    return value.make(function(hole, kind)
        if not given[hole.name] then
            refuse('%s: "%s" is not given (-p %s=...): %s', hole.place, hole.name, hole.name,
                hole.what)
        end
        return from_texts(hole.name, kind, given[hole.name])
    end)
end

local function missing(name, kind)
    return kind.sort ~= "target" and kind.expected
        or "a target, on the command line one of" .. target.texts("-p " .. name .. "=")
end

-- A target's members may be given one by one, whoever gave the target.
local function with_members(name, kind, value, members)
    if kind.sort ~= "target" then
        refuse('parameter "%s" is no target, and has no member "%s"', name, members[1].path)
    end
    for _, member in ipairs(members) do
        local changed, why = require("target_member").change(value, member.path, member.text)
        if not changed then
            refuse('parameter "%s.%s": %s', name, member.path, why)
        end
        value = changed
    end
    return value
end

---The value of every parameter: the command line before the rollout file before the default.
---@param policy Policy
---@param arguments string[][]  # { name, text } pairs
---@return table<string, any>
function M.resolve(policy, arguments)
    local declared, bound, names = policy.params, policy.bound, policy.names
    local given, members = collect(declared, bound, arguments)
    local values = {}
    for _, name in ipairs(names.all) do
        local param = declared[name]
        local value = frozen.plain(bound[name])
        if given[name] then
            value = from_texts(name, frozen.part(param, "kind"), given[name])
        elseif value == nil then
            value = frozen.part(param, "default")
            if value == nil then
                refuse('parameter "%s" is missing: expected %s', name,
                    missing(name, frozen.part(param, "kind")))
            end
        elseif given_by.is_unfilled(value) then
            value = filled(value, given)
        end
        values[name] = value
    end
    for name, changes in pairs(members) do
        values[name] = with_members(name, frozen.part(declared[name], "kind"), values[name],
            changes)
    end
    local fit = names.fit
    if fit then
        fit(values)
    end
    return values
end

local number_fields = { default = kinds.number(), min = kinds.number(), max = kinds.number() }
local integer_fields = { default = kinds.integer(), min = kinds.integer(), max = kinds.integer() }

local function ranged(what, make, fields, options)
    local given = check.record(what, options or {}, fields)
    return M.new(what, make(given.min, given.max), given.default)
end

---The constructors of parameters, as `rollout` offers them (documented there).
M.constructors = {
    target = function(default)
        return M.new("rollout.target", M.target_kind, default)
    end,
    percents = function(default)
        return M.new("rollout.percents", kinds.percents, default)
    end,
    percent = function(default)
        return M.new("rollout.percent", default == 0 and kinds.percent_or_none or kinds.percent,
            default)
    end,
    duration = function(default)
        return M.new("rollout.duration", default == 0 and kinds.duration_or_none or kinds.duration,
            default)
    end,
    settle_in = function(watches)
        local leaves = check.value("rollout.settle_in", watches, {
            expected = 'the names of durations, such as { "bake" }',
            read = function(value)
                return type(value) == "table" and next(value) and value or nil
            end,
        })
        return M.new("rollout.settle_in", kinds.duration_or_none, 0, leaves)
    end,
    number = function(options)
        return ranged("rollout.number", kinds.number, number_fields, options)
    end,
    integer = function(options)
        return ranged("rollout.integer", kinds.integer, integer_fields, options)
    end,
    text = function(default)
        return M.new("rollout.text", kinds.text, default)
    end,
    flag = function(default)
        return M.new("rollout.flag", kinds.flag, default)
    end,
    choice = function(choices, default)
        if type(choices) ~= "table" or #choices == 0 then
            check.fail("rollout.choice: expected a list of texts, got %s", check.show(choices))
        end
        return M.new("rollout.choice", kinds.choice(choices), default)
    end,
    alarms = function(default)
        return M.new("rollout.alarms", kinds.alarms, default or {})
    end,
    window = function(default)
        return M.new("rollout.window", window.kind, default)
    end,
    judges = function(default)
        local list = default or { judge.ratio() }
        local param = M.new("rollout.judges", judging.list, list)
        judging.known(list) -- once, and not in every run
        return param
    end,
}

return M
