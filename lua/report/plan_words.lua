-- What is told of a plan in the same words wherever it is told: as text, and as Markdown.

local catalogue = require "aws.catalogue"
local change = require "report.change"
local types = require "targets"
local words = require "report.words"

local M = {}

local duration, percent = words.duration, words.percent

-- Whole seconds, and whole minutes of what takes longer.
function M.about(ms)
    local unit = ms >= 600000 and 60000 or 1000
    return duration((ms + unit // 2) // unit * unit)
end

-- Which target, where there are several.
function M.of_several(plan, name)
    return #plan.targets > 1 and name and "  " .. types.brief(name, plan.targets) or ""
end

function M.undo(step, changes)
    if not step.undo then
        local stays = catalogue.entry(step.operation).stays
        return "it stays: " .. (stays or "nothing undoes it")
    end
    local whole = change.whole(changes)
    local back = (change.words(step.operation, whole.before, whole.after))
    return changes[1] == step and ("undo: %s, back to %s"):format(step.undo.operation, back)
        or ("undo: back to %s, in one call with the first change"):format(back)
end

-- The first change of a target, the last that is one of its own state (it can be undone), and the
-- last share.
function M.ends_of(plan, label)
    local first, final, share
    for _, step in ipairs(plan.steps) do
        if step.kind == "change" and step.target == label and not step.refused then
            first, final, share = first or step, (step.undo or not final) and step or final,
                step.share
        end
    end
    return first, final, share
end

function M.count(number, noun)
    return ("%d %s%s"):format(number, noun, number == 1 and "" or "s")
end

function M.at_the_end(plan)
    local out = {}
    for _, target in ipairs(plan.targets) do
        local label = types.label(target)
        local _, final, share = M.ends_of(plan, label)
        if final then
            local _, to = change.words(final.operation, final.before, final.after)
            out[#out + 1] = ("At the end: %s: %s (the canary at %s).\n"):format(
                types.brief(label, plan.targets), to, percent(share))
        end
    end
    return table.concat(out)
end

return M
