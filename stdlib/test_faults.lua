-- What a test does to a run: faults of calls and metrics, an alarm, somebody else's change, hands,
-- and the end of its process. Each is a table whose first item is its name.

local check = require "check"
local duration = require "duration"
local effect = require "effect"
local kinds = require "kinds"

local M = {}

---@class test.Fault
---@field [1] string           # its name, docs/test.md has them
---@field call? string         # of a call: the operation, such as "lambda.update_alias"; any
---@field nth? integer         # the first of those calls that it befalls; 1
---@field times? integer       # how many of them; 1, and any number where it lasts for a time
---@field from? Duration       # since when, from the rollout's begin on; 0
---@field during? Duration     # for how long; to the end
---@field metric? string       # of metrics: which; all
---@field arm? "canary"|"baseline"  # whose; both
---@field by? Duration         # late: by how much
---@field name? string         # of an alarm
---@field operation? string    # of a change
---@field input? table
---@field region? string

---@class test.Change
---@field [1] string           # the operation
---@field input? table
---@field ago? Duration         # how long before the rollout; a day
---@field region? string

---@class test.Hand
---@field [1] string           # "abort", "pause", "resume", "promote", "promote --full"
---@field at Duration
---@field by? string           # who; "a test"

---@class test.Kill
---@field after integer|"everywhere"  # so many records
---@field as? string           # how, docs/test.md has them; "before sending"

local OPERATION = {
    expected = 'an operation such as "lambda.update_alias"',
    read = function(value)
        return type(value) == "string" and value:find("^%l[%w]*%.[%l%d_]+$") and value or nil
    end,
}

local INPUT = {
    expected = "an input: a table",
    read = function(value) return type(value) == "table" and value or nil end,
}

local from_on = { from = kinds.duration_or_none, during = kinds.duration }

local function with(more)
    for name, kind in pairs(from_on) do
        more[name] = kind
    end
    return more
end

local of_calls = with { call = OPERATION, nth = kinds.integer(1), times = kinds.integer(1) }
local of_metrics = with { metric = kinds.name, arm = kinds.choice { "canary", "baseline" } }
local of_late = with { metric = kinds.name, arm = of_metrics.arm, by = kinds.duration }
local of_alarms = with { name = kinds.name }
local of_silence = with {}
local of_changes = { at = kinds.duration_or_none, operation = OPERATION, input = INPUT,
    region = kinds.name }

local function call(name, given)
    local lasts = given.during ~= nil
    return "calls", { fate = name, operation = given.call or "", nth = given.nth or 1,
        times = given.times or (lasts and 0 or 1), from = given.from or 0,
        length = given.during or 0 }
end

local function metric(name, given)
    return "metrics", { fate = name, metric = given.metric or "", arm = given.arm or "",
        from = given.from or 0, length = given.during or 0, by = given.by or 0 }
end

local function alarm(_, given)
    local text = "alarm:" .. given.name
    if given.from and given.from > 0 then
        text = text .. "@" .. duration.format(given.from)
    end
    return "inject", text .. (given.during and "~" .. duration.format(given.during) or "")
end

local function change(_, given)
    return "changes", { at = given.at or 0, change = { operation = given.operation,
        input = given.input or {}, region = given.region } }
end

-- Name -> how it is written, what must be there, and what it becomes.
local sorts = {
    ["metrics late"] = { of_late, { "by" }, metric },
    alarm = { of_alarms, { "name" }, alarm },
    ["alarms unanswered"] = { of_silence, {}, metric },
    ["somebody else"] = { of_changes, { "operation" }, change },
}
for _, name in ipairs { "unreachable", "broken", "throttled", "credentials expired",
    "connection lost", "answer lost", "effect late", "request lost", "refused", "answer late" } do
    sorts[name] = { of_calls, {}, call }
end
for _, name in ipairs { "metrics missing", "metrics NaN", "metric provider down" } do
    sorts[name] = { of_metrics, {}, metric }
end

-- The name and the options of { "name", option = value }.
local function split(given)
    local options = {}
    if type(given) ~= "table" then
        return nil
    end
    for name, value in pairs(given) do
        if name ~= 1 then
            options[name] = value
        end
    end
    return given[1], options
end

local FAULTS_MAX = 16

-- Takes a list, item by item; the message says which item is wrong.
local function each(value, expected, read)
    if type(value) ~= "table" or (value[1] == nil and next(value) ~= nil) then
        return nil
    elseif #value > FAULTS_MAX then
        return nil, ("expected at most %d, got %d"):format(FAULTS_MAX, #value)
    end
    local list = effect.array {}
    for i, item in ipairs(value) do
        local one, why = read(item)
        if not one then
            return nil, ("item %d: %s"):format(i, why or ("expected %s, got %s"):format(expected,
                check.show(item)))
        end
        list[i] = one
    end
    return list
end

local FAULT = 'a fault such as { "throttled", call = "lambda.update_alias" }'

local function fault(given)
    local name, options = split(given)
    local sort = type(name) == "string" and sorts[name]
    if not sort then
        return nil, type(name) == "string"
            and ("there is no fault %s; %s"):format(check.show(name), check.instead(name, sorts))
            or nil
    end
    local taken, why = check.take(options, sort[1], {}, sort[2])
    if not taken then
        return nil, ("%s: %s"):format(name, why)
    end
    local part, made = sort[3](name, taken)
    return { part = part, made = made, name = name }
end

---@type check.Kind
M.list = {
    expected = "a list of faults",
    read = function(value) return each(value, FAULT, fault) end,
}

local of_hands = { at = kinds.duration_or_none, by = kinds.name }
local HAND = 'a hand such as { "pause", at = "5m" }'

---@type check.Kind
M.hands = {
    expected = "a list of hands",
    read = function(value)
        return each(value, HAND, function(given)
            local name, options = split(given)
            if type(name) ~= "string" then
                return nil
            end
            local taken, why = check.take(options, of_hands, { by = "a test" }, { "at" })
            if not taken then
                return nil, ("%s: %s"):format(name, why)
            end
            taken.request = name
            return taken
        end)
    end,
}

local of_account = { input = INPUT, region = kinds.name, ago = kinds.duration }
local CHANGE = 'a call such as { "lambda.update_alias", input = { ... } }'

---@type check.Kind
M.account = {
    expected = "a list of calls",
    read = function(value)
        return each(value, CHANGE, function(given)
            local name, options = split(given)
            if not OPERATION.read(name) then
                return nil
            end
            local taken, why = check.take(options, of_account, { input = {} })
            if not taken then
                return nil, ("%s: %s"):format(name, why)
            end
            taken.operation = name
            return taken
        end)
    end,
}

local EVERYWHERE = "everywhere"
local records = kinds.integer(1)

local after = {
    expected = 'a number of records, or "everywhere"',
    read = function(value) return value == EVERYWHERE and value or records.read(value) end,
}

---@type check.Kind
M.kill = {
    expected = 'a number of records, "everywhere", or { after = 12, as = "sent is lost" }',
    read = function(value)
        local given = type(value) == "table" and value or { after = value }
        local taken, why = check.take(given, { after = after, as = kinds.name },
            { as = "before sending" }, { "after" })
        if not taken then
            return nil, type(value) == "table" and why or nil
        elseif taken.after == EVERYWHERE then
            return { everywhere = true }
        end
        return { records = taken.after, as = taken.as }
    end,
}

---Faults by what they are done to: { calls =, metrics =, changes =, inject = }.
function M.parted(list)
    local parts = { calls = effect.array {}, metrics = effect.array {}, changes = {},
        inject = effect.array {}, places = { calls = {}, metrics = {}, changes = {} } }
    for i, one in ipairs(list or {}) do
        table.insert(parts[one.part], one.made)
        if parts.places[one.part] then
            table.insert(parts.places[one.part], ("faults: item %d: %s"):format(i, one.name))
        end
    end
    return parts
end

---What others do, in the order in which their numbers count: changes, then hands.
function M.deeds(changes, hands)
    local deeds = effect.array {}
    for _, list in ipairs { changes, hands or {} } do
        table.move(list, 1, #list, #deeds + 1, deeds)
    end
    return deeds
end

local function first_unmet(met, places)
    for i, place in ipairs(places) do
        if met[i] == 0 then
            return place
        end
    end
end

---Why a run does not show what its test is about: a fault that befell nothing, as its operation is
---misspelt or the run was over. Nil where all befell something. Of many runs nobody counts it.
function M.unmet(parts, hands, answer)
    local met = answer.met
    if not met then
        return nil
    end
    local deeds = { table.unpack(parts.places.changes) }
    for i, hand in ipairs(hands or {}) do
        deeds[#deeds + 1] = ("hands: item %d: %s"):format(i, hand.request)
    end
    if answer.unheeded and answer.outcome ~= "refused" then
        return ("no watch heeded the alarm %s"):format(check.show(answer.unheeded))
    end
    local place = first_unmet(met.calls, parts.places.calls)
        or first_unmet(met.metrics, parts.places.metrics) or first_unmet(met.deeds, deeds)
    return place and place .. " befell nothing in this run, which ended as " .. answer.outcome
end

return M
