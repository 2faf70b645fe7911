-- The reference page of the targets, docs/targets.md: how each type is written, what it carries,
-- what CloudWatch has of it. Nothing in it is written by hand; make it anew with
--
--     tidelock-lua docs/targets.lua > docs/targets.md

local sorted = require "sorted"
local types = require "targets"

local M = {}

local INTRO = [[
# Targets

Made by `lua/report/targets_page.lua` from `lua/targets/`; not written by hand.

A target carries traffic that can be split between the old version, the **baseline**, and the new
one, the **canary**. Every target may also be given a `name`, by which messages, stories and reports
call it, of up to 40 letters, digits, `-` and `_`; and a `region`, where that is not the one of the
run's settings and no ARN among its members says it. One policy may have targets of several regions.
As text, every member may be given by its name:
`%s`.

| type | in Lua | as text |
|---|---|---|
]]

local EXAMPLE = "lambda-alias:function=pay,alias=live,canary=42,region=eu-west-1,name=checkout"

-- rollout.lambda_alias { ["function"] =, alias =, canary = }
local function in_lua(name, policy)
    local parts = {}
    for _, member in ipairs(policy.members) do
        local called = member[1] == "function" and '["function"]' or member[1]
        parts[#parts + 1] = not member.optional and called .. " =" or nil
    end
    return ("`rollout.%s { %s }`"):format(name, table.concat(parts, ", "))
end

local function row(name)
    local of, policy = types.type(name), types.policy(name)
    return ("| [%s](#%s) | %s | `%s` |\n"):format(of.summary, name, in_lua(name, policy),
        policy.text)
end

local function members_table(policy)
    local out = { "| member | |\n|---|---|\n" }
    for _, member in ipairs(policy.members) do
        out[#out + 1] = ("| `%s` | %s%s |\n"):format(member[1], member.about,
            member.optional and " (optional)" or "")
    end
    return table.concat(out)
end

local function shares(policy)
    return policy.coarse and policy.coarse:gsub("^%l", string.upper) .. "."
        or ("Its weights are in steps of %s %%."):format(policy.resolution)
end

-- "HTTPCode_Target_5XX_Count + TargetConnectionErrorCount"
local function metric_name(definition)
    local metric = definition.metric
    return type(metric) == "table" and table.concat(metric, " + ") or metric
end

local function metrics_table(of)
    local out = { "| metric | of CloudWatch | statistic |\n|---|---|---|\n" }
    local function add(name, definition, stat)
        out[#out + 1] = ("| %s | %s %s | %s |\n"):format(name, definition.namespace,
            metric_name(definition), stat)
    end
    for _, name in ipairs(sorted(of.metrics)) do
        add(("`%s`"):format(name), of.metrics[name], of.metrics[name].stat)
    end
    if of.latency then
        add("`latency`, `latency_p50`, `latency_p99.9` ... (ms)", of.latency "Average",
            "Average, or the percentile")
    end
    return table.concat(out)
end

-- "LoadBalancer, TargetGroup"
local function dimensions(of)
    local _, definition = next(of.metrics)
    return table.concat(sorted(definition.dimensions), ", ")
end

local function metrics_of(of)
    local out = { "\n**Metrics.** ", of.metric_notes, "\n" }
    if of.metrics then
        out[#out + 1] = ("\nBuilt in, by the dimensions %s:\n\n%s"):format(dimensions(of),
            metrics_table(of))
    end
    if of.placeholders then
        out[#out + 1] = ("\nPlaceholders besides its members: `{{%s}}`.\n"):format(
            table.concat(of.placeholders.fills, "}}`, `{{"))
    end
    return table.concat(out)
end

local function section(name)
    local of, policy = types.type(name), types.policy(name)
    return table.concat { "\n## ", name, "\n\nA ", of.summary, "; its arms are ", of.arms, ". ",
        shares(policy), "\n\n", members_table(policy), "\n", of.notes, "\n\n**Ready.** ", of.ready,
        "\n", metrics_of(of) }
end

-- The whole page.
function M.page()
    local out = { INTRO:format(EXAMPLE) }
    for _, name in ipairs(types.names()) do
        out[#out + 1] = row(name)
    end
    for _, name in ipairs(types.names()) do
        out[#out + 1] = section(name)
    end
    return table.concat(out)
end

return M
