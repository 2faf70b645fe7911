-- The rules that `tidelock check` holds policies against, one entry each; nothing else names them.
-- To add one is to add an entry:
--
--     code     by which it is known, and allowed in a comment
--     what     what it finds, in a sentence
--     why      what it costs
--     fix      what to do
--     test     function(facts, find), which calls find(place, detail) for each place; `place` has
--              file and line (nil: the policy as a whole), detail says what was seen there
--     needs    without which it is not tried (optional): "whole", a rehearsal that came to its end;
--              "recording"; "live"
--
-- facts (check/examination.lua):
--     course   what the policy did in a rehearsal (check/course.lua), nothing going wrong
--     params   by name { name, sort, value }
--     texts    by file { operations = [{ operation, line }...] }
--     harmed   by the number of the effect from which on all that it looks at showed harm: whether
--              it was promoted all the same, { promoted = bool }
--     turning  the number of the effect from which on the canary had all traffic; nil: never
--     seen     by the number of a watch's effect, what it could see on a recording
--     flags    of targets that are asked live: [{ target, percent, since (days) }...]

local course = require "check.course"
local words = require "report.words"
local types = require "targets"

local M = {}

-- What is asked of a course

local function first(list, fits)
    for i, one in ipairs(list) do
        if fits(one) then
            return one, i
        end
    end
end

local function is_shift(one)
    return one.kind == "shift"
end

local function is_raise(one)
    return one.kind == "shift" and one.share > one.before
end

-- Steps up to the next shift of traffic.
local function until_shift(list, from)
    local steps = {}
    for i = from + 1, #list do
        if is_shift(list[i]) then
            break
        end
        steps[#steps + 1] = list[i]
    end
    return steps
end

local function looks(facts)
    return first(facts.course, course.is_look) ~= nil
end

local function raises(facts)
    return first(facts.course, is_raise)
end

-- At 100 % nothing is left to compare with but limits, alarms and what was before.
local alone = { threshold = true, alarm = true, before = true }

local function has_judge(watch, fits)
    return first(watch.judges or {}, fits) ~= nil
end

-- Whether a look could end the run at 100 %: by itself, or by what the policy makes of it.
local function sees_alone(facts, one)
    if one.kind == "watch" and not one.decide then
        return has_judge(one, function(judge)
            return alone[judge.judge] and judge.arm ~= "baseline"
        end)
    end
    local harmed = facts.harmed[facts.turning]
    return not (harmed and harmed.promoted)
end

local function compares(one)
    return one.kind ~= "watch" or has_judge(one, function(judge)
        return judge.judge ~= "threshold" and judge.judge ~= "alarm"
    end)
end

-- Straight to 100 %, without a share on the way: the step, where it is so.
local function at_once(facts)
    local one, at = first(facts.course, is_raise)
    if one and one.share == 100 and one.before == 0 then
        return one, until_shift(facts.course, at)
    end
end

-- A list of shares that has but one: it was meant to have more.
local function one_step(facts)
    for _, param in pairs(facts.params) do
        if param.sort == "percents" and type(param.value) == "table" and #param.value == 1
            and param.value[1] == 100 then
            return true
        end
    end
    return false
end

local function watched(after)
    return first(after, course.is_look) ~= nil
end

-- The target to use instead, by the operation after which the way back is another deployment.
local function deployments()
    local instead = {}
    for _, name in ipairs(types.names()) do
        for _, operation in ipairs(types.type(name).deploys or {}) do
            instead[operation] = "rollout." .. name
        end
    end
    return instead
end

local SLEEP_LEAST, WATCH_LEAST, SEES_MOST, DAYS_MOST = 30000, 120000, 10, 90

M.list = {
    {
        code = "all-at-once",
        needs = "whole",
        what = "all traffic goes to the new version in one step",
        why = "whatever is wrong with it is wrong for everybody, and nothing tells which version "
            .. "is to blame",
        fix = "give it a small share first, and watch: p.target:shift(5), p.target:watch "
            .. '{ during = "10m" }; or begin from step_canary',
        test = function(facts, find)
            local one, after = at_once(facts)
            if one and (one_step(facts) or not watched(after)) then
                find(one, "from 0 to 100 %")
            end
        end,
    },
    {
        code = "no-judge",
        needs = "whole",
        what = "traffic is shifted and nothing looks at how the new version does",
        why = "a version that fails every request is promoted",
        fix = 'watch after each shift: p.target:watch { during = "10m" }',
        test = function(facts, find)
            local one = raises(facts)
            if one and not looks(facts) and not at_once(facts) then
                find(one, ("a first shift to %s"):format(words.percent(one.share)))
            end
        end,
    },
    {
        code = "unwatched-step",
        what = "the share is raised twice without a look in between",
        why = "the smaller share protects nobody: what it would have shown is not waited for",
        fix = "watch before the next shift, or leave one of the two out",
        test = function(facts, find)
            for i, one in ipairs(facts.course) do
                local after = until_shift(facts.course, i)
                local next_one = facts.course[i + #after + 1]
                local pauses = first(after, function(step)
                    return step.kind == "sleep" or step.kind == "approval"
                end)
                if looks(facts) and is_raise(one) and next_one and is_raise(next_one)
                    and next_one.target == one.target and not watched(after) and not pauses then
                    find(next_one, ("from %s to %s"):format(words.percent(one.share),
                        words.percent(next_one.share)))
                end
            end
        end,
    },
    {
        code = "sleep-not-watch",
        what = "it sleeps where it could watch",
        why = "time alone finds nothing: harm in it is neither seen nor undone",
        fix = "replace rollout.sleep by p.target:watch { during = ... }, which takes as long",
        test = function(facts, find)
            for i, one in ipairs(facts.course) do
                local after = is_raise(one) and until_shift(facts.course, i) or {}
                local sleep = first(after, function(step)
                    return step.kind == "sleep" and step["for"] >= SLEEP_LEAST
                end)
                if sleep and not watched(after) then
                    find(sleep, ("%s at %s"):format(words.duration(sleep["for"]),
                        words.percent(one.share)))
                end
            end
        end,
    },
    {
        code = "blind-at-100",
        needs = "whole",
        what = "at 100 % nothing could see that the new version does harm",
        why = "there is no old version to compare with any more: a judge that compares learns "
            .. "nothing, and some faults show under full load only",
        fix = 'watch once more at 100 %, with alone = { judge.before(), judge.threshold '
            .. "{ above = 0.05 } }, or heed an alarm",
        test = function(facts, find)
            local last, at
            for i, one in ipairs(facts.course) do
                if is_shift(one) then
                    last, at = one, i
                end
            end
            if not last or last.share < 100 or not looks(facts) or at_once(facts) then
                return
            end
            local after = until_shift(facts.course, at)
            local look = first(after, course.is_look)
            if not first(after, function(one)
                return course.is_look(one) and sees_alone(facts, one)
            end) then
                find(look or last, look and "the judges there compare with an old version that "
                    .. "has no traffic" or "the rollout ends with the shift")
            end
        end,
    },
    {
        code = "blue-green-unseen",
        needs = "whole",
        what = "all traffic is switched at once and never compared with the old version",
        why = "a fixed limit does not know how the old version did: ten times its errors may be "
            .. "below it",
        fix = "add judge.before() to the judges at 100 %, or shift a small share first",
        test = function(facts, find)
            local one, after = at_once(facts)
            if one and watched(after) and not one_step(facts)
                and not first(after, function(step)
                    return course.is_look(step) and compares(step)
                end) then
                find(one, "no judge there compares")
            end
        end,
    },
    {
        code = "harm-ignored",
        needs = "whole",
        what = "what it looks at shows harm, and it is promoted all the same",
        why = "a verdict that is asked for with decide = true, and a metric that is queried, count "
            .. "for nothing unless the policy acts on them",
        fix = "leave decide out, so that harm undoes the rollout, or call rollout.rollback",
        test = function(facts, find)
            local harmed = facts.harmed[0]
            local ends = first(facts.course, function(one)
                return one.kind == "watch" and not one.decide
            end)
            if harmed and harmed.promoted and not ends and raises(facts) then
                find(first(facts.course, course.is_look), "every look at it showed harm")
            end
        end,
    },
    {
        code = "short-watch",
        what = "a watch is too short to see anything",
        why = "metrics come by the minute, and the one in which traffic was shifted counts for "
            .. "neither version: it passes because nobody looked",
        fix = "watch for longer, or give sees = 10, with which it goes on until it could have seen "
            .. "a tenfold rise",
        test = function(facts, find)
            for _, one in ipairs(facts.course) do
                local left = one.kind == "watch" and one["for"] - one.settle_in
                if left and left < WATCH_LEAST and one.sees == 0
                    and has_judge(one, function(judge) return judge.judge ~= "alarm" end) then
                    find(one, ("%s%s, and no whole minute is sure to be judged"):format(
                        words.duration(one["for"]), one.settle_in > 0 and (" less %s to settle in")
                        :format(words.duration(one.settle_in)) or ""))
                end
            end
        end,
    },
    {
        code = "sees-too-little",
        needs = "recording",
        what = "a watch could see only a large rise of errors, on the traffic of the recording",
        why = "what is smaller is promoted, as undecided",
        fix = "watch for as long as it says, give the canary more at that step, or give sees and "
            .. "patience",
        test = function(facts, find)
            for _, one in ipairs(facts.course) do
                local seen = one.kind == "watch" and one.sees == 0 and facts.seen[one.number]
                if seen and (not seen.sees or seen.sees > SEES_MOST) then
                    find(one, ("%s at %s judges %s with %.0f requests of the canary: it sees %s; "
                        .. "twice the errors would take %s"):format(words.duration(one["for"]),
                        words.percent(one.share), words.duration(seen.judged), seen.requests,
                        seen.sees and ("%.3g times the errors"):format(seen.sees) or "nothing",
                        seen.bake > 0 and words.duration(seen.bake) or "more than a year"))
                end
            end
        end,
    },
    {
        code = "no-alarms",
        needs = "whole",
        what = "no alarm of CloudWatch is heeded, and none can be given",
        why = "the alarms that the team has set on the service fire, and the rollout goes on",
        fix = "add alarms = rollout.alarms() to the parameters: every watch heeds those that are "
            .. "given",
        test = function(facts, find)
            local heeds = first(facts.course, function(one)
                return one.kind == "watch" and has_judge(one, function(judge)
                    return judge.judge == "alarm"
                end)
            end)
            for _, param in pairs(facts.params) do
                heeds = heeds or param.sort == "alarms"
            end
            if raises(facts) and looks(facts) and not heeds then
                find(nil, "it has no parameter for alarms, and no judge.alarm")
            end
        end,
    },
    {
        code = "rollback-deploys",
        what = "the way back from a change is another deployment",
        why = "that takes ten to twenty minutes in which users are harmed; a flag or a weight "
            .. "takes seconds",
        fix = "make what is deployed a target, or put the change behind a flag "
            .. "that a rollout raises (docs/targets.md)",
        test = function(facts, find)
            local instead = deployments()
            for file, text in pairs(facts.texts) do
                for _, call in ipairs(text.operations) do
                    local target = instead[call.operation]
                    if target then
                        find({ file = file, line = call.line }, ("aws.%s, for which there is %s")
                            :format(call.operation, target))
                    end
                end
            end
        end,
    },
    {
        code = "stale-flag",
        needs = "live",
        what = "a flag has been on for all or for none for more than 90 days",
        why = "the code keeps a branch that nobody takes, and nobody knows what happens without "
            .. "it",
        fix = "remove the flag and the branch that is never taken",
        test = function(facts, find)
            for _, flag in ipairs(facts.flags) do
                if (flag.percent == 0 or flag.percent == 100) and flag.since > DAYS_MOST then
                    find(nil, ("%s has been at %s for %d days"):format(flag.target,
                        words.percent(flag.percent), flag.since))
                end
            end
        end,
    },
}

---All codes, sorted.
function M.codes()
    local codes = {}
    for i, lint in ipairs(M.list) do
        codes[i] = lint.code
    end
    table.sort(codes)
    return codes
end

return M
