-- What a change makes of a resource, in words: those members of its state that differ.

local canonical = require "canonical"
local percent = require "report.words".percent
local sorted = require "sorted"

local M = {}

-- "blue" of ".../targetgroup/blue/73e2d6bc24d8a067"
local function group_name(arn)
    return arn:match(":targetgroup/([^/]+)/") or arn
end

local function forward_words(action)
    local parts, sum = {}, 0
    local groups = action.ForwardConfig and action.ForwardConfig.TargetGroups or {}
    for _, group in ipairs(groups) do
        sum = sum + (group.Weight or 1)
    end
    for i, group in ipairs(groups) do
        local share = sum > 0 and 100 * (group.Weight or 1) / sum or 0
        parts[i] = ("%s %s"):format(group_name(group.TargetGroupArn), percent(share))
    end
    return table.concat(parts, ", ")
end

local function action_words(actions)
    local parts = {}
    for i, action in ipairs(actions) do
        parts[i] = action.Type == "forward" and forward_words(action) or action.Type
    end
    return table.concat(parts, "; ")
end

-- Members that have words of their own; "" where there is nothing to say.
local known = {
    Actions = action_words,
    DefaultActions = action_words,
    ConfigurationVersion = function(version) return "version " .. version end,
    VersionNumber = function(number)
        return number == 0 and "no such version" or ("version %d"):format(number)
    end,
    VersionLabel = function(label) return label ~= "" and ("%q"):format(label) or "" end,
    there = function(there) return there and "there" or "not there" end,
    taskDefinition = function(revision) return revision end,
}

local function brief(value)
    local text = value == nil and "none" or canonical.encode(value)
    return #text > 60 and text:sub(1, 57):gsub("[\x80-\xFF]+$", "") .. "..." or text
end

local function member_words(name, value)
    local words = value ~= nil and known[name]
    return words and words(value) or ("%s %s"):format(name, brief(value))
end

local function alias_words(state)
    local weights = state.AdditionalVersionWeights or {}
    local parts, left = {}, 100
    for i, version in ipairs(sorted(weights)) do
        local share = 100 * weights[version]
        parts[i], left = ("version %s %s"):format(version, percent(share)), left - share
    end
    local main = "version " .. state.FunctionVersion
    return parts[1] and ("%s %s, %s"):format(main, percent(left), table.concat(parts, ", "))
        or main
end

local function same(a, b)
    return a == b or a ~= nil and b ~= nil and canonical.encode(a) == canonical.encode(b)
end

-- The words for those members of a state in which another differs (nil: for all).
local function words(state, other)
    local parts, all = {}, {}
    for name in pairs(state) do
        all[name] = true
    end
    for name in pairs(other or all) do
        all[name] = true
    end
    for _, name in ipairs(sorted(all)) do
        local text = (not other or not same(state[name], other[name]))
            and member_words(name, state[name]) or ""
        parts[#parts + 1] = text ~= "" and text or nil
    end
    return #parts > 0 and table.concat(parts, ", ") or "as it is"
end

local function is_alias(state, other)
    local routed = not other or state.FunctionVersion ~= other.FunctionVersion
        or not same(state.AdditionalVersionWeights, other.AdditionalVersionWeights)
    return state.FunctionVersion ~= nil and routed
end

-- Both sides of a change: what the resource was, and what it will be.
function M.words(before, after)
    if is_alias(before, after) then
        return alias_words(before), alias_words(after)
    end
    return words(before, after), words(after, before)
end

return M
