-- Where a run enters policy code: parameters are settled, the policy is checked against its
-- targets, the run is announced, and only then does the policy act.

local check = require "check"
local effect = require "effect"
local frozen = require "frozen"
local handle = require "handle"
local holding = require "holding"
local judging = require "judging"
local kinds = require "kinds"
local params = require "params"
local policy = require "policy"
local target_group = require "target_group"
local window = require "window"

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

-- The shares that the parameters name.
local function named_shares(names, values)
    local list = {}
    for _, name in ipairs(names) do
        local value = type(values[name]) == "number" and { values[name] } or values[name]
        table.move(value, 1, #value, #list + 1, list)
    end
    return list
end

-- The shares that a policy says it shifts to, where its parameters do not.
local function said_shares(one, values)
    local list = one.shares and one.shares(check.strict("p", values))
    for i, percent in ipairs(list or {}) do
        list[i] = kinds.percent_or_none.read(percent)
            or refuse("shares: item %d: expected a percentage, got %s", i, check.show(percent))
    end
    return list
end

-- What targets must know beforehand that choose their steps, and how long they wait, by it.
local function prepare(one, values, targets)
    local shares, longest = said_shares(one, values), 0
    shares = shares or named_shares(one.names.shares, values)
    for _, name in ipairs(one.names.plain) do
        if frozen.part(one.params[name], "sort") == "duration" then
            longest = longest + values[name]
        end
    end
    for _, target in ipairs(targets) do
        target.shares, target.longest = shares, longest
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

-- Both lists, the second of which may be missing.
local function joined(first, second)
    local list = table.move(first, 1, #first, 1, {})
    return second and table.move(second, 1, #second, #list + 1, list) or list
end

-- What is known of the judges before the policy acts, of those of the parameters and of those that
-- it says it makes itself: the metrics that they look at, list by list; and with what every watch
-- heeds, the alarms of which none may be in ALARM.
local function known_of(names, values, own, alarms)
    local asks, known = {}, judging.known
    for i = 1, #names do
        local one = known(values[names[i]])
        asks[i] = one.asks
        if one.heeds then
            alarms = joined(one.heeds, alarms)
        end
    end
    if own then
        local one = known(own)
        asks[#asks + 1], alarms = one.asks, one.heeds and joined(one.heeds, alarms) or alarms
    end
    return asks[1] and asks, alarms
end

local function announce(one, values, targets, alarms, own)
    local plain, shown = {}, effect.array {}
    for _, name in ipairs(one.names.plain) do
        plain[name] = values[name]
    end
    for i, target in ipairs(targets) do
        shown[i] = target.value
    end
    local asks, heeded = known_of(one.names.judges, values, own, alarms)
    local begun = effect.perform {
        kind = "begin",
        policy = { name = one.name, summary = one.summary },
        params = plain,
        targets = shown,
        alarms = heeded,
        asks = asks,
    }
    if begun.error then
        refuse("%s", begun.error.message)
    end
end

-- The last steps are due when nothing is to be judged any more.
local function finish(targets)
    local steps = {}
    for _, target in ipairs(targets) do
        steps[#steps + 1] = target.begun and function() target:finish() end or nil
    end
    if steps[1] then
        effect.perform { kind = "judged" }
        effect.parallel(steps)
    end
end

---Runs a policy from its parameters to its end. What its function returns must be a plain value.
---@async
---@param declared Policy                           # what the policy file returned
---@param arguments { arguments: string[][], describe: table?, test: table? }
---@return any
function M.start(declared, arguments)
    if arguments and arguments.describe then -- it is looked at, and not run
        return require("policy_facts").of(declared, arguments.describe)
    elseif arguments and arguments.test then -- it is no policy but a file of tests
        return require("test_cases").start(arguments.test)
    end
    if not policy.is(declared) then
        refuse("a policy file returns rollout.policy { ... } or rollout.use(...), but this one "
            .. "returned %s", declared == nil and "nothing" or "a " .. type(declared))
    end
    local one = policy.parts(declared)
    local values = params.resolve(one, arguments and arguments.arguments or {})
    local targets = targets_of(one.names.targets, values)
    local paced
    for i = 1, #targets do
        paced = paced or targets[i].kind.finish
    end
    if paced then
        prepare(one, values, targets)
    end
    fit_all(one.names.shares, values, targets)
    local alarms = alarms_of(one.names.alarms, values)
    local own = one.judges and judging.taken("judges", one.judges(check.strict("p", values)))
    announce(one, values, targets, alarms, own)
    holding.targets(targets)
    for _, target in ipairs(targets) do
        target.alarms = alarms
        target:look()
    end
    for _, name in ipairs(one.names.targets) do
        values[name] = handle.new(values[name])
    end
    window.begin(values, one.names.windows)
    local returned = one.run(check.strict("p", values), own)
    if paced then
        finish(targets)
    end
    return returned
end

return M
