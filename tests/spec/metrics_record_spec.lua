local modules = require "metrics_modules"

local START, MINUTE = modules.START, modules.MINUTE
local provider = modules.provider
local recorder = require "metrics.record"

local function value(number)
    return { status = "value", value = number }
end

local nothing, failed = { status = "no data" }, { status = "provider error", message = "gone" }

-- What read makes of one minute: {metric = {canary, baseline}}.
local function minute(number, metrics)
    local period = { at = START + number * MINUTE, metrics = {} }
    for name, pair in pairs(metrics) do
        period.metrics[name] = { canary = pair[1], baseline = pair[2] }
    end
    return { periods = { period } }
end

local function entry(plan, number, metrics, seen)
    return { plan = plan, read = minute(number, metrics), seen = seen }
end

local function points_of(text, metric, arm)
    local id = text:match(('"arm":"%s"[^{}]-"id":(%%d+),"metric":"%s"'):format(arm, metric))
    local found = {}
    for _, point in ipairs(modules.points(text)) do
        if point[1] == tonumber(id) then
            found[#found + 1] = { (point[2] - START) // MINUTE, point[3], point[4] }
        end
    end
    return found
end

local function record(log, options)
    local book = recorder.new()
    for _, one in ipairs(log) do
        recorder.add(book, one)
    end
    return recorder.finish(book, options or {})
end

describe("metrics.record", function()
    local plan = modules.plan({}, modules.rule, { "errors", "requests", "latency_p99" }, 1)

    it("writes what was read, with the time from which on it could be read", function()
        local late = START + 9 * MINUTE
        local got = record({
            entry(plan, 0, { errors = { value(0), value(2) }, requests = { value(90), value(900) },
                latency_p99 = { nothing, value(250.5) } }, late),
            entry(plan, 1, { errors = { value(1), value(0) }, requests = { value(80), value(700) },
                latency_p99 = { nothing, value(200) } }, late),
        }, { note = "deploy 7" })
        local text, seen = got.recording, START + 3 * MINUTE
        assert.are.same({ { 0, 0, seen }, { 1, 1, seen + MINUTE } },
            points_of(text, "errors", "canary"))
        assert.are.same({ { 0, 900, seen }, { 1, 700, seen + MINUTE } },
            points_of(text, "requests", "baseline"))
        assert.are.same({ { 0, "no data", seen }, { 1, "no data", seen + MINUTE } },
            points_of(text, "latency_p99", "canary"))
        assert.are.same({ { 0, 250.5, seen }, { 1, 200, seen + MINUTE } },
            points_of(text, "latency_p99", "baseline"))
        local manifest = text:match("^[^\n]+")
        for _, part in ipairs { '"source":"cloudwatch get_metric_data"', '"note":"deploy 7"',
            '"companion":"requests"', '"statistic":"p99","unit":"Milliseconds"',
            '"metric":"HTTPCode_Target_5XX_Count+TargetConnectionErrorCount"',
            '"TargetGroup":"targetgroup/green/44b5c0e1f0a8d217"', '"period":60000' } do
            assert.is_truthy(manifest:find(part, 1, true), part)
        end
        assert.is_nil(manifest:find('"target":', 1, true))
    end)

    it("keeps another number as a revision, and the same one once", function()
        local got = record {
            entry(plan, 0, { errors = { value(1), value(2) }, requests = { value(90), value(900) },
                latency_p99 = { nothing, nothing } }, START + 4 * MINUTE),
            entry(plan, 0, { errors = { value(3), value(2) }, requests = { value(90), value(900) },
                latency_p99 = { failed, nothing } }, START + 5 * MINUTE),
        }
        assert.are.same({ { 0, 1, START + 3 * MINUTE }, { 0, 3, START + 5 * MINUTE } },
            points_of(got.recording, "errors", "canary"))
        assert.are.same({ { 0, 2, START + 3 * MINUTE } },
            points_of(got.recording, "errors", "baseline"))
        assert.are.same({ { 0, "no data", START + 3 * MINUTE },
            { 0, "provider error", START + 5 * MINUTE } },
            points_of(got.recording, "latency_p99", "canary"))
    end)

    it("says what the provider did not answer", function()
        local got = record {
            entry(plan, 0, { errors = { failed, value(2) }, requests = { value(90), value(900) },
                latency_p99 = { nothing, failed } }, START + 3 * MINUTE),
        }
        local seen = START + 3 * MINUTE
        assert.are.same({ { 0, "provider error", seen } },
            points_of(got.recording, "errors", "canary"))
        assert.are.same({ { 0, 90, seen } }, points_of(got.recording, "requests", "canary"))
        assert.are.equal("2 readings that the provider did not answer", got.report[#got.report])
    end)

    it("asks for nothing to be put in order", function()
        local one = { errors = { value(1), value(2) }, requests = { value(9), value(9) },
            latency_p99 = { nothing, nothing } }
        local got = record { entry(plan, 1, one, START + 4 * MINUTE), entry(plan, 0, one) }
        assert.are.same({ { 0, 1, START + 3 * MINUTE }, { 1, 1, START + 4 * MINUTE } },
            points_of(got.recording, "errors", "canary"))
        assert.is_nil(table.concat(got.report, "\n"):find("order", 1, true))
    end)

    it("does not let what is asked for afterwards go before what was seen", function()
        local seen = START + 3 * MINUTE
        local asked = minute(0, { errors = { value(7), value(7) }, requests = { value(90),
            value(950) }, latency_p99 = { nothing, value(200) } })
        asked.periods[2] = minute(1, { errors = { value(4), value(0) }, requests = { value(50),
            value(500) }, latency_p99 = { nothing, nothing } }).periods[1]
        local got = record {
            { plan = plan, seen = seen + 1, read = recorder.of_tick(plan, { { at = START,
                metrics = { errors = { canary = "provider error", baseline = 3 },
                    requests = { canary = "no data", baseline = 900 } } }, { at = START - MINUTE,
                metrics = { requests = { canary = 1, baseline = 1 } } } }) },
            { plan = plan, read = asked },
        }
        assert.are.same({ { 0, "provider error", seen }, { 1, 4, seen + MINUTE } },
            points_of(got.recording, "errors", "canary"))
        assert.are.same({ { 0, "no data", seen }, { 1, 50, seen + MINUTE } },
            points_of(got.recording, "requests", "canary"))
        assert.are.same({ { 0, 900, seen }, { 1, 500, seen + MINUTE } },
            points_of(got.recording, "requests", "baseline"))
        assert.are.same({}, points_of(got.recording, "latency_p99", "canary"))
        assert.are.same({ { 0, 200, seen } }, points_of(got.recording, "latency_p99", "baseline"))
    end)

    it("refuses a run's periods where others are configured now", function()
        local function tick(at)
            return { { at = at, metrics = { requests = { canary = 1, baseline = 1 } } } }
        end
        local made = modules.plan({}, modules.rule, { "requests" }, 3)
        assert.is_truthy(modules.refusal(recorder.of_tick, made, tick(START + 15000)):find(
            "the run looked at other periods (2026-03-02T09:00:15Z), and tidelock.lua says periods "
            .. "of 1m now", 1, true))
        local _, last = recorder.of_tick(made, tick(START))
        local later = tick(START + 2 * MINUTE)
        assert.is_truthy(modules.refusal(recorder.of_tick, made, later, last):find(
            "the run looked at periods of 2m (2026-03-02T09:02:00Z)", 1, true))
    end)

    it("puts series to their targets where there are several", function()
        local other = modules.plan({}, modules.alias, { "requests" }, 1)
        local got = record {
            entry(plan, 0, { errors = { value(0), value(0) }, requests = { value(9), value(9) },
                latency_p99 = { nothing, nothing } }),
            entry(other, 0, { requests = { value(5), value(6) } }),
        }
        assert.is_truthy(got.recording:find('"target":"checkout:live"', 1, true))
        assert.is_truthy(got.recording:find('"target":"' .. modules.rule.rule .. '"', 1, true))
    end)

    it("takes the baseline for the service where the canary had nothing", function()
        local quiet = { errors = { nothing, value(2) }, requests = { value(0), value(900) },
            latency_p99 = { nothing, value(250) } }
        local got = record({ entry(plan, 0, quiet) }, { service = true })
        local manifest = got.recording:match("^[^\n]+")
        assert.is_truthy(manifest:find('"arm":"service","companion":"requests"', 1, true))
        assert.is_nil(manifest:find("canary", 1, true))
        assert.are.equal(3, #modules.points(got.recording))
        quiet.requests[1] = value(1)
        assert.are.equal("the canary had requests at 2026-03-02T09:00:00Z: the baseline was not "
            .. "the whole service then", modules.refusal(record, { entry(plan, 0, quiet) },
            { service = true }))
        quiet.requests[1] = nothing
        got = record { entry(plan, 0, quiet) }
        assert.are.equal("the canary has nothing: where the baseline had all of the traffic, "
            .. "record it with --service", got.report[#got.report])
    end)

    it("says so where there is nothing to record", function()
        assert.are.equal("there is not one point in what was given",
            modules.refusal(record, { entry(plan, 0, { errors = { nothing, nothing },
                requests = { nothing, nothing }, latency_p99 = { nothing, nothing } }) }))
    end)

    it("reads nothing out of plans that were not ready", function()
        local early = provider.plan(provider.check {}, modules.rule, { "requests" }, START, START)
        local got = record {
            { plan = early, read = provider.read(early, {}) },
            entry(plan, 0, { errors = { value(0), value(0) }, requests = { value(9), value(9) },
                latency_p99 = { nothing, nothing } }),
        }
        assert.are.equal(4, #modules.points(got.recording))
    end)
end)
