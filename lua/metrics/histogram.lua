-- Counts per threshold: how many requests took at most so long. They are asked for by names that
-- say where each arm is cut (core/world/histogram.h has the other half of this), and follow from
-- what is configured, or built in, as the latency itself:
--
--     latency_count               all requests that had a latency
--     latency_within_250ms        at most 250 ms
--     latency_within_250-275ms    the baseline at most 250 ms, the canary at most 275 ms
--     latency_p50                 where nothing else is configured under this name

local statistics = require "import.statistics"

local M = {}

local function number(text)
    return text:find "^%d+%.?%d*$" and text:sub(-1) ~= "." and tonumber(text) or nil
end

-- { family, baseline, canary } in ms, { family, count = true } or { family, percentile = "p50" };
-- nil for other names.
function M.parse(name)
    local family, cuts = name:match "^(.-)_within_([%d.-]+)ms$"
    if family and family ~= "" then
        local baseline, canary = cuts:match "^([%d.]+)%-?([%d.]*)$"
        baseline = baseline and number(baseline)
        canary = canary ~= "" and canary and number(canary) or canary == "" and baseline
        return baseline and canary and { family = family, baseline = baseline, canary = canary }
    end
    local counted = name:match "^(.+)_count$"
    if counted then
        return { family = counted, count = true }
    end
    local of, percentile = name:match "^(.+)_(p%d[%d.]*)$"
    return of and statistics.is_percentile(percentile) and { family = of, percentile = percentile }
        or nil
end

-- A number as providers read it, without an exponent.
function M.decimal(value)
    return (("%.10f"):format(value):gsub("%.?0+$", ""))
end

-- How the series of one arm is called in a recording: by its own threshold.
function M.recorded(name, arm)
    local parsed = M.parse(name)
    if parsed and parsed[arm] then
        return ("%s_within_%sms"):format(parsed.family, M.decimal(parsed[arm]))
    end
    return name
end

local function copy(of)
    local to = {}
    for name, member in pairs(of) do
        to[name] = member
    end
    return to
end

-- The definition of such a metric, from that of its family: `kind` says how its provider is asked
-- for one (histogram(spec, definition, what), with `at_most` in the provider's own unit).
function M.derive(kind, base, parsed)
    if base.statistic == "sum" then
        return nil -- a count of something else
    end
    local scale = base.scale or 1
    local derived = copy(base)
    local what = { count = parsed.count, percentile = parsed.percentile }
    derived.arms, derived.at_least, derived.companion = {}, nil, nil
    derived.statistic = parsed.percentile or "sum"
    derived.scale = parsed.percentile and base.scale or nil
    derived.bucket_scale = scale
    for _, arm in ipairs { "baseline", "canary" } do
        what.at_most = parsed[arm] and parsed[arm] / scale
        derived.arms[arm] = kind.histogram(copy(base.arms[arm]), derived, what)
        if not derived.arms[arm] then
            return nil
        end
    end
    if parsed.baseline then
        derived.companion, derived.absent = parsed.family .. "_count", "zero"
    elseif parsed.percentile then
        derived.at_least = math.ceil(1 / (1 - tonumber(parsed.percentile:sub(2)) / 100) - 1e-9)
    end
    return derived
end

-- The same where each threshold is configured by itself.
function M.joined(baseline, canary)
    local both = copy(baseline)
    both.arms = { baseline = baseline.arms.baseline, canary = canary.arms.canary }
    return both
end

return M
