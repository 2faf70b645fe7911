-- Lists and records: a sieve, a queue, and names counted in a table.
local function sieve(n)
    local composite, primes = {}, {}
    for i = 2, n do
        if not composite[i] then
            primes[#primes + 1] = i
            for j = i * i, n, i do
                composite[j] = true
            end
        end
    end
    return primes
end

local primes = sieve(200000)

local queue, first, sum = {}, 1, 0
for i = 1, 200000 do
    queue[#queue + 1] = {at = i, weight = i % 97}
    if i % 2 == 0 then
        sum = sum + queue[first].weight
        queue[first] = false
        first = first + 1
    end
end

local names = {}
for i = 1, 300000 do
    local name = "name" .. i % 1000
    names[name] = (names[name] or 0) + 1
end

local list = {}
for i = 1, 3000 do
    table.insert(list, math.min(#list + 1, i % 7 + 1), i)
end
for _ = 1, 1500 do
    sum = sum + table.remove(list, 3)
end
return #primes + sum + names.name7
