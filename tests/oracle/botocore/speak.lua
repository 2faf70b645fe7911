-- Our side of the comparison: tidelock-lua speak.lua answers each line of JSON with one.
--
--     {"ask":"inputs","only":[s...]}                the operations, each with its inputs; `only`
--                                                   names services or operations
--     {"ask":"request","operation":s,"input":{}}    what we would send, or {"refused":why}
--     {"ask":"delay","attempt":n,...}               how long we would wait (ms)
--     {"ask":"waiters"}                             what is waited for, and how often
--     {"ask":"judge","waiter":s,"answer":{}}        what a wait comes to with an answer
--     {"ask":"answer","operation":s,"response":{}}  what we make of an answer

package.path = "lua/?.lua;lua/?/init.lua;tests/oracle/botocore/?.lua;" .. package.path

local canonical = require "canonical"
local catalogue = require "aws.catalogue"
local client = require "aws.client"
local inputs = require "inputs"
local model = require "aws.client.model"
local retry = require "aws.client.retry"
local waiters = require "aws.client.waiters"

local answers = {}

local function is_asked_for(only, operation, service)
    for _, name in ipairs(only or {}) do
        if name == operation or name == service then
            return true
        end
    end
    return not only
end

function answers.inputs(question)
    local list = canonical.array {}
    for _, operation in ipairs(catalogue.names()) do
        local service = operation:match("^[^.]*")
        if is_asked_for(question.only, operation, service) then
            local found, entry, wire = model.find(operation)
            list[#list + 1] = {
                operation = operation,
                service = service,
                action = entry.action,
                class = entry.class,
                where = client.where(operation),
                withheld = canonical.array(wire.withheld or {}),
                quota = canonical.array(found.wire.quota or {}),
                pages = wire.pages,
                inputs = canonical.array(inputs.variants(entry.input)),
            }
        end
    end
    return list
end

function answers.request(question)
    local ok, request = pcall(client.request, question.operation, question.input,
        question.endpoint, question.tokens)
    if ok then
        return request
    end
    return { refused = type(request) == "table" and request.invalid or tostring(request) }
end

function answers.delay(question)
    return retry.delay(question.attempt, question.class, question.unit, question.after)
end

function answers.waiters()
    local map = {}
    for name, waiter in pairs(waiters.waiters) do
        map[name] = { operation = waiter.operation, every = waiter.every, tries = waiter.tries,
            own = waiter.own }
    end
    return map
end

function answers.judge(question)
    return waiters.judge(waiters.waiters[question.waiter], question.answer)
end

function answers.answer(question)
    return client.answer(question.operation, question.response)
end

for line in io.lines() do
    local question = canonical.decode(line)
    io.write(canonical.encode(answers[question.ask](question)), "\n")
    io.flush()
end
