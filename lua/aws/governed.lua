-- Which members of a resource's state a change governs: those that its input names, and no others.
-- They alone are compared and put back, so that nobody's hand on another stands in the way.

local M = {}

-- The members of a state that are among the names: { name = true }.
function M.cut(state, names)
    local out = {}
    for name in next, names do
        out[name] = state[name]
    end
    return out
end

-- `governs` of an operation that leaves alone what its input does not mention: { member of the
-- state = the members of the input any of which changes it }.
function M.named(by)
    return function(input)
        local names = {}
        for name, members in next, by do
            for _, member in ipairs(members) do
                names[name] = names[name] or input[member] ~= nil or nil
            end
        end
        return names
    end
end

local function with(object, others)
    local out = {}
    for name, value in next, others do
        out[name] = value
    end
    for name, value in next, object do
        out[name] = value
    end
    return out
end

-- One request of two undos: of what both put back, the first knows what it was before the run.
function M.join(undo, later)
    local out = with(undo, {})
    out.input = with(undo.input, later.input)
    return out
end

return M
