---@meta effect
-- luacheck: no unused args
-- What the program itself provides to stdlib (core/script). Policies use stdlib instead.

---@class effect
local effect = {}

---@class (exact) effect.Error
---@field code string     # "RuleNotFound", "AccessDenied", ...
---@field message string

---@class (exact) effect.Result
---@field value? any
---@field error? effect.Error

---Asks the outside for one thing and waits for its answer. The table is copied at once.
---@async
---@param request table   # plain values; `kind` says which effect (docs/architecture.md)
---@return effect.Result
function effect.perform(request) end

---Runs functions side by side, each with effects of its own, and waits for all of them.
---@async
---@param branches (fun(): any)[]
---@return any[] results  # what the functions returned, in their order
function effect.parallel(branches) end

---Raises `message` with the position of the innermost frame that is not stdlib's.
---@param message string
function effect.fail(message) end

---The position that effect.fail would name: "step_canary.lua:12".
---@return string
function effect.where() end

---Marks a table as an array, so that it stays one when it is empty.
---@generic T: table
---@param list T
---@return T list
function effect.array(list) end

return effect
