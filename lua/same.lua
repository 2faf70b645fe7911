-- Whether two plain values are the same, member by member.

local function same(a, b)
    if a == b then
        return true
    elseif type(a) ~= "table" or type(b) ~= "table" then
        return false
    end
    for name, value in next, a do
        if not same(value, b[name]) then
            return false
        end
    end
    for name in next, b do
        if a[name] == nil then
            return false
        end
    end
    return true
end

return same
