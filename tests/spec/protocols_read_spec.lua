local support = require "protocol_modules"

if not support.lent then
    return
end

local canonical = require "canonical"
local protocols = require "aws.protocols"

local all = { "json", "query", "rest-json", "rest-xml" }

local function parse(protocol, body, headers, status, name)
    return protocols.parse(support.model(protocol), name or "PutThing",
        { status_code = status or 200, headers = headers or {}, body = body })
end

local function thing(protocol, inside)
    if protocol == "query" then
        return "<PutThingResponse xmlns='u'><PutThingResult>" .. inside .. "</PutThingResult>"
            .. "<ResponseMetadata/></PutThingResponse>"
    end
    return "<Thing>" .. inside .. "</Thing>"
end

local expected = {
    Text = "a", Count = 1, Size = 9007199254740993, Ratio = 2.0, Ready = true, Bytes = "\0\1",
    At = 946845296500, Texts = { "x" }, Tags = { k = "v" }, Part = { Name = "p" },
}

describe("answers", function()
    it("in JSON become plain values", function()
        local body = '{"Text":"a","Count":1,"size":9007199254740993,"Ratio":2,"Ready":true,'
            .. '"Bytes":"AAE=","At":946845296.5,"Texts":["x"],"Tags":{"k":"v"},'
            .. '"Part":{"Name":"p","Odd":1},"Flat":null,"Unknown":{"x":[null]}}'
        for _, protocol in ipairs { "json", "rest-json" } do
            local output, problem, id = parse(protocol, body, { ["X-AMZN-RequestId"] = "r-1" })
            assert.is_nil(problem)
            assert.same(expected, output)
            assert.equal("integer", math.type(output.Size))
            assert.equal("float", math.type(output.Ratio))
            assert.equal("r-1", id)
        end
    end)

    it("in XML become plain values", function()
        local inside = "<Text>a</Text><Count>1</Count><size>9007199254740993</size>"
            .. "<Ratio>2</Ratio><Ready>true</Ready><Bytes>AAE=</Bytes>"
            .. "<At>2000-01-02T20:34:56.5Z</At><Texts><member>x</member></Texts><Tags><entry>"
            .. "<key>k</key><value>v</value></entry></Tags><Part><Name>p</Name><Odd/></Part>"
        for _, protocol in ipairs { "query", "rest-xml" } do
            local output, problem = parse(protocol, thing(protocol, inside))
            assert.is_nil(problem)
            assert.same(expected, output)
            assert.equal("integer", math.type(output.Size))
        end
    end)

    it("keep empty lists", function()
        assert.equal('{"Texts":[]}', canonical.encode((parse("json", '{"Texts":[]}'))))
        assert.equal('{"Texts":[]}',
            canonical.encode((parse("query", thing("query", "<Texts/>")))))
    end)

    it("take numbers as text, text as numbers, and times in any way", function()
        assert.same({ Count = 7, Ratio = 0.5, Text = "9", Ready = true, At = 0 }, (parse("json",
            '{"Count":"7","Ratio":"0.5","Text":9,"Ready":"true","At":"1970-01-01T00:00:00Z"}')))
        assert.same({ Count = 7 }, (parse("json", '{"Count":7.0}')))
    end)

    it("lose nulls in lists and maps, which plain values have not", function()
        local body = '{"Texts":[null,"a",null],"Tags":{"a":null,"b":"c"},"Free":{"x":[null]}}'
        assert.equal('{"Free":{"x":[]},"Tags":{"b":"c"},"Texts":["a"]}',
            canonical.encode((parse("json", body))))
    end)

    it("with raw bodies have them as they are", function()
        local output = parse("rest-json", "\0<{", { ["version-number"] = "4" }, 201, "PutRaw")
        assert.same({ Content = "\0<{", Version = 4, Status = 201 }, output)
    end)

    it("of an operation without a result are empty", function()
        for _, protocol in ipairs(all) do
            assert.same({}, (parse(protocol, "", {}, 204, "Nothing")))
        end
    end)
end)

describe("answers that are not what they should be", function()
    local function unreadable(protocol, body, name)
        local output, problem = parse(protocol, body, { ["x-amzn-RequestId"] = "r-2" }, 200, name)
        assert.is_nil(output)
        assert.equal("UnreadableResponse", problem.code)
        assert.is_true(problem.unreadable)
        assert.equal(200, problem.status)
        assert.equal("r-2", problem.request_id)
        return problem.message
    end

    it("are told from refusals", function()
        local pages = { "<html><body>Sign in to the network</body></html>",
            "<!DOCTYPE html><html></html>", '{"Text":', "Text=a", "\0\1\2", '{"a":1,"a":2}' }
        for _, page in ipairs(pages) do
            unreadable("json", page)
            unreadable("json", page, "Nothing")
            unreadable("rest-json", page)
        end
        for _, page in ipairs { "{}", "<!DOCTYPE html><html></html>", "<html><br></html>", "", "x",
            "<PutThingResponse><PutThingResult>", "\0" } do
            unreadable("query", page)
        end
        assert.matches("document type", unreadable("query", "<!DOCTYPE a><a/>", "Nothing"))
    end)

    it("name the place", function()
        local wrong = {
            ['{"Count":"x"}'] = '^Count must be a whole number of 64 bits, got "x"$',
            ['{"Count":9223372036854775808}'] = "^Count must be a whole number of 64 bits",
            ['{"Part":{"Parts":[{},{"Name":{}}]}}'] = "^Part.Parts%[2%].Name must be text",
            ['{"Texts":"a"}'] = '^Texts must be a list, got "a"$',
            ['{"Texts":{}}'] = "^Texts must be a list, got an object$",
            ['{"Tags":[]}'] = "^Tags must be an object, got a list$",
            ['{"Part":3}'] = "^Part must be an object, got 3$",
            ['{"Ready":1}'] = "^Ready must be true or false, got 1$",
            ['{"Bytes":"*"}'] = "^Bytes must be base64",
            ['{"At":"soon"}'] = "^At must be a time",
            ["[]"] = "must be an object, got a list$",
            ["3"] = "^the answer to PutThing must be an object, got 3$",
        }
        for body, message in pairs(wrong) do
            assert.matches(message, unreadable("json", body))
            assert.matches(message, unreadable("rest-json", body))
        end
        assert.matches("^Count must be", unreadable("query", thing("query", "<Count/>")))
        assert.matches("^Tags has an entry",
            unreadable("rest-xml", thing("rest-xml", "<Tags><entry/></Tags>")))
    end)

    it("may be nested as deep as they like", function()
        for _, body in ipairs { ("["):rep(100000), ('{"Free":'):rep(100000),
            '{"Free":' .. ("["):rep(70) .. ("]"):rep(70) .. "}" } do
            unreadable("json", body)
        end
        unreadable("query", thing("query", ("<Part><Parts><member>"):rep(1000)))
    end)

    it("that stop at any byte never pass for whole ones", function()
        local body = '{"Text":"a\\u0062","Count":12,"Tags":{"k":"v"},"Texts":["x",null]}'
        local document = thing("query", "<Text>a&amp;b</Text><Count>12</Count>")
        for cut = 1, #body - 1 do
            unreadable("json", body:sub(1, cut))
        end
        for cut = 1, #document - 1 do
            unreadable("query", document:sub(1, cut))
        end
    end)

    it("of event streams are refused by name", function()
        assert.matches("event stream", unreadable("rest-json", "", "Listen"))
    end)
end)

describe("errors", function()
    local function problem_of(protocol, body, headers, status)
        local output, problem = parse(protocol, body, headers, status or 400)
        assert.is_nil(output)
        assert.is_nil(problem.unreadable)
        return problem
    end

    local function code_of(...)
        return problem_of(...).code
    end

    it("have the code of the body or of the header, without what surrounds it", function()
        for _, protocol in ipairs { "json", "rest-json" } do
            assert.equal("Foo", code_of(protocol, '{"__type":"aws.some#Foo:http://x/#y"}'))
            assert.equal("Foo", code_of(protocol, '{"code":"a.b#Foo"}'))
            assert.equal("Foo", code_of(protocol, "{}", { ["X-Amzn-ErrorType"] = "Foo:http://x/" }))
            assert.equal("Foo", code_of(protocol, "", { ["x-amzn-errortype"] = "Foo" }, 500))
            assert.equal("400", code_of(protocol, '{"__type":3,"code":42}'))
            assert.equal("400", code_of(protocol, '{"__type":""}'))
        end
        local both = { ["x-amzn-errortype"] = "Header" }
        assert.equal("Header", code_of("rest-json", '{"__type":"Body"}', both))
        assert.equal("Body", code_of("json", '{"__type":"Body"}', both))
    end)

    it("of services that once spoke query have the old code", function()
        local problem = problem_of("json", '{"__type":"x#NotThere","Message":"m","Which":"w"}',
            { ["x-amzn-query-error"] = "AWS.Old.NotThere;Sender" })
        assert.equal("AWS.Old.NotThere", problem.code)
        assert.equal("NotThere", problem.shape_code)
        assert.equal("Sender", problem.fault)
        assert.equal("m", problem.message)
        assert.equal("w", problem.fields.Which)
        assert.equal("Foo", code_of("json", '{"__type":"Foo"}', { ["x-amzn-query-error"] = ";" }))
    end)

    it("in XML are found by the model's wire code", function()
        local inner = "<Error><Type>Sender</Type><Code>ThingNotFound</Code><Message> no </Message>"
            .. "<Which>w</Which></Error>"
        for _, body in ipairs { "<ErrorResponse>" .. inner .. "<RequestId>r</RequestId>"
            .. "</ErrorResponse>", "<Response><Errors>" .. inner .. "</Errors>"
            .. "<RequestID>r</RequestID></Response>", (inner:gsub("</Error>",
            "<RequestId>r</RequestId></Error>")) } do
            for _, protocol in ipairs { "query", "rest-xml" } do
                local problem = problem_of(protocol, body, { ["Retry-After"] = "5" }, 404)
                assert.equal("ThingNotFound", problem.code)
                assert.equal("no", problem.message)
                assert.equal("r", problem.request_id)
                assert.equal("w", problem.fields.Which)
                assert.equal(404, problem.status)
            end
            assert.equal(5, problem_of("rest-xml", body, { ["Retry-After"] = "5" }).fields.Retry)
        end
    end)

    it("that are no errors of the protocol go by the status", function()
        for _, protocol in ipairs(all) do
            for body, message in pairs { [""] = "Service Unavailable",
                ["<html><body>503</body></html>"] = "Service Unavailable",
                [" <!DOCTYPE html><html>"] = "Service Unavailable",
                ["upstream is gone\n"] = "upstream is gone", ["\xff\xfe"] = "Service Unavailable",
                [("é"):rep(400)] = ("é"):rep(250) .. "..." } do
                local problem = problem_of(protocol, body, nil, 503)
                assert.equal("503", problem.code)
                assert.equal(message, problem.message)
                assert.same({}, problem.fields)
            end
            assert.equal("302", code_of(protocol, "", nil, 302))
            assert.equal("418", code_of(protocol, "[1,2]", nil, 418))
        end
        assert.equal("m", problem_of("json", '{"message":"m"}').message)
    end)

    it("with fields of the wrong kind keep code and message", function()
        local problem = problem_of("json", '{"__type":"NotThere","Message":"m","Which":[]}')
        assert.equal("NotThere", problem.code)
        assert.equal("m", problem.message)
        assert.same({}, problem.fields)
    end)
end)
