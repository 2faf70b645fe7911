require "sim_modules"
local pages = require "aws.client.pages"

local rules = { token = "Marker", next = "NextMarker", items = { "Rules" } }
local metrics = { token = "NextToken", next = "NextToken", items = { "Messages" },
    joined = { Results = { by = "Id", items = { "Timestamps", "Values" } } } }

describe("the next page", function()
    it("is asked for with the token of the one before", function()
        local input = { PageSize = 2 }
        assert.same({ PageSize = 2, Marker = "b" },
            pages.following(rules, input, { NextMarker = "b" }))
        assert.same({ PageSize = 2 }, input)
    end)

    it("is none after the last one, or where tokens go in circles", function()
        assert.is_nil(pages.following(rules, {}, {}))
        assert.is_nil(pages.following(rules, {}, { NextMarker = "" }))
        assert.is_nil(pages.following(rules, { Marker = "b" }, { NextMarker = "b" }))
        assert.is_nil(pages.following(nil, {}, { NextMarker = "b" }))
    end)
end)

describe("two pages", function()
    it("are one answer with both lists and the second token", function()
        local first = { Rules = { "a" }, NextMarker = "b" }
        assert.same({ Rules = { "a", "b" } }, pages.merged(rules, first, { Rules = { "b" } }))
        assert.same({ Rules = { "a" }, NextMarker = "c" },
            pages.merged(rules, first, { NextMarker = "c" }))
        assert.same({ Rules = { "a" }, NextMarker = "b" }, first)
    end)

    it("of metrics go on with the series of the same id", function()
        local merged = pages.merged(metrics, {
            Results = {
                { Id = "a", Timestamps = { 1 }, Values = { 1.0 }, StatusCode = "PartialData" },
                { Id = "b", Timestamps = {}, Values = {}, StatusCode = "Complete" },
            },
            NextToken = "t",
        }, {
            Results = { { Id = "a", Timestamps = { 2 }, Values = { 2.0 }, StatusCode = "Complete" },
                { Id = "c", Timestamps = { 3 }, Values = { 3.0 }, StatusCode = "Complete" } },
            Messages = { "m" },
        })
        assert.same({
            Results = {
                { Id = "a", Timestamps = { 1, 2 }, Values = { 1.0, 2.0 }, StatusCode = "Complete" },
                { Id = "b", Timestamps = {}, Values = {}, StatusCode = "Complete" },
                { Id = "c", Timestamps = { 3 }, Values = { 3.0 }, StatusCode = "Complete" },
            },
            Messages = { "m" },
        }, merged)
    end)
end)
