-- What is raised where a question that is no part of a watch could not be read: {unanswered =
-- message} where asking again may help, else {invalid = message}.

local M = {}

function M.text(name, reading)
    return ("%s cannot be read: %s"):format(name, reading.message or "no answer")
end

function M.raise(text, again)
    error(again and { unanswered = text } or { invalid = text }, 0)
end

return M
