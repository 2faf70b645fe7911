-- Where a run enters policy code: parameters are settled, the policy is checked against its
-- targets, the run is announced, and only then does the policy act.

local check = require "check"
local effect = require "effect"
local handle = require "handle"
local judging = require "judging"
local params = require "params"
local policy = require "policy"
local target_group = require "target_group"

local M = {}

-- Nothing has been touched yet, and it is the command line or a file that is wrong, not a line of
-- it.
local function refuse(format, ...)
    error(format:format(...), 0)
end

-- The targets among the values, in the order of their names.
local function targets_of(names, values)
    local list, seen = {}, {}
    for _, name in ipairs(names) do
        local value = values[name]
        local targets = value.targets or { value }
        local why = target_group.clash(targets, seen)
        if why then
            refuse('parameter "%s": %s, here and as another parameter', name, why)
        end
        table.move(targets, 1, #targets, #list + 1, list)
    end
    return list
end

local function fit(targets, name, percent)
    for _, target in ipairs(targets) do
        local why = target:misfit(percent)
        if why then
            refuse('parameter "%s": %s', name, why)
        end
    end
end

-- Every share that the parameters name must be one that every target can carry.
local function fit_all(names, values, targets)
    for _, name in ipairs(names) do
        local value = values[name]
        if type(value) == "number" then
            fit(targets, name, value)
        else
            for _, percent in ipairs(value) do
                fit(targets, name, percent)
            end
        end
    end
end

-- Those that every watch heeds; nil where there are none.
local function alarms_of(names, values)
    local list = {}
    for _, name in ipairs(names) do
        table.move(values[name], 1, #values[name], #list + 1, list)
    end
    return list[1] and list
end

-- Those, and what the judges of the parameters heed: a run does not begin while one is in ALARM.
local function heeded(alarms, names, values)
    local list
    for _, name in ipairs(names) do
        list = judging.heeded(values[name], list)
    end
    if not list then
        return alarms
    end
    return table.move(alarms or {}, 1, #(alarms or {}), #list + 1, list)
end

local function announce(one, values, targets, alarms)
    local plain, shown = {}, effect.array {}
    for _, name in ipairs(one.names.plain) do
        plain[name] = values[name]
    end
    for i, target in ipairs(targets) do
        shown[i] = target.value
    end
    local begun = effect.perform {
        kind = "begin",
        policy = { name = one.name, summary = one.summary },
        params = plain,
        targets = shown,
        alarms = heeded(alarms, one.names.judges, values),
    }
    if begun.error then
        refuse("%s", begun.error.message)
    end
end

---Runs a policy from its parameters to its end. What its function returns must be a plain value.
---@async
---@param declared Policy                           # what the policy file returned
---@param arguments { arguments: string[][] }       # { name, text } pairs of the command line
---@return any
function M.start(declared, arguments)
    if not policy.is(declared) then
        refuse("a policy file returns rollout.policy { ... } or rollout.use(...), but this one "
            .. "returned %s", declared == nil and "nothing" or "a " .. type(declared))
    end
    local one = policy.parts(declared)
    local values = params.resolve(one, arguments and arguments.arguments or {})
    local targets = targets_of(one.names.targets, values)
    fit_all(one.names.shares, values, targets)
    local alarms = alarms_of(one.names.alarms, values)
    announce(one, values, targets, alarms)
    for _, target in ipairs(targets) do
        target.alarms = alarms
        target:look()
    end
    for _, name in ipairs(one.names.targets) do
        values[name] = handle.new(values[name])
    end
    return one.run(check.strict("p", values))
end

return M
