-- The records of a run for the specs of reports, and what may be made of them that no run writes.
local M = {}

M.alias = { type = "lambda_alias", ["function"] = "pay", alias = "live", canary = "42" }

local function route(weight)
    return { operation = "lambda.update_alias", input = { FunctionName = "pay", Name = "live",
        FunctionVersion = "41",
        RoutingConfig = { AdditionalVersionWeights = { ["42"] = weight } } } }
end

function M.ask(weight)
    local request = route(weight)
    request.kind = "aws"
    return request
end

function M.judge(verdict)
    return { name = "errors", judge = "ratio", verdict = verdict, canary_events = 9.0,
        canary_trials = 1000.0, canary_rate = 0.009, baseline_events = 9.0,
        baseline_trials = 9000.0, baseline_rate = 0.001, log_e_max = 5.25, threshold = 4.605,
        says = { "canary 0.900 % (9 of 1000),",
            "baseline 0.100 % (9 of 9000), evidence 5.25 of 4.61" } }
end

-- A run that is harmed, rolled back, cut short and taken up. A fresh copy each time.
function M.run()
    local watch = { kind = "watch", share = 5, ["for"] = 300000, target = M.alias }
    return {
        { 0, "run", { policy = "step.lua", seed = 7, recording = { name = "shop.ndjson" },
            injects = { "errors*2@1m" } } },
        { 0, "begin", { policy = { name = "step", summary = "In steps." },
            targets = { M.alias } } },
        { 100, "effect", { id = 2, identity = "pay:live", request = M.ask(0.05),
            undo = route(0) } },
        { 200, "result", { id = 2, outcome = "ok", value = {} } },
        { 200, "effect", { id = 3, request = watch } },
        { 60200, "tick", { id = 3, tick = 1, verdict = "undecided", periods = {},
            judges = { M.judge "undecided" } } },
        { 120200, "tick", { id = 3, tick = 2, verdict = "harm", periods = {},
            judges = { M.judge "harm" } } },
        { 120200, "rollback", { cause = "harm", reason = "errors", chunk = "step.lua", line = 3 } },
        { 120200, "rollback", { cause = "crash", chunk = "", line = 0,
            reason = "the run was cut short; it was taken up from its journal" } },
        { 120300, "probe", { id = 4, identity = "pay:live", found = "ours" } },
        { 120300, "undo", { id = 4, identity = "pay:live", request = route(0) } },
        { 120400, "undone", { id = 4, identity = "pay:live", outcome = "ok" } },
        { 120500, "probe", { id = 4, identity = "pay:live", found = "before" } },
        { 120500, "verified", { id = 4, identity = "pay:live", restored = true } },
        { 120500, "end", { outcome = "rolled back", exit = 10 } },
    }
end

function M.record(row)
    return { at = row[1], kind = row[2], body = row[3] }
end

-- Puts each of `others` in the place of every value in `body`, one at a time.
function M.each_change(body, others, try)
    for name, value in pairs(body) do
        if type(value) == "table" then
            M.each_change(value, others, try)
        end
        for _, other in ipairs(others) do
            body[name] = other
            try()
        end
        body[name] = nil
        try()
        body[name] = value
    end
end

local function nested(depth)
    return depth > 0 and { a = nested(depth - 1) } or 1
end

M.others = { 1, -1, 1e308, math.mininteger, true, "7", "\27[31m", "\xff\xfe", {}, { 1, {} },
    { a = {} }, nested(12), ("x"):rep(2000) }

return M
