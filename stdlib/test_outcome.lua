-- What came of a simulated rollout, or of many, and what a test asserts of it. An assertion that
-- does not hold raises at the test's line, with what was expected and what came; one that holds
-- returns the outcome again, so that others can follow.

local check = require "check"
local duration = require "duration"
local kinds = require "kinds"
local share = require "test_share"

local M = {}

---@class test.Run
---@field outcome string    # "promoted", "rolled back", "aborted", "no decision", ...
---@field exit integer      # the exit status that `tidelock run` would end with
---@field cause string      # "harm", "policy", "error", "person", ...
---@field reason string
---@field duration integer  # ms
---@field peak_share number # the canary's largest share
---@field restored boolean  # whether the account is as it was, or as a promoted run made it
---@field shares { share: number, at: integer, target: string }[]
---@field calls { operation: string, at: integer, outcome: string, back: boolean }[]
---@field watches { share: number, at: integer, length: integer, verdict: string }[]
---@field story string      # the timeline, as `tidelock simulate` prints it
---@field records? table[]  # of its journal: { kind, at, body }
---@field runs integer
---@field outcomes? table<string, { runs: integer, first_seed: integer }>  # of many runs
local methods = {}

local function seconds(ms)
    return duration.format(ms - ms % 1000)
end

-- How one run ended, in half a sentence.
local function ended(run)
    local why = run.reason ~= "" and ": " .. run.reason or ""
    return ("it ended as %s after %s (exit %d)%s"):format(run.outcome, seconds(run.duration),
        run.exit, why)
end

-- What happened is shown with a test that fails, once.
local function fail(run, format, ...)
    if run.runs == 1 and not rawget(run, "shown") then
        rawset(run, "shown", true)
        print(run.story)
    end
    check.fail(format, ...)
end

local function of_one(run, what)
    if run.runs > 1 then
        check.fail("%s is asked of one run, and these are %d: leave out runs, and give the seed "
            .. "of one", what, run.runs)
    end
end

-- The outcomes of many runs, the most frequent first, each with a seed that shows it.
local function counted(run)
    local names, parts = check.names(run.outcomes), {}
    table.sort(names, function(a, b)
        local x, y = run.outcomes[a].runs, run.outcomes[b].runs
        return x > y or x == y and a < b
    end)
    for i, name in ipairs(names) do
        local one = run.outcomes[name]
        parts[i] = ("%s %d (as with seed = %d)"):format(name, one.runs, one.first_seed)
    end
    return table.concat(parts, ", ")
end

local function expect_outcome(run, wanted)
    if run.runs > 1 then
        local found = run.outcomes[wanted]
        if (found and found.runs or 0) ~= run.runs then
            check.fail("expected all of %d runs to end as %s; they ended as %s", run.runs, wanted,
                counted(run))
        end
    elseif run.outcome ~= wanted then
        fail(run, "expected it to end as %s; %s", wanted, ended(run))
    end
    return run
end

local function expect_text(run, what, text)
    if text ~= nil and not run.reason:find(text, 1, true) then
        fail(run, "expected %s, which says %s; it says %s", what, check.show(text),
            check.show(run.reason))
    end
    return run
end

---Every run was promoted.
---@return test.Run
function methods:promoted()
    return expect_outcome(self, "promoted")
end

local back = { because = kinds.text, within = kinds.duration, at = kinds.percent }

---Every run was rolled back, as its judge or its policy said. Of one run also: with a reason that
---has this text, within so long, and at this share.
---@param options? { because: string?, within: Duration?, at: number? }
---@return test.Run
function methods:rolled_back(options)
    local given = check.record("rolled_back", options or {}, back)
    expect_outcome(self, "rolled back")
    if next(given) then
        of_one(self, "why, when and where it was rolled back")
    end
    if given.within and self.duration > given.within then
        fail(self, "expected it to be rolled back within %s; %s", seconds(given.within),
            ended(self))
    elseif given.at and self.peak_share ~= given.at then
        fail(self, "expected it to be rolled back at %g %%; it had come to %g %%", given.at,
            self.peak_share)
    end
    return given.because and expect_text(self, "a rollback", given.because) or self
end

---Every run was aborted by a person.
---@return test.Run
function methods:aborted()
    return expect_outcome(self, "aborted")
end

---Every run was rolled back since nobody could decide.
---@param text? string
---@return test.Run
function methods:no_decision(text)
    return expect_text(expect_outcome(self, "no decision"), "no decision", text)
end

---The policy itself failed: it raised an error, or spent its budget.
---@param text? string
---@return test.Run
function methods:policy_failed(text)
    return expect_text(expect_outcome(self, "policy failed"), "a policy that failed", text)
end

---It was refused before anything was touched.
---@param text? string
---@return test.Run
function methods:refused(text)
    return expect_text(expect_outcome(self, "refused"), "a refusal", text)
end

---It ended in this way, one of those of docs/test.md.
---@param name string
---@return test.Run
function methods:ended_as(name)
    return expect_outcome(self, check.value("ended_as", name, kinds.name))
end

---The exit status.
---@param status integer
---@return test.Run
function methods:exits(status)
    of_one(self, "the exit status")
    if self.exit ~= status then
        fail(self, "expected exit status %s; %s", check.show(status), ended(self))
    end
    return self
end

local function list_of(shares)
    local parts = {}
    for i, one in ipairs(shares) do
        parts[i] = type(one) == "number" and ("%g"):format(one) or check.show(one)
    end
    return #parts > 0 and table.concat(parts, ", ") .. " %" or "nothing"
end

---The shares that the canary was shifted to on the way forward, in their order; of several targets,
---those of all.
---@param ... number
---@return test.Run
function methods:shifted_to(...)
    of_one(self, "what it was shifted to")
    local wanted, got = { ... }, {}
    for i, one in ipairs(self.shares) do
        got[i] = one.share
    end
    local same = #wanted == #got
    for i = 1, #wanted do
        same = same and wanted[i] == got[i]
    end
    if not same then
        fail(self, "expected it to be shifted to %s; it was shifted to %s", list_of(wanted),
            list_of(got))
    end
    return self
end

-- A number between two others, which may be missing.
local function expect_between(run, what, got, given, show)
    if given.at_least and got < given.at_least then
        fail(run, "expected %s of at least %s, got %s", what, show(given.at_least), show(got))
    elseif given.at_most and got > given.at_most then
        fail(run, "expected %s of at most %s, got %s", what, show(given.at_most), show(got))
    end
end

local percents = { at_least = kinds.percent_or_none, at_most = kinds.percent_or_none }
local times = { at_least = kinds.duration_or_none, at_most = kinds.duration_or_none }

---The canary's largest share.
---@param bounds { at_least: number?, at_most: number? }
---@return test.Run
function methods:peak(bounds)
    of_one(self, "the largest share")
    expect_between(self, "a largest share", self.peak_share, check.record("peak", bounds, percents),
        function(value) return ("%g %%"):format(value) end)
    return self
end

---How long it took.
---@param bounds { at_least: Duration?, at_most: Duration? }
---@return test.Run
function methods:lasted(bounds)
    of_one(self, "how long it took")
    expect_between(self, "a rollout", self.duration, check.record("lasted", bounds, times), seconds)
    return self
end

local function count_calls(run, operation)
    local count, names = 0, {}
    for _, call in ipairs(run.calls) do
        names[call.operation] = true
        count = count + (call.operation == operation and not call.back and 1 or 0)
    end
    return count, names
end

---How often an operation was called on the way forward; at least once, unless it is said.
---@param operation string
---@param wanted? integer
---@return test.Run
function methods:called(operation, wanted)
    of_one(self, "what was called")
    local count, names = count_calls(self, operation)
    if wanted and count ~= wanted or count == 0 and wanted ~= 0 then
        local what = next(names) and table.concat(check.names(names), ", ") or "nothing"
        fail(self, "expected %s to be called%s; it was called %d times (what was called is %s)",
            operation, wanted and (" %d times"):format(wanted) or "", count, what)
    end
    return self
end

---The verdicts of its watches, in their order.
---@param ... string
---@return test.Run
function methods:verdicts(...)
    of_one(self, "its verdicts")
    local got = {}
    for i, watch in ipairs(self.watches) do
        got[i] = watch.verdict
    end
    local found, wanted = table.concat(got, ", "), table.concat({ ... }, ", ")
    if found ~= wanted then
        fail(self, "expected the verdicts %s; they were %s", wanted, found)
    end
    return self
end

---The timeline or the reason has this text.
---@param text string
---@return test.Run
function methods:said(text)
    of_one(self, "what was said")
    local flat = (self.story .. "\n" .. self.reason):gsub("%s+", " ")
    if not flat:find((text:gsub("%s+", " ")), 1, true) then
        fail(self, "expected %s to be said; %s", check.show(text), ended(self))
    end
    return self
end

---The account is as it was before the rollout, or as a promoted one made it: also after each point
---at which it was killed.
---@return test.Run
function methods:is_restored()
    of_one(self, "what is left in the account")
    local points = self.points
    if points and points.restored ~= points.tried then
        check.fail("expected the account to be as it was after each of %d kills; it was after %d; "
            .. "%s", points.tried, points.restored, points.first)
    elseif not self.restored then
        fail(self, "expected the account to be as it was; %s; it differs at %s", ended(self),
            self.difference)
    end
    return self
end

---How many of many runs ended in a way: :at_least(0.99) and :at_most(0.01) go by its interval.
---@param name string
---@param options? { confidence: number? }
---@return test.Share
function methods:share(name, options)
    local found = self.runs > 1 and self.outcomes[name]
    local count = found and found.runs or self.outcome == name and 1 or 0
    return share.new(name, count, self.runs, options)
end

local function hint(run, name)
    local known = {}
    for _, named in ipairs { methods, run } do
        for one in pairs(named) do
            known[one] = true
        end
    end
    return check.instead(tostring(name), known)
end

-- What one run has and many have not, as calls and records, is nil where it is asked for.
local optional = { records = true, points = true, outcomes = true, difference = true }

---Makes one of what was told.
---@param told table
---@return test.Run
function M.new(told)
    return setmetatable(told, {
        __index = function(run, name)
            local method = methods[name]
            if method or optional[name] then
                return method
            end
            check.fail("a run has no %s; %s", check.show(name), hint(run, name))
        end,
    })
end

return M
