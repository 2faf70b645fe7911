-- One policy under examination: what is known of it (its text, what it declares, what it did in
-- rehearsals), and what follows. core/cli/check_facts.c carries out what is asked for here, and
-- tells what came of it.

local allow = require "check.allow"
local array = require "canonical".array
local course = require "check.course"
local lints = require "check.lints"
local names = require "check.names"
local preflight = require "report.preflight"
local sorted = require "sorted"
local syntax = require "check.syntax"
local types = require "targets"

local Examination = {}
Examination.__index = Examination

local M = {}

-- How people call the files of a policy that was given by its path.
local function shown(path, first, name)
    if name == first then
        return path:sub(-#name) == name and path or (path == "-" and "stdin" or "policies/" .. name)
    end
    return (path:match("^(.*/)") or "") .. name
end

-- A text of which Lua's own compiler says what is wrong, where something is.
local function read(text)
    local ok, unit = pcall(syntax.read, text)
    return ok and unit or nil
end

---params: { path, first, sources { name = text }, arguments, live (what was asked live, or
---nothing) }.
function M.new(params)
    local self = setmetatable({ first = params.first, arguments = params.arguments, files = {},
        order = {}, findings = {}, notes = {}, params = {}, course = {}, harmed = {}, seen = {},
        live = params.live, attempts = {} }, Examination)
    for _, name in ipairs(sorted(params.sources)) do
        local unit = read(params.sources[name])
        self.files[name] = { shown = shown(params.path, params.first, name), unit = unit,
            definitions = unit and names.definitions(unit) or {},
            calls = unit and names.calls(unit) or {} }
        self.order[#self.order + 1] = name
    end
    return self
end

-- Findings

-- The line of the policy as a whole: where its file returns it.
function Examination:own_line()
    local unit = self.files[self.first].unit
    local returned = unit and unit.returned
    return returned and (returned.value and returned.value.line or returned.line) or 1
end

function Examination:report(level, code, file, line, message, lint)
    local known = self.files[file]
    local one = { level = level, code = code, message = message,
        file = (known or self.files[self.first]).shown,
        name = known and file or self.first,
        line = known and line and line > 0 and line or self:own_line(),
        why = lint and lint.why or nil, fix = lint and lint.fix or nil }
    local key = table.concat({ one.file, one.line, message }, "\0")
    if not self.findings[key] then
        self.findings[key] = true
        self.findings[#self.findings + 1] = one
    end
end

-- What Lua or the sandbox says, "name.lua:12: what is wrong", at the place that it names.
function Examination:report_message(code, message)
    local text = message
    for _, name in ipairs(self.order) do
        local line, rest = message:match("^" .. name:gsub("%p", "%%%0") .. ":(%d+): (.*)$")
        if line then
            return self:report("error", code, name, tonumber(line), rest)
        end
        text = text:gsub("^" .. name:gsub("%p", "%%%0") .. ": ", "")
    end
    self:report("error", code, self.first, nil, text)
end

-- What it declares

---What is to be asked of the policy's own process.
function Examination:question()
    local modules, calls, seen = array {}, array {}, {}
    for _, name in ipairs(self.order) do
        local file = self.files[name]
        for _, module in ipairs(file.unit and names.modules(file.unit) or {}) do
            modules[#modules + 1] = not seen[module] and module or nil
            seen[module] = true
        end
        for _, call in ipairs(file.calls) do
            calls[#calls + 1] = { what = call.what, given = call.given, whole = call.whole,
                unknown = call.unknown }
        end
    end
    return { modules = modules, calls = calls }
end

-- Targets that stand for one that nobody has given: the first that can do what the policy asks.
local function stand_ins()
    local list = {}
    for _, name in ipairs(types.names()) do
        list[#list + 1] = types.type(name).stand_in
    end
    table.sort(list, function(a, b) return a.rank < b.rank end)
    return list
end

local function given_names(arguments)
    local given = {}
    for _, pair in ipairs(arguments) do
        given[pair[1]] = true
    end
    return given
end

-- The arguments with which it is rehearsed, those of the user and, where one is missing, others.
local function attempts_of(self)
    local given, list, missing = given_names(self.arguments), array {}, false
    for i, form in ipairs(stand_ins()) do
        local arguments = array {}
        for _, param in ipairs(self.declared.params) do
            local text = param.pretended
            if param.needed and param.sort == "target" and not given[param.name] then
                text, missing = form[1]:format(param.name), true
            end
            if param.needed and text and not given[param.name] then
                arguments[#arguments + 1] = array { param.name, text }
            end
        end
        list[i] = table.move(self.arguments, 1, #self.arguments, #arguments + 1, arguments)
        if not missing then
            break
        end
    end
    return list
end

function Examination:report_calls()
    local at = {}
    for _, name in ipairs(self.order) do
        for _, call in ipairs(self.files[name].calls) do
            at[#at + 1] = { name = name, line = call.line }
        end
    end
    for _, wrong in ipairs(self.declared.wrong) do
        local place = at[wrong.number]
        self:report("error", "wrong-option", place.name, place.line, wrong.why)
    end
end

-- What a file of the team's own has, its text says.
function Examination:report_names()
    local known = { modules = self.declared.modules, target = self.declared.target }
    for module in pairs(known.modules) do
        local file = self.files[module:gsub("%.", "/") .. ".lua"]
        if file then
            known.modules[module] = file.unit and names.exported(file.unit) or false
        end
    end
    for _, name in ipairs(self.order) do
        local unit = self.files[name].unit
        if unit then
            names.check(unit, known, function(code, line, message)
                self:report("error", code, name, line, message)
            end)
        end
    end
end

---What the policy declares. Answers the arguments with which to rehearse it, one after the other
---until one is answered by a list.
function Examination:described(declared)
    self.declared = declared
    for _, param in ipairs(declared.params) do
        self.params[param.name] = { name = param.name, sort = param.sort }
    end
    table.move(declared.holes, 1, #declared.holes, #declared.params + 1, declared.params)
    self:report_names()
    self:report_calls()
    if declared.returned ~= "policy" then
        if not self.unloaded then
            self:report("error", "no-policy", self.first, nil, ("a policy file returns "
                .. "rollout.policy { ... } or rollout.use(...), but this one returned %s")
                :format(declared.returned == "nothing" and "nothing" or "a " .. declared.returned))
        end
        return array {}
    end
    self.attempts = attempts_of(self)
    return self.attempts
end

---It could not be loaded.
function Examination:failed(message)
    self.unloaded = true
    self:report_message("load", message)
    return true
end

-- What it does

local function take_params(self, begun)
    for name, value in pairs(begun and begun.params or {}) do
        if self.params[name] then
            self.params[name].value = value
        end
    end
end

-- From which effects on harm is to show: from the first, and from where the canary has all traffic;
-- nothing, where the engine alone decides what becomes of it.
local function harm_wanted(list, turning)
    local wanted = array {}
    for _, one in ipairs(list) do
        if one.kind == "query" or one.decide then
            wanted[1] = 0
            wanted[2] = turning and turning > 0 and turning or nil
        end
    end
    return wanted
end

-- Whether the last thing that happened was a refusal: the account is made up, and lacks what a
-- policy asks of AWS by itself.
local function is_refused(ended)
    local last = ended.records[#ended.records]
    return ended.outcome == "policy failed" and last and last.kind == "result"
        and type(last.body.error) == "table" and last.body.error.code ~= "invalid"
end

-- Nothing went wrong, and it ends in another way: its own mistake, or what was made up.
local function report_end(self, ended)
    if is_refused(ended) then
        self.notes[#self.notes + 1] = "it could be rehearsed in part only, since the account is "
            .. "made up: " .. ended.reason
        return
    end
    if ended.outcome == "policy failed" or ended.outcome == "refused" then
        return self:report_message("fails", ended.reason)
    end
    self.notes[#self.notes + 1] = ("on calm metrics it is not promoted, but %s: %s"):format(
        ended.outcome, ended.reason)
end

---One rehearsal on calm metrics. Answers from which effects on harm is to show in the others, or
---nothing: then it is tried with other arguments.
function Examination:rehearsed(ended)
    self.tries = (self.tries or 0) + 1
    local last = self.tries == #self.attempts
    if ended.outcome ~= "promoted" then
        self.ended = self.ended or ended -- what the first target cannot do says most
        if not last then
            return nil
        end
        ended = self.ended
    end
    local begun
    self.course, begun = course.of(ended.records)
    take_params(self, begun)
    self.turning = course.turning(self.course)
    self.whole = ended.outcome == "promoted"
    if ended.outcome ~= "promoted" then
        report_end(self, ended)
    end
    return harm_wanted(self.course, self.turning)
end

---One in which all that it looks at showed harm.
function Examination:harmed_by(ended)
    self.harmed[ended.harm_from] = { promoted = ended.outcome == "promoted" }
    return true
end

---What its watches could see on a recording.
function Examination:seen_by(list)
    self.recording = true
    for _, one in ipairs(list) do
        self.seen[one.number] = one
    end
    return true
end

-- What follows

local function facts_of(self)
    local texts = {}
    for _, name in ipairs(self.order) do
        local unit = self.files[name].unit
        texts[name] = { operations = unit and names.operations(unit) or {} }
    end
    return { course = self.course, params = self.params, texts = texts, harmed = self.harmed,
        turning = self.turning, seen = self.seen,
        flags = self.live and self.live.flags or {} }
end

local function allowances(self)
    local lists, codes = {}, lints.codes()
    for _, name in ipairs(self.order) do
        local unit = self.files[name].unit
        lists[name] = unit and allow.of(unit, codes, function(code, line, message)
            self:report("error", code, name, line, message)
        end) or {}
    end
    return lists
end

-- A rule that was not tried makes no allowance useless.
local function report_useless(self, lists, tried)
    for _, name in ipairs(self.order) do
        for _, one in ipairs(lists[name]) do
            if not one.used and tried[one.code] then
                self:report("warning", "allow", name, one.line,
                    ("nothing is found here that %s would be allowed for"):format(one.code))
            end
        end
    end
end

function Examination:apply_lints()
    local facts, lists, tried = facts_of(self), allowances(self), {}
    for _, lint in ipairs(lints.list) do
        if not lint.needs or self[lint.needs] then
            tried[lint.code] = true
            lint.test(facts, function(place, detail)
                local known = place and self.files[place.file]
                local file, line = known and place.file or self.first,
                    known and place.line or self:own_line()
                if not allow.allows(lists[file], lint.code, line) then
                    self:report("warning", lint.code, file, line, lint.what .. ": " .. detail,
                        lint)
                end
            end)
        end
    end
    report_useless(self, lists, tried)
end

local function in_order(a, b)
    if a.file ~= b.file then
        return a.file < b.file
    elseif a.line ~= b.line then
        return a.line < b.line
    end
    return a.code < b.code
end

-- What came of AWS and its metrics, as `doctor` tells it.
function Examination:add_live()
    if self.live and self.live.outcome ~= "promoted" then
        self:report("error", "live", self.first, nil, self.live.reason)
    end
    for _, line in ipairs(self.live and preflight.lines(self.live.preflight, true) or {}) do
        self.notes[#self.notes + 1] = "metric " .. line
    end
end

---{ file, name, summary, findings [{ level, code, file, line, message, why, fix }...], notes,
---missing [{ name, expected }...] }
function Examination:result()
    local failed = self.unloaded or not self.declared or self.declared.returned ~= "policy"
    if not failed then
        self:apply_lints()
        self:add_live()
    end
    local findings, missing = array {}, array {}
    for i, one in ipairs(self.findings) do
        findings[i] = one
    end
    table.sort(findings, in_order)
    local given = given_names(self.arguments)
    for _, param in ipairs(not failed and self.declared.params or {}) do
        missing[#missing + 1] = param.needed and not given[param.name]
            and { name = param.name, expected = param.expected } or nil
    end
    return { file = self.files[self.first].shown, summary = not failed and self.declared.summary
        or nil, findings = findings, notes = array(self.notes), missing = missing }
end

return M
