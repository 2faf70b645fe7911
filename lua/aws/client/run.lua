-- The AWS operations of one run: what they share, and how one of them goes, attempt by attempt and
-- page by page. `call` is carried out as a coroutine (lua/task.lua): C sends what it makes, signs
-- it, and waits.
--
--     page --> attempt --> answer --ok--> page, until there is no next one --> done: ok
--                 ^           |
--                 +-- wait ---+ refused for certain, or a read: while attempts and quota last
--                 +-----------+ the session has ended: once a call, with other keys
--                             +--> done: rejected | unknown
--
-- A wait that is cut short means that nothing is sent any more: what was answered last counts.

local advice = require "aws.client.advice"
local catalogue = require "aws.catalogue"
local client = require "aws.client"
local looks = require "aws.looks"
local retry = require "aws.client.retry"
local task = require "task"

local M = {}

M.PAGES = 1000 -- of one answer, which nobody would read

local Run = {}
Run.__index = Run

-- params: { agent (User-Agent), attempts (text: the most that are made, where somebody says so),
-- seed (two integers) }.
function M.new(params)
    math.randomseed(params.seed[1], params.seed[2])
    local wanted = tonumber((params.attempts or ""):match("^%d+") or 0)
    return setmetatable({
        agent = params.agent,
        attempts = wanted > 0 and math.min(wanted, 1000) or retry.ATTEMPTS,
        quota = retry.QUOTA, -- of retries: a service that is down is not also besieged
        skew = 0, -- ms: AWS's clock less ours, once an answer has shown it
        endpoints = {},
    }, Run)
end

-- A version 4 UUID.
local function make_id()
    local high = math.random(0) & ~0xf000 | 0x4000
    local low = math.random(0) & ~(0xc << 60) | 0x8 << 60
    return ("%08x-%04x-%04x-%04x-%012x"):format(high >> 32, high >> 16 & 0xffff, high & 0xffff,
        low >> 48, low & 0xffffffffffff)
end

local function not_sent(message)
    return { outcome = "rejected", error = { code = "NotSent", message = message } }
end

-- The URL of the service; nil and why not.
function Run:endpoint(where, region)
    local name = where.service_id .. " " .. region
    if not self.endpoints[name] then
        local found = task.endpoint({ id = where.service_id, prefix = where.endpoint_prefix },
            region)
        if not found.url then
            return nil, found.message
        end
        self.endpoints[name] = found.url
    end
    return self.endpoints[name]
end

-- The request of this attempt, but for the signature, or nil and why there is none. An input that
-- cannot be sent is the caller's mistake.
function Run:request(call, page)
    local url, why = self:endpoint(call.where, call.region)
    if not url then
        return nil, why
    end
    local ok, request = pcall(client.request, call.operation, page.input, url, {
        agent = self.agent, attempt = page.attempt, attempts = self.attempts,
        idempotency = call.token, invocation = call.invocation,
    })
    if not ok then
        return nil, type(request) == "table" and request.invalid or error(request, 0)
    end
    request.sign = call.where.signed and { service = call.where.signing_name,
        region = call.region, skew = self.skew } or nil
    return request
end

-- One attempt: what client.answer makes of it, with `at` (when it came) and `keys`; `refused` where
-- it could not even be sent. other_than: keys that are not to be used any more.
function Run:attempt(call, page, other_than)
    page.attempt = page.attempt + 1
    local request, why = self:request(call, page)
    if not request then
        return not_sent(why)
    elseif request.sign then
        request.sign.other_than = other_than
    end
    local response = task.send(request)
    local answer = response.refused and not_sent(response.message)
        or client.answer(call.operation, response)
    answer.refused, answer.at, answer.keys = response.refused, response.at, response.keys
    return answer
end

-- The last word, with what a person can do about it.
local function last(answer, why)
    return { outcome = answer.outcome, error = advice.advised(answer.error, why) }
end

-- Whether it may be sent again after a while; then the quota has paid for it.
function Run:may_repeat(page, answer)
    local following = retry.following(answer, {
        attempt = page.attempt, attempts = self.attempts, corrected = page.corrected,
        now = (answer.at or 0) + self.skew, quota = self.quota, unit = math.random(),
    })
    if not following then
        return false
    end
    self.quota, page.retried = following.quota, answer.retry
    if following.skew then
        self.skew, page.corrected = self.skew + following.skew, true
    end
    return not task.wait(following.delay).halted
end

-- The answer of one page, after as many attempts as it takes.
function Run:page(call, input)
    local page = { input = input, attempt = 0 }
    local answer = self:attempt(call, page)
    while answer.outcome ~= "ok" do
        if answer.expired and not call.renewed and not task.wait(0).halted then
            call.renewed = true
            local again = self:attempt(call, page, answer.keys)
            if again.refused then
                return last(answer, again.error.message ~= "" and again.error.message or nil)
            end
            answer = again
        elseif self:may_repeat(page, answer) then
            answer = self:attempt(call, page)
        else
            return last(answer)
        end
    end
    self.quota = retry.refilled(self.quota, page.retried)
    return answer
end

local function endless(operation)
    return { outcome = "rejected", error = { code = "TooManyPages",
        message = ("%s has answered %d pages, and there are more: ask for less"):format(operation,
            M.PAGES) } }
end

-- Carries out one operation, all of its pages included, or the reads of a look, one after another:
-- { outcome = "ok", value }, or { outcome = "rejected" or "unknown", error = { code, message } }.
-- It goes to where the resource is that it names, else to the configured region.
function Run:call(operation, input, configured)
    local look = looks.entry(operation)
    if look then
        local region = catalogue.region(operation, input, { region = configured })
        return looks.take(look, input, function(one, of)
            return self:call(one, of, region)
        end)
    end
    local known, where = pcall(client.where, operation)
    if not known then
        return not_sent(where.invalid or error(where, 0))
    end
    local region = catalogue.region(operation, input, { region = configured })
    local call = { operation = operation, region = region, where = where, token = make_id(),
        invocation = make_id() }
    local pages = {}
    while input do
        local answer = self:page(call, input)
        if answer.outcome ~= "ok" then
            return answer
        end
        pages[#pages + 1] = answer.value
        input = client.next_page(operation, input, answer.value)
        if input and #pages == M.PAGES then
            return endless(operation)
        end
    end
    return { outcome = "ok", value = client.merged(operation, pages) }
end

return M
