-- CSV, wide (a column of times and one per series) or long (a row per value: time, series, value).

local invalid = require "import.invalid"
local rows = require "import.csv_rows"
local times = require "import.times"

local M = {source = "csv"}

-- What a column can be, and the names by which it is known without a word from the user.
local ROLES = {
    time = {"time", "timestamp", "date", "datetime", "date/time"},
    series = {"series", "metric", "name", "metric_name"},
    value = {"value"},
    arm = {"arm", "variant"},
    seen = {"seen", "first_seen"},
}

local function read_columns(list)
    local columns = {}
    for _, spec in ipairs(list or {}) do
        local role, name = spec:match("^([^=]+)=(.+)$")
        if not role or not ROLES[role] then
            invalid("the column map \"%s\": expected time=NAME, series=NAME, value=NAME, arm=NAME "
                .. "or seen=NAME", spec)
        end
        columns[role] = name
    end
    return columns
end

local function position_of(header, name)
    for i, field in ipairs(header) do
        if field == name then
            return i
        end
    end
end

local function known_position(header, role)
    for i, field in ipairs(header) do
        for _, name in ipairs(ROLES[role]) do
            if field:lower() == name then
                return i
            end
        end
    end
end

-- {role = position}; what the user named must be there.
local function find_roles(header, columns, name)
    local roles = {}
    for role in pairs(ROLES) do
        if columns[role] then
            roles[role] = position_of(header, columns[role])
            if not roles[role] then
                invalid("%s: there is no column \"%s\", expected one of %s", name, columns[role],
                    table.concat(header, ", "))
            end
        else
            roles[role] = known_position(header, role)
        end
    end
    roles.time = roles.time or 1
    return roles
end

local function new_series(name)
    return {
        keys = {name}, shown = name, query = utf8.len(name) and {column = name},
        times = {}, values = {}, wheres = {},
    }
end

local function put(series, time, value, seen, where)
    local n = #series.times + 1
    series.times[n], series.values[n], series.wheres[n] = time, value, where
    if seen then
        series.seens = series.seens or {}
        series.seens[n] = seen
    end
end

local function seen_of(fields, roles, where)
    local text = roles.seen and fields[roles.seen]
    if text and text:find("%S") then
        return times.parse(text, where .. ": the column of first-seen times")
    end
end

local function read_long(header, next_row, roles, input, state)
    for fields, line in next_row do
        local where = string.format("%s:%d", input.name, line)
        if #fields ~= #header then
            invalid("%s: %d fields, the header has %d", where, #fields, #header)
        end
        local key = fields[roles.series]
        if roles.arm then
            key = key .. ":" .. fields[roles.arm]
        end
        local series = state.by_key[key]
        if not series then
            series = new_series(key)
            state.by_key[key] = series
            state.found[#state.found + 1] = series
        end
        put(series, times.parse(fields[roles.time], where), fields[roles.value],
            seen_of(fields, roles, where), where)
    end
end

local function wide_columns(header, roles, input, state)
    local columns, taken = {}, {}
    for i, name in ipairs(header) do
        if i ~= roles.time and i ~= roles.seen and name ~= "" then
            if taken[name] then
                invalid("%s: two columns are named \"%s\"", input.name, name)
            end
            taken[name] = true
            local series = state.by_key[name]
            if not series then
                series = new_series(name)
                state.by_key[name] = series
                state.found[#state.found + 1] = series
            end
            columns[#columns + 1] = {position = i, series = series, name = name}
        end
    end
    return columns
end

local function read_wide(header, next_row, roles, input, state)
    local columns = wide_columns(header, roles, input, state)
    for fields, line in next_row do
        local where = string.format("%s:%d", input.name, line)
        if #fields ~= #header then
            invalid("%s: %d fields, the header has %d", where, #fields, #header)
        end
        local time = times.parse(fields[roles.time], where)
        local seen = seen_of(fields, roles, where)
        for _, column in ipairs(columns) do
            put(column.series, time, fields[column.position], seen, where)
        end
    end
end

-- Series and value together make it long: a table with a column of that name each, or one that the
-- user said is of that kind.
function M.read(options)
    local columns = read_columns(options.columns)
    local state = {found = {}, by_key = {}}
    for _, input in ipairs(options.inputs) do
        local header, next_row = rows.open(input.text, input.name)
        local roles = find_roles(header, columns, input.name)
        if roles.series and roles.value then
            read_long(header, next_row, roles, input, state)
        elseif columns.series then
            invalid("%s: a series column needs a value column: add value=NAME", input.name)
        elseif roles.series then
            invalid("%s: the column \"%s\" says what a row is about, and none is named \"value\": "
                .. "add --column value=NAME", input.name, header[roles.series])
        else
            read_wide(header, next_row, roles, input, state)
        end
    end
    return state.found
end

return M
