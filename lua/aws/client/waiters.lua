-- What is waited for, as data: the read that is made again and again, how often, and which answer
-- ends it. Pure: the caller sleeps and sends.
--
--     every    ms between two reads            tries    the most reads
--     accept   the first that fits an answer says what the wait has come to ("success", "failure",
--              or "retry", which goes on); none does: it goes on, and after an error it has failed
--
-- An acceptor has `path` (one value) or `all` or `any` (values of a list: "a[].b"; there must be
-- one) and `is`; or `error`, a code on the wire; or `test`, a function of the output.
--
-- The names and numbers are those of AWS's SDKs. Where these are wrong or lack one, `own` says why.

local M = {}

local function states(path, of)
    local accept = {}
    for _, state in ipairs { "success", "failure", "retry" } do
        for _, value in ipairs(of[state] or {}) do
            accept[#accept + 1] = { state = state, path = path, is = value }
        end
    end
    return accept
end

-- One deployment is left, with as many tasks as are wanted.
local function all_stable(output)
    for _, service in ipairs(output.services or {}) do
        local deployments = service.deployments or {}
        if #deployments ~= 1 or service.runningCount ~= service.desiredCount then
            return false
        end
    end
    return true
end

local health = "TargetHealthDescriptions[].TargetHealth.State"

M.waiters = {
    ["elbv2.target_in_service"] = {
        operation = "elbv2.describe_target_health", every = 15000, tries = 40,
        accept = {
            { state = "success", all = health, is = "healthy" },
            { state = "retry", error = "InvalidInstance" },
        },
    },
    ["elbv2.target_deregistered"] = {
        operation = "elbv2.describe_target_health", every = 15000, tries = 40,
        accept = {
            { state = "success", error = "InvalidTarget" },
            { state = "success", all = health, is = "unused" },
        },
    },
    ["lambda.published_version_active"] = {
        operation = "lambda.get_function_configuration", every = 5000, tries = 312,
        accept = states("State", { success = { "Active" }, failure = { "Failed" },
            retry = { "Pending" } }),
    },
    ["lambda.function_updated"] = {
        operation = "lambda.get_function_configuration", every = 5000, tries = 60,
        accept = states("LastUpdateStatus", { success = { "Successful" }, failure = { "Failed" },
            retry = { "InProgress" } }),
    },
    ["cloudwatch.alarm_exists"] = {
        operation = "cloudwatch.describe_alarms", every = 5000, tries = 40,
        accept = { { state = "success", test = function(output)
            return output.MetricAlarms ~= nil and output.MetricAlarms[1] ~= nil
        end } },
    },
    ["ecs.services_stable"] = {
        operation = "ecs.describe_services", every = 15000, tries = 40,
        accept = {
            { state = "failure", any = "failures[].reason", is = "MISSING" },
            { state = "failure", any = "services[].status", is = "DRAINING" },
            { state = "failure", any = "services[].status", is = "INACTIVE" },
            { state = "success", test = all_stable },
        },
    },
    ["ecs.tasks_running"] = {
        operation = "ecs.describe_tasks", every = 6000, tries = 100,
        accept = {
            { state = "failure", any = "tasks[].lastStatus", is = "STOPPED" },
            { state = "failure", any = "failures[].reason", is = "MISSING" },
            { state = "success", all = "tasks[].lastStatus", is = "RUNNING" },
        },
    },
    ["ecs.service_deployment_finished"] = {
        own = "the SDKs have none for service deployments, which may bake for a day",
        operation = "ecs.describe_service_deployments", every = 15000, tries = 6000,
        accept = states("serviceDeployments[].status", {
            success = { "SUCCESSFUL" },
            failure = { "STOPPED", "ROLLBACK_SUCCESSFUL", "ROLLBACK_FAILED" },
        }),
    },
    ["appconfig.deployment_complete"] = {
        operation = "appconfig.get_deployment", every = 30000, tries = 999,
        accept = states("State", { success = { "COMPLETE" },
            failure = { "ROLLED_BACK", "REVERTED" } }),
    },
    ["appconfig.deployment_reverted"] = {
        own = "the SDKs have none for what AllowRevert begins",
        operation = "appconfig.get_deployment", every = 5000, tries = 360,
        accept = states("State", { success = { "ROLLED_BACK", "REVERTED" } }),
    },
    ["appconfig.environment_ready_for_deployment"] = {
        own = "the SDKs' one waits for ReadyForDeployment, which AWS spells otherwise",
        operation = "appconfig.get_environment", every = 30000, tries = 999,
        accept = states("State", { success = { "READY_FOR_DEPLOYMENT" },
            failure = { "ROLLED_BACK", "REVERTED" } }),
    },
}

-- Appends the values at a path: "a[].b" is b of every item of a.
local function collect(value, path, found)
    local name, items, rest = path:match("^([%w_]+)(%[?%]?)%.?(.*)$")
    local part = type(value) == "table" and value[name] or nil
    for _, item in ipairs(items == "[]" and part or part ~= nil and { part } or {}) do
        if rest == "" then
            found[#found + 1] = item
        else
            collect(item, rest, found)
        end
    end
    return found
end

local function fits(acceptor, output)
    if acceptor.test then
        return acceptor.test(output)
    end
    local found = collect(output, acceptor.path or acceptor.all or acceptor.any, {})
    local same = 0
    for _, value in ipairs(found) do
        same = same + (value == acceptor.is and 1 or 0)
    end
    return same > 0 and (acceptor.any ~= nil or same == #found)
end

-- What a wait has come to with an answer of client.answer: "success", "failure" or "retry".
function M.judge(waiter, answer)
    for _, acceptor in ipairs(waiter.accept) do
        if acceptor.error then
            if answer.error and answer.error.code == acceptor.error then
                return acceptor.state
            end
        elseif answer.outcome == "ok" and fits(acceptor, answer.value) then
            return acceptor.state
        end
    end
    return answer.outcome == "ok" and "retry" or "failure"
end

return M
