-- A run as a timeline: one journal record in, the lines a person reads out. They depend on the
-- records alone, so a run while it happens and its journal a year later read the same.

local approval = require "report.approval"
local change = require "report.change"
local instant = require "instant"
local left_out = require "report.left_out"
local plain = require "report.plain"
local preflight = require "report.preflight"
local teller = require "report.teller"
local types = require "targets"
local unanswered = require "report.unanswered"
local window = require "report.window"
local words = require "report.words"

local M = {}

local duration, percent, bar = words.duration, words.percent, words.bar

local state -- what is remembered between records

-- Starts a new timeline. options: { ticks = bool: tell every tick; colour = bool }.
function M.begin(options)
    state = { options = options or {}, lines = 0, run = {}, targets = {}, watches = {}, undo = {},
        asked = {}, unsteady = {}, shares = {}, tried = {}, changes = {}, restored = {},
        gaps = {}, made = {}, probed = {}, approvals = {},
        windows = {} }
    return ""
end

local colours = { good = "32", bad = "31", warning = "33" }

local function paint(how, text)
    if not state.options.colour then
        return text
    end
    return ("\27[%sm%s\27[0m"):format(colours[how], text)
end

local function clock(at)
    return words.clock(at - state.start)
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
    return #state.targets > 1 and ", " .. name or ""
end

local function moved(share, name)
    local whose = #state.targets > 1 and "  " .. name or ""
    return ("%7s %s%s"):format(percent(share), bar(share), whose)
end

local verdict_paint = {
    harm = "bad", safe = "good", ["no data"] = "bad", ["provider error"] = "bad",
}

-- The verdict, below it what each judge says, what was left out, and what was not answered.
local function verdict_lines(at, what, text, judges, verdict, watch)
    local gap, left = unanswered.text(watch.gaps), left_out.text(watch.left)
    local how = verdict_paint[verdict]
    local lines = { line(at, what, text .. (how and paint(how, verdict) or verdict)) }
    for _, judge in ipairs(judges) do
        for i, said in ipairs(judge.says) do
            lines[#lines + 1] = MARGIN .. (i == 1 and judge.name .. ": " or "  ") .. said .. "\n"
        end
    end
    lines[#lines + 1] = left and MARGIN .. left .. "\n"
    lines[#lines + 1] = gap and MARGIN .. paint("warning", wrapped(gap)) .. "\n"
    return table.concat(lines)
end

-- "at 5 %", or as the policy calls it: "at its first look, 5 %".
local function place(watch)
    local called = watch.step and watch.step .. ", " or ""
    return ("at %s%s%s"):format(called, percent(watch.share), of_several(watch.target))
end

-- Says what became of a request: "" where the answer was as wanted.
local function outcome_of(body, paint_how)
    if body.outcome == "ok" then
        return ""
    end
    local text = ("%s: %s"):format(body.outcome, body.error and body.error.message or "no answer")
    return "  " .. (paint_how and paint(paint_how, text) or text)
end

local tell = {}

function tell.run(body)
    state.run = body
end

function tell.begin(body, at)
    local out = { ("%s: %s\n"):format(body.policy.name or state.run.policy or "a policy",
        body.policy.summary or "") }
    for _, target in ipairs(body.targets) do
        out[#out + 1] = ("  target     %s\n"):format(types.title(target))
    end
    state.start, state.targets, state.home = at, body.targets, body.home
    for _, text in ipairs(preflight.lines(body.preflight, #body.targets > 1)) do
        out[#out + 1] = ("  metric     %s\n"):format(words.wrapped(text, 13))
    end
    if state.run.recording then
        out[#out + 1] = ("  recording  %s\n"):format(state.run.recording.name)
    end
    for _, inject in ipairs(state.run.injects or {}) do
        out[#out + 1] = ("  inject     %s\n"):format(inject)
    end
    if state.run.plan then
        out[#out + 1] = ("  plan       %s\n"):format(state.run.plan.seal:sub(1, 16))
    end
    out[#out + 1] = ("  seed       %s\n\n"):format(state.run.seed)
    return table.concat(out)
end

function tell.effect(body, at)
    local request = body.request
    if request.kind == "watch" then
        local unnamed = request.step == request.share .. " %"
        local name = types.label(request.target)
        state.gaps[name] = state.gaps[name] or unanswered.new()
        state.shares[name] = state.shares[name] and request.share -- some go on by themselves
        state.watches[body.id] = { gaps = state.gaps[name], left = left_out.new(),
            share = request.share,
            length = request["for"], at = at, target = name,
            step = not unnamed and request.step or nil }
    elseif request.kind == "approval" then
        state.approvals[body.id] = request
        return line(at, "approval", wrapped(approval.asked(request)))
    elseif request.kind == "window" then
        state.windows[body.id] = request
    elseif request.kind == "sleep" then
        return line(at, "wait", duration(request["for"]))
    elseif request.kind == "notify" then
        local warns = request.level == "warning"
        return line(at, warns and "warning" or "notify",
            warns and paint("warning", request.message) or request.message)
    elseif request.kind == "aws" then
        state.asked[body.id] = body
        state.changes[body.id] = body.identity
        if body.identity then
            local _, name = types.share(request, state.targets, state.home, body.observed)
            state.tried[name or false] = true
            local made = state.made[body.identity] or {}
            state.made[body.identity] = made
            made[#made + 1] = { id = body.id, operation = request.operation, before = body.before,
                after = body.after, undo = body.undo }
        end
    end
end

-- What AWS refused was never made.
local function forget_change(id)
    local made = state.made[state.changes[id]] or {}
    state.changes[id] = nil
    for i = #made, 1, -1 do
        if made[i].id == id then
            table.remove(made, i)
        end
    end
end

function tell.result(body, at)
    local watch, asked = state.watches[body.id], state.asked[body.id]
    if body.outcome == "rejected" then
        forget_change(body.id)
    end
    if watch and body.outcome == "ok" then -- a watch that a person ended early may have no tick
        return verdict_lines(at, "watched", ("%s %s: "):format(duration(at - watch.at),
            place(watch)), watch.tick and watch.tick.judges or {}, body.value.verdict, watch)
    elseif state.windows[body.id] and body.outcome == "ok" then
        local request = state.windows[body.id]
        return not request.first and line(at, "window", wrapped(window.told(request.window,
            body.value))) or nil
    elseif state.approvals[body.id] and body.outcome == "ok" then
        local told = approval.unanswered(state.approvals[body.id], body.value)
        return told and line(at, "approval", paint("warning", told))
    elseif not asked or (not asked.identity and body.outcome == "ok") then
        return nil -- a read is told only where it failed
    end
    local share, name
    if asked.identity then
        share, name = types.share(asked.request, state.targets, state.home, asked.observed)
    end
    local outcome = outcome_of(body)
    if share then
        state.shares[name] = body.outcome == "ok" and share or state.shares[name]
        return line(at, "shift", moved(share, name) .. outcome)
    end
    return line(at, asked.identity and "change" or "asked", asked.request.operation .. outcome)
end

local is_final = { harm = true, ["no data"] = true, ["provider error"] = true }

function tell.tick(body, at)
    local watch = state.watches[body.id]
    watch.tick = body
    local doubt = body.doubt ~= watch.doubt and body.doubt
    watch.doubt = body.doubt
    unanswered.add(watch.gaps, body.periods)
    left_out.add(watch.left, body.periods)
    local final, told = is_final[body.verdict], ""
    if state.options.ticks or final then
        state.final = final and body.verdict
        told = verdict_lines(at, final and "verdict" or "tick", ("%s in %s: "):format(
            duration(at - watch.at), place(watch)), body.judges, body.verdict, watch)
    end
    return doubt and told .. line(at, "goes on", wrapped(doubt)) or told
end

-- What a person asked for: how it is told, and why it came to nothing where it did.
local requests = {
    abort = { "abort", "aborted by %s" },
    pause = { "pause", "paused by %s", "it was paused already" },
    resume = { "resume", "resumed by %s", "it was not paused" },
    promote = { "promote", "the wait is over, says %s", "it waits for nothing" },
    ["promote --full"] = { "promote", "this wait and every later one are over, says %s",
        "they are over already" },
    approve = { "approved", "by %s", "it does not wait for that, or not for them" },
    reject = { "rejected", "by %s", "it does not wait for that, or not for them" },
}

function tell.request(body, at)
    local what, done, already = table.unpack(requests[body.request])
    if body.applied then
        state.paused = body.request == "pause" or nil
        return line(at, what, wrapped(done:format(body.by) .. approval.why(body)))
    end
    return line(at, what, wrapped(("%s asked for it; %s"):format(body.by,
        state.rollback and "it is rolling back" or already)))
end

-- Causes that are told by their reason alone: the run's process is gone, or a person said so.
local is_reason = { crash = true, person = true }
-- A resource, as people know it.
local function called(identity)
    return types.called(identity, state.targets, state.home) or words.short(identity)
end

local CUT_SHORT = "the run was cut short; " -- the engine's reason to take up what had not ended

function tell.rollback(body, at)
    state.later = state.later or state.over or body.reason:sub(1, #CUT_SHORT) == CUT_SHORT
    state.rollback, state.restored, state.over = body, {}, nil
    if body.cause == "harm" and state.final == "harm" then -- the numbers were just told
        return line(at, "rollback", paint("bad", body.cause))
    end
    local where = body.chunk ~= "" and not body.reason:find(body.chunk, 1, true)
        and ("  (%s:%d)"):format(body.chunk, body.line) or ""
    local cause = is_reason[body.cause] and "" or body.cause .. ": "
    local text = cause .. body.reason .. where
    return line(at, "rollback", paint("bad", wrapped(text)))
end

local function refusal(problem)
    local code = problem and problem.code or "no answer"
    return problem and problem.message and code .. ": " .. problem.message or code
end

-- What a look found, where that is worth telling.
local found_words = {
    foreign = function() return "somebody else changed it meanwhile: it is left as it is" end,
    earlier = function() return "it shows what it was before; does that last?" end,
    error = function(body)
        local told = body.outcome ~= "ok" and refusal(body.observed) or "it is not there"
        return ("it could not be read (%s)"):format(told)
    end,
}

-- The same is told once, however often it is looked at.
function tell.probe(body, at)
    local find = found_words[body.found]
    local found, last = find and find(body), state.probed[body.id]
    state.unsteady[body.id] = body.found == "unsteady" or nil
    if state.unsteady[body.id] then
        found = "put back, and AWS is still carrying it out"
    end
    state.probed[body.id] = body.found
    if not found or body.found == last and body.found ~= "error" then
        return nil
    elseif state.unsteady[body.id] then
        return line(at, "probe", called(body.identity) .. ": " .. found)
    elseif body.again and body.found == "error" then
        found = ("%s; it is looked at again in %s"):format(found,
            duration((body.again + 999) // 1000 * 1000))
    end
    return line(at, "probe", paint("bad", wrapped(called(body.identity) .. ": " .. found)))
end

function tell.undo(body)
    state.undo[body.id] = body.request
end

function tell.undone(body, at)
    local request = state.undo[body.id]
    local share, name = types.share(request, state.targets, state.home)
    local what = share and moved(share, name) or request.operation
    return line(at, "undo", what .. outcome_of(body, "bad"))
end

-- How a resource was that could not be put back, how it is, what the run made of it, and how it is
-- put back by hand: a person has to see to it.
local function left_as(body)
    local made = state.made[body.identity]
    if not made or not made[1] or type(made[1].before) ~= "table" then
        return ""
    end
    local whole, lines = change.whole(made), {}
    local operation = whole.operation
    local seen = type(body.state) == "table" and body.state or nil
    local was, ours = change.words(operation, whole.before, whole.after)
    if seen then
        local _, is = change.words(operation, whole.before, seen)
        was = change.words(operation, whole.before, seen)
        if is == ours and not change.same(seen, whole.after) then
            ours, is = change.words(operation, whole.after, seen)
        end
        lines[2] = "it is " .. is
        ours = not change.same(seen, whole.after) and ours or nil
    end
    lines[1] = "it was " .. was
    lines[#lines + 1] = ours and "the run made it " .. ours
    for i, text in ipairs(lines) do
        lines[i] = MARGIN .. wrapped(text) .. "\n"
    end
    local command = change.by_hand(operation, whole.undo)
    lines[#lines + 1] = command and MARGIN .. "by hand: " .. command .. "\n"
    return table.concat(lines)
end

function tell.verified(body, at)
    if body.restored then
        state.restored[#state.restored + 1] = called(body.identity)
        return line(at, "verified", paint("good", "as it was before") .. ": "
            .. called(body.identity))
    end
    local why = body.why or state.unsteady[body.id] and "AWS did not carry it out"
    local text = "NOT as it was before: " .. called(body.identity)
    return line(at, "verified", paint("bad", wrapped(why and text .. " (" .. why .. ")" or text)))
        .. left_as(body)
end

-- What a promoted run leaves its targets with, where that is not all of the traffic. Of one that it
-- never shifted it does not know the share.
local function left_at()
    local parts = {}
    for _, target in ipairs(state.targets) do
        local name = types.label(target)
        local share = state.shares[name]
        if share and share < 100 then
            parts[#parts + 1] = ("%s at %s"):format(name, percent(share))
        elseif not share and not state.tried[name] then
            parts[#parts + 1] = name .. " not shifted"
        end
    end
    return #parts > 0 and ", with " .. table.concat(parts, ", ") or ""
end

-- How a later process ends, which took up a run that was cut short or had ended: what the run's own
-- end says is no longer so.
local function put_back(at)
    local count = #state.restored
    local text = count == 1 and state.restored[1] .. " is as it was before"
        or count > 1 and ("all %d resources are as they were before"):format(count)
        or next(state.changes) and "there was nothing to put back"
        or "its journal tells of no change"
    return words.wrapped(("%s after %s: %s"):format(paint("good", "rolled back"),
        duration(at - state.start), text), 0) .. "\n"
end

local NOT_RESTORED = 14

function tell.commit()
    state.over = true
end

tell["end"] = function(body, at)
    state.over = true
    if state.later and body.exit ~= NOT_RESTORED then
        return put_back(at)
    elseif state.recalled and body.exit == 0 then
        state.start = state.recalled -- it had come to its end, and that is said now
    end
    local good = body.exit == 0
    local back = body.outcome == "no decision" and #state.restored > 0
        and ", and rolled back" or ""
    local rest = good and left_at() or (" (exit status %d)"):format(body.exit)
    return ("%s after %s%s%s\n"):format(paint(good and "good" or "bad", body.outcome),
        duration(at - state.start), back, rest)
end

-- Takes a record from before the timeline that is to be told. Of ticks that they were there.
function M.recall(record)
    local ticks = record.kind == "tick"
    state.lines = state.lines + (ticks and 1 or 0)
    local text = not ticks and M.add(record)
    if record.kind == "end" then
        state.ending = text
    end
    state.last = record.at
    return ""
end

-- Tells in short all that was recalled. From here on times count from the next record.
function M.recalled()
    if not state.start then
        return ("%s: nothing had been begun\n"):format(state.run.policy or "the run")
    end
    local ending = state.over and state.ending
        or ("cut short after %s"):format(duration(state.last - state.start))
    local begun = instant.format(state.start - state.start % 1000)
    local out = { words.wrapped(("%s, begun %s: %s"):format(state.run.policy or "a policy",
        begun, ending), 0),
        "\n" }
    for _, target in ipairs(state.targets) do
        out[#out + 1] = ("  target     %s\n"):format(types.title(target))
    end
    out[#out + 1] = "\n"
    state.recalled, state.start = state.start, nil
    return table.concat(out)
end

-- The lines for one record { kind, at, body }, or "". What no run writes is a line that says so.
function M.add(record)
    state.lines = state.lines + 1
    if record.kind ~= "run" then
        state.start = state.start or record.at
    end
    local ok, told = teller.tell(tell, record)
    if ok then
        return told or ""
    end
    state.start = state.start or record.at
    return line(record.at, "untold", paint("warning", wrapped(
        ("line %d of the journal is no record of kind %s that a run writes"):format(state.lines,
            told:sub(1, 40)))))
end

local function status(record)
    local watch = state.watches[record.body.id]
    if is_final[record.body.verdict] then
        return ""
    end
    local left = watch.length - (record.at - watch.at)
    local seen = {}
    for i, judge in ipairs(record.body.judges) do
        seen[i] = ("%s: %s"):format(plain.text(judge.name),
            plain.text(table.concat(judge.says, " ")))
    end
    local waits = state.paused and "paused" or left > 0 and duration(left) .. " left"
        or "waiting for metrics"
    return ("%s %s %s  %s, %s  %s"):format(types.brief(watch.target, state.targets),
        bar(watch.share), percent(watch.share), record.body.verdict, waits,
        unanswered.text(watch.gaps) or table.concat(seen, "; "))
end

-- Until the first look there is nothing to see but that somebody will look.
local function begun(record)
    local request = record.body.request
    local watch = request.kind == "watch" and state.watches[record.body.id]
    return watch and ("%s %s %s  first look in %s, %s left"):format(
        types.brief(watch.target, state.targets), bar(watch.share), percent(watch.share),
        duration(request.every), duration(watch.length)) or ""
end

-- One line about the watch that begins, or that a tick belongs to, for a terminal that is redrawn
-- in place; none after a verdict that ends the watch.
function M.status(record)
    return teller.protected("", record.kind == "effect" and begun or status, record)
end

return M
