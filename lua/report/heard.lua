-- What of a target's metrics came: no requests is one thing, no answer of the provider another, and
-- nothing that is over yet a third.

local sorted = require "sorted"

local M = {}

local UNANSWERED = "provider error"

function M.new()
    return { unanswered = 0, metrics = {} }
end

local function unanswered(period)
    local names = {}
    for name, arms in pairs(period.metrics) do
        if arms.baseline == UNANSWERED or arms.canary == UNANSWERED then
            names[name] = true
        end
    end
    return sorted(names)
end

-- The periods of one more tick.
function M.add(heard, periods)
    for _, period in ipairs(periods) do
        heard.metrics = unanswered(period)
        heard.unanswered = #heard.metrics > 0 and heard.unanswered + 1 or 0
    end
end

-- "errors, requests: not answered for 2 periods", or nil.
function M.gap(heard)
    local count = heard.unanswered
    return count > 0 and ("%s: not answered for %d %s"):format(table.concat(heard.metrics, ", "),
        count, count == 1 and "period" or "periods") or nil
end

return M
