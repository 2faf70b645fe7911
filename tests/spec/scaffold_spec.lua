-- What `tidelock new` writes.
require "sim_modules"
local scaffold = require "scaffold"

local function made(name, strategy)
    local by_path = {}
    for _, file in ipairs(scaffold.files { name = name, strategy = strategy, policy = "-- it",
        library = "/usr/share" }) do
        by_path[file.path] = file.text
    end
    return by_path
end

describe("a new rollout", function()
    for _, strategy in ipairs { "step_canary", "linear", "blue_green", "flag_ramp", "take_back",
        "one that came later" } do
        it("has files that Lua takes, and leaves nothing to fill in, by " .. strategy, function()
            local files = made("shop", strategy)
            for _, path in ipairs { "shop.lua", "shop_test.lua" } do
                assert.is_truthy(load(files[path]), path)
                for _, word in ipairs { "NAME", "TARGET", "PARAMS", "PEAK", "GIVEN" } do
                    assert.is_nil(files[path]:find(word, 1, true), path)
                end
            end
            assert.are.equal("-- it", files["shop_policy.lua"])
            assert.is_truthy(files["shop.lua"]:find('require "shop_policy"', 1, true))
            assert.is_truthy(files[".luarc.json"]:find("/usr/share", 1, true))
        end)
    end

    it("gives in its test what the rollout file leaves open", function()
        for _, strategy in ipairs { "step_canary", "flag_ramp", "take_back" } do
            local files = made("shop", strategy)
            local open = files["shop.lua"]:find("rollout.given", 1, true) ~= nil
            assert.are.equal(open, files["shop_test.lua"]:find("version = ", 1, true) ~= nil)
            local told = scaffold.told { name = "shop", strategy = strategy }
            assert.are.equal(open, told:find("-p version=43", 1, true) ~= nil)
        end
    end)

    it("has a name that files and modules can have", function()
        for _, name in ipairs { "shop", "a", "shop_2", ("a"):rep(40) } do
            assert.is_nil(scaffold.wrong_name(name))
        end
        for _, name in ipairs { "", "Shop", "2shop", "_shop", "shop-2", "../shop", "sh op", "shöp",
            ("a"):rep(41) } do
            assert.is_string(scaffold.wrong_name(name))
        end
    end)
end)
