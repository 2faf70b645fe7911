-- The simulated account: AWS as far as the catalogue knows it, in memory and in virtual time. It
-- answers what AWS would answer, refuses what AWS would refuse, and its traffic follows a change
-- a little later.
--
-- A pure function in the coat of an object: a state is a plain table that nobody ever changes,
-- and what is answered follows from the state, the input and the time. A state holds its `home`
-- { partition, region, account }, and one part for each service in the home's region, by its name;
-- what another region has is a part of its own, "SERVICE@REGION". What a part is like at first,
-- what the operations do to it and which changes count is told by lua/services/<service>/simulated:
--
--     operations  verb -> function(part, input, now) -> output, part; or nil and why it is refused
--     begin(home) -> part
--     begun(part) -> part, once its targets are in it (optional)
--     view(part) -> { what it is called = plain value }
--     latency   { read =, write = } ms; assumptions, of the size that is seen in practice
--     refused   the error code for input that does not fit its shape
--     advance(part, now, other) -> part   what has come to pass by itself, of what other parts say:
--               other(service) is one of the same region, or nil (optional)
--     state_of  the service whose part of the state is meant, where it is not its own (optional)
--     made      operation of another service -> function(part, input, now) -> output: what it
--               answers about that which this service has made there; or nil (optional)
--
-- How a target is at first, and how it is split, is told by lua/targets/<type>/simulated.lua:
--
--     service   whose part of the account it is in
--     begin(part, targets)  puts all targets of the type into a part that nobody has seen yet
--     share(part, target, now) -> percent, until

local arn = require "aws.arn"
local catalogue = require "aws.catalogue"
local closest = require "aws.closest"
local looks = require "aws.looks"
local modules = require "modules"
local names = require "aws.names"
local tables = require "simulation.tables"
local types = require "targets"

local M = {}

-- Where things are that no ARN places.
local HOME = { partition = "aws", region = "us-east-1", account = "123456789012" }

local part_names = modules.list("services")
local parts, advancing = {}, {}
local makers = {} -- operation -> the services that have made things it speaks of

for _, name in ipairs(part_names) do
    parts[name] = require("services." .. name .. ".simulated")
    advancing[name] = parts[name].advance
    for operation in pairs(parts[name].made or {}) do
        makers[operation] = makers[operation] or {}
        table.insert(makers[operation], name)
    end
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

-- The first ARN among the members of a target, in parts; nil where it has none.
local function place_of(target)
    for _, field in ipairs(tables.names(target)) do
        local place = arn.parse(target[field])
        if place and place.region ~= "" and place.account ~= "" then
            return place
        end
    end
end

-- Region and account are those of the first ARN among the targets; where there is none, and all say
-- their region, the region is that of the first.
local function home_of(targets)
    local unplaced = #targets == 0
    for _, target in ipairs(targets) do
        local place = place_of(target)
        if place then
            return { partition = place.partition, region = place.region, account = place.account }
        end
        unplaced = unplaced or not target.region
    end
    local region = not unplaced and targets[1].region
    return region and { partition = arn.partition(region), region = region, account = HOME.account }
        or HOME
end

-- What the part of a service in a region is called.
local function key_of(service, region, home)
    if not region or region == home.region then
        return service
    end
    return service .. "@" .. region
end

local function key_of_target(target, of, home)
    return key_of(of.service, types.region(target), home)
end

-- A part as it is when nothing is in it.
local function begin(key, home)
    local service, region = key:match("^([^@]*)@?(.*)$")
    return parts[service].begin(region == "" and home or tables.with(home, "region", region))
end

-- Targets by the part that they are in and by how they are simulated: { key, of, targets }.
local function grouped(targets, home)
    local groups, list = {}, {}
    for _, target in ipairs(targets) do
        local of = simulated(target)
        local key = key_of_target(target, of, home)
        local name = key .. " " .. target.type
        if not groups[name] then
            groups[name] = { key = key, of = of, targets = {} }
            list[#list + 1] = groups[name]
        end
        table.insert(groups[name].targets, target)
    end
    return list
end

-- The state's home, once these keys were asked for (aws/names.lua).
function M.with_names(state, keys)
    if #keys == 0 then
        return state.home
    end
    local account, found = M.new(state), {}
    for _, key in ipairs(keys) do
        local read = names.read(key)
        local outcome, output = account:call(read.operation, read.input, 0, read.region)
        found[key] = outcome == "ok" and names.told(key, output) or nil
    end
    return tables.with(state.home, "names", tables.over(state.home.names or {}, found))
end

-- The first state of an account in which these targets exist.
function M.for_targets(targets)
    if type(targets) ~= "table" then
        invalid("targets must be a list")
    end
    for _, target in ipairs(targets) do
        simulated(target)
    end
    local home = home_of(targets)
    local state = {}
    for _, name in ipairs(part_names) do
        state[name] = begin(name, home)
    end
    for _, group in ipairs(grouped(targets, home)) do
        state[group.key] = state[group.key] or begin(group.key, home)
        group.of.begin(state[group.key], group.targets)
    end
    for key, part in pairs(state) do
        local begun = parts[key:match("^[^@]*")].begun
        state[key] = begun and begun(part) or part
    end
    state.home = home
    state.home = M.with_names(state, types.unknown(targets, home))
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

-- Where the account is, and what is called by its name: { partition, region, account }.
function methods:home()
    return self.state.home
end

-- A look, read by read.
function methods:look(entry, input, now, region)
    local answer = looks.take(entry, input, function(operation, of)
        local outcome, value = self:call(operation, of, now, region)
        return { outcome = outcome, value = value, error = value }
    end)
    return answer.outcome, answer.outcome == "ok" and answer.value or answer.error
end

-- What is answered about that which another service has made.
local function made_by_another(state, operation, input, now, region)
    for _, name in ipairs(makers[operation] or {}) do
        local part = state[key_of(name, region, state.home)]
        local output = part and parts[name].made[operation](part, input, now)
        if output then
            return output
        end
    end
end

-- What has come to pass by itself in the parts of the account, before it is asked.
function methods:advance(now)
    local state = self.state
    for key, part in pairs(state) do
        local service, region = key:match("^([^@]*)(.*)$")
        local advance = advancing[service]
        local after = advance and advance(part, now, function(other)
            return state[other .. region]
        end)
        if advance and after ~= part then
            self.state = tables.with(self.state, key, after)
        end
    end
end

-- Performs an operation in a region (nil: the home's): "ok" and its output, or "rejected" and
-- { code, message }.
function methods:call(operation, input, now, region)
    local look = looks.entry(operation)
    local name, verb = operation:match("^([^.]*)%.?(.*)$")
    local part = parts[name]
    if look and not part.operations[verb] then -- a service may answer a look at once
        return self:look(look, input, now, region)
    end
    local entry = catalogue.entry(operation)
    if not entry then
        return rejected("InvalidAction", "there is no operation " .. operation)
    end
    local why = catalogue.wrong(operation, input)
    if why then
        return rejected(part.refused, why)
    end
    self:advance(now)
    local state = self.state
    local made = made_by_another(state, operation, input, now, region)
    if made then
        return "ok", made
    end
    local holder = key_of(part.state_of or name, region, state.home)
    local before = state[holder] or begin(holder, state.home)
    local output, after = part.operations[verb](before, input, now)
    if not output then
        return rejected(after.code, after.message)
    elseif after ~= before then
        self.state = tables.with(state, holder, after)
    end
    return "ok", output
end

-- Percent of a target's traffic on the canary at `now`, and until when that holds (nil: for good).
function methods:share(target, now)
    local of = simulated(target)
    local part = self.state[key_of_target(target, of, self.state.home)]
    local percent, changes
    if part then
        percent, changes = of.share(part, target, now)
    end
    if not percent then
        invalid("the account has no such %s", target.type)
    end
    return percent, changes
end

local function view(state, key)
    return state[key] and parts[key:match("^[^@]*")].view(state[key]) or {}
end

-- Whether two states are the same to their owner; otherwise the first difference in words.
function methods.equal(_, old, new)
    for _, key in ipairs(tables.names(tables.over(old, new))) do
        local before, after = {}, {}
        if key ~= "home" and old[key] ~= new[key] then
            before, after = view(old, key), view(new, key)
        end
        for _, called in ipairs(tables.names(tables.over(before, after))) do
            local found = tables.difference(before[called], after[called], "")
            if found then
                return false, ("%s: %s"):format(called, (found:gsub("^[. ]", "")))
            end
        end
    end
    return true
end

return M
