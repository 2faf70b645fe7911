local fake = require "fake_effect"
fake.install()
local account = require "fake_account"

local root = assert(package.searchpath("rollout", package.path)):match("^(.*)stdlib/")

local function read(path)
    local file <close> = assert(io.open(root .. path))
    return file:read("a")
end

-- The Lua blocks of a page that are whole policies or rollout files.
local function policies_of(page)
    local blocks = {}
    for block in read(page):gmatch("\n```lua\n(.-)\n```") do
        if block:find("return rollout%.") then
            blocks[#blocks + 1] = block
        end
    end
    return blocks
end

local function targets_for(policy)
    local arguments, number = {}, 0
    for name, param in pairs(policy.params) do
        if param.kind.sort == "target" and not policy.bound[name] then
            number = number + 1
            arguments[number] = { name, ("lambda-alias:f%d:live,canary=42"):format(number) }
        end
    end
    for name in pairs(require("params").holes(policy.bound)) do
        arguments[#arguments + 1] = { name, "43" }
    end
    return arguments
end

describe("docs/policies.md", function()
    local blocks = policies_of("docs/policies.md")

    it("has policies in it", function()
        assert.equal(6, #blocks)
    end)

    for i, block in ipairs(blocks) do
        it("has a policy that runs, number " .. i, function()
            local policy = assert(load(block, "=docs.lua"))()
            local world = account.new()
            world.metric = function()
                return { points = { { at = 0, value = 1.0 } } }
            end
            local run = fake.run(function()
                require("policy_entry").start(policy, { arguments = targets_for(policy) })
            end, world)
            assert.is_nil(run.error)
            assert.is_truthy(#fake.of(run, "lambda.update_alias") > 0)
        end)
    end

    it("names every shipped policy and its file is short", function()
        for _, name in ipairs { "step_canary", "linear", "blue_green", "flag_ramp" } do
            assert.matches("| `" .. name .. "` |", read("docs/policies.md"))
            local _, lines = read("policies/" .. name .. ".lua"):gsub("\n", "")
            assert.is_true(lines >= 20 and lines < 40, name .. ": " .. lines)
        end
    end)
end)

describe("docs/stdlib.md", function()
    local text = read("docs/stdlib.md")

    local function mentions(name)
        assert.is_truthy(text:find(name .. "[ (`]"), name .. " is not described")
    end

    it("describes every function that authors can call", function()
        for _, module in ipairs { "rollout", "judge", "metrics", "duration" } do
            for name, value in pairs(require(module)) do
                if type(value) == "function" then
                    mentions(module .. "%." .. name)
                end
            end
        end
        for _, method in ipairs { "shift", "watch", "healthy" } do
            mentions("target:" .. method)
        end
    end)

    it("describes nothing else", function()
        for _, module in ipairs { "rollout", "judge", "metrics", "duration" } do
            for name in text:gmatch("`" .. module .. "%.(%l[%l_]*)") do
                assert.equal("function", type(require(module)[name]), module .. "." .. name)
            end
        end
    end)

    for name in pairs(require "judge") do
        it("has judge." .. name .. " with every option, explained in statistics.md", function()
            local section = text:match("\n### `judge%." .. name .. " .-\n##") or text:match(
                "\n### `judge%." .. name .. " .*")
            for option in pairs(require("judge_" .. name).fields) do
                assert.is_truthy(section:find("`" .. option .. "`", 1, true), option)
            end
            local statistics = read("docs/statistics.md")
            assert.is_truthy(statistics:find("\n## judge." .. name .. "\n", 1, true))
            assert.is_truthy(statistics:find("\n| " .. name .. " | ", 1, true), "its numbers")
        end)
    end
end)
