-- For the specs of lua/metrics: the modules, what the program lends to plain Lua, and short ways to
-- plan and read.

local import_modules = require "import_modules" -- lends canonical and instant

local instant = require "instant"
if not instant.duration then
    local units = { ms = 1, s = 1000, m = 60000, h = 3600000, d = 86400000 }
    function instant.duration(text)
        local sum, rest = 0, text
        while rest ~= "" do
            local number, unit, after = rest:match("^(%d+)(%l+)(.*)$")
            sum, rest = sum + tonumber(number) * units[unit], after
        end
        return math.tointeger(sum)
    end
end

local provider = require "metrics.provider"

local M = { provider = provider, points = import_modules.points }

M.START = 1772442000000 -- 2026-03-02T09:00:00Z
M.MINUTE = 60000

local elb = "arn:aws:elasticloadbalancing:eu-central-1:123456789012:"
M.rule = {
    type = "alb_rule", rule = elb .. "listener-rule/app/shop/50dc6c495c0c9188/f2f7dc8efc522ab2/96",
    baseline = elb .. "targetgroup/blue/73e2d6bc24d8a067",
    canary = elb .. "targetgroup/green/44b5c0e1f0a8d217",
}
M.alias = { type = "lambda_alias", ["function"] = "checkout", alias = "live", baseline = "7",
    canary = "8" }

-- A plan over `count` minutes from START, asked when they have long settled.
function M.plan(config, target, names, count, period)
    period = period or M.MINUTE
    local to = M.START + (count or 2) * period
    return provider.plan(provider.check(config), target, names, M.START, to, to + 3600000)
end

-- The message of a refusal; fails if it was taken, or if it was a mistake of ours.
function M.refusal(call, ...)
    local ok, problem = pcall(call, ...)
    assert(not ok, "it was taken")
    return type(problem) == "table" and problem.invalid or error(problem, 0)
end

local function short(reading)
    return reading.status == "value" and reading.value or reading.status
end

-- {"canary of the first minute", "of the second"...} of one metric.
function M.column(result, name, arm)
    local column = {}
    for i, period in ipairs(result.periods) do
        column[i] = short(period.metrics[name][arm])
    end
    return column
end

return M
