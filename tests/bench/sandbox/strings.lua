-- Text taken apart with patterns, changed and put together again.
local words = {}
for i = 1, 2000 do
    words[i] = string.format("%s-%04d", ("word"):rep(i % 3 + 1), (i * 7919) % 10007)
end

local checksum = 0
for round = 1, 100 do
    local text = table.concat(words, " ")
    local counts = {}
    for name, number in text:gmatch("(%a+)%-(%d+)") do
        counts[name] = (counts[name] or 0) + tonumber(number)
    end
    local swapped = text:gsub("(%a+)%-(%d+)", "%2=%1")
    local upper = swapped:upper():sub(1, 2000) .. round
    checksum = (checksum + #swapped + upper:byte(-1) + counts.word) % 1000003
    for i = 1, #words, 10 do
        words[i] = words[i]:reverse():lower()
    end
end
return checksum
