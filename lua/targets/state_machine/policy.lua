-- Aliases of Step Functions' state machines, as policies know them: one version, or two that share
-- the executions by whole percents.

local M = {}

-- What AWS takes in the name of a state machine.
local NAME = "[^%s<>{}%[%]?*\"#%%\\^|~`$&,;:/%c]+"

local function read_machine(value)
    local known = type(value) == "string" and #value <= 200 and (value:find("^" .. NAME .. "$")
        or value:find("^arn:[%w-]+:states:[%w-]+:%d+:stateMachine:" .. NAME .. "$"))
    return known and value or nil
end

local function read_alias(value)
    local fits = type(value) == "string" and #value <= 80 and value:find("^[%w_.-]+$")
    return fits and not value:find("^%d+$") and value or nil
end

local function read_version(value)
    local text = math.type(value) == "integer" and tostring(value) or value
    return type(text) == "string" and #text <= 15 and text:find("^[1-9]%d*$") and text or nil
end

M.members = {
    { "machine", about = "name or ARN of the state machine",
        kind = { expected = "the name or ARN of a state machine", read = read_machine,
            parse = read_machine } },
    { "alias", about = "its name",
        kind = { expected = "the name of an alias (letters, digits, -, _ and ., not only digits)",
            read = read_alias, parse = read_alias } },
    { "canary", about = "version",
        kind = { expected = 'a published version such as "42"', read = read_version,
            parse = read_version } },
}
M.text = "state-machine:NAME:ALIAS,canary=VERSION"
M.resolution = 1

-- A colon separates machine and alias, and an ARN has more of them.
function M.head(id)
    local machine, alias = id:match("^(.+):([%w_.-]+)$")
    return machine and { machine = machine, alias = alias }
end

function M.resource(value)
    return value.machine:match("([^:]+)$") .. ":" .. value.alias
end

-- The ARN of the machine. AWS takes no name, so it is looked for in the list of all.
local function arn_of(target)
    local called, input = target.value.machine, {}
    if called:find("^arn:") then
        return called
    end
    repeat
        local page = target:call("states.list_state_machines", input)
        for _, machine in ipairs(page.stateMachines) do
            if machine.name == called then
                return machine.stateMachineArn
            end
        end
        input = { nextToken = page.nextToken }
    until not page.nextToken
    target:fail("there is no state machine %s", called)
end

-- The versions that get something: their ARNs, the canary's weight, and one that is not it.
local function divide(routing, canary)
    local share, other, count = 0, nil, 0
    for _, item in ipairs(routing) do
        if item.stateMachineVersionArn == canary then
            share = item.weight
        elseif item.weight > 0 then
            other, count = item.stateMachineVersionArn, count + 1
        end
    end
    return share, other, count
end

function M.look(target)
    local machine = arn_of(target)
    target.alias_arn = machine .. ":" .. target.value.alias
    target.canary = machine .. ":" .. target.value.canary
    local alias = target:call("states.describe_state_machine_alias",
        { stateMachineAliasArn = target.alias_arn })
    local share, other, count = divide(alias.routingConfiguration, target.canary)
    if share == 100 then
        target:fail("already points at version %s: there is nothing to roll out",
            target.value.canary)
    elseif count > 1 then
        target:fail("is already shared by two other versions; finish or undo that rollout first")
    end
    target.baseline, target.percent = other, share
end

function M.route(target, percent)
    local routing = {}
    if percent < 100 then
        routing[1] = { stateMachineVersionArn = target.baseline, weight = 100 - percent }
    end
    if percent > 0 then
        routing[#routing + 1] = { stateMachineVersionArn = target.canary, weight = percent }
    end
    target:call("states.update_state_machine_alias", {
        stateMachineAliasArn = target.alias_arn,
        routingConfiguration = routing,
    })
end

return M
