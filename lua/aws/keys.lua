-- What people call by a name, and AWS's ARNs by an id that only AWS knows. Such a thing has a key,
--
--     SERVICE REGION PATH      "appconfig eu-west-1 application/shop/environment/prod"
--
-- with the path as people write it, and a home knows the path by ids of every key that was asked
-- for: home.names[key] = "application/abc1234/environment/def5678". How that is asked: names.lua.

local M = {}

local function key(home, service, path)
    return ("%s %s %s"):format(service, home and home.region or "", path)
end

-- The path by ids, as far as the home knows it.
function M.known(home, service, path)
    local names = home and home.names
    return names and names[key(home, service, path)] or path
end

-- The keys of those paths that the home does not know.
function M.unknown(home, service, paths)
    local list = {}
    for _, path in ipairs(paths) do
        local one = key(home, service, path)
        if not (home.names and home.names[one]) then
            list[#list + 1] = one
        end
    end
    return list
end

return M
