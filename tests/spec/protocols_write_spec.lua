local support = require "protocol_modules"

if not support.lent then
    return
end

local protocols = require "aws.protocols"
local canonical = require "canonical"

local refusal = support.refusal

local everything = {
    Text = "a \"b\" é", Count = 1, Size = 9007199254740993, Ratio = 0.25, Ready = false,
    Bytes = "\0\1", At = 946845296000, Texts = { "x", "y" }, Flat = { "z" },
    Tags = { b = "2", a = "1" }, Part = { Name = "p", Parts = { { Name = "q" } } },
}

local function put(protocol, params, name, options)
    return protocols.serialize(support.model(protocol), name or "PutThing", params, options)
end

describe("JSON requests", function()
    it("say their operation in a header, and everything else in the body", function()
        local request = put("json", everything)
        assert.same({ ["X-Amz-Target"] = "Things_2020.PutThing",
            ["Content-Type"] = "application/x-amz-json-1.1" }, request.headers)
        assert.equal("POST", request.method)
        assert.equal("/", request.uri)
        assert.equal('{"At":946845296,"Bytes":"AAE=","Count":1,"Flat":["z"],"Part":{"Name":"p",'
            .. '"Parts":[{"Name":"q"}]},"Ratio":0.25,"Ready":false,"size":9007199254740993,'
            .. '"Tags":{"a":"1","b":"2"},"Text":"a \\"b\\" é","Texts":["x","y"]}', request.body)
    end)

    it("tell an empty list from an empty object", function()
        assert.equal('{"Tags":{},"Texts":[]}', put("json", { Texts = {}, Tags = {} }).body)
        assert.equal('{"Free":{"a":[],"b":{}}}',
            put("json", { Free = { a = canonical.array({}), b = {} } }).body)
    end)

    it("name floats that JSON has not", function()
        assert.equal('{"Ratio":"NaN"}', put("json", { Ratio = 0 / 0 }).body)
        assert.equal('{"Ratio":"-Infinity"}', put("json", { Ratio = -math.huge }).body)
    end)

    it("without parameters have an empty object", function()
        assert.equal("{}", put("json", {}, "Nothing").body)
    end)
end)

describe("query requests", function()
    it("are forms", function()
        local request = put("query", everything)
        assert.equal("application/x-www-form-urlencoded; charset=utf-8",
            request.headers["Content-Type"])
        assert.equal("Action=PutThing&Version=2020-02-02&At=2000-01-02T20%3A34%3A56Z"
            .. "&Bytes=AAE%3D&Count=1&Line.1=z&Part.Name=p&Part.Parts.member.1.Name=q&Ratio=0.25"
            .. "&Ready=false&size=9007199254740993&Tags.entry.1.key=a&Tags.entry.1.value=1"
            .. "&Tags.entry.2.key=b&Tags.entry.2.value=2&Text=a%20%22b%22%20%C3%A9"
            .. "&Texts.member.1=x&Texts.member.2=y", request.body)
    end)

    it("send an empty list, and nothing for an empty map or structure", function()
        assert.equal("Action=PutThing&Version=2020-02-02&Texts=",
            put("query", { Texts = {}, Tags = {}, Part = {} }).body)
    end)
end)

describe("REST requests", function()
    local params = { Id = "a:b/c", Path = "x/y z", Force = true, Marks = { "m", "n,o" },
        Since = 0, More = { Color = "red" }, Page = 2, Kinds = { "k1", "k&2" },
        Extra = { page = "overridden", other = "3" }, Text = "t" }

    it("put members where the model says", function()
        local request = put("rest-json", params, "Place")
        assert.equal("PUT", request.method)
        assert.equal("/a/a%3Ab%2Fc/x/y%20z?fixed=1&kind=k1&kind=k%262&page=2&other=3",
            request.uri)
        assert.same({ ["X-Force"] = "true", ["X-Marks"] = 'm,"n,o"',
            ["X-Since"] = "Thu, 01 Jan 1970 00:00:00 GMT", ["X-More-Color"] = "red",
            ["Content-Type"] = "application/json" }, request.headers)
        assert.equal('{"Text":"t"}', request.body)
    end)

    it("have bodies in XML", function()
        local request = put("rest-xml", params, "Place")
        assert.equal("<PlacedRequest><Text>t</Text></PlacedRequest>", request.body)
        assert.equal("application/xml", request.headers["Content-Type"])
        assert.equal("<ThingRequest><Bytes>AAE=</Bytes><Flat>z</Flat><Tags><entry><key>a</key>"
            .. "<value>1</value></entry></Tags><Text>&lt;&amp;</Text></ThingRequest>",
            put("rest-xml", { Bytes = "\0\1", Flat = { "z" }, Tags = { a = "1" },
                Text = "<&" }).body)
    end)

    it("without members in the body have an empty one", function()
        local some = { Id = "i", Path = "p" }
        assert.equal("{}", put("rest-json", some, "Place").body)
        assert.equal("", put("rest-xml", some, "Place").body)
        assert.is_nil(put("rest-xml", some, "Place").headers["Content-Type"])
        assert.equal("", put("rest-json", {}, "Nothing").body)
    end)

    it("carry a blob as it is", function()
        local request = put("rest-json", { Content = "\0\xff", Version = 3 }, "PutRaw")
        assert.equal("\0\xff", request.body)
        assert.same({ ["Version-Number"] = "3", ["Content-Type"] = "application/octet-stream" },
            request.headers)
    end)
end)

describe("any request", function()
    it("takes a token where it has none of its own", function()
        local some, options = { Id = "i", Path = "p" }, { token = "t-1" }
        assert.equal('{"Token":"t-1"}', put("rest-json", some, "Place", options).body)
        assert.is_nil(some.Token)
        some.Token = "mine"
        assert.equal('{"Token":"mine"}', put("rest-json", some, "Place", options).body)
        assert.equal("{}", put("json", {}, "PutThing", options).body)
    end)

    it("may have a prefix to the host's name, of harmless characters", function()
        assert.equal("a-1.data.", put("json", { Text = "a-1" }, "Prefixed").host_prefix)
        for _, text in ipairs { "", "a/b", "evil.com#", "a@b" } do
            assert.matches("^Text must be letters",
                refusal(put, "json", { Text = text }, "Prefixed"))
        end
        assert.matches("^Text must be letters", refusal(put, "json", {}, "Prefixed"))
    end)

    it("is refused where the parameters are not what the model says", function()
        for _, protocol in ipairs { "json", "query", "rest-json", "rest-xml" } do
            local function refused(params)
                return refusal(put, protocol, params)
            end
            assert.equal('the input of PutThing has no member "Txet"', refused { Txet = "x" })
            assert.matches("^Part.Parts%[2%].Name must be text, got 7$",
                refused { Part = { Parts = { { Name = "a" }, { Name = 7 } } } })
            assert.matches("^Tags.k must be text", refused { Tags = { k = {} } })
            assert.matches("^Tags must be an object, got a list", refused { Tags = { "a" } })
            assert.matches("^Texts must be a list, got an object", refused { Texts = { a = 1 } })
            assert.matches("^Count must be a whole number, got 1.5", refused { Count = 1.5 })
            assert.matches("^At must be a time", refused { At = "soon" })
            assert.matches("must be an object, got a list", refused { "x" })
        end
        assert.matches("XML cannot carry", refusal(put, "rest-xml", { Text = "a\1" }))
    end)

    it("of an event stream is refused by name", function()
        assert.matches("event stream", refusal(put, "rest-json", { Events = {} }, "Listen"))
    end)

    it("needs an operation and a protocol that are known", function()
        assert.has_error(function() put("json", {}, "Missing") end,
            'the model has no operation "Missing"')
        assert.has_error(function() put("ec2", {}) end, 'the protocol "ec2" is not spoken')
    end)
end)
