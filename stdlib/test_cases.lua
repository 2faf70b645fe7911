-- The tests that a file declares, and how one of them is run (`tidelock test` asks for each by its
-- number, in a process of its own, so that none is in another's way).

local check = require "check"
local effect = require "effect"
local kinds = require "kinds"

local M = {}

local declared, named = {}, {}

---Declares a test.
---@param name string
---@param run fun()
function M.add(name, run)
    local title = check.value("test.case", name, kinds.name)
    if type(run) ~= "function" then
        check.fail("test.case %s: expected a function, got %s", check.show(title), check.show(run))
    elseif named[title] then
        check.fail("test.case: there is a test %s already, at %s", check.show(title), named[title])
    end
    named[title] = effect.where()
    declared[#declared + 1] = { name = title, place = named[title], run = run }
end

---What the file declared, or one test.
---@async
---@param asked { case: integer? }
---@return table?
function M.start(asked)
    if asked.case then
        declared[asked.case].run()
        return nil
    end
    local list = effect.array {}
    for i, case in ipairs(declared) do
        list[i] = { name = case.name, place = case.place }
    end
    return list
end

return M
