-- From names of metrics to requests. A plan is a plain value: what to ask, and how to read what is
-- answered (read.lua).

local canonical = require "canonical"
local config = require "metrics.config"
local fields = require "metrics.fields"
local invalid = require "import.invalid"
local targets = require "metrics.targets"
local template = require "metrics.template"
local times = require "import.times"
local window = require "metrics.window"

local M = {}

local ARMS = { "baseline", "canary" }
local WHOLE = { "baseline", "canary", "service" } -- where there is a series of both together

-- What gates a percentile, where the provider does not count the values behind it itself: the
-- requests, if there are any to ask for.
local function gate_of(checked, kind, definition)
    if not definition.at_least or definition.kind == "cloudwatch" then
        return nil
    end
    local there = pcall(config.definition, checked, kind, "requests")
    return there and "requests" or nil
end

local function add_metric(list, checked, kind, name, asked)
    for _, metric in ipairs(list) do
        if not name or metric.name == name then
            return
        end
    end
    local definition = config.definition(checked, kind, name)
    local metric = { name = name, definition = definition, asked = asked,
        gate = gate_of(checked, kind, definition) }
    list[#list + 1] = metric
end

-- The metrics that were asked for, and those without which they cannot be understood.
local function collect(checked, kind, names)
    local list = {}
    for _, name in ipairs(names) do
        add_metric(list, checked, kind, name, true)
    end
    local i = 1
    while list[i] do
        add_metric(list, checked, kind, list[i].definition.companion, false)
        add_metric(list, checked, kind, list[i].gate, false)
        i = i + 1
    end
    return list
end

local function common_period(list)
    local period, settle = list[1].definition.provider.period, 0
    for _, metric in ipairs(list) do
        local provider = metric.definition.provider
        if provider.period ~= period then
            invalid("%s has a period of %s and %s one of %s: metrics that are looked at together "
                .. "need one period", list[1].name, times.duration(period), metric.name,
                times.duration(provider.period))
        end
        settle = math.max(settle, provider.settle)
    end
    return period, settle
end

local function describe(metric)
    local definition = metric.definition
    return {
        name = metric.name, asked = metric.asked, kind = definition.kind,
        statistic = definition.statistic, unit = definition.unit, scale = definition.scale,
        companion = definition.companion, absent = definition.absent, gate = metric.gate,
        at_least = definition.at_least,
        source = config.kinds[definition.kind].source, arms = {},
    }
end

-- Names the series that an arm is read from: who asks the same has the same. Where its kind has
-- regions, what is called the same elsewhere is another.
local function series_of(definition, arm, values, region)
    return ("%s %s%s"):format(definition.provider.name, region and region .. " " or "",
        canonical.encode(template.filled(definition.arms[arm], values)))
end

-- The region that is asked: the one that the operator says, else that of the target.
local function region_of(definition, target_region)
    local of = config.kinds[definition.kind]
    return of.is_regional and (definition.provider.region or target_region) or nil
end

-- Both arms in one series compare it with itself.
local function check_arms(metric, arms)
    if arms.baseline.series == arms.canary.series then
        invalid("%s: baseline and canary would be one series, %s: write {{arm}} or {{version}} "
            .. "into what is asked for, or baseline = and canary = beside each other",
            metric.definition.where, arms.canary.series)
    end
end

-- One reading for each arm of each metric, kept in the plan and handed to its kind to be filled.
local function add_readings(plan, list, target, by_kind)
    for i, metric in ipairs(list) do
        local described, definition = describe(metric), metric.definition
        local region = region_of(definition, plan.region)
        plan.metrics[i] = described
        for _, arm in ipairs(definition.arms.service and WHOLE or ARMS) do
            local values = targets.values(target, arm, plan.region)
            local reading = { metric = metric.name, statistic = definition.statistic,
                series = series_of(definition, arm, values, region) }
            described.arms[arm], plan.series[reading.series] = reading, metric.name
            by_kind[definition.kind] = by_kind[definition.kind] or {}
            table.insert(by_kind[definition.kind], {
                reading = reading, definition = definition, provider = definition.provider,
                spec = definition.arms[arm], where = definition.where, period = plan.period,
                values = values, whole = plan.whole, region = region,
            })
        end
        check_arms(metric, described.arms)
    end
end

local function check_question(target, names, from, to)
    if type(target) ~= "table" or type(target.type) ~= "string" then
        invalid("metrics are asked for of a target, found %s", fields.show(target))
    elseif targets.lookup(target) then
        invalid("a %s needs its baseline looked up before metrics can be asked for", target.type)
    elseif math.type(from) ~= "integer" or math.type(to) ~= "integer" or from < 0 then
        invalid("metrics from %s to %s: expected two times in milliseconds", tostring(from),
            tostring(to))
    end
    for _, name in ipairs(names) do
        if type(name) ~= "string" or not name:find("^%a[%w_.-]*$") or #name > 64 then
            invalid("%s is no name of a metric", fields.show(name))
        end
    end
end

-- `checked` is what config.check returned. The periods of a plan start at or after `from`, end at
-- or before `to`, and were over and settled at `now` (`to` if it is not given). If there is none
-- yet, the plan is {not_ready = true, ready_at = when the first one will be}.
-- `whole`: before anything was shifted, so that the baseline is all there is.
function M.make(checked, target, names, from, to, now, whole)
    check_question(target, names, from, to)
    local list = collect(checked, target.type, names)
    if #list == 0 then
        invalid("no metrics were asked for")
    end
    local period, settle = common_period(list)
    local plan = { period = period, settle = settle, target = target, metrics = {}, calls = {},
        series = {}, whole = whole and targets.whole(target),
        region = targets.region(target, checked.home) }
    plan.from = window.up(from, period)
    plan.to = window.down(math.min(to, (now or to) - settle), period)
    if plan.to <= plan.from then
        return { not_ready = true, period = period, settle = settle,
            ready_at = plan.from + period + settle }
    end
    local by_kind = {}
    add_readings(plan, list, target, by_kind)
    for _, kind in ipairs(fields.names(by_kind)) do
        config.kinds[kind].ask(plan, by_kind[kind])
    end
    return plan
end

local DAY = 86400000

-- Raises what `make` would once these periods are over: a placeholder that nothing fills, say.
function M.check(checked, target, names)
    M.make(checked, target, names, 0, DAY, math.maxinteger)
end

-- The same of all that is configured for such a target. One that has its canary already has no two
-- arms: what is to be said of that, its policy says.
function M.check_all(checked, target)
    for _, name in ipairs(target.baseline ~= target.canary and config.names(checked, target.type)
        or {}) do
        M.check(checked, target, { name })
    end
end

return M
