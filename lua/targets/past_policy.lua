-- What ran before, of the deployments that AWS has recorded: which revision of a task definition
-- to take back to. Pure.

local M = {}

---How it is told that nothing is touched, and why.
M.NOTHING = "there is nothing to take back: nothing is under way, and %s"

local function split(definition)
    local family, number = definition:match("^(.*):(%d+)$")
    return family, tonumber(number)
end

-- Whether going from one to the other is going forward: to a later number of the same family, or
-- to where nobody can tell.
local function is_forward(from, to)
    local family, number = split(from)
    local other, wanted = split(to)
    return family == nil or family ~= other or wanted > number
end

---The place of what ran before, in a list of definitions ("shop:42"), the latest first; nil and
---why where there is none. Who goes back once more from what was gone back to would go forward:
---what ran already before that is where the way back ends.
---@param list string[]
---@param running string
---@return integer? place, string? why
function M.before(list, running)
    local place
    for i, definition in ipairs(list) do
        if not place and definition ~= running then
            place = i
        elseif place and definition == running and is_forward(running, list[place]) then
            return nil, ("%s was taken back to %s already"):format(list[place], running)
        end
    end
    return place, "AWS has no record of what ran before"
end

return M
