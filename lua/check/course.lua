-- What a policy did in a rehearsal, as what the rules look at: a list of
--
--     { kind = "shift", share, before, target }      traffic moves
--     { kind = "watch", ["for"], every, share, judges, decide, ... }
--     { kind = "sleep", ["for"] }                    not: waiting for AWS
--     { kind = "query", metric, arm }                the policy looks for itself
--     { kind = "approval" }                          a person does
--     { kind = "change", operation }                 of AWS, which moves no traffic
--
-- each with the number of the effect, and the file and the line at which the policy asked for it.

local types = require "targets"

local M = {}

local kinds = {}

function kinds.watch(request)
    return { kind = "watch", ["for"] = request["for"], every = request.every,
        share = request.share, judges = request.judges, decide = request.decide,
        settle_in = request.settle_in or 0, sees = request.sees or 0,
        target = types.label(request.target) }
end

function kinds.approval()
    return { kind = "approval" }
end

function kinds.sleep(request)
    return not request.needed and { kind = "sleep", ["for"] = request["for"] } or nil
end

function kinds.metric(request)
    return not request.past and { kind = "query", metric = request.metric, arm = request.arm }
        or nil
end

function kinds.aws(request, body, state)
    if not body.identity then
        return nil
    end
    local share, name = types.share(request, state.targets, state.home, body.observed)
    if not share then
        return { kind = "change", operation = request.operation }
    end
    local before = state.shares[name] or 0
    state.shares[name] = share
    return { kind = "shift", share = share, before = before, target = name }
end

local function step(record, state)
    local body = record.body
    local make = kinds[body.request.kind]
    local one = make and make(body.request, body, state)
    if one then
        one.file, one.line, one.number, one.at = record.file, record.line, record.number, record.at
    end
    return one
end

---The course that records tell, and what was begun: { targets, params, alarms }.
function M.of(records)
    local state = { targets = {}, shares = {} }
    local course, begun = {}, nil
    for _, record in ipairs(records) do
        local body = record.body
        if record.kind == "begin" then
            begun = body
            state.targets, state.home = body.targets, body.home
        elseif record.kind == "effect" then
            course[#course + 1] = step(record, state)
        end
    end
    return course, begun
end

---Whether a step is a look at how the canary does.
function M.is_look(one)
    return one.kind == "watch" or one.kind == "query"
end

---The number of the effect from which on the canary has all traffic; nil: it never has.
function M.turning(course)
    for i, one in ipairs(course) do
        if one.kind == "shift" and one.share == 100 then
            return course[i + 1] and course[i + 1].number or one.number + 1
        end
    end
end

return M
