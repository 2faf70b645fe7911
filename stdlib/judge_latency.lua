-- The inside of judge.lua: judge.latency, its options and what they may be.

local check = require "check"
local kinds = require "kinds"

---@class judge_latency: judging.Kind
local M = { example = "latency:tolerance=0.2" }

---@class (exact) judge.LatencyOptions
---@field name? string          # how reports call it; the metric
---@field metric? string        # whose counts per threshold are compared; "latency"
---@field tolerance? number     # the part by which the canary may be slower; 0.1
---@field thresholds number[]   # where the requests are cut, ms, rising; one to twelve
---@field alpha? number         # probability of a false alarm over the whole rollout; 0.01
---@field dispersion? number    # variance over the multinomial's, from an A/A period; 1
---@field restarts? integer     # watches planned in all; 0: not known beforehand

local CUTS_MAX = 12

local function rising(list)
    for i, cut in ipairs(list) do
        if not kinds.number(nil, 1e9, 0).read(cut) or i > 1 and cut <= list[i - 1] then
            return false
        end
    end
    return true
end

local thresholds = { expected = "rising milliseconds such as { 100, 250, 1000 }" }

function thresholds.read(value)
    if type(value) ~= "table" or #value < 1 or #value > CUTS_MAX or not rising(value) then
        return nil
    end
    local cuts = {}
    for i, cut in ipairs(value) do
        cuts[i] = cut + 0.0
    end
    return cuts
end

-- "100/250/1000": commas separate options.
function thresholds.parse(text)
    local cuts = {}
    for part in (text .. "/"):gmatch "([^/]*)/" do
        cuts[#cuts + 1] = kinds.number().parse(part) or math.huge
    end
    return thresholds.read(cuts)
end

local metric = { expected = "a name of at most 24 characters" }

function metric.read(value)
    local name = kinds.name.read(value)
    return name and #name <= 24 and name:find("^%a[%w_.-]*$") and name or nil
end

metric.parse = metric.read

M.fields = {
    name = kinds.name,
    metric = metric,
    tolerance = kinds.number(0, 100),
    thresholds = thresholds,
    alpha = kinds.number(nil, nil, 0, 1),
    dispersion = kinds.number(1, 1000000),
    restarts = kinds.integer(0, 1000),
}

function M.make(options)
    local latency, why = check.take(options, M.fields, {
        judge = "latency", metric = "latency", tolerance = 0.1, alpha = 0.01, dispersion = 1.0,
        restarts = 0,
    })
    if not latency then
        return nil, why
    elseif not latency.thresholds then
        return nil, "give the thresholds, in milliseconds"
    end
    latency.name = latency.name or latency.metric
    return latency
end

return M
