-- Amazon CloudWatch on the wire (API version 2010-08-01), in JSON. It once spoke the query protocol
-- alone and still says its error codes in both.

local kinds = require "aws.kinds"

local text, whole, number, flag, time =
    kinds.text, kinds.whole, kinds.number, kinds.flag, kinds.time
local list, map, structure = kinds.list, kinds.map, kinds.structure

local texts = list(text)
local dimensions = list(structure { Name = text, Value = text })

local metric_queries = list(structure {
    Id = text,
    MetricStat = structure {
        Metric = structure { Namespace = text, MetricName = text, Dimensions = dimensions },
        Period = whole,
        Stat = text,
        Unit = text,
    },
    Expression = text,
    Label = text,
    ReturnData = flag,
    Period = whole,
    AccountId = text,
})

local warm_up = structure {
    WarmUpPeriodDurationInMinutes = whole, OnlyStartEvaluatingAfterWarmUpPeriodEnds = flag,
}

-- What every alarm has, and what one kind of them has besides.
local function alarms(members)
    for _, member in ipairs { "AlarmName", "AlarmArn", "AlarmDescription", "StateValue",
        "StateReason", "StateReasonData" } do
        members[member] = text
    end
    for _, member in ipairs { "OKActions", "AlarmActions", "InsufficientDataActions" } do
        members[member] = texts
    end
    for _, member in ipairs { "AlarmConfigurationUpdatedTimestamp", "StateUpdatedTimestamp",
        "StateTransitionedTimestamp" } do
        members[member] = time
    end
    members.ActionsEnabled = flag
    members.ActionConfiguration = structure {
        AlarmTagsPropagation = structure {
            Enabled = flag, IncludedTagKeys = texts, ExcludedTagKeys = texts,
        },
    }
    return list(structure(members))
end

local composite_alarms = alarms {
    AlarmRule = text,
    ActionsSuppressedBy = text,
    ActionsSuppressedReason = text,
    ActionsSuppressor = text,
    ActionsSuppressorWaitPeriod = whole,
    ActionsSuppressorExtensionPeriod = whole,
}

local metric_alarms = alarms {
    MetricName = text,
    Namespace = text,
    Statistic = text,
    ExtendedStatistic = text,
    Dimensions = dimensions,
    Period = whole,
    Unit = text,
    EvaluationPeriods = whole,
    DatapointsToAlarm = whole,
    Threshold = number,
    ComparisonOperator = text,
    TreatMissingData = text,
    EvaluateLowSampleCountPercentile = text,
    Metrics = metric_queries,
    ThresholdMetricId = text,
    EvaluationState = text,
    EvaluationWindow = structure {
        WallClockWindow = structure { Timezone = text },
        SlidingWindow = structure {},
    },
    WarmUpConfiguration = warm_up,
    EvaluationCriteria = structure {
        PromQLCriteria = structure {
            Query = text, PendingPeriod = whole, RecoveryPeriod = whole,
        },
    },
    EvaluationInterval = whole,
}

local log_alarms = alarms {
    ScheduledQueryConfiguration = structure {
        QueryString = text,
        LogGroupIdentifiers = texts,
        QueryARN = text,
        ScheduledQueryRoleARN = text,
        ScheduleConfiguration = structure {
            ScheduleExpression = text, StartTimeOffset = whole, EndTimeOffset = whole,
        },
        AggregationExpression = text,
        Tags = list(structure { Key = text, Value = text }),
    },
    QueryResultsToEvaluate = whole,
    QueryResultsToAlarm = whole,
    Threshold = number,
    ComparisonOperator = text,
    TreatMissingData = text,
    EvaluationState = text,
    ActionLogLineCount = whole,
    ActionLogLineRoleArn = text,
    WarmUpConfiguration = warm_up,
}

local messages = list(structure { Code = text, Value = text })

local results = list(structure {
    Id = text,
    Label = text,
    Timestamps = list(time),
    Values = list(number),
    StatusCode = text,
    Messages = messages,
})

return {
    metadata = {
        serviceId = "CloudWatch",
        endpointPrefix = "monitoring",
        protocol = "json",
        jsonVersion = "1.0",
        targetPrefix = "GraniteServiceVersion20100801",
        awsQueryCompatible = true,
        apiVersion = "2010-08-01",
    },
    operations = {
        EnableAlarmActions = {},
        DisableAlarmActions = {},
        SetAlarmState = {},
        PutMetricAlarm = {},
        DeleteAlarms = {},
        PutMetricData = {},
        DescribeAlarms = {
            output = structure {
                CompositeAlarms = composite_alarms,
                MetricAlarms = metric_alarms,
                LogAlarms = log_alarms,
                NextToken = text,
            },
            always = { "MetricAlarms" },
            pages = { token = "NextToken", next = "NextToken",
                items = { "CompositeAlarms", "MetricAlarms", "LogAlarms" } },
        },
        -- A metric whose points go over two pages is on both: one result again, by its Id.
        GetMetricData = {
            output = structure { MetricDataResults = results, NextToken = text,
                Messages = messages },
            always = { "MetricDataResults" },
            pages = {
                token = "NextToken",
                next = "NextToken",
                items = { "Messages" },
                joined = { MetricDataResults = { by = "Id",
                    items = { "Timestamps", "Values", "Messages" } } },
            },
        },
        GetMetricStatistics = {
            output = structure {
                Label = text,
                Datapoints = list(structure {
                    Timestamp = time,
                    SampleCount = number,
                    Average = number,
                    Sum = number,
                    Minimum = number,
                    Maximum = number,
                    Unit = text,
                    ExtendedStatistics = map(number),
                }),
            },
            always = { "Datapoints" },
        },
    },
}
