-- A metric provider for the specs of lua/metrics/run.lua and backfill.lua: minutes, one call for
-- each metric, whatever the test answers. Putting it in the place of the real one is for the
-- spec's own file only.

local M = { MINUTE = 60000 }

local provider = {}

function provider.check(config)
    return config
end

-- Nothing is configured.
function provider.check_all() end

-- An alias is told by a read which version it points at.
function provider.lookup(target)
    if target.alias and not target.baseline then
        return { operation = "lambda.get_alias", input = { Name = target.alias } }
    end
end

function provider.known(target, output)
    return { alias = target.alias, baseline = output.FunctionVersion }
end

function provider.plan(_, target, names, from, to, now)
    local plan = { from = from + -from % M.MINUTE, period = M.MINUTE, settle = 5000,
        metrics = names, target = target, calls = {}, series = {} }
    to = math.min(to, now)
    plan.to = to - to % M.MINUTE
    if plan.to <= plan.from then
        return { not_ready = true, ready_at = plan.from + M.MINUTE }
    end
    for i, name in ipairs(names) do
        plan.series[name .. (target.service or target.alias)] = name
        plan.calls[i] = { operation = "cloudwatch.get_metric_data",
            input = { name = name, from = plan.from, to = plan.to } }
    end
    return plan
end

-- An answer has the readings of each period, or is one problem for all.
function provider.read(plan, answers)
    local periods = {}
    for at = plan.from, plan.to - 1, M.MINUTE do
        local metrics = {}
        for i, name in ipairs(plan.metrics) do
            local answer = answers[i]
            local reading = answer.error and { status = "provider error",
                message = answer.error.message, again = answer.error.again }
                or { status = "value", value = answer.value }
            metrics[name] = { canary = reading, baseline = { status = "no data" } }
        end
        periods[#periods + 1] = { at = at, metrics = metrics }
    end
    return { periods = periods }
end

-- A book is a list of what was added to it.
local record = {}

function record.new()
    return {}
end

function record.add(book, entry)
    book[#book + 1] = { target = entry.plan.target, metrics = entry.plan.metrics,
        from = entry.read.periods[1].at, count = #entry.read.periods, seen = entry.seen }
end

function record.of_tick(plan, periods, before)
    return { periods = periods, plan = plan }, (before or 0) + 1
end

function record.finish(book, options)
    return { recording = #book, report = options }
end

-- lua/metrics/run.lua over these.
function M.load()
    package.loaded["metrics.provider"], package.loaded["metrics.record"] = provider, record
    package.loaded["metrics.run"], package.loaded["metrics.backfill"] = nil, nil
    return require "metrics.run"
end

return M
