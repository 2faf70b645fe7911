-- The importers for their specs: run over fixtures or texts. What the program lends lua/import is
-- rebuilt here for plain Lua, enough of `canonical` and `instant`; inside the program the real ones
-- are there and these are not used.

package.path = "lua/?.lua;lua/?/init.lua;" .. package.path

local function shortest(number)
    for precision = 1, 17 do
        local text = string.format("%." .. precision .. "g", number)
        if tonumber(text) == number then
            return text:find("[.eEn]") and text or text .. ".0"
        end
    end
end

local encode

local function encode_table(value)
    local parts = {}
    if #value > 0 then
        for i, item in ipairs(value) do
            parts[i] = encode(item)
        end
        return "[" .. table.concat(parts, ",") .. "]"
    end
    local names = {}
    for name in pairs(value) do
        names[#names + 1] = name
    end
    table.sort(names)
    for i, name in ipairs(names) do
        parts[i] = encode(name) .. ":" .. encode(value[name])
    end
    return "{" .. table.concat(parts, ",") .. "}"
end

function encode(value)
    if type(value) == "table" then
        return encode_table(value)
    elseif math.type(value) == "integer" then
        return string.format("%d", value)
    elseif type(value) == "number" then
        return shortest(value)
    elseif type(value) == "string" then
        return '"' .. value:gsub('[%c"\\]', function(c)
            return ({['"'] = '\\"', ["\\"] = "\\\\", ["\n"] = "\\n"})[c]
                or string.format("\\u%04x", c:byte())
        end) .. '"'
    end
    return tostring(value)
end

local function days_from_civil(year, month, day)
    year = month <= 2 and year - 1 or year
    local era = year // 400
    local of_era = year - era * 400
    local of_year = (153 * (month + (month > 2 and -3 or 9)) + 2) // 5 + day - 1
    return era * 146097 + of_era * 365 + of_era // 4 - of_era // 100 + of_year - 719468
end

local instant = {}

function instant.parse(text)
    local y, mo, d, h, mi, s, fraction, zone =
        text:match("^(%d%d%d%d)-(%d%d)-(%d%d)[T ](%d%d):(%d%d):(%d%d)(%.?%d*)(.*)$")
    assert(y, "no instant")
    local ms = ((days_from_civil(tonumber(y), tonumber(mo), tonumber(d)) * 24 + tonumber(h)) * 60
        + tonumber(mi)) * 60000 + tonumber(s) * 1000
    ms = ms + math.floor((tonumber("0" .. fraction) or 0) * 1000 + 0.5)
    local sign, zh, zm = zone:match("^([+-])(%d%d):?(%d%d)$")
    assert(sign or zone == "Z" or zone == "", "no zone")
    if sign then
        ms = ms - (sign == "-" and -1 or 1) * (tonumber(zh) * 60 + tonumber(zm)) * 60000
    end
    return math.tointeger(ms)
end

function instant.format(ms)
    return (os.date("!%Y-%m-%dT%H:%M:%SZ", ms // 1000))
end

if not pcall(require, "canonical") then
    package.loaded.canonical = {
        encode = encode,
        array = function(list)
            return list
        end,
    }
end
if not pcall(require, "instant") then
    package.loaded.instant = instant
end

if not pcall(require, "regex") then
    local rex = require "rex_posix"
    package.loaded.regex = {
        compile = function(pattern)
            local compiled = rex.new(pattern)
            return {
                matches = function(_, text)
                    return compiled:exec(text) ~= nil
                end,
            }
        end,
    }
end

local import = require "import"

local M = {folder = "tests/fixtures/import/"}

function M.fixture(name)
    local file = assert(io.open(M.folder .. name, "rb"))
    local text = file:read "a"
    file:close()
    return text
end

-- kind, names of fixtures or {name, text} pairs, and the options of import.run; `queries` is the
-- name of a fixture or, if it looks like JSON, a text.
function M.run(kind, inputs, options)
    local all = {kind = kind, inputs = {}}
    for name, value in pairs(options or {}) do
        all[name] = value
    end
    for i, input in ipairs(inputs) do
        all.inputs[i] = type(input) == "string" and {name = input, text = M.fixture(input)}
            or {name = input[1], text = input[2]}
    end
    if all.queries and not all.queries:find("^[%[{]") then
        all.queries = M.fixture(all.queries)
    end
    return import.run(all)
end

-- The message of the refusal; fails if it was taken, or if it was a mistake of ours.
function M.refusal(kind, inputs, options)
    local ok, problem = pcall(M.run, kind, inputs, options)
    assert(not ok, "the input was taken")
    return type(problem) == "table" and problem.invalid or error(problem, 0)
end

-- Only the points of a recording: {{series, t, v, seen}...}; v is a number or a word.
function M.points(recording)
    local points = {}
    for line in recording:gmatch "[^\n]+" do
        local series, t, v = line:match '^{"s":(%d+),.*"t":(%d+),"v":(.+)}$'
        if series then
            points[#points + 1] = {
                tonumber(series), tonumber(t), tonumber(v) or v:match '^"(.*)"$',
                tonumber(line:match '"seen":(%d+)'),
            }
        end
    end
    return points
end

return M
