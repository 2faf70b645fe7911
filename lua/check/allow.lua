-- Comments by which an author allows what a rule would find, and says why:
--
--     p.target:shift(100)  -- check: allow blind-at-100: the batch has no users until it is merged
--
-- On a line of its own such a comment is about the next line that has anything else.

local closest = require "aws.closest"

local M = {}

local function codes_of(text)
    local list = {}
    for code in text:gmatch("[^%s,]+") do
        list[#list + 1] = code
    end
    return list
end

-- The line that a comment is about: its own, or the next below it that is no comment alone.
local function about(comments, index)
    local one = comments[index]
    if not one.alone then
        return one.line
    end
    local line = one.last + 1
    for i = index + 1, #comments do
        if not comments[i].alone or comments[i].line ~= line then
            break
        end
        line = comments[i].last + 1
    end
    return line
end

---The allowances of a text: [{ code, line (of the comment), about (line), used }...]. What is wrong
---with one is reported as report(code, line, message); `codes`: all that there are, sorted.
function M.of(unit, codes, report)
    local known, list = {}, {}
    for _, code in ipairs(codes) do
        known[code] = true
    end
    for i, comment in ipairs(unit.comments) do
        local named, rest = comment.text:match("^%-*%s*check:%s*allow%s+([%w%-, ]*)(.*)$")
        local reason = rest and rest:match("^:(.*)$") or ""
        for _, code in ipairs(codes_of(named or "")) do
            if not known[code] then
                report("allow", comment.line, ("there is no rule %s%s"):format(code,
                    closest.hint(code, codes)))
            elseif not reason:find("%w") then
                report("allow", comment.line,
                    ("say why: -- check: allow %s: the reason"):format(code))
            else
                list[#list + 1] = { code = code, line = comment.line,
                    about = about(unit.comments, i) }
            end
        end
    end
    return list
end

---Whether one of them allows this; then it is of use.
function M.allows(list, code, line)
    for _, one in ipairs(list) do
        if one.code == code and one.about == line then
            one.used = true
            return true
        end
    end
    return false
end

return M
