-- What the program lends as `modules`, for plain Lua: over the file system.

local M = {}

local root = assert(package.searchpath("aws.catalogue", package.path)):match("^(.*)aws/")

-- The names of the modules right below one, sorted.
function M.list(module)
    local names, last = {}, nil
    local pipe <close> = assert(io.popen("LC_ALL=C ls -1 '" .. root .. module:gsub("%.", "/")
        .. "' 2>/dev/null"))
    for line in pipe:lines() do
        local name = line:match("^[^.]+")
        names[#names + 1] = name ~= "init" and name ~= last and name or nil
        last = name
    end
    return names
end

return M
