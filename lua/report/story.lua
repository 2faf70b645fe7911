-- A run as a story: one journal record in, the lines a person reads out. What is told depends on
-- the records alone, so a run while it happens and its journal a year later read the same.

local hearing = require "report.heard"
local instant = require "instant"
local plain = require "report.plain"
local routing = require "report.routing"
local standing = require "report.standing"
local words = require "report.words"

local M = {}

local duration, percent, bar, short = words.duration, words.percent, words.bar, words.short

local told -- what is remembered between records

-- Starts a new story. options: { ticks = bool: tell every tick; colour = bool }.
function M.begin(options)
    told = { options = options or {}, targets = {}, watches = {}, undo = {}, asked = {},
        unsteady = {}, shares = {}, before = {}, changes = {}, restored = {}, heard = {} }
    return ""
end

local colours = { good = "32", bad = "31", warning = "33" }

local function paint(how, text)
    if not told.options.colour then
        return text
    end
    return ("\27[%sm%s\27[0m"):format(colours[how], text)
end

local function clock(at)
    return words.clock(at - told.start)
end

local MARGIN = (" "):rep(20)

local function wrapped(text)
    return words.wrapped(text, #MARGIN)
end

local function line(at, what, text)
    return ("%s  %-9s %s\n"):format(clock(at), what, text)
end

-- Which target, where the run has more than one.
local function of_several(name)
    return #told.targets > 1 and ", " .. name or ""
end

local function moved(share, name)
    return ("%7s %s%s"):format(percent(share), bar(share), #told.targets > 1 and "  " .. name or "")
end

local verdict_paint = {
    harm = "bad", safe = "good", ["no data"] = "bad", ["provider error"] = "bad",
}

-- The verdict, and below it what each judge says, and what it could not see.
local function verdict_lines(at, what, text, judges, verdict, heard)
    local how = verdict_paint[verdict]
    local lines = { line(at, what, text .. (how and paint(how, verdict) or verdict)) }
    for _, judge in ipairs(judges) do
        for i, said in ipairs(judge.says) do
            lines[#lines + 1] = MARGIN .. (i == 1 and judge.name .. ": " or "  ") .. said .. "\n"
        end
    end
    local gap = hearing.gap(heard)
    lines[#lines + 1] = gap and MARGIN .. paint("warning", wrapped(gap)) .. "\n"
    return table.concat(lines)
end

-- "at 5 %", or as the policy calls it: "at its first look, 5 %".
local function place(watch)
    local called = watch.step and watch.step .. ", " or ""
    return ("at %s%s%s"):format(called, percent(watch.share), of_several(watch.target))
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
        out[#out + 1] = ("  target     %s (%s)\n"):format(routing.label(target), target.type)
    end
    if told.run.recording then
        out[#out + 1] = ("  recording  %s\n"):format(told.run.recording.name)
    end
    for _, inject in ipairs(told.run.injects or {}) do
        out[#out + 1] = ("  inject     %s\n"):format(inject)
    end
    if told.run.plan then
        out[#out + 1] = ("  plan       %s\n"):format(told.run.plan.seal:sub(1, 16))
    end
    out[#out + 1] = ("  seed       %s\n\n"):format(told.run.seed)
    return table.concat(out)
end

function tell.effect(body, at)
    local request = body.request
    if request.kind == "watch" then
        local unnamed = request.step == request.share .. " %"
        local name = routing.label(request.target)
        told.heard[name] = told.heard[name] or hearing.new()
        told.watches[body.id] = { heard = told.heard[name], share = request.share,
            length = request["for"], at = at, target = name,
            step = not unnamed and request.step or nil }
    elseif request.kind == "sleep" then
        return line(at, "wait", duration(request["for"]))
    elseif request.kind == "notify" then
        local warns = request.level == "warning"
        return line(at, warns and "warning" or "notify",
            warns and paint("warning", request.message) or request.message)
    elseif request.kind == "aws" then
        told.asked[body.id] = body
        told.changes[body.id] = body.key
        told.before[body.key or ""] = told.before[body.key or ""] or body.before
    end
end

function tell.result(body, at)
    local watch, asked = told.watches[body.id], told.asked[body.id]
    if body.outcome == "rejected" then
        told.changes[body.id] = nil
    end
    if watch and body.outcome == "ok" then -- without a tick where a person ended it before
        return verdict_lines(at, "watched", ("%s %s: "):format(duration(at - watch.at),
            place(watch)), watch.tick and watch.tick.judges or {}, body.value.verdict,
            watch.heard)
    elseif not asked or (not asked.key and body.outcome == "ok") then
        return nil -- what was only read is of interest where it could not be
    end
    local share, name
    if asked.key then
        share, name = routing.share(asked.request, told.targets)
    end
    local outcome = outcome_of(body)
    if share then
        told.shares[name] = body.outcome == "ok" and share or told.shares[name]
        return line(at, "shift", moved(share, name) .. outcome)
    end
    return line(at, asked.key and "change" or "asked", asked.request.operation .. outcome)
end

local is_final = { harm = true, ["no data"] = true, ["provider error"] = true }

function tell.tick(body, at)
    local watch = told.watches[body.id]
    watch.tick = body
    hearing.add(watch.heard, body.periods)
    local final = is_final[body.verdict]
    if told.options.ticks or final then
        told.final = final and body.verdict
        return verdict_lines(at, final and "verdict" or "tick", ("%s in %s: "):format(
            duration(at - watch.at), place(watch)), body.judges, body.verdict,
            watch.heard)
    end
end

-- What a person asked for: how it is told, and why it came to nothing where it did.
local requests = {
    abort = { "abort", "aborted by %s" },
    pause = { "pause", "paused by %s", "it was paused already" },
    resume = { "resume", "resumed by %s", "it was not paused" },
    promote = { "promote", "the wait is over, says %s", "it waits for nothing" },
    ["promote --full"] = { "promote", "this wait and every later one are over, says %s",
        "they are over already" },
}

function tell.request(body, at)
    local what, done, already = table.unpack(requests[body.request])
    if body.applied then
        told.paused = body.request == "pause" or nil
        return line(at, what, wrapped(done:format(body.by)))
    end
    return line(at, what, wrapped(("%s asked for it; %s"):format(body.by,
        told.rollback and "it is rolling back" or already)))
end

-- Causes that are told by their reason alone: the run's process is gone, or a person said so.
local is_reason = { crash = true, person = true }
local CUT_SHORT = "the run was cut short; " -- the engine's reason to take up what had not ended

function tell.rollback(body, at)
    told.later = told.later or told.over or body.reason:sub(1, #CUT_SHORT) == CUT_SHORT
    told.rollback, told.restored, told.over = body, {}, nil
    if body.cause == "harm" and told.final == "harm" then -- the numbers were just told
        return line(at, "rollback", paint("bad", body.cause))
    end
    local where = body.chunk ~= "" and not body.reason:find(body.chunk, 1, true)
        and ("  (%s:%d)"):format(body.chunk, body.line) or ""
    local cause = is_reason[body.cause] and "" or body.cause .. ": "
    local text = cause .. body.reason .. where
    return line(at, "rollback", paint("bad", wrapped(text)))
end

local found_words = {
    foreign = "somebody else changed it meanwhile: it is left as it is",
    error = "it could not be read",
}

-- What AWS still has to carry out is told once, however often it is looked at.
function tell.probe(body, at)
    local found, again = found_words[body.found], told.unsteady[body.id]
    told.unsteady[body.id] = body.found == "unsteady" or nil
    if told.unsteady[body.id] then
        return not again and line(at, "probe", short(body.key)
            .. ": put back, and AWS is still carrying it out") or nil
    end
    return found and line(at, "probe", short(body.key) .. ": " .. paint("bad", found))
end

function tell.undo(body)
    told.undo[body.id] = body.request
end

function tell.undone(body, at)
    local request = told.undo[body.id]
    local share, name = routing.share(request, told.targets)
    local what = share and moved(share, name) or request.operation
    return line(at, "undo", what .. outcome_of(body, "bad"))
end

-- What a person has to see to: how it was, and how it stands now.
local function left_standing(body)
    local before = told.before[body.key]
    if type(before) ~= "table" or type(body.state) ~= "table" then
        return ""
    end
    local was, is = standing.change(before, body.state)
    return was == is and "" or MARGIN .. wrapped("it was " .. was) .. "\n"
        .. MARGIN .. wrapped("it is " .. is) .. "\n"
end

function tell.verified(body, at)
    if body.restored then
        told.restored[#told.restored + 1] = short(body.key)
        return line(at, "verified", paint("good", "as it was before") .. ": " .. short(body.key))
    end
    local why = body.why or told.unsteady[body.id] and "AWS did not carry it out"
    local text = "NOT as it was before: " .. short(body.key)
    return line(at, "verified", paint("bad", wrapped(why and text .. " (" .. why .. ")" or text)))
        .. left_standing(body)
end

-- What a promoted run leaves its targets with, where that is not all of the traffic.
local function left_at()
    local parts = {}
    for _, target in ipairs(told.targets) do
        local share = told.shares[routing.label(target)]
        if share and share < 100 then
            parts[#parts + 1] = ("%s at %s"):format(routing.label(target), percent(share))
        end
    end
    return #parts > 0 and ", with " .. table.concat(parts, ", ") or ""
end

-- How things are after what a later process did about a run. The run's own end is not its.
local function put_back(at)
    local count = #told.restored
    local text = count == 1 and told.restored[1] .. " is as it was before"
        or count > 1 and ("all %d resources are as they were before"):format(count)
        or next(told.changes) and "there was nothing to put back" or "nothing had been changed"
    return words.wrapped(("%s after %s: %s"):format(paint("good", "rolled back"),
        duration(at - told.start), text), 0) .. "\n"
end

local NOT_RESTORED = 14

function tell.commit()
    told.over = true
end

tell["end"] = function(body, at)
    told.over = true
    if told.later and body.exit ~= NOT_RESTORED then
        return put_back(at)
    elseif told.recalled and body.exit == 0 then
        told.start = told.recalled -- it had come to its end, and that is said now
    end
    local good = body.exit == 0
    local back = body.outcome == "no decision" and #told.restored > 0
        and ", and rolled back" or ""
    local rest = good and left_at() or (" (exit status %d)"):format(body.exit)
    return ("%s after %s%s%s\n"):format(paint(good and "good" or "bad", body.outcome),
        duration(at - told.start), back, rest)
end

-- A record of what was before the story that is to be told.
function M.recall(record)
    local text = M.add(record)
    if record.kind == "end" then
        told.ending = text
    end
    told.last = record.at
    return ""
end

-- All that was recalled, in short; from here on time counts anew.
function M.recalled()
    if not told.start then
        return ("%s: nothing had been begun\n"):format(told.run and told.run.policy or "the run")
    end
    local ending = told.over and told.ending
        or ("cut short after %s"):format(duration(told.last - told.start))
    local begun = instant.format(told.start - told.start % 1000)
    local out = { words.wrapped(("%s, begun %s: %s"):format(told.run.policy, begun, ending), 0),
        "\n" }
    for _, target in ipairs(told.targets) do
        out[#out + 1] = ("  target     %s (%s)\n"):format(routing.label(target), target.type)
    end
    out[#out + 1] = "\n"
    told.recalled, told.start = told.start, nil
    return table.concat(out)
end

-- The lines for one record { kind, at, body }, or "". A journal is bytes from outside: what no run
-- would write is refused, and nothing in it moves the reader's cursor.
function M.add(record)
    local teller = tell[record.kind]
    if not teller then
        return ""
    end
    told.start = told.start or told.recalled and record.at
    local ok, text = pcall(teller, plain.text(record.body), record.at)
    if not ok then
        error({ invalid = "it is not what a run writes as a record of kind " .. record.kind })
    end
    return text or ""
end

-- One line about the watch a tick belongs to, for a terminal that is redrawn in place; none after a
-- verdict that ends the watch.
function M.status(record)
    local watch = told.watches[record.body.id]
    if is_final[record.body.verdict] then
        return ""
    end
    local left = watch.length - (record.at - watch.at)
    local judge = record.body.judges[1]
    local seen = judge and ("%s: %s"):format(plain.text(judge.name),
        plain.text(table.concat(judge.says, " "))) or ""
    return ("%s %s %s  %s, %s  %s"):format(routing.brief(watch.target), bar(watch.share),
        percent(watch.share), record.body.verdict,
        told.paused and "paused" or left > 0 and duration(left) .. " left" or "waiting for metrics",
        hearing.gap(watch.heard) or seen)
end

return M
