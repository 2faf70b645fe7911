-- ALB listeners and rules: the weights of two target groups in a forward action.

local aws = require "aws"
local check = require "check"
local target = require "target"

-- What differs between a rule and a listener's default action.
local shapes = {
    alb_rule = {
        id = "rule", resource = "listener-rule", noun = "rule",
        read = "elbv2.describe_rules", ids = "RuleArns", list = "Rules", arn = "RuleArn",
        write = "elbv2.modify_rule", actions = "Actions",
    },
    alb_listener = {
        id = "listener", resource = "listener", noun = "listener",
        read = "elbv2.describe_listeners", ids = "ListenerArns", list = "Listeners",
        arn = "ListenerArn", write = "elbv2.modify_listener", actions = "DefaultActions",
    },
}

local function fail(self, format, ...)
    check.fail("%s: " .. format, self.label, ...)
end

local function arn_kind(resource, called)
    local pattern = "^arn:[^:,]*:elasticloadbalancing:[^:,]+:[^:,]+:" .. resource:gsub("-", "%%-")
        .. "/[^,%s]+$"
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

local function wrong(shape)
    return function(value)
        local here = place(value[shape.id])
        if value.baseline == value.canary then
            return "baseline and canary are the same target group"
        elseif value.baseline:sub(1, #here) ~= here or value.canary:sub(1, #here) ~= here then
            return ("the target groups and the %s are not in the same region and account"):format(
                shape.noun)
        end
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
local function adopt(self, actions)
    for _, action in ipairs(actions) do
        if action.Type == "forward" then
            self.groups = make_weighted(action)
        elseif action.Type == "authenticate-oidc" then
            -- AWS never shows a client secret, and an action sent back without one must say so.
            action.AuthenticateOidcConfig.UseExistingClientSecret = true
        end
    end
    if not self.groups then
        fail(self, "has no forward action, so there is no traffic to split")
    end
    self.actions = actions
end

local function find_arms(self)
    local value, stranger = self.value, nil
    for _, group in ipairs(self.groups) do
        if group.TargetGroupArn == value.baseline then
            self.baseline = group
        elseif group.TargetGroupArn == value.canary then
            self.canary = group
        elseif group.Weight ~= 0 then
            stranger = group
        end
    end
    if not self.baseline then
        fail(self, "does not forward to the baseline, %s", short(value.baseline))
    elseif stranger then
        fail(self, "also forwards to %s with weight %d, but only two groups can share traffic",
            short(stranger.TargetGroupArn), stranger.Weight)
    end
end

local function look(self)
    local shape = shapes[self.value.type]
    local id = self.value[shape.id]
    local item = aws.call(shape.read, { [shape.ids] = { id } })[shape.list][1]
    if not item then
        fail(self, "was not found")
    elseif item.IsDefault then
        fail(self, "is its listener's default rule, which AWS changes only through the listener: "
            .. "give alb-listener instead")
    end
    adopt(self, item[shape.actions])
    find_arms(self)
    local canary, baseline = self.canary and self.canary.Weight or 0, self.baseline.Weight
    if canary > 0 and baseline == 0 then
        fail(self, "already gives the canary all of the traffic: there is nothing to roll out")
    end
    local percent = canary > 0 and 100 * canary / (canary + baseline) or 0
    self.percent = math.tointeger(percent) or percent
end

-- Weights are whole numbers up to 999: percent where that will do, else tenths of it.
local function write(self, percent)
    local shape = shapes[self.value.type]
    local scale = math.tointeger(percent) and 1 or 10
    local weight = math.floor(percent * scale + 0.5)
    if not self.canary then
        self.canary = { TargetGroupArn = self.value.canary }
        self.groups[#self.groups + 1] = self.canary
    end
    self.canary.Weight, self.baseline.Weight = weight, 100 * scale - weight
    aws.call(shape.write, { [shape.arn] = self.value[shape.id], [shape.actions] = self.actions })
end

-- A group that no listener knows is "unused" and never checked, so it is first named with weight 0.
local function health(self)
    if not self.canary then
        write(self, 0)
    end
    local output = aws.call("elbv2.describe_target_health", { TargetGroupArn = self.value.canary })
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
    local words = ("%d of %d targets of %s are healthy"):format(good, all, short(self.value.canary))
    return all > 0 and good == all, reason and words .. "; " .. reason or words
end

for kind, shape in pairs(shapes) do
    local group = arn_kind("targetgroup", "target group")
    target.register(kind, {
        fields = {
            [shape.id] = arn_kind(shape.resource, shape.noun),
            baseline = group,
            canary = group,
        },
        needed = { shape.id, "baseline", "canary" },
        text = kind:gsub("_", "-") .. ":ARN,baseline=ARN,canary=ARN",
        head = function(id) return { [shape.id] = id } end,
        resolution = 0.1,
        resource = function(value) return short(value[shape.id]) end,
        wrong = wrong(shape),
        look = look,
        route = write,
        health = health,
    })
end
