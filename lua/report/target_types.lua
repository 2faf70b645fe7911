-- What an editor's language server knows of the types of target: stdlib/meta/targets.lua. Nothing
-- in it is written by hand; make it anew with
--
--     tidelock-lua docs/target_types.lua > stdlib/meta/targets.lua

local members = require "targets.members_policy"
local types = require "targets"

local M = {}

local HEADER = [[
---@meta targets
-- luacheck: ignore 111 112 212 241
-- The constructors of targets, for editors. Made by lua/report/target_types.lua.

---@class rollout
local rollout = {}
]]

-- "alb_rule" -> "AlbRule"
local function class(name)
    return "rollout." .. ("_" .. name):gsub("_(%l)", string.upper)
end

local function type_of(member)
    return member.kind == members.duration and "Duration" or "string"
end

local function lines_of(name)
    local of, policy = types.type(name), types.policy(name)
    local out = { ("\n---@class (exact) %s"):format(class(name)) }
    for _, member in ipairs(policy.members) do
        out[#out + 1] = ("---@field %s%s %s  # %s"):format(member[1], member.optional and "?" or "",
            type_of(member), member.about)
    end
    out[#out + 1] = "---@field name? string  # how messages and reports call it"
    out[#out + 1] = "---@field region? string  # where it is, if not where the run is at home"
    out[#out + 1] = ("\n---A target: %s. Text:\n---\n---    %s"):format(of.summary, policy.text)
    out[#out + 1] = ("---@param options %s\n---@return Target"):format(class(name))
    out[#out + 1] = ("function rollout.%s(options) end"):format(name)
    return table.concat(out, "\n")
end

-- The whole file.
function M.file()
    local out = { HEADER }
    for _, name in ipairs(types.names()) do
        out[#out + 1] = lines_of(name) .. "\n"
    end
    return table.concat(out)
end

return M
