-- Targets: what carries the traffic and can be split between the old version (the baseline) and
-- the new one (the canary). A policy shifts a target and watches it, and need not know of what
-- type it is.

local aws = require "aws"
local check = require "check"
local effect = require "effect"
local given_by = require "given"
local kind_names = require "target_kinds"
local kinds = require "kinds"
local members = require "targets.members_policy"
local watching = require "watching"

local number_type = math.type

---@class target
local M = {}

---@class Target
---@field value table        # the target as a plain value
---@field resource string    # what is split, in a few words: "pay:live"
---@field label string       # how messages call it: its name if it was given one, else the resource
---@field percent? number    # the canary's share now; nil until the target was looked at
---@field alarms? string[]   # that every watch of it heeds
---@field shares? number[]   # what the policy's parameters say it will be shifted to
---@field longest? integer   # ms: what the policy's durations come to; no watch takes longer
---@field watched? table      # what its last watch was given
---@field spared? table       # it may fail alone: what a watch that finds it harmed raises
---@field begun? boolean      # its last step (finish) is still to come
---@field kind target.Kind
local Target = {}
Target.__index = Target

---A type of target: lua/targets/<type>/policy.lua. `fields` and `needed` come from its members.
---@class target.Kind
---@field members table[]                               # { name, kind =, about =, optional = }
---@field fields table<string, check.Kind>
---@field needed string[]
---@field head fun(text: string): table?                # options from the text after "type:"
---@field text string                                   # "alb-rule:ARN,baseline=ARN,canary=ARN"
---@field resolution number                             # shares are multiples of this many percent
---@field coarse? string                                # why that is so much, in words
---@field resource fun(value: table): string
---@field wrong? fun(value: table): string?             # why the fields do not fit together
---@field look fun(target: Target)                      # reads the state, sets percent
---@field route fun(target: Target, percent: number)    # gives the canary this share
---@field health? fun(target: Target): boolean, string  # is the canary ready; in words
---@field misfit? fun(target: Target, percent: number): string?  # why it cannot carry a share
---@field holds? fun(target: Target, ms: integer): string?       # why it cannot hold one so long
---@field finish? fun(target: Target)                   # the last step, once the policy returned
---@field take_back? fun(target: Target)                # takes back what somebody else deploys

local loaded = {} ---@type table<string, target.Kind>

-- A type is loaded when the first target of it is given.
local function load_kind(name)
    local kind = loaded[name]
    if not kind then
        kind = require("targets." .. name .. ".policy")
        kind.fields, kind.needed = members.fields(kind.members)
        for field, of in pairs(kind.fields) do
            kind.fields[field] = of == members.duration and kinds.duration or of
        end
        loaded[name] = kind
    end
    return kind
end

---Whether there is such a type.
---@param name string  # "alb_rule"
---@return boolean
function M.is_kind(name)
    return kind_names[name] ~= nil
end

-- What a type knows better of its shares: which there are, and for how long one is held.
local function refine(target, kind)
    function target:misfit(percent)
        local why = kind.misfit(self, percent)
        return why and ("%s %s"):format(self.label, why) or Target.misfit(self, percent)
    end

    function target:judge(given)
        local sees = given.sees and given.sees > 0
        local why = self.begun and kind.holds(self, given.during
            + (sees and (given.patience or watching.PATIENCE) or 0))
        if why then
            check.fail("watch: %s: %s", self.label, why)
        end
        return watching.judge(self, given)
    end

    return target
end

---A target from the fields of its plain value, or why there is none.
---@param name string
---@param options any
---@return Target? target, string? why
function M.make(name, options)
    local kind = load_kind(name)
    local value, why = check.take(options, kind.fields, { type = name }, kind.needed)
    why = why or members.wrong(kind, value)
    if why then
        return nil, why
    end
    local resource = members.resource(kind, value)
    local target = setmetatable({ value = value, resource = resource,
        label = value.name or resource, kind = kind }, Target)
    return kind.misfit and refine(target, kind) or target
end

-- What of it is wrong already, though some members are still to be filled in.
local function misgiven(name, holes, others)
    local kind, needed = load_kind(name), {}
    for _, member in ipairs(kind.needed) do
        needed[#needed + 1] = not holes[member] and member or nil
    end
    for member in pairs(holes) do
        if not kind.fields[member] then
            return ('there is no option "%s"; %s'):format(member,
                check.instead(member, kind.fields))
        end
    end
    local _, why = check.take(others or {}, kind.fields, {}, needed)
    return why
end

-- A target of which some members are left open by the file that gives it.
local function unfilled(name, holes, others)
    local list = {}
    for _, member in ipairs(check.names(holes)) do
        list[#list + 1] = holes[member]
    end
    return given_by.unfilled(list, function(read)
        local options, fields = {}, load_kind(name).fields
        for member, value in pairs(others or {}) do
            options[member] = value
        end
        for member, hole in pairs(holes) do
            options[member] = read(hole, fields[member])
        end
        return M.constructor(name)(options)
    end)
end

---The constructor of a type, for authors.
---@param name string
---@return fun(options: table): Target
function M.constructor(name)
    return function(options)
        local holes, others = given_by.among(options)
        local target, why
        if holes then
            why = misgiven(name, holes, others)
            target = not why and unfilled(name, holes, others) or nil
        else
            target, why = M.make(name, options)
        end
        if not target then
            check.fail("%s: %s", name, why)
        end
        return target
    end
end

---How each type of target is written as text, one per line, each after the same words.
---@param before string
---@return string
function M.texts(before)
    local texts = {}
    for i, name in ipairs(check.names(kind_names)) do
        texts[i] = "\n  " .. before .. load_kind(name).text
    end
    return table.concat(texts)
end

-- What is no type of target may be one with a letter wrong.
local function no_kind(name, text)
    local names = {}
    for kind in pairs(kind_names) do
        names[kind:gsub("_", "-")] = true
    end
    local instead = name and check.instead(name, names)
    if instead and instead:find("^did you mean") then
        return ('there is no type of target "%s"; %s'):format(name, instead)
    end
    return ("expected a target; got %s. It is one of%s"):format(check.show(text), M.texts(""))
end

---A target from text: "alb-rule:ARN,baseline=ARN,canary=ARN". What comes first may be given by
---name, too, so that text takes whatever a table does: "alb-rule:rule=ARN,canary=ARN,baseline=ARN".
---@param text string
---@return Target? target, string? why
function M.parse(text)
    local name, id, rest = text:match("^%s*([%l-]+):([^,]*),?(.*)$")
    local called = (name or ""):gsub("-", "_")
    if not M.is_kind(called) then
        return nil, no_kind(name, text)
    end
    local kind = load_kind(called)
    local head = kind.head(id)
    if kind.fields[id:match("^%s*([%a_][%w_]*)%s*=")] then -- every member by its name
        head, rest = {}, text:match(":(.*)$")
    elseif not head then
        return nil, ("expected %s, got %s"):format(kind.text, check.show(text))
    end
    local options, why = check.options(rest, kind.fields, head)
    local target
    if options then
        target, why = M.make(called, options)
    end
    return target, why and ("%s: %s"):format(name, why)
end

---Whether a value is a target.
---@param value any
---@return boolean
function M.is(value)
    return type(value) == "table" and getmetatable(value) == Target
end

---Another that is the same: what its author does with the one that was given does not concern it.
---@param one Target
---@return Target
function M.copy(one)
    local options = {}
    for name, value in next, one.value do
        options[name] = value
    end
    options.type = nil
    return M.constructor(one.value.type)(options)
end

---Why a share cannot be set on this target, or nil if it can.
---@param percent number
---@return string? why
function Target:misfit(percent)
    local resolution = self.kind.resolution
    if resolution <= 1 and number_type(percent) == "integer" then
        return nil
    end
    local steps = percent / resolution
    if math.abs(steps - math.floor(steps + 0.5)) > 1e-6 then
        return ("%s cannot carry %s %%: %s"):format(self.label, percent, self.kind.coarse
            or ("its weights are in steps of %s %%"):format(resolution))
    end
end

-- What types of targets do with AWS.

---@async
---@param operation string
---@param input table
---@param region? string  # where what is called by its name is, if the target's ARNs say it
---@return table output
function Target:call(operation, input, region)
    return aws.call(operation, input, region or self.value.region)
end

---Hands back whatever keeps it from being done, the operator's no as well.
---@async
---@param operation string
---@param input table
---@param region? string
---@return table? output, effect.Error? problem
function Target:attempt(operation, input, region)
    local result = effect.perform { kind = "aws", operation = operation, input = input,
        region = region or self.value.region }
    return result.value, result.error
end

---Between two looks at what AWS is at work on: a person who cuts waits short does not end it.
---@async
---@param ms integer
function Target:sleep(ms)
    local slept = effect.perform { kind = "sleep", ["for"] = ms, needed = true }
    if slept.error then
        self:fail("%s: %s", slept.error.code, slept.error.message)
    end
end

---Says something in the story.
---@async
---@param format string
function Target:tell(format, ...)
    effect.perform { kind = "notify", level = "info",
        message = ("%s: " .. format):format(self.label, ...) }
end

---Raises at the author's line what is wrong with the target.
---@param format string
function Target:fail(format, ...)
    check.fail("%s: " .. format, self.label, ...)
end

---Undoes the rollout: AWS itself decided against it.
---@async
---@param format string
function Target:undo(format, ...)
    effect.perform { kind = "rollback", reason = (self.label .. " " .. format):format(...) }
end

---Reads the state of the target, once; raises if a rollout cannot start from it.
---@async
function Target:look()
    if self.percent == nil then
        self.kind.look(self)
    end
end

---Gives the canary a share of the traffic, and the baseline the rest.
---
---    p.target:shift(5)
---@async
---@param percent number  # 0 to 100
function Target:shift(percent)
    self:route(M.share(self, percent))
end

---Checks what shift is given, at the author's line.
---@param of Target|target.Group
---@param percent any
---@return number share
function M.share(of, percent)
    local share = check.value("shift", percent, kinds.percent_or_none)
    local why = of:misfit(share)
    if why then
        check.fail("shift: %s", why)
    end
    return share
end

---The last step, which nothing but a rollback follows: the policy has returned.
---@async
function Target:finish()
    if self.kind.finish then
        self.kind.finish(self)
    end
end

---@async
---@param share number
function Target:route(share)
    self:look()
    if share ~= self.percent then
        self.kind.route(self, share)
        self.percent = share
    end
end

---Takes back what somebody else has begun to deploy, or deployed last, and follows it until what
---ran before serves. Where there is nothing to take back it says so, and touches nothing.
---
---    p.target:take_back()
---@async
function Target:take_back()
    if not self.kind.take_back then
        self:fail("AWS deploys nothing there by itself that could be taken back: take_back is for "
            .. "what CodeDeploy deploys")
    end
    self.kind.take_back(self)
end

---Watches the canary against the baseline. Harm undoes the rollout and never returns, and so do too
---many periods without data or without an answer from the metrics (unless `decide`). At 100 % there
---is no baseline for a ratio to compare with: give a threshold to judge the canary by itself.
---
---    p.target:watch { during = "10m" }
---@async
---@param options target.WatchOptions
---@return Verdict verdict
---@return target.WatchResult result
function Target:watch(options)
    local result = self:judge(watching.options(options))
    return result.verdict, result
end

---Asks before the first shift whether the watches to come can see what they must (`sees`): where
---even twice the traffic of the hours before would not let them within their time and patience, the
---run ends here, with how long it would take. The smallest share counts.
---
---    p.target:foresee({ 5, 25, 100 }, { during = "10m", sees = 10 })
---@async
---@param shares number|number[]
---@param options target.WatchOptions
function Target:foresee(shares, options)
    self:foreseen(watching.foresee_options(shares, options))
end

---Waits until the canary is ready for traffic; if it is not in time, the rollout is undone. What
---has nothing to wait for is ready at once.
---
---    p.target:healthy { within = "5m" }
---@async
---@param options target.HealthyOptions
function Target:healthy(options)
    self:wait(watching.healthy_options(options))
end

-- What is left to do of watch, foresee and healthy, in a branch of a group too.
Target.judge = watching.judge
Target.foreseen = watching.foresee
Target.wait = watching.wait

return M
