-- What `status RUN` makes of a journal.
require "sim_modules"
local page = require "report.page"

local alias = { type = "lambda_alias", ["function"] = "pay", alias = "live", canary = "42" }

local function route(weight)
    return { kind = "aws", operation = "lambda.update_alias", input = { FunctionName = "pay",
        Name = "live", FunctionVersion = "41",
        RoutingConfig = { AdditionalVersionWeights = { ["42"] = weight } } } }
end

local records = {
    { 0, "run", {} },
    { 0, "begin", { policy = { name = "step" }, targets = { alias } } },
    { 100, "effect", { id = 2, identity = "pay:live", request = route(0.05) } },
    { 200, "result", { id = 2, outcome = "ok", value = {} } },
    { 200, "effect", { id = 3, request = { kind = "watch", share = 5, ["for"] = 300000,
        target = alias } } },
    { 60200, "tick", { id = 3, tick = 1, verdict = "undecided", judges = {},
        periods = { { at = 0, metrics = { errors = { baseline = 1.0, canary = 1.0 } } } } } },
    { 120200, "rollback", { cause = "no data", reason = "nothing came", chunk = "", line = 0 } },
    { 120300, "undo", { id = 4, identity = "pay:live", request = route(0) } },
    { 120400, "undone", { id = 4, identity = "pay:live", outcome = "ok" } },
    { 120500, "verified", { id = 4, identity = "pay:live", restored = true } },
}

local function tell(count, facts)
    facts.run, facts.policy, facts.began, facts.last = "R", "step.lua", 200, records[count][1]
    page.begin(facts)
    for i = 1, count do
        page.add { at = records[i][1], kind = records[i][2], body = records[i][3] }
    end
    return page.finish()
end

describe("the page about a run", function()
    it("tells a live one's target, share, watch and verdict", function()
        local told = tell(6, { status = "running", held = true, now = 90200 })
        assert.equal([[
R  running
  policy     step.lua
  begun      1970-01-01T00:00:00Z, 1m30s ago
  target     pay:live (lambda_alias), canary at 5 %
  watch      1m30s of 5m at 5 %: undecided
  next       `tidelock abort R` rolls it back
]], told.text)
        assert.same({ { target = "pay:live", type = "lambda_alias", share = 5.0 } }, told.targets)
        assert.equal("undecided", told.verdict)
    end)

    it("calls a target by the name that it was given", function()
        alias.name = "checkout"
        local told = tell(6, { status = "running", held = true, now = 90200 })
        alias.name = nil
        local line = "  target     checkout (lambda_alias pay:live), canary at 5 %\n"
        assert.truthy(told.text:find(line, 1, true), told.text)
        assert.equal("checkout", told.targets[1].target)
    end)

    it("tells who paused it", function()
        assert.truthy(tell(6, { status = "paused", held = true, now = 90200, paused_by = "ann",
            paused_at = 1500 }).text:find(
            "  paused     by ann, since 1970-01-01T00:00:01Z\n"
            .. "  next       `tidelock resume R` has it go on\n", 1, true))
    end)

    it("says that what came to no decision was rolled back, and why", function()
        local text = tell(10, { status = "ended", outcome = "no decision", exit = 15,
            reason = ("word "):rep(20) }).text
        assert.truthy(text:find("canary at 0 %", 1, true))
        assert.truthy(text:find("  watch      2m of 5m at 5 %: undecided\n"
            .. "  ended      no decision after 2m, and rolled back (exit status 15)\n"
            .. "  reason     " .. ("word "):rep(12) .. "word\n" .. (" "):rep(13) .. "word",
            1, true))
        assert.falsy(text:find("next", 1, true))
    end)

    it("says what to do where not everything is back", function()
        records[10][3].restored = false
        local text = tell(10, { status = "ended", outcome = "not restored", exit = 14 }).text
        records[10][3].restored = true
        assert.truthy(text:find("  ended      not restored after 2m (exit status 14)\n"
            .. "  left       pay:live: NOT as it was before\n"
            .. "  next       `tidelock recover R` tries again\n", 1, true))
        assert.truthy(tell(4, { status = "cut short" }).text:find(
            "`tidelock recover R` rolls it back\n", 1, true))
    end)

    it("says what the provider does not answer", function()
        local arms = records[6][3].periods[1].metrics.errors
        arms.canary = "provider error"
        local text = tell(6, { status = "running", held = true, now = 90200 }).text
        arms.canary = 1.0
        assert.truthy(text:find("at 5 %: undecided; errors: not answered for 1 period\n", 1, true))
    end)

    it("is short where little is known", function()
        assert.equal("R  starting\n  policy     step.lua\n", (function()
            page.begin { run = "R", status = "starting", policy = "step.lua", began = 0, last = 0 }
            return page.finish().text
        end)())
    end)

    it("says which records no run writes", function()
        page.begin { run = "R", status = "ended", policy = "x", began = 0, last = 0,
            outcome = "promoted", exit = 0 }
        for _ = 1, 7 do
            page.add { at = 0, kind = "effect", body = {} }
        end
        assert.truthy(page.finish().text:find("  untold     7 of the journal's records no run "
            .. "writes (line 1, 2, 3, 4, 5, ...)\n", 1, true))
    end)
end)
