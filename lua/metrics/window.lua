-- Periods, and the parts of a long time that fit into one request.

local M = {}

function M.up(at, period)
    return at + (-at) % period
end

function M.down(at, period)
    return at - at % period
end

-- {from, to} of at most `most` periods each.
function M.slices(from, to, period, most)
    local list = {}
    for start = from, to - 1, most * period do
        list[#list + 1] = { start, math.min(start + most * period, to) }
    end
    return list
end

-- 90000 -> "90", 1500 -> "1.5": seconds as requests have them.
function M.seconds(ms)
    if ms % 1000 == 0 then
        return ("%d"):format(ms // 1000)
    end
    return (("%d.%03d"):format(ms // 1000, ms % 1000):gsub("0+$", ""))
end

return M
