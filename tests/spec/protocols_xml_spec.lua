local support = require "protocol_modules"

if not support.lent then
    return
end

local position = require "aws.protocols.position"
local xml = require "aws.protocols.xml"
local xml_read = require "aws.protocols.xml_read"

local refusal = support.refusal

describe("XML", function()
    it("becomes a tree", function()
        local root = xml.read('<?xml version="1.0"?><!-- x --><a xmlns="u"><b c:d="1">t&amp;<e/>u'
            .. "<![CDATA[<v>]]></b><b/></a>\n")
        assert.equal("a", root.name)
        assert.equal("u", root.attributes.xmlns)
        assert.equal(2, #root)
        assert.equal("1", root[1].attributes["c:d"])
        assert.equal("t&u<v>", root[1].text)
        assert.equal("e", xml.child(root[1], "e").name)
        assert.is_nil(xml.child(root, "z"))
        assert.equal("", xml.child_text(root[1], "e"))
    end)

    it("is named without its prefix", function()
        local root = xml.read '<p:a xmlns:p="u"><p:b/></p:a>'
        assert.equal("a", root.name)
        assert.equal("p", root.prefix)
        assert.equal("b", root[1].name)
    end)

    it("that is none is refused, with the place", function()
        for _, text in ipairs { "", " ", "text", "<a>", "<a></b>", "<a/><b/>", "<a>&nbsp;</a>",
            "<a b=1/>", "<a>\xff</a>", "<a>\0</a>", '{"a":1}', "<a b='1' b='2'/>" } do
            assert.matches("not XML: .* at line 1, column %d+", refusal(xml.read, text))
        end
    end)

    it("with a document type is refused before any entity is read", function()
        local laughs = '<!DOCTYPE a [<!ENTITY b "ha"><!ENTITY c "&b;&b;&b;&b;">]><a>&c;</a>'
        assert.matches("document type", refusal(xml.read, laughs))
        local outside = '<!DOCTYPE a SYSTEM "file:///etc/passwd"><a/>'
        assert.matches("document type", refusal(xml.read, outside))
        assert.matches("document type", refusal(xml.read, "<!DOCTYPE html><html></html>"))
    end)

    it("is limited in depth, number and size", function()
        local limits = xml.limits
        finally(function()
            xml.limits = limits
        end)
        local function nested(depth)
            return ("<a>"):rep(depth) .. ("</a>"):rep(depth)
        end
        assert.equal("a", xml.read(nested(64)).name)
        assert.matches("more than 64 deep", refusal(xml.read, nested(65)))
        assert.matches("more than 64 deep", refusal(xml.read, ("<a>"):rep(100000)))
        xml.limits = { depth = 64, elements = 10, bytes = 100 }
        assert.equal(9, #xml.read("<a>" .. ("<b/>"):rep(9) .. "</a>"))
        assert.matches("more than 10 elements", refusal(xml.read, "<a>" .. ("<b/>"):rep(10)))
        assert.matches("XML of 101 bytes, at most 100", refusal(xml.read, (" "):rep(101)))
    end)

    it("takes text in many pieces without growing slow", function()
        local text = "<a>" .. ("x<!-- -->"):rep(20000) .. "</a>"
        assert.equal(("x"):rep(20000), xml.read(text).text)
    end)

    it("is escaped so that it comes back the same", function()
        local text = "a&b<c>d\"e'f\tg\nh\ri]]>"
        assert.equal(text, xml.read(("<a>%s</a>"):format(xml.escape(text))).text)
        assert.equal(text, xml.read(('<a b="%s"/>'):format(xml.escape(text))).attributes.b)
        assert.is_false(xml.can_carry("a\1b"))
        assert.is_false(xml.can_carry("a\xEF\xBF\xBFb"))
        assert.is_true(xml.can_carry("a\t\n\r\xC3\xA9"))
    end)
end)

describe("XML read by shapes", function()
    local text = { type = "string" }

    local function read(shape, source)
        return xml_read.read_node(shape, xml.read(source), position.new("the answer"))
    end

    it("has maps with entries of any names", function()
        local map = { type = "map", key = { type = "string", locationName = "K" },
            value = { type = "integer", locationName = "V" } }
        assert.same({ a = 1, b = 2 }, read(map,
            "<m><entry><V>1</V><K>a</K></entry><entry><K>b</K><V>2</V></entry></m>"))
        assert.matches("an entry without a <K>", refusal(read, map, "<m><entry/></m>"))
        assert.matches("^a must be a whole", refusal(read, map,
            "<m><entry><K>a</K><V>x</V></entry></m>"))
    end)

    it("has lists in an element, or flattened", function()
        local flat = { type = "list", flattened = true, member = text }
        local shape = { type = "structure", names = { "A", "B" }, members = {
            A = { type = "list", member = text }, B = flat } }
        assert.same({ A = { "1", "2" }, B = { "3", "4" } },
            read(shape, "<s><B>3</B><A><i>1</i><i>2</i></A><B>4</B><Other/></s>"))
        assert.equal('{"A":[]}', require("canonical").encode(read(shape, "<s><A/></s>")))
    end)
end)
