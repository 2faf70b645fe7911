-- Holding a rollout where it is, for a person or for a time. What has been watched goes on being
-- watched meanwhile: a canary that waits with half of the traffic can do harm all night.

local check = require "check"
local effect = require "effect"
local kinds = require "kinds"

---@class holding
local M = {}

local held = {} ---@type Target[]

---Says which targets the run has.
---@param targets Target[]
function M.targets(targets)
    held = targets
end

-- The watch of a target that goes on for as long as is waited, by the judges of its last one.
local function watched(target, ms)
    local last = target.watched
    local settle_in = last.settle_in and last.settle_in < ms and last.settle_in or nil
    return function()
        target:judge { during = ms, every = last.every, judges = last.judges, alone = last.alone,
            steps = last.steps, limits = last.limits, step = last.step, settle_in = settle_in,
            beside = true }
    end
end

---Waits for what `wait` waits for, up to so long, and watches what was watched before. Harm undoes
---the rollout and never returns.
---@async
---@generic T
---@param ms integer
---@param wait fun(): T
---@return T
function M.wait(ms, wait)
    local branches = { wait }
    for _, target in ipairs(held) do
        if target.watched and target.percent > 0 then
            branches[#branches + 1] = watched(target, ms)
        end
    end
    if #branches == 1 then
        return wait()
    end
    return effect.parallel(branches)[1]
end

-- Approvals

local PERSONS_MAX = 32

local function persons(value)
    local list = type(value) == "string" and { value } or value
    if type(list) ~= "table" or #list == 0 then
        return nil
    elseif #list > PERSONS_MAX then
        return nil, ("expected at most %d names, got %d"):format(PERSONS_MAX, #list)
    end
    for _, name in ipairs(list) do
        if type(name) ~= "string" or #name > 60 or not name:find("^[%w._@+-]+$") then
            return nil, "expected the name of a user, got " .. check.show(name)
        end
    end
    return effect.array(table.move(list, 1, #list, 1, {}))
end

local approval_fields = {
    from = { expected = 'names of users such as { "ann", "bob" }', read = persons },
    within = kinds.duration,
    otherwise = kinds.choice { "rollback", "go on" },
    message = kinds.name,
}

---@class (exact) rollout.ApprovalOptions
---@field within Duration                  # how long it is waited for
---@field from? string|string[]            # users who may; everybody who can steer the run
---@field otherwise? "rollback"|"go on"    # if nobody answers in time; "rollback"
---@field message? string                  # what is to be approved

---Asks a person.
---@async
---@param options rollout.ApprovalOptions
---@return boolean approved
function M.approval(options)
    local given = check.record("rollout.approval", options, approval_fields,
        { otherwise = "rollback" }, { "within" })
    given.kind = "approval"
    local result = M.wait(given.within, function() return effect.perform(given) end)
    if result.error then
        check.fail("rollout.approval: %s: %s", result.error.code, result.error.message)
    end
    return result.value.approved
end

return M
