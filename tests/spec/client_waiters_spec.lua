require "sim_modules"
local catalogue = require "aws.catalogue"
local waiters = require "aws.client.waiters"

local function judge(name, output)
    return waiters.judge(waiters.waiters[name], { outcome = "ok", value = output })
end

local function refused(name, code)
    return waiters.judge(waiters.waiters[name], { outcome = "rejected", error = { code = code } })
end

local function targets(...)
    local list = {}
    for i, state in ipairs { ... } do
        list[i] = { TargetHealth = { State = state } }
    end
    return { TargetHealthDescriptions = list }
end

describe("every waiter", function()
    it("makes a read of the catalogue, and can end", function()
        for name, waiter in pairs(waiters.waiters) do
            assert.equal("read", assert(catalogue.entry(waiter.operation), name).class)
            assert.is_true(waiter.every >= 1000 and waiter.tries > 1)
            local ends = false
            for _, acceptor in ipairs(waiter.accept) do
                ends = ends or acceptor.state == "success"
            end
            assert.is_true(ends, name)
        end
    end)
end)

describe("waiting for targets", function()
    it("goes on until all are healthy, and there is one", function()
        assert.equal("success", judge("elbv2.target_in_service", targets("healthy", "healthy")))
        assert.equal("retry", judge("elbv2.target_in_service", targets("healthy", "initial")))
        assert.equal("retry", judge("elbv2.target_in_service", targets()))
        assert.equal("retry", refused("elbv2.target_in_service", "InvalidInstance"))
        assert.equal("failure", refused("elbv2.target_in_service", "TargetGroupNotFound"))
    end)

    it("to go takes those that are unknown for gone", function()
        assert.equal("success", refused("elbv2.target_deregistered", "InvalidTarget"))
        assert.equal("retry", judge("elbv2.target_deregistered", targets("draining")))
    end)
end)

describe("waiting for a service", function()
    local function service(fields)
        local one = { status = "ACTIVE", runningCount = 2, desiredCount = 2, deployments = { {} } }
        for name, value in pairs(fields) do
            one[name] = value
        end
        return { services = { one }, failures = {} }
    end

    it("ends with one deployment and all its tasks", function()
        assert.equal("success", judge("ecs.services_stable", service {}))
        assert.equal("retry", judge("ecs.services_stable", service { runningCount = 1 }))
        assert.equal("retry", judge("ecs.services_stable", service { deployments = { {}, {} } }))
        assert.equal("failure", judge("ecs.services_stable", service { status = "DRAINING" }))
        assert.equal("failure", judge("ecs.services_stable", { services = {}, failures = {
            { reason = "MISSING" } } }))
    end)
end)

describe("waiting for a state", function()
    it("knows how it ends", function()
        assert.equal("success", judge("appconfig.deployment_complete", { State = "COMPLETE" }))
        assert.equal("retry", judge("appconfig.deployment_complete", { State = "BAKING" }))
        assert.equal("failure", judge("appconfig.deployment_complete", { State = "REVERTED" }))
        assert.equal("success", judge("appconfig.environment_ready_for_deployment",
            { State = "READY_FOR_DEPLOYMENT" }))
        assert.equal("failure", judge("lambda.published_version_active", { State = "Failed" }))
        assert.equal("retry", judge("cloudwatch.alarm_exists", { MetricAlarms = {} }))
        assert.equal("success", judge("cloudwatch.alarm_exists", { MetricAlarms = { {} } }))
    end)
end)
