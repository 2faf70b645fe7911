-- Numbers with their noun, for reports: 1 duplicate, 2 duplicates; 1 series, 2 series.

local SAME = {series = true}

local function count(number, noun)
    local plural = number ~= 1 and not SAME[noun]
    return string.format("%d %s%s", number, noun, plural and "s" or "")
end

return count
