-- One case of a protocol suite: what lua/aws/protocols makes of it, compared with what is expected.
-- Bodies are compared by what they mean: JSON and XML as trees, forms and query strings as sets.
--
-- The suites write times as seconds and floats that are none as text; values are brought into that
-- form, or out of it, as the case's shapes say.

local document = require "aws.protocols.document"
local null = require "aws.protocols.null"
local protocols = require "aws.protocols"
local scalar = require "aws.protocols.scalar"
local position = require "aws.protocols.position"
local xml = require "aws.protocols.xml"

local M = {}

local TOKEN = "00000000-0000-4000-8000-000000000000" -- what suites expect for a token not given

-- All cases of a file, each with its own model.
function M.load(text)
    local found = {}
    for _, suite in ipairs(document.read(text)) do
        for _, case in ipairs(suite.cases) do
            case.model = protocols.load {
                metadata = suite.metadata,
                shapes = suite.shapes,
                operations = { [case.given.name] = case.given },
            }
            case.operation = case.model.operations[case.given.name]
            case.suite, case.endpoint = suite, suite.clientEndpoint
            found[#found + 1] = case
        end
    end
    return found
end

-- Values between the suites' form and ours: convert(shape, value, leaf), where leaf does scalars.
local function convert(shape, value, leaf)
    if value == null or shape.document then
        return value
    elseif type(value) ~= "table" then
        return leaf(shape, value)
    end
    local out = setmetatable({}, getmetatable(value) or nil)
    for key, item in pairs(value) do
        local of = shape.type == "structure" and shape.members[key] or shape.member or shape.value
        out[key] = of and convert(of, item, leaf) or item
    end
    return out
end

local specials = { NaN = 0 / 0, Infinity = math.huge, ["-Infinity"] = -math.huge }

local function to_ours(shape, value)
    if shape.type == "timestamp" then
        return math.floor(value * 1000 + 0.5)
    elseif scalar.float_kinds[shape.type] then
        return specials[value] or value
    end
    return value
end

local function to_theirs(shape, value)
    if shape.type == "timestamp" then
        return value / 1000
    elseif scalar.float_kinds[shape.type] then
        return scalar.special_text(value) or value
    end
    return value
end

local function show(value)
    if type(value) == "table" then
        local ok, text = pcall(document.write, value, position.new("value"))
        return ok and text or "a table"
    end
    return type(value) == "string" and ("%q"):format(value) or tostring(value)
end

-- nil, or where two values differ. Numbers are equal by value.
local function difference(actual, expected, place)
    if type(actual) ~= "table" or type(expected) ~= "table" then
        if actual ~= expected then
            return ("%s is %s, expected %s"):format(place, show(actual), show(expected))
        end
        return nil
    end
    for key, item in pairs(expected) do
        local why = difference(actual[key], item, ("%s.%s"):format(place, key))
        if why then
            return why
        end
    end
    for key, item in pairs(actual) do
        if expected[key] == nil then
            return ("%s.%s is %s, expected nothing"):format(place, key, show(item))
        end
    end
end

-- The elements that are entries of maps.
local function entry_names(model)
    local names = { entry = true }
    for _, shape in pairs(model.shapes) do
        for name, member in pairs(shape.members or {}) do
            if member.flattened and model.shapes[member.shape].type == "map" then
                names[member.locationName or name] = true
            end
        end
    end
    return names
end

-- A node as one text in which the order of differently named children, of `entries` and of
-- attributes, and white space between elements, do not matter.
local function normal_xml(node, entries)
    local parts, attributes = {}, {}
    for name, value in pairs(node.attributes) do
        attributes[#attributes + 1] = (' %s="%s"'):format(name, value)
    end
    table.sort(attributes)
    for i = 1, #node do
        parts[i] = { name = node[i].name, place = i, text = normal_xml(node[i], entries) }
    end
    table.sort(parts, function(a, b)
        if a.name ~= b.name then
            return a.name < b.name
        end
        return entries[a.name] and a.text < b.text or not entries[a.name] and a.place < b.place
    end)
    for i, part in ipairs(parts) do
        parts[i] = part.text
    end
    local text = #parts == 0 and node.text or node.text:match("^%s*(.-)%s*$")
    return ("<%s%s>%s%s</>"):format(node.name, table.concat(attributes), text,
        table.concat(parts))
end

local function sorted_pairs(text)
    local found = {}
    for pair in text:gmatch("[^&]+") do
        found[#found + 1] = pair
    end
    table.sort(found)
    return table.concat(found, "&")
end

local function is_json(text)
    local ok, value = pcall(document.read, text)
    return ok and type(value) == "table", value
end

local function body_difference(case, actual, expected)
    local protocol = case.model.metadata.protocol
    if protocol == "query" then
        return difference(sorted_pairs(actual), sorted_pairs(expected), "body")
    elseif protocol == "rest-xml" and expected:find("^%s*<") then
        local entries = entry_names(case.suite)
        return difference(normal_xml(xml.read(actual), entries),
            normal_xml(xml.read(expected), entries), "body")
    elseif is_json(expected) and is_json(actual) then
        return difference(document.read(actual), document.read(expected), "body")
    end
    return difference(actual, expected, "body")
end

local function normal_uri(text)
    local path, query = text:match("^([^?]*)%??(.*)$")
    return path .. "?" .. sorted_pairs(query)
end

local function lowered(headers)
    local out = {}
    for name, value in pairs(headers) do
        out[name:lower()] = value
    end
    return out
end

-- Blanks after commas do not matter, nor does a charset that says what is so anyway.
local function normal_header(value)
    return (value:gsub(",%s*", ","):gsub("; charset=utf%-8$", ""))
end

local function header_difference(actual, serialized)
    actual = lowered(actual)
    for name, value in pairs(lowered(serialized.headers or {})) do
        local found = actual[name]
        if not found or normal_header(found) ~= normal_header(value) then
            return ("header %s is %s, expected %s"):format(name, show(found), show(value))
        end
    end
    for _, name in ipairs(serialized.forbidHeaders or {}) do
        if actual[name:lower()] then
            return ("header %s is there, expected none"):format(name)
        end
    end
end

local function place_difference(request, case)
    local url = protocols.url(case.endpoint or "https://example.com", request)
    local host, path = url:match("^https://([^/]+)(.*)$")
    local expected = case.serialized
    return difference(normal_uri(path), normal_uri(expected.uri), "uri")
        or expected.host and difference(host, expected.host:match("^[^/]+"), "host")
end

-- nil, or why the request is not the one that is expected.
function M.input(case)
    local shape = case.operation.input
    local params = shape and convert(shape, case.params, to_ours) or {}
    local request = protocols.serialize(case.model, case.given.name, params, { token = TOKEN })
    local expected = case.serialized
    return difference(request.method, expected.method, "method")
        or header_difference(request.headers, expected)
        or expected.body and body_difference(case, request.body, expected.body)
        or place_difference(request, case)
end

local function problem_difference(case, problem)
    local shape = case.model.errors[problem.code] or { type = "structure", members = {} }
    return difference(problem.code, case.errorCode, "code")
        or difference(problem.message, case.errorMessage or "", "message")
        or difference(convert(shape, problem.fields, to_theirs), case.error, "error")
end

-- nil, or why the result or the error is not the one that is expected.
function M.output(case)
    local output, problem = protocols.parse(case.model, case.given.name, case.response,
        { null = null })
    if case.error then
        return problem and problem_difference(case, problem) or not problem and "no error" or nil
    elseif problem then
        return ("the error %s: %s"):format(problem.code, problem.message)
    end
    local shape = case.operation.output
    return difference(shape and convert(shape, output, to_theirs) or output, case.result, "result")
end

return M
