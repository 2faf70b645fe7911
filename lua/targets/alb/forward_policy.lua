-- ALB listeners and rules, as policies know them: the weights of two target groups in a forward
-- action.

local owners = require "targets.owners_policy"

local M = {}

local PLACE = "^arn:[^:,%s]+:elasticloadbalancing:[^:,%s]+:[^:,%s]+:"

---An ARN of Elastic Load Balancing's.
---@param resource string  # "listener-rule"
---@param path string      # a pattern: what stands behind it
---@param called string
---@return check.Kind
function M.arn(resource, path, called)
    local pattern = PLACE .. resource:gsub("-", "%%-") .. path .. "$"
    local function read(value)
        return type(value) == "string" and value:find(pattern) and value or nil
    end
    return {
        expected = ('the ARN of a %s ("arn:aws:elasticloadbalancing:REGION:ACCOUNT:%s/...")')
            :format(called, resource),
        read = read,
        parse = read,
    }
end

-- "arn:aws:elasticloadbalancing:eu-west-1:111122223333:" says in which region and account.
local function place(arn)
    return arn:match("^[^:]*:[^:]*:[^:]*:[^:]*:[^:]*:")
end

-- "targetgroup/green/73e2d6bc24d8a067" is how AWS's own consoles shorten an ARN.
local function short(arn)
    return arn:sub(#(place(arn) or "") + 1)
end

local function wrong(shape, value)
    local here = place(value[shape.id])
    if value.baseline == value.canary then
        return "baseline and canary are the same target group"
    elseif value.baseline:sub(1, #here) ~= here or value.canary:sub(1, #here) ~= here then
        return ("the target groups and the %s are not in the same region and account"):format(
            shape.noun)
    end
end

-- A forward action to one group may come without ForwardConfig, or with both spellings. Ours has
-- only ForwardConfig, since the two may be sent together only while they agree.
local function make_weighted(action)
    action.ForwardConfig = action.ForwardConfig
        or { TargetGroups = { { TargetGroupArn = action.TargetGroupArn } } }
    action.TargetGroupArn = nil
    for _, group in ipairs(action.ForwardConfig.TargetGroups) do
        group.Weight = group.Weight or 1
    end
    return action.ForwardConfig.TargetGroups
end

-- The action list becomes ours. Shifts change the two weights in it and nothing else.
local function adopt(target, actions)
    for _, action in ipairs(actions) do
        if action.Type == "forward" then
            target.groups = make_weighted(action)
        elseif action.Type == "authenticate-oidc" then
            -- AWS never shows a client secret, and an action sent back without one must say so.
            action.AuthenticateOidcConfig.UseExistingClientSecret = true
        end
    end
    if not target.groups then
        target:fail("has no forward action, so there is no traffic to split")
    end
    target.actions = actions
end

local function find_arms(target)
    local value, stranger = target.value, nil
    for _, group in ipairs(target.groups) do
        if group.TargetGroupArn == value.baseline then
            target.baseline = group
        elseif group.TargetGroupArn == value.canary then
            target.canary = group
        elseif group.Weight ~= 0 then
            stranger = group
        end
    end
    if not target.baseline then
        target:fail("does not forward to the baseline, %s", short(value.baseline))
    elseif stranger then
        target:fail("also forwards to %s with weight %d, but only two groups can share traffic",
            short(stranger.TargetGroupArn), stranger.Weight)
    end
end

-- Where ECS or CodeDeploy moves the weights, both groups are there beforehand.
local function check_owner(target)
    local value = target.value
    local one = target.canary and owners.ask(target, "ECS or CodeDeploy", "ecs.look_for_groups",
        { targetGroupArns = { value.baseline, value.canary } }, "services")
    if one and one.controller == "CODE_DEPLOY" then
        target:fail("belongs to the service %s/%s, whose traffic CodeDeploy moves: give "
            .. "codedeploy:APPLICATION/GROUP instead", one.cluster, one.service)
    elseif one then
        target:fail("belongs to the service %s/%s, whose traffic ECS itself shifts: give "
            .. "ecs-service:%s/%s instead", one.cluster, one.service, one.cluster, one.service)
    end
end

local function look(shape, target)
    local id = target.value[shape.id]
    local item = target:call(shape.read, { [shape.ids] = { id } })[shape.list][1]
    if not item then
        target:fail("was not found")
    elseif item.IsDefault then
        target:fail("is its listener's default rule, which AWS changes only through the listener: "
            .. "give alb-listener instead")
    end
    adopt(target, item[shape.actions])
    find_arms(target)
    local canary, baseline = target.canary and target.canary.Weight or 0, target.baseline.Weight
    if canary > 0 and baseline == 0 then
        target:fail("already gives the canary all of the traffic: there is nothing to roll out")
    end
    check_owner(target)
    local percent = canary > 0 and 100 * canary / (canary + baseline) or 0
    target.percent = math.tointeger(percent) or percent
end

-- Weights are whole numbers up to 999: percent where that will do, else tenths of it.
local function write(shape, target, percent)
    local scale = math.tointeger(percent) and 1 or 10
    local weight = math.floor(percent * scale + 0.5)
    if not target.canary then
        target.canary = { TargetGroupArn = target.value.canary }
        target.groups[#target.groups + 1] = target.canary
    end
    target.canary.Weight, target.baseline.Weight = weight, 100 * scale - weight
    target:call(shape.write, {
        [shape.arn] = target.value[shape.id],
        [shape.actions] = target.actions,
    })
end

-- A group that no listener knows is "unused" and never checked, so it is first named with weight 0.
local function health(shape, target)
    if not target.canary then
        write(shape, target, 0)
    end
    local canary = target.value.canary
    local output = target:call("elbv2.describe_target_health", { TargetGroupArn = canary })
    local all, good, reason = 0, 0, nil
    for _, one in ipairs(output.TargetHealthDescriptions) do
        local state = one.TargetHealth.State
        if state ~= "draining" then
            all = all + 1
            good = good + (state == "healthy" and 1 or 0)
            reason = reason or state ~= "healthy"
                and ("%s is %s"):format(one.Target.Id, one.TargetHealth.Reason or state)
        end
    end
    local words = ("%d of %d targets of %s are healthy"):format(good, all, short(canary))
    return all > 0 and good == all, reason and words .. "; " .. reason or words
end

---A kind of target whose traffic a forward action splits.
---@param shape table  # what differs between a rule and a listener's default action
---@return target.Kind
function M.kind(shape)
    local group = M.arn("targetgroup", "/[%w-]+/%x+", "target group")
    return {
        members = {
            { shape.id, about = shape.about, kind = shape.arn_kind },
            { "baseline", about = "ARN of the target group of the old version", kind = group },
            { "canary", about = "ARN of the target group of the new version", kind = group },
        },
        text = shape.text,
        head = function(id) return { [shape.id] = id } end,
        resolution = 0.1,
        resource = function(value) return short(value[shape.id]) end,
        wrong = function(value) return wrong(shape, value) end,
        look = function(target) return look(shape, target) end,
        route = function(target, percent) return write(shape, target, percent) end,
        health = function(target) return health(shape, target) end,
    }
end

return M
