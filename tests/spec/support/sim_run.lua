-- What the engine does around the account, without the engine: a run performs operations one after
-- another in virtual time, keeps what the catalogue says of each mutation, and undoes them all.

local canonical = require "sim_modules"
local account = require "simulation.account"
local catalogue = require "aws.catalogue"
local report_change = require "report.change"
local tables = require "simulation.tables"

local M = {}

local prefix = "arn:aws:elasticloadbalancing:eu-west-1:111122223333:"

M.listener = prefix .. "listener/app/shop/50dc6c495c0c9188/f2f7dc8efc522ab2"
M.rule = prefix .. "listener-rule/app/shop/50dc6c495c0c9188/f2f7dc8efc522ab2/9683b2d02a6cabee"
M.balancer = prefix .. "loadbalancer/app/shop/50dc6c495c0c9188"
M.blue = prefix .. "targetgroup/blue/73e2d6bc24d8a067"
M.green = prefix .. "targetgroup/green/44b5c0e1f0a8d217"
M.function_arn = "arn:aws:lambda:eu-west-1:111122223333:function:pay"

function M.rule_target(fields)
    return tables.over({ type = "alb_rule", rule = M.rule, baseline = M.blue, canary = M.green },
        fields or {})
end

function M.listener_target(fields)
    return tables.over({ type = "alb_listener", listener = M.listener, baseline = M.blue,
        canary = M.green }, fields or {})
end

function M.alias_target(fields)
    return tables.over({ type = "lambda_alias", ["function"] = "pay", alias = "live", canary =
        "42" },
        fields or {})
end

-- A forward to several groups: M.forward { [M.blue] = 90, [M.green] = 10 }.
function M.forward(weights)
    local groups = {}
    for i, arn in ipairs(tables.names(weights)) do
        groups[i] = { TargetGroupArn = arn, Weight = weights[arn] }
    end
    return { Type = "forward", ForwardConfig = { TargetGroups = groups } }
end

-- A value as it is after crossing into C and back, where our own interpreter can do that.
local function cross(value)
    return canonical.decode and canonical.decode(canonical.encode(value)) or value
end

local function same(a, b)
    return canonical.encode(a) == canonical.encode(b)
end

local Run = {}
Run.__index = Run

M.START = 1764000000000

-- A run on a state, or on the account of these targets.
function M.on(state)
    return setmetatable({ account = account.new(state), origin = state, now = M.START,
        changes = {} }, Run)
end

function M.begin(...)
    return M.on(account.for_targets { ... })
end

-- Performs a call in a region (nil: the account's): the output, or nil and the refusal.
function Run:call(operation, input, region)
    local outcome, value = self.account:call(operation, cross(input), self.now, region)
    self.now = self.now + account.latency(operation)
    if outcome == "ok" then
        return cross(value)
    end
    return nil, value
end

function Run:look(request)
    return assert(self:call(request.operation, request.input, request.region))
end

-- All changes of an identity, or of the one with this path, as one.
local function whole_of(changes, identity)
    local of_it = {}
    for _, change in ipairs(changes) do
        if change.identity == identity or change.identity:sub(-#identity - 1) == ":" .. identity
        then
            of_it[#of_it + 1] = change
        end
    end
    local whole = report_change.whole(of_it)
    whole.input, whole.observe = of_it[1].input, of_it[1].observe
    return whole
end

-- Performs a mutation as the engine does: looks, asks the catalogue, sends, and keeps the change.
function Run:change(operation, input, region)
    local plan = catalogue.plan(operation, cross(input), self.account:home(), region)
    assert(plan.mutation)
    local observed = self:look(plan.observe)
    local before, after, undo = catalogue.prepare(operation, cross(input), observed, plan.region)
    local output, refusal = self:call(operation, input, plan.region)
    local change = { operation = operation, input = input, identity = plan.identity,
        observe = plan.observe, before = cross(before), after = cross(after), undo = cross(undo),
        output = output }
    if output then
        table.insert(self.changes, change)
    end
    return change, refusal
end

-- What a fresh look shows of what the change governs: the members that it names.
function Run:state(change)
    local output, state = self:look(change.observe), {}
    local whole = cross(catalogue.state(change.operation, change.input, output))
    for name in pairs(tables.over(change.before, change.after)) do
        state[name] = whole[name]
    end
    return state, output
end

-- Whether the governed part of the resource is now a state of the change: "before" or "after". The
-- engine compares as strictly: 1 is not 1.0 to it.
function Run:shows(change, which)
    return same(change[which], (self:state(change)))
end

-- Puts back what this identity had at first, as the engine does: looks, sends, and waits where AWS
-- is at work. Returns the first request that was sent; nil where it has that, or where it stays.
function Run:undo(identity)
    local first, sent = whole_of(self.changes, identity), nil
    for _ = 1, 10 do
        local state, output = self:state(first)
        if first.undo == nil or same(first.before, state) then
            return sent
        end
        local request = cross(catalogue.guard(first.operation, first.undo, output, self.now))
        if request.wait then
            self.now = self.now + request.wait
        else
            assert(self:call(request.operation, request.input, request.region))
            sent = sent or request
        end
    end
    return sent
end

-- Undoes everything, the last change first.
function Run:undo_all()
    local undone = {}
    for i = #self.changes, 1, -1 do
        local identity = self.changes[i].identity
        if not undone[identity] then
            undone[identity] = true
            self:undo(identity)
        end
    end
end

-- Whether the account is what it was when the run began.
function Run:equal()
    return self.account:equal(self.origin, self.account:snapshot())
end

-- Answers the effects of a policy (fake_effect) from the run's account, as the engine and the
-- simulated world do; `run.shares` keeps what the traffic was at the end of each watch.
-- `before_call(request)` comes first, `landed(change)` after a change.
function Run:world(before_call, landed)
    local world = {}
    self.shares = {}
    local function aws(request)
        if before_call then
            before_call(request)
        end
        local plan = catalogue.plan(request.operation, request.input, self.account:home(),
            request.region)
        if not plan.mutation then
            return self:call(request.operation, request.input, plan.region)
        end
        local change, refusal = self:change(request.operation, request.input, request.region)
        if landed and not refusal then
            landed(change)
        end
        return change.output, refusal
    end
    for _, name in ipairs(catalogue.names()) do
        world[name] = aws
    end
    for _, service in ipairs(catalogue.services()) do
        for name in pairs(require("services." .. service.name).looks or {}) do
            world[name] = aws
        end
    end
    function world.sleep(request)
        self.now = self.now + request["for"]
        return {}
    end
    function world.watch(request)
        self.now = self.now + request["for"]
        table.insert(self.shares, (self.account:share(request.target, self.now)))
        return { verdict = "undecided", judges = {} }
    end
    return world
end

-- The run's state with one thing of a service replaced, as if it had always been so.
function M.edit(state, service, kind, name, item)
    local part = state[service]
    local edited = tables.with(part, kind, tables.with(part[kind], name, item))
    if service == "elbv2" then
        edited = require("services.elbv2.simulated").settle(edited)
    end
    return tables.with(state, service, edited)
end

return M
