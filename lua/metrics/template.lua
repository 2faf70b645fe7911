-- Queries with placeholders: {{arm}}, {{version}}, {{period}} ... The text is the operator's, what
-- is put into it comes from the target and so, in the end, from the policy: it can name things, and
-- cannot become a part of the query's language.

local fields = require "metrics.fields"
local invalid = require "import.invalid"

local M = {}

-- Before any target is known.
function M.check(text, where)
    local rest = text:gsub("{{%s*[%l_]+%s*}}", "")
    local odd = rest:match("{{[^}]*}?}?")
    if odd then
        invalid("%s: \"%s\" is no placeholder, expected one such as {{arm}}", where, odd)
    end
    return text
end

-- The placeholders of a text, or of all the texts in a table: each(name).
function M.each(spec, each)
    if type(spec) == "string" then
        for name in spec:gmatch("{{%s*([%l_]+)%s*}}") do
            each(name)
        end
    elseif type(spec) == "table" then
        for _, name in ipairs(fields.names(spec)) do
            M.each(spec[name], each)
        end
    end
end

-- `safe(value, name, where)` makes a value fit for the place.
function M.fill(text, values, safe, where)
    return (text:gsub("{{%s*([%l_]+)%s*}}", function(name)
        local value = values[name]
        if value == nil then
            invalid("%s: nothing is known as {{%s}} of this target; there are %s", where, name,
                table.concat(fields.names(values), ", "))
        end
        return safe(value, name, where)
    end))
end

-- What is asked for, whenever: `spec` with all of its texts filled as far as they can be.
function M.filled(spec, values)
    if type(spec) == "string" then
        return (spec:gsub("{{%s*([%l_]+)%s*}}", values))
    elseif type(spec) ~= "table" then
        return spec
    end
    local copy = {}
    for name, member in pairs(spec) do
        copy[name] = M.filled(member, values)
    end
    return copy
end

function M.plain(value)
    return value
end

-- In PromQL nothing that could end a string.
function M.word(value, name, where)
    if not value:find("^[%w_.:/@+=,-]+$") then
        invalid("%s: {{%s}} is %s, which cannot stand in a query: expected letters, digits and "
            .. "_.:/@+=,-", where, name, fields.show(value))
    end
    return value
end

function M.uri(value)
    return (value:gsub("[^%w_.~-]", function(c)
        return ("%%%02X"):format(c:byte())
    end))
end

return M
