-- Conditions of ELBv2 rules in one spelling: that of the field's own configuration, which can be
-- sent as it is. Older rules have their values beside the field (AWS answers with both spellings,
-- and a request should hold one), and neither conditions nor values have an order.

local M = {}

local ipairs, sort, next = ipairs, table.sort, next

-- Field -> the member that configures it.
M.configs = {
    ["host-header"] = "HostHeaderConfig",
    ["http-header"] = "HttpHeaderConfig",
    ["http-request-method"] = "HttpRequestMethodConfig",
    ["path-pattern"] = "PathPatternConfig",
    ["query-string"] = "QueryStringConfig",
    ["source-ip"] = "SourceIpConfig",
}

-- What orders values: texts, or the pairs of a query string.
local function value_text(value)
    return type(value) == "table" and (value.Key or "") .. "\0" .. (value.Value or "") or value
end

local function by_text(a, b)
    return value_text(a) < value_text(b)
end

local function sorted(values)
    if not values or not values[2] then
        return values and values[1] and values
    end
    local out = {}
    for i, value in ipairs(values) do
        out[i] = value
    end
    sort(out, by_text)
    return out
end

local function normal_condition(condition)
    local member = M.configs[condition.Field]
    local config, out = condition[member] or condition, {}
    for name, value in next, config do
        out[name] = value
    end
    out.Field = nil
    out.Values = sorted(config.Values)
    out.RegexValues = sorted(config.RegexValues)
    return { Field = condition.Field, [member] = out }
end

local function rank(condition)
    local config = condition[M.configs[condition.Field] or ""] or {}
    local values = config.Values or config.RegexValues
    return ("%s\0%s\0%s"):format(condition.Field, config.HttpHeaderName or "",
        values and value_text(values[1]) or "")
end

local function by_rank(a, b)
    return rank(a) < rank(b)
end

function M.normal(conditions)
    local out = {}
    for i, condition in ipairs(conditions) do
        -- A field that is not known here is left as it came.
        out[i] = M.configs[condition.Field] and normal_condition(condition) or condition
    end
    if out[2] then
        sort(out, by_rank)
    end
    return out
end

return M
