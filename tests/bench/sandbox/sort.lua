-- Sorting: numbers by <, records by a function, and a heap written in Lua.
local seed = 42
local function random(n)
    seed = (seed * 1103515245 + 12345) & 0x7fffffff
    return seed % n
end

local numbers, records = {}, {}
for i = 1, 120000 do
    numbers[i] = random(1000000)
end
for i = 1, 50000 do
    records[i] = {key = random(1000), place = i}
end
table.sort(numbers)
table.sort(records, function(a, b)
    if a.key ~= b.key then
        return a.key < b.key
    end
    return a.place < b.place
end)

local function sift(heap, at, size)
    local value = heap[at]
    while 2 * at <= size do
        local child = 2 * at
        if child < size and heap[child] < heap[child + 1] then
            child = child + 1
        end
        if value >= heap[child] then
            break
        end
        heap[at] = heap[child]
        at = child
    end
    heap[at] = value
end

local heap = {}
for i = 1, 60000 do
    heap[i] = random(1000000)
end
for i = #heap // 2, 1, -1 do
    sift(heap, i, #heap)
end
for size = #heap - 1, 1, -1 do
    heap[1], heap[size + 1] = heap[size + 1], heap[1]
    sift(heap, 1, size)
end
for i = 2, #heap do
    assert(heap[i - 1] <= heap[i])
end
return numbers[60000] + records[25000].place + heap[30000]
