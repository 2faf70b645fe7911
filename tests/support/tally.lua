-- Reads what `ctest --verbose` printed and counts single tests, where their programs tell: "3
-- passed, 1 failed", busted's "3 successes / ...". A program that tells nothing is one test.
--
--     lua5.4 tests/support/tally.lua PRESET LOG
--
-- Prints a line for each ring and the whole output of what failed, then as its last line the sums
-- "PASSED FAILED SKIPPED".

local SHOWN_LINES, SHOWN_COLUMNS = 60, 300

local preset, path = arg[1], arg[2]

local tests, order = {}, {} -- by number; numbers as they ended

local function test_of(number)
    tests[number] = tests[number] or { output = {} }
    return tests[number]
end

local function read_log()
    for line in io.lines(path) do
        local number, text = line:match("^(%d+): (.*)$")
        local ended, name, fate = line:match("^%s*%d+/%d+ Test%s+#(%d+): (%S+) %.*(.*)$")
        if number then
            table.insert(test_of(number).output, text)
        elseif ended then
            local test = test_of(ended)
            test.name, test.fate = name, fate
            order[#order + 1] = ended
        end
    end
end

-- The last line that counts something.
local function told(output)
    for i = #output, 1, -1 do
        local line = output[i]
        local passed, failed = line:match("^(%d+) passed, (%d+) failed")
        if passed then
            return tonumber(passed), tonumber(failed), tonumber(line:match(", (%d+) skipped") or 0)
        end
        local good, bad, errors, pending = line:match(
            "^(%d+) success%w* / (%d+) failures? / (%d+) errors? / (%d+) pending")
        if good then
            return tonumber(good), tonumber(bad) + tonumber(errors), tonumber(pending)
        end
    end
end

-- CTest has the last word on failure: a program that counted no failure may still have crashed.
local function count(test)
    local passed, failed, skipped = told(test.output)
    if test.fate:find("Skipped") then
        return passed or 0, failed or 0, math.max(skipped or 0, 1)
    elseif test.fate:find("Passed") then
        if not passed then
            return 1, 0, 0
        end
        return passed, failed, skipped
    end
    return passed or 0, math.max(failed or 0, 1), skipped or 0
end

local function report_failed(test)
    print(("--- %s %s:%s"):format(preset, test.name, test.fate))
    local output = test.output
    for i = math.max(1, #output - SHOWN_LINES + 1), #output do
        print("    " .. output[i]:sub(1, SHOWN_COLUMNS))
    end
end

read_log()
local rings, ring_order, sum = {}, {}, { 0, 0, 0 }
for _, number in ipairs(order) do
    local test = tests[number]
    local counts = { count(test) }
    local ring = test.name:match("^spec/.*") or test.name:match("^(.-)/") or test.name
    if not rings[ring] then
        rings[ring] = { 0, 0, 0 }
        ring_order[#ring_order + 1] = ring
    end
    for i = 1, 3 do
        rings[ring][i] = rings[ring][i] + counts[i]
        sum[i] = sum[i] + counts[i]
    end
    if counts[2] > 0 then
        report_failed(test)
    end
    for _, line in ipairs(test.output) do
        if line:find("^SKIPPED: ") then
            print(("%-10s %s"):format(preset, line))
        end
    end
end
if #order == 0 then
    print(("%-10s FAILED: no test ran, see %s"):format(preset, path))
    sum[2] = 1
end
for _, ring in ipairs(ring_order) do
    local counts = rings[ring]
    print(("%-10s %-20s %5d passed %4d failed %4d skipped"):format(preset, ring,
        table.unpack(counts)))
end
print(("%d %d %d"):format(sum[1], sum[2], sum[3]))
