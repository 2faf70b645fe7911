-- A plan as a page in Markdown: for the comment below a change, and the summary of a CI job's step.

local approval = require "report.approval"
local change = require "report.change"
local markdown = require "report.markdown"
local plain = require "report.plain"
local plan_words = require "report.plan_words"
local preflight = require "report.preflight"
local types = require "targets"
local words = require "report.words"

local M = {}

local code, row = markdown.code, markdown.row
local duration, percent = words.duration, words.percent

local function joined(lines)
    return table.concat(lines, "<br>")
end

local tell = {} -- what is done, and how it is undone

function tell.change(plan, step, told)
    if step.refused then
        return code(words.short(step.identity)), "**AWS would refuse it**: "
            .. code(step.refused.code .. ": " .. step.refused.message)
    end
    local from, to = change.words(step.operation, step.before, step.after)
    local changes = told[step.identity] or {}
    told[step.identity], changes[#changes + 1] = changes, step
    local what = step.share and ("**%s**"):format(percent(step.share)) or code(words.short(
        step.identity))
    local whose = plan_words.of_several(plan, step.target)
    return joined { what .. (whose ~= "" and " " .. code(whose) or ""),
        code(("%s: %s -> %s"):format(step.operation, from, to)) },
        code(plan_words.undo(step, changes))
end

function tell.wait(_, step)
    return (step.times > 1 and "about " or "") .. duration(step["for"]), ""
end

function tell.watch(plan, step)
    local lines = { ("%s at %s, every %s"):format(duration(step["for"]), percent(step.share),
        duration(step.every)) }
    local whose = plan_words.of_several(plan, step.target)
    lines[#lines + 1] = whose ~= "" and code(whose) or nil
    for i, judge in ipairs(step.harm_at and step.judges or {}) do
        lines[#lines + 1] = code(("%s: harm at %s"):format(judge.name, step.harm_at[i]))
    end
    return joined(lines), ""
end

function tell.approval(_, step)
    return code(approval.asked(step)), ""
end

function tell.notify(_, step)
    return code(step.message), ""
end

function tell.metric(_, step)
    return code(("%s%s"):format(step.metric or "", step.arm and " of the " .. step.arm or "")), ""
end

local function steps(plan)
    local out, told = { row("at", "", "what", "undone by"), "|---|---|---|---|\n" }, {}
    for _, step in ipairs(plan.steps) do
        local what, undo = tell[step.kind](plan, step, told)
        out[#out + 1] = row(words.clock(step.at), step.share and step.kind == "change"
            and "shift" or step.kind, what, undo)
    end
    return table.concat(out)
end

local function head(plan)
    local out = { ("### Plan of %s\n\n%s\n\n"):format(code(plan.summary.name or plan.policy),
        code(plan.summary.summary or "")), markdown.pairs_begin(),
        row("account", code(plan.account) .. ", " .. code(plan.region)),
        row("as", code(plan.identity)) }
    for _, target in ipairs(plan.targets) do
        local first = plan_words.ends_of(plan, types.label(target))
        out[#out + 1] = row("target", code(types.title(target)))
        out[#out + 1] = first and row("now", code((change.words(first.operation, first.before,
            first.after)))) or nil
    end
    for _, text in ipairs(preflight.lines(plan.metrics, #plan.targets > 1)) do
        out[#out + 1] = row("metric", code(text))
    end
    return table.concat(out) .. "\n"
end

local function tail(plan)
    local number = 0
    for _, step in ipairs(plan.steps) do
        number = number + (step.kind == "change" and 1 or 0)
    end
    local ends = {}
    for text in plan_words.at_the_end(plan):gmatch("[^\n]+") do
        ends[#ends + 1] = code(text) .. "\n"
    end
    return ("\n**%s** of %s, in about %s. Nothing has been touched.\n\n%s"):format(
        plan_words.count(number, "change"), plan_words.count(#plan.observed, "resource"),
        plan_words.about(plan.length), table.concat(ends))
end

local function failed(plan)
    return ("\n**As things are, a run would come to this and put everything back**: %s\n\n"
        .. "Nothing has been touched.\n"):format(code(plan.failure.cause .. ": "
        .. plan.failure.reason))
end

-- plan: the document, sealed or not.
function M.tell(plan)
    plan = plain.text(plan)
    return head(plan) .. steps(plan) .. (plan.failure and failed(plan) or tail(plan)) .. "\n"
end

return M
