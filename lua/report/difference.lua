-- Where two journals part: the first member that differs, and a sentence about it.

local canonical = require "canonical"

local plain = require "report.plain"

local M = {}

-- What is asked for comes first: the rest of a record follows from it.
local order = { "kind", "request", "observe", "identity", "reason", "periods" }

local function names_of(a, b)
    local seen, names = {}, {}
    for _, name in ipairs(order) do
        seen[name] = true
        if a[name] ~= nil or b[name] ~= nil then
            names[#names + 1] = name
        end
    end
    local rest = {}
    for _, object in ipairs { a, b } do
        for name in pairs(object) do
            if not seen[name] then
                seen[name] = true
                rest[#rest + 1] = name
            end
        end
    end
    table.sort(rest, function(x, y)
        return tostring(x) < tostring(y)
    end)
    return table.move(rest, 1, #rest, #names + 1, names)
end

local function same(a, b)
    return math.type(a) == math.type(b) and a == b
end

-- The innermost place that differs, and what stands there in each.
local function first(a, b, path)
    if type(a) ~= "table" or type(b) ~= "table" then
        if same(a, b) then
            return nil
        end
        return path, a, b
    end
    local list = a[1] ~= nil or b[1] ~= nil
    if list then
        for i = 1, math.max(#a, #b) do
            local where, left, right = first(a[i], b[i], ("%s[%d]"):format(path, i))
            if where then
                return where, left, right
            end
        end
        return nil
    end
    for _, name in ipairs(names_of(a, b)) do
        local where, left, right = first(a[name], b[name], path == "" and name
            or path .. "." .. name)
        if where then
            return where, left, right
        end
    end
end

M.first = first

-- What has no canonical text (no journal holds such a value) is told by its kind.
local function text_of(value)
    local ok, text = pcall(canonical.encode, value)
    return ok and text or "a " .. type(value)
end

local function brief(value)
    local text = value == nil and "nothing" or text_of(value)
    return #text > 60 and text:sub(1, 57):gsub("[\x80-\xFF]+$", "") .. "..." or text
end

local asks = {}

function asks.aws(request)
    return request.operation
end

function asks.watch(request)
    return ("a watch at %s %%"):format(request.share)
end

local about = {}

function about.effect(body)
    local ask = asks[body.request.kind]
    return ask and ask(body.request) or "an effect of kind " .. body.request.kind
end

function about.run()
    return "the start of the run"
end

function about.begin()
    return "the beginning"
end

function about.tick(body)
    return ("tick %d (%s)"):format(body.tick, body.verdict)
end

function about.request(body)
    return ("%s, asked for by %s"):format(body.request, body.by)
end

function about.rollback(body)
    return ("a rollback (%s: %s)"):format(body.cause, body.reason)
end

function about.probe(body)
    return "a look at " .. body.identity
end

function about.commit()
    return "the commit"
end

about["end"] = function(body)
    return ("the end (%s)"):format(body.outcome)
end

-- What a record is about, in a few words. The journal's may be anything.
local function words(record)
    local tell = about[record.kind]
    local ok, text = pcall(tell or error, record.body)
    return ok and text or "a record of kind " .. record.kind
end

local function clock(ms)
    local seconds = ms // 1000
    return ("%02d:%02d:%02d"):format(seconds // 3600, seconds // 60 % 60, seconds % 60)
end

local function sentence(recorded, now, at, where, left, right)
    local had, has = words(recorded), words(now)
    if recorded.kind ~= now.kind or had ~= has then
        return ("at %s the journal has %s; the policy now comes to %s"):format(at, had, has)
    end
    local name = where:match("([^.%[%]]+)[%[%]%d]*$") or where
    local verb = recorded.kind == "effect" and "the policy now asks for"
        or recorded.kind == "rollback" and "there is now" or "now it is"
    return ("at %s the journal has %s with %s %s; %s %s"):format(at, had, name, brief(left), verb,
        brief(right))
end

local function one_sided(recorded, now, at, why)
    if not recorded then
        return ("at %s the journal has nothing more; the policy now comes to %s"):format(at,
            words(now))
    end
    return ("at %s the journal has %s; now the run does not come to it: %s"):format(at,
        words(recorded), why)
end

-- recorded and now: whole records; start: the time of the first. Either may be nil, then `why`
-- says what was in the way. { text, at, member }: "" where the records are not of one kind.
function M.tell(recorded, now, start, why)
    recorded, now = plain.text(recorded), plain.text(now)
    local at = clock((recorded or now).at - start)
    if not recorded or not now then
        return { at = at, member = "", text = one_sided(recorded, now, at, why) }
    elseif recorded.kind ~= now.kind then
        return { at = at, member = "", text = sentence(recorded, now, at) }
    end
    local where, left, right = first(recorded.body, now.body, "")
    if not where then
        where, left, right = "at", recorded.at, now.at
    end
    return { at = at, member = where, text = sentence(recorded, now, at, where, left, right) }
end

return M
