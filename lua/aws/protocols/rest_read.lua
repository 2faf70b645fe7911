-- Answers to rest-json and rest-xml: members of the output come from the status, from headers, and
-- from a body whose form the protocol knows.

local headers = require "aws.protocols.headers"

local M = {}

local function read_place(member, name, response, position)
    if member.location == "statusCode" then
        return response.status_code
    elseif member.location == "headers" then
        return headers.read_map(member, response.headers)
    elseif member.location == "header" then
        local text = response.lowered[(member.locationName or name):lower()]
        return text and headers.read(member, text, position)
    end
end

-- `format` is {payload(member, body, position), body(shape, body, position)}; either gets a body
-- that may be empty.
function M.parse(shape, response, format, position)
    local name = shape.payload
    local out
    if not name then
        out = format.body(shape, response.body, position)
    elseif shape.members[name].eventstream then
        position:refuse("%s is an event stream, which is not spoken here", name)
    elseif shape.members[name].type == "blob" or shape.members[name].type == "string" then
        out = { [name] = response.body }
    elseif shape.members[name].union and not response.body:find("%S") then
        out = {}
    else
        position:push(name)
        out = { [name] = format.payload(shape.members[name], response.body, position) }
        position:pop()
    end
    for _, placed in ipairs(shape.names) do
        local member = shape.members[placed]
        if member.location and not out[placed] then
            position:push(placed)
            out[placed] = read_place(member, placed, response, position)
            position:pop()
        end
    end
    return out
end

return M
