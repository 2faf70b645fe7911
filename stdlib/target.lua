-- Targets: what carries the traffic and can be split between the old version (the baseline) and
-- the new one (the canary). A policy shifts a target and watches it, and need not know of what
-- type it is.

local check = require "check"
local kinds = require "kinds"
local watching = require "watching"

---@class target
local M = {}

---@class Target
---@field value table       # the target as a plain value
---@field resource string   # what is split, in a few words: "pay:live"
---@field label string      # how messages call it: its name if it was given one, else the resource
---@field percent? number   # the canary's share now; nil until the target was looked at
---@field router target.Router
local Target = {}
Target.__index = Target

---What a type of target can do (target_alb.lua, target_ecs.lua ...).
---@class (exact) target.Router
---@field fields table<string, check.Kind>              # of its plain value
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

local routers = {} ---@type table<string, target.Router>

-- It stands alone in "-p target.checkout.canary=43", where numbers count the targets.
local name_kind = {
    expected = "a name of up to 40 letters, digits, - and _ that begins with a letter",
    read = function(value)
        return type(value) == "string" and #value <= 40 and value:find("^%a[%w_-]*$") and value
            or nil
    end,
}
name_kind.parse = name_kind.read

---Makes a type of target known.
---@param kind string  # "alb_rule"
---@param router target.Router
function M.register(kind, router)
    router.fields.name = name_kind
    routers[kind] = router
end

---A target from the fields of its plain value, or why there is none.
---@param kind string
---@param options any
---@return Target? target, string? why
function M.make(kind, options)
    local router = routers[kind]
    local value, why = check.take(options, router.fields, { type = kind }, router.needed)
    why = why or router.wrong and router.wrong(value)
    if why then
        return nil, why
    end
    local resource = router.resource(value)
    return setmetatable({ value = value, resource = resource, label = value.name or resource,
        router = router }, Target)
end

---The constructor of a type, for authors.
---@param kind string
---@return fun(options: table): Target
function M.constructor(kind)
    return function(options)
        local target, why = M.make(kind, options)
        if not target then
            check.fail("%s: %s", kind, why)
        end
        return target
    end
end

---How each type of target is written as text, one per line, each after the same words.
---@param before string
---@return string
function M.texts(before)
    local texts = {}
    for i, kind in ipairs(check.names(routers)) do
        texts[i] = "\n  " .. before .. routers[kind].text
    end
    return table.concat(texts)
end

-- What is no type of target may be one with a letter wrong.
local function no_router(name, text)
    local names = {}
    for kind in pairs(routers) do
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
    local kind = (name or ""):gsub("-", "_")
    local router = routers[kind]
    if not router then
        return nil, no_router(name, text)
    end
    local head = router.head(id)
    if router.fields[id:match("^%s*([%a_][%w_]*)%s*=")] then -- every member by its name
        head, rest = {}, text:match(":(.*)$")
    elseif not head then
        return nil, ("expected %s, got %s"):format(router.text, check.show(text))
    end
    local options, why = check.options(rest, router.fields, head)
    local target
    if options then
        target, why = M.make(kind, options)
    end
    return target, why and ("%s: %s"):format(name, why)
end

---Whether a value is a target.
---@param value any
---@return boolean
function M.is(value)
    return type(value) == "table" and getmetatable(value) == Target
end

---Why a share cannot be set on this target, or nil if it can.
---@param percent number
---@return string? why
function Target:misfit(percent)
    local resolution = self.router.resolution
    if resolution <= 1 and math.type(percent) == "integer" then
        return nil
    end
    local steps = percent / resolution
    if math.abs(steps - math.floor(steps + 0.5)) > 1e-6 then
        return ("%s cannot carry %s %%: %s"):format(self.label, percent, self.router.coarse
            or ("its weights are in steps of %s %%"):format(resolution))
    end
end

---Reads the state of the target, once; raises if a rollout cannot start from it.
---@async
function Target:look()
    if self.percent == nil then
        self.router.look(self)
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

---@async
---@param share number
function Target:route(share)
    self:look()
    if share ~= self.percent then
        self.router.route(self, share)
        self.percent = share
    end
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

---Waits until the canary is ready for traffic; if it is not in time, the rollout is undone. On an
---ALB: all targets of the canary's group are healthy, and there is one. A Lambda version is always
---ready, and so is an ACTIVE task definition of ECS.
---
---    p.target:healthy { within = "5m" }
---@async
---@param options target.HealthyOptions
function Target:healthy(options)
    self:wait(watching.healthy_options(options))
end

-- What is left to do of watch and healthy, in a branch of a group too.
Target.judge = watching.judge
Target.wait = watching.wait

return M
