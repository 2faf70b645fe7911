-- For how many periods in a row a metric provider has left metrics of a watch unanswered.

local sorted = require "sorted"

local M = {}

local UNANSWERED = "provider error"

function M.new()
    return { periods = 0, metrics = {} }
end

local function metrics_in(period)
    local names = {}
    for name, arms in pairs(period.metrics) do
        if arms.baseline == UNANSWERED or arms.canary == UNANSWERED then
            names[name] = true
        end
    end
    return sorted(names)
end

-- The periods of one more tick.
function M.add(gaps, periods)
    for _, period in ipairs(periods) do
        gaps.metrics = metrics_in(period)
        gaps.periods = #gaps.metrics > 0 and gaps.periods + 1 or 0
    end
end

-- "errors, requests: not answered for 2 periods", or nil where the last one was answered.
function M.text(gaps)
    local count = gaps.periods
    return count > 0 and ("%s: not answered for %d %s"):format(table.concat(gaps.metrics, ", "),
        count, count == 1 and "period" or "periods") or nil
end

return M
