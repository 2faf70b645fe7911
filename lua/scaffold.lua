-- What `tidelock new` writes: a policy, the rollout file that binds it, a test, a recording to play
-- with, and what editors need for completion. Nothing here touches a file.

local encode = require "canonical".encode
local types = require "targets"

local M = {}

-- Up to where a bad version gets by a strategy (nil: there is no saying, false: it has none).
local peaks = { step_canary = 5, linear = 10, flag_ramp = 1, take_back = false }

-- The target of a strategy, as a rollout file writes it; NAME is filled in.
local function target_of(strategy)
    local otherwise
    for _, name in ipairs(types.names()) do
        local begins = types.type(name).begins or { false }
        otherwise = begins[1] == nil and begins.target or otherwise
        for _, one in ipairs(begins) do
            if one == strategy then
                return begins.target
            end
        end
    end
    return otherwise
end

local ROLLOUT = [[
-- How NAME is rolled out: by NAME_policy.lua, on this target. The file is
-- committed once; what is new with each rollout the pipeline gives on the command line.

local rollout = require "rollout"

return rollout.use(require "NAME_policy", {
TARGET})
]]

local TEST = [[
-- What must hold of the rollout of NAME; `tidelock test` runs it.

local test = require "test"

local function rolled_out(inject)
    return test.simulate {
        policy = "NAME.lua",
        recording = "NAME.ndjson",PARAMS
        inject = inject,
    }
end

test.case("a version that is as good is promoted", function()
    rolled_out():promoted()
end)
]]

local BAD = [[

test.case("a version that fails fifty times as often is taken back", function()
    rolled_out("errors*50"):rolled_back()PEAK
end)
]]

-- A text in which the words in capitals are filled in.
local function filled(text, words)
    return (text:gsub("%u%u%u+", words))
end

local function test_of(name, target, peak)
    local words = {
        NAME = name,
        PARAMS = target:find("given", 1, true) and '\n        params = { version = "43" },' or "",
        PEAK = peak and (":peak { at_most = %d }"):format(peak) or "",
    }
    return filled(TEST .. (peak ~= false and BAD or ""), words)
end

local MINUTE, MINUTES = 60000, 240
local START = 1767258000000 -- 2026-01-01T09:00:00Z

-- Four hours of a service with two hundred requests a second, of which one in a thousand fails.
local function recording()
    local series = {}
    for id, metric in ipairs { "requests", "errors" } do
        series[id] = { arm = "service", id = id, metric = metric, period = MINUTE,
            statistic = "sum", companion = id == 2 and "requests" or nil }
    end
    local lines = { encode { format = "tidelock-recording", version = 1, source = "made up",
        series = series } }
    for i = 0, MINUTES - 1 do
        local requests, errors = 12000 + i * 7919 % 1201 - 600, 12 + i * i * 31 % 9 - 4
        for id, value in ipairs { requests, errors } do
            lines[#lines + 1] = encode { s = id, t = START + i * MINUTE, v = value }
        end
    end
    return table.concat(lines, "\n") .. "\n"
end

local EDITOR = [[
{
  "runtime.version": "Lua 5.4",
  "runtime.path": ["?.lua"],
  "workspace.library": [%s],
  "diagnostics.libraryFiles": "Disable"
}
]]

---Why a rollout cannot be called so; nil: it can. Its files are required by their names, which the
---standard library's are not to stand for.
function M.wrong_name(name)
    if not name:find "^%l[%l%d_]*$" or #name > 40 then
        return "expected a name of up to 40 small letters, digits and _ that begins with a letter"
    end
end

---The files of a new rollout, [{ path, text }...]. params: { name, strategy, policy (the text of
---the strategy), library (the folder of the standard library) }.
function M.files(params)
    local name = params.name
    local target, peak = target_of(params.strategy), peaks[params.strategy]
    local words = { NAME = name, TARGET = filled(target, { NAME = name }) }
    return {
        { path = name .. ".lua", text = filled(ROLLOUT, words) },
        { path = name .. "_policy.lua", text = params.policy },
        { path = name .. "_test.lua", text = test_of(name, target, peak) },
        { path = name .. ".ndjson", text = recording() },
        { path = ".luarc.json", text = EDITOR:format(encode(params.library)) },
    }
end

local TOLD = {
    { "NAME.lua", "the rollout: its target, and what the pipeline gives" },
    { "NAME_policy.lua", "how it is carried out; change it as you like" },
    { "NAME_test.lua", "what must hold of it" },
    { "NAME.ndjson", "metrics to play with, made up" },
    { ".luarc.json", "completion in editors" },
}

local NEXT = [[

next:
  cd NAME
  tidelock check NAME.lua
  tidelock simulate NAME.lua --recording NAME.ndjsonGIVEN
  tidelock test NAME_test.lua
]]

---What is told once they are there, and what to try next. params as above.
function M.told(params)
    local name, target = params.name, target_of(params.strategy)
    local lines = { ("made %s/"):format(name) }
    for i, row in ipairs(TOLD) do
        local path = filled(row[1], { NAME = name })
        lines[i + 1] = "  " .. path .. (" "):rep(#name + 13 - #path) .. row[2]
    end
    local given = target:find("given", 1, true) and " -p version=43" or ""
    return table.concat(lines, "\n") .. "\n" .. filled(NEXT, { NAME = name, GIVEN = given })
end

return M
