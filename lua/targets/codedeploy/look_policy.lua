-- How a deployment group stands, as policies look at it: one read shows the group, its deployments,
-- its service, the rules of its listener and the health of the targets that serve.

local M = {}

M.EVERY = 15000 -- how often a deployment is looked at that is about to do something
M.BESIDE = 60 * 60000 -- how long tasks may take to start, and to stop: an hour is CodeDeploy's
M.AT_ONCE = "CodeDeployDefault.ECSAllAtOnce"

-- "shop:42" of an ARN or a name.
function M.short(id)
    return id and id:match("([^/]+)$")
end

function M.ask(target)
    return target:call("codedeploy.look_at_group", {
        applicationName = target.value.application,
        deploymentGroupName = target.value.group,
    })
end

-- The task set that serves, or nil.
function M.primary(output)
    for _, set in ipairs(output.service.taskSets or {}) do
        if set.status == "PRIMARY" then
            return set
        end
    end
end

-- The deployment that was made last, or nil; what takes one back comes after it.
function M.newest(output)
    local found
    for _, one in ipairs(output.deployments or {}) do
        local first, second = found and found.createTime or -1, one.createTime or 0
        local later = second > first or second == first and one.creator == "codeDeployRollback"
        found = later and one or found
    end
    return found
end

M.going_on = { Created = true, Queued = true, InProgress = true, Baking = true, Ready = true }

-- The share of a target group, of the rule that gives it the least.
function M.share(output, group)
    local least
    for _, rule in ipairs(output.rules or {}) do
        for _, action in ipairs(rule.Actions) do
            local tuples = (action.ForwardConfig or {}).TargetGroups or {}
            local sum, own = 0, 0
            for _, tuple in ipairs(tuples) do
                local weight = tuple.Weight or 1
                sum, own = sum + weight, own + (tuple.TargetGroupArn == group and weight or 0)
            end
            if sum > 0 then
                least = math.min(least or 100, 100 * own / sum)
            end
        end
    end
    return least or 0
end

return M
