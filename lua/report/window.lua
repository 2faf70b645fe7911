-- Windows as people read them.

local M = {}

local week = { "mon", "tue", "wed", "thu", "fri", "sat", "sun" }

-- "mon-thu", "mon, wed"
local function days(list)
    local has, pieces, i = {}, {}, 1
    for _, day in ipairs(list) do
        has[day] = true
    end
    while i <= #week do
        local last = i
        while has[week[i]] and has[week[last + 1]] do
            last = last + 1
        end
        pieces[#pieces + 1] = has[week[i]]
            and (last > i and week[i] .. "-" .. week[last] or week[i]) or nil
        i = last + 1
    end
    return table.concat(pieces, ", ")
end

local function time(minutes)
    return ("%02d:%02d"):format(minutes // 60, minutes % 60)
end

-- "mon-thu 09:00-16:00 Europe/Berlin"
function M.text(window)
    return ("%s %s-%s %s"):format(days(window.days), time(window.from), time(window.to),
        window.zone)
end

-- "closed until Mon 2026-03-02 09:00 (mon-thu 09:00-16:00 Europe/Berlin)"
function M.told(window, value)
    local till = value.there and " until " .. value.there or ""
    return ("%s%s (%s)"):format(value.open and "open" or "closed", till, M.text(window))
end

return M
