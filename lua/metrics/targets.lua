-- What a target says of its arms: the placeholders of queries.

local arn = require "aws.arn"
local invalid = require "import.invalid"
local types = require "targets"

local M = {}

-- {name = text} for one arm: the target's own members, its `region` as far as it is known, `arm`,
-- `version` (what the target calls this arm: a target group, a version) and what follows from them.
-- A target comes from a policy, and in the end from nobody who can be trusted.
function M.values(target, arm, region)
    local of, values = types.type(target.type) or {}, { arm = arm, region = region }
    for name, member in pairs(target) do
        if type(member) == "string" or math.type(member) == "integer" then
            values[name] = tostring(member)
        end
    end
    values.version = values[arm]
    for _, name in ipairs(of.placeholders or {}) do
        if not values[name] or values[name] == "" then
            invalid("a target of the type %s needs a text as its \"%s\"", target.type, name)
        end
    end
    if of.placeholders then
        of.placeholders.fill(arm, values, invalid)
    end
    return values
end

-- The region that its identity says it is in; nil where neither it nor `home` says one.
function M.region(target, home)
    local known, identity = pcall(types.identity, target, home)
    local parts = known and arn.parse(identity)
    return parts and parts.region:find("^[%w-]+$") and parts.region or nil
end

-- The read without which nothing can be asked about this target, { operation, input, region }, or
-- nil. To be asked once, before the first shift.
function M.lookup(target, home)
    local of = types.type(target.type)
    local read = of and of.lookup and of.lookup(target)
    return read and { operation = read.operation, input = read.input,
        region = M.region(target, home) }
end

-- The target with what that read answered.
function M.known(target, output)
    local copy = {}
    for name, member in pairs(target) do
        copy[name] = member
    end
    for name, member in pairs(types.type(target.type).known(target, output)) do
        copy[name] = member
    end
    return copy
end

-- The dimensions that tell an arm of such a target from the whole of it: {name = true}.
function M.whole(target)
    local of = types.type(target.type)
    return of and of.whole
end

-- By what text a recording calls a target (docs/recordings.md).
function M.label(target)
    local known, text = pcall(types.series, target)
    return known and text or nil
end

return M
