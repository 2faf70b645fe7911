-- Writes search.ndjson: two hours of a made-up search service, minute by minute, with counts of
-- requests by how long they took. Nothing here was measured; the numbers are drawn from a fixed
-- seed, so that every run writes the same bytes.
--
--     lua5.4 make_recording.lua > search.ndjson

local MINUTES = 120
local START = 1772442000000 -- 2026-03-02T09:00:00Z
local PER_MINUTE = 3000
local ERROR_RATE = 0.001

-- At most so many milliseconds, and the share of the requests that take no longer: a heavy tail.
local CUTS = {
    { 20, 0.03 }, { 40, 0.15 }, { 60, 0.33 }, { 80, 0.50 }, { 120, 0.735 }, { 160, 0.85 },
    { 240, 0.94 }, { 400, 0.983 }, { 800, 0.9968 }, { 2000, 0.99970 },
}

math.randomseed(2026)

local out = {}
local function add(...)
    out[#out + 1] = (...):format(select(2, ...))
end

local series = {}
local function add_series(metric, companion)
    series[#series + 1] = ('{"arm":"service",%s"id":%d,"metric":"%s","period":60000,'
        .. '"statistic":"sum"}'):format(companion and '"companion":"requests",' or "",
        #series + 1, metric)
end
add_series "requests"
add_series("errors", true)
add_series("latency_count", true)
for _, cut in ipairs(CUTS) do
    add_series(("latency_within_%dms"):format(cut[1]))
end
add('{"format":"tidelock-recording","note":"synthetic: written by '
    .. 'examples/latency/make_recording.lua","series":[%s],"source":"synthetic","version":1}',
    table.concat(series, ","))

-- One request: its latency falls below the cuts from the index that is returned on.
local function first_cut()
    local u = math.random()
    for i, cut in ipairs(CUTS) do
        if u < cut[2] then
            return i
        end
    end
    return #CUTS + 1
end

for minute = 0, MINUTES - 1 do
    local requests = PER_MINUTE + math.random(-300, 300)
    local errors, within = 0, {}
    for i = 1, #CUTS do
        within[i] = 0
    end
    for _ = 1, requests do
        errors = errors + (math.random() < ERROR_RATE and 1 or 0)
        for i = first_cut(), #CUTS do
            within[i] = within[i] + 1
        end
    end
    local values = { requests, errors, requests, table.unpack(within) }
    for id, value in ipairs(values) do
        add('{"s":%d,"t":%d,"v":%d}', id, START + minute * 60000, value)
    end
end
print(table.concat(out, "\n"))
