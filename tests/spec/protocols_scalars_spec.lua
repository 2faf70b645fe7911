local support = require "protocol_modules"

if not support.lent then
    return
end

local base64 = require "aws.protocols.base64"
local canonical = require "canonical"
local document = require "aws.protocols.document"
local headers = require "aws.protocols.headers"
local null = require "aws.protocols.null"
local scalar = require "aws.protocols.scalar"
local timestamp = require "aws.protocols.timestamp"
local position = require "aws.protocols.position"
local uri = require "aws.protocols.uri"

local refusal = support.refusal

local function at()
    return position.new("value")
end

describe("base64", function()
    it("is RFC 4648", function()
        local pairs_of = { [""] = "", f = "Zg==", fo = "Zm8=", foo = "Zm9v", foob = "Zm9vYg==",
            fooba = "Zm9vYmE=", foobar = "Zm9vYmFy", ["\0\255\254"] = "AP/+" }
        for bytes, text in pairs(pairs_of) do
            assert.equal(text, base64.encode(bytes))
            assert.equal(bytes, base64.decode(text))
        end
    end)

    it("brings every byte back", function()
        local bytes = {}
        for i = 0, 255 do
            bytes[#bytes + 1] = string.char(i)
            local text = table.concat(bytes)
            assert.equal(text, base64.decode(base64.encode(text)))
        end
    end)

    it("takes line ends and missing padding, and nothing else that is wrong", function()
        assert.equal("foob", base64.decode("Zm9v\r\n Yg"))
        for _, text in ipairs { "Z", "Zm9vY", "Zm9*", "Zg===", "=Zg=", "Zm-_" } do
            assert.is_nil(base64.decode(text), text)
        end
    end)
end)

describe("times", function()
    it("are written in three ways", function()
        local function write(ms, format)
            return timestamp.write(ms, format, at())
        end
        assert.equal("2000-01-02T20:34:56Z", write(946845296000, "iso8601"))
        assert.equal("946845296", write(946845296000, "unixTimestamp"))
        assert.equal("946845296.25", write(946845296250, "unixTimestamp"))
        assert.equal("-1.5", write(-1500, "unixTimestamp"))
        assert.equal("-0.001", write(-1, "unixTimestamp"))
        assert.equal("Sun, 02 Jan 2000 20:34:56 GMT", write(946845296789, "rfc822"))
        assert.equal("Thu, 01 Jan 1970 00:00:00 GMT", write(0, "rfc822"))
        assert.equal("Wed, 31 Dec 1969 23:59:59 GMT", write(-1, "rfc822"))
    end)

    it("are read in three ways, whatever the model says", function()
        for _, value in ipairs { 946845296.25, "946845296.25", "2000-01-02T20:34:56.250Z",
            "2000-01-02T21:34:56.25+01:00", "Sun, 02 Jan 2000 20:34:56.250 GMT" } do
            assert.equal(946845296250, timestamp.read(value, at()), value)
        end
        assert.equal(1000, timestamp.read(1, at()))
    end)

    it("that are none are refused", function()
        for _, value in ipairs { "", "yesterday", "1e400", 1e300, 0 / 0, math.huge, true, {},
            "Sun, 32 Jan 2000 20:34:56 GMT", "Sun, 02 Foo 2000 20:34:56 GMT" } do
            assert.matches("must be a time", refusal(timestamp.read, value, at()))
        end
        assert.matches("milliseconds", refusal(timestamp.write, 1.5, "iso8601", at()))
        assert.matches("milliseconds", refusal(timestamp.write, math.maxinteger, "rfc822", at()))
    end)
end)

describe("scalars as text", function()
    local function read(kind, text)
        return scalar.read({ type = kind }, text, at())
    end

    it("keep every integer of 64 bits exact", function()
        for _, number in ipairs { math.maxinteger, math.mininteger, 9007199254740993, 0 } do
            local text = scalar.write({ type = "long" }, number, nil, at())
            assert.equal(("%d"):format(number), text)
            assert.equal(number, read("long", text))
        end
        assert.matches("64 bits", refusal(read, "long", "9223372036854775808"))
        for _, text in ipairs { "", "1.5", "0x10", "1e3", "twelve", "1 2" } do
            assert.matches("whole number", refusal(read, "integer", text))
        end
    end)

    it("have names for the floats that are none", function()
        assert.equal("NaN", scalar.write({ type = "double" }, 0 / 0, nil, at()))
        assert.equal("-Infinity", scalar.write({ type = "float" }, -math.huge, nil, at()))
        assert.equal(math.huge, read("double", "Infinity"))
        assert.is_true(read("double", "NaN") ~= read("double", "NaN"))
        assert.equal("float", math.type(read("double", "3")))
        assert.equal(0.1, read("float", "0.1"))
        for _, text in ipairs { "", "nan", "inf", "0x1p4", "1,5" } do
            assert.matches("must be a number", refusal(read, "double", text))
        end
    end)

    it("are refused where they have another kind", function()
        local wrong = { boolean = "yes", integer = 1.5, long = "1", double = "1", string = 1,
            blob = 1, timestamp = "now" }
        for kind, value in pairs(wrong) do
            refusal(scalar.write, { type = kind }, value, "iso8601", at())
        end
        assert.matches("text", refusal(scalar.write, { type = "string" }, "\xff", nil, at()))
        assert.matches("true or false", refusal(read, "boolean", "maybe"))
        assert.matches("base64", refusal(read, "blob", "*"))
        assert.matches("cannot be read", refusal(read, "oddity", "*"))
    end)
end)

describe("the position", function()
    it("names the place", function()
        local path = at()
        assert.equal("value", path:place())
        path:push("Actions")
        path:push(2)
        path:push("Order")
        assert.equal('Actions[2].Order must be a whole number, got "x?"',
            refusal(path.expected, path, "a whole number", "x\n"))
    end)
end)

describe("documents", function()
    it("keep integers, nulls and empty lists", function()
        local text = '{"a":[null,9007199254740993,[],{}],"b":null,"c":1.0}'
        assert.equal(text, document.write(document.read(text), at()))
    end)

    it("lose their nulls where nothing stands for them", function()
        local value = document.read('{"a":[null,1,null,2],"b":null,"c":{"d":null}}')
        assert.equal('{"a":[1,2],"c":{}}', canonical.encode(document.without_null(value)))
        assert.equal(null, document.without_null(value, null).b)
    end)

    it("that contain themselves, or what JSON has not, are refused", function()
        local loop = {}
        loop.loop = loop
        assert.matches("nested too deeply", refusal(document.write, loop, at()))
        assert.matches("JSON value", refusal(document.write, { f = print }, at()))
        assert.matches("JSON value", refusal(document.write, { x = 0 / 0 }, at()))
        assert.matches("a key of no name", refusal(document.write, { [true] = 1 }, at()))
    end)
end)

describe("URIs", function()
    it("encode all but the unreserved characters", function()
        assert.equal("a-b_c.d~e%20%2F%3A%25%C3%A9", uri.encode("a-b_c.d~e /:%é"))
        assert.equal("/x/a%2Fb/c/d%20e", uri.expand("/x/{A}/{B+}", { A = "a/b", B = "c/d e" },
            at()))
    end)

    it("have no empty labels and no dots, which would be another path", function()
        for _, label in ipairs { "", ".", ".." } do
            assert.matches("^A must not be", refusal(uri.expand, "/{A}", { A = label }, at()))
        end
        for _, label in ipairs { "..", "a/..", "../b", "a/./b" } do
            assert.matches("must not be", refusal(uri.expand, "/{A+}", { A = label }, at()))
        end
        assert.equal("/..a", uri.expand("/{A}", { A = "..a" }, at()))
        assert.matches("^A is missing", refusal(uri.expand, "/{A}", {}, at()))
    end)

    it("join an endpoint with a path of its own", function()
        local request = { uri = "/b?c=d", host_prefix = "p." }
        assert.equal("https://p.h:8080/a/b?c=d", uri.join("https://h:8080/a/", request))
        assert.equal("http://h/b", uri.join("http://h", { uri = "/b" }))
        assert.matches("no endpoint", refusal(uri.join, "h/a", request))
    end)
end)

describe("headers", function()
    local texts = { type = "list", member = { type = "string" } }

    it("hold lists, quoted where they must be", function()
        local value = { "a", "b, c", 'say "x\\y"' }
        local text = headers.write(texts, value, at())
        assert.equal('a,"b, c","say \\"x\\\\y\\""', text)
        assert.same(value, headers.read(texts, text, at()))
        assert.same({ "a", "", "b" }, headers.read(texts, " a , , b ", at()))
        assert.is_nil(headers.write(texts, {}, at()))
    end)

    it("hold lists of HTTP dates, which have commas of their own", function()
        local times = { type = "list", member = { type = "timestamp" } }
        local text = headers.write(times, { 0, 86400000 }, at())
        assert.equal("Thu, 01 Jan 1970 00:00:00 GMT,Fri, 02 Jan 1970 00:00:00 GMT", text)
        assert.same({ 0, 86400000 }, headers.read(times, text, at()))
    end)

    it("end with no list that is cut short", function()
        for _, text in ipairs { '"', '"a', '"a\\', ",", "" } do
            assert.is_table(headers.read(texts, text, at()))
        end
    end)

    it("carry no line ends, and no names that are none", function()
        local map = { locationName = "X-", value = { type = "string" } }
        for _, text in ipairs { "a\r\nX-Other: b", "a\nb", "a\0" } do
            assert.matches("line ends", refusal(headers.write, { type = "string" }, text, at()))
            assert.matches("line ends", refusal(headers.write_map, map, { k = text }, {}, at()))
        end
        assert.matches("name of a header",
            refusal(headers.write_map, map, { ["a: b"] = "c" }, {}, at()))
    end)

    it("hold JSON in base64", function()
        local shape = { type = "string", jsonvalue = true }
        local text = headers.write(shape, { a = 1 }, at())
        assert.equal("eyJhIjoxfQ==", text)
        assert.same({ a = 1 }, headers.read(shape, text, at()))
    end)
end)
