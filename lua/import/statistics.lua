-- The statistics of recordings: sum, average, minimum, maximum, last and percentiles such as p99.

local invalid = require "import.invalid"

local M = {}

local CLOUDWATCH = {
    Sum = "sum", SampleCount = "sum", Average = "average", Minimum = "minimum",
    Maximum = "maximum", IQM = "average", p0 = "minimum", p100 = "maximum",
}

-- What CloudWatch calls a statistic: a count of what lies in a range adds up, a mean over a part of
-- the values is a mean.
function M.of_cloudwatch(name)
    if CLOUDWATCH[name] then
        return CLOUDWATCH[name]
    elseif M.is_percentile(name) then
        return name
    elseif name:find("^T[CS]%(") or name:find("^t[cs]%d") then
        return "sum"
    end
    return "average"
end

function M.is_percentile(name)
    local percent = name:match("^p(%d+%.?%d*)$")
    return percent ~= nil and #name <= 8 and name:sub(-1) ~= "."
        and tonumber(percent) > 0 and tonumber(percent) < 100
end

local KNOWN = {sum = true, average = true, minimum = true, maximum = true, last = true}

function M.check(name, where)
    if not KNOWN[name] and not M.is_percentile(name) then
        invalid("%s: the statistic \"%s\" is unknown, expected sum, average, minimum, maximum, "
            .. "last or a percentile such as p99", where, name)
    end
    return name
end

local function is_named(metric, name)
    return metric == name or metric:sub(1, #name + 1) == name .. "_"
end

-- Metrics that count what happened in a period.
function M.counts(metric)
    return is_named(metric, "requests") or is_named(metric, "errors")
        or metric:find("_count$") ~= nil or metric:find("_within_[%d.]+ms$") ~= nil
end

-- Metrics that are times, which recordings have in milliseconds.
function M.is_latency(metric)
    return is_named(metric, "latency") or is_named(metric, "duration")
end

-- Whether a statistic of CloudWatch's counts, so that the unit of what is counted is not its own.
function M.is_count(name)
    return name == "SampleCount" or name:find("^TC%(") ~= nil or name:find("^tc%d") ~= nil
end

-- What a metric's name says, where the source says nothing.
function M.by_name(metric)
    local tail = metric:match("_(p[%d.]+)$")
    if tail and M.is_percentile(tail) then
        return tail
    end
    return M.counts(metric) and "sum" or "average"
end

return M
