-- How every report takes a record: a journal is bytes from outside, and none of them may stand in
-- the way of a reader. What a record has is looked at before it is told, so that half of an odd one
-- leaves nothing behind; whoever tells it anyway fails for this one record alone.

local plain = require "report.plain"

local M = {}

-- What reports read of a record: kinds of members, "?" where there may be none. { kind } is a list,
-- any other table an object with at least these members.
local watch = { ["for"] = "integer", share = "number", step = "string?", target = "table" }
local requests = {
    watch = watch,
    window = { window = { days = { "string" }, from = "integer", to = "integer",
        zone = "string" } },
    sleep = { ["for"] = "integer" },
    notify = { message = "string", level = "string?" },
    approval = { within = "integer", from = { "?", "string" }, otherwise = "string?",
        message = "string?" },
    aws = { operation = "string", input = "table" },
}
local arms = { baseline = "any", canary = "any" }
local periods = { { metrics = { [M] = arms } } } -- [M]: each member, whatever it is called
local judges = { { name = "string", says = { "string" } } }

local shapes = {
    run = { caller = "string?", policy = "string?", seed = "integer?",
        recording = { "?", name = "string" }, injects = { "?", "string" },
        plan = { "?", seal = "string" } },
    begin = { policy = { name = "string?", summary = "string?" }, targets = { "table" },
        home = { "?", account = "string?", region = "string?" },
        preflight = { "?", { metric = "string", arm = "string", target = "string?",
            points = "integer?", periods = "integer?", late = "integer?", asked = "string?" } } },
    effect = { id = "integer", identity = "string?", before = "any", request = "table" },
    result = { id = "integer", outcome = "string", error = { "?", message = "string?" },
        value = "any" },
    tick = { id = "integer", verdict = "string", judges = judges, periods = periods,
        doubt = "string?" },
    request = { request = "string", by = "string", applied = "boolean",
        approval = "integer?", why = "string?" },
    commit = {},
    rollback = { cause = "string", reason = "string", chunk = "string", line = "integer" },
    probe = { id = "integer", identity = "string", found = "string", again = "integer?",
        observed = "any" },
    undo = { id = "integer", identity = "string", request = requests.aws },
    undone = { id = "integer", identity = "string", outcome = "string",
        error = { "?", message = "string?" } },
    verified = { id = "integer", identity = "string", restored = "boolean", why = "string?" },
    ["end"] = { outcome = "string", exit = "integer" },
}

local function kind_of(value)
    return math.type(value) or type(value)
end

local function is_kind(value, kind)
    if value == nil then
        return kind:sub(-1) == "?" or kind == "any"
    end
    local found = kind_of(value)
    return kind == "any" or kind:find(found, 1, true) == 1
        or type(value) == "number" and kind:find("number", 1, true) == 1
end

local has

local function has_items(value, shape)
    for _, item in ipairs(value) do
        if not has(item, shape) then
            return false
        end
    end
    return true
end

local function has_members(value, shape)
    for name, of in pairs(shape) do
        if name == M then
            for _, member in pairs(value) do
                if not has(member, of) then
                    return false
                end
            end
        elseif type(name) == "string" and not has(value[name], of) then
            return false
        end
    end
    return true
end

function has(value, shape)
    if type(shape) == "string" then
        return is_kind(value, shape)
    elseif shape[1] == "?" and value == nil then
        return true
    end
    local items = shape[1] == "?" and shape[2] or shape[1]
    return type(value) == "table" and (not items or has_items(value, items))
        and has_members(value, shape)
end

local function is_whole(record)
    local body, shape = record.body, shapes[record.kind]
    return not record.untold and (not shape or has(body, shape))
        and (record.kind ~= "effect" or has(body.request, requests[body.request.kind] or {}))
end

-- Calls tellers[record.kind](body, at) with texts that are safe to print: true and what that
-- returned. False for a record that no run writes, and what it calls itself.
function M.tell(tellers, record)
    local act, ok, told = tellers[record.kind], true, nil
    if not shapes[record.kind] or not is_whole(record) then
        ok = false
    elseif act then
        ok, told = pcall(act, plain.text(record.body), record.at)
    end
    if ok then
        return true, told
    end
    return false, plain.text(tostring(record.kind))
end

-- What a function of a report returns, or `otherwise` where what it was told of fails it.
function M.protected(otherwise, act, ...)
    local ok, result = pcall(act, ...)
    return ok and result or otherwise
end

return M
