-- Debian's `lua` is 5.1 as soon as luacheck is installed, and busted follows it unless told
-- otherwise.

describe("the interpreter of these specs", function()
    it("is Lua 5.4", function()
        assert.equal("Lua 5.4", _VERSION)
        assert.equal("1.0", tostring(1.0))
    end)
end)
