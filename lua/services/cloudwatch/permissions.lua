-- What the actions of CloudWatch can be allowed on (lua/aws/permissions.lua).

local arn = require "aws.arn"
local each = require "aws.permissions".each

local METRICS = "metrics are no resources"

local function of_alarms(input, home)
    local found = {}
    for _, name in ipairs(each(input.AlarmName or input.AlarmNames)) do
        found[#found + 1] = arn.make(home, "cloudwatch", "alarm:" .. name)
    end
    return found
end

return {
    on = {
        DescribeAlarms = "composite alarms are shown only to those who may see all",
        GetMetricData = METRICS,
        GetMetricStatistics = METRICS,
        EnableAlarmActions = of_alarms,
        DisableAlarmActions = of_alarms,
        SetAlarmState = of_alarms,
        PutMetricAlarm = of_alarms,
        DeleteAlarms = of_alarms,
        PutMetricData = METRICS,
    },
}
