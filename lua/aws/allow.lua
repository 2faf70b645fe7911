-- What an operator allows (allow.operations and allow.resources of tidelock.lua), compared with
-- what there is. A pattern that can fit nothing would allow nothing, and a run would learn of it in
-- the middle of the night.

local arn = require "aws.arn"
local catalogue = require "aws.catalogue"
local closest = require "aws.closest"

local M = {}

-- Whether some text fits both patterns; in each, * stands for any bytes.
function M.meet(a, b)
    local known = {}
    local function meet(i, j)
        local place = i * (#b + 2) + j
        if known[place] == nil then
            local x, y = a:sub(i, i), b:sub(j, j)
            if x == "*" then
                known[place] = meet(i + 1, j) or (y ~= "" and meet(i, j + 1))
            elseif y == "*" then
                known[place] = meet(i, j + 1) or (x ~= "" and meet(i + 1, j))
            else
                known[place] = x == y and (x == "" or meet(i + 1, j + 1))
            end
        end
        return known[place]
    end
    return meet(1, 1)
end

local function fits_any(pattern, texts)
    for _, text in ipairs(texts) do
        if M.meet(pattern, text) then
            return true
        end
    end
    return false
end

-- What policies may ask for, and a pattern for each service: what somebody who mistyped one meant.
local function operations()
    local names, near = {}, {}
    for _, one in ipairs(catalogue.list()) do
        names[#names + 1] = one.operation
        near[#near + 1] = one.operation
    end
    for _, service in ipairs(catalogue.services()) do
        near[#near + 1] = service.name .. ".*"
    end
    return names, near
end

-- How ARNs call the services that have something to change.
local function services_with_changes()
    local near = {}
    for _, service in ipairs(catalogue.services()) do
        for _, entry in pairs(service.operations) do
            if entry.class == "mutation" then
                near[#near + 1] = service.iam
                break
            end
        end
    end
    table.sort(near)
    return near
end

-- Whether some resource's ARN can fit. A partition that is given is no place for a service's name.
local function fits_resource(pattern, services)
    local home = { partition = pattern:match("^arn:([^:*]+):") }
    for _, service in ipairs(services) do
        if M.meet(pattern, arn.make(home, service, "*")) then
            return true
        end
    end
    return false
end

local function why_no_resource(pattern, near)
    local service = pattern:match("^arn:[^:]*:([^:*]+)")
    return service and closest.hint(service, near)
        or "; they are called by their ARN, arn:PARTITION:SERVICE:REGION:ACCOUNT:..."
end

-- Whether any of these patterns and any of those fit one text; no list is any text.
local function lists_meet(patterns, others)
    for _, pattern in ipairs(patterns or {}) do
        if not others or fits_any(pattern, others) then
            return true
        end
    end
    return not patterns or #patterns == 0
end

-- Why lists cannot be meant: "allow.operations[1]: ...", or nil. Either may be nil. What narrows
-- those of `wider` (optional) must leave something of them, unless it is empty on purpose.
function M.wrong(allowed, wider)
    local names, near = operations()
    for i, pattern in ipairs(allowed.operations or {}) do
        if not fits_any(pattern, names) then
            return ('allow.operations[%d]: no operation fits "%s"%s'):format(i, pattern,
                closest.hint(pattern, near))
        end
    end
    local services = services_with_changes()
    for i, pattern in ipairs(allowed.resources or {}) do
        if not fits_resource(pattern, services) then
            return ('allow.resources[%d]: no resource fits "%s"%s'):format(i, pattern,
                why_no_resource(pattern, services))
        end
    end
    for _, member in ipairs { "operations", "resources" } do
        if not lists_meet(allowed[member], wider and wider[member]) then
            return ("allow.%s: nothing fits of what the operator allows"):format(member)
        end
    end
    return nil
end

return M
