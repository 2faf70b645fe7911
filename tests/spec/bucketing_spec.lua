local root = assert(package.searchpath("rollout", package.path)):match("^(.*)stdlib/")
local bucketing = dofile(root .. "examples/flags/bucketing.lua")

describe("the bucketing reference", function()
    it("has the buckets of its vectors, as bucketing.c has", function()
        local count = 0
        for line in io.lines(root .. "examples/flags/vectors.txt") do
            local flag, user, bucket = line:match("^([^\t]*)\t([^\t]*)\t(%d+)$")
            assert.equal(tonumber(bucket), bucketing.bucket(flag, user), line)
            count = count + 1
        end
        assert.equal(16, count)
    end)

    it("keeps users on their side as the percentage grows", function()
        for i = 1, 500 do
            local had = false
            for percent = 0, 100, 2.5 do
                local has = bucketing.is_on("new-checkout", "user-" .. i, percent)
                assert.is_true(has or not had)
                had = has
            end
            assert.is_true(had)
        end
    end)

    it("gives the flag to as many as it says", function()
        local count = 0
        for i = 1, 10000 do
            count = count + (bucketing.is_on("new-checkout", "user-" .. i, 10) and 1 or 0)
        end
        assert.is_true(count > 880 and count < 1120, count)
    end)

    it("takes strange percentages for the nearest", function()
        assert.is_false(bucketing.is_on("a", "b", 0 / 0))
        assert.is_false(bucketing.is_on("a", "b", -1))
        assert.is_true(bucketing.is_on("a", "b", math.huge))
        local bucket = bucketing.bucket("a", "b")
        assert.is_false(bucketing.is_on("a", "b", bucket / 100))
        assert.is_true(bucketing.is_on("a", "b", (bucket + 1) / 100))
    end)

    -- flagd multiplies the hash with the sum of all weights, and takes the variant in which the
    -- upper half lies: with weights of 5 and 95, or of 500 and 9500, the same users.
    it("decides as flagd does, whatever the sum of its weights", function()
        for i = 1, 500 do
            local user = "user-" .. i
            local of_hundred = bucketing.bucket("new-checkout", user) // 100
            local first
            for percent = 100, 1, -1 do
                first = bucketing.is_on("new-checkout", user, percent) and percent or first
            end
            assert.equal(of_hundred + 1, first)
        end
    end)
end)
