-- A policy: parameters and one function; and a policy bound to its parameters by a rollout file.

local check = require "check"
local effect = require "effect"
local frozen = require "frozen"
local kinds = require "kinds"
local params = require "params"

---@class policy
local M = {}

---@class (exact) policy.Definition
---@field summary string                 # one sentence: what the policy does
---@field params? table<string, Param>
---@field run fun(p: table, judges: Judge[]?)  # carries the rollout; `p` has the parameters' values
---@field shares? fun(p: table): number[]  # what it shifts to, where its parameters do not say
---@field judges? fun(p: table): Judge[]  # those that `run` makes: what they look at is tried
---@field name? string                   # the name of its file, unless given

---@class Policy
---@field name string
---@field summary string
---@field params table<string, Param>
---@field names params.Names
---@field run fun(p: table)
---@field shares? fun(p: table): number[]
---@field judges? fun(p: table): Judge[]
---@field bound table<string, any>       # values that a rollout file gave

local POLICY = "a policy"

local of_parameters = {
    expected = "a function of the parameters",
    read = function(value) return type(value) == "function" and value or nil end,
}

local fields = {
    name = kinds.name,
    summary = {
        expected = "a sentence that says what the policy does, up to 200 characters",
        read = kinds.name.read,
    },
    params = {
        expected = "a table of parameters",
        read = function(value) return type(value) == "table" and value or nil end,
    },
    run = of_parameters,
    judges = of_parameters,
    shares = {
        expected = "a function of the parameters that returns a list of percentages",
        read = function(value) return type(value) == "function" and value or nil end,
    },
}

-- The policy is called what its file is called. `return rollout.policy { ... }` is a tail call,
-- after which nobody knows where it stood; its parameters do.
local function file_name(declared)
    local _, first = next(declared)
    local place = first and first.place or tostring((effect.where()))
    return place:match("([^/:]+)%.lua") or "policy"
end

---Declares a policy. A policy file returns what this returns.
---@param definition policy.Definition
---@return Policy
function M.new(definition)
    local policy = check.record("rollout.policy", definition, fields, { params = {}, bound = {} },
        { "summary", "run" })
    policy.params, policy.names = params.declared("rollout.policy", policy.params)
    policy.name = policy.name or file_name(policy.params)
    return frozen.new(POLICY, policy)
end

---Whether a value is a policy.
---@param value any
---@return boolean
function M.is(value)
    return frozen.is(value, POLICY)
end

---What a policy consists of, for who runs it: nothing of it is changed, or handed to an author.
---@param one Policy
---@return Policy
function M.parts(one)
    return frozen.record(one)
end

local shipped = {
    blue_green = true, flag_ramp = true, linear = true, step_canary = true, take_back = true,
}

-- A name is that of a shipped policy; a policy of one's own comes from require.
local function find(policy)
    if type(policy) == "string" and policy:find("^[%w_]+$") then
        if not shipped[policy] then
            check.fail('rollout.use: there is no shipped policy "%s"; %s', policy,
                check.instead(policy, shipped))
        end
        policy = require("policies." .. policy)
    end
    if not M.is(policy) then
        check.fail("rollout.use: expected the name of a shipped policy, or a policy from require; "
            .. "got %s", check.show(policy))
    end
    return frozen.copy(policy)
end

---Binds a policy to values for some or all of its parameters. A rollout file returns what this
---returns.
---@param policy string|Policy
---@param values table<string, any>
---@return Policy
function M.use(policy, values)
    local found = find(policy)
    local bound = params.bind("rollout.use " .. found.name, found.params, values)
    for name, value in pairs(found.bound) do
        if bound[name] == nil then
            bound[name] = value
        end
    end
    found.bound = bound
    return frozen.new(POLICY, found)
end

return M
