-- tidelock import: other people's exports become recordings (docs/recordings.md).
--
-- run reads nothing itself: the text of every file is handed in, and the text of the recording
-- handed back. Bad input raises {invalid = message} and leaves nothing behind.

local invalid = require "import.invalid"
local scaling = require "import.scaling"
local sorted = require "sorted"
local times = require "import.times"

local M = {}

-- Each module has read(options, report), which returns the series found, and the `source` that the
-- recording names.
M.kinds = {
    ["cloudwatch"] = "import.cloudwatch",
    ["cloudwatch-statistics"] = "import.cloudwatch_statistics",
    ["csv"] = "import.csv",
    ["metric-stream"] = "import.metric_stream",
    ["prometheus"] = "import.prometheus",
}

local function kind_names()
    return table.concat(sorted(M.kinds), ", ")
end

local function check_text(text, name)
    local length, at = utf8.len(text)
    if not length then
        local _, breaks = text:sub(1, at - 1):gsub("\n", "")
        invalid("%s:%d: byte %d is not UTF-8 text", name, breaks + 1, at)
    end
end

-- options: kind, inputs {{name, text}...}, and what docs/recordings.md says of the command's
-- options: series, counters, rates, scales, units, statistics, companions, columns (lists of
-- texts), queries, target, note, dates, decimal (texts), period (ms), align (boolean). Returns
-- {recording = text, report = {line...}}.
function M.run(options)
    local module = M.kinds[options.kind]
    if not module then
        invalid("there is no importer \"%s\", expected one of %s", tostring(options.kind),
            kind_names())
    end
    if not options.inputs or #options.inputs == 0 then
        invalid("nothing to import: expected at least one file")
    end
    if options.period then
        times.check_period(options.period, "--period")
    end
    times.check_dates(options.dates)
    if options.decimal and options.decimal ~= "comma" and options.decimal ~= "point" then
        invalid("--decimal %s: expected comma or point", options.decimal)
    end
    for _, input in ipairs(options.inputs) do
        check_text(input.text, input.name)
    end
    check_text(options.queries or "", "the queries")
    local reader = require(module)
    local report = {}
    local found = reader.read(options, report)
    local building = setmetatable({convert = scaling.apply}, {__index = options})
    local text = require("import.recording").build(found, reader.source, building, report)
    return {recording = text, report = report}
end

return M
