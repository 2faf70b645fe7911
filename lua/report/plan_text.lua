-- A plan as it is read by people: on a terminal, or as the comment below a change.

local approval = require "report.approval"
local change = require "report.change"
local plain = require "report.plain"
local plan_words = require "report.plan_words"
local preflight = require "report.preflight"
local sorted = require "sorted"
local types = require "targets"
local window = require "report.window"
local words = require "report.words"

local M = {}

local clock, duration, percent, bar = words.clock, words.duration, words.percent, words.bar
local short, wrapped = words.short, words.wrapped
local about, count, of_several = plan_words.about, plan_words.count, plan_words.of_several

local MARGIN = 20

local paint -- (how, text) -> text

local colours = { good = "32", bad = "31", warning = "33", strong = "1" }

local function painter(wanted)
    return function(how, text)
        return wanted and ("\27[%sm%s\27[0m"):format(colours[how], text) or text
    end
end

local function line(step, what, text)
    return ("%s  %-9s %s\n"):format(clock(step.at), what, text)
end

local function more(text)
    return (" "):rep(MARGIN) .. wrapped(text, MARGIN) .. "\n"
end

local tell = {}

function tell.change(plan, step, told)
    local from, to = change.words(step.operation, step.before, step.after)
    local head = step.share
        and line(step, "shift", ("%7s %s%s"):format(percent(step.share), bar(step.share),
            of_several(plan, step.target)))
        or line(step, "change", short(step.identity))
    if step.refused then
        return head .. more(paint("bad", ("AWS would refuse it: %s: %s"):format(step.refused.code,
            step.refused.message)))
    end
    local changes = told.changes[step.identity] or {}
    told.changes[step.identity], changes[#changes + 1] = changes, step
    return head .. more(("%s: %s -> %s"):format(step.operation, from, to))
        .. more(plan_words.undo(step, changes))
end

function tell.wait(_, step)
    local again = step.times > 1
        and (", looking every %s"):format(duration(step["for"] // step.times)) or ""
    return line(step, "wait", (step.times > 1 and "about " or "") .. duration(step["for"]) .. again)
end

function tell.window(_, step)
    return line(step, "window", wrapped(window.told(step.window, step), MARGIN))
end

function tell.approval(_, step)
    return line(step, "approval", wrapped(approval.asked(step), MARGIN))
end

-- What was told of the watch before is not told again. Of one that could not begin there is
-- nothing to tell: its judges were not read.
local function judges_lines(step, told)
    local lines = {}
    for i, judge in ipairs(step.harm_at and step.judges or {}) do
        lines[i] = more(("%s: harm at %s"):format(judge.name, step.harm_at[i]))
    end
    local text = table.concat(lines)
    local again = text == told.judges
    told.judges = text
    return again and "" or text
end

-- With the traffic that there was before.
local function foreseen_lines(seen)
    local takes = {}
    for i, one in ipairs(seen.takes) do
        takes[i] = ("to %g times %s"):format(one.rise, one.watch and about(one.watch)
            or "for ever")
    end
    return more(("could see %s, on %.0f requests of the canary in %s"):format(seen.sees
        and ("a rise to %.3g times"):format(seen.sees) or "no rise", seen.requests,
        duration(seen.judged))) .. more("it takes, for a rise " .. table.concat(takes, ", "))
end

function tell.watch(plan, step, told)
    if step.beside then
        return line(step, "watch", ("meanwhile, at %s, every %s%s"):format(percent(step.share),
            duration(step.every), of_several(plan, step.target)))
    end
    local named = step.step and not step.step:find(" %%$") and step.step .. ", " or ""
    local lines = { line(step, "watch", ("%s at %s%s, every %s%s"):format(duration(step["for"]),
        named, percent(step.share), duration(step.every), of_several(plan, step.target))),
        judges_lines(step, told) }
    if step.settle_in then
        lines[#lines + 1] = more(("its first %s left out: the canary settles in"):format(
            duration(step.settle_in)))
    end
    if step.foreseen then
        lines[#lines + 1] = foreseen_lines(step.foreseen)
    end
    if step.sees then
        lines[#lines + 1] = more(("up to %s longer, until a rise to %s times could have been seen")
            :format(duration(step.patience), ("%g"):format(step.sees)))
    end
    if step.decide then
        lines[#lines + 1] = more("the policy decides: what follows depends on what it is told")
    end
    return table.concat(lines)
end

function tell.notify(_, step)
    return line(step, step.level == "warning" and "warning" or "notify", step.message)
end

function tell.metric(_, step)
    return line(step, "metric", ("%s%s"):format(step.metric or "", step.arm and " of the "
        .. step.arm or "")) .. more(paint("warning", "what follows depends on what the policy "
        .. "finds; here it found nothing"))
end

local function field(name, text)
    return ("  %-10s %s\n"):format(name, text)
end

local function target_lines(plan, target)
    local label = types.label(target)
    local first = plan_words.ends_of(plan, label)
    local out = field("target", types.title(target))
    if not first then
        return out
    end
    local now = change.words(first.operation, first.before, first.after)
    return out .. field("now", now)
end

local function head(plan)
    local policy = plan.summary
    local out = { ("%s: %s\n"):format(policy.name or plan.policy, policy.summary or "") }
    out[#out + 1] = field("account", ("%s, %s"):format(plan.account, plan.region))
    out[#out + 1] = field("as", plan.identity)
    for _, name in ipairs(sorted(plan.sources)) do
        out[#out + 1] = field("source", ("%s  sha256 %s"):format(name, plan.sources[name]:sub(1,
            16)))
    end
    for _, pair in ipairs(plan.arguments) do
        if plan.params[pair[1]] ~= nil then -- the targets are told below
            out[#out + 1] = field("given", pair[1] .. "=" .. pair[2])
        end
    end
    for _, target in ipairs(plan.targets) do
        out[#out + 1] = target_lines(plan, target)
    end
    for _, text in ipairs(preflight.lines(plan.metrics, #plan.targets > 1)) do
        out[#out + 1] = field("metric", wrapped(text, 13))
    end
    return table.concat(out) .. "\n"
end

local function tail(plan, file)
    local number = 0
    for _, step in ipairs(plan.steps) do
        number = number + (step.kind == "change" and 1 or 0)
    end
    local command = file and "tidelock run " .. file
        or "`tidelock plan --output FILE` seals it; then `tidelock run FILE`"
    return ("\n%s of %s, in about %s. Nothing has been touched.\n%s%s: %s\n"):format(
        paint("strong", count(number, "change")), count(#plan.observed, "resource"),
        about(plan.length), plan_words.at_the_end(plan), paint("good", "To carry it out"),
        command)
end

local function failed(plan)
    local failure = plan.failure
    local where = failure.chunk ~= "" and not failure.reason:find(failure.chunk, 1, true)
        and (" (%s:%d)"):format(failure.chunk, failure.line) or ""
    return ("%s  %-9s %s\n"):format(clock(plan.length), "rollback", paint("bad", wrapped(
        ("%s: %s%s"):format(failure.cause, failure.reason, where), MARGIN)))
        .. "\nAs things are, a run would come to this and put everything back. Nothing has been "
        .. "touched.\n"
end

-- plan: the document, sealed or not. options: { colour, file = where it was written (optional) }.
function M.tell(plan, options)
    plan, paint = plain.text(plan), painter(options.colour)
    local out, told = { head(plan) }, { changes = {} }
    for _, step in ipairs(plan.steps) do
        out[#out + 1] = tell[step.kind](plan, step, told)
    end
    out[#out + 1] = plan.failure and failed(plan) or tail(plan, options.file)
    return table.concat(out)
end

return M
