-- Where a provider is and what is sent along: the url and the headers of tidelock.lua. Secrets
-- stand there as names of environment variables, which the supervisor looks up when it sends; here
-- they have no value, so that none can get into a message, a journal or a recording.

local fields = require "metrics.fields"
local invalid = require "import.invalid"

local M = {}

local SECRET_NAMES = { "auth", "cookie", "key", "pass", "secret", "token" }
local TRANSPORT = { host = true, connection = true, ["content-length"] = true,
    ["transfer-encoding"] = true }

function M.split(url)
    return url:match("^(https?)://([^/?#]+)(.*)$")
end

local function is_loopback(host)
    local name = host:gsub(":%d+$", "")
    return name == "localhost" or name == "[::1]" or name:find("^127%.%d+%.%d+%.%d+$") ~= nil
end

function M.url(value, where)
    local text = fields.text(value, where)
    local scheme, host, rest = M.split(text)
    if not scheme or text:find("%s") then
        fields.expected("an address such as https://prometheus.example.com", value, where)
    elseif host:find("@", 1, true) then
        invalid("%s: a name and a password do not belong into an address: use headers = { "
            .. "Authorization = { env = \"NAME\" } }", where)
    elseif not host:find("^[%w.:%[%]-]+$") then
        invalid("%s: %s is no host", where, fields.show(host))
    elseif rest:find("[?#{]") then
        invalid("%s: expected no more than a host and a path; queries belong to metrics", where)
    end
    return (text:gsub("/+$", ""))
end

local env_fields = {
    env = function(value, where)
        if type(value) ~= "string" or not value:find("^[%a_][%w_]*$") then
            -- What was found is not shown: it may be what should have been in the environment.
            invalid("%s: expected the name of an environment variable", where)
        end
        return value
    end,
    prefix = fields.text, -- "Bearer "
}

local function header(name, value, where)
    if TRANSPORT[name:lower()] then
        invalid("%s: this header is not free to choose", where)
    end
    if type(value) == "table" then
        return fields.take(value, env_fields, where, { "env" })
    end
    for _, part in ipairs(SECRET_NAMES) do
        if name:lower():find(part, 1, true) then
            invalid("%s: a secret does not belong into this file: expected { env = \"NAME\" }, the "
                .. "name of an environment variable", where)
        end
    end
    return fields.text(value, where)
end

-- A list of {name, text | {env=, prefix=}}, sorted by name.
function M.headers(value, where)
    local by_name = fields.each(value, where, header)
    local list = {}
    for _, name in ipairs(fields.names(by_name)) do
        list[#list + 1] = { name, by_name[name] }
    end
    return list
end

local function has_secret(headers)
    for _, pair in ipairs(headers or {}) do
        if type(pair[2]) == "table" then
            return true
        end
    end
    return false
end

-- What the members of one provider must be together.
function M.check(provider, where)
    local scheme, host = M.split(provider.url)
    if scheme == "http" and not is_loopback(host) and has_secret(provider.headers) then
        invalid("%s.url: headers with secrets are only sent to https:// and to this machine", where)
    end
end

M.fields = { url = M.url, headers = M.headers }

-- One request; the same one is sent once. Returns its place in plan.calls.
function M.add_call(plan, provider, path)
    local url = provider.url .. path
    for i, call in ipairs(plan.calls) do
        if call.url == url and call.provider == provider.name then
            return i
        end
    end
    plan.calls[#plan.calls + 1] = {
        provider = provider.name, method = "GET", url = url, headers = provider.headers,
    }
    return #plan.calls
end

local AGAIN = { [408] = true, [429] = true }

-- nil if the answer is one to be read, otherwise what is wrong with it and whether asking again may
-- help. Only the host is named: what else is in an address may be nobody's business.
function M.problem(answer, call)
    local _, host = M.split(call.url)
    if not answer or answer.lost then
        return ("%s did not answer: %s"):format(host, answer and answer.message or "not asked"),
            true
    elseif answer.status ~= 200 then -- a part (206), nothing (204), or changed on its way (203)
        return ("%s answered %d"):format(host, answer.status),
            AGAIN[answer.status] or answer.status >= 500
    end
end

return M
