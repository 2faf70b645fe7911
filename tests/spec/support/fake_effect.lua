-- The module `effect` for plain Lua, and a world to run policies against: a policy runs in a
-- coroutine, its effects are kept in order, and a table of functions answers them.

local M = {}

local arrays = setmetatable({}, { __mode = "k" })

-- Values are copied where they cross the border, so that a later change of a table is not seen.
local function copy(value)
    if type(value) ~= "table" then
        assert(type(value) ~= "function", "a function cannot cross the border")
        return value
    end
    local to = {}
    for name, item in pairs(value) do
        assert(type(name) == "string" or math.type(name) == "integer", "a name must be text")
        to[name] = copy(item)
    end
    if arrays[value] then
        arrays[to] = true
    end
    return to
end

local function is_stdlib(source)
    return (source:find("stdlib/[%w_/]+%.lua$") or source:find("lua/targets/[%w_/]+%.lua$")) ~= nil
end

-- The innermost frame that is Lua and neither stdlib's nor ours: "step_canary.lua:12".
local function where()
    for level = 2, 200 do
        local frame = debug.getinfo(level, "Sl")
        if not frame then
            return nil
        end
        local ours = is_stdlib(frame.source) or frame.source:find("fake_effect%.lua$")
        if frame.what ~= "C" and not ours then
            return ("%s:%d"):format(frame.source:match("([^/@]+)$"), frame.currentline)
        end
    end
end

local effect = {
    perform = function(request)
        return coroutine.yield { effect = copy(request) }
    end,
    parallel = function(branches)
        return coroutine.yield { branches = branches }
    end,
    fail = function(message)
        local place = where()
        error(place and place .. ": " .. message or message, 0)
    end,
    where = function()
        return where() or ""
    end,
    array = function(list)
        arrays[list] = true
        return list
    end,
}

-- Makes `require "effect"` find this one, and "policies.linear" what lies beside stdlib.
function M.install()
    package.loaded.effect = effect
    local root = assert(package.searchpath("rollout", package.path)):match("^(.*)stdlib/")
    package.path = package.path .. ";" .. root .. "?.lua"
end

M.is_array = function(value)
    return arrays[value] == true
end

local ended = {}

local function answer(run, request)
    run.effects[#run.effects + 1] = request
    local respond = run.world[request.operation or request.kind] or run.world.default
    if request.kind == "rollback" then
        run.rollback = request.reason
        error(ended)
    end
    local value, problem = request.kind == "metric" and { points = {} } or {}, nil
    if respond then
        value, problem = respond(request, run)
    end
    if problem then
        return { error = problem }
    elseif request.kind == "watch" and value.verdict == "harm" and not request.decide then
        run.rollback = "harm"
        error(ended)
    end
    return { value = copy(value) }
end

local step

-- Branches take turns, one effect each.
local function run_branches(run, functions)
    local results, waiting = {}, {}
    for i, branch in ipairs(functions) do
        waiting[#waiting + 1] = { index = i, thread = coroutine.create(branch) }
    end
    while #waiting > 0 do
        local still = {}
        for _, branch in ipairs(waiting) do
            local done, value = step(run, branch)
            if done then
                results[branch.index] = copy(value)
            else
                still[#still + 1] = branch
            end
        end
        waiting = still
    end
    return results
end

function step(run, branch)
    local ok, asked = coroutine.resume(branch.thread, branch.reply)
    if not ok then
        error(asked, 0)
    elseif coroutine.status(branch.thread) == "dead" then
        return true, asked
    elseif asked.branches then
        branch.reply = run_branches(run, asked.branches)
    else
        branch.reply = answer(run, asked.effect)
    end
    return false
end

-- Runs a function against a world: { ["elbv2.describe_rules"] = function(request, run) ... end,
-- watch = ..., sleep = ... }; each returns the value, or nil and { code =, message = }; what is not
-- there is answered with {}, or without any points. Returns { effects =, error =, rollback =,
-- returned = }.
function M.run(body, world)
    local run = { effects = {}, world = world or {} }
    local ok, problem = pcall(function()
        local main = { thread = coroutine.create(body) }
        repeat
            local done, value = step(run, main)
            run.returned = value
        until done
    end)
    if not ok and problem ~= ended then
        run.error = problem
    end
    return run
end

-- The effects of one kind, or of one AWS operation.
function M.of(run, kind)
    local list = {}
    for _, request in ipairs(run.effects) do
        if request.kind == kind or request.operation == kind then
            list[#list + 1] = request
        end
    end
    return list
end

return M
