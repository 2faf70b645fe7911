-- The reference page of the catalogue, docs/catalogue.md: every operation with its input, what it
-- changes and how that is undone. Nothing in it is written by hand; make it anew with
--
--     tidelock-lua docs/catalogue.lua > docs/catalogue.md

local catalogue = require "aws.catalogue"
local sorted = require "sorted"

local M = {}

local INTRO = [[
# Operations

The AWS operations that policies may use, as `aws.elbv2.describe_rules { ... }`. Names and members
are AWS's own, verbs in lower case. A **read** changes nothing. A **mutation** is written down
together with its undo before it leaves; the undo goes back to what was there before the rollout,
whatever number of changes came in between. An operation marked **undo only** is no policy's to
ask for.

What AWS does not promise is assumed here, on the careful side: after how long a change is visible
to every reader (below, *settled*), and in the simulated account, how long a call takes and how
long the traffic takes to follow.

This page is made from `lua/services/` by `lua/report/reference.lua`.
]]

local function seconds(ms)
    return ("%g s"):format(ms / 1000)
end

local value_of

-- What fits a shape, in words; a structure by its name, which the section of types explains.
function value_of(shape)
    if shape.kind == "structure" then
        return "[" .. shape.name .. "](#" .. shape.name:lower() .. ")"
    elseif shape.kind == "list" then
        return shape.expects .. ", each " .. value_of(shape.of)
    elseif shape.kind == "map" then
        return shape.expects .. ": " .. value_of(shape.key) .. " to " .. value_of(shape.of)
    end
    return (shape.expects:gsub("#{", "\\#{"))
end

local function members_table(shape)
    local needed, lines = {}, { "", "| member | value |", "|---|---|" }
    for _, name in ipairs(shape.needed) do
        needed[name] = true
    end
    for _, name in ipairs(shape.names) do
        lines[#lines + 1] = ("| `%s`%s | %s |"):format(name, needed[name] and " (needed)" or "",
            value_of(shape.members[name]))
    end
    return table.concat(lines, "\n") .. "\n"
end

-- A paragraph, or with `mark` an item of a list, in lines of at most 100 columns.
local function wrapped(text, mark)
    local lines, line = {}, mark or ""
    for word in text:gmatch("%S+") do
        if #line + #word >= 100 then
            lines[#lines + 1], line = line, mark and "  " or ""
        end
        line = line .. (line:find("%S$") and " " or "") .. word
    end
    lines[#lines + 1] = line
    return table.concat(lines, "\n")
end

local classes = { read = "Read.", mutation = "Mutation.", undo = "Undo only.",
    beat = "Sign of life." }

local function facts(service, entry)
    local lines = { "", ("%s IAM action: `%s:%s`."):format(classes[entry.class], service.iam,
        entry.action) }
    if entry.undo then
        lines[#lines + 1] = wrapped(("Undone by %s. Settled after %s."):format(entry.undo,
            seconds(entry.settle)))
    end
    if entry.steps then
        lines[#lines + 1] = wrapped("What an earlier call of the run made is taken for a step of "
            .. "the way back once an undo was sent: " .. entry.steps .. ".")
    end
    if entry.fleeting then
        lines[#lines + 1] = wrapped("Not looked at again before a commit, as "
            .. entry.fleeting .. ".")
    end
    if entry.dangerous then
        lines[#lines + 1] = "\n" .. wrapped("**Dangerous.** " .. entry.dangerous)
    end
    for i, note in ipairs(entry.notes or {}) do
        lines[#lines + 1] = (i == 1 and "\n" or "") .. wrapped(note, "- ")
    end
    return table.concat(lines, "\n") .. "\n"
end

local function operation(service, name, entry)
    return ("\n### %s\n\n%s\n"):format(name, entry.summary) .. facts(service, entry)
        .. members_table(entry.input)
end

-- Adds the structures that a shape is made of to a table by name.
local function collect(shape, found)
    if shape.kind == "structure" then
        found[shape.name or ""] = shape.name and shape or nil
        for _, name in ipairs(shape.names) do
            collect(shape.members[name], found)
        end
    elseif shape.of then
        collect(shape.of, found)
    end
end

local function section(service)
    local name = service.name
    local simulated = require("services." .. name .. ".simulated")
    local propagation = simulated.operations.PROPAGATION
    local parts, types = {}, {}
    parts[1] = ("\n## %s\n\nIn the simulated account a read takes %s, a change %s%s.\n"):format(
        service.title, seconds(simulated.latency.read), seconds(simulated.latency.write),
        propagation and ("; the traffic follows %s later"):format(seconds(propagation)) or "")
    for _, called in ipairs(sorted(service.operations)) do
        local entry = service.operations[called]
        parts[#parts + 1] = operation(service, called, entry)
        collect(entry.input, types)
    end
    for _, called in ipairs(sorted(types)) do
        parts[#parts + 1] = ("\n#### %s\n"):format(called) .. members_table(types[called])
    end
    return table.concat(parts)
end

-- The whole page.
function M.page()
    local parts = { INTRO }
    for i, service in ipairs(catalogue.services()) do
        parts[i + 1] = section(service)
    end
    return table.concat(parts)
end

return M
