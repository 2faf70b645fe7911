-- Answers for what targets read and write: one ALB rule, one listener, Lambda aliases, target
-- health.

local M = {}

local prefix = "arn:aws:elasticloadbalancing:eu-west-1:111122223333:"

M.rule = prefix .. "listener-rule/app/shop/50dc6c495c0c9188/f2f7dc8efc522ab2/9683b2d02a6cabee"
M.listener = prefix .. "listener/app/shop/50dc6c495c0c9188/f2f7dc8efc522ab2"
M.blue = prefix .. "targetgroup/blue/73e2d6bc24d8a067"
M.green = prefix .. "targetgroup/green/44b5c0e1f0a8d217"
M.other = prefix .. "targetgroup/other/09966783158cda59"

function M.forward(weights)
    local groups = {}
    for _, arn in ipairs { M.blue, M.green, M.other } do
        if weights[arn] then
            groups[#groups + 1] = { TargetGroupArn = arn, Weight = weights[arn] }
        end
    end
    return { Type = "forward", Order = 1, ForwardConfig = { TargetGroups = groups } }
end

-- A world with a rule (and a listener) that has these actions, and aliases of any function; that of
-- "pay" is account.alias.
function M.new(actions, alias)
    local others = {}
    local account = {
        actions = actions or { M.forward { [M.blue] = 100, [M.green] = 0 } },
        alias = alias or { FunctionVersion = "41", RevisionId = "r1" },
        healthy = { "healthy", "healthy" },
    }
    local function rules()
        return { Rules = { { RuleArn = M.rule, IsDefault = account.default or false,
            Actions = account.actions } } }
    end
    local function listeners()
        return { Listeners = { { ListenerArn = M.listener, DefaultActions = account.actions } } }
    end
    account["elbv2.describe_rules"] = rules
    account["elbv2.describe_listeners"] = listeners
    account["elbv2.modify_rule"] = function(request)
        account.actions = request.input.Actions
        return rules()
    end
    account["elbv2.modify_listener"] = function(request)
        account.actions = request.input.DefaultActions
        return listeners()
    end
    account["elbv2.describe_target_health"] = function()
        local list = {}
        for i, state in ipairs(account.healthy) do
            list[i] = { Target = { Id = "i-" .. i }, TargetHealth = { State = state } }
        end
        return { TargetHealthDescriptions = list }
    end
    local function alias_of(input)
        if input.FunctionName == "pay" then
            return account.alias
        end
        return others[input.FunctionName] or { FunctionVersion = "41", RevisionId = "r1" }
    end
    account["lambda.get_alias"] = function(request)
        return alias_of(request.input)
    end
    account["lambda.update_alias"] = function(request)
        local input, before = request.input, alias_of(request.input)
        if input.RevisionId ~= before.RevisionId then
            return nil, { code = "PreconditionFailedException", message = "it changed meanwhile" }
        end
        local after = {
            FunctionVersion = input.FunctionVersion,
            RoutingConfig = input.RoutingConfig,
            RevisionId = "r" .. (tonumber(before.RevisionId:sub(2)) + 1),
        }
        if input.FunctionName == "pay" then
            account.alias = after
        else
            others[input.FunctionName] = after
        end
        return after
    end
    account.watch = function()
        return { verdict = "undecided", judges = {} }
    end
    account.metric = function()
        return { points = {} }
    end
    return account
end

return M
