-- What was found, in the formats of people, programs and CI systems.
require "sim_modules"
local cjson = require "cjson"
local lints = require "check.lints"
local report = require "check.report"

local finding = { level = "warning", code = "no-judge", file = "a, b.lua", line = 7,
    message = "50 % of it\27[31m", why = "why", fix = "fix" }

local function written(format, ...)
    return report.write { format = format, version = "9.9.9",
        files = { { file = "a, b.lua", findings = { ... }, missing = {}, notes = {} } } }
end

describe("a report", function()
    it("ends with the status of the worst that was found", function()
        local mistake = { level = "error", code = "load", file = "x", line = 1, message = "m" }
        assert.are.equal(0, written("text").status)
        assert.are.equal(3, written("text", finding).status)
        assert.are.equal(2, written("text", mistake).status)
        assert.are.equal(2, written("text", finding, mistake).status)
        assert.are.equal(2, written("text", mistake, finding).status)
    end)

    it("for people has place, code, why and fix, and nothing that a terminal obeys", function()
        assert.are.equal("a, b.lua:7: warning: 50 % of it\\x1b[31m [no-judge]\n"
            .. "    why: why\n    fix: fix\n", written("text", finding).text)
    end)

    it("for GitHub is one command a finding, with what would end it escaped", function()
        assert.are.equal("::warning file=a%2C b.lua,line=7,title=no-judge::50 %25 of it\\x1b[31m"
            .. "%0Afix\n", written("github", finding).text)
        assert.are.equal("", written("github").text)
    end)

    it("in SARIF has every rule, and places as URIs", function()
        local run = cjson.decode(written("sarif", finding).text).runs[1]
        assert.are.equal(#lints.list, #run.tool.driver.rules)
        assert.are.equal("9.9.9", run.tool.driver.version)
        local result = run.results[1]
        assert.are.equal("no-judge", result.ruleId)
        local place = result.locations[1].physicalLocation
        assert.are.equal("a%2C%20b.lua", place.artifactLocation.uri)
        assert.are.equal(7, place.region.startLine)
    end)

    it("takes whatever a policy's process sent", function()
        for _, odd in ipairs { {}, { file = 7, findings = 8 }, { findings = { { line = -1,
            level = "fine", message = {}, code = false, fix = 3 } }, notes = { {} },
            missing = { { name = 5 } } } } do
            for _, format in ipairs { "text", "json", "sarif", "github" } do
                local made = report.write { format = format, version = "1", files = { odd } }
                assert.is_string(made.text)
            end
        end
    end)
end)

describe("every rule", function()
    it("has a code, what it finds, why, a fix and a test", function()
        local seen = {}
        for _, lint in ipairs(lints.list) do
            assert.is_truthy(lint.code:find "^[%l%d-]+$", lint.code)
            assert.is_nil(seen[lint.code])
            seen[lint.code] = true
            for _, part in ipairs { "what", "why", "fix" } do
                assert.is_string(lint[part], lint.code)
            end
            assert.is_function(lint.test)
        end
    end)

    it("stands in docs/check.md, as it says what it finds", function()
        local file = assert(io.open "docs/check.md")
        local page = file:read "a"
        file:close()
        for _, lint in ipairs(lints.list) do
            local row = ("| `%s` | %s |"):format(lint.code, lint.what)
            assert.is_truthy(page:find(row, 1, true), row)
        end
    end)

    it("finds nothing where nothing is done", function()
        local facts = { course = {}, params = {}, texts = {}, harmed = {}, seen = {}, flags = {} }
        for _, lint in ipairs(lints.list) do
            lint.test(facts, function() error(lint.code) end)
        end
    end)
end)
