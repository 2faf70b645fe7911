-- Members of targets: how each is taken, from a table or from text. Loaded with a kind's
-- policy.lua, in the sandbox as in the trusted state, so that what a policy takes is what a
-- simulation takes.

local M = {}

---A text that a pattern describes, up to 64 characters unless said otherwise.
---@param expected string  # what to call it: "a name or an id"
---@param pattern string
---@param max? integer
---@return check.Kind
function M.text(expected, pattern, max)
    local function read(value)
        return type(value) == "string" and #value <= (max or 64) and value:find(pattern) and value
            or nil
    end
    return { expected = expected, read = read, parse = read }
end

---How messages call a target. It stands alone in "-p target.checkout.canary=43", where numbers
---count the targets.
---@type check.Kind
M.name = M.text("a name of up to 40 letters, digits, - and _ that begins with a letter",
    "^%a[%w_-]*$", 40)

---How long something may take: here in milliseconds; authors write "30m" (kinds.lua).
---@type check.Kind
M.duration = {
    expected = 'a duration such as "90s", "5m" or "1h30m"',
    read = function(value)
        return math.type(value) == "integer" and value >= 1000 and value or nil
    end,
}

---The members of a kind by their names, with the one that all kinds have.
---@param members table[]  # { name, kind = check.Kind, optional = true? }
---@return table<string, check.Kind> fields, string[] needed
function M.fields(members)
    local fields, needed = { name = M.name }, {}
    for _, member in ipairs(members) do
        fields[member[1]] = member.kind
        needed[#needed + 1] = not member.optional and member[1] or nil
    end
    return fields, needed
end

return M
