-- What CloudWatch knows of metrics: the two reads of their points, and what alarms and reads say of
-- a metric in common. (Judges read their metrics by lua/metrics, which also waits for them to
-- settle; these are for policies that look for themselves.)

local shape = require "aws.shape"

local M = {}

M.OURS = "Tidelock" -- the namespace of what Tidelock itself counts

local text, choice, list, structure = shape.text, shape.choice, shape.list, shape.structure

local QUERIES_MAX, POINTS_MAX = 500, 100800 -- of one GetMetricData

M.dimensions = list(structure({
    Name = text { min = 1, max = 255 },
    Value = text { min = 1, max = 1024 },
}, { name = "Dimension", needed = { "Name", "Value" } }), 0, 30)

M.namespace = text { min = 1, max = 255, pattern = "^[^:]", expects = 'a namespace such as '
    .. '"AWS/ApplicationELB"' }
M.unit = text { min = 1, max = 64 }
M.period = shape.integer(1, 86400)
M.statistic = choice { "SampleCount", "Average", "Sum", "Minimum", "Maximum" }

local metric_name = text { min = 1, max = 255 }

M.query = structure({
    Id = text { max = 255, pattern = "^%l[%w_]*$", expects = 'an id such as "m1"' },
    MetricStat = structure({
        Metric = structure({
            Namespace = M.namespace,
            MetricName = metric_name,
            Dimensions = M.dimensions,
        }, { name = "Metric" }),
        Period = M.period,
        Stat = text { min = 1 },
        Unit = M.unit,
    }, { name = "MetricStat", needed = { "Metric", "Period", "Stat" } }),
    Expression = text { min = 1, max = 2048 },
    Label = text(),
    ReturnData = shape.flag,
    Period = M.period,
    AccountId = text { min = 1, max = 255 },
}, { name = "MetricDataQuery", needed = { "Id" } })

local function wrong_times(input)
    if input.StartTime >= input.EndTime then
        return ".EndTime must be after StartTime"
    end
end

local function wrong_queries(input)
    local seen = {}
    for i, query in ipairs(input.MetricDataQueries) do
        if (query.MetricStat ~= nil) == (query.Expression ~= nil) then
            return (".MetricDataQueries[%d] must hold either MetricStat or Expression"):format(i)
        elseif seen[query.Id] then
            return (".MetricDataQueries[%d].Id is there twice"):format(i)
        end
        seen[query.Id] = true
    end
    return wrong_times(input)
end

local no_points = "In the simulated account metrics have no points: what a recording holds is read "
    .. "with `metrics`."

M.operations = {}

M.operations["cloudwatch.get_metric_data"] = {
    class = "read",
    action = "GetMetricData",
    summary = "Reads points of metrics, and of expressions over them.",
    notes = {
        "StartTime is inside, EndTime is not. Ask for periods that are over, and give AWS two or "
            .. "three minutes more: newer points still grow.",
        "Without ScanBy the newest point comes first. A series without points may as well be one "
            .. "of a misspelled dimension: AWS answers both alike.",
        "Look at each result's StatusCode: PartialData and InternalError are no measurement.",
        no_points,
    },
    input = structure({
        MetricDataQueries = list(M.query, 1, QUERIES_MAX),
        StartTime = shape.time,
        EndTime = shape.time,
        NextToken = text { min = 1 },
        ScanBy = choice { "TimestampDescending", "TimestampAscending" },
        MaxDatapoints = shape.integer(1, POINTS_MAX),
        LabelOptions = structure({ Timezone = text { pattern = "^[+-]%d%d%d%d$",
            expects = 'an offset such as "+0130"' } }, { name = "LabelOptions" }),
    }, { needed = { "MetricDataQueries", "StartTime", "EndTime" }, wrong = wrong_queries }),
}

local function wrong_statistics(input)
    local plain = input.Statistics and input.Statistics[1]
    local extended = input.ExtendedStatistics and input.ExtendedStatistics[1]
    if (plain == nil) == (extended == nil) then
        return " must hold either Statistics or ExtendedStatistics"
    end
    return wrong_times(input)
end

M.operations["cloudwatch.get_metric_statistics"] = {
    class = "read",
    action = "GetMetricStatistics",
    summary = "Reads statistics of one metric.",
    notes = { "Points come in no order. At most 1,440 in a call.", no_points },
    input = structure({
        Namespace = M.namespace,
        MetricName = metric_name,
        Dimensions = M.dimensions,
        StartTime = shape.time,
        EndTime = shape.time,
        Period = M.period,
        Statistics = list(M.statistic, 1, 5),
        ExtendedStatistics = list(text { min = 1 }, 1, 10),
        Unit = M.unit,
    }, {
        needed = { "Namespace", "MetricName", "StartTime", "EndTime", "Period" },
        wrong = wrong_statistics,
    }),
}

return M
