-- Amazon resource names: the one place that reads and writes them.
--
--     arn:PARTITION:SERVICE:REGION:ACCOUNT:PATH
--
-- PATH is what the service says of its own resource, and may hold colons and slashes. Region and
-- account are "" where a resource has none.
--
-- An identity is such a text, too: the one name of what an operation touches, however the input
-- called it. A part of a resource that is changed and put back by itself has "#PART" behind it:
-- "arn:aws:ecs:eu-west-1:111122223333:service/shop/checkout#desiredCount".

local M = {}

-- The parts of an ARN { partition, service, region, account, path }, or nil if it is none.
function M.parse(text)
    if type(text) ~= "string" then
        return nil
    end
    local partition, service, region, account, path =
        text:match("^arn:([^:%s]+):([^:%s]+):([^:%s]*):([^:%s]*):(.+)$")
    return partition and { partition = partition, service = service, region = region,
        account = account, path = path } or nil
end

-- The same for a resource of this service in a region and an account; nil for every other text.
function M.of(service, text)
    local parts = M.parse(text)
    return parts and parts.service == service and parts.region:find("^[%w-]+$")
        and parts.account:find("^%d+$") and parts or nil
end

-- The ARN of a service's resource in a home { partition, region, account }. What a home does not
-- say is "*": any.
function M.make(home, service, path)
    home = home or {}
    return ("arn:%s:%s:%s:%s:%s"):format(home.partition or "*", service, home.region or "*",
        home.account or "*", path)
end

-- A home { partition, region, account, names } seen from another region of it; nil: from its own.
function M.elsewhere(home, region)
    local there = {}
    for member, value in pairs(home or {}) do
        there[member] = value
    end
    there.region = region or there.region
    return there
end

-- By how their regions begin; all others are AWS's own.
local partitions = {
    { "cn-", "aws-cn" }, { "us-gov-", "aws-us-gov" }, { "eusc-", "aws-eusc" },
    { "us-iso-", "aws-iso" }, { "us-isob-", "aws-iso-b" }, { "eu-isoe-", "aws-iso-e" },
    { "us-isof-", "aws-iso-f" },
}

-- The partition that a region is in.
function M.partition(region)
    for _, one in ipairs(partitions) do
        if region:sub(1, #one[1]) == one[1] then
            return one[2]
        end
    end
    return "aws"
end

-- The first ARN of this service among the texts and lists of texts that are given (each may be
-- nil), or nil.
function M.first(service, ...)
    for i = 1, select("#", ...) do
        local value = select(i, ...)
        local text = type(value) == "table" and value[1] or value
        if M.of(service, text) then
            return text
        end
    end
end

return M
