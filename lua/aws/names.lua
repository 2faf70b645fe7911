-- How AWS is asked for the id of what people call by a name (keys.lua). Of a service that has such
-- things, lua/services/<service>/names.lua says which read tells it:
--
--     read(path) -> operation, input       nil: there is no such path
--     told(operation, output) -> path

local modules = require "modules"

local M = {}

local has_names = {}
for _, name in ipairs(modules.list("services")) do
    for _, file in ipairs(modules.list("services." .. name)) do
        has_names[name] = has_names[name] or file == "names"
    end
end

local function rules_of(key)
    local name = key:match("^%S+")
    return has_names[name] and require("services." .. name .. ".names") or nil
end

-- The read that tells a key's path: { operation, input, region }. Keys come from journals, too.
function M.read(key)
    local rules, region, path = rules_of(key), key:match("^%S+ (%S*) (.+)$")
    local operation, input
    if rules and path then
        operation, input = rules.read(path)
    end
    if not operation then
        error({ invalid = ("there is nothing called %s"):format(key) }, 0)
    end
    return { operation = operation, input = input, region = region ~= "" and region or nil }
end

-- The path by ids, of what the read answered.
function M.told(key, output)
    return rules_of(key).told(M.read(key).operation, output)
end

return M
