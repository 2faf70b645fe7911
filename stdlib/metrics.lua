-- Metrics, for a policy that wants to look for itself. What a watch needs, it reads on its own.

local check = require "check"
local effect = require "effect"
local handle = require "handle"
local kinds = require "kinds"
local target = require "target"

---@class metrics
local M = {}

---@class (exact) metrics.Query
---@field target Target
---@field metric string             # "errors", "requests", or what the recording calls it
---@field arm "canary"|"baseline"|"service"
---@field last? Duration            # the time up to now; or:
---@field from? integer             # ms since 1970-01-01T00:00:00Z, included
---@field to? integer               # excluded

---@class metrics.Point
---@field at integer    # start of the period, ms since 1970-01-01T00:00:00Z
---@field value number

local fields = {
    target = {
        expected = "a single target",
        read = function(value)
            local inner = handle.inner(value)
            return target.is(inner) and inner or nil
        end,
    },
    metric = kinds.name,
    arm = kinds.choice { "canary", "baseline", "service" },
    last = kinds.duration,
    from = kinds.integer(0),
    to = kinds.integer(0),
}

local needed = { "target", "metric", "arm" }

local function check_times(given)
    local both, none = given.from and given.to, not given.from and not given.to
    if given.last and not none or not given.last and not both then
        check.fail('metrics.query: expected either last, such as "10m", or from and to')
    end
end

---The points of one metric of one arm, oldest first; none where there is no data.
---
---    local points = metrics.query {
---        target = p.target, metric = "errors", arm = "canary", last = "10m",
---    }
---@async
---@param query metrics.Query
---@return metrics.Point[]
function M.query(query)
    local given = check.record("metrics.query", query, fields, nil, needed)
    check_times(given)
    local result = effect.perform {
        kind = "metric",
        target = given.target.value,
        metric = given.metric,
        arm = given.arm,
        last = given.last,
        from = given.from,
        to = given.to,
    }
    if result.error then
        check.fail("metrics.query: %s: %s", result.error.code, result.error.message)
    end
    return result.value.points
end

---The sum of what a query found; nil where there is no data, which is not 0.
---
---    local errors = metrics.sum(points)
---@param points metrics.Point[]
---@return number?
function M.sum(points)
    if type(points) ~= "table" then
        check.fail("metrics.sum: expected the points of metrics.query, got %s", check.show(points))
    end
    local sum
    for _, point in ipairs(points) do
        sum = (sum or 0) + point.value
    end
    return sum
end

return check.strict("metrics", M)
