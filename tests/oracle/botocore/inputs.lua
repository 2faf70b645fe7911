-- Inputs for every operation of the catalogue, made from its shape alone and always the same: what
-- is needed and nothing else, each member by itself in every form it can have, as much as goes
-- together, and the edges (empty, longest, characters that protocols must escape).
--
-- A shape says what fits by a function (`check`), so values are proposed and the ones that fit are
-- taken. How many values a shape has grows with the sum of its parts, not with their product.

local canonical = require "canonical"

local M = {}

local variants

local texts = { "a1", "a", "42", "/a/b", "m1", "+0100", "200", "a.b", "alarm-name", "12345678",
    "arn:aws:iam::111122223333:role/path/name", "arn:aws:s3:::bucket/and/a/key",
    "1234567890abcdef1234567890abcdef", "AppConfig.AllAtOnce", "application/json", "{}" }

local edges = { "", "é ü 漢字 \u{1F600}", "a&b=c+d%20e/f?g#h", "~*'()!-._,;:@$",
    "\"quo\\ted\" <x>", "arn:aws:lambda:eu-west-1:111122223333:function:pay", "$LATEST", " a  b ",
    "line\nend\ttab", ("x"):rep(256) }

local numbers = { 1, 0, 2, 10, 60, 100, 300, 900, 3600, 0.5, 10.0, 50.0, 1.0 }
local far = { 999, 65535, 86400, 2147483647, 9007199254740993, -1, 0.1, 0.30000000000000004, 1e-7,
    1e21, 123456.789 }

local function fitting(shape, candidates, found)
    for _, value in ipairs(candidates) do
        if not shape.check(value) then
            found[#found + 1] = value
        end
    end
    return found
end

-- 'an ARN "arn:...:elasticloadbalancing:REGION:ACCOUNT:targetgroup/..."' -> such a one
local function arn_of(expects)
    local arn = expects:match('"(arn:[^"]*)"')
    return arn and { (arn:gsub("^arn:%.%.%.", "arn:aws"):gsub("REGION", "eu-west-1")
        :gsub("ACCOUNT", "111122223333"):gsub("%.%.%.", "app/a/1b/2c")) } or {}
end

-- "such as \"/shop/limit\"" -> "/shop/limit"
local function examples_of(expects)
    local found = {}
    for text in expects:gmatch('"([^"]*)"') do
        found[#found + 1] = text
    end
    return found
end

local function first_and_edges(shape, candidates, more)
    local found = fitting(shape, candidates, {})
    return fitting(shape, more, { found[1] })
end

local leaves = {}

function leaves.text(shape)
    local candidates = arn_of(shape.expects)
    for _, list in ipairs { examples_of(shape.expects), texts } do
        table.move(list, 1, #list, #candidates + 1, candidates)
    end
    return first_and_edges(shape, candidates, edges)
end

function leaves.choice(shape)
    local found = {}
    for i, quoted in ipairs(shape.quoted) do
        found[i] = quoted:sub(2, -2)
    end
    return found
end

-- "a whole number 0..100" -> 0, 100
local function bounds_of(expects)
    local low, high = expects:match("(%d+)%.%.(%d+)$")
    return low and { math.tointeger(tonumber(low)), math.tointeger(tonumber(high)) } or {}
end

function leaves.integer(shape)
    local edge = bounds_of(shape.expects)
    return first_and_edges(shape, numbers, table.move(far, 1, #far, #edge + 1, edge))
end

leaves.number = leaves.integer

function leaves.flag()
    return { true, false }
end

function leaves.time()
    return { 1764000000000, 1764000000123, 0, 1764000000500 }
end

-- What shapes have no name for stays short: the first form of each item, and lists of two.
function leaves.list(shape)
    local found, items = {}, variants(shape.of)
    for _, item in ipairs(items) do
        found[#found + 1] = canonical.array { item }
    end
    for _, item in ipairs(items) do
        found[#found + 1] = canonical.array { item, items[1] }
    end
    found[#found + 1] = canonical.array {}
    return fitting(shape, found, {})
end

function leaves.map(shape)
    local keys, items, found = variants(shape.key), variants(shape.of), {}
    for _, item in ipairs(items) do
        found[#found + 1] = { [keys[1]] = item }
    end
    for _, key in ipairs(keys) do
        found[#found + 1] = { [key] = items[1] }
        found[#found + 1] = { [keys[1]] = items[1], [key] = items[#items] }
    end
    found[#found + 1] = {}
    return fitting(shape, found, {})
end

local function with(value, name, item)
    local copy = {}
    for key, of in pairs(value) do
        copy[key] = of
    end
    copy[name] = item
    return copy
end

-- What a needed member is at first: every choice; each time after the one before.
local function needed_items(member, times)
    local all = variants(member)
    if member.kind == "choice" then
        return all, times
    elseif member.kind == "time" then
        return { all[1] + times * 60000 }, times + 1
    end
    return { all[1] }, times
end

-- What is needed, with every combination of the choices among it: {Type = "forward"}...
local function bases(shape)
    local found, times = { {} }, 0
    for _, name in ipairs(shape.needed) do
        local grown, items, later = {}, needed_items(shape.members[name], times)
        times = later
        for _, base in ipairs(found) do
            for _, item in ipairs(items) do
                grown[#grown + 1] = with(base, name, item)
            end
        end
        found = grown
    end
    return found
end

-- Of the values that a member may have, those with which one of the bases fits.
local function add_member(shape, all, name, found)
    for _, item in ipairs(variants(shape.members[name])) do
        local taken = false
        for _, base in ipairs(all) do
            local value = with(base, name, item)
            if not taken and not shape.check(value) then
                found[#found + 1], taken = value, true
            end
        end
    end
end

-- As much as goes together.
local function fullest(shape, value)
    for _, name in ipairs(shape.names) do
        for _, item in ipairs(variants(shape.members[name])) do
            local more = value[name] == nil and with(value, name, item)
            if more and not shape.check(more) then
                value = more
                break
            end
        end
    end
    return value
end

-- The members that could be added to a value that does not fit: those that the reason speaks of, or
-- else all.
local function wanted(shape, value)
    local why, named, rest = shape.check(value), {}, {}
    for _, name in ipairs(shape.names) do
        if value[name] == nil then
            local list = why:find("%f[%w]" .. name .. "%f[%W]") and named or rest
            list[#list + 1] = name
        end
    end
    return named[1] and named or rest
end

local TRIED_MAX = 2000

-- For shapes that want several of their members together: adds one after another, the values with
-- few members first, until some fit.
local function search(shape, base)
    local queue, at = { base }, 1
    while queue[at] and at < TRIED_MAX do
        local value = queue[at]
        if not shape.check(value) then
            return value
        end
        for _, name in ipairs(wanted(shape, value)) do
            queue[#queue + 1] = with(value, name, variants(shape.members[name])[1])
        end
        at = at + 1
    end
end

-- Values that fit and hold as little as can be: nothing but what is needed, or one member more (or
-- of a needed one another form).
local function smallest(shape)
    local all = bases(shape)
    local found = fitting(shape, all, {})
    for _, name in ipairs(found[1] and {} or shape.names) do
        add_member(shape, all, name, found)
    end
    for _, base in ipairs(found[1] and {} or all) do
        found[1] = found[1] or search(shape, base)
    end
    return found
end

function leaves.structure(shape)
    local small = smallest(shape)
    local all, found = { table.unpack(small, 1, 2) }, { table.unpack(small) }
    for _, base in ipairs(bases(shape)) do
        all[#all + 1] = base
    end
    for _, name in ipairs(shape.names) do
        add_member(shape, all, name, found)
    end
    found[#found + 1] = small[1] and fullest(shape, small[1])
    if small[2] then
        found[#found + 1] = fullest(shape, small[#small])
    end
    return found
end

local known = {}

-- Values that fit a shape, the smallest first.
function variants(shape)
    if not known[shape] then
        known[shape] = leaves[shape.kind](shape)
        assert(known[shape][1] ~= nil, "no value fits: " .. (shape.name or table.concat(
            shape.names or { shape.expects }, " ")))
    end
    return known[shape]
end

M.variants = variants

return M
