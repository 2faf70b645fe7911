-- The least that a run must be allowed: an IAM policy document for the operations it uses, with
-- what they need to look first and to undo. Pure.
--
--     iam.document {
--         uses = { { operation = "elbv2.modify_rule", input = {...} }, ... }, -- input: if known
--         targets = {...},    -- plain targets: what operations without an input are about
--         home = { partition =, region =, account = }, -- of what is called by its name; if known
--     }
--     -> { document = { Version, Statement }, comments = { { actions = {...}, reason = s }... } }
--
-- A document has no room for comments, so they stand beside it: why some of it cannot be narrower.

local arn = require "aws.arn"
local catalogue = require "aws.catalogue"
local names = require "aws.names"
local types = require "targets"

local M = {}

local UNNAMED = "nothing that is known of the run names what it is about"

local function sorted(set)
    local list = {}
    for name in pairs(set) do
        list[#list + 1] = name
    end
    table.sort(list)
    return list
end

-- "elbv2.modify_rule" -> "elasticloadbalancing:ModifyRule", and what it can be allowed on.
local function action_of(operation, entry)
    local name = operation:match("^[^.]*")
    local permissions = require("services." .. name .. ".permissions")
    local action, passed = entry.action, permissions.passed or {}
    return catalogue.service(name).iam .. ":" .. action, {
        on = permissions.on[action],
        along = permissions.along and permissions.along[action],
        is_free = permissions.free ~= nil and permissions.free[action],
        passed = passed[action],
    }
end

-- An input in which every member is something, for finding out what an operation observes.
local anything = setmetatable({}, { __index = function() return "*" end })

-- The operations that come with one: the look before it, the reads that tell which resource it is,
-- and those that undo it.
local function companions(entry, input)
    local found = {}
    if entry.observe then
        local observe = entry.observe(input or anything)
        found[1] = { operation = observe.operation, input = input and observe.input }
    end
    for _, key in ipairs(entry.unknown and input and entry.unknown(input, {}) or {}) do
        found[#found + 1] = names.read(key)
    end
    for operation in (entry.undo or ""):gmatch("`([%l%d_]+%.[%l_]+)`") do
        found[#found + 1] = { operation = operation, input = input }
    end
    return found
end

local Collector = {}
Collector.__index = Collector

-- The inputs that say what an operation is about.
function Collector:inputs(input)
    if input then
        return { input }
    end
    local list = {}
    for _, target in ipairs(self.targets) do
        local of = types.type(target.type)
        for _, one in ipairs(of and of.about(target) or {}) do
            list[#list + 1] = one
        end
    end
    return list
end

-- What one input is about is in every region. Where only targets are called so, and all say their
-- regions, it is in those: ARN of no region -> ARNs.
function Collector:placed(on)
    local narrow = {}
    for _, target in ipairs(self.targets) do
        local of, there = types.type(target.type), arn.elsewhere(self.home, target.region)
        for _, one in ipairs(of and of.about(target) or {}) do
            local wide = on(one, self.home)
            for i, text in ipairs(on(one, there)) do
                narrow[wide[i]] = narrow[wide[i]] or {}
                table.insert(narrow[wide[i]], text)
            end
        end
    end
    return narrow
end

-- The ARNs of what an action is about, as the inputs say it.
function Collector:add_arns(known, input)
    local narrow = self:placed(known.on)
    for _, one in ipairs(self:inputs(input)) do
        for _, wide in ipairs(known.on(one, self.home)) do
            for _, text in ipairs(narrow[wide] or { wide }) do
                known.arns[text] = true
            end
        end
    end
end

function Collector:pass_roles(passed, input)
    for _, role in ipairs(passed and input and passed.roles(input) or {}) do
        self.roles[passed.service] = self.roles[passed.service] or {}
        self.roles[passed.service][role] = true
    end
end

-- An action, and what it is about.
function Collector:note(action, allowed, input)
    local known = self.actions[action] or { arns = {}, on = allowed.on, is_free = allowed.is_free }
    self.actions[action] = known
    if type(known.on) == "function" then
        self:add_arns(known, input)
    end
end

-- One use of an operation, by itself; of a look, of all that it may ask.
function Collector:add_one(operation, input)
    local entry = catalogue.entry(operation)
    if not entry then
        error({ invalid = "there is no operation " .. operation }, 0)
    elseif entry.reads then
        for _, read in ipairs(entry.reads(input or {})) do
            self:add_one(read.operation, input and read.input)
        end
        return entry
    end
    local action, allowed = action_of(operation, entry)
    self:note(action, allowed, input)
    for name, on in pairs(allowed.along or {}) do
        self:note(action:match("^[^:]*:") .. name, { on = on }, input)
    end
    self:pass_roles(allowed.passed, input)
    return entry
end

function Collector:add(use)
    local entry = self:add_one(use.operation, use.input)
    for _, companion in ipairs(companions(entry, use.input)) do
        self:add_one(companion.operation, companion.input)
    end
end

-- What an action is allowed on, and why on no less.
local function scope_of(known)
    if type(known.on) == "string" then
        return { "*" }, known.on
    elseif next(known.arns) == nil then
        return { "*" }, UNNAMED
    end
    return sorted(known.arns)
end

local function comment(comments, action, reason)
    for _, one in ipairs(comments) do
        if one.reason == reason then
            table.insert(one.actions, action)
            return
        end
    end
    comments[#comments + 1] = { actions = { action }, reason = reason }
end

-- Actions of one service on the same resources are one statement.
local function add_statement(statements, action, scope)
    local service, key = action:match("^[^:]*"), table.concat(scope, "\n")
    for _, statement in ipairs(statements) do
        if statement.service == service and statement.key == key then
            table.insert(statement.Action, action)
            return
        end
    end
    statements[#statements + 1] = { service = service, key = key, Action = { action },
        Resource = scope }
end

local function statement_list(statements)
    local list, count = {}, {}
    for i, statement in ipairs(statements) do
        local service = statement.service
        count[service] = (count[service] or 0) + 1
        list[i] = {
            Sid = ("%s%d"):format(service, count[service]),
            Effect = "Allow",
            Action = statement.Action,
            Resource = statement.Resource,
            Condition = statement.Condition,
        }
    end
    return list
end

local function add_roles(statements, roles)
    for _, service in ipairs(sorted(roles)) do
        statements[#statements + 1] = {
            service = "iam",
            Action = { "iam:PassRole" },
            Resource = sorted(roles[service]),
            Condition = { StringEquals = { ["iam:PassedToService"] = service } },
        }
    end
end

function M.document(params)
    local collector = setmetatable({ targets = params.targets or {}, home = params.home,
        actions = {}, roles = {} }, Collector)
    for _, uses in ipairs { params.uses, types.further(collector.targets) } do
        for _, use in ipairs(uses) do
            collector:add(use)
        end
    end
    local statements, comments = {}, {}
    for _, action in ipairs(sorted(collector.actions)) do
        local known = collector.actions[action]
        if known.is_free then
            comment(comments, action, "needs no permission")
        else
            local scope, why = scope_of(known)
            add_statement(statements, action, scope)
            if why then
                comment(comments, action, why)
            end
        end
    end
    add_roles(statements, collector.roles)
    return {
        document = { Version = "2012-10-17", Statement = statement_list(statements) },
        comments = comments,
    }
end

return M
