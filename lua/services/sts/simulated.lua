-- The Security Token Service of the simulated account, in which the run is a role called Tidelock
-- and may assume every role. A state is { home = { partition, region, account } }.

local arn = require "aws.arn"
local tables = require "simulation.tables"

local operations = {}

function operations.get_caller_identity(state)
    local home = state.home
    return {
        Account = home.account,
        Arn = ("arn:%s:sts::%s:assumed-role/Tidelock/simulation"):format(home.partition,
            home.account),
        UserId = "AROASIMULATED0000000:simulation",
    }, state
end

function operations.assume_role(state, input)
    local role = arn.parse(input.RoleArn)
    local id = "AROA" .. tables.digits(input.RoleArn, 16):upper()
    local session = input.RoleSessionName
    return {
        AssumedRoleUser = {
            AssumedRoleId = id .. ":" .. session,
            Arn = ("arn:%s:sts::%s:assumed-role/%s/%s"):format(role.partition, role.account,
                role.path:match("[^/]+$"), session),
        },
        SourceIdentity = input.SourceIdentity,
    }, state
end

local M = { operations = operations }

M.latency = { read = 60, write = 60 }
M.refused = "ValidationError" -- the code for input that does not fit

function M.begin(home)
    return { home = home }
end

function M.view()
    return {}
end

return M
