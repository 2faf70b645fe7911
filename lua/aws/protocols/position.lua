-- Where in a value we are, so that a refusal can name the place: "Actions[2].Order must be a whole
-- number, got text". One lives as long as one message is written or read.

local M = {}

local SHOWN_MAX = 60 -- bytes of a text that are shown

local methods = {}
methods.__index = methods

function M.new(start)
    return setmetatable({ count = 0, start = start }, methods)
end

-- A name of a member or a key, or the place in a list.
function methods:push(step)
    self.count = self.count + 1
    self[self.count] = step
end

function methods:pop()
    self.count = self.count - 1
end

local function step_text(step, first)
    if type(step) == "number" then
        return ("[%d]"):format(step)
    end
    return first and step or "." .. step
end

function methods:place()
    local parts = {}
    for i = 1, self.count do
        parts[i] = step_text(self[i], i == 1)
    end
    return self.count > 0 and table.concat(parts) or self.start
end

-- What a value is, in few words.
function M.show(value)
    local kind = type(value)
    if kind == "string" then
        local shown = #value > SHOWN_MAX and value:sub(1, SHOWN_MAX) .. "..." or value
        return ("%q"):format((shown:gsub("[^\32-\126]", "?")))
    elseif kind == "table" then
        return (value[1] ~= nil or getmetatable(value) == false) and "a list" or "an object"
    elseif kind == "number" or kind == "boolean" then
        return tostring(value)
    end
    return kind == "userdata" and "null" or "a " .. kind
end

-- Raises {invalid = message}: of what is written, a mistake of the caller's; of what is read, an
-- answer that is not what the model says.
function methods:refuse(format, ...)
    error({ invalid = self:place() .. " " .. format:format(...) }, 0)
end

function methods:expected(what, value)
    self:refuse("must be %s, got %s", what, M.show(value))
end

return M
