-- Which imported series is what: KEY=METRIC, KEY=METRIC:ARM, either with @TARGET behind it.
--
-- A KEY is one of the names a series goes by (a CloudWatch id or label, a file, a column), or a
-- name with labels behind it: http_requests_total{code=~"5..",track!="canary"}, {job="a"}. It may
-- mean several series, which are then added up.

local count = require "import.count"
local invalid = require "import.invalid"
local labels = require "import.labels"

local M = {}

local SHOWN_IN_ERRORS, SHOWN_IN_REPORTS = 20, 6

local ARMS = {service = true, baseline = true, canary = true}

local function check_metric(metric, spec)
    if #metric > 64 or not metric:find("^%a[%w_.-]*$") then
        invalid("the series map \"%s\": \"%s\" is no name of a metric, expected a letter, then "
            .. "letters, digits, '_', '.' or '-'", spec, metric)
    end
end

local function parse_key(key, spec)
    local head, inner = labels.split(key)
    local matchers = head and labels.parse(inner, string.format("the series map \"%s\"", spec))
    return {text = key, head = head or key, matchers = matchers}
end

-- The last '=' outside braces divides: keys may hold '=' in their labels, metrics hold none.
local function parse_spec(spec)
    local key, what = spec:match("^(.+)=([^={}\"]*)$")
    if not key then
        invalid("the series map \"%s\": expected KEY=METRIC or KEY=METRIC:ARM, such as "
            .. "m1=errors:canary", spec)
    end
    local named, target = what:match("^([^@]*)@(.+)$")
    named = named or what
    local metric, arm = named:match("^([^:]*):(.*)$")
    metric, arm = metric or named, arm or "service"
    check_metric(metric, spec)
    if not ARMS[arm] then
        invalid("the series map \"%s\": the arm \"%s\" is unknown, expected service, baseline or "
            .. "canary", spec, arm)
    end
    return {key = parse_key(key, spec), metric = metric, arm = arm, target = target}
end

local function has(list, text)
    for _, item in ipairs(list or {}) do
        if item == text then
            return true
        end
    end
    return false
end

local function is_named(series, head)
    return series.name == head or series.file == head or series.stem == head
        or has(series.keys, head)
end

local function matches(series, key)
    if has(series.keys, key.text) then
        return true
    end
    return (key.head == "" or is_named(series, key.head))
        and labels.match(series.labels, key.matchers or {})
end

local function list_found(found, most)
    local names = {}
    for i, series in ipairs(found) do
        if i > most then
            names[#names + 1] = string.format("and %d more", #found - most)
            break
        end
        names[#names + 1] = series.shown
    end
    return #names > 0 and table.concat(names, ", ") or "nothing"
end

local function find_series(found, wanted, spec)
    local list = {}
    for _, series in ipairs(found) do
        list[#list + 1] = matches(series, wanted.key) and series or nil
    end
    if #list == 0 then
        invalid("the series map \"%s\": there is no series \"%s\"; there are %s", spec,
            wanted.key.text, list_found(found, SHOWN_IN_ERRORS))
    end
    return list
end

-- "errors_canary" and "errors:canary" name an arm, "errors" means the service.
local function spec_by_name(key)
    for arm in pairs(ARMS) do
        local metric = key:match("^(.+)[:_]" .. arm .. "$")
        if metric then
            return metric, arm
        end
    end
    return key, "service"
end

local function by_names(found)
    local mapped = {}
    for _, series in ipairs(found) do
        local metric, arm = spec_by_name((series.keys or {})[1] or "")
        if not metric:find("^%a[%w_.-]*$") or #metric > 64 then
            invalid("what is \"%s\"? Say it with --series KEY=METRIC:ARM; there are %s",
                series.shown, list_found(found, SHOWN_IN_ERRORS))
        end
        mapped[#mapped + 1] = {
            series = series, list = {series}, metric = metric, arm = arm, key = series.shown,
        }
    end
    return mapped
end

local function check_twice(mapped)
    local taken = {}
    for _, entry in ipairs(mapped) do
        local name = entry.metric .. ":" .. entry.arm
            .. (entry.target and "@" .. entry.target or "")
        if taken[name] then
            invalid("both \"%s\" and \"%s\" are to be %s: say with --series which is what, by "
                .. "labels if need be", taken[name], entry.key, name)
        end
        taken[name] = entry.key
    end
end

-- The shipped judges divide by requests.
local function hint_names(mapped, report)
    for _, entry in ipairs(mapped) do
        if entry.metric == "requests" then
            return
        end
    end
    local key = (mapped[1].series.keys or {})[1] or mapped[1].key
    report[#report + 1] = string.format("nothing is called requests, by which errors are divided: "
        .. "if %s is, say --series %s=requests", key, key)
end

-- A list of {series, list, metric, arm, key, target}, in the order of the specs: `list` has all
-- series that a spec means, `series` is the first of them. Without specs the series are what they
-- are named. What nobody asked for is reported.
function M.apply(found, specs, report)
    if #found == 0 then
        invalid("there are no series in what was given")
    end
    local mapped, used = {}, {}
    if #(specs or {}) == 0 then
        mapped = by_names(found)
        check_twice(mapped)
        hint_names(mapped, report)
        return mapped
    end
    for _, spec in ipairs(specs) do
        local wanted = parse_spec(spec)
        local list = find_series(found, wanted, spec)
        for _, series in ipairs(list) do
            used[series] = true
        end
        mapped[#mapped + 1] = {
            series = list[1], list = list, metric = wanted.metric, arm = wanted.arm,
            key = wanted.key.text, target = wanted.target,
        }
    end
    check_twice(mapped)
    local left = {}
    for _, series in ipairs(found) do
        if not used[series] then
            left[#left + 1] = series
        end
    end
    if #left > 0 then
        report[#report + 1] = string.format("%s left out: %s", count(#left, "series"),
            list_found(left, SHOWN_IN_REPORTS))
    end
    return mapped
end

-- Whether an option's NAME (METRIC, METRIC:ARM or KEY) means this entry. A histogram is one metric
-- there.
function M.means(name, entry)
    local metric = entry.family or entry.metric
    return name == entry.metric or name == metric or name == metric .. ":" .. entry.arm
        or name == entry.key
end

-- The value of the NAME=VALUE in `list` that means this entry; nil if none does. Names that mean
-- no entry at all are noticed by check_names.
function M.value_for(list, entry, option)
    for _, spec in ipairs(list or {}) do
        local name, value = spec:match("^(.+)=([^=]+)$")
        if not name then
            invalid("%s \"%s\": expected NAME=VALUE", option, spec)
        end
        if M.means(name, entry) then
            return value
        end
    end
end

function M.listed(list, entry)
    for _, name in ipairs(list or {}) do
        if M.means(name, entry) then
            return true
        end
    end
    return false
end

-- A misspelt name in an option would otherwise do nothing, silently.
function M.check_names(list, mapped, option)
    for _, spec in ipairs(list or {}) do
        local name = option == "--counter" and spec or option == "--rate" and spec
            or spec:match("^(.+)=[^=]+$") or spec
        local known = false
        for _, entry in ipairs(mapped) do
            known = known or M.means(name, entry)
        end
        if not known then
            invalid("%s \"%s\": nothing that is imported is named \"%s\"", option, spec, name)
        end
    end
end

return M
