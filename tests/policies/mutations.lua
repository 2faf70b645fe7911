-- Seeded faults: each is put into a shipped policy, and has to be found by that policy's own tests.
--
--     lua5.4 tests/policies/mutations.lua TIDELOCK SCRATCH     from the top of the repository
--
-- SCRATCH is a folder that is there; lua/, stdlib/ and policies/ are copied into it.

local tidelock, scratch = arg[1], arg[2]

-- { policy, what is wrong with it, the text that stands there, what stands there in its place }
local faults = {
    { "step_canary", "a step too many", "steps[compared + 1] = 100",
        "table.insert(steps, 1, 1) compared = compared + 1 steps[compared + 1] = 100" },
    { "step_canary", "no watch", "p.target:watch(watch)", "local _ = watch" },
    { "step_canary", "it ends below 100 %", "steps[compared + 1] = 100",
        "steps[compared + 1] = nil" },
    { "step_canary", "the judges of 100 % are left out", "alone = p.alone,", "alone = p.judges," },
    { "step_canary", "a watch of half the time", "during = p.bake,", "during = p.bake // 2," },
    { "linear", "it stops before the end", "math.ceil(100 / p.step)",
        "math.ceil(100 / p.step) - 1" },
    { "linear", "shares of another size", "math.min(i * p.step, 100)",
        "math.min(i * p.step + 1, 100)" },
    { "blue_green", "the limit of errors is left out",
        "judge.threshold { above = p.max_error_rate }, ", "" },
    { "blue_green", "it switches before the preview", "p.target:shift(p.preview)",
        "p.target:shift(100)" },
    { "blue_green", "it does not wait for green", "p.target:healthy { within = p.healthy_within }",
        "" },
    { "flag_ramp", "what was before is left out", ", judge.before() }", " }" },
    { "flag_ramp", "a wrong share",
        "p.target:shift(percent)\n", "p.target:shift(math.max(percent - 1, 1))\n" },
    { "take_back", "it only says so", "p.target:take_back()",
        'rollout.notify "there is nothing to take back"' },
}

local function read(path)
    local file <close> = assert(io.open(path))
    return file:read("a")
end

local function write(path, text)
    local file <close> = assert(io.open(path, "w"))
    file:write(text)
end

local function quoted(text)
    return "'" .. text:gsub("'", "'\\''") .. "'"
end

local function execute(format, ...)
    local command = format:format(...)
    local _, how, status = os.execute(command)
    return how == "exit" and status or error(command .. ": " .. tostring(how))
end

local function replace(text, old, new)
    local from, to = text:find(old, 1, true)
    assert(from, "the policy has changed: " .. old)
    return text:sub(1, from - 1) .. new .. text:sub(to + 1)
end

-- The exit status of the policy's tests with this text in its place, and what they printed.
local function try(policy, text)
    local path = ("%s/policies/%s.lua"):format(scratch, policy)
    local kept = read(path)
    write(path, text)
    local status = execute("TIDELOCK_LUA_DIR=%s %s test tests/policies/%s_test.lua >%s 2>&1",
        quoted(scratch), quoted(tidelock), policy, quoted(scratch .. "/told"))
    write(path, kept)
    return status, read(scratch .. "/told")
end

assert(execute("cp -R lua stdlib policies %s", quoted(scratch)) == 0)
local missed = 0
for _, fault in ipairs(faults) do
    local policy, what, old, new = table.unpack(fault)
    local status, told = try(policy, replace(read("policies/" .. policy .. ".lua"), old, new))
    local found = status == 3 and told:find "FAILED"
    missed = missed + (found and 0 or 1)
    print(("%s  %s: %s"):format(found and "found " or "MISSED", policy, what))
    if not found then
        io.write(told)
    end
end
print(("%d seeded faults, %d found"):format(#faults, #faults - missed))
os.exit(missed == 0)
