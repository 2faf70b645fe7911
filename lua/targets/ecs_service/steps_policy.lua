-- The steps in which ECS shifts a service's traffic: equal ones of at least 3 %, or one of any size
-- and then all. They are chosen from the shares that a policy names, before anything is touched,
-- and cannot be changed on the way. Shares are reckoned in tenths of a percent, which is as fine as
-- ECS takes them.

local M = {}

local ALL, LEAST = 1000, 30 -- tenths of a percent
local MINUTE = 60000
local MARGIN = 15 * MINUTE -- of a pause, beyond the policy's own durations
local PAUSE_MIN, PAUSE_MAX = 60 * MINUTE, 24 * 60 * MINUTE -- a stage of ECS's lasts a day at most

local function tenths(percent)
    return math.floor(percent * 10 + 0.5)
end

local function gcd(a, b)
    while b > 0 do
        a, b = b, a % b
    end
    return a
end

-- The shares between none and all, in tenths, each once, in order.
local function between(shares)
    local list, seen = {}, {}
    for _, percent in ipairs(shares) do
        local share = tenths(percent)
        if share > 0 and share < ALL and not seen[share] then
            seen[share], list[#list + 1] = true, share
        end
    end
    table.sort(list)
    return list
end

-- { size } of equal steps, or { size, once = true } of one and then all; nil where there are none.
local function chosen(shares)
    local list = between(shares)
    local size = list[1] or ALL
    for _, share in ipairs(list) do
        size = gcd(size, share)
    end
    if size >= LEAST then
        return { size = size }
    elseif #list == 1 then
        return { size = list[1], once = true }
    end
end

-- What equal steps of a size would make of shares, and how far off that is.
local function rounded(list, size)
    local made, off, seen = {}, 0, {}
    for _, share in ipairs(list) do
        local near = math.max(1, math.floor(share / size + 0.5)) * size
        near = math.min(near, ALL)
        off = off + math.abs(near - share) / share
        if near < ALL and not seen[near] then
            seen[near], made[#made + 1] = true, near
        end
    end
    return made, off
end

local function text_of(list)
    local texts = {}
    for i, share in ipairs(list) do
        texts[i] = ("%g"):format(share / 10)
    end
    return table.concat(texts, ", ")
end

-- The shares nearest to these that equal steps lead to.
local function nearest(list)
    local best, least
    for size = LEAST, ALL do
        local made, off = rounded(list, size)
        if not least or off < least then
            best, least = made, off
        end
    end
    return best
end

-- The steps of a target, or nil and why there are none. A share that no parameter names is the
-- first that is asked for.
local function plan(target, percent)
    local shares = target.shares or {}
    local list = between(shares)
    if not list[1] and percent then
        shares = { percent }
    end
    local found = chosen(shares)
    if found then
        return found
    end
    return nil, ("cannot carry %s %%: ECS goes in equal steps of at least 3 %%, or once and then "
        .. "to 100 %%; the nearest that it can carry: %s %%"):format(text_of(list),
        text_of(nearest(list)))
end

---@param target Target
---@param percent number
---@return string? why
function M.misfit(target, percent)
    local steps, why = target.steps, nil
    if not steps then
        steps, why = plan(target, percent)
    end
    if not steps then
        return why
    end
    local share = tenths(percent)
    local fits = share == 0 or share == ALL or share == steps.size
        or not steps.once and share % steps.size == 0
    if not fits then
        local below = steps.once and steps.size or share // steps.size * steps.size
        local above = steps.once and ALL or math.min(ALL, below + steps.size)
        return ("cannot carry %g %%: its steps lead to %g and %g %%"):format(percent, below / 10,
            above / 10)
    elseif target.percent and percent < target.percent then
        return ("cannot go from %g back to %g %%: ECS only goes up, and takes all back where the "
            .. "rollout is undone"):format(target.percent, percent)
    end
end

-- Those of the deployment, from when it begins.
local function fixed(target)
    target.steps = target.steps or plan(target, target.first)
    return target.steps
end

---The canary's percent after so many words to go on.
function M.at(target, count)
    if count == 0 then
        return 0
    end
    local steps = fixed(target)
    local share = steps.once and count > 1 and ALL or count * steps.size
    share = math.min(share, ALL)
    return share % 10 == 0 and share // 10 or share / 10
end

---What ECS is told of them: parts of a deployment configuration.
function M.configuration(target)
    local steps = fixed(target)
    local percent = steps.size / 10
    if steps.once then
        return { strategy = "CANARY", canaryConfiguration = { canaryPercent = percent,
            canaryBakeTimeInMinutes = 0 } }
    end
    return { strategy = "LINEAR", linearConfiguration = { stepPercent = percent,
        stepBakeTimeInMinutes = 0 } }
end

---How long ECS waits at each pause, in ms: longer than any watch of the policy. Nil and why where
---that cannot be.
function M.pause(target)
    local given = target.value.pause
    local wanted = given or math.max(PAUSE_MIN, (target.longest or 0) + MARGIN)
    wanted = math.ceil(wanted / MINUTE) * MINUTE
    if wanted > PAUSE_MAX then
        return nil, ("would wait for up to %s at a step, and ECS lets a stage last no longer than "
            .. "24h"):format(require "duration".format(wanted))
    end
    return wanted
end

return M
