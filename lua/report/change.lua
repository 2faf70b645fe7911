-- What a change makes of a resource, in words: those members of its state that differ. Words for
-- single members come from the service whose operation makes the change (`shown` of its entry).

local canonical = require "canonical"
local catalogue = require "aws.catalogue"
local difference = require "report.difference"
local sorted = require "sorted"

local M = {}

local function brief(value)
    local text = value == nil and "none" or canonical.encode(value)
    return #text > 60 and text:sub(1, 57):gsub("[\x80-\xFF]+$", "") .. "..." or text
end

local function add_members(whole, one, named)
    local more = false
    for _, state in ipairs { one.before, one.after } do
        for name in pairs(state) do
            if not named[name] then
                named[name], more = true, true
                whole.before[name] = one.before[name]
            end
            whole.after[name] = one.after[name]
        end
    end
    return more
end

-- What several changes of one resource come to, each { operation, before, after, undo }, in the
-- order in which they were made: of each member what it was before the first that names it and
-- after the last, and the one call that undoes all.
function M.whole(changes)
    local first, named = changes[1], {}
    local whole = { operation = first.operation, before = {}, after = {}, undo = first.undo }
    for i, one in ipairs(changes) do
        local more = add_members(whole, one, named)
        if i > 1 and more and whole.undo and one.undo then
            whole.undo = catalogue.join(whole.operation, whole.undo, one.undo)
        end
    end
    return whole
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
    local service, verb = request.operation:match("^([%l%d]+)%.([%l_%d]+)$")
    local region = undo.region and " --region " .. undo.region or ""
    local input = canonical.encode(request.input):gsub("'", "'\\''")
    return service and ("aws %s %s%s --cli-input-json '%s'"):format(catalogue.command(service),
        verb:gsub("_", "-"), region, input)
end

local function encoded(value)
    return value == nil and "none" or canonical.encode(value)
end

-- What is too long begins a little before the byte where two texts part.
local function around(text, at)
    local from = #text > 60 and at > 20 and at - 20 or 1
    local cut = text:sub(from):gsub("^[\x80-\xBF]+", "")
    cut = #cut > 60 and cut:sub(1, 57):gsub("[\x80-\xFF]+$", "") .. "..." or cut
    return from > 1 and "..." .. cut or cut
end

-- Where two values part that read the same: the place, and what stands there.
local function parted(words, name, left, right)
    local where, a, b = difference.first(left, right, name)
    local at, one, other = 1, encoded(a), encoded(b)
    while one:byte(at) == other:byte(at) do
        at = at + 1
    end
    local format = words and words .. " (%s %s)" or "%s %s"
    return format:format(where, around(one, at)), format:format(where, around(other, at))
end

-- Both sides of a change that this operation makes: what the resource was, and what it will be. No
-- two texts are the same of what is not.
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
            if left == right and left ~= "" then
                left, right = parted(shown_before[name] and left:gsub("%%", "%%%%"), name,
                    before[name], after[name])
            end
            was[#was + 1], is[#is + 1] = left ~= "" and left or nil, right ~= "" and right or nil
        end
    end
    return was[1] and table.concat(was, ", ") or "as it is",
        is[1] and table.concat(is, ", ") or "as it is"
end

return M
