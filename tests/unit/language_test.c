/* The language is still Lua: the same chunks in a plain state of the interpreter with its own
 * libraries, and in the sandbox, must give the same text. Left out is what the sandbox means to do
 * otherwise (docs/sandbox.md). */
#include "script_check.h"

#include <lauxlib.h>
#include <lua.h>
#include <lualib.h>

static const struct sandbox_limits large = {.work = INT64_C(4000000000),
                                            .memory = (size_t)200 << 20,
                                            .value_size = 16 << 20,
                                            .print_size = 1 << 10};

/* In front of each chunk: say() adds a line that shows values exactly; messages without the names
 * that C functions are called by, which depend on how they were found. */
static const char prelude[] =
    "local lines = {} "
    "local function shown(v) local kind = math.type(v) or type(v) "
    "if kind == 'float' and v ~= v then return 'nan' end "
    "if kind == 'table' then local t = {} for i = 1, math.min(#v, 10) do t[i] = shown_(v[i]) end "
    "return '{' .. table.concat(t, ',') .. '}' end "
    "if kind == 'function' then return kind end "
    "if kind == 'string' then v = v:sub(1, 200):gsub('%-nan', 'nan'):gsub('#%d+ to', '# "
    "to'):gsub(\"to '[^']*'\", 'to it'):gsub('[^ -~]', "
    "function(c) return ('<%02x>'):format(c:byte()) end) end "
    "return ('%q'):format(v) end shown_ = shown "
    "local function say(...) local t = table.pack(...) for i = 1, t.n do t[i] = shown(t[i]) end "
    "lines[#lines + 1] = table.concat(t, ' ', 1, math.min(t.n, 20)) end ";

static const char epilogue[] = " return table.concat(lines, '\\n')";

/* All of these with none, one, two and three arguments out of a list. */
#define CALLS(functions, values)                                                                   \
    "local values = {n = 0, " values "} values.n = 0 for i in pairs(values) do "                   \
    "if math.type(i) and i > values.n then values.n = i end end "                                  \
    "local n = values.n "                                                                          \
    "for _, name in ipairs {" functions "} do local f = load('return ' .. name)() "                \
    "say(name, pcall(f)) "                                                                         \
    "for a = 1, n do say(name, values[a], pcall(f, values[a])) "                                   \
    "for b = 1, n do say(name, values[a], values[b], pcall(f, values[a], values[b])) "             \
    "for c = 1, n do say(name, values[a], values[b], values[c], "                                  \
    "pcall(f, values[a], values[b], values[c])) end end end end"

#define NUMBERS                                                                                    \
    "1, -1, 0, 2, 2.5, -0.0, 1/0, -1/0, 0/0, 1 << 63, ~(1 << 63), '10', ' 0x1p4 ', 'x', true"

/* Chunks in which every pair of values meets every operator. */
#define OPERATORS                                                                                  \
    "local values = {" NUMBERS ", {}, '', 'abc', 1e15, 2^53, 2^63, 0.1, 3} "                       \
    "for _, op in ipairs {'+', '-', '*', '/', '//', '%', '&', '|', '~', '<<', '>>', '..', '==', "  \
    "'~=', '<', '<=', '>', '>=', 'and', 'or'} do "                                                 \
    "local f = load('local a, b = ... return a ' .. op .. ' b', '=op') "                           \
    "for i = 1, #values do for j = 1, #values do "                                                 \
    "say(op, values[i], values[j], pcall(f, values[i], values[j])) end end end "                   \
    "for _, op in ipairs {'-', '~', '#', 'not '} do "                                              \
    "local f = load('local a = ... return ' .. op .. 'a', '=op') "                                 \
    "for i = 1, #values do say(op, values[i], pcall(f, values[i])) end end"

static const struct chunk {
    const char *name, *text;
} chunks[] = {
    {"operators", OPERATORS},
    {"math", CALLS("'math.abs', 'math.ceil', 'math.floor', 'math.fmod', 'math.modf', "
                   "'math.tointeger', 'math.type', 'math.ult', 'math.sqrt', 'tonumber'",
                   NUMBERS)},
    {"base", CALLS("'assert', 'error', 'select', 'rawequal', 'rawlen', 'rawget', 'type', 'ipairs', "
                   "'tonumber'",
                   "1, 0, -1, 2.5, 2^53, '#', 'x', '7f', 36, true, false, {}, {1, 2}, print")},
    {"strings",
     CALLS("'string.byte', 'string.char', 'string.len', 'string.lower', 'string.upper', "
           "'string.reverse', 'string.sub', 'utf8.len', 'string.rep'",
           "'', 'abc', 'h\\u{e9}llo \\u{20ac}', '\\xff\\x8f', 'A\\0b', 0, 1, -1, 2, -3, 100, 2.5, "
           "1 << 63, '3', true, {}")},
    {"patterns",
     CALLS("'string.find', 'string.match', 'string.gsub'",
           "'', 'abc', 'hello world', 'key = value, k=v', '(a(b)c)', 'a*', '.-', '^(%w+)', "
           "'(%a+) ?= ?(%w*)', '%b()', '%f[%w]%w+', '[^%s]+', '[a-', '%', '(', '%1', '()', "
           "'%0%0', '$', 'a?b+', '[]]', '[%a_][%w_]*', -1, 2, {abc = 'X'}")},
    {"gmatch",
     "for _, s in ipairs {'', 'abc', 'one two', 'a=1, b=2', '(x(y))'} do "
     "for _, p in ipairs {'', '.', '%w+', '(%w)=(%w)', '()', '%b()', 'x*', '[', '^a', '%f[%a]'} do "
     "say(s, p, pcall(function() for a, b in s:gmatch(p) do say(a, b) end end)) end end"},
    {"formats",
     "local values = {0, 1, -1, 255, 1 << 63, 2.5, -0.0, 1e300, 1e-300, 1/0, 0.1, 'abc', "
     "'1', true, {}} for _, f in ipairs {'%d', '%5d', '%-5d|', '%05d', '%+d', '% d', '%.3d', "
     "'%x', '%#X', '%o', '%c', '%i', '%u', '%f', '%.0f', '%10.3f', '%e', '%g', '%.14g', '%a', "
     "'%G', '%E', '%#g', '%s', '%10s', '%-10s|', '%.2s', '%q', '%%', '%', '%y', '%10q', "
     "'%*d', '%ld', '%5', '%-+ 5d'} do "
     "for i = 1, #values do "
     "if not (f:find 's' and type(values[i]) == 'table') then "
     "say(f, values[i], pcall(string.format, f, values[i])) end end "
     "say(f, pcall(string.format, f)) end"},
    {"tables", "local function try(...) say(pcall(...)) end "
               "for i = -1, 5 do local t = {1, 2, 3} try(table.insert, t, i, 9) say(t) "
               "t = {1, 2, 3} try(table.remove, t, i) say(t) "
               "for j = -1, 5 do try(table.concat, {1, 2.5, 'x'}, '-', i, j) "
               "try(table.unpack, {1, 2, 3}, i, j) for k = -1, 5 do "
               "t = {1, 2, 3, 4} try(table.move, t, i, j, k) say(t) end end end "
               "try(table.insert, {}) try(table.insert, {}, 1, 2, 3) try(table.concat, {{}}) "
               "try(table.unpack, {}, 1, 1 << 40) "
               "local t = {5, 2, 8, 1, 9, 3} table.sort(t) say(t) "
               "table.sort(t, function(a, b) return a > b end) say(t) try(table.sort, {1, 'x'}) "
               "try(table.sort, {3, 2, 1}, 1) say(table.pack(1, nil, 3).n)"},
    {"control",
     "local function f(...) local a, b = ... return select('#', ...), a, b, ... end "
     "say(f()) say(f(nil)) say(f(1, 2, 3)) say((f(1, 2))) say(f(f(1))) "
     "for i = 3, 1 do say(i) end for i = 1, 3 do say(i) end for i = 3, 1, -1 do say(i) end "
     "for i = 1.0, 2, 0.5 do say(i) end for i = ~(1 << 63) - 1, ~(1 << 63) do say(i) end "
     "for i = 1 << 63, (1 << 63) + 1 do say(i) end for i = 1, 0.5 do say(i) end "
     "say(pcall(load 'for i = 1, 10, 0 do end')) say(pcall(load 'for i = \"x\", 2 do end')) "
     "for i = 1, 3 do for j = 1, 3 do if j == 2 then goto continue end say(i, j) ::continue:: end "
     "end "
     "do local k = 0 ::top:: k = k + 1 if k < 3 then goto top end say(k) end "
     "local fs = {} for i = 1, 3 do fs[i] = function() i = i + 1 return i end end "
     "say(fs[1](), fs[1](), fs[2](), fs[3]()) "
     "local n = 0 repeat local done = n > 2 n = n + 1 until done say(n) "
     "while true do n = n + 1 if n > 9 then break end end say(n) "
     "local x <const> = 7 say(x) say(#'abc' .. 1 .. 2) say(2^3^2 == 2^(3^2), -2^2, not nil == "
     "true) "
     "say(1 .. '' == '1', 10 // 3, -10 // 3, 10 % -3, -10 % 3, 5.5 // 2, -5.5 % 2, 7 // 0.0) "
     "say(0x7fffffffffffffff + 1, 0xff, 0x.8p1, 1e2, .5, 3., 0xA.8, 9223372036854775808) "
     "say('\\x41\\65\\z   b\\u{48}', [[\nline]], [==[a]]b]==])"},
    {"metamethods",
     "local log = {} local mt = {} for _, e in ipairs {'add', 'sub', 'mul', 'div', 'mod', "
     "'pow', 'unm', 'idiv', 'band', 'bor', 'bxor', 'shl', 'shr', 'bnot', 'eq', 'lt', 'le', "
     "'call', 'len'} do mt['__' .. e] = function(a, b) return e end end "
     "local a, b = setmetatable({}, mt), setmetatable({}, mt) "
     "say(a + 1, 1 - a, a * b, a / 2, a % 2, a ^ 2, -a, a // 2, a & 1, 1 | a, a ~ b, a << 1, "
     "a >> 1, ~a, a == b, a ~= b, a < b, a <= b, a > 1, a(), #a) "
     "say(pcall(function() return a & 1.5 end), pcall(function() return a < 'x' end)) "
     "local p = setmetatable({}, {__index = function(_, k) return k .. '!' end, "
     "__newindex = function(t, k, v) rawset(t, k, v .. '?') end}) "
     "p.x = 'y' say(p.x, p.z, rawget(p, 'z')) "
     "local q = setmetatable({}, {__index = p}) say(q.x, q.other) "
     "say(pcall(setmetatable, setmetatable({}, {__metatable = 1}), {})) "
     "say(tostring(setmetatable({}, {__tostring = function() return 'T' end}))) "
     "local c = setmetatable({}, {__call = function(self, ...) return select('#', ...), ... end}) "
     "say(c(), c(1, nil)) "
     "for k, v in pairs(setmetatable({}, {__pairs = function() "
     "return function(_, k) if not k then return 1, 2 end end end})) do say(k, v) end"},
    {"errors",
     "local function try(text, ...) local f, m = load(text, '=c') "
     "if not f then say(m) else say(pcall(f, ...)) end end "
     "for _, text in ipairs {'local x = nil; x.y = 1', 'x.y.z = 1', 'return #nil', 'return {} < "
     "{}', "
     "'return 1 < \"x\"', 'return nil .. 1', 'local t = {} t[nil] = 1', 'local t = {} t[0/0] = 1', "
     "'error()', 'error(nil)', 'error({})', 'error(\"m\", 0)', 'error(\"m\", 1)', 'error(\"m\", "
     "2)', "
     "'x()', 'local t = {} t.f()', 'local t = {} t:m()', '(\"x\"):nope()', 'return 1 // 0', "
     "'return 1 % 0', 'return 1 & 1.5', 'return \"a\" + 1', 'return \"a\" | 1', 'return -{}', "
     "'for i = 1, {} do end', 'return 2^53 | 2^64', 'x = ', 'goto nowhere', 'break', "
     "'local x <const> = 1; x = 2', 'local x <wrong> = 1', '::a:: ::a::', 'return ...', 'x = }', "
     "'\"unfinished', '[[unfinished', '\"\\\\q\"', '\"\\\\300\"', '\"\\\\u{110000000}\"', '0x', "
     "'3..2', "
     "'a = 1e', 'if x then', 'local function end', 'return return', 'f(', '--[[', 'x = 08', '1 = "
     "x'} do "
     "try(text) end "
     "say(xpcall(error, function(m) return m, 'h' end, 'x', 0)) say(pcall(pcall)) "
     "say(pcall(error)) "
     "say(select(2, pcall(error, setmetatable({}, {__tostring = function() return 'E' end}))) ~= "
     "nil) "
     "say(tostring(1e15), tostring(1e16), tostring(-0.0), tostring(1e100), 2^63, 1e308 * 10) "
     "say(tostring(3) == '3', tostring(3.0), 1e15, 123456789012345678, 0.1 + 0.2, 100 // 1e-320)"},
};

static const char *in_plain_lua(lua_State *L, const char *text)
{
    lua_settop(L, 0);
    if (luaL_loadbuffer(L, text, strlen(text), "@t.lua") != LUA_OK ||
        lua_pcall(L, 0, 1, 0) != LUA_OK)
        return lua_tostring(L, -1);
    return lua_tostring(L, -1);
}

/* The value of a string step, or the message. */
static const char *in_sandbox(struct box *box, const char *text)
{
    box_rewind(box);
    sandbox_eval(box->sandbox, "t.lua", slice_of(text), &box->step, &box->pool);
    if (box->step.state != SANDBOX_RETURNED || box->step.value.kind != VALUE_STRING)
        return box->step.error.message;
    return box->step.value.string.data;
}

/* Shows the first few lines that differ. */
static int compare_lines(const char *name, struct slice a, struct slice b)
{
    int different = 0;
    while (a.size > 0 || b.size > 0) {
        size_t first = a.size;
        size_t second = b.size;
        const char *end = a.size ? memchr(a.data, '\n', a.size) : NULL;
        if (end)
            first = (size_t)(end - a.data);
        end = b.size ? memchr(b.data, '\n', b.size) : NULL;
        if (end)
            second = (size_t)(end - b.data);
        if (!slice_equal((struct slice){a.data, first}, (struct slice){b.data, second}) &&
            different++ < 12)
            fprintf(stderr, "%s: plain   %.*s\n%s: sandbox %.*s\n", name, (int)first, a.data, name,
                    (int)second, b.data);
        a = (struct slice){a.data + first + (first < a.size), a.size - first - (first < a.size)};
        b = (struct slice){b.data + second + (second < b.size),
                           b.size - second - (second < b.size)};
    }
    return different;
}

static void test_same_text(void)
{
#ifdef TIDELOCK_GC_STRESS
    return; /* hours */
#endif
    struct box box;
    lua_State *L = luaL_newstate();
    luaL_openlibs(L);
    box_open(&box, &large, NULL);
    box.pool.max = 256 << 20;
    for (size_t i = 0; i < sizeof chunks / sizeof *chunks; i++) {
        static char text[1 << 16];
        snprintf(text, sizeof text, "%s%s%s", prelude, chunks[i].text, epilogue);
        const char *plain = in_plain_lua(L, text);
        const char *ours = in_sandbox(&box, text);
        CHECK(strlen(plain) > 200);
        CHECK(compare_lines(chunks[i].name, slice_of(plain), slice_of(ours)) == 0);
    }
    box_close(&box);
    lua_close(L);
}

CHECK_MAIN({"same_text", test_same_text})
