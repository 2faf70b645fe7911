-- The known name that somebody who mistyped one probably meant.

local M = {}

-- Levenshtein's distance, or anything above `limit` once it must be more.
local function distance(a, b, limit)
    if math.abs(#a - #b) > limit then
        return limit + 1
    end
    local row = {}
    for j = 0, #b do
        row[j] = j
    end
    for i = 1, #a do
        local diagonal, byte = row[0], a:byte(i)
        row[0] = i
        for j = 1, #b do
            local replaced = diagonal + (byte == b:byte(j) and 0 or 1)
            diagonal = row[j]
            row[j] = math.min(replaced, row[j] + 1, row[j - 1] + 1)
        end
    end
    return row[#b]
end

-- The closest of a sorted list of names, or nil if none comes near.
function M.name(wanted, names)
    local found, least = nil, math.max(2, #wanted // 3) + 1
    for _, name in ipairs(names) do
        local far = distance(wanted:lower(), name:lower(), least)
        if far < least then
            found, least = name, far
        end
    end
    return found
end

-- " (did you mean ...?)", or nothing.
function M.hint(wanted, names)
    local name = M.name(wanted, names)
    return name and (" (did you mean %s?)"):format(name) or ""
end

return M
