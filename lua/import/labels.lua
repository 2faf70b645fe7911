-- The labels of a series, and what chooses by them, as Prometheus writes both: {track="canary",
-- code=~"5.."}. A pattern must match the whole value, and a label that is not there is the same as
-- an empty one (https://prometheus.io/docs/prometheus/latest/querying/basics/).

local invalid = require "import.invalid"
local regex = require "regex"
local sorted = require "sorted"

local M = {}

-- What the regular expressions of Prometheus (RE2) write otherwise than those of POSIX. Where a
-- whole value must match, it makes no difference how much a part of it takes.
local CLASSES = {d = "0-9", w = "[:alnum:]_", s = "[:space:]"}

local function of_set(pattern, spec)
    return (pattern:gsub("\\(.)", function(letter)
        if CLASSES[letter] then
            return CLASSES[letter]
        elseif letter:find("[%a%d%]%-]") then
            invalid("%s: \"\\%s\" is not understood in a set", spec, letter)
        end
        return letter
    end))
end

local function of_escape(letter, spec)
    local class = CLASSES[letter:lower()]
    if class then
        return "[" .. (letter:lower() == letter and "" or "^") .. class .. "]"
    elseif letter:find("[%a%d]") then
        invalid("%s: \"\\%s\" is not understood in a pattern", spec, letter)
    end
    return "\\" .. letter
end

-- A pattern part by part: { what begins it, what becomes of it }.
local PARTS = {
    {"^(%[%^?%]?[^%]]*%])", of_set},
    {"^\\(.)", of_escape},
    {"^(%(%?:)", function() return "(" end},
    {"^(%(%?)", function(_, spec)
        invalid("%s: \"(?\" is not understood in a pattern, but for \"(?:\"", spec)
    end},
    {"^([*+?}])%?", function(part) return part end},
    {"^(.)", function(part) return part end},
}

local function posix(pattern, spec)
    local parts, position = {}, 1
    while position <= #pattern do
        for _, part in ipairs(PARTS) do
            local _, last, text = pattern:find(part[1], position)
            if last then
                parts[#parts + 1] = part[2](text, spec)
                position = last + 1
                break
            end
        end
    end
    return "^(" .. table.concat(parts) .. ")$"
end

local function compile(pattern, spec)
    local ok, compiled = pcall(regex.compile, posix(pattern, spec))
    if not ok and type(compiled) == "table" then
        error(compiled, 0)
    elseif not ok then
        invalid("%s: \"%s\" is no regular expression: %s", spec, pattern, tostring(compiled))
    end
    return function(value)
        return compiled:matches(value)
    end
end

local function equals(text)
    return function(value)
        return value == text
    end
end

local function negated(test)
    return function(value)
        return not test(value)
    end
end

local OPERATORS = {
    ["="] = equals,
    ["=~"] = compile,
    ["!="] = function(text) return negated(equals(text)) end,
    ["!~"] = function(pattern, spec) return negated(compile(pattern, spec)) end,
}

-- "canary\"s", from its opening quote on: the text and where it is over; nil if it is not quoted.
local function quoted(text, position)
    local parts = {}
    if text:sub(position, position) ~= '"' then
        return nil
    end
    position = position + 1
    while true do
        local plain, mark, after = text:match('^([^"\\]*)(["\\])()', position)
        if not plain then
            return nil
        elseif mark == '"' then
            return table.concat(parts) .. plain, after
        end
        local letter = text:sub(after, after)
        local is_mark = letter == '"' or letter == "\\"
        parts[#parts + 1] = plain .. (is_mark and letter or "\\" .. letter)
        position = after + 1
    end
end

-- What stands between braces: a list of { label, test }, and the values of those that are given
-- with "=". `spec` says in messages where this stands.
function M.parse(text, spec)
    local matchers, plain, position = {}, {}, text:match("^%s*()")
    while position <= #text do
        local label, operator, at = text:match("^([%w_/:.%-]+)%s*([=!]~?=?)%s*()", position)
        local value, after = quoted(text, at or 0)
        local separator, next_at = text:match("^%s*(,?)%s*()", after or #text)
        if not value or not OPERATORS[operator] or (separator == "" and next_at <= #text) then
            invalid("%s: expected labels as {name=\"value\",...}, with =, !=, =~ or !~", spec)
        end
        matchers[#matchers + 1] = {label, OPERATORS[operator](value, spec)}
        plain[label] = operator == "=" and value or nil
        position = next_at
    end
    return matchers, plain
end

function M.match(labels, matchers)
    for _, matcher in ipairs(matchers) do
        if not matcher[2]((labels or {})[matcher[1]] or "") then
            return false
        end
    end
    return true
end

-- {code="500",track="canary"}, sorted; the name of a metric is none of its labels.
function M.text(labels)
    local parts = {}
    for _, name in ipairs(sorted(labels)) do
        if name ~= "__name__" then
            parts[#parts + 1] = string.format("%s=%q", name, labels[name])
        end
    end
    return "{" .. table.concat(parts, ",") .. "}"
end

-- A name with labels behind it, http_requests_total{code="500"}: both, or nil for another text.
function M.split(text)
    return text:match("^([^{]*){(.*)}%s*$")
end

return M
