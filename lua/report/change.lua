-- What a change makes of a resource, in words: those members of its state that differ. Words for
-- single members come from the service whose operation makes the change (`shown` of its entry).

local canonical = require "canonical"
local catalogue = require "aws.catalogue"
local sorted = require "sorted"

local M = {}

local function brief(value)
    local text = value == nil and "none" or canonical.encode(value)
    return #text > 60 and text:sub(1, 57):gsub("[\x80-\xFF]+$", "") .. "..." or text
end

local function shown(operation, state)
    local entry = catalogue.entry(operation)
    return entry and entry.shown and entry.shown(state) or {}
end

local function same(a, b)
    return a == b or a ~= nil and b ~= nil and canonical.encode(a) == canonical.encode(b)
end

-- Whether two states are the same.
M.same = same

-- The command of AWS's own program that sends an undo, for a person who has to: nil where none is
-- known beforehand.
function M.by_hand(operation, undo)
    local entry = catalogue.entry(operation)
    local request = undo
    if entry and entry.by_hand and undo then
        request = entry.by_hand(undo)
    end
    if type(request) ~= "table" or type(request.operation) ~= "string" then
        return nil
    end
    local service, verb = request.operation:match("^(%l+)%.([%l_%d]+)$")
    local region = undo.region and " --region " .. undo.region or ""
    local input = canonical.encode(request.input):gsub("'", "'\\''")
    return service and ("aws %s %s%s --cli-input-json '%s'"):format(catalogue.command(service),
        verb:gsub("_", "-"), region, input)
end

-- Both sides of a change that this operation makes: what the resource was, and what it will be.
function M.words(operation, before, after)
    local was, is, names = {}, {}, {}
    local shown_before, shown_after = shown(operation, before), shown(operation, after)
    for _, state in ipairs { before, after } do
        for name in pairs(state) do
            names[name] = true
        end
    end
    for _, name in ipairs(sorted(names)) do
        local left, right = shown_before[name], shown_after[name]
        if left ~= right or not same(before[name], after[name]) then
            left = left or ("%s %s"):format(name, brief(before[name]))
            right = right or ("%s %s"):format(name, brief(after[name]))
            was[#was + 1], is[#is + 1] = left ~= "" and left or nil, right ~= "" and right or nil
        end
    end
    return was[1] and table.concat(was, ", ") or "as it is",
        is[1] and table.concat(is, ", ") or "as it is"
end

return M
