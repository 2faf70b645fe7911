-- The inside of judge.lua: how judges are made of options and of text, and taken in lists. Nothing
-- here knows one judge from another: each is a module of its own and a row of `judges`.

local check = require "check"
local effect = require "effect"

---@class judging
local M = {}

---@class Judge  # a plain value, made by a function of `judge`
---@field judge string   # which: "ratio"
---@field name string

---@class judging.Kind   # what the module of a judge has
---@field example string                                    # as text: "ratio:alpha=0.01"
---@field fields table<string, check.Kind>                  # its options
---@field make fun(options: any): Judge?, string?           # of options, or nil and why not
---@field parse? fun(text: string): Judge?, string?         # of text, where that is no options
---@field heeds? fun(one: Judge): string[]                  # alarms that must be quiet before
---@field asks? fun(one: Judge): judging.Ask[]             # the metrics that it looks at
---@field learns? fun(one: Judge): table[]?                 # effects to ask before it can judge
---@field learned? fun(one: Judge, seen: table[]): Judge?, string?  # by what those answered

---@class judging.Ask
---@field metric string
---@field requests? boolean # of which there must be some
---@field count? boolean    # which is there where requests are
---@field family? boolean   # not itself: its counts per threshold, or its percentiles

-- core/judge has one of each name.
---@type table<string, judging.Kind>
local judges = {
    alarm = require "judge_alarm", before = require "judge_before",
    latency = require "judge_latency", percentile = require "judge_percentile",
    ratio = require "judge_ratio", threshold = require "judge_threshold",
}

local names = check.names(judges)
M.names = names

-- The texts that make(name) makes of the names, joined.
local function any_of(make)
    local texts = {}
    for i, name in ipairs(names) do
        texts[i] = make(name)
    end
    return table.concat(texts, " or ")
end

---A judge of options; what is wrong with them is raised at the author's line.
---@param which string
---@param options table
---@return Judge
function M.made(which, options)
    local one, why = judges[which].make(options)
    if not one then
        check.fail("judge.%s: %s", which, why)
    end
    return one
end

local origin = require "frozen".origin
local known = {} -- lists of judges, and what is known of them

local function append(list, more)
    return table.move(more, 1, #more, #list + 1, list)
end

---What a run must know of a list of judges before it begins: the metrics that they look at, and the
---alarms that must be quiet (nil: none). It is found once, most often as the policy is loaded.
---@param list Judge[]
---@return { asks: judging.Ask[], heeds: string[]? }
function M.known(list)
    list = origin[list] or list
    local found = known[list]
    if found then
        return found
    end
    local asks, heeds = effect.array {}, nil
    for _, one in ipairs(list) do
        local kind = judges[one.judge]
        append(asks, kind.asks and kind.asks(one) or {})
        heeds = kind.heeds and append(heeds or {}, kind.heeds(one)) or heeds
    end
    known[list] = { asks = asks, heeds = heeds }
    return known[list]
end

---What must be asked of the outside before this judge can judge: effects without their target.
---@param one Judge
---@return table[]? requests
function M.learns(one)
    local learns = judges[one.judge].learns
    return learns and learns(one)
end

---The judge by what was answered, in the same order.
---@param one Judge
---@param seen table[]
---@return Judge
function M.learned(one, seen)
    local learned, why = judges[one.judge].learned(one, seen)
    if not learned then
        check.fail("judge.%s: %s", one.judge, why)
    end
    return learned
end

---A copy that weighs the evidence of each of so many watches alike; one whose watches were counted
---by its author stays as it is, and so does one that does not count them.
---@param one Judge
---@param watches integer
---@return Judge
function M.planned(one, watches)
    if one.restarts ~= 0 then
        return one
    end
    local copy = {}
    for name, value in next, one do
        copy[name] = value
    end
    copy.restarts = watches
    return copy
end

local text_expected = "expected a judge such as "
    .. any_of(function(name) return ('"%s"'):format(judges[name].example) end)

---A judge from text: "ratio", "ratio:alpha=0.005,psi0=1.5", "threshold:above=0.02".
---@param text string
---@return Judge? judge, string? why
function M.parse(text)
    local which, rest = text:match("^%s*(%l+):?(.*)$")
    local kind = judges[which or ""]
    if not kind then
        return nil, ("%s, got %s"):format(text_expected, check.show(text))
    end
    local one, why
    if kind.parse then
        one, why = kind.parse(rest)
    else
        one, why = check.options(rest, kind.fields)
        if one then
            one, why = kind.make(one)
        end
    end
    return one, why and ("%s: %s"):format(which, why)
end

local value_expected = "expected judges made by "
    .. any_of(function(name) return "judge." .. name end)

---Takes a list of judges; their names tell their findings apart, so no two may share one.
---@type check.Kind
M.list = {
    sort = "judges",
    expected = "a list of judges such as { judge.ratio {} }",
    read = function(value)
        if type(value) ~= "table" then
            return nil
        elseif value.judge then
            return nil, ("expected a list of judges: write { judge.%s {} }"):format(value.judge)
        elseif #value == 0 then
            return nil, "expected at least one judge, got an empty list"
        end
        local seen = {}
        for _, one in ipairs(value) do
            if type(one) ~= "table" or not judges[one.judge] then
                return nil, ("%s, got %s"):format(value_expected, check.show(one))
            elseif seen[one.name] then
                return nil, ('two judges are called "%s"; give one another name'):format(one.name)
            end
            seen[one.name] = true
        end
        return value
    end,
    parse = function(text) return M.list.many { text } end,
    many = function(texts)
        local list = {}
        for i, text in ipairs(texts) do
            local one, why = M.parse(text)
            if not one then
                return nil, why
            end
            list[i] = one
        end
        return M.list.read(list)
    end,
}

---A list of judges that a function of the policy returned.
---@param what string
---@param value any
---@return Judge[]
function M.taken(what, value)
    return check.value(what, value, M.list)
end

return M
