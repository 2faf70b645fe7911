-- What reports have in common: times, shares and lines as people read them.

local arn = require "aws.arn"

local M = {}

-- "01:05:00"
function M.clock(ms)
    local seconds = ms // 1000
    return ("%02d:%02d:%02d"):format(seconds // 3600, seconds // 60 % 60, seconds % 60)
end

-- "1h5m"
function M.duration(ms)
    local text = ""
    for _, unit in ipairs { { "h", 3600000 }, { "m", 60000 }, { "s", 1000 } } do
        if ms >= unit[2] then
            text = text .. ms // unit[2] .. unit[1]
            ms = ms % unit[2]
        end
    end
    return text == "" and ms .. "ms" or text
end

M.percent = require "percent"

-- Full at 100 % only.
function M.bar(share)
    local width = 20
    local full = math.floor(math.max(0, math.min(share, 100)) / 100 * width + 0.5)
    full = share < 100 and math.min(full, width - 1) or full
    return "[" .. ("#"):rep(full) .. ("."):rep(width - full) .. "]"
end

-- An identity without what all resources of its service, region and account have in common.
function M.short(identity)
    local parts = arn.parse(identity)
    return parts and parts.path or identity
end

local COLUMNS = 80

-- Broken between words to fit 80 columns behind a margin, if they do. "50 %" and "version 42" are
-- one word each.
function M.wrapped(text, margin)
    local lines, current = {}, ""
    for word in text:gsub("(%d) %%", "%1\0%%"):gsub("version ", "version\0"):gmatch("%S+") do
        if current ~= "" and margin + #current + 1 + #word > COLUMNS then
            lines[#lines + 1], current = current, ""
        end
        current = current == "" and word or current .. " " .. word
    end
    lines[#lines + 1] = current
    return (table.concat(lines, "\n" .. (" "):rep(margin)):gsub("%z", " "))
end

return M
