-- A simulation over what a run recorded settles as the run's provider did: whatever provider that
-- was, each point says from when on it could be had, which is when the run took it.
-- tests/cases/settle.t has the other half.

local modules = require "metrics_modules"

local START, MINUTE = modules.START, modules.MINUTE
local provider = modules.provider
local recorder = require "metrics.record"

local own = { requests = { provider = "own", counter = true, query = 'all{track="{{arm}}"}' } }
local http = { requests = { provider = "own", statistic = "sum", path = "/{{arm}}", points = "",
    time = "t", value = "v" } }

-- Each with what it settles unless told otherwise, and with what it is told.
local SOURCES = {
    { name = "CloudWatch", settle = 2 * MINUTE, config = {} },
    { name = "CloudWatch, told", settle = 3 * MINUTE,
        config = { providers = { cloudwatch = { kind = "cloudwatch", settle = "3m" } } } },
    { name = "Prometheus", settle = 30000, config = { metrics = own,
        providers = { own = { kind = "prometheus", url = "http://127.0.0.1:9090" } } } },
    { name = "JSON over HTTP", settle = MINUTE, config = { metrics = http,
        providers = { own = { kind = "http", url = "http://127.0.0.1:9090" } } } },
    { name = "JSON over HTTP, told", settle = 5000, config = { metrics = http,
        providers = { own = { kind = "http", url = "http://127.0.0.1:9090", settle = "5s" } } } },
}

local function plan_at(source, now)
    return provider.plan(provider.check(source.config), modules.rule, { "requests" }, START,
        START + 10 * MINUTE, now)
end

describe("what a run recorded", function()
    for _, source in ipairs(SOURCES) do
        it("settles as its provider does: " .. source.name, function()
            local first = START + MINUTE + source.settle
            assert.is_true(plan_at(source, first - 1).not_ready)
            assert.equal(first, plan_at(source, first - 1).ready_at)
            local plan = plan_at(source, first)
            assert.equal(source.settle, plan.settle)
            local reading = { status = "value", value = 7 }
            local book = recorder.new()
            for _, seen in ipairs { first, first + 17000 } do -- however late a look came
                recorder.add(book, { plan = plan, seen = seen, read = { periods = {
                    { at = seen == first and START or START + MINUTE, metrics = {
                        requests = { canary = reading, baseline = reading } } } } } })
            end
            for _, point in ipairs(modules.points(recorder.finish(book, {}).recording)) do
                local ended = point[2] + MINUTE
                assert.is_true(point[4] <= ended + source.settle, point[4] - ended)
                assert.is_true(point[2] > START or point[4] == first)
            end
        end)
    end
end)
