require("fake_effect").install()
local check = require "check"
local duration = require "duration"
local kinds = require "kinds"

describe("durations", function()
    it("are read from text", function()
        for text, ms in pairs {
            ["90s"] = 90000, ["5m"] = 300000, ["1h30m"] = 5400000, ["500ms"] = 500,
            ["2d"] = 172800000, ["0s"] = 0, ["366d"] = 366 * 86400000,
        } do
            assert.equal(ms, duration.parse(text), text)
        end
    end)

    it("are nothing else", function()
        for _, text in ipairs { "", "5", "m", "5 m", "-5m", "5M", "5m3", "1.5h", "5x", "5mm",
            "367d", "99999999999999d", ("1d"):rep(400), "5m " } do
            assert.is_nil(duration.parse(text), text)
        end
    end)

    it("are written as they are read", function()
        for _, text in ipairs { "0s", "1m30s", "1d2h3m4s5ms", "5m" } do
            assert.equal(text, duration.format(duration.parse(text)))
        end
    end)
end)

-- A kind, what it takes (Lua value or text) and what comes of it; nil: refused.
local function read(kind, cases)
    for _, case in ipairs(cases) do
        assert.equal(case[2], (kind.read(case[1])), tostring(case[1]))
    end
end

local function parse(kind, cases)
    for _, case in ipairs(cases) do
        assert.equal(case[2], (kind.parse(case[1])), tostring(case[1]))
    end
end

describe("kinds", function()
    it("take numbers in their range, as integers where they are whole", function()
        local kind = kinds.number(0, 10)
        read(kind, { { 0, 0 }, { 10.0, 10 }, { 2.5, 2.5 }, { -1 }, { 11 }, { 0 / 0 }, { math.huge },
            { "5" }, { true } })
        assert.equal("integer", math.type(kind.read(10.0)))
        parse(kind, { { "2.5", 2.5 }, { " 1e1 ", 10 }, { "0x5" }, { "5 6" }, { "" }, { "nan" },
            { "inf" }, { "1.2.3" }, { "1e999" } })
        assert.equal("a number from 0 to 10", kind.expected)
    end)

    it("keep the ends of open ranges out", function()
        read(kinds.number(nil, nil, 0, 1), { { 0 }, { 1 }, { 0.5, 0.5 } })
    end)

    it("take whole numbers", function()
        read(kinds.integer(1, 64), { { 1, 1 }, { 64.0, 64 }, { 0 }, { 1.5 }, { "3" } })
        parse(kinds.integer(1, 64), { { "3", 3 }, { "3.5" }, { "x" } })
    end)

    it("take flags", function()
        read(kinds.flag, { { true, true }, { false, false }, { "yes" }, { 1 } })
        parse(kinds.flag, { { "yes", true }, { "off", false }, { "1" } })
    end)

    it("take one of a few", function()
        local kind = kinds.choice { "a", "b" }
        read(kind, { { "a", "a" }, { "c" }, { 1 } })
        assert.equal('one of "a", "b"', kind.expected)
    end)

    it("take durations, and find a forgotten unit", function()
        read(kinds.duration, { { "5m", 300000 }, { 60000, 60000 }, { "5" }, { 0 }, { "0s" },
            { -1 } })
        local ms, why = kinds.duration.read(5)
        assert.is_nil(ms)
        assert.matches("5 ms is less than a second", why)
    end)

    it("take percentages", function()
        read(kinds.percent, { { 5, 5 }, { 100, 100 }, { 0 }, { 101 }, { 12.5, 12.5 },
            { 3 * 0.1, 0.3 } })
        read(kinds.percent_or_none, { { 0, 0 }, { -1 } })
        parse(kinds.percent, { { "5", 5 }, { "5%", 5 }, { "12.5 %", 12.5 }, { "%" }, { "x" } })
    end)

    it("take rising percentages", function()
        assert.same({ 5, 12.5, 100 }, kinds.percents.parse "5, 12.5%,100")
        assert.same({ 5, 25, 50 }, kinds.percents.many { "5", "25,50" })
        assert.same({ 5, 100 }, kinds.percents.read { 5, 100.0 })
        for _, case in ipairs {
            { { 10, 5 }, "must rise, but 5 comes after 10" },
            { { 5, 5 }, "must rise" },
            { {}, "at least one" },
            { { 5, "x" }, 'got "x"' },
            { { 0, 5 }, "above 0" },
        } do
            local percents, why = kinds.percents.read(case[1])
            assert.is_nil(percents)
            assert.matches(case[2], why)
        end
    end)
end)

describe("check", function()
    local fields = { during = kinds.duration, every = kinds.duration, judges = kinds.text }

    local function why(given, needed)
        local record, text = check.take(given, fields, nil, needed)
        assert.is_nil(record)
        return text
    end

    it("takes what is known and fills in defaults", function()
        assert.same({ during = 60000, every = 1000 },
            check.take({ during = "1m" }, fields, { every = 1000 }))
    end)

    it("names the closest option, or all of them", function()
        assert.equal('there is no option "durring"; did you mean "during"?', why { durring = "5m" })
        assert.equal('there is no option "evrey"; did you mean "every"?', why { evrey = "5m" })
        assert.equal('there is no option "x"; there are: during, every, judges', why { x = 1 })
        local long = ("y"):rep(90)
        assert.equal('there is no option "' .. long .. '"; there are: during, every, judges',
            why { [long] = 1 })
    end)

    it("says what was expected and what was given", function()
        assert.equal('during: expected a duration such as "90s", "5m" or "1h30m", got a table',
            why { during = {} })
        assert.equal('during is missing: expected a duration such as "90s", "5m" or "1h30m"',
            why({}, { "during" }))
        assert.equal("expected a table of options, got nothing", why(nil))
        assert.equal('options have names, got "5m" without one', why { "5m" })
    end)

    it("reads options from text", function()
        assert.same({ during = 60000, judges = "a=b" },
            check.options("during=1m, judges = a=b", fields))
        local options, text = check.options("during", fields)
        assert.is_nil(options)
        assert.equal('expected name=value, got "during"', text)
    end)
end)
