-- Amazon resource names: the one place that reads and writes them.
--
--     arn:PARTITION:SERVICE:REGION:ACCOUNT:PATH
--
-- PATH is what the service says of its own resource, and may hold colons and slashes. Region and
-- account are "" where a resource has none.

local M = {}

-- The parts of an ARN { partition, service, region, account, path }, or nil if it is none.
function M.parse(text)
    if type(text) ~= "string" then
        return nil
    end
    local partition, service, region, account, path =
        text:match("^arn:([^:]+):([^:]+):([^:]*):([^:]*):(.+)$")
    return partition and { partition = partition, service = service, region = region,
        account = account, path = path } or nil
end

-- The ARN of a service's resource in a home { partition, region, account }. What a home does not
-- say is "*": any.
function M.make(home, service, path)
    home = home or {}
    return ("arn:%s:%s:%s:%s:%s"):format(home.partition or "*", service, home.region or "*",
        home.account or "*", path)
end

return M
