-- The AWS operations that policies may use, and all the engine knows of them (docs/architecture.md,
-- "The catalogue"; docs/catalogue.md lists them). Pure: nothing here asks anybody. What is returned
-- may be shared with what was given, and is not to be changed.
--
-- A service is a folder, lua/services/<service>: it is there because its folder is, and it is named
-- nowhere else. Nothing here loads what only simulations need (lua/simulation, and of a service
-- `simulated` and `rehearsal`), and a service is loaded when the first of its operations is asked
-- for: a run has to do with one or two of them.

local arn = require "aws.arn"
local closest = require "aws.closest"
local governed = require "aws.governed"
local modules = require "modules"
local outcome = require "aws.client.outcome"

local M = {}

local services, is_service = modules.list("services"), {}
for _, name in ipairs(services) do
    is_service[name] = true
end

local function service_of(operation)
    local name = operation:match("^[^.]*")
    return is_service[name] and require("services." .. name) or nil
end

-- The entry of an operation, or of a look that takes several (aws/looks.lua); or nil.
function M.entry(operation)
    local service = service_of(operation)
    return service and (service.operations[operation] or service.looks and service.looks[operation])
end

-- Whether an operation changes something, as far as is known.
function M.changes(operation)
    local entry = M.entry(operation)
    return not entry or entry.class ~= "read"
end

local function invalid(format, ...)
    error({ invalid = format:format(...) }, 0)
end

local function unknown(operation)
    invalid("there is no operation %s%s", operation, closest.hint(operation, M.names()))
end

local function mutation(operation)
    local entry = M.entry(operation) or unknown(operation)
    if entry.class ~= "mutation" then
        invalid("%s changes nothing that could be undone", operation)
    end
    return entry
end

-- Why an input does not fit, or nil.
function M.wrong(operation, input)
    local entry = M.entry(operation) or unknown(operation)
    local why = entry.input.check(input)
    if not why then
        return nil
    end
    local first = why:sub(1, 1)
    local place = first == "." and why:sub(2) or first == " " and "the input" .. why or why
    return ("%s: %s"):format(operation, place)
end

-- What an operation touches, and where it is sent: to the region of its identity, which is that of
-- the member that names the resource if that is an ARN; else to the region that was asked for, else
-- home's. An ARN anywhere else in the input is data.
local function place(entry, input, home, region)
    home = region and arn.elsewhere(home, region) or home
    local identity = entry.identity and entry.identity(input, home)
    local parts = arn.parse(identity)
    local own = parts and parts.region ~= "" and parts.region ~= "*" and parts.region
    return identity, own or home and home.region, home
end

-- Where an operation goes whose input need not fit (it says nothing of a resource then).
function M.region(operation, input, home)
    local entry = M.entry(operation)
    if not entry or entry.input.check(input) then
        return home.region
    end
    local _, region = place(entry, input, home)
    return region
end

-- What the engine needs before it looks: { mutation, fleeting, identity (nil: none is named),
-- region (nil: not known), observe = { operation, input, region }, settle, unknown (nil: nothing)
-- = the keys of what must be asked of AWS before the identity is the one name (aws/names.lua) }.
-- home: the { partition, region, account, names } of what is called by its name; region (optional):
-- where it is asked for.
function M.plan(operation, input, home, region)
    local entry = M.entry(operation) or unknown(operation)
    if entry.class == "undo" then
        invalid("%s is only used to undo: policies cannot ask for it", operation)
    elseif entry.class == "beat" then
        invalid("%s is only sent as a sign of life: policies cannot ask for it", operation)
    elseif entry.input.check(input) then
        invalid("%s", M.wrong(operation, input))
    end
    if region ~= nil and not (type(region) == "string" and region:find("^[%l%d-]+$")) then
        invalid("%s: the region must be a text such as \"eu-west-1\"", operation)
    end
    local identity, at, there = place(entry, input, home, region)
    local observe = entry.observe and entry.observe(input)
    return {
        mutation = entry.class == "mutation",
        fleeting = entry.fleeting and true,
        identity = identity,
        region = at,
        observe = observe and { operation = observe.operation, input = observe.input, region = at },
        settle = entry.settle or 0,
        unknown = there and entry.unknown and entry.unknown(input, there) or nil,
    }
end

-- A request that goes to a region.
local function sent_to(request, region)
    local copy = {}
    for member, value in next, request do
        copy[member] = value
    end
    copy.region = region
    return copy
end

-- From what the look showed: the state before, the state after, and the request that undoes the
-- change in the region where it is made. Where an operation changes members of a resource one by
-- one, the states have, and the undo puts back, only those that the input changes: the others are
-- anybody's.
function M.prepare(operation, input, observed, region)
    local entry = mutation(operation)
    local before, why = entry.state(input, observed)
    if not before then
        invalid("%s: %s", operation, why)
    end
    local after
    after, why = entry.after(input, before, observed)
    if not after then
        invalid("%s: %s", operation, why)
    end
    if entry.governs then
        local names = entry.governs(input, before, after)
        before, after = governed.cut(before, names), governed.cut(after, names)
    end
    local undo = entry.inverse(input, before, observed)
    return before, after, undo and sent_to(undo, region)
end

-- The undo of a resource's first change with what that of a later one puts back beside it. Another
-- operation (a deletion of what the first change made) takes all of it along.
function M.join(operation, undo, later)
    local join = mutation(operation).join or governed.join
    return undo.operation == later.operation and join(undo, later) or undo
end

-- All members of the state that a look showed.
function M.state(operation, input, observed)
    local state, why = mutation(operation).state(input, observed)
    if not state then
        invalid("%s: %s", operation, why)
    end
    return state
end

-- The undo request with what a fresh look adds to it: compare-and-set tokens, and only what
-- differs. `now` (nil: not known) is for what AWS undoes only within a time.
function M.guard(operation, undo, observed, now)
    local guard = mutation(operation).guard
    if not guard then
        return undo
    end
    local request, why = guard(undo, observed, now)
    if not request then
        invalid("%s: %s", operation, why)
    end
    return request == undo and undo or sent_to(request, undo.region)
end

-- After how many milliseconds to look again whether AWS has carried out what it shows as put back;
-- 0 if it has.
function M.steady(operation, input, observed)
    local steady = mutation(operation).steady
    if not steady then
        return 0
    end
    local wait, why = steady(input, observed)
    if not wait then
        invalid("%s: %s", operation, why)
    end
    return wait
end

-- Whether AWS undoes what this changes in steps, so that earlier states show on the way back.
function M.steps(operation)
    return mutation(operation).steps ~= nil
end

-- Whether a call that was refused with this code may well succeed later, as it is.
M.passes = outcome.passes

local names

-- The names of all operations, sorted.
function M.names()
    if names then
        return names
    end
    names = {}
    for _, service in ipairs(M.services()) do
        for name in pairs(service.operations) do
            names[#names + 1] = name
        end
    end
    table.sort(names)
    return names
end

-- One service: { name =, title =, iam =, operations = }.
function M.service(name)
    local service = require("services." .. name)
    return { name = name, title = service.title, iam = service.iam,
        operations = service.operations }
end

-- What AWS's own program calls a service.
function M.command(name)
    return is_service[name] and require("services." .. name).command or name
end

-- All of them, by name.
function M.services()
    local list = {}
    for i, name in ipairs(services) do
        list[i] = M.service(name)
    end
    return list
end

-- Where each service is asked: [{ host, and how its endpoint is overridden: the end of an
-- environment variable's name, and a property of the shared configuration file }...], by host.
function M.endpoints()
    local list = {}
    for i, name in ipairs(services) do
        local metadata = require("services." .. name .. ".wire").metadata
        local id = metadata.serviceId:gsub("[ -]", "_")
        list[i] = { host = metadata.endpointPrefix, variable = id:upper(), property = id:lower() }
    end
    table.sort(list, function(a, b) return a.host < b.host end)
    return list
end

-- How the settings call the service whose resource an identity names: { id, prefix }, or nil.
function M.reached(identity)
    local parts = arn.parse(identity)
    for _, name in ipairs(services) do
        local service = parts and require("services." .. name)
        if service and service.iam == parts.service then
            local metadata = require("services." .. name .. ".wire").metadata
            return { id = metadata.serviceId, prefix = metadata.endpointPrefix }
        end
    end
end

-- Whether policies may ask for it.
function M.is_asked(entry)
    return entry.class == "read" or entry.class == "mutation"
end

-- What policies may use, as plain values: [{ operation, class, iam, summary, dangerous }...].
function M.list()
    local list = {}
    for _, service in ipairs(M.services()) do
        for name, entry in pairs(service.operations) do
            list[#list + 1] = M.is_asked(entry) and {
                operation = name,
                class = entry.class,
                iam = service.iam .. ":" .. entry.action,
                summary = entry.summary,
                dangerous = entry.dangerous ~= nil,
            } or nil
        end
    end
    table.sort(list, function(a, b) return a.operation < b.operation end)
    return list
end

return M
