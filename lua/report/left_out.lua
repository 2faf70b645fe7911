-- The periods of a watch that no judge was given since the canary was still settling in.

local M = {}

function M.new()
    return { seen = {}, count = 0 }
end

-- The periods of one more tick; one that was read again is the same period.
function M.add(left, periods)
    for _, period in ipairs(periods) do
        if period.left_out == "settle_in" and not left.seen[period.at] then
            left.seen[period.at] = true
            left.count = left.count + 1
        end
    end
end

-- "2 periods left out: the canary was settling in", or nil where there were none.
function M.text(left)
    return left.count > 0 and ("%d %s left out: the canary was settling in"):format(left.count,
        left.count == 1 and "period" or "periods") or nil
end

return M
