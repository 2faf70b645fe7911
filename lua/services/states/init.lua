-- AWS Step Functions: what Tidelock asks of it, and how each change is undone.
--
-- An alias divides the executions that are started by it between up to two versions of its state
-- machine, by whole percents. There is no compare-and-set: an update is told from others by what it
-- says. Its description is left alone, and a routing goes back as it was read, entry by entry.

local arns = require "aws.arn"
local percent = require "percent"
local shape = require "aws.shape"
local sorted = require "sorted"

-- "Executions started immediately after" an update "may use the previous routing", says AWS, and
-- that it takes a few seconds; five is our assumption.
local SETTLE = 5000

local structure = shape.structure

local function arn(expects, qualifier, fits)
    return shape.text {
        min = 1,
        max = 256,
        fits = function(value)
            local parts = arns.of("states", value)
            local last = parts and parts.path:match("^stateMachine:[^:%s]+" .. qualifier .. "$")
            return last ~= nil and (not fits or fits(last))
        end,
        expects = expects,
    }
end

local machine_arn = arn('the ARN of a state machine such as "arn:aws:states:eu-west-1:'
    .. '111122223333:stateMachine:orders"', "")
local alias_arn = arn('the ARN of an alias such as "arn:aws:states:eu-west-1:111122223333:'
    .. 'stateMachine:orders:live"', ":([%w_.-]+)", function(name)
        return not name:find("^%d+$") and #name <= 80
    end)
local version_arn = arn('the ARN of a version such as "arn:aws:states:eu-west-1:111122223333:'
    .. 'stateMachine:orders:42"', ":(%d+)")

local routing = shape.list(structure({
    stateMachineVersionArn = version_arn,
    weight = shape.integer(0, 100),
}, {
    name = "RoutingConfigurationListItem",
    needed = { "stateMachineVersionArn", "weight" },
}), 1, 2)

-- "arn:...:stateMachine:orders" of a version's ARN or an alias's.
local function machine_of(qualified)
    return qualified:match("^(.*):[^:]*$")
end

-- Why AWS would refuse a routing, or nil.
local function wrong_routing(input)
    local sum, seen = 0, {}
    for _, item in ipairs(input.routingConfiguration) do
        local version = item.stateMachineVersionArn
        sum = sum + item.weight
        if seen[version] then
            return ".routingConfiguration names a version twice"
        elseif machine_of(version) ~= machine_of(input.stateMachineAliasArn) then
            return ".routingConfiguration names a version of another state machine"
        end
        seen[version] = true
    end
    return sum ~= 100 and ".routingConfiguration must have weights of 100 together" or nil
end

-- { version's number = its weight }, without those that get nothing.
local function weights_of(list)
    local weights = {}
    for _, item in ipairs(list) do
        if item.weight ~= 0 then
            weights[item.stateMachineVersionArn:match("([^:]*)$")] = item.weight
        end
    end
    return weights
end

-- "version 41 95 %, version 42 5 %"
local function routing_text(weights)
    local parts = {}
    for i, version in ipairs(sorted(weights)) do
        local whole = weights[version] == 100
        parts[i] = "version " .. version .. (whole and "" or " " .. percent(weights[version]))
    end
    return table.concat(parts, ", ")
end

-- Everything is called by its ARN; a list of all machines names nothing.
local function identity(input)
    return input.stateMachineAliasArn or input.stateMachineArn
end

local operations = {}

operations["states.update_state_machine_alias"] = {
    class = "mutation",
    action = "UpdateStateMachineAlias",
    summary = "Gives the versions of a state machine their shares of an alias's executions.",
    undo = "`states.update_state_machine_alias` with the captured routing",
    notes = {
        "Weights are whole percents, and 100 together.",
        "Executions that have begun go on with the version they began with.",
        "AWS lets go of no update that was overtaken: there is no token to compare.",
    },
    input = structure({
        stateMachineAliasArn = alias_arn,
        routingConfiguration = routing,
    }, { needed = { "stateMachineAliasArn", "routingConfiguration" }, wrong = wrong_routing }),
    settle = SETTLE,
    shown = function(state)
        return { weights = routing_text(state.weights) }
    end,
    identity = identity,
    observe = function(input)
        return {
            operation = "states.describe_state_machine_alias",
            input = { stateMachineAliasArn = input.stateMachineAliasArn },
        }
    end,
    state = function(input, output)
        if output.stateMachineAliasArn ~= input.stateMachineAliasArn then
            return nil, ("there is no alias %s"):format(input.stateMachineAliasArn)
        end
        return { weights = weights_of(output.routingConfiguration) }
    end,
    after = function(input)
        return { weights = weights_of(input.routingConfiguration) }
    end,
    inverse = function(input, _, observed)
        return {
            operation = "states.update_state_machine_alias",
            input = {
                stateMachineAliasArn = input.stateMachineAliasArn,
                routingConfiguration = observed.routingConfiguration,
            },
        }
    end,
}

local function read(action, summary, input)
    return { class = "read", action = action, summary = summary, input = input,
        identity = identity }
end

-- How many, and from where on.
local function page(members, needed)
    members.maxResults = shape.integer(0, 1000)
    members.nextToken = shape.text { min = 1, max = 1024 }
    return structure(members, { needed = needed })
end

operations["states.describe_state_machine_alias"] = read("DescribeStateMachineAlias",
    "Shows an alias and its routing.", structure({ stateMachineAliasArn = alias_arn },
        { needed = { "stateMachineAliasArn" } }))

operations["states.list_state_machine_versions"] = read("ListStateMachineVersions",
    "Lists the versions of a state machine, the newest first.",
    page({ stateMachineArn = machine_arn }, { "stateMachineArn" }))

operations["states.list_state_machines"] = read("ListStateMachines",
    "Lists the state machines.", page({}))

return { title = "AWS Step Functions", iam = "states", command = "stepfunctions",
    operations = operations }
