-- What comes back, said as data: the kinds of value that the services' `wire` is made of. Of an
-- input the limits are said, too (lua/aws/shape.lua); of an output only its form matters. Both have
-- `kind` and the same names of kinds, so either may stand inside the other.

local M = {
    text = { kind = "text" },
    whole = { kind = "integer" },
    number = { kind = "number" }, -- a float in Lua, whole or not
    flag = { kind = "flag" },
    time = { kind = "time" }, -- milliseconds since 1970; as the protocol writes it
    blob = { kind = "blob" },
}

-- A time that the wire writes in another way than its protocol does: "iso8601", "unixTimestamp".
function M.time_as(format)
    return { kind = "time", format = format }
end

function M.list(of)
    return { kind = "list", of = of }
end

-- Texts to values of one kind.
function M.map(of)
    return { kind = "map", key = M.text, of = of }
end

-- options: names (member -> its name on the wire, where that is another one), headers (member ->
-- the header it travels in), status (the member that is the HTTP status), payload (the member
-- that is the whole body). Members may be added later: a structure may contain itself.
function M.structure(members, options)
    options = options or {}
    return {
        kind = "structure",
        members = members,
        wire_names = options.names,
        headers = options.headers,
        status = options.status,
        payload = options.payload,
    }
end

return M
