-- What CloudWatch has of the targets it knows, in the words of tidelock.lua, so that nothing need
-- be configured for them. Latencies are in milliseconds on every target.

local statistics = require "import.statistics"

local M = {}

local function alb(metric, stat)
    return {
        provider = "cloudwatch", namespace = "AWS/ApplicationELB", metric = metric, stat = stat,
        dimensions = { LoadBalancer = "{{load_balancer}}", TargetGroup = "{{target_group}}" },
    }
end

-- A target group that is dead answers nothing itself: the load balancer's 502 is in none of its
-- codes, only the failed connection is.
local alb_metrics = {
    requests = alb("RequestCount", "Sum"),
    errors = alb({ "HTTPCode_Target_5XX_Count", "TargetConnectionErrorCount" }, "Sum"),
    errors_4xx = alb("HTTPCode_Target_4XX_Count", "Sum"),
    healthy_hosts = alb("HealthyHostCount", "Minimum"),
    unhealthy_hosts = alb("UnHealthyHostCount", "Maximum"),
}

-- The dimensions of an alias that divides its calls: CloudWatch has them for both versions only
-- while it does.
local function lambda(metric, stat)
    return {
        provider = "cloudwatch", namespace = "AWS/Lambda", metric = metric, stat = stat,
        dimensions = {
            FunctionName = "{{function_name}}", Resource = "{{function_name}}:{{alias}}",
            ExecutedVersion = "{{version}}",
        },
    }
end

local lambda_metrics = {
    requests = lambda("Invocations", "Sum"),
    errors = lambda("Errors", "Sum"),
}

local function alb_latency(stat)
    local definition = alb("TargetResponseTime", stat)
    definition.scale, definition.unit = 1000, "Milliseconds"
    return definition
end

local function lambda_latency(stat)
    local definition = lambda("Duration", stat)
    definition.unit = "Milliseconds"
    return definition
end

local types = {
    alb_listener = { metrics = alb_metrics, latency = alb_latency },
    lambda_alias = { metrics = lambda_metrics, latency = lambda_latency },
}
types.alb_rule = types.alb_listener

-- The definition of a metric of a type of target, or nil.
function M.find(kind, name)
    local of = types[kind]
    local percentile = name:match("^latency_(p[%d.]+)$")
    if of and percentile and statistics.is_percentile(percentile) then
        return of.latency(percentile)
    elseif of and name == "latency" then
        return of.latency("Average")
    end
    return of and of.metrics[name]
end

-- What there is for a type, in words; nil if nothing is.
function M.list(kind)
    local of = types[kind]
    if not of then
        return nil
    end
    local names = { "latency", "latency_p99" }
    for name in pairs(of.metrics) do
        names[#names + 1] = name
    end
    table.sort(names)
    return table.concat(names, ", ")
end

return M
