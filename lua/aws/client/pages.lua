-- Answers that come in pages: the next request, and two pages made into one answer. `pages` is
-- {token, next, items, joined}: where the token goes and comes from, the lists that are put
-- together, and lists whose items go on over pages (`by` tells which belong together).

local array = require "canonical".array

local M = {}

local function with(table, name, value)
    local copy = {}
    for key, item in next, table do
        copy[key] = item
    end
    copy[name] = value
    return copy
end

-- The input of the next page, or nil after the last one. A token that comes back unchanged would
-- never end: it is taken for the end, as SDKs do.
function M.following(pages, input, output)
    local token = pages and output[pages.next]
    if token == nil or token == "" or token == input[pages.token] then
        return nil
    end
    return with(input, pages.token, token)
end

local function appended(first, second)
    if not first or not second then
        return first or second
    end
    local out = {}
    for _, item in ipairs(first) do
        out[#out + 1] = item
    end
    for _, item in ipairs(second) do
        out[#out + 1] = item
    end
    return array(out)
end

local function joined_item(old, new, rule)
    local out = {}
    for name, value in next, old do
        out[name] = value
    end
    for name, value in next, new do
        out[name] = value -- the last page's word counts: StatusCode is Complete only there
    end
    for _, name in ipairs(rule.items) do
        out[name] = appended(old[name], new[name])
    end
    return out
end

local function joined(first, second, rule)
    local out, place = {}, {}
    for _, item in ipairs(appended(first, second) or {}) do
        local at = place[item[rule.by]]
        if at then
            out[at] = joined_item(out[at], item, rule)
        else
            out[#out + 1] = item
            place[item[rule.by]] = #out
        end
    end
    return array(out)
end

-- Both pages as one answer, whose token is that of the second.
function M.merged(pages, first, second)
    if not pages then
        return second
    end
    local out = {}
    for name, value in next, first do
        out[name] = value
    end
    for name, value in next, second do
        out[name] = value
    end
    for _, name in ipairs(pages.items) do
        out[name] = appended(first[name], second[name])
    end
    for name, rule in next, pages.joined or {} do
        out[name] = joined(first[name], second[name], rule)
    end
    out[pages.next] = second[pages.next]
    return out
end

-- Pages from..to of a list as one answer. Halves are put together, so that a long list is not
-- copied once a page.
local function merged_part(pages, list, from, to)
    if from == to then
        return list[from]
    end
    local middle = (from + to) // 2
    return M.merged(pages, merged_part(pages, list, from, middle),
        merged_part(pages, list, middle + 1, to))
end

function M.all(pages, list)
    return merged_part(pages, list, 1, #list)
end

return M
