-- Carries out coroutines of trusted Lua as C does (core/host/task.h), in virtual time. What they
-- ask for is answered by the test, and remembered.

local M = {}

local Driver = {}
Driver.__index = Driver

-- answer: { send = function(request, driver), call = ..., endpoint = ... }; each may be missing.
-- wait is answered here: it lets time pass, and is cut short once `halted` is set.
function M.new(answer)
    return setmetatable({ answer = answer, now = 0, halted = false, asked = {},
        rounds = 0 }, Driver)
end

function Driver:wait(ms)
    if not self.halted then
        self.now = self.now + ms
    end
    return { halted = self.halted }
end

local function refused(problem)
    assert(type(problem) == "table" and problem.refused, problem)
    return { lost = true, sent = false, refused = true, message = problem.refused }
end

function Driver:one(ask)
    local kind, what = next(ask)
    assert(next(ask, kind) == nil, "an ask is of one kind")
    self.asked[#self.asked + 1] = { kind = kind, what = what, at = self.now }
    if kind == "wait" then
        return self:wait(what)
    end
    local ok, answer = pcall(self.answer[kind], what, self)
    return ok and answer or refused(answer)
end

-- What the function returns, once it has.
function Driver:run(call, ...)
    local thread = coroutine.create(call)
    local given = table.pack(...)
    while true do
        local ok, told = coroutine.resume(thread, table.unpack(given, 1, given.n))
        if not ok then
            error(told, 0)
        elseif coroutine.status(thread) == "dead" then
            return told
        end
        local answers = {}
        self.rounds = self.rounds + 1
        for i, ask in ipairs(told) do
            answers[i] = self:one(ask)
        end
        given = table.pack(answers)
    end
end

-- The same as a function, for those who look at what it raises.
function M.run(driver, ...)
    return driver:run(...)
end

-- What was asked for of one kind, in order.
function Driver:all(kind)
    local list = {}
    for _, asked in ipairs(self.asked) do
        if asked.kind == kind then
            list[#list + 1] = asked.what
        end
    end
    return list
end

return M
