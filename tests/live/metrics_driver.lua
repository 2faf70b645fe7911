-- Lets the live tests of the metric providers, which are in Python, call them.
--
--     tidelock-lua tests/live/metrics_driver.lua FILE
--
-- FILE is JSON: {config, target, names, from, to, now, aws = endpoint} and, to read, `answers`: for
-- each call {status, headers, body}, or {lost, message}. Prints the requests of the plan (those of
-- AWS ready but for the signature), or what was read, and for `record` the recording.

package.path = "lua/?.lua;lua/?/init.lua;" .. package.path

local canonical = require "canonical"
local client = require "aws.client"
local provider = require "metrics.provider"
local record = require "metrics.record"

local function request_of(call, question)
    if not call.operation then
        return call
    end
    local request = client.request(call.operation, call.input, question.aws, {})
    request.operation = call.operation
    return request
end

local function answers_of(plan, responses)
    local answers = {}
    for i, call in ipairs(plan.calls) do
        answers[i] = call.operation and client.answer(call.operation, responses[i])
            or responses[i]
    end
    return answers
end

local function answer_question(question)
    local plan = provider.plan(provider.check(question.config), question.target, question.names,
        question.from, question.to, question.now)
    if not question.answers then
        local requests = {}
        for i, call in ipairs(plan.calls) do
            requests[i] = request_of(call, question)
        end
        return { requests = canonical.array(requests) }
    end
    local read = provider.read(plan, answers_of(plan, question.answers))
    if question.record then
        local book = record.new()
        record.add(book, { plan = plan, read = read, seen = question.seen })
        return record.finish(book, {})
    end
    return read
end

local file <close> = assert(io.open(arg[1], "rb"))
print(canonical.encode(answer_question(canonical.decode(file:read("a")))))
