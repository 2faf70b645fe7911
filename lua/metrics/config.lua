-- The members `providers` and `metrics` of tidelock.lua: where metrics come from, and how each is
-- asked for. They are the operator's; a policy only says names (docs/metrics.md).

local closest = require "aws.closest"
local defaults = require "metrics.defaults"
local fields = require "metrics.fields"
local histogram = require "metrics.histogram"
local invalid = require "import.invalid"
local statistics = require "import.statistics"
local template = require "metrics.template"
local types = require "targets"

local M = {}

M.kinds = {
    cloudwatch = require "metrics.cloudwatch",
    http = require "metrics.http",
    prometheus = require "metrics.prometheus",
}

local PERIOD = 60000

local function joined(...)
    local all = {}
    for _, part in ipairs { ... } do
        for name, member in pairs(part) do
            all[name] = member
        end
    end
    return all
end

local function kind_of(value, where)
    if type(value) ~= "table" then
        fields.expected("a table", value, where)
    end
    fields.choice(fields.names(M.kinds))(value.kind, where .. ".kind")
    return M.kinds[value.kind]
end

local function check_provider(name, value, where)
    local kind = kind_of(value, where)
    local known = joined(kind.provider, {
        kind = fields.text, period = fields.period, settle = fields.duration,
    })
    local provider = fields.take(value, known, where, kind.needed)
    provider.name = name
    provider.period = provider.period or PERIOD
    kind.check_period(provider.period, where .. ".period")
    provider.settle = provider.settle or kind.settle(provider.period)
    if kind.check_provider then
        kind.check_provider(provider, where)
    end
    return provider
end

-- The provider "cloudwatch" is always there: what is built in asks it.
local function check_providers(value)
    local providers = fields.each(value or {}, "providers", check_provider)
    providers.cloudwatch = providers.cloudwatch
        or check_provider("cloudwatch", { kind = "cloudwatch" }, "providers.cloudwatch")
    if providers.cloudwatch.kind ~= "cloudwatch" then
        invalid("providers.cloudwatch: this name is for the kind \"cloudwatch\"")
    end
    return providers
end

-- What an arm says goes before what the definition says of both.
local function check_arm(kind, definition, name, where)
    local own = definition[name] or {}
    local arm = {}
    for member in pairs(kind.arm) do
        arm[member] = own[member]
        if arm[member] == nil then
            arm[member] = definition[member]
        end
    end
    if own.dimensions and definition.dimensions then
        arm.dimensions = joined(definition.dimensions, own.dimensions)
    end
    for _, member in ipairs(kind.arm_needed) do
        if arm[member] == nil then
            invalid("%s: there is no \"%s\" for the %s", where, member, name)
        end
    end
    kind.check_arm(arm, where, definition)
    return arm
end

local function arm_field(kind)
    return function(value, where)
        if type(value) == "string" and kind.short then
            value = { [kind.short] = value }
        end
        return fields.take(value, kind.arm, where)
    end
end

local function companion(value, where)
    if type(value) ~= "string" or not value:find("^%a[%w_.-]*$") then
        fields.expected("the name of a metric", value, where)
    end
    return value
end

local common = {
    provider = fields.text, statistic = statistics.check, unit = fields.text,
    scale = fields.number_above(0), companion = companion, at_least = fields.number_above(0),
    absent = fields.choice { "zero" }, whole = fields.flag,
}

local function statistic_of(kind, definition, name, where)
    local statistic = definition.statistic
        or kind.statistic(definition.arms.canary, name, definition)
    local counted = name == "requests" or name == "errors"
    if counted and statistic ~= "sum" then
        invalid("%s: \"%s\" must be the sum of a period, not the %s", where, name, statistic)
    elseif (definition.counter or definition.rate) and statistic ~= "sum" then
        invalid("%s: a counter or a rate is a sum, not the %s", where, statistic)
    end
    return statistic
end

-- Errors of any kind are among the requests, and what took so long at most among all that took any
-- time (as in docs/recordings.md).
local function companion_of(definition, name, where)
    local parsed = histogram.parse(name)
    if parsed and parsed.baseline and not definition.companion then
        return parsed.family .. "_count"
    end
    local implied = name == "errors" or name:find("^errors_")
    if definition.companion and (definition.statistic ~= "sum" or definition.companion == name) then
        invalid("%s.companion: only a count can have one, and not itself", where)
    elseif definition.companion and implied and definition.companion ~= "requests" then
        invalid("%s.companion: errors are among the requests", where)
    end
    return definition.companion or implied and definition.statistic == "sum" and "requests" or nil
end

-- Only a count among others can be told from nothing where it is not there.
local function check_absent(definition, where)
    if definition.absent and not definition.companion then
        invalid("%s.absent: only a count that is a part of another (its companion) can be zero "
            .. "where it is not there", where)
    end
end

-- A percentile of fewer values than this is only the largest of them.
local function at_least_of(definition)
    local percent = definition.statistic:match("^p([%d.]+)$")
    return definition.at_least or percent and math.ceil(1 / (1 - tonumber(percent) / 100) - 1e-9)
        or nil
end

local function check_definition(providers, name, value, where)
    if type(value) ~= "table" then
        fields.expected("a table", value, where)
    end
    local provider = providers[value.provider]
    if not provider then
        invalid("%s.provider: expected one of %s, found %s", where,
            table.concat(fields.names(providers), ", "), fields.show(value.provider))
    end
    local kind = M.kinds[provider.kind]
    local arm = arm_field(kind)
    local definition = fields.take(value,
        joined(common, kind.definition, kind.arm, { baseline = arm, canary = arm }), where)
    definition.arms = {
        baseline = check_arm(kind, definition, "baseline", where),
        canary = check_arm(kind, definition, "canary", where),
    }
    -- What both arms are together, where they are told apart only while both have something.
    definition.arms.service = definition.whole and check_arm(kind, definition, "service", where)
        or nil
    definition.kind, definition.where = provider.kind, where
    definition.provider = provider
    definition.statistic = statistic_of(kind, definition, name, where)
    definition.companion = companion_of(definition, name, where)
    check_absent(definition, where)
    definition.at_least = at_least_of(definition)
    return definition
end

local function by_type(value)
    for name in pairs(value) do
        if not types.type(name) then
            return false
        end
    end
    return next(value) ~= nil
end

-- What queries may name of a target of this type; of any: what some type has.
local function placeholders_of(target_type, kind)
    local all = { arm = true, version = true, period = true }
    for _, name in ipairs(target_type and { target_type } or types.names()) do
        all = joined(all, types.placeholders(name))
    end
    return joined(all, kind.placeholders or {})
end

-- Before any target is there: what no target could fill is a slip.
local function check_placeholders(definition, target_type)
    local known = placeholders_of(target_type, M.kinds[definition.kind])
    for _, arm in ipairs(fields.names(definition.arms)) do
        template.each(definition.arms[arm], function(name)
            if not known[name] then
                local names = fields.names(known)
                invalid("%s: there is no placeholder {{%s}}%s%s; there are %s", definition.where,
                    name, target_type and " of " .. target_type or "", closest.hint(name, names),
                    table.concat(names, ", "))
            end
        end)
    end
    return definition
end

-- {[type of target or "any"] = definition}
local function check_metric(providers)
    return function(name, value, where)
        if type(value) ~= "table" or not by_type(value) then
            return { any = check_placeholders(check_definition(providers, name, value, where)) }
        end
        return fields.each(value, where, function(target_type, member, at)
            return check_placeholders(check_definition(providers, name, member, at), target_type)
        end)
    end
end

-- Takes the table that tidelock.lua is (other members are not looked at) and gives back what
-- plan.make needs. home: the { region } of what is called by its name, where it is known already.
-- Raises {invalid = message}.
function M.check(config, home)
    local providers = check_providers(config.providers)
    return {
        home = home,
        providers = providers,
        metrics = fields.each(config.metrics or {}, "metrics", check_metric(providers)),
    }
end

local function unknown(checked, kind, name)
    local built_in = defaults.list(kind)
    local configured = fields.names(checked.metrics)
    local parts = {}
    parts[#parts + 1] = built_in and "built in are " .. built_in or nil
    parts[#parts + 1] = configured[1] and "configured are " .. table.concat(configured, ", ")
    local there = #parts > 0 and ": " .. table.concat(parts, "; ") or ""
    invalid("there is no metric \"%s\" for the target type %s%s; write it into `metrics` of "
        .. "tidelock.lua", name, kind, there)
end

local function configured(checked, kind, name)
    local found = checked.metrics[name] or {}
    return found[kind] or found.any
end

local function built_in(checked, kind, name)
    local found = defaults.find(kind, name)
    return found and check_definition(checked.providers, name, found, "the built-in metric "
        .. name)
end

-- What follows from the definition of the latency that this is a count or a percentile of.
local function derived(find, checked, kind, name)
    local parsed = histogram.parse(name)
    local baseline = parsed and parsed.baseline
        and find(checked, kind, histogram.recorded(name, "baseline"))
    local canary = baseline and find(checked, kind, histogram.recorded(name, "canary"))
    if canary then
        return histogram.joined(baseline, canary)
    end
    local base = parsed and find(checked, kind, parsed.family)
    local asked = base and M.kinds[base.kind]
    return asked and asked.histogram and histogram.derive(asked, base, parsed)
end

-- What is configured goes before what is built in, and so does what follows from it.
function M.definition(checked, kind, name)
    local found
    for _, find in ipairs { configured, built_in } do
        found = found or find(checked, kind, name) or derived(find, checked, kind, name)
    end
    if not found then
        unknown(checked, kind, name)
    elseif found.histogram and not histogram.parse(name) then
        invalid("%s: %s is a histogram, and no one value: ask for its counts (judge.latency), or "
            .. "for %s_p99", found.where, name, name)
    end
    return found
end

-- The names by which the metrics that are configured for a type can be asked for.
function M.names(checked, kind)
    local names = {}
    for _, name in ipairs(fields.names(checked.metrics)) do
        local found = configured(checked, kind, name)
        names[#names + 1] = found and (found.histogram and not histogram.parse(name)
            and name .. "_count" or name)
    end
    return names
end

-- What is configured name by name of a family: each(name, parsed).
local function each_of(checked, kind, family, each)
    for _, name in ipairs(fields.names(checked.metrics)) do
        local parsed = histogram.parse(name)
        if parsed and parsed.family == family and configured(checked, kind, name) then
            each(name, parsed)
        end
    end
end

-- The list of its percentiles...
function M.percentiles(checked, kind, family)
    local names = {}
    each_of(checked, kind, family, function(name, parsed)
        names[#names + 1] = parsed.percentile and name or nil
    end)
    return names
end

-- ...and its thresholds, {name = ms}.
function M.thresholds(checked, kind, family)
    local found = {}
    each_of(checked, kind, family, function(name, parsed)
        found[name] = parsed.baseline
    end)
    return found
end

return M
