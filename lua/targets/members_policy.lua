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

---Where a target is of which nothing else says it: else it is where the run is at home.
---@type check.Kind
M.region = M.text('a region such as "eu-west-1"', "^%l%l+%-[%l-]+%-%d+$")

---How long something may take: here in milliseconds; authors write "30m" (kinds.lua).
---@type check.Kind
M.duration = {
    expected = 'a duration such as "90s", "5m" or "1h30m"',
    read = function(value)
        return math.type(value) == "integer" and value >= 1000 and value or nil
    end,
}

local function read_revision(value)
    local text = type(value) == "string" and value or ""
    local name = text:match("^arn:[^,%s]+:task%-definition/(.*)$") or text
    return name:find("^[%w_-]+:%d+$") and text or nil
end

---What ECS services run, whoever deploys them.
---@type check.Kind
M.revision = {
    expected = 'a revision of a task definition ("shop:42", or its ARN)',
    read = read_revision,
    parse = read_revision,
}

---The members of a kind by their names, with those that all kinds have.
---@param members table[]  # { name, kind = check.Kind, optional = true? }
---@return table<string, check.Kind> fields, string[] needed
function M.fields(members)
    local fields, needed = { name = M.name, region = M.region }, {}
    for _, member in ipairs(members) do
        fields[member[1]] = member.kind
        needed[#needed + 1] = not member.optional and member[1] or nil
    end
    return fields, needed
end

local function region_in(member)
    return type(member) == "string" and member:match("^arn:[^:]+:[^:]+:([%w-]+):") or nil
end

---The region that a target says: its own, else that of an ARN among its members; nil: none does.
---@param members table[]
---@param value table
---@return string?
function M.place(members, value)
    local region = value.region
    for _, member in ipairs(members) do
        region = region or region_in(value[member[1]])
    end
    return region
end

---Why the members of a target do not fit together, or nil.
---@param kind { members: table[], wrong: (fun(value: table): string?)? }
---@param value table
---@return string? why
function M.wrong(kind, value)
    local why = kind.wrong and kind.wrong(value)
    local place = M.place(kind.members, value)
    for _, member in ipairs(kind.members) do
        local own = region_in(value[member[1]])
        if not why and own and own ~= place then
            why = ("its %s is in %s, and not in %s"):format(member[1], own, place)
        end
    end
    return why
end

---What is split, in a few words; of what is called the same in several regions, which one.
---@param kind { resource: fun(value: table): string }
---@param value table
---@return string
function M.resource(kind, value)
    local resource = kind.resource(value)
    return value.region and ("%s@%s"):format(resource, value.region) or resource
end

return M
