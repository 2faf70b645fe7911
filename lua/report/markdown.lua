-- Text of others in Markdown: what they wrote is shown as code, which no page takes for a heading,
-- a link, a mention or HTML, whatever it says.

local M = {}

-- As code within a line, or within a cell of a table: there a bar would end the cell.
function M.code(text)
    text = text:gsub("%s+", " ")
    if text:find("^ *$") then
        return ""
    end
    local longest = 0
    for row in text:gmatch("`+") do
        longest = math.max(longest, #row)
    end
    local fence = ("`"):rep(longest + 1)
    local pad = longest > 0 and " " or ""
    return fence .. pad .. text:gsub("|", "\\|") .. pad .. fence
end

function M.row(...)
    return "| " .. table.concat({ ... }, " | ") .. " |\n"
end

-- A table of two columns without a head.
function M.pairs_begin()
    return "| | |\n|---|---|\n"
end

return M
