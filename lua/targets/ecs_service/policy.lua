-- ECS services, as policies know them. Who moves the traffic shows when the service is looked at:
-- a rolling deployment, with its tasks (rolling_policy.lua), or ECS itself, between two target
-- groups (shifting_policy.lua).

local members = require "targets.members_policy"
local services = require "targets.ecs_service.service_policy"
local take_back = require "targets.ecs_service.take_back_policy"

local M = {}

-- A cluster or a service; AWS takes either by its name or by its ARN.
local function named(noun)
    local arn = ("^arn:[^:,%%s]+:ecs:[^:,%%s]+:%%d+:%s/[%%w_/-]+$"):format(noun)
    local function read(value)
        local known = type(value) == "string" and #value <= 400
            and (value:find("^[%w_-]+$") or value:find(arn))
        return known and value or nil
    end
    return { expected = ("the name or ARN of a %s"):format(noun), read = read, parse = read }
end

local strategies = { rolling = true, linear = true, canary = true, blue_green = true }

local function read_strategy(value)
    return type(value) == "string" and strategies[value] and value or nil
end

local strategy = {
    expected = "rolling, linear, canary or blue_green",
    read = read_strategy,
    parse = read_strategy,
}

M.members = {
    { "cluster", about = "name or ARN", kind = named "cluster" },
    { "service", about = "name or ARN", kind = named "service" },
    { "canary", about = 'revision (`"shop:42"`) or its ARN; not for `take_back`',
        kind = members.revision, optional = true },
    { "within", about = 'how long a deployment may take; `"30m"`', kind = members.duration,
        optional = true },
    { "strategy", about = "`rolling`, `linear`, `canary` or `blue_green`; simulations need it",
        kind = strategy, optional = true },
    { "pause", about = "how long ECS waits for a word before it takes the canary back",
        kind = members.duration, optional = true },
}
M.text = "ecs-service:CLUSTER/SERVICE,canary=TASK-DEFINITION"
M.resolution = 0.1

local short = services.short

-- "shop/checkout", ".../shop/checkout" with the ARN of the cluster in front, or the service's ARN.
function M.head(id)
    local place, path = id:match("^(arn:[^:]+:ecs:[^:]+:[^:]+:)service/([^%s]+)$")
    local cluster, service = (path or id):match("^([^%s]+)/([^/%s]+)$")
    if place and cluster then
        cluster = place .. "cluster/" .. cluster
    end
    local fits = cluster and (cluster:find("^[^/:]+$") or cluster:find("^arn:[^/]+:cluster/[^/]+$"))
    return fits and { cluster = cluster, service = service }
end

local movers = {
    rolling = function() return require "targets.ecs_service.rolling_policy" end,
    shifting = function() return require "targets.ecs_service.shifting_policy" end,
}

-- Which of the two moves the traffic of this target: known once it was looked at, or because the
-- target says so; nil until then.
local function mover(target)
    local name = target.mover
    if not name and target.value.strategy then
        name = target.value.strategy == "rolling" and "rolling" or "shifting"
    end
    return name and movers[name]()
end

local function check_steered(target, service)
    local controller = service.deploymentController and service.deploymentController.type or "ECS"
    if controller ~= "ECS" then
        target:fail(controller == "CODE_DEPLOY" and "is steered by CodeDeploy: it is not touched "
            .. "behind its back; give codedeploy:APPLICATION/GROUP instead"
            or "is steered by task sets: it is not touched behind their back")
    end
end

-- "linear" of a service; one that ECS could shift, if it were told to, is set up for all of them.
local function strategy_of(service)
    return ((service.deploymentConfiguration or {}).strategy or "ROLLING"):lower()
end

local function is_set_up(service)
    for _, one in ipairs(service.loadBalancers or {}) do
        local advanced = one.advancedConfiguration
        if advanced and advanced.alternateTargetGroupArn and advanced.productionListenerRule then
            return true
        end
    end
    return false
end

local function choose(target, service)
    local found, set_up = strategy_of(service), is_set_up(service)
    local wanted = target.value.strategy
    if found ~= "rolling" and not set_up then
        target:fail("has the strategy %s and no load balancer whose traffic could be shifted: it "
            .. "is not touched behind ECS's back", found:upper())
    elseif wanted and (wanted == "rolling") ~= not set_up then
        target:fail(set_up and "has a load balancer that is set up for shifting: it is not rolling"
            or "is not set up for %s: its load balancer has no alternate target group and "
            .. "production listener rule (docs/ecs.md)", wanted)
    end
    target.mover = set_up and "shifting" or "rolling"
end

function M.look(target)
    if not target.value.canary then
        return -- nothing is rolled out: see take_back
    end
    local service = services.describe(target)
    check_steered(target, service)
    choose(target, service)
    for _, share in ipairs(target.shares or {}) do
        local why = M.misfit(target, share)
        if why then
            target:fail("%s", why)
        end
    end
    mover(target).look(target, service)
end

---Why a share cannot be set, where that is known.
function M.misfit(target, percent)
    local of = mover(target)
    if not target.value.canary then
        return "lacks its canary: which revision is to be rolled out?"
    elseif not of then
        return nil
    elseif of.misfit then
        return of.misfit(target, percent)
    elseif percent % of.resolution ~= 0 then
        return ("cannot carry %s %%: %s"):format(percent, of.coarse)
    end
end

function M.route(target, percent)
    local why = M.misfit(target, percent)
    if why then -- it was not known before the service was looked at
        require "check".fail("shift: %s %s", target.label, why)
    end
    mover(target).route(target, percent)
end

function M.health(target)
    local health = mover(target).health
    if not health then
        return true, "there is nothing to wait for"
    end
    return health(target)
end

function M.holds(target, ms)
    local holds = mover(target).holds
    return holds and holds(target, ms)
end

function M.finish(target)
    local finish = mover(target).finish
    if finish then
        finish(target)
    end
end

function M.take_back(target)
    take_back.of(target)
end

function M.resource(value)
    return short(value.cluster) .. "/" .. short(value.service)
end

return M
