-- What the parts of a rehearsal keep of AWS: things as AWS showed them, in the tables of the
-- pretend account, and in `learned` once more, so that a change is seen by comparing the two.

local tables = require "simulation.tables"

local M = {}

-- Whether a thing that was learned is another by now, or is new. kind: its table in the part.
function M.is_changed(part, kind, id)
    return part[kind][id] ~= part.learned[kind .. " " .. id]
end

-- The part with a thing as AWS shows it, unless it is known.
function M.add(part, kind, id, item)
    if part[kind][id] ~= nil then
        return part
    end
    return tables.over(part, {
        [kind] = tables.with(part[kind], id, item),
        learned = tables.with(part.learned, kind .. " " .. id, item),
    })
end

-- "modify_rule" of "elbv2.modify_rule"
function M.verb_of(operation)
    return operation:match("%.(.*)$")
end

-- A part's `learn` by the verb of the read: `takers` has (part, input, output) -> part.
function M.by_verb(takers)
    return function(part, operation, input, output)
        local take = takers[M.verb_of(operation)]
        return take and take(part, input, output) or part
    end
end

return M
