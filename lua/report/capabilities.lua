-- What policies may use on this program, as a page or as JSON. Nothing is listed by hand: functions
-- and modules are those that the sandbox was seen to offer, operations come from the catalogue.

local canonical = require "canonical"
local catalogue = require "aws.catalogue"
local sorted = require "sorted"
local types = require "targets"

local M = {}

local WIDTH = 80

-- Words in lines of at most WIDTH, after a title in a column of its own.
local function wrap(title, words)
    local lines, current = {}, ("  %-12s"):format(title)
    for i, word in ipairs(words) do
        local piece = word .. (i < #words and "," or "")
        if #current + 1 + #piece > WIDTH then
            lines[#lines + 1] = current
            current = (" "):rep(14)
        end
        current = current .. " " .. piece
    end
    lines[#lines + 1] = current
    return table.concat(lines, "\n") .. "\n"
end

-- { name = { names... } } as lines, sorted.
local function groups(of)
    local out = {}
    for i, name in ipairs(sorted(of)) do
        out[i] = wrap(name, of[name])
    end
    return table.concat(out)
end

local function operations(list)
    local out = {}
    for i, entry in ipairs(list) do
        out[i] = ("  %-42s %-9s %s%s\n"):format(entry.operation, entry.class, entry.iam,
            entry.dangerous and "  (dangerous)" or "")
    end
    return table.concat(out)
end

local function targets(list)
    local out = {}
    for i, one in ipairs(list) do
        out[i] = ("  %-16s %s\n"):format(one.type, one.text)
    end
    return table.concat(out)
end

local function target_list()
    local list = {}
    for i, name in ipairs(types.names()) do
        list[i] = { type = name, text = types.policy(name).text }
    end
    return list
end

local function walls(given)
    local function word(there)
        return there and "yes" or "no"
    end
    return ("  seccomp %s, Landlock %s\n"):format(word(given.seccomp), word(given.landlock))
end

local function budgets(given)
    return ("  work %d units, memory %d bytes, one value %d bytes, print %d bytes\n"):format(
        given.work, given.memory, given.value_size, given.print_size)
end

local function page(given, list)
    return table.concat {
        "tidelock ", given.version, "\n\n",
        "the process that policies run in\n", walls(given), "\n",
        "budgets of a run\n", budgets(given), "\n",
        "functions\n", groups(given.functions), wrap("left out", given.absent), "\n",
        "modules\n", groups(given.modules), "\n",
        "targets\n", targets(target_list()), "\n",
        "effects\n", wrap("kinds", given.effects), "\n",
        "AWS operations\n", operations(list),
    }
end

-- given: { version, format, seccomp, landlock, work, memory, value_size, print_size,
-- functions = { library = { name... } }, modules = { module = { name... } },
-- absent = { function... }, effects = { kind... } }
function M.render(given)
    local list = catalogue.list()
    if given.format ~= "json" then
        return page(given, list)
    end
    given.format = nil
    given.operations = list
    given.targets = target_list()
    return canonical.encode(given) .. "\n"
end

return M
