-- Calls: recursion, closures, methods and variable arguments.
local function fib(n)
    if n < 2 then
        return n
    end
    return fib(n - 1) + fib(n - 2)
end

local function counter()
    local value = 0
    return function(step)
        value = value + step
        return value
    end
end

local Point = {}
Point.__index = Point

function Point:move(x, y)
    self.x, self.y = self.x + x, self.y + y
    return self
end

local function sum(...)
    local total = 0
    for i = 1, select("#", ...) do
        total = total + (select(i, ...))
    end
    return total
end

local result = fib(28)
local count = counter()
local point = setmetatable({x = 0, y = 0}, Point)
for i = 1, 600000 do
    count(i % 3)
    point:move(1, 2):move(-1, i % 2)
end
for i = 1, 60000 do
    result = result + sum(i, 1, 2, 3, 4)
end
return result + count(0) + point.y
