-- Many targets in waves: a few first, and more once these are well. Some of them may fail, and are
-- taken back alone; one more than that, and all of them are.

local check = require "check"
local effect = require "effect"
local handle = require "handle"
local kinds = require "kinds"

---@class waves
local M = {}

---@class (exact) rollout.WavesOptions
---@field targets target.Handle                  # all of them: p.target
---@field waves? (integer|string|string[])[]     # how many, or which by name; { 1 }: one by one
---@field failures? integer                      # how many may fail; 0
---@field each fun(target: target.Handle)        # what is done with each, side by side in a wave
---@field between? fun(wave: integer)            # what is done after each wave but the last

local func = {
    expected = "a function",
    read = function(value) return type(value) == "function" and value or nil end,
}

local fields = {
    targets = {
        expected = "the targets of the policy, such as p.target",
        read = function(value)
            local inner = handle.inner(value)
            return inner ~= value and (inner.targets or { inner }) or nil
        end,
    },
    waves = {
        expected = 'sizes such as { 1, 5 }, or names such as { "eu", { "us", "ap" } }',
        read = function(value) return type(value) == "table" and #value > 0 and value or nil end,
    },
    failures = kinds.integer(0),
    each = func,
    between = func,
}

-- The last size holds for all that follow.
local function by_size(targets, sizes)
    local list, done = {}, 0
    while done < #targets do
        local size = sizes[math.min(#list + 1, #sizes)]
        if math.type(size) ~= "integer" or size < 1 then
            check.fail("rollout.waves: waves: expected a number of targets, got %s",
                check.show(size))
        end
        list[#list + 1] = table.move(targets, done + 1, math.min(done + size, #targets), 1, {})
        done = done + size
    end
    return list
end

local function take(named, name)
    if not named[name] then
        check.fail("rollout.waves: waves: there is no target %s that is in no wave yet; %s",
            check.show(name), check.instead(tostring(name), named))
    end
    local found = named[name]
    named[name] = nil
    return found
end

local function by_name(targets, waves)
    local named, list = {}, {}
    for _, one in ipairs(targets) do
        named[one.label] = one
    end
    for i, names in ipairs(waves) do
        list[i] = {}
        for k, name in ipairs(type(names) == "table" and names or { names }) do
            list[i][k] = take(named, name)
        end
    end
    local left = next(named) and check.names(named)
    if left then
        check.fail("rollout.waves: waves: %s is in no wave", left[1])
    end
    return list
end

local function labels(targets)
    local list = {}
    for i, one in ipairs(targets) do
        list[i] = one.label
    end
    return table.concat(list, ", ")
end

local function tell(level, format, ...)
    effect.perform { kind = "notify", level = level, message = format:format(...) }
end

-- One target that is harmed alone goes back alone, while there may be failures.
local function failed(one, budget, verdict)
    budget.failed[#budget.failed + 1] = one
    if #budget.failed > budget.most then
        effect.perform { kind = "rollback", reason = ("%d targets failed, and no more than %d may: "
            .. "%s"):format(#budget.failed, budget.most, labels(budget.failed)):sub(1, 200) }
    end
    tell("warning", "%s failed (%s) and is taken back; %d of %d that may", one.label, verdict,
        #budget.failed, budget.most)
    one:route(0)
end

local function branch(one, each, budget)
    return function()
        if budget.most == 0 then
            each(handle.new(one))
            return
        end
        one.spared = {}
        local ok, why = pcall(each, handle.new(one))
        local spared = one.spared
        one.spared = nil
        if not ok and why == spared then
            failed(one, budget, spared.verdict)
        elseif not ok then
            error(why, 0)
        end
    end
end

---Carries many targets out, wave by wave.
---@async
---@param options rollout.WavesOptions
---@return string[] failed  # the labels of those that were taken back
function M.run(options)
    local given = check.record("rollout.waves", options, fields,
        { waves = { 1 }, failures = 0 }, { "targets", "each" })
    if given.failures >= #given.targets and given.failures > 0 then
        check.fail("rollout.waves: failures: expected fewer than there are targets (%d), got %d",
            #given.targets, given.failures)
    end
    local named = type(given.waves[1]) ~= "number"
    local list = (named and by_name or by_size)(given.targets, given.waves)
    local budget = { most = given.failures, failed = {} }
    for i, wave in ipairs(list) do
        tell("info", "wave %d of %d: %s", i, #list, labels(wave))
        local branches = {}
        for k, one in ipairs(wave) do
            branches[k] = branch(one, given.each, budget)
        end
        effect.parallel(branches)
        if given.between and i < #list then
            given.between(i)
        end
    end
    local back = effect.array {}
    for i, one in ipairs(budget.failed) do
        back[i] = one.label
    end
    return back
end

return M
