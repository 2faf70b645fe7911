-- The simulated account: AWS as far as the catalogue knows it, in memory and in virtual time. It
-- answers what AWS would answer, refuses what AWS would refuse, and its traffic follows a change
-- a little later.
--
-- A pure function in the coat of an object: a state is a plain table that nobody ever changes,
-- and what is answered follows from the state, the input and the time. A state holds one part for
-- each service; what that is like at first, what the operations do to it and which changes count is
-- told by lua/services/<service>/simulated:
--
--     operations  verb -> function(part, input, now) -> output, part; or nil and why it is refused
--     begin(home) -> part
--     begun(part) -> part, once its targets are in it (optional)
--     view(part) -> { what it is called = plain value }
--     latency   { read =, write = } ms; assumptions, of the size that is seen in practice
--     refused   the error code for input that does not fit its shape
--     state_of  the service whose part of the state is meant, where it is not its own (optional)
--
-- How a target is at first, and how it is split, is told by lua/targets/<type>/simulated.lua:
--
--     service   whose part of the account it is in
--     begin(part, targets)  puts all targets of the type into a part that nobody has seen yet
--     share(part, target, now) -> percent, until

local catalogue = require "aws.catalogue"
local closest = require "aws.closest"
local modules = require "modules"
local tables = require "simulation.tables"
local types = require "targets"

local M = {}

-- Where functions are that no ARN places.
local HOME = { partition = "aws", region = "us-east-1", account = "123456789012" }

local part_names = modules.list("services")
local parts = {}

for _, name in ipairs(part_names) do
    parts[name] = require("services." .. name .. ".simulated")
end

local function invalid(format, ...)
    error({ invalid = format:format(...) }, 0)
end

-- How a target that is well written is simulated.
local function simulated(target)
    local name = type(target) == "table" and target.type
    if type(name) ~= "string" then
        invalid("a target must be an object with a type")
    elseif not types.type(name) then
        invalid("the simulated account has no targets of type \"%s\"%s", name,
            closest.hint(name, types.names()))
    end
    local why = types.wrong(target)
    if why then
        invalid("%s%s", name, why)
    end
    return require("targets." .. name .. ".simulated")
end

-- Region and account are those of the first ARN among the targets.
local function home_of(targets)
    for _, target in ipairs(targets) do
        for _, field in ipairs(tables.names(target)) do
            local partition, region, account = tostring(target[field])
                :match("^arn:([^:]+):[^:]+:([^:]+):([^:]+):")
            if partition then
                return { partition = partition, region = region, account = account }
            end
        end
    end
    return HOME
end

-- The first state of an account in which these targets exist.
function M.for_targets(targets)
    if type(targets) ~= "table" then
        invalid("targets must be a list")
    end
    local by_type, state = {}, {}
    for _, target in ipairs(targets) do
        local of = simulated(target)
        by_type[of] = by_type[of] or {}
        table.insert(by_type[of], target)
    end
    local home = home_of(targets)
    for _, name in ipairs(part_names) do
        state[name] = parts[name].begin(home)
    end
    for of, list in pairs(by_type) do
        of.begin(state[of.service], list)
    end
    for _, name in ipairs(part_names) do
        local begun = parts[name].begun
        state[name] = begun and begun(state[name]) or state[name]
    end
    return state
end

local methods = {}
methods.__index = methods

-- An account that stands at a state.
function M.new(state)
    return setmetatable({ state = state }, methods)
end

-- The state, which stays what it is whatever is called later.
function methods:snapshot()
    return self.state
end

function methods:restore(state)
    self.state = state
end

-- How many ms an operation takes, until it takes effect and is answered.
function M.latency(operation)
    local entry = catalogue.entry(operation)
    if not entry then
        return 0
    end
    local class = entry.class == "read" and "read" or "write"
    return parts[operation:match("^[^.]*")].latency[class]
end

local function rejected(code, message)
    return "rejected", { code = code, message = message }
end

-- Performs an operation: "ok" and its output, or "rejected" and { code, message }.
function methods:call(operation, input, now)
    local entry = catalogue.entry(operation)
    local name, verb = operation:match("^([^.]*)%.?(.*)$")
    local part = parts[name]
    if not entry then
        return rejected("InvalidAction", "there is no operation " .. operation)
    end
    local why = catalogue.wrong(operation, input)
    if why then
        return rejected(part.refused, why)
    end
    local holder = part.state_of or name
    local before = self.state[holder]
    local output, after = part.operations[verb](before, input, now)
    if not output then
        return rejected(after.code, after.message)
    elseif after ~= before then
        self.state = tables.with(self.state, holder, after)
    end
    return "ok", output
end

-- Percent of a target's traffic on the canary at `now`, and until when that holds (nil: for good).
function methods:share(target, now)
    local of = simulated(target)
    local percent, changes = of.share(self.state[of.service], target, now)
    if not percent then
        invalid("the account has no such %s", target.type)
    end
    return percent, changes
end

-- Whether two states are the same to their owner; otherwise the first difference in words.
function methods.equal(_, old, new)
    for _, name in ipairs(part_names) do
        local before, after = parts[name].view(old[name]), parts[name].view(new[name])
        local both = old[name] ~= new[name] and tables.over(before, after) or {}
        for _, called in ipairs(tables.names(both)) do
            local found = tables.difference(before[called], after[called], "")
            if found then
                return false, ("%s: %s"):format(called, (found:gsub("^[. ]", "")))
            end
        end
    end
    return true
end

return M
