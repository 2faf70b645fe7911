local calls = require "client_calls"

if not calls.lent then
    return
end

local catalogue = require "aws.catalogue"
local client = require "aws.client"
local model = require "aws.client.model"
local outcomes = require "aws.client.outcome"

local READ, CHANGE = "lambda.get_alias", "lambda.update_alias"

local function problem(operation, status, code, headers)
    return client.answer(operation, calls.json(status, ('{"__type":"%s","message":"m"}'):format(
        code), headers))
end

local function outcome(answer)
    return { answer.outcome, answer.retry or "", answer.error and answer.error.code }
end

describe("an answer", function()
    it("of success is read as its shape says", function()
        assert.same({ outcome = "ok", value = { Name = "live", AliasArn = "a", RevisionId = "r",
            FunctionVersion = "3",
            RoutingConfig = { AdditionalVersionWeights = { ["4"] = 1.0 } } } },
            client.answer(READ, calls.json(200, '{"Name":"live","Unknown":1,"AliasArn":"a",'
                .. '"FunctionVersion":"3","RevisionId":"r","RoutingConfig":{'
                .. '"AdditionalVersionWeights":{"4":1}},"Description":null}')))
        local answer = client.answer("elbv2.describe_rules", calls.json(200, [[
            <DescribeRulesResponse><DescribeRulesResult><Rules><member>
            <RuleArn>a</RuleArn><IsDefault>false</IsDefault><Conditions/>
            </member></Rules></DescribeRulesResult></DescribeRulesResponse>]]))
        assert.same({ Rules = { { RuleArn = "a", IsDefault = false, Conditions = {} } } },
            answer.value)
    end)

    it("has times in milliseconds, however they are written", function()
        for _, written in ipairs { "1764000000.5", '"2025-11-24T16:00:00.5Z"' } do
            local answer = client.answer("ssm.get_parameter", calls.json(200,
                '{"Parameter":{"LastModifiedDate":' .. written .. "}}"))
            assert.equal(1764000000500, answer.value.Parameter.LastModifiedDate)
        end
    end)

    it("never has keys for a policy", function()
        local answer = client.answer("sts.assume_role", calls.json(200, [[
            <AssumeRoleResponse><AssumeRoleResult><Credentials><SecretAccessKey>s</SecretAccessKey>
            </Credentials><AssumedRoleUser><Arn>a</Arn></AssumedRoleUser></AssumeRoleResult>
            </AssumeRoleResponse>]]))
        assert.same({ AssumedRoleUser = { Arn = "a" } }, answer.value)
    end)
end)

describe("a refusal", function()
    it("is one for certain where AWS says so", function()
        assert.same({ "rejected", "", "PreconditionFailedException" },
            outcome(problem(CHANGE, 412, "PreconditionFailedException")))
        assert.same({ "rejected", "", "RuleNotFound" }, outcome(client.answer("elbv2.modify_rule",
            calls.xml_error(400, "RuleNotFound"))))
        assert.same({ "rejected", "", "AccessDenied" }, outcome(problem(READ, 403, "AccessDenied")))
    end)

    it("for speed may be sent again, a change too", function()
        for _, operation in ipairs { READ, CHANGE } do
            for _, case in ipairs { { 429, "TooManyRequestsException" }, { 400, "Throttling" },
                { 429, "Unheard" }, { 400, "LimitExceededException" } } do
                assert.same({ "rejected", "throttling", case[2] }, outcome(problem(operation,
                    case[1], case[2])))
            end
        end
    end)

    it("for a session that has ended may pass with another", function()
        for _, operation in ipairs { READ, CHANGE } do
            for _, code in ipairs { "ExpiredToken", "ExpiredTokenException",
                "UnrecognizedClientException", "InvalidClientTokenId" } do
                local answer = problem(operation, 403, code)
                assert.same({ "rejected", "", code }, outcome(answer))
                assert.is_true(answer.expired)
            end
        end
        assert.is_nil(problem(CHANGE, 403, "AccessDenied").expired)
        assert.is_nil(problem(CHANGE, 500, "ExpiredToken").expired)
    end)

    it("for a quota may not", function()
        local answer = problem("ecs.update_service", 400, "LimitExceededException")
        assert.same({ "rejected", "", "LimitExceededException" }, outcome(answer))
    end)

    it("for the clock has the server's", function()
        local date = { Date = "Mon, 24 Nov 2025 16:00:00 GMT" }
        local answer = problem(CHANGE, 403, "RequestExpired", date)
        assert.same({ "skew", 1764000000000, true }, { answer.retry, answer.date, answer.certain })
        answer = problem(CHANGE, 403, "InvalidSignatureException", date)
        assert.same({ "skew", 1764000000000 }, { answer.retry, answer.date })
        assert.is_nil(answer.certain)
        assert.is_nil(problem(CHANGE, 403, "RequestExpired", { Date = "soon" }).date)
    end)

    it("may ask to wait", function()
        local function after(text)
            return problem(READ, 503, "X", { ["X-Amz-Retry-After"] = text }).after
        end
        assert.equal(1500, after("1500"))
        for _, nonsense in ipairs { "-1", "soon", "1.5", "" } do
            assert.is_nil(after(nonsense))
        end
    end)
end)

describe("what is not known", function()
    it("of a change is unknown and not sent again; a read is made again", function()
        for _, response in ipairs {
            calls.json(500, '{"__type":"InternalFailure"}'), calls.json(503, "<html>no</html>"),
            calls.json(502, ""), calls.json(200, "<html>a page</html>"),
            calls.json(200, '{"Name":'), calls.json(503, '{"__type":"Throttling"}'),
            calls.json(408, ""),
            { lost = true, sent = true, message = "reset" }, { lost = true },
        } do
            local change, read = client.answer(CHANGE, response), client.answer(READ, response)
            assert.same({ "unknown", "nil" }, { change.outcome, tostring(change.retry) })
            assert.equal("rejected", read.outcome)
            assert.is_truthy(read.retry == "transient" or read.retry == "throttling")
        end
    end)

    it("is not what certainly never left", function()
        assert.same({ outcome = "rejected", retry = "transient",
            error = { code = "NotSent", message = "no route" } },
            client.answer(CHANGE, { lost = true, sent = false, message = "no route" }))
    end)

    it("may pass, or it is a refusal", function()
        for _, code in ipairs { "NotSent", "Lost", "ThrottlingException",
            "TooManyRequestsException", "InternalFailure", "InternalServerError",
            "ServiceUnavailable", "ServiceException",
            "ServiceUnavailableException", "500", "503", "429", "408", "ExpiredToken",
            "RequestExpired", "UnrecognizedClientException", "InvalidClientTokenId",
            "SignatureDoesNotMatch", "InvalidSignatureException", "UnreadableResponse",
            "302", "400", "403", "404", "407" } do
            assert.is_true(outcomes.passes(code), code)
        end
        for _, code in ipairs { "AccessDenied", "AccessDeniedException", "UnauthorizedOperation",
            "ResourceNotFoundException", "RuleNotFound", "ValidationException",
            "OptInRequired", "" } do
            assert.is_false(outcomes.passes(code), code)
        end
    end)

    -- What stands before AWS, or is cut off on its way, in any status; and which answers of success
    -- these are for operations that return nothing.
    local bodies = {
        empty = "", nothing = "{}", page = "<html><body>Sign in</body></html>",
        document = '<?xml version="1.0"?><html xmlns="h"><body/></html>', list = "[]",
        text = "Blocked", message = '{"message":"Forbidden"}', cut = '{"AliasArn":"arn:aws:l',
        cut_document = "<DescribeRulesResponse><DescribeRulesResult><Rules><member>",
        other = '{"status":"ok"}', null = "null", blank = " \n",
    }
    local without_members = { [""] = true, ["{}"] = true, [" \n"] = true,
        ['{"message":"Forbidden"}'] = true, ['{"status":"ok"}'] = true }
    local statuses = { 200, 201, 202, 203, 204, 205, 206, 207, 226, 300, 302, 304, 400, 401, 403,
        404, 405, 407, 408, 409, 410, 413, 429, 451, 500, 502, 503, 504, 599 }

    for _, operation in ipairs(catalogue.names()) do
        it("is whatever does not say what AWS says: " .. operation, function()
            local change = catalogue.entry(operation).class ~= "read"
            local _, _, wire = model.find(operation)
            for called, body in pairs(bodies) do
                for _, status in ipairs(statuses) do
                    local what = ("%s %d"):format(called, status)
                    local answer = client.answer(operation, calls.json(status, body))
                    local empty = not wire.output and without_members[body]
                    if not (empty and (status <= 202 or status == 204)) then
                        local certain = not change or status == 429
                        assert.equal(certain and "rejected" or "unknown", answer.outcome, what)
                        assert.is_true(outcomes.passes(answer.error.code), what)
                    end
                end
            end
        end)
    end

    it("is said of undos as of changes", function()
        assert.equal("unknown", client.answer("ssm.delete_parameter", { lost = true }).outcome)
    end)
end)
