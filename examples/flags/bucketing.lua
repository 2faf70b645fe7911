-- Which users have a flag that is on for some percent of them. A user keeps the flag as the
-- percentage grows, and everybody who asks gets the same answer, on every machine.
--
--     local bucketing = require "bucketing"
--     if bucketing.is_on("new-checkout", user_id, percent) then ... end
--
-- The same as bucketing.c; it needs Lua 5.3 or later and nothing else.

local M = {}

M.BUCKETS = 10000 -- a percentage is exact to 0.01

local WORD = 0xffffffff

local function rotated(value, bits)
    return (value << bits | value >> (32 - bits)) & WORD
end

local function scrambled(block)
    return rotated(block * 0xcc9e2d51 & WORD, 15) * 0x1b873593 & WORD
end

-- MurmurHash3, its variant of 32 bits for x86, seed 0.
local function hash(text)
    local mixed, whole = 0, #text & ~3
    for at = 1, whole, 4 do
        local block = string.unpack("<I4", text, at)
        mixed = (rotated(mixed ~ scrambled(block), 13) * 5 + 0xe6546b64) & WORD
    end
    local rest = string.unpack("<I4", text:sub(whole + 1) .. "\0\0\0\0")
    mixed = mixed ~ scrambled(rest) ~ #text
    mixed = (mixed ~ mixed >> 16) * 0x85ebca6b & WORD
    mixed = (mixed ~ mixed >> 13) * 0xc2b2ae35 & WORD
    return mixed ~ mixed >> 16
end

-- The place of a user among the users of a flag: 0 to BUCKETS - 1.
function M.bucket(flag, user)
    return hash(flag .. user) * M.BUCKETS >> 32
end

-- A percentage beyond 0 to 100, or no number, is the nearest of them, or 0.
function M.is_on(flag, user, percent)
    if percent <= 0 or percent ~= percent then
        return false
    elseif percent >= 100 then
        return true
    end
    return M.bucket(flag, user) < math.floor(percent * 100 + 0.5)
end

return M
