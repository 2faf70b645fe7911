-- Several targets that move as one: they are shifted and watched side by side, and undone together.

local effect = require "effect"
local target = require "target"
local watching = require "watching"

---@class target.Group
---@field targets Target[]
local Group = {}
Group.__index = Group

-- Calls one method of every target, each in a branch of its own. What the author gave has been
-- checked before: a branch knows nothing of the line that asked for it.
local function each(self, method, given)
    local branches = {}
    for i, one in ipairs(self.targets) do
        branches[i] = function()
            return one[method](one, given)
        end
    end
    return effect.parallel(branches)
end

---@async
function Group:look()
    for _, one in ipairs(self.targets) do
        one:look()
    end
end

---@param percent number
---@return string? why
function Group:misfit(percent)
    for _, one in ipairs(self.targets) do
        local why = one:misfit(percent)
        if why then
            return why
        end
    end
end

---Gives the canary of every target the same share.
---@async
---@param percent number  # 0 to 100
function Group:shift(percent)
    local share = target.share(self, percent)
    each(self, "route", share)
end

---Takes back, side by side, what somebody else deploys by any of them.
---@async
function Group:take_back()
    each(self, "take_back")
end

local severity = {
    safe = 1, undecided = 2, ["provider error"] = 3, ["no data"] = 4, harm = 5,
}

---Watches every target; harm on one of them undoes all. The verdict is the worst of theirs.
---@async
---@param options target.WatchOptions
---@return Verdict verdict
---@return { verdict: string, targets: target.WatchResult[] } result
function Group:watch(options)
    local results = each(self, "judge", watching.options(options))
    local worst = "safe"
    for _, result in ipairs(results) do
        if severity[result.verdict] > severity[worst] then
            worst = result.verdict
        end
    end
    return worst, { verdict = worst, targets = results }
end

---@async
---@param shares number|number[]
---@param options target.WatchOptions
function Group:foresee(shares, options)
    each(self, "foreseen", watching.foresee_options(shares, options))
end

---@async
---@param options target.HealthyOptions
function Group:healthy(options)
    each(self, "wait", watching.healthy_options(options))
end

---@class target_group
local M = {}

---One target, or several as one; nil, and why, where they cannot be told apart. The same resource
---twice would be shifted twice, and undone into itself.
---@param targets Target[]  # one or more
---@return Target|target.Group|nil, string? why
function M.of(targets)
    local why = M.clash(targets, {})
    if why then
        return nil, why
    elseif #targets == 1 then
        return targets[1]
    end
    return setmetatable({ targets = targets }, Group)
end

---Why some of these targets are not told apart, from each other or from those that were `seen`
---before; nil if they are.
---@param targets Target[]
---@param seen table<string, boolean>
---@return string? why
function M.clash(targets, seen)
    for _, one in ipairs(targets) do
        if seen[one.resource] then
            return one.resource .. " is given twice"
        elseif seen[one.label] then
            return ('two targets have the name "%s"'):format(one.label)
        end
        seen[one.resource], seen[one.label] = true, true
    end
end

return M
