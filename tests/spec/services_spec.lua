-- A service is its folder: what a live run loads of it, and that nothing names it elsewhere.

local canonical = require "sim_modules"
local modules = require "modules"

local ours = { "^aws%.", "^services%.", "^simulation%.", "^report%.", "^targets" }

-- What of ours is loaded, sorted.
local function loaded()
    local names = {}
    for name in pairs(package.loaded) do
        for _, pattern in ipairs(ours) do
            names[#names + 1] = name:find(pattern) and name or nil
        end
    end
    table.sort(names)
    return names
end

-- Calls a function where nothing of ours is loaded yet, and puts things back as they were.
local function afresh(call)
    local before = {}
    for _, name in ipairs(loaded()) do
        before[name], package.loaded[name] = package.loaded[name], nil
    end
    local done, problem = pcall(call)
    for _, name in ipairs(loaded()) do
        package.loaded[name] = nil
    end
    for name, module in pairs(before) do
        package.loaded[name] = module
    end
    assert(done, problem)
end

local function is_simulation(name)
    return name:find("^simulation") or name:find("%.simulated") or name:find("%.rehearsal$")
end

describe("a live run", function()
    it("loads nothing of the simulation, whatever service it asks", function()
        afresh(function()
            local catalogue = require "aws.catalogue"
            local client = require "aws.client"
            for _, name in ipairs(catalogue.names()) do
                client.where(name)
            end
            require("aws.iam").document { uses = { { operation = "sts.get_caller_identity" } } }
            local types = require "targets"
            for _, name in ipairs(types.names()) do
                assert.is_string(types.title { type = name })
            end
            local names = loaded()
            for _, name in ipairs(names) do
                assert.is_nil(is_simulation(name), name)
            end
            assert.is_truthy(table.concat(names, " "):find("services.ecs.wire", 1, true))
        end)
    end)

    it("loads the services that it asks, and no others", function()
        afresh(function()
            require("aws.client").where "lambda.get_alias"
            for _, name in ipairs(loaded()) do
                local service = name:match("^services%.([^.]+)")
                assert.is_true(service == nil or service == "lambda", name)
            end
        end)
    end)
end)

-- A service as its folder would bring it.
local function echo()
    local shape = require "aws.shape"
    local text = shape.structure({ Text = shape.text() }, { needed = { "Text" } })
    return {
        services = { title = "Echo", iam = "echo", operations = {
            ["echo.say"] = { class = "read", action = "Say", summary = "Says it again.",
                input = text } } },
        wire = { metadata = { serviceId = "Echo Things", endpointPrefix = "echo",
            protocol = "json", apiVersion = "2026-01-01", jsonVersion = "1.1",
            targetPrefix = "Echo" }, operations = { Say = { output = text } } },
        permissions = { on = { Say = "echoes are everywhere" } },
        simulated = {
            latency = { read = 5, write = 5 }, refused = "Invalid", targets = {},
            operations = { say = function(state, input) return { Text = input.Text }, state end },
            begin = function() return {} end,
            view = function() return {} end,
        },
    }
end

-- Calls a function where there is such a folder.
local function with_echo(call)
    local list = modules.list
    modules.list = function(module)
        local names = list(module)
        if module == "services" then
            table.insert(names, 1, "echo")
        end
        return names
    end
    local parts = echo()
    for part, module in pairs(parts) do
        local name = part == "services" and "services.echo" or "services.echo." .. part
        package.preload[name] = function() return module end
    end
    local done, problem = pcall(afresh, call)
    modules.list = list
    for part in pairs(parts) do
        package.preload[part == "services" and "services.echo" or "services.echo." .. part] = nil
    end
    assert(done, problem)
end

describe("a new service", function()
    it("is there when its folder is: catalogue, wire, permissions, simulation, pages", function()
        with_echo(function()
            local catalogue = require "aws.catalogue"
            assert.equal("Say", catalogue.entry("echo.say").action)
            assert.equal("echo", require("aws.client").where("echo.say").endpoint_prefix)
            local reached
            for _, endpoint in ipairs(catalogue.endpoints()) do
                reached = endpoint.host == "echo" and endpoint or reached
            end
            assert.same({ host = "echo", variable = "ECHO_THINGS", property = "echo_things" },
                reached)
            local made = require("aws.iam").document { uses = { { operation = "echo.say" } } }
            assert.same({ "echo:Say" }, made.document.Statement[1].Action)
            assert.is_truthy(require("report.reference").page():find("### echo.say", 1, true))
            assert.is_truthy(require("report.editor_types").file():find("aws.echo", 1, true))
        end)
    end)

    it("is simulated and rehearsed", function()
        with_echo(function()
            local account = require "simulation.account"
            local run = account.new(account.for_targets {})
            local outcome, output = run:call("echo.say", { Text = "hello" }, 0)
            assert.same({ "ok", { Text = "hello" } }, { outcome, output })
            local rehearsal = require("simulation.rehearsal").new({ partition = "aws",
                region = "eu-west-1", account = "111122223333" }, {})
            assert.same({ { operation = "echo.say", input = { Text = "hello" },
                region = "eu-west-1" } }, rehearsal:missing("echo.say", { Text = "hello" }))
            assert.is_string(canonical.encode(output))
        end)
    end)
end)
