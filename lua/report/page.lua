-- How one run is doing, from its records: a page for people, and what of it a program may want.

local approval = require "report.approval"
local instant = require "instant"
local plain = require "report.plain"
local sorted = require "sorted"
local teller = require "report.teller"
local types = require "targets"
local unanswered = require "report.unanswered"
local words = require "report.words"

local M = {}

local duration, percent = words.duration, words.percent

local facts -- what cli/run_page.h knows without reading the records
local targets, home, shares, restored, requests, watch
local approvals -- those that are waited for, by id
local asked -- by targets' names: the share that was asked for, as long as its answer is open
local named -- by identities: those names
local lost -- {full name = true}: what was changed where the journal does not reach
local caller -- the ARN of whom it works as
local lines, untold -- how many there were, and which of them no run writes

function M.begin(known)
    facts = plain.text(known)
    targets, home, shares, restored, requests, watch = {}, nil, {}, {}, {}, nil
    asked, named, lost, caller = {}, {}, {}, nil
    lines, untold, approvals = 0, {}, {}
    for _, full in ipairs(facts.lost or {}) do
        lost[full] = true
    end
    return ""
end

local see = {}

function see.run(body)
    caller = body.caller
end

function see.begin(body)
    for _, target in ipairs(body.targets) do
        types.title(target) -- raises for what is none
    end
    targets, home = body.targets, body.home
end

local function share_of(body)
    return types.share(body.request, targets, home, body.observed)
end

local function ask_share(body)
    requests[body.id] = body
    local share, name = share_of(body)
    if share then
        asked[name], named[body.identity] = share, name
    end
end

local function take_share(body, outcome)
    local share, name
    if body then
        share, name = share_of(body)
    end
    if share then
        shares[name] = outcome == "ok" and share or shares[name]
        asked[name] = nil
    end
end

function see.effect(body, at)
    local request = body.request
    if request.kind == "watch" then
        watch = { gaps = unanswered.new(), id = body.id, at = at, length = request["for"],
            share = request.share, target = types.label(request.target) }
    elseif request.kind == "approval" then
        approvals[body.id] = { request = request, at = at }
    elseif body.identity then
        ask_share(body)
    end
end

function see.result(body, at)
    take_share(requests[body.id], body.outcome)
    approvals[body.id] = nil
    if watch and watch.id == body.id then
        watch.over = at
        watch.verdict = body.outcome == "ok" and body.value.verdict or watch.verdict
    end
end

function see.tick(body)
    if watch and watch.id == body.id then
        watch.verdict = body.verdict
        unanswered.add(watch.gaps, body.periods)
    end
end

function see.rollback(_, at)
    approvals = {}
    if watch then
        watch.over = watch.over or at
    end
end

see.undo = ask_share

function see.undone(body)
    take_share(requests[body.id], body.outcome)
end

function see.verified(body)
    local called = types.called(body.identity, targets, home) or words.short(body.identity)
    restored[called] = body.restored
    if body.restored and named[body.identity] then
        asked[named[body.identity]] = nil
    end
end

function M.add(record)
    lines = lines + 1
    if not teller.tell(see, record) then
        untold[#untold + 1] = lines
    end
    return ""
end

local MARGIN = 13

local function row(name, text)
    return ("  %-10s %s\n"):format(name, words.wrapped(text, MARGIN))
end

local function time(ms)
    return instant.format(ms - ms % 1000)
end

-- "4m10s": a run under way is told to the second.
local function whole(ms)
    return duration(ms < 1000 and ms or ms - ms % 1000)
end

-- The canary's share of a target; nil: it was never shifted, or (true) nobody can tell.
local function share_now(target)
    local name = types.label(target)
    if lost[types.full(target)] or asked[name] and not facts.held then
        return nil, true
    end
    return shares[name]
end

local function target_row(target)
    local share, unknown = share_now(target)
    local now = share and "canary at " .. percent(share) or "not shifted"
    local to = asked[types.label(target)]
    if lost[types.full(target)] then
        now = "share not known: the journal has lost its last change"
    elseif unknown then
        now = ("share not known: cut off as it was shifted to %s"):format(percent(to))
    elseif to then
        now = ("%s, being shifted to %s"):format(now, percent(to))
    end
    return row("target", types.title(target) .. ", " .. now)
end

local function watch_row()
    local till = watch.over or (facts.held and facts.now or facts.last)
    local gap = unanswered.text(watch.gaps)
    local verdict = (watch.verdict or "no look yet") .. (gap and "; " .. gap or "")
    return row("watch", ("%s of %s at %s%s: %s"):format(whole(till - watch.at),
        duration(watch.length), percent(watch.share),
        #targets > 1 and ", " .. watch.target or "", verdict))
end

local function approval_rows()
    local rows = {}
    for _, id in ipairs(sorted(approvals)) do
        local one = approvals[id]
        rows[#rows + 1] = row("approval", ("%s; since %s, until %s"):format(
            approval.asked(one.request), time(one.at), time(one.at + one.request.within)))
    end
    return table.concat(rows)
end

-- For programs.
local function approval_list()
    local list = {}
    for _, id in ipairs(sorted(approvals)) do
        local one = approvals[id]
        list[#list + 1] = { since = one.at, ["until"] = one.at + one.request.within,
            message = one.request.message, from = one.request.from }
    end
    return facts.held and list[1] and list or nil
end

local function ended_row()
    local back = facts.exit ~= 14 and next(restored) ~= nil and facts.outcome ~= "rolled back"
    return row("ended", ("%s after %s%s (exit status %d)"):format(facts.outcome,
        whole(facts.last - facts.began), back and ", and rolled back" or "", facts.exit))
end

local function left_rows()
    local out = {}
    for called, back in pairs(restored) do
        if not back then
            out[#out + 1] = row("left", called .. ": NOT as it was before")
        end
    end
    table.sort(out)
    return table.concat(out)
end

local function untold_row()
    local some = table.concat(untold, ", ", 1, math.min(#untold, 5))
    return row("untold", ("%d of the journal's records no run writes (line %s%s)"):format(#untold,
        some, #untold > 5 and ", ..." or ""))
end

-- What can be done about it.
local nexts = {
    ["cut short"] = "`tidelock recover %s` rolls it back",
    unreadable = "`tidelock recover %s` puts back what its intact part tells of",
    running = "`tidelock abort %s` rolls it back",
    ["waiting for approval"] = "`tidelock approve %s` has it go on; with --reject it is rolled "
        .. "back",
    paused = "`tidelock resume %s` has it go on",
}

local function next_row(ended)
    local advice = nexts[facts.status]
        or ended and facts.exit == 14 and "`tidelock recover %s` tries again"
    return advice and row("next", advice:format(facts.run)) or ""
end

local function text()
    local ended = facts.status == "ended"
    local out = { ("%s  %s\n"):format(facts.run, facts.status) }
    local function add(condition, line, ...)
        out[#out + 1] = condition and line(...) or nil
    end
    add(facts.policy ~= "", row, "policy", facts.policy)
    add(facts.began > 0, function()
        local since = facts.held and (", %s ago"):format(whole(facts.now - facts.began)) or ""
        return row("begun", time(facts.began) .. since)
    end)
    add(facts.account, function()
        return row("account", facts.account .. (facts.region and ", " .. facts.region or ""))
    end)
    add(caller, row, "caller", caller)
    for _, target in ipairs(targets) do
        out[#out + 1] = target_row(target)
    end
    add(watch, watch_row)
    add(facts.held, approval_rows)
    add(facts.paused_by, function()
        return row("paused", ("by %s, since %s"):format(facts.paused_by, time(facts.paused_at)))
    end)
    add(ended, ended_row)
    add(facts.reason, row, "reason", facts.reason)
    out[#out + 1] = left_rows()
    add(#untold > 0, untold_row)
    out[#out + 1] = next_row(ended)
    return table.concat(out)
end

-- { text, targets = { { share, target, type }... }, verdict, approvals }; what is not known is
-- left out.
function M.finish()
    local list = {}
    for i, target in ipairs(targets) do
        list[i] = { target = types.label(target), type = target.type, share = share_now(target) }
    end
    return { text = text(), targets = list, verdict = watch and watch.verdict,
        approvals = approval_list(), caller = caller }
end

return M
