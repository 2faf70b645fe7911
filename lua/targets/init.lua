-- The types of target: what carries traffic and can be split. Each is a folder, lua/targets/<type>,
-- and is named nowhere else:
--
--     policy.lua      how it is written and what policies do with it: read in the sandbox, as text
--     init.lua        what the rest of the program knows of it, below
--     simulated.lua   its part of the simulated account, which only simulations load
--
-- A type's init.lua returns
--
--     summary         what it is, in a few words
--     arms            what it calls its two arms
--     ready           what target:healthy waits for, as a sentence
--     notes           what a team must know, as Markdown (docs/targets.md)
--     identity(value, home) -> text    the one name of what is split, in ARN form. `home` is, here
--                     and below, in the region that the target says
--     unknown(value, home) -> keys     what must be asked of AWS before that (aws/names.lua), as a
--                     list (optional)
--     changes(value, home) -> text     what `routes` change, where that is not the same (optional)
--     routes          operation -> function(input, value, observed) -> the canary's share, or nil;
--                     observed (may be nil): what the look before it showed
--     about(value)    what its operations are about, as inputs, for IAM
--     draws           the members whose texts a simulation's draws depend on
--     series(value)   by what text a recording calls it
--     deploys         the operations that deploy what a rollout would rather split (optional): the
--                     way back from them is another deployment
--     begins          { strategies..., target = its text in a rollout file }: what `new` writes,
--                     NAME being what is rolled out; one without strategies is for all others
--                     (optional)
--     stand_in        { text of a target with %s for a name, rank = its place among those of other
--                     types }: for a target that `check` is not given (optional)
--     resting(value, ask) -> percent, since (ms)   from when on what AWS shows of its share was so,
--                     by reads: ask(operation, input) answers an output, or nil (optional)
--     heartbeat(value) -> { operation, input, every = ms }   what AWS is told again and again
--                     while a run on it lives, so that its silence is noticed there (optional)
--     brief(value)    the same as its label, in a few characters (optional)
--     metrics         name -> what CloudWatch has of it (optional); latency(statistic) likewise
--     whole           {dimension = true}: what of these tells an arm from all of the target
--     metric_notes    what CloudWatch has of its arms and what it has not, as Markdown
--     placeholders    { the members they need..., fills = { names... },
--                     fill = function(arm, values, invalid) } (optional)
--     lookup(value), known(value, output)   the read without which no metric can be asked for, and
--                     the target with what it answered (optional)
--
-- A value comes from a policy or from a journal, and in the end from nobody who can be trusted.

local arn = require "aws.arn"
local array = require "canonical".array
local members = require "targets.members_policy"
local modules = require "modules"
local sorted = require "sorted"

local M = {}

local names, is_type = {}, {}

for _, name in ipairs(modules.list "targets") do
    for _, file in ipairs(modules.list("targets." .. name)) do
        if file == "policy" then
            names[#names + 1], is_type[name] = name, true
        end
    end
end

-- The names of all types, sorted.
function M.names()
    return names
end

-- A type's init.lua; nil where there is no such type.
function M.type(name)
    return is_type[name] and require("targets." .. name) or nil
end

-- A type's policy.lua.
function M.policy(name)
    return require("targets." .. name .. ".policy")
end

-- What queries may name of a target of this type, {name = true}: its members, and what its type
-- adds.
function M.placeholders(name)
    local known, of = { type = true, baseline = true, canary = true }, M.type(name)
    for member in pairs((members.fields(M.policy(name).members))) do
        known[member] = true
    end
    for _, filled in ipairs(of and of.placeholders and of.placeholders.fills or {}) do
        known[filled] = true
    end
    return known
end

local function type_of(value)
    return type(value) == "table" and M.type(value.type) or nil
end

local function invalid(format, ...)
    error({ invalid = format:format(...) }, 0)
end

-- Why a value is no target of its type, or nil.
function M.wrong(value)
    local policy = M.policy(value.type)
    local fields, needed = members.fields(policy.members)
    for name, given in pairs(value) do
        local kind = fields[name]
        if not kind and name ~= "type" then
            return (".%s is not a member of this"):format(name)
        elseif kind and kind.read(given) ~= given then
            return (".%s must be %s, got %s"):format(name, kind.expected,
                type(given) == "string" and ('"%s"'):format(given) or tostring(given))
        end
    end
    for _, name in ipairs(needed) do
        if value[name] == nil then
            return (".%s is missing"):format(name)
        end
    end
    local why = members.wrong(policy, value)
    return why and ": " .. why
end

-- The region that a target's own members say; nil: none does.
function M.region(value)
    return type_of(value) and members.place(M.policy(value.type).members, value)
end

-- The home of what a target calls by its name: in the region that it says.
local function home_of(value, home)
    return arn.elsewhere(home, M.region(value))
end

-- What a target is, in a few words: "pay:live".
function M.resource(value)
    local known, text = false, nil
    if type_of(value) then
        known, text = pcall(members.resource, M.policy(value.type), value)
    end
    return known and text or tostring(value.type)
end

-- How messages call a target: by its name, if it was given one.
function M.label(value)
    return type(value.name) == "string" and value.name or M.resource(value)
end

-- With its type, for those who have not met it yet: "lambda_alias pay:live", or
-- "checkout (lambda_alias pay:live)".
function M.full(value)
    local full = ("%s %s"):format(value.type, M.resource(value))
    return value.name and ("%s (%s)"):format(M.label(value), full) or full
end

-- The same where targets are introduced: "pay:live (lambda_alias)".
function M.title(value)
    return value.name and M.full(value) or ("%s (%s)"):format(M.resource(value), value.type)
end

-- In a few characters, of the targets of a run the one that is called so.
function M.brief(label, list)
    for _, value in ipairs(list) do
        local of = type_of(value)
        if of and of.brief and not value.name and M.label(value) == label then
            return of.brief(value)
        end
    end
    return label
end

-- Whether a request goes where a target is. Of one with an ARN, the request has that, too.
local function is_there(request, value, home)
    if M.region(value) and not value.region then
        return true
    end
    local at_home = home and home.region
    return (request.region or at_home) == (value.region or at_home)
end

-- The canary's share of the target that a request routes, and how that target is called; nil where
-- it routes none of them. observed (nil: not known): what was looked at before it.
function M.share(request, list, home, observed)
    for _, value in ipairs(list) do
        local of = type_of(value)
        local share_of = of and of.routes[request.operation]
        local share = share_of and share_of(request.input, value, observed)
        if share and is_there(request, value, home) then
            return share, M.label(value)
        end
    end
end

-- The one name of what a target splits, whatever it was called by; `home` { partition, region,
-- account } is of what is called by its name alone.
function M.identity(value, home)
    local of = type_of(value)
    if not of then
        invalid("there is no type of target %s", tostring(value.type))
    end
    return of.identity(value, home_of(value, home))
end

-- The keys of what must be asked of AWS before these targets have the one name.
function M.unknown(targets, home)
    local list = array {}
    for _, value in ipairs(targets) do
        local of = type_of(value)
        if of and of.unknown and not M.wrong(value) then
            for _, key in ipairs(of.unknown(value, home_of(value, home))) do
                list[#list + 1] = key
            end
        end
    end
    return list
end

-- Two targets that are one resource would be shifted twice, and undone into each other, whatever
-- each is called by: raises that. What is no target is refused by others (M.checked).
function M.distinct(targets, home)
    local seen = {}
    for _, value in ipairs(targets) do
        local of = type_of(value)
        if of and not M.wrong(value) then
            local identity = M.identity(value, home)
            if seen[identity] then
                invalid("%s is given twice: %s is the same", M.resource(seen[identity]),
                    M.resource(value))
            end
            seen[identity] = value
        end
    end
    return true
end

-- The signs of life of a run on these targets: a list of { operation, input, region, every }, each
-- for where its target is.
function M.heartbeats(targets, home)
    local list = array {}
    for _, value in ipairs(targets) do
        local of = type_of(value)
        local beat = of and of.heartbeat and not M.wrong(value) and of.heartbeat(value)
        if beat then
            beat.region = home_of(value, home).region
            list[#list + 1] = beat
        end
    end
    return list
end

-- What a rehearsal on these targets need not come to, and a run may, its signs of life among it: a
-- list of { operation, input }.
function M.further(targets)
    local list = {}
    for _, value in ipairs(targets) do
        local of = type_of(value)
        for _, use in ipairs(of and of.further and of.further(value) or {}) do
            list[#list + 1] = use
        end
        list[#list + 1] = of and of.heartbeat and of.heartbeat(value) or nil
    end
    return list
end

-- What must be known of a target before a run may begin on it, from nothing but its plain value:
-- { identity, full = how it is called, changes = the identity of what its shifts change,
-- operations = those that shift it, and its sign of life }.
function M.checked(value, home)
    local name = type(value) == "table" and value.type
    local of = type(name) == "string" and M.type(name)
    if not of then
        invalid("there is no type of target %s", type(name) == "string" and name or "")
    end
    local why = M.wrong(value)
    if why then
        invalid("%s%s", name, why)
    end
    local there = home_of(value, home)
    if there.region and there.partition and arn.partition(there.region) ~= there.partition then
        invalid("%s: %s is no region of the partition %s, whose the credentials are",
            M.resource(value), there.region, there.partition)
    end
    local identity, operations = of.identity(value, there), sorted(of.routes)
    local beat = of.heartbeat and of.heartbeat(value)
    operations[#operations + 1] = beat and beat.operation
    return { identity = identity, full = M.full(value), operations = operations,
        changes = of.changes and of.changes(value, there) or identity }
end

-- By what text a recording calls a target.
function M.series(value)
    local text = type_of(value).series(value)
    return value.region and ("%s@%s"):format(text, value.region) or text
end

-- How people call the resource of this identity: as a target that was given a name, says its region
-- or has a shorter one than its ARN; nil where there is no such target.
function M.called(identity, list, home)
    for _, value in ipairs(list) do
        local of = type_of(value)
        if of and (value.name or value.region or of.brief) then
            local known, checked = pcall(M.checked, value, home or {})
            if known and (identity == checked.changes or identity == checked.identity) then
                return M.brief(M.label(value), list)
            end
        end
    end
end

-- What a simulation's traffic must know of a target: the texts on which draws depend, and those by
-- which a recording may call it. Nothing of what is no target: the account says so.
function M.traffic(value)
    local of = type_of(value)
    local draws, texts = array {}, array {}
    if of then
        texts[1], texts[2] = M.resource(value), M.series(value)
        for i, name in ipairs(of.draws) do
            draws[i] = tostring(value[name])
        end
        draws[#draws + 1] = value.region
        for name, member in pairs(value) do
            texts[#texts + 1] = name ~= "type" and type(member) == "string" and member or nil
        end
    end
    return { draws = draws, texts = texts }
end

return M
