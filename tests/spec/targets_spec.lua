-- A type of target is its folder: what is known of each, that nothing names it elsewhere, and that
-- a new one needs nothing but its folder.

local fake = require "fake_effect"
fake.install()
require "sim_modules"
local modules = require "modules"
local types = require "targets"

local root = assert(package.searchpath("targets", package.path)):match("^(.*)lua/targets")

local function read(path)
    local file <close> = assert(io.open(root .. path))
    return file:read("a")
end

local HOME = { partition = "aws", region = "eu-west-1", account = "111122223333" }
local ELSEWHERE = { partition = "aws", region = "us-east-2", account = "999988887777" }

local function alias(fields)
    local value = { type = "lambda_alias", ["function"] = "pay", alias = "live", canary = "42" }
    for name, member in pairs(fields or {}) do
        value[name] = member
    end
    return value
end

local function service(fields)
    local value = { type = "ecs_service", cluster = "shop", service = "checkout",
        canary = "checkout:42" }
    for name, member in pairs(fields or {}) do
        value[name] = member
    end
    return value
end

describe("an identity", function()
    it("is one, whatever a resource was called by", function()
        local name = "arn:aws:lambda:eu-west-1:111122223333:function:pay"
        for _, called in ipairs { "pay", "function:pay", "111122223333:function:pay", name } do
            assert.equal(name .. ":live", types.identity(alias { ["function"] = called }, HOME))
        end
        local cluster = "arn:aws:ecs:eu-west-1:111122223333:cluster/shop"
        local whole = "arn:aws:ecs:eu-west-1:111122223333:service/shop/checkout"
        for _, called in ipairs {
            {}, { cluster = cluster }, { service = whole }, { cluster = cluster, service = whole },
        } do
            assert.equal(whole, types.identity(service(called), HOME))
        end
    end)

    it("is another one in another region or account", function()
        local name = "arn:aws:lambda:us-east-2:999988887777:function:pay"
        assert.equal(name .. ":live", types.identity(alias(), ELSEWHERE))
        assert.equal(name .. ":live", types.identity(alias { ["function"] = name }, HOME))
        assert.equal("arn:aws:ecs:us-east-2:999988887777:service/shop/checkout",
            types.identity(service(), ELSEWHERE))
        assert.equal("arn:aws:lambda:eu-west-1:999988887777:function:pay:live",
            types.identity(alias { ["function"] = "999988887777:function:pay" }, HOME))
    end)

    it("is of what is split, not of what is done with it", function()
        local flag = { type = "appconfig_flag", application = "shop", environment = "prod",
            profile = "flags", flag = "new", attribute = "percent" }
        local one = types.identity(flag, HOME)
        flag.strategy, flag.attribute, flag.name = "abc1234", "share", "new-checkout"
        assert.equal(one, types.identity(flag, HOME))
        assert.matches("^arn:aws:appconfig:eu%-west%-1:111122223333:application/shop/", one)
        assert.equal(types.identity(alias(), HOME), types.identity(alias { canary = "43",
            name = "pay" }, HOME))
    end)
end)

describe("the region of a target", function()
    local ARN = "arn:aws:lambda:eu-west-1:111122223333:function:pay"
    local A = "arn:aws:elasticloadbalancing:us-west-2:111122223333:"
    local all = {
        alias(), service(),
        { type = "state_machine", machine = "orders", alias = "live", canary = "2" },
        { type = "appconfig_flag", application = "shop", environment = "prod", profile = "flags",
            flag = "new", attribute = "percent" },
        { type = "alb_rule", baseline = A .. "targetgroup/blue/73e2d6bc24d8a067",
            canary = A .. "targetgroup/green/73e2d6bc24d8a068",
            rule = A .. "listener-rule/app/shop/50dc6c495c0c9188/f2f7dc8efc522ab2/9683b2d0" },
        { type = "alb_listener", baseline = A .. "targetgroup/blue/73e2d6bc24d8a067",
            canary = A .. "targetgroup/green/73e2d6bc24d8a068",
            listener = A .. "listener/app/shop/50dc6c495c0c9188/f2f7dc8efc522ab2" },
        { type = "codedeploy", application = "shop", group = "web", canary = "shop:42" },
    }

    local function refused(value, home)
        local ok, problem = pcall(types.checked, value, home or HOME)
        return not ok and problem.invalid
    end

    it("says where any of them is, whatever the home", function()
        local seen = {}
        for _, value in ipairs(all) do
            seen[value.type], value.region = true, "us-west-2"
            for _, home in ipairs { HOME, ELSEWHERE } do
                local checked = types.checked(value, home)
                assert.matches("^arn:aws:%l+:us%-west%-2:", checked.identity)
                assert.matches("^arn:aws:%l+:us%-west%-2:", checked.changes)
            end
            assert.matches("@us%-west%-2$", types.label(value))
            assert.matches("@us%-west%-2$", types.series(value))
            value.region = nil
        end
        for _, name in ipairs(types.names()) do
            assert.is_true(seen[name], name)
        end
    end)

    it("is that of an ARN among its members, or none", function()
        local function clash(of, value)
            assert.equal(value.type .. ": its " .. of .. " is in eu-west-1, and not in us-west-2",
                refused(value))
        end
        clash("function", alias { ["function"] = ARN, region = "us-west-2" })
        clash("service", service { service = "arn:aws:ecs:eu-west-1:1:service/shop/checkout",
            region = "us-west-2" })
        clash("canary", service { cluster = "arn:aws:ecs:us-west-2:1:cluster/shop",
            canary = "arn:aws:ecs:eu-west-1:1:task-definition/checkout:42" })
        assert.is_nil(types.wrong(alias { ["function"] = ARN, region = "eu-west-1" }))
        assert.equal(types.identity(alias { ["function"] = ARN }, HOME),
            types.identity(alias { region = "eu-west-1" }, ELSEWHERE):gsub("999988887777",
                "111122223333") .. "")
    end)

    it("is one of the partition that the credentials are of", function()
        local china = { partition = "aws-cn", region = "cn-north-1", account = "1" }
        assert.equal("pay:live@cn-north-1: cn-north-1 is no region of the partition aws, whose the "
            .. "credentials are", refused(alias { region = "cn-north-1" }))
        assert.is_truthy(refused(alias { region = "eu-west-1" }, china))
        assert.is_false(refused(alias { region = "cn-northwest-1" }, china))
        assert.is_truthy(refused(alias { region = "us-gov-west-1" }))
        for _, text in ipairs { "EU-WEST-1", "eu_west_1", "*", "", "eu-west", "eu-west-1 " } do
            assert.matches("%.region must be a region", refused(alias { region = text }))
        end
    end)

    it("tells whose traffic a request moves", function()
        local here, there = alias(), alias { region = "us-west-2" }
        local function moved(region, list)
            return select(2, types.share({ operation = "lambda.update_alias", region = region,
                input = { FunctionName = "pay", Name = "live", FunctionVersion = "42" } }, list,
                HOME))
        end
        for _, list in ipairs { { here, there }, { there, here } } do
            assert.equal("pay:live", moved(nil, list))
            assert.equal("pay:live", moved("eu-west-1", list))
            assert.equal("pay:live@us-west-2", moved("us-west-2", list))
            assert.is_nil(moved("us-east-1", list))
        end
    end)

    it("is in how a resource is called, where it has no name and no shorter one", function()
        local rule = all[5]
        local list = { alias(), alias { region = "us-west-2" }, service { name = "checkout" },
            rule }
        local function called(text)
            return types.called("arn:aws:" .. text, list, HOME)
        end
        assert.is_nil(called "lambda:eu-west-1:111122223333:function:pay:live")
        assert.equal("pay:live@us-west-2", called "lambda:us-west-2:111122223333:function:pay:live")
        assert.equal("checkout", called "ecs:eu-west-1:111122223333:service/shop/checkout")
        assert.equal("checkout",
            called "ecs:eu-west-1:111122223333:service/shop/checkout#taskDefinition")
        assert.is_nil(called "ecs:eu-west-1:111122223333:service/shop/checkout#desiredCount")
        assert.equal("shop/9683b2d0", types.called(rule.rule, list, HOME))
        rule.name = "front"
        assert.equal("front", types.called(rule.rule, list, HOME))
        rule.name = nil
        for _, odd in ipairs { {}, { type = 7 }, { type = "alb_rule", rule = {} },
            { type = "lambda_alias", name = "x" } } do
            assert.is_nil(types.called("arn:aws:x:::y", { odd }))
        end
    end)

    it("tells two that are called the same apart in a simulation", function()
        local here, there = types.traffic(alias()), types.traffic(alias { region = "us-west-2" })
        assert.not_same(here.draws, there.draws)
        assert.is_true(types.distinct({ alias(), alias { region = "us-west-2" } }, HOME))
        assert.is_false(pcall(types.distinct, { alias(), alias { region = "eu-west-1" } }, HOME))
    end)
end)

describe("targets of one run", function()
    local ARN = "arn:aws:lambda:eu-west-1:111122223333:function:pay"

    local function distinct(...)
        local ok, problem = pcall(types.distinct, { ... }, HOME)
        return ok or problem.invalid
    end

    it("are told apart by what they are, not by what they are called", function()
        assert.is_true(distinct(alias(), alias { alias = "next" }, service()))
        assert.equal("pay:live is given twice: " .. ARN .. ":live is the same",
            distinct(alias(), service(), alias { ["function"] = ARN, canary = "7" }))
        assert.is_true(distinct(alias(),
            alias { ["function"] = ARN:gsub("eu%-west%-1", "us-east-2") .. "" }))
    end)

    it("are refused elsewhere where they are none", function()
        assert.is_true(distinct({ type = "none" }, 7, { type = "lambda_alias" }))
    end)
end)

describe("a type of target", function()
    for _, name in ipairs(types.names()) do
        local of, policy = types.type(name), types.policy(name)

        it("says what all say: " .. name, function()
            for _, member in ipairs { "summary", "arms", "ready", "notes", "metric_notes" } do
                assert.is_string(of[member], member)
            end
            for _, member in ipairs { "identity", "about", "series" } do
                assert.is_function(of[member], member)
            end
            assert.is_truthy(next(of.routes))
            assert.is_table(of.draws)
            for _, member in ipairs(policy.members) do
                assert.is_string(member.about)
                assert.is_string(member.kind.expected)
            end
            assert.equal(name:gsub("_", "-"), policy.text:match("^[%l-]+"))
        end)

        it("asks for nothing that the catalogue has not: " .. name, function()
            local catalogue = require "aws.catalogue"
            local used = 0
            for operation in pairs(of.routes) do
                assert.equal("mutation", catalogue.entry(operation).class)
            end
            local texts = {}
            for _, file in ipairs(require "modules".list("targets." .. name)) do
                texts[#texts + 1] = file:find "policy$"
                    and read(("lua/targets/%s/%s.lua"):format(name, file)) or nil
            end
            for operation in table.concat(texts):gmatch('"(%l[%w]*%.%l[%l_]+)"') do
                if not operation:find("^targets%.") then
                    assert.is_truthy(catalogue.entry(operation), operation)
                    used = used + 1
                end
            end
            assert.is_true(used >= 2 or name == "appconfig_flag")
        end)
    end

    it("is told of, and what is none as well, by whatever a journal holds", function()
        for _, value in ipairs {
            {}, { type = "cuckoo" }, { type = 7 }, { type = "lambda_alias" },
            { type = "ecs_service", cluster = 7 }, { type = "alb_rule", rule = {} },
            { type = "appconfig_flag", name = {} },
        } do
            assert.is_string(types.label(value))
            assert.is_string(types.title(value))
            assert.is_nil(types.share({ operation = "none", input = {} }, { value }))
        end
        assert.same({ draws = {}, texts = {} }, types.traffic { type = "cuckoo" })
    end)
end)

describe("pages", function()
    it("are up to date: tidelock-lua docs/targets.lua > docs/targets.md", function()
        assert.is_true(require("report.targets_page").page() == read("docs/targets.md"))
    end)

    it("are up to date: tidelock-lua docs/target_types.lua > stdlib/meta/targets.lua", function()
        assert.is_true(require("report.target_types").file() == read("stdlib/meta/targets.lua"))
    end)
end)

describe("nothing else", function()
    it("knows a type by its name", function()
        local pipe <close> = assert(io.popen("cd '" .. root .. "' && find core lua stdlib policies "
            .. "-name '*.[ch]' -o -name '*.lua' | grep -v '^lua/targets/\\|^stdlib/meta/'"))
        for path in pipe:lines() do
            local text = read(path)
            for _, name in ipairs(types.names()) do
                local written = name:gsub("_", "-") .. ":"
                local same = path:find("lua/services/" .. name .. "/", 1, true) -- called the same
                local any = text:find(name, 1, true) or text:find(written, 1, true)
                for line in (any and not same and text or ""):gmatch("[^\n]+") do
                    local example = line:find("^%s*%-%-") or line:find("example", 1, true)
                        or line:find("-p target=", 1, true) or line:find("^local EXAMPLE")
                    local found = line:find("%f[%w_]" .. name .. "%f[^%w_]")
                        or line:find(written, 1, true)
                    assert.is_true(not found or example ~= nil, path .. ": " .. line)
                end
            end
        end
    end)
end)

-- A type of target as its folder would bring it: a number in a parameter of SSM.
local function folder()
    local policy = {
        members = { { "parameter", about = "its name", kind = {
            expected = "the name of a parameter",
            read = function(value) return type(value) == "string" and value or nil end,
            parse = function(text) return text end,
        } } },
        text = "parameter-share:NAME",
        resolution = 1,
        head = function(id) return { parameter = id } end,
        resource = function(value) return value.parameter end,
    }
    function policy.look(target)
        local found = target:call("ssm.get_parameter", { Name = target.value.parameter })
        target.percent = math.tointeger(tonumber(found.Parameter.Value))
    end
    function policy.route(target, percent)
        target:call("ssm.put_parameter", { Name = target.value.parameter, Overwrite = true,
            Value = ("%d"):format(percent) })
    end
    local host = {
        summary = "number in a parameter", arms = "all and nothing", notes = "None.",
        ready = "Always.",
        metric_notes = "What is counted.", draws = { "parameter" },
        identity = function(value, home)
            return require("aws.arn").make(home, "ssm", "parameter/" .. value.parameter)
        end,
        routes = { ["ssm.put_parameter"] = function(input, value)
            return input.Name == value.parameter and tonumber(input.Value) or nil
        end },
        about = function(value) return { { Name = value.parameter } } end,
        series = function(value) return value.parameter end,
        metrics = { requests = { provider = "cloudwatch", namespace = "Ours", metric = "Asked",
            stat = "Sum", dimensions = { Parameter = "{{parameter}}", Arm = "{{arm}}" } } },
    }
    local simulated = { service = "ssm" }
    function simulated.begin(state, targets)
        for _, one in ipairs(targets) do
            state.parameters[one.parameter] = { { Name = one.parameter, Type = "String",
                Value = "0", Version = 1, DataType = "text", Tier = "Standard",
                LastModifiedDate = 0 } }
        end
    end
    function simulated.share(state, one)
        local versions = state.parameters[one.parameter]
        return tonumber(versions[#versions].Value)
    end
    return { [""] = host, [".policy"] = policy, [".simulated"] = simulated }
end

-- What of ours has to be loaded anew to find it.
local function is_ours(name)
    for _, pattern in ipairs { "^targets", "^target", "^simulation%.account", "^metrics%.",
        "^report%.", "^rollout$", "^params$", "^policy", "^aws%.iam", "^handle$", "^watching$" } do
        if name:find(pattern) then
            return true
        end
    end
end

local function with_folder(call)
    local list, before, name = modules.list, {}, "targets.parameter_share"
    modules.list = function(module)
        local names = list(module)
        if module == "targets" then
            table.insert(names, "parameter_share")
        elseif module == name then
            return { "policy", "simulated" }
        end
        return names
    end
    for loaded in pairs(package.loaded) do
        before[loaded] = is_ours(loaded) and package.loaded[loaded] or nil
    end
    for part, module in pairs(folder()) do
        package.preload[name .. part] = function() return module end
    end
    for loaded in pairs(before) do
        package.loaded[loaded] = nil
    end
    local done, problem = pcall(call)
    modules.list = list
    for part in pairs(folder()) do
        package.preload[name .. part], package.loaded[name .. part] = nil, nil
    end
    for loaded in pairs(package.loaded) do
        package.loaded[loaded] = is_ours(loaded) and before[loaded] or not is_ours(loaded)
            and package.loaded[loaded] or nil
    end
    assert(done, problem)
end

describe("a new type of target", function()
    it("is written as table and as text, shifted, and simulated", function()
        with_folder(function()
            local rollout = require "rollout"
            local sim = require "sim_run"
            assert.equal("speed", rollout.parameter_share { parameter = "speed" }.label)
            local target = require("target").parse "parameter-share:speed,name=fast"
            assert.same({ "fast", "speed" }, { target.label, target.resource })
            local account = require "simulation.account"
            local run = sim.on(account.for_targets { target.value })
            run.account = account.new(account.for_targets { target.value })
            local done = fake.run(function() target:shift(25) end, run:world())
            assert.is_nil(done.error)
            assert.equal(25, (run.account:share(target.value, run.now)))
        end)
    end)

    it("is told of, measured, allowed, and described", function()
        with_folder(function()
            local targets = require "targets"
            local value = { type = "parameter_share", parameter = "speed" }
            assert.equal("speed (parameter_share)", targets.title(value))
            assert.equal("arn:aws:ssm:eu-west-1:111122223333:parameter/speed",
                targets.identity(value, HOME))
            assert.equal(5, (targets.share({ operation = "ssm.put_parameter",
                input = { Name = "speed", Value = "5" } }, { value })))
            assert.equal("requests", require("metrics.defaults").list "parameter_share")
            local made = require("aws.iam").document { targets = { value }, home = HOME,
                uses = { { operation = "ssm.put_parameter" } } }
            assert.same({ "arn:aws:ssm:eu-west-1:111122223333:parameter/speed" },
                made.document.Statement[1].Resource)
            local page = require("report.targets_page").page()
            assert.is_truthy(page:find("`rollout.parameter_share { parameter = }`", 1, true))
            assert.is_truthy(require("report.target_types").file():find(
                "function rollout.parameter_share(options) end", 1, true))
        end)
    end)
end)
