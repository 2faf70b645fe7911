-- What the program gives policies as `target_kinds`, for plain Lua: over the file system.

local modules = require "modules"

local kinds = {}

for _, name in ipairs(modules.list "targets") do
    for _, file in ipairs(modules.list("targets." .. name)) do
        kinds[name] = file == "policy" or kinds[name]
    end
end

return kinds
