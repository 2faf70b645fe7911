-- What the specs of the catalogue try of AWS Step Functions: inputs, right and wrong; changes that
-- are performed one after another and undone together; an alias for them.

local M = {}

M.machine = "arn:aws:states:eu-west-1:111122223333:stateMachine:orders"
M.target = { type = "state_machine", machine = M.machine, alias = "live", canary = "42" }
M.text = "state-machine:" .. M.machine .. ":live,canary=42"

-- { ["42"] = 5, ["41"] = 95 } as an input, the newest version first.
function M.routing(weights)
    local list = {}
    for number, weight in pairs(weights) do
        list[#list + 1] = { stateMachineVersionArn = M.machine .. ":" .. number, weight = weight }
    end
    table.sort(list, function(a, b) return a.stateMachineVersionArn > b.stateMachineVersionArn end)
    return { stateMachineAliasArn = M.machine .. ":live", routingConfiguration = list }
end

local function odd(item)
    local input = M.routing { ["41"] = 100 }
    input.routingConfiguration[2] = item
    return input
end

-- Operation, input, and what is wrong with it (nil: nothing).
M.inputs = {
    { "states.describe_state_machine_alias", { stateMachineAliasArn = M.machine .. ":live" } },
    { "states.describe_state_machine_alias", { stateMachineAliasArn = M.machine .. ":42" },
        "stateMachineAliasArn must be the ARN of an alias such as" },
    { "states.list_state_machine_versions", { stateMachineArn = M.machine, maxResults = 1000 } },
    { "states.list_state_machine_versions", { stateMachineArn = M.machine .. ":live" },
        "stateMachineArn must be the ARN of a state machine such as" },
    { "states.list_state_machines", { maxResults = 0, nextToken = "t" } },
    { "states.list_state_machines", { maxResults = 1001 }, "maxResults must be 0..1000, got 1001" },
    { "states.update_state_machine_alias", M.routing { ["41"] = 95, ["42"] = 5 } },
    { "states.update_state_machine_alias", M.routing { ["42"] = 100 } },
    { "states.update_state_machine_alias", M.routing { ["42"] = 99 },
        "routingConfiguration must have weights of 100 together" },
    { "states.update_state_machine_alias", M.routing { ["41"] = 50.5, ["42"] = 49.5 },
        "weight must be a whole number 0..100" },
    { "states.update_state_machine_alias", M.routing { ["40"] = 0, ["41"] = 50, ["42"] = 50 },
        "routingConfiguration must be a list of 1..2" },
    { "states.update_state_machine_alias", odd {
        stateMachineVersionArn = M.machine .. ":41", weight = 0 },
        "routingConfiguration names a version twice" },
    { "states.update_state_machine_alias", odd {
        stateMachineVersionArn = M.machine:gsub("orders", "till") .. ":41", weight = 0 },
        "routingConfiguration names a version of another state machine" },
    { "states.update_state_machine_alias", odd {
        stateMachineVersionArn = M.machine .. ":live", weight = 0 },
        "stateMachineVersionArn must be the ARN of a version such as" },
}

-- Operation -> inputs that are performed one after another, and undone together.
M.changes = {
    ["states.update_state_machine_alias"] = {
        { M.routing { ["41"] = 95, ["42"] = 5 } },
        { M.routing { ["41"] = 95, ["42"] = 5 }, M.routing { ["41"] = 50, ["42"] = 50 },
            M.routing { ["42"] = 100 } },
        { M.routing { ["42"] = 100, ["41"] = 0 } },
    },
}

return M
