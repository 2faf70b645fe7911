-- What policies and the standard library find in the sandbox (core/script): nothing else.
stds.sandbox = {
    read_globals = {
        "_G", "_VERSION", "assert", "error", "getmetatable", "ipairs", "load", "next", "pairs",
        "pcall", "print", "rawequal", "rawget", "rawlen", "rawset", "require", "select",
        "setmetatable", "tonumber", "tostring", "type", "xpcall",
        math = { fields = { "abs", "ceil", "exp", "floor", "fmod", "huge", "log", "max",
            "maxinteger", "min", "mininteger", "modf", "random", "sqrt", "tointeger", "type",
            "ult" } },
        string = { fields = { "byte", "char", "find", "format", "gmatch", "gsub", "len", "lower",
            "match", "rep", "reverse", "sub", "upper" } },
        table = { other_fields = true },
        utf8 = { fields = { "len" } },
    },
}

std = "lua54"
max_line_length = 100
exclude_files = { "build" }
files["policies"] = { std = "sandbox" }
files["stdlib"] = { std = "sandbox" }
files["tests/spec"] = { std = "+busted" }
