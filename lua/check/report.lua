-- What `tidelock check` found, as people, programs and CI systems read it: a format is an entry of
-- `formats`, which makes the text of [{ file, findings, notes, missing }...]. What is reported
-- comes from a process in which policies ran, and is taken for text from outside.

local array = require "canonical".array
local encode = require "canonical".encode
local lints = require "check.lints"
local plain = require "report.plain"
local words = require "report.words"

local M = {}

local LEVELS = { error = 2, warning = 3 } -- and the exit status that each comes to

local function text(value)
    return type(value) == "string" and value or ""
end

local function list(value)
    return type(value) == "table" and value or {}
end

-- Only what is like a finding.
local function taken(found)
    local findings = array {}
    for _, one in ipairs(list(found.findings)) do
        findings[#findings + 1] = {
            level = LEVELS[one.level] and one.level or "error", code = text(one.code),
            file = text(one.file), message = text(one.message), why = one.why and text(one.why),
            fix = one.fix and text(one.fix),
            line = math.type(one.line) == "integer" and one.line > 0 and one.line or 1,
        }
    end
    local missing, notes = array {}, array {}
    for i, one in ipairs(list(found.missing)) do
        missing[i] = { name = text(one.name), expected = text(one.expected) }
    end
    for i, one in ipairs(list(found.notes)) do
        notes[i] = text(one)
    end
    return { file = text(found.file), findings = findings, missing = missing, notes = notes }
end

-- For people

local MARGIN = 4

local function add_line(out, format, ...)
    out[#out + 1] = format:format(...)
end

local function tell_finding(out, one)
    add_line(out, "%s:%d: %s: %s [%s]", one.file, one.line, one.level, one.message, one.code)
    for _, part in ipairs { "why", "fix" } do
        if one[part] then
            add_line(out, "%s%s: %s", (" "):rep(MARGIN), part,
                words.wrapped(one[part], MARGIN + #part + 2))
        end
    end
end

local formats = {}

function formats.text(files)
    local out = {}
    for _, file in ipairs(plain.text(files)) do
        for _, one in ipairs(file.findings) do
            tell_finding(out, one)
        end
        if #file.findings == 0 then
            add_line(out, "%s: nothing found", file.file)
        end
        for _, note in ipairs(file.notes) do
            add_line(out, "%s: note: %s", file.file, note)
        end
        for _, one in ipairs(file.missing) do
            add_line(out, "%s: to be given when it is run: -p %s=..., %s", file.file, one.name,
                one.expected:match("^[^(]*"):gsub("%s+$", ""))
        end
    end
    return table.concat(out, "\n") .. "\n"
end

-- For programs

function formats.json(files)
    return encode { version = 1, files = files } .. "\n"
end

local SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"

local function sarif_rules()
    local rules = array {}
    for i, lint in ipairs(lints.list) do
        rules[i] = {
            id = lint.code,
            shortDescription = { text = lint.what },
            fullDescription = { text = lint.why },
            help = { text = lint.fix },
            defaultConfiguration = { level = "warning" },
        }
    end
    return rules
end

-- A path as a URI says it.
local function uri(path)
    local escaped = path:gsub("[^%w/._~-]", function(c) return ("%%%02X"):format(c:byte()) end)
    return path:sub(1, 1) == "/" and "file://" .. escaped or escaped
end

local function sarif_result(one)
    return {
        ruleId = one.code,
        level = one.level,
        message = { text = one.fix and ("%s. %s"):format(one.message, one.fix) or one.message },
        locations = array { { physicalLocation = {
            artifactLocation = { uri = uri(one.file) },
            region = { startLine = one.line },
        } } },
    }
end

function formats.sarif(files, version)
    local results = array {}
    for _, file in ipairs(files) do
        for _, one in ipairs(file.findings) do
            results[#results + 1] = sarif_result(one)
        end
    end
    return encode {
        ["$schema"] = SCHEMA,
        version = "2.1.0",
        runs = array { {
            tool = { driver = { name = "tidelock", version = version, rules = sarif_rules() } },
            results = results,
        } },
    } .. "\n"
end

-- For GitHub's runner: what ends a command or a property of one is escaped.

local function data(message)
    return (message:gsub("[%%\r\n]", function(c) return ("%%%02X"):format(c:byte()) end))
end

local function property(value)
    return (data(value):gsub("[:,]", function(c) return ("%%%02X"):format(c:byte()) end))
end

function formats.github(files)
    local out = {}
    for _, file in ipairs(plain.text(files)) do
        for _, one in ipairs(file.findings) do
            add_line(out, "::%s file=%s,line=%d,title=%s::%s", one.level, property(one.file),
                one.line, property(one.code), data(one.message .. (one.fix and "\n" .. one.fix
                    or "")))
        end
    end
    return #out > 0 and table.concat(out, "\n") .. "\n" or ""
end

---Whether there is such a format.
function M.is_format(name)
    return formats[name] ~= nil
end

local function status_of(files)
    local status = 0
    for _, file in ipairs(files) do
        for _, one in ipairs(file.findings) do
            local own = LEVELS[one.level]
            status = status == 0 and own or math.min(status, own)
        end
    end
    return status
end

---The report of what was found, and the exit status: { text, status }.
function M.write(params)
    local files = array {}
    for i, found in ipairs(params.files) do
        files[i] = taken(found)
    end
    return { text = formats[params.format](files, params.version), status = status_of(files) }
end

return M
