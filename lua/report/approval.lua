-- Approvals as people read them, in stories, plans and status.

local words = require "report.words"

local M = {}

-- "ann, bob or eve"
local function names(from)
    local list = table.concat(from, ", ", 1, math.max(#from - 1, 1))
    return #from > 1 and list .. " or " .. from[#from] or list
end

-- Whom a run waits for, what for, and what becomes of it if nobody comes.
function M.asked(request)
    local what = request.message and request.message .. ": " or ""
    local who = request.from and request.from[1] and names(request.from) or "anybody"
    local otherwise = request.otherwise == "go on" and "then it goes on all the same"
        or "then it is rolled back"
    return ("%swaits for %s, up to %s, %s"):format(what, who, words.duration(request.within),
        otherwise)
end

-- What nobody answered, and the run goes on for all that; nil where there is nothing to tell.
function M.unanswered(request, value)
    return not value.approved and request.otherwise == "go on"
        and "nobody answered, and it goes on all the same" or nil
end

-- ": the queue is empty again"
function M.why(body)
    return body.why and ": " .. body.why or ""
end

return M
