-- What came of the metrics of a run before it began (lua/metrics/preflight.lua), in lines.

local plain = require "report.plain"
local words = require "report.words"

local M = {}

local function about(ms)
    return words.duration((ms + 500) // 1000 * 1000)
end

local function arm_words(entry)
    local late = entry.late and (", the newest %s old"):format(about(entry.late)) or ""
    return ("%s %d of %d periods%s"):format(entry.arm, entry.points, entry.periods, late)
end

-- One line for each metric of each target, its arms beside each other.
function M.lines(entries, several)
    local lines, known = {}, {}
    for _, entry in ipairs(entries or {}) do
        local what = (several and entry.target and entry.target .. ": " or "") .. entry.metric
        local at = known[what]
        if at then
            lines[at] = lines[at] .. "; " .. arm_words(entry)
        elseif entry.asked then -- a recording was not asked
            known[what] = #lines + 1
            lines[#lines + 1] = ("%s%s: %s"):format(what, entry.absent
                and " (zero where it is not there)" or "", arm_words(entry))
        end
    end
    return lines
end

-- The same for `doctor`, and for each arm what was asked for, with its placeholders filled.
function M.tell(entries)
    local out = {}
    entries = plain.text(entries)
    for _, line in ipairs(M.lines(entries, true)) do
        out[#out + 1] = ("%-20s %s\n"):format("metric", line)
    end
    for _, entry in ipairs(entries) do
        out[#out + 1] = ("%-20s %s of the %s: %s\n"):format("asked", entry.metric, entry.arm,
            entry.asked)
    end
    return table.concat(out)
end

return M
