-- Many small tables, most of them short-lived: binary trees built, counted and dropped.
local function build(depth)
    if depth == 0 then
        return {}
    end
    return {build(depth - 1), build(depth - 1)}
end

local function count(tree)
    if not tree[1] then
        return 1
    end
    return 1 + count(tree[1]) + count(tree[2])
end

local long_lived = build(14)
local total = 0
for depth = 4, 14, 2 do
    for _ = 1, 1 << (17 - depth) do
        total = total + count(build(depth))
    end
end
return total + count(long_lived)
