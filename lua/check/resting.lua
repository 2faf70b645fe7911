-- How long what the targets of a policy show has been so, asked of AWS as it is: one read after the
-- other, for those types of target that can tell (`resting` of lua/targets/<type>/init.lua).

local array = require "canonical".array
local types = require "targets"

local Resting = {}
Resting.__index = Resting

local M = {}

local DAY = 86400000

-- A read of AWS; nil where it was refused.
local function ask(operation, input, region)
    local answer = coroutine.yield { operation = operation, input = input, region = region }
    return answer.value
end

local function all_of(params)
    local flags = array {}
    for _, value in ipairs(params.targets) do
        local of = types.type(value.type)
        local percent, since
        if of and of.resting then
            percent, since = of.resting(value, function(operation, input)
                return ask(operation, input, value.region)
            end)
        end
        if since then
            flags[#flags + 1] = { target = types.label(value), percent = percent,
                since = math.max(0, params.now - since) // DAY }
        end
    end
    return flags
end

---params: { targets, now (ms) }.
function M.new(params)
    return setmetatable({ asking = coroutine.create(function() return all_of(params) end) },
        Resting)
end

---Goes on with the answer to what was asked last, { value } or { error }: answers { request } or,
---at the end, { flags = [{ target, percent, since (days) }...] }.
function Resting:step(answer)
    local ok, asked = coroutine.resume(self.asking, answer)
    if not ok then
        error(asked, 0)
    elseif coroutine.status(self.asking) == "dead" then
        return { flags = asked }
    end
    return { request = asked }
end

return M
