-- Reading a policy's text: what Lua's compiler takes is read, and names stand for what they are.
require "sim_modules"
local names = require "check.names"
local syntax = require "check.syntax"
local tokens = require "check.tokens"

local function files()
    local list = {}
    for path in io.popen("ls policies/*.lua stdlib/*.lua lua/check/*.lua examples/*/*.lua "
        .. "tests/fixtures/check/*.lua"):lines() do
        list[#list + 1] = path
    end
    return list
end

local function text_of(path)
    local file = assert(io.open(path, "rb"))
    local text = file:read "a"
    file:close()
    return text
end

-- Whatever Lua takes is read; what it does not take is either read or refused as what it is.
local function holds(text, path)
    local ok, problem = pcall(syntax.read, text)
    if load(text) then
        assert.is_true(ok, ("%s: %s"):format(path, type(problem) == "table" and problem.invalid
            or problem))
    elseif not ok then
        assert.is_string(type(problem) == "table" and problem.invalid, path)
    end
    return ok
end

local pieces = { "(", ")", "[", "]]", "{", "}", "=", ",", ".", "..", "...", ";", ":", "::", '"',
    "'", "\\", "--", "--[[", "[==[", "\n", "\r", "end ", " if ", " local ", " function ", "0x",
    "1e", "~=", "//", "\0", "\xff", "goto ", "<const>", "\\z", "\\u{" }

describe("the syntax of a policy", function()
    it("is read of every file that there is", function()
        for _, path in ipairs(files()) do
            assert.is_true(holds(text_of(path), path))
        end
    end)

    it("is read, or refused, whatever becomes of a file", function()
        math.randomseed(20261130)
        for _, path in ipairs(files()) do
            local text = text_of(path)
            for _ = 1, 12 do
                local at = math.random(#text)
                holds(text:sub(1, at - 1) .. text:sub(at + math.random(12)), path)
                holds(text:sub(1, at) .. pieces[math.random(#pieces)] .. text:sub(at + 1), path)
            end
        end
    end)

    it("has texts as Lua reads them", function()
        for _, source in ipairs { [["a\n\t\"\\"]], [['\65\x42\u{43}\z
            D']], "[[\nlong\r\nlines\n]]", "[==[ ]] ]==]", '"\\\r\nx"', [["\0\255"]], '"\\u{20AC}"',
            "0x10", "0x.8p1", "1e2", ".5", "3", "9223372036854775807", "0xffffffffffffffff",
            "1e308" } do
            local list = tokens.of(source)
            assert.are.equal(load("return " .. source)(), list.values[1], source)
            assert.are.equal(2, list.count, source)
        end
    end)

    it("counts lines as Lua does", function()
        local text = "local a = [[\n\n]]\r\nlocal b = '\\\n'\n\r--[[\n]] local c = 1\nreturn d.e"
        local unit = syntax.read(text)
        local _, why = pcall(load(text))
        assert.are.equal(why:match(":(%d+):"), tostring(unit.index[1].line))
    end)

    it("ends at the first thing that is no Lua", function()
        for _, text in ipairs { "local", "x", "f() = 1", "return 1 2", "if x then", "a.b:c",
            "'", "[[", "1x", '"\\q"', '"\\300"', '"\\u{80000000}"', "x = = 1", "local function (",
            "(f())", "for x do end" } do
            assert.is_nil(load(text), text)
            assert.is_false(holds(text, text), text)
        end
    end)
end)

describe("a name", function()
    local function paths(text)
        local list = {}
        for _, node in ipairs(syntax.read(text).index) do
            local module, keys = names.path(node)
            list[#list + 1] = module and module .. "." .. table.concat(keys, ".") or "?"
        end
        return list
    end

    it("stands for a module that was required, also by another name", function()
        assert.are.same({ "judge.ratio" }, paths 'local j = require "judge"; return j.ratio')
        assert.are.same({ "judge.ratio" }, paths 'return require("judge").ratio')
        assert.are.same({ "aws.elbv2", "aws.elbv2.describe_rules" },
            paths 'local aws = require "aws" local x = aws.elbv2 return x.describe_rules')
    end)

    it("is one of a module's where its text says which there are", function()
        local function exported(text) return names.exported(syntax.read(text)) end
        assert.are.same({ "a", "b", "c" }, exported
            "local M = { a = 1 } function M.b() return M.a end M.c = 2 return M")
        assert.are.same({ "a" }, exported "return { a = 1 }")
        for _, open in ipairs { "local M = {} M[x] = 1 return M", "return f()", "return",
            "local M = {} setmetatable(M, {}) return M", "local M = {} M = f() return M",
            "local M = { 1 } return M", "return function() end" } do
            assert.is_nil(exported(open), open)
        end
    end)

    it("stands for nothing where it is another's, or changes", function()
        assert.are.same({ "?" }, paths 'local j = require "judge" return function(j) j.x() end')
        assert.are.same({ "?" }, paths 'local j = require "judge" j = {} return j.x')
        assert.are.same({ "?" }, paths 'local require = print; return require("judge").x')
        assert.are.same({ "?" }, paths 'do local j = require "judge" end return j.x')
        assert.are.same({ "?" }, paths "local j, k = f() return k.x")
    end)
end)
