-- How a deployment of the simulated AppConfig goes on by itself: it grows, bakes, and is complete;
-- stopped, it rolls back. What is kept of one never changes with time:
--
--     number, profile, version, strategy   what it deploys, and how (a deployment strategy)
--     label, description                   of the version; of the deployment
--     started                              ms
--     stopped                              { at = ms, by = "USER" or "CLOUDWATCH_ALARM" }, or nil
--
-- Durations that AWS does not tell are assumptions.

local M = {}

M.LEAST = 2000 -- ms that even a deployment without growth and bake takes
M.ROLLBACK = 3000 -- ms that a rollback takes

local MINUTE = 60000

-- The percentages that a strategy goes through: G, 2G, 3G... or G, 2G, 4G..., and 100.
local function percentages(strategy)
    local list, percent = {}, strategy.GrowthFactor
    while percent < 100 do
        list[#list + 1] = percent
        percent = strategy.GrowthType == "EXPONENTIAL" and percent * 2
            or percent + strategy.GrowthFactor
    end
    list[#list + 1] = 100.0
    return list
end

-- When everything that grows has grown, and when it has baked.
local function times(one)
    local strategy = one.strategy
    local grown = one.started + math.max(strategy.DeploymentDurationInMinutes * MINUTE, M.LEAST)
    return grown, grown + strategy.FinalBakeTimeInMinutes * MINUTE
end

-- How far it has grown by itself at `now`, and when it grows again (nil: no more).
local function growth(one, now)
    local grown = times(one)
    local list = percentages(one.strategy)
    local step = (grown - one.started) // #list
    local index = math.min(#list, (now - one.started) // step + 1)
    return list[index], index < #list and one.started + index * step or nil
end

-- State, percentage and the time of the next change (nil: none) without anybody's hand on it.
local function undisturbed(one, now)
    local grown, baked = times(one)
    if now < one.started then
        return "DEPLOYING", 0.0, one.started
    elseif now < grown then
        local percent, again = growth(one, now)
        return "DEPLOYING", percent, again or grown
    elseif now < baked then
        return "BAKING", 100.0, baked
    end
    return "COMPLETE", 100.0, nil
end

-- A deployment's state and percentage at `now`, and the time of its next change (nil: none).
function M.state(one, now)
    local stopped = one.stopped
    if not stopped or now < stopped.at then
        local state, percent, again = undisturbed(one, now)
        return state, percent, stopped and again and math.min(again, stopped.at) or again
    end
    local state, percent = undisturbed(one, stopped.at)
    local over = stopped.at + M.ROLLBACK
    if now < over then
        return "ROLLING_BACK", percent, over
    end
    return state == "COMPLETE" and "REVERTED" or "ROLLED_BACK", 0.0, nil
end

-- When it was completed, or nil.
function M.completed(one, now)
    local _, baked = times(one)
    local untouched = not one.stopped or one.stopped.at >= baked
    return untouched and baked <= now and baked or nil
end

-- What happened to it up to `now`, the latest first.
function M.events(one, now)
    local grown, baked = times(one)
    local stopped, list = one.stopped, {}
    local stop = stopped and stopped.at or math.maxinteger
    local function add(at, kind, by, words)
        if at <= now and (at <= stop or by == (stopped and stopped.by)) then
            table.insert(list, 1, { EventType = kind, TriggeredBy = by, Description = words,
                OccurredAt = at })
        end
    end
    add(one.started, "DEPLOYMENT_STARTED", "USER", "Deployment started")
    if baked > grown then
        add(grown, "BAKE_TIME_STARTED", "APPCONFIG", "Bake time started")
    end
    add(baked, "DEPLOYMENT_COMPLETED", "APPCONFIG", "Deployment completed")
    if stopped then
        local kind = stop >= baked and "REVERT" or "ROLLBACK"
        if kind == "ROLLBACK" then
            add(stop, "ROLLBACK_STARTED", stopped.by, "Rollback started")
        end
        add(stop + M.ROLLBACK, kind .. "_COMPLETED", stopped.by, "Rollback completed")
    end
    return list
end

-- Which versions of a profile its clients have at `now`: a list of { version =, part = 0..1 }, and
-- until when. The newest deployment comes first; what it does not reach, those below it do.
function M.served(deployments, profile, now)
    local list, left, changes = {}, 1.0, nil
    for i = #deployments, 1, -1 do
        local one = deployments[i]
        if one.profile == profile and left > 0 then
            local _, percent, again = M.state(one, now)
            changes = again and math.min(again, changes or again) or changes
            if percent > 0 then
                list[#list + 1] = { version = one.version, part = left * percent / 100 }
                left = left * (100 - percent) / 100
            end
        end
    end
    return list, changes
end

return M
