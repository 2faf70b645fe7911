-- What simulated rollouts are measured against: a coroutine that yields sixty times, resumed until
-- it returns, and nothing else; a new one for each rollout.
--
--     lua5.4 rollouts_bare.lua COUNT

local TICKS = 60

local function rollout()
    for tick = 1, TICKS do
        coroutine.yield(tick)
    end
end

for _ = 1, tonumber(arg[1]) do
    local thread = coroutine.create(rollout)
    repeat
        local _, tick = coroutine.resume(thread)
    until not tick
end
