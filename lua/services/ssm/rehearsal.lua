-- What a rehearsal learns of parameters: their versions, by the names they are called by.

local learned = require "simulation.learned"

local M = {}

local function add(part, versions)
    local first = versions[1]
    return first and learned.add(part, "parameters", first.Name, versions) or part
end

function M.learn(part, operation, _, output)
    if operation == "ssm.get_parameter_history" and output then
        return add(part, output.Parameters)
    end
    return part
end

-- "/shop/colour:3" and "/shop/colour" are one parameter; so is an ARN that ends with it, and one
-- whose name has no slash in front.
local function is_changed(part, asked)
    local name = (asked:match(":parameter(/.*)$") or asked):match("^[^:]*")
    return learned.is_changed(part, "parameters", name)
        or learned.is_changed(part, "parameters", name:match("^/(.*)$") or name)
end

function M.ours(part, _, input)
    local all = true
    for _, name in ipairs(input.Names or { input.Name }) do
        all = all and is_changed(part, name)
    end
    return all
end

return M
