-- CSV, wide (a column of times and one per series) or long (a row per value: time, series, value).

local invalid = require "import.invalid"
local labels = require "import.labels"
local rows = require "import.csv_rows"
local sorted = require "sorted"
local times = require "import.times"

local M = {source = "csv"}

-- What a column can be, and the names by which it is known without a word from the user.
local ROLES = {
    time = {"time", "timestamp", "date", "datetime", "date/time"},
    series = {"series", "metric", "name", "metric_name"},
    value = {"value"},
    arm = {"arm", "variant"},
    seen = {"seen", "first_seen"},
    tags = {"tags", "labels", "scope"},
    unit = {"unit", "units"},
}

local function read_columns(list)
    local columns = {}
    for _, spec in ipairs(list or {}) do
        local role, name = spec:match("^([^=]+)=(.+)$")
        if not role or not ROLES[role] then
            invalid("the column map \"%s\": expected ROLE=NAME with one of the roles %s", spec,
                table.concat(sorted(ROLES), ", "))
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

-- A column's name may be one of a metric with labels, as dashboards write them.
local function new_series(key, input)
    local name, inner = labels.split(key)
    local _, plain = labels.parse(inner or "", input.name .. ": the column \"" .. key .. "\"")
    return {
        keys = {key}, name = name or key, labels = plain, shown = key,
        query = utf8.len(key) and {column = key}, decimal = input.decimal,
        times = {}, values = {}, wheres = {},
    }
end

local function series_of(state, key, input)
    local series = state.by_key[key]
    if not series then
        series = new_series(key, input)
        state.by_key[key] = series
        state.found[#state.found + 1] = series
    end
    return series
end

local function put(series, time, value, seen, where)
    local n = #series.times + 1
    series.times[n], series.values[n], series.wheres[n] = time, value, where
    if seen then
        series.seens = series.seens or {}
        series.seens[n] = seen
    end
end

local function seen_of(fields, roles, input, where)
    local text = roles.seen and fields[roles.seen]
    if text and text:find("%S") then
        return times.parse(text, where .. ": the column of first-seen times", input.dates)
    end
end

local function check_width(fields, header, where)
    if #fields ~= #header then
        invalid("%s: %d fields, the header has %d", where, #fields, #header)
    end
end

-- "service:checkout,version:canary", or "service=checkout,...", into a table of labels. A tag that
-- is only a word is one whose value is empty.
local function add_tags(into, text)
    for tag in text:gmatch("[^,]+") do
        local name, value = tag:match("^%s*([^:=]+)[:=]%s*(.-)%s*$")
        into[name or tag:match("^%s*(.-)%s*$")] = value or ""
    end
end

-- Columns without a role tell series apart, as tags do.
local function labels_of(fields, header, roles)
    local found, taken = {}, {}
    for _, position in pairs(roles) do
        taken[position] = true
    end
    for i, name in ipairs(header) do
        if not taken[i] and name ~= "" then
            found[name] = fields[i]
        end
    end
    if roles.tags then
        add_tags(found, fields[roles.tags])
    end
    return found
end

local function long_series(state, fields, header, roles, input)
    local name = fields[roles.series] .. (roles.arm and ":" .. fields[roles.arm] or "")
    local own = labels_of(fields, header, roles)
    local key = next(own) and name .. labels.text(own) or name
    local series = state.by_key[key]
    if not series then
        series = {
            keys = {name}, name = name, labels = own, shown = key,
            query = utf8.len(key) and {column = key}, decimal = input.decimal,
            unit = roles.unit and fields[roles.unit]:match("%S+"),
            times = {}, values = {}, wheres = {},
        }
        state.by_key[key] = series
        state.found[#state.found + 1] = series
    end
    return series
end

local function read_long(header, next_row, roles, input, state)
    for fields, line in next_row do
        local where = string.format("%s:%d", input.name, line)
        check_width(fields, header, where)
        put(long_series(state, fields, header, roles, input),
            times.parse(fields[roles.time], where, input.dates), fields[roles.value],
            seen_of(fields, roles, input, where), where)
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
            columns[#columns + 1] = {position = i, series = series_of(state, name, input)}
        end
    end
    return columns
end

-- CloudWatch's console writes rows about the columns below their labels, and calls what stands in
-- front of them. The ids tell columns apart where labels do not.
local CONSOLE = {
    ID = function(series, id)
        table.insert(series.keys, 1, id)
    end,
    StatusCode = function(series, status, input, report)
        if status ~= "Complete" then
            report[#report + 1] = string.format("%s: the answer for %s is %s", input.name,
                series.shown, status)
        end
    end,
}

local function read_wide(header, next_row, roles, input, state)
    local columns = wide_columns(header, roles, input, state)
    local console = header[roles.time] == "Label"
    for fields, line in next_row do
        local where = string.format("%s:%d", input.name, line)
        check_width(fields, header, where)
        local take = console and CONSOLE[fields[roles.time]]
        local time = not take and times.parse(fields[roles.time], where, input.dates)
        local seen = seen_of(fields, roles, input, where)
        for _, column in ipairs(columns) do
            if take then
                take(column.series, fields[column.position], input, state.report)
            else
                put(column.series, time, fields[column.position], seen, where)
            end
        end
    end
end

-- Series and value together make it long: a table with a column of that name each, or one that the
-- user said is of that kind.
function M.read(options, report)
    local columns = read_columns(options.columns)
    local state = {found = {}, by_key = {}, report = report}
    for _, file in ipairs(options.inputs) do
        local header, next_row, separator = rows.open(file.text, file.name)
        local input = {
            name = file.name, dates = options.dates, decimal = separator == "," and "quoted" or nil,
        }
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
