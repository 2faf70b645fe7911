-- Writes checkout.ndjson: two hours of a made-up checkout service, minute by minute. Nothing here
-- was measured; the numbers are drawn from a fixed seed, so that every run writes the same bytes.
--
--     lua5.4 make_recording.lua > checkout.ndjson

local MINUTES = 120
local START = 1772442000000 -- 2026-03-02T09:00:00Z, a Monday morning
local PER_SECOND = 200
local ERROR_RATE = 0.001

math.randomseed(2026)

-- About normal, from sums of uniform numbers: no function of the C library whose last bits differ.
local function normal()
    local sum = -6.0
    for _ = 1, 12 do
        sum = sum + math.random()
    end
    return sum
end

-- How many of something happen when `mean` are expected.
local function count(mean)
    return math.max(0, math.floor(mean + normal() * math.sqrt(mean) + 0.5))
end

local function point(series, minute, value)
    print(('{"s":%d,"t":%d,"v":%d}'):format(series, START + minute * 60000, value))
end

print('{"format":"tidelock-recording",'
    .. '"note":"synthetic: written by examples/checkout/make_recording.lua",'
    .. '"series":[{"arm":"service","id":1,"metric":"requests","period":60000,"statistic":"sum",'
    .. '"unit":"Count"},{"arm":"service","companion":"requests","id":2,"metric":"errors",'
    .. '"period":60000,"statistic":"sum","unit":"Count"}],'
    .. '"source":"synthetic","version":1}')

local level, trouble = 0.0, 0.0
for minute = 0, MINUTES - 1 do
    -- The morning fills up, by fits and starts; some minutes go worse than others, for everybody.
    level = 0.9 * level + 0.02 * normal()
    trouble = 0.8 * trouble + 0.15 * normal()
    local requests = count(PER_SECOND * 60 * (0.9 + 0.2 * minute / MINUTES + level))
    point(1, minute, requests)
    point(2, minute, count(requests * ERROR_RATE * math.max(0.2, 1 + trouble)))
end
