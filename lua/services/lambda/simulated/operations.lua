-- AWS Lambda in the simulated account: what each operation answers and changes. A state is a
-- table that is never changed:
--
--     home        { partition, region, account } of functions that are called by their names
--     functions   ARN -> { versions = { version = configuration }, aliases = { name = alias } }
--     traffic     ARN of an alias -> the aliases it was (tables.follow)
--     writes      how many there were: every one gives a new RevisionId
--
-- Every function here takes a state, the operation's input and the time, and returns the output
-- and the next state, or nil and why AWS refuses.

local array = require "canonical".array
local function_names = require "services.lambda.names"
local tables = require "simulation.tables"

local M = {}

local with, over, names, refuse = tables.with, tables.over, tables.names, tables.refuse

-- How long after a change the calls follow it. It is documented nowhere.
M.PROPAGATION = 2000

local PAGE_SIZE = 50

function M.weights_of(alias)
    return alias.RoutingConfig and alias.RoutingConfig.AdditionalVersionWeights or {}
end

function M.revision(count)
    return ("00000000-0000-4000-8000-%012x"):format(count)
end

local function not_found(what, arn)
    return refuse("ResourceNotFoundException", "%s: %s", what, arn)
end

local function find_function(state, input)
    local arn = function_names.arn(state.home, input.FunctionName)
    return state.functions[arn], arn
end

local function find_alias(state, input)
    local known, arn = find_function(state, input)
    return known and known.aliases[input.Name], arn .. ":" .. input.Name
end

function M.get_alias(state, input)
    local alias, arn = find_alias(state, input)
    if not alias then
        return not_found("Cannot find alias arn", arn)
    end
    return alias, state
end

-- "$LATEST", and then by number.
local function by_version(a, b)
    return (tonumber(a.Version) or 0) < (tonumber(b.Version) or 0)
end

function M.list_versions_by_function(state, input)
    local known, arn = find_function(state, input)
    if not known then
        return not_found("Function not found", arn)
    end
    local items = {}
    for i, version in ipairs(names(known.versions)) do
        items[i] = known.versions[version]
    end
    table.sort(items, by_version)
    local size = input.MaxItems or PAGE_SIZE
    local versions, marker = tables.page(items, "Version", input.Marker, size)
    if not versions then
        return refuse("InvalidParameterValueException", "Invalid Marker: %s", input.Marker)
    end
    return { Versions = array(versions), NextMarker = marker }, state
end

function M.get_function_configuration(state, input)
    local known, arn = find_function(state, input)
    local qualifier = input.Qualifier or "$LATEST"
    local alias = known and known.aliases[qualifier]
    local version = known and known.versions[alias and alias.FunctionVersion or qualifier]
    if not version then
        return not_found("Function not found", arn .. (input.Qualifier and ":" .. qualifier or ""))
    end
    if input.Qualifier then
        version = with(version, "FunctionArn", arn .. ":" .. qualifier)
    end
    return version, state
end

-- What two versions must have in common to share an alias.
local function differ(a, b)
    local queue_a, queue_b = a.DeadLetterConfig or {}, b.DeadLetterConfig or {}
    return a.Role ~= b.Role or queue_a.TargetArn ~= queue_b.TargetArn
end

-- Why an alias cannot point at this version and send a part of its calls to the others.
local function wrong_routing(known, version, weights)
    local main = known.versions[version]
    for _, other in ipairs(names(weights)) do
        if version == "$LATEST" then
            return "$LATEST is not supported for an alias pointing to more than 1 version"
        elseif other == version then
            return ("Invalid function version %s. Function version %s is already included in "
                .. "routing configuration."):format(other, other)
        elseif differ(main, known.versions[other]) then
            return ("The versions %s and %s must have the same execution role and the same "
                .. "dead-letter queue configuration"):format(version, other)
        end
    end
end

local function unknown_version(known, version, weights)
    if not known.versions[version] then
        return version
    end
    for _, other in ipairs(names(weights)) do
        if not known.versions[other] then
            return other
        end
    end
end

-- No routing is shown as none; weights are floats on the wire.
local function stored_routing(routing)
    local weights = {}
    for version, weight in next, routing and routing.AdditionalVersionWeights or weights do
        weights[version] = weight + 0.0
    end
    return next(weights) and { AdditionalVersionWeights = weights } or nil
end

local function write(state, arn, alias, known, now)
    local function_arn = arn:match("^(.*):[^:]*$")
    local aliases = with(known.aliases, alias.Name, alias)
    local functions = with(state.functions, function_arn, with(known, "aliases", aliases))
    local history = tables.follow(state.traffic[arn], now, now + M.PROPAGATION, alias)
    return over(state, {
        functions = functions,
        traffic = with(state.traffic, arn, history),
        writes = state.writes + 1,
    })
end

-- What is not mentioned stays.
function M.update_alias(state, input, now)
    local alias, arn = find_alias(state, input)
    local known = find_function(state, input)
    if not alias then
        return not_found("Cannot find alias arn", arn)
    elseif input.RevisionId and input.RevisionId ~= alias.RevisionId then
        return refuse("PreconditionFailedException", "The RevisionId provided does not match "
            .. "the latest RevisionId. Call the GetAlias API to retrieve the latest RevisionId "
            .. "for your resource")
    end
    local version = input.FunctionVersion or alias.FunctionVersion
    local routing = stored_routing(input.RoutingConfig or alias.RoutingConfig)
    local weights = routing and routing.AdditionalVersionWeights or {}
    local missing = unknown_version(known, version, weights)
    if missing then
        return not_found("Function not found", arn:match("^(.*):[^:]*$") .. ":" .. missing)
    end
    local wrong = wrong_routing(known, version, weights)
    if wrong then
        return refuse("InvalidParameterValueException", "%s", wrong)
    end
    local changed = over(alias, {
        FunctionVersion = version,
        Description = input.Description,
        RevisionId = M.revision(state.writes + 1),
    })
    changed.RoutingConfig = routing
    return changed, write(state, arn, changed, known, now)
end

return M
