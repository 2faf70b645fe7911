-- A run as a story: one journal record in, the lines a person reads out. What is told depends on
-- the records alone, so a run while it happens and its journal a year later read the same.

local plain = require "report.plain"

local M = {}

local told -- what is remembered between records

-- Starts a new story. options: { ticks = bool: tell every tick; colour = bool }.
function M.begin(options)
    told = { options = options or {}, targets = {}, watches = {}, undo = {}, asked = {} }
    return ""
end

local colours = { good = "32", bad = "31" }

local function paint(how, text)
    if not told.options.colour then
        return text
    end
    return ("\27[%sm%s\27[0m"):format(colours[how], text)
end

local function clock(at)
    local seconds = (at - told.start) // 1000
    return ("%02d:%02d:%02d"):format(seconds // 3600, seconds // 60 % 60, seconds % 60)
end

local function duration(ms)
    local text = ""
    for _, unit in ipairs { { "h", 3600000 }, { "m", 60000 }, { "s", 1000 } } do
        if ms >= unit[2] then
            text = text .. ms // unit[2] .. unit[1]
            ms = ms % unit[2]
        end
    end
    return text == "" and ms .. "ms" or text
end

local function percent(share)
    return (("%.1f"):format(share):gsub("%.0$", "")) .. " %"
end

local function bar(share)
    local width = 20
    local full = math.floor(math.max(0, math.min(share, 100)) / 100 * width + 0.5)
    return "[" .. ("#"):rep(full) .. ("."):rep(width - full) .. "]"
end

local MARGIN = (" "):rep(20)

local function line(at, what, text)
    return ("%s  %-9s %s\n"):format(clock(at), what, text)
end

-- How messages call a target: the last words of its ARN, or function and alias.
local function label(target)
    if target.type == "lambda_alias" then
        return ("%s:%s"):format(target["function"], target.alias)
    end
    local arn = tostring(target.rule or target.listener or target.type)
    return arn:match("^arn:[^:]*:elasticloadbalancing:[^:]+:[^:]+:(.*)$") or arn
end

-- ARNs without what all resources of a load balancer's account have in common.
local function short(key)
    return (key:gsub("arn:[^:]*:elasticloadbalancing:[^:]+:[^:]+:", ""))
end

-- Which target, where the run has more than one.
local function of_several(name)
    return #told.targets > 1 and ", " .. name or ""
end

local function moved(share, name)
    return ("%6s %s%s"):format(percent(share), bar(share), #told.targets > 1 and "  " .. name or "")
end

-- The canary's share that a request of one of the routing operations asks for, or nil.
local routing = {}

local function weights(actions, target)
    for _, action in ipairs(actions or {}) do
        local groups = action.ForwardConfig and action.ForwardConfig.TargetGroups
        local sum, canary = 0, 0
        for _, group in ipairs(groups or {}) do
            sum = sum + (group.Weight or 1)
            canary = canary + (group.TargetGroupArn == target.canary and group.Weight or 0)
        end
        if sum > 0 then
            return 100 * canary / sum
        end
    end
    for _, action in ipairs(actions or {}) do
        if action.TargetGroupArn then
            return action.TargetGroupArn == target.canary and 100 or 0
        end
    end
end

routing["elbv2.modify_rule"] = function(input, target)
    return input.RuleArn == target.rule and weights(input.Actions, target)
end

routing["elbv2.modify_listener"] = function(input, target)
    return input.ListenerArn == target.listener and weights(input.DefaultActions, target)
end

routing["lambda.update_alias"] = function(input, target)
    if input.FunctionName ~= target["function"] or input.Name ~= target.alias then
        return nil
    end
    if input.FunctionVersion == target.canary then
        return 100
    end
    local extra = input.RoutingConfig and input.RoutingConfig.AdditionalVersionWeights or {}
    return 100 * (extra[target.canary] or 0)
end

-- What a mutation does, for people: "canary 5 %" where it routes one of the run's targets.
local function routed(request)
    local share_of = routing[request.operation]
    for _, target in ipairs(share_of and told.targets or {}) do
        local share = share_of(request.input, target)
        if share then
            return share, label(target)
        end
    end
end

-- What a judge saw, in one line.
local function numbers(judge)
    if judge.judge == "ratio" then
        return ("%s: canary %.3f %% (%.0f of %.0f), baseline %.3f %% (%.0f of %.0f), "
            .. "evidence %.2f of %.2f"):format(judge.name, 100 * judge.canary_rate,
            judge.canary_events, judge.canary_trials, 100 * judge.baseline_rate,
            judge.baseline_events, judge.baseline_trials, judge.log_e_max, judge.threshold)
    end
    return ("%s: %d of the last %d periods beyond %g, the last %.4g"):format(judge.name,
        judge.beyond, judge.of, judge.limit, judge.last)
end

local verdict_paint = {
    harm = "bad", safe = "good", ["no data"] = "bad", ["provider error"] = "bad",
}

-- The verdict, and below it what each judge saw.
local function verdict_lines(at, what, text, judges, verdict)
    local how = verdict_paint[verdict]
    local lines = { line(at, what, text .. (how and paint(how, verdict) or verdict)) }
    for _, judge in ipairs(judges) do
        lines[#lines + 1] = MARGIN .. numbers(judge) .. "\n"
    end
    return table.concat(lines)
end

-- "" after an answer that came; else what became of it.
local function outcome_of(body, paint_how)
    if body.outcome == "ok" then
        return ""
    end
    local text = ("%s: %s"):format(body.outcome, body.error and body.error.message or "no answer")
    return "  " .. (paint_how and paint(paint_how, text) or text)
end

local tell = {}

function tell.run(body)
    told.run = body
end

function tell.begin(body, at)
    told.start = at
    told.targets = body.targets
    local out = { ("%s: %s\n"):format(body.policy.name or told.run.policy,
        body.policy.summary or "") }
    for _, target in ipairs(body.targets) do
        out[#out + 1] = ("  target     %s (%s)\n"):format(label(target), target.type)
    end
    if told.run.recording then
        out[#out + 1] = ("  recording  %s\n"):format(told.run.recording.name)
    end
    for _, inject in ipairs(told.run.injects or {}) do
        out[#out + 1] = ("  inject     %s\n"):format(inject)
    end
    out[#out + 1] = ("  seed       %s\n\n"):format(told.run.seed)
    return table.concat(out)
end

function tell.effect(body, at)
    local request = body.request
    if request.kind == "watch" then
        told.watches[body.id] = { share = request.share, length = request["for"], at = at,
            target = label(request.target) }
    elseif request.kind == "sleep" then
        return line(at, "wait", duration(request["for"]))
    elseif request.kind == "notify" then
        return line(at, "notify", request.message)
    elseif request.kind == "aws" then
        told.asked[body.id] = body
    end
end

function tell.result(body, at)
    local watch, asked = told.watches[body.id], told.asked[body.id]
    if watch and watch.tick then
        return verdict_lines(at, "watched", ("%s at %s%s: "):format(duration(at - watch.at),
            percent(watch.share), of_several(watch.target)), watch.tick.judges, watch.tick.verdict)
    elseif not asked or (not asked.key and body.outcome == "ok") then
        return nil -- what was only read is of interest where it could not be
    end
    local share, name
    if asked.key then
        share, name = routed(asked.request)
    end
    local outcome = outcome_of(body)
    if share then
        return line(at, "shift", moved(share, name) .. outcome)
    end
    return line(at, asked.key and "change" or "asked", asked.request.operation .. outcome)
end

function tell.tick(body, at)
    local watch = told.watches[body.id]
    watch.tick = body
    local final = body.verdict == "harm" or body.verdict == "no data"
        or body.verdict == "provider error"
    if told.options.ticks or final then
        told.final = final and body.verdict
        return verdict_lines(at, final and "verdict" or "tick", ("%s in at %s%s: "):format(
            duration(at - watch.at), percent(watch.share), of_several(watch.target)),
            body.judges, body.verdict)
    end
end

function tell.rollback(body, at)
    told.rollback = body
    if body.cause == told.final then -- the numbers were just told
        return line(at, "rollback", paint("bad", body.cause))
    end
    local where = body.chunk ~= "" and not body.reason:find(body.chunk, 1, true)
        and ("  (%s:%d)"):format(body.chunk, body.line) or ""
    return line(at, "rollback", paint("bad", ("%s: %s%s"):format(body.cause, body.reason, where)))
end

local found_words = {
    foreign = "somebody else changed it meanwhile: it is left as it is",
    error = "it could not be read",
}

function tell.probe(body, at)
    local words = found_words[body.found]
    return words and line(at, "probe", short(body.key) .. ": " .. paint("bad", words))
end

function tell.undo(body)
    told.undo[body.id] = body.request
end

function tell.undone(body, at)
    local request = told.undo[body.id]
    local share, name = routed(request)
    local what = share and moved(share, name) or request.operation
    return line(at, "undo", what .. outcome_of(body, "bad"))
end

function tell.verified(body, at)
    if body.restored then
        return line(at, "verified", paint("good", "as it was before") .. ": " .. short(body.key))
    end
    return line(at, "verified", paint("bad", "NOT as it was before") .. ": " .. short(body.key))
end

tell["end"] = function(body, at)
    local good = body.exit == 0
    return ("%s after %s%s\n"):format(paint(good and "good" or "bad", body.outcome),
        duration(at - told.start), good and "" or (" (exit status %d)"):format(body.exit))
end

-- The lines for one record { kind, at, body }, or "". A journal is bytes from outside: what no run
-- would write is refused, and nothing in it moves the reader's cursor.
function M.add(record)
    local teller = tell[record.kind]
    if not teller then
        return ""
    end
    local ok, text = pcall(teller, plain.text(record.body), record.at)
    if not ok then
        error({ invalid = "it is not what a run writes as a record of kind " .. record.kind })
    end
    return text or ""
end

-- A target in a few characters: "shop/9683b2d0" for what belongs to the load balancer shop.
local function brief(name)
    local balancer, id = name:match("/%l+/([^/]+)/.-([^/]+)$")
    return balancer and ("%s/%s"):format(balancer, id:sub(1, 8)) or name
end

-- One line about the watch a tick belongs to, for a terminal that is redrawn in place.
function M.status(record)
    local watch = told.watches[record.body.id]
    local judge = record.body.judges[1]
    local left = watch.length - (record.at - watch.at)
    return ("%s %s %s  %s, %s left  %s"):format(brief(watch.target), bar(watch.share),
        percent(watch.share), record.body.verdict, duration(left),
        judge and numbers(plain.text(judge)) or "")
end

return M
