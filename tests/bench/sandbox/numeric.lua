-- Floats in nested loops: the largest eigenvalue of a matrix that is computed, not stored.
local function element(i, j)
    return 1.0 / ((i + j) * (i + j + 1) / 2 + i + 1)
end

local function multiply(n, from, to, transposed)
    for i = 0, n - 1 do
        local sum = 0.0
        for j = 0, n - 1 do
            sum = sum + (transposed and element(j, i) or element(i, j)) * from[j]
        end
        to[i] = sum
    end
end

local n = 260
local u, v, w = {}, {}, {}
for i = 0, n - 1 do
    u[i], v[i], w[i] = 1.0, 0.0, 0.0
end
for _ = 1, 10 do
    multiply(n, u, w, false)
    multiply(n, w, v, true)
    multiply(n, v, w, false)
    multiply(n, w, u, true)
end

local vbv, vv = 0.0, 0.0
for i = 0, n - 1 do
    vbv, vv = vbv + u[i] * v[i], vv + v[i] * v[i]
end
return string.format("%.9f", math.sqrt(vbv / vv))
