-- What the simulated services share: tables that are never changed but copied, refusals, pages.

local M = {}

local ipairs, next, type = ipairs, next, type

-- A copy of a table with one member set, or removed (nil).
function M.with(table, name, value)
    local copy = {}
    for key, item in next, table do
        copy[key] = item
    end
    copy[name] = value
    return copy
end

-- A copy of a table with the members of another over its own.
function M.over(table, others)
    local copy = {}
    for key, item in next, table do
        copy[key] = item
    end
    for key, item in next, others do
        copy[key] = item
    end
    return copy
end

M.names = require "sorted" -- in a table

-- What a simulated operation returns instead of its output: AWS's error code, and a message.
function M.refuse(code, format, ...)
    return nil, { code = code, message = format:format(...) }
end

-- Hexadecimal digits (up to 16) that belong to a text: FNV-1a, which is enough for made-up ids.
function M.digits(text, count)
    local hash = 0xcbf29ce484222325
    for i = 1, #text do
        hash = (hash ~ text:byte(i)) * 0x100000001b3
    end
    return ("%016x"):format(hash):sub(1, count)
end

-- One page of a sorted list, and the token of the next: the id of its first item. Nil if no item
-- has the token's id.
function M.page(items, id, token, size)
    local page, at = {}, token and 0 or 1
    for i, item in ipairs(items) do
        if item[id] == token then
            at = i
        end
    end
    if at == 0 then
        return nil
    end
    for i = at, math.min(#items, at + size - 1) do
        page[#page + 1] = items[i]
    end
    local following = items[at + size]
    return page, following and following[id]
end

-- The values that a thing has had since the account began, each { at = ms, value = v }: the last
-- whose time has come counts. Adds one that counts from `at` on, and forgets what is over at
-- `now`.
function M.follow(history, now, at, value)
    local kept = {}
    for i, step in ipairs(history) do
        local successor = history[i + 1]
        if not successor or successor.at > now then
            kept[#kept + 1] = step
        end
    end
    kept[#kept + 1] = { at = at, value = value }
    return kept
end

-- What counts at `now`, and until when (nil: for good).
function M.effective(history, now)
    local found = history[1]
    for _, step in ipairs(history) do
        if step.at > now then
            return found.value, step.at
        end
        found = step
    end
    return found.value
end

local function show(value)
    if type(value) == "string" then
        return '"' .. value .. '"'
    elseif type(value) == "table" then
        return value[1] ~= nil and "a list" or "there"
    end
    return value == nil and "absent" or tostring(value)
end

-- Lists by number, then names.
local function by_key(a, b)
    if type(a) == type(b) then
        return a < b
    end
    return type(a) == "number"
end

local function keys_of(a, b)
    local keys = {}
    for key in next, a do
        keys[#keys + 1] = key
    end
    for key in next, b do
        if a[key] == nil then
            keys[#keys + 1] = key
        end
    end
    table.sort(keys, by_key)
    return keys
end

-- The first difference between two plain values in words, the older one first; nil if there is
-- none.
function M.difference(old, new, place)
    if old == new then
        return nil
    elseif type(old) ~= "table" or type(new) ~= "table" then
        return ("%s was %s and is %s"):format(place, show(old), show(new))
    end
    for _, key in ipairs(keys_of(old, new)) do
        local step = type(key) == "number" and "[" .. key .. "]" or "." .. key
        local found = M.difference(old[key], new[key], place .. step)
        if found then
            return found
        end
    end
end

return M
