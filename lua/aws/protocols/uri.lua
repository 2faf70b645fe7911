-- Paths and query strings of REST operations, percent-encoded as SigV4 wants them to be.

local M = {}

local function percent(char)
    return ("%%%02X"):format(char:byte())
end

-- RFC 3986: everything but the unreserved characters.
function M.encode(text)
    return (text:gsub("[^%w%-._~]", percent))
end

local function encode_greedy(text)
    return (text:gsub("[^%w%-._~/]", percent))
end

-- An empty label would name the collection instead of the thing in it, and dots another path:
-- clients and proxies remove them.
local function check_label(name, text, position)
    if text == "" then
        position:push(name)
        position:refuse("must not be empty: it is a part of the URI")
    end
    for segment in (text .. "/"):gmatch("(.-)/") do
        if segment == "." or segment == ".." then
            position:push(name)
            position:refuse("must not be %q: it is a part of the URI", segment)
        end
    end
end

-- "/a/{Name}/{Rest+}" and {Name = text, Rest = text} -> "/a/..."
function M.expand(template, labels, position)
    return (template:gsub("{([^}]+)}", function(label)
        local name = label:match("^(.-)%+?$")
        local text = labels[name]
        if not text then
            position:push(name)
            position:refuse("is missing: it is a part of the URI")
        end
        check_label(name, text, position)
        return label:sub(-1) == "+" and encode_greedy(text) or M.encode(text)
    end))
end

-- {{name, value}...} -> "name=value&..."
function M.query(pairs_list)
    local parts = {}
    for i, pair in ipairs(pairs_list) do
        parts[i] = M.encode(pair[1]) .. "=" .. M.encode(pair[2])
    end
    return table.concat(parts, "&")
end

-- Where a request goes: the endpoint, which may have a path of its own, and the request's part.
function M.join(endpoint, request)
    local scheme, host, path = endpoint:match("^(%a+://)([^/?#]+)([^?#]*)$")
    if not scheme then
        error({ invalid = ("%q is no endpoint, expected https://HOST"):format(endpoint) }, 0)
    end
    return scheme .. (request.host_prefix or "") .. host .. path:gsub("/+$", "") .. request.uri
end

return M
