/* The sandbox as its callers see it: steps, effects, branches, values, lines, modules, marks. */
#include "script/wrap.h"
#include "script_check.h"

static const struct sandbox_limits small = {
    .work = 3000000, .memory = 16 << 20, .value_size = 4 << 10, .print_size = 1 << 10};

/* A standard library of the shape that the real one has. */
static const struct box_module modules[] = {
    {"policy_entry", "stdlib/policy_entry.lua",
     "local ask = require 'ask'\n"
     "return { start = function(policy, arguments) return policy(arguments, ask) end }"},
    {"ask", "stdlib/ask.lua",
     "local effect = require 'effect'\n"
     "local M = {}\n"
     "function M.value(request)\n"
     "    local result = effect.perform(request)\n"
     "    if result.error then effect.fail(result.error.message) end\n"
     "    return result.value\n"
     "end\n"
     "function M.broken() local x = nil; return x.y end\n"
     "function M.sorted(t) local keys = {} for k in pairs(t) do keys[#keys + 1] = k end "
     "return table.concat(keys, ' ') end\n"
     "function M.see() return M.secret end\n"
     "function M.fail(message) effect.fail(message) end\n"
     "function M.where() local place = effect.where() return place end\n"
     "return M"},
    {"helpers", "helpers.lua",
     "local M = {}\nfunction M.twice(x)\n    return x * 2\nend\nreturn M"},
    {"looped", "looped.lua", "return require 'looped'"},
    {"stdlib.ask", "stdlib/ask.lua", "return 'an impostor'"},
    {"lua.targets.ours", "lua/targets/ours.lua", "return 'an impostor'"},
    {"early", "early.lua", "require('effect').perform {kind = 'sleep'}"},
    {"bad", "bad.lua", "return = 1"},
    {NULL, NULL, NULL},
};

static struct box box;

static void open_box(void)
{
    box_open(&box, &small, modules);
}

/* The message or value of an evaluated text. */
struct row {
    const char *text, *want;
};

static void check_rows(const struct row *rows, size_t count)
{
    open_box();
    for (size_t i = 0; i < count; i++) {
        if (!CHECK_TEXT(box_eval(&box, rows[i].text), rows[i].want))
            fprintf(stderr, "%s\n", rows[i].text);
    }
    box_close(&box);
}

#define CHECK_ROWS(rows) check_rows(rows, sizeof(rows) / sizeof *(rows))

static void test_values(void)
{
    static const struct row rows[] = {
        {"return nil", "null"},
        {"", "null"},
        {"return true, 2", "true"},
        {"return 1 << 63", "-9223372036854775808"},
        {"return 1.0", "1.0"},
        {"return 2^53", "9007199254740992.0"},
        {"return 'a\\n\\\"\\u{e9}'", "\"a\\n\\\"\xc3\xa9\""},
        {"return {}", "{}"},
        {"return require 'effect'.array {}", "[]"},
        {"return {1, {b = 2, a = {3}}}", "[1,{\"a\":[3],\"b\":2}]"},
        {"return 0/0", "t.lua:1: the value returned is not a number (NaN)"},
        {"return {x = {1, 1/0}}", "t.lua:1: the value returned: .x[2] is infinite"},
        {"return '\\xff'", "t.lua:1: the value returned is not UTF-8 text"},
        {"return {['\\xff'] = 1}", "t.lua:1: the value returned: .\xff is not UTF-8 text"},
        {"return {1, nil, 3}", "t.lua:1: the value returned is a list with holes"},
        {"return {1, a = 2}", "t.lua:1: the value returned has both names and list items"},
        {"return {[0] = 1}", "t.lua:1: the value returned has a key that is neither a name nor a "
                             "place in a list"},
        {"return {[1.5] = 1}", "t.lua:1: the value returned has a key that is neither a name nor a "
                               "place in a list"},
        {"return {a = {[true] = 1}}",
         "t.lua:1: the value returned: .a has a key that is a boolean"},
        {"return {steps = {1, 2, {name = print}}}",
         "t.lua:1: the value returned: .steps[3].name is a function"},
        {"local t = {}\nfunction t.f() end\n\nreturn t\n",
         "t.lua:4: the value returned: .f is a function"},
        {"return print", "t.lua:1: the value returned is a function"},
        {"local e = require 'effect' local t = e.array {1} t.x = 1 return t",
         "t.lua:1: the value returned has both names and list items"},
        {"return ('x'):rep(5000)",
         "t.lua:1: the value returned is too large (more than 4096 bytes)"},
    };
    CHECK_ROWS(rows);
}

static void test_order(void)
{
    static const struct row rows[] = {
        {"local t = {} for k in pairs {z = 1, a = 1, ab = 1, [3] = 1, [2.5] = 1, [-1] = 1, "
         "[true] = 1, [false] = 1, [1 << 62] = 1, [1e300] = 1} do t[#t + 1] = tostring(k) end "
         "return t",
         "[\"false\",\"true\",\"-1\",\"2.5\",\"3\",\"4611686018427387904\",\"1e+300\",\"a\",\"ab\","
         "\"z\"]"},
        {"local t = {} local k, v = next {b = 2, a = 1} return {k, v}", "[\"a\",1]"},
        {"local t, n = {}, {c = 1, b = 2, a = 3} local k, v repeat k, v = next(n, k) "
         "t[#t + 1] = k until k == nil return t",
         "[\"a\",\"b\",\"c\"]"},
        {"local n = {c = 1, b = 2, a = 3} for k in pairs(n) do n[k] = nil end return next(n)",
         "null"},
        {"local n, seen = {c = 1, b = 2, a = 3}, {} for k in next, n do n[k] = nil "
         "next({1}) seen[#seen + 1] = k end return seen",
         "[\"a\",\"b\",\"c\"]"},
        {"local seen = {} for k, v in pairs {10, 20, 30} do seen[#seen + 1] = k + v end return "
         "seen",
         "[11,22,33]"},
        {"local n = {10, 20, 30} local k = next(n, 2) next {a = 1} return {k, next(n, 2)}",
         "[3,3,30]"},
        {"return next({10, 20, 30}, 3)", "null"},
        {"return next({10, 20, 30}, 1.5)", "2"},
        {"for k in pairs {[{}] = 1} do end",
         "t.lua:1: cannot traverse a table with keys of type table"},
        {"return next {[print] = 1}",
         "t.lua:1: cannot traverse a table with keys of type function"},
        {"local t = setmetatable({}, {__pairs = function(t) return function(_, k) "
         "if not k then return 1, 2 end end, t, nil end}) local s = {} "
         "for k, v in pairs(t) do s[#s + 1] = k + v end return s",
         "[3]"},
        {"local t = {} for i = 1, 300 do t['k' .. (i * 7919) % 1000] = i end local last, n = '', 0 "
         "for k in pairs(t) do if k <= last then return k end last = k n = n + 1 end return n",
         "300"},
    };
    CHECK_ROWS(rows);
}

static void test_base(void)
{
    static const struct row rows[] = {
        {"return {select('#'), select('#', nil, nil), select(2, 'a', 'b', 'c')}",
         "[0,2,\"b\",\"c\"]"},
        {"return {select(-1, 'a', 'b')}", "[\"b\"]"},
        {"return select(0)", "t.lua:1: bad argument #1 to 'select' (index out of range)"},
        {"return {tonumber('0x10'), tonumber(' 12 '), tonumber('z', 36), tonumber('-ff', 16), "
         "tonumber('7', 8), tonumber('1e1')}",
         "[16,12,35,-255,7,10.0]"},
        {"return {tonumber('8', 8) == nil, tonumber('') == nil, tonumber('1x') == nil, "
         "tonumber({}) == nil, tonumber('- 1', 10) == nil}",
         "[true,true,true,true,true]"},
        {"return {tostring(nil), tostring(1), tostring(1.0), tostring(-0.0), tostring(1e15)}",
         "[\"nil\",\"1\",\"1.0\",\"-0.0\",\"1e+15\"]"},
        {"return tostring(setmetatable({}, {__name = 'Target'}))", "\"Target\""},
        {"return tostring(setmetatable({}, {__tostring = function() return 'T' end}))", "\"T\""},
        {"return tostring(setmetatable({}, {__tostring = function() return {} end}))",
         "t.lua:1: '__tostring' must return a string"},
        {"return {pcall(error, 'x', 0)}", "[false,\"x\"]"},
        {"return {pcall(error, {a = 1})}", "[false,{\"a\":1}]"},
        {"return {xpcall(error, function(m) return m .. '!', 2 end, 'x', 0)}", "[false,\"x!\"]"},
        {"return {xpcall(function(...) return ... end, print, 1, 2)}", "[true,1,2]"},
        {"return {pcall(xpcall, 1, 2)}",
         "[false,\"bad argument #2 to '?' (function expected, got number)\"]"},
        {"assert(false, 'no')", "t.lua:1: no"},
        {"assert(nil)", "t.lua:1: assertion failed!"},
        {"return {assert(1, 2)}", "[1,2]"},
        {"return {rawequal('a', 'a'), rawlen {1, 2}, rawget(setmetatable({}, {__index = error}), "
         "1) "
         "== nil, rawset({}, 'a', 1).a}",
         "[true,2,true,1]"},
        {"return getmetatable(setmetatable({}, {__metatable = 'mine'}))", "\"mine\""},
        {"setmetatable(setmetatable({}, {__metatable = 'mine'}), {})",
         "t.lua:1: cannot change a protected metatable"},
        {"return getmetatable(require 'effect'.array {})", "null"},
        {"return 2^0.5 * 10 // 1", "14.0"},
        {"return _VERSION", "\"Lua 5.4\""},
        {"x = 1 return {_G.x, _G._G == _G, load('return x')()}", "[1,true,1]"},
        {"local f, m = load('x =') return m", "\"[string \\\"x =\\\"]:1: unexpected symbol near "
                                              "<eof>\""},
        {"local f, m = load('x =', '=mine') return m", "\"mine:1: unexpected symbol near <eof>\""},
        {"local parts = {'return ', '1 ', '+ 2', nil} local i = 0 "
         "return load(function() i = i + 1 return parts[i] end)()",
         "3"},
        {"return ('x'):rep(3) .. ('%d'):format(4)", "\"xxx4\""},
        {"string.rep = nil return ('x'):rep(3)", "\"xxx\""},
    };
    CHECK_ROWS(rows);
}

/* What wrap.h does beyond paying. */
static void test_wrapped(void)
{
    static const struct row rows[] = {
        {"return (0/0) .. ''", "\"nan\""},
        {"return ('a\\0b' < 'a\\0c') and ('Z' < 'a') and not ('a' < 'a')", "true"},
    };
    if (wrap_in_force())
        CHECK_ROWS(rows);
}

static void test_lines(void)
{
    static const struct row rows[] = {
        {"local x\n\nx.y = 1", "t.lua:3: attempt to index a nil value (local 'x')"},
        {"\nstring.rep()", "t.lua:2: bad argument #1 to 'rep' (string expected, got no value)"},
        {"\nlocal ask = require 'ask'\nask.broken()",
         "t.lua:3: stdlib/ask.lua:8: attempt to index a nil value (local 'x')"},
        {"local ask = require 'ask'\n\nask.fail('wrong')", "t.lua:3: wrong"},
        {"local ask = require 'ask'\n\nlocal place = ask.where() return place", "\"t.lua:3\""},
        {"x = = 1", "t.lua:1: unexpected symbol near '='"},
        {"error('plain', 0)", "t.lua:1: plain"},
        {"local function f()\n  error('up', 2)\nend\nf()", "t.lua:4: up"},
        {"local ok, m = pcall(error, 'helpers.lua:9: old') error(m, 0)", "helpers.lua:9: old"},
        {"\nrequire 'nothing'",
         "t.lua:2: module 'nothing' not found: it is neither in the standard library nor a file "
         "beside the policy, required by its name in quotes"},
        {"require 'looped'", "looped.lua:1: module 'looped' requires itself, or failed to load "
                             "before"},
        {"require 'bad'", "bad.lua:1: unexpected symbol near '='"},
        {"require 'stdlib.ask'",
         "t.lua:1: module 'stdlib.ask' not found: it is neither in the standard library nor a file "
         "beside the policy, required by its name in quotes"},
        {"require 'lua.targets.ours'", "t.lua:1: module 'lua.targets.ours' not found: it is "
                                       "neither in the standard library nor a file "
                                       "beside the policy, required by its name in quotes"},
    };
    CHECK_ROWS(rows);
    open_box();
    box_eval(&box, "local ask = require 'ask'\n\n\nask.broken()");
    CHECK_TEXT(box.step.chunk, "t.lua");
    CHECK(box.step.line == 4);
    CHECK(box.step.error.code == ERROR_POLICY);
    box_eval(&box, "x =\n=");
    CHECK(box.step.line == 2);
    box_eval(&box, "local helpers = require 'helpers' helpers.twice {}");
    CHECK_TEXT(box.step.chunk, "helpers.lua");
    CHECK(box.step.line == 3);
    box_eval(&box, "\nwhile true do\nend");
    CHECK(box.step.state == SANDBOX_SPENT && box.step.error.code == ERROR_BUDGET);
    CHECK_TEXT(box.step.chunk, "t.lua");
    CHECK(box.step.line == 2);
    box_close(&box);
}

/* A policy's tampering reaches neither the standard library nor another module. */
static void test_levels(void)
{
    static const struct row rows[] = {
        {"pairs = error table.concat = error return require 'ask'.sorted {b = 1, a = 1}",
         "\"a b\""},
        {"require 'ask'.secret = 1 return require 'ask'.see() == nil", "true"},
        {"require 'ask'.secret = 1 return require 'ask'.secret", "1"},
        {"require 'effect'.fail = print require 'ask'.fail 'still'", "t.lua:1: still"},
        {"return require 'helpers'.twice(4)", "8"},
        {"return require 'helpers' == require 'helpers'", "true"},
        {"return require 'helpers\\0x'",
         "t.lua:1: bad argument #1 to 'require' (the name of a module has no zero byte)"},
        {"return require 'string'.rep == string.rep", "true"},
    };
    CHECK_ROWS(rows);
}

static void test_effects(void)
{
    open_box();
    CHECK_TEXT(box_load(&box, "return function(arguments, ask)\n"
                              "    local got = ask.value {kind = 'sleep', ['for'] = arguments.n}\n"
                              "    local again = ask.value {kind = 'notify', list = got.list}\n"
                              "    return {again, n = nil}\n"
                              "end"),
               "null");
    CHECK(box.step.state == SANDBOX_RETURNED);
    CHECK_TEXT(box_start(&box, "{\"n\":5}"), "{\"for\":5,\"kind\":\"sleep\"}");
    CHECK(box.step.state == SANDBOX_EFFECT && box.step.branch == 0);
    CHECK_TEXT(box_resume(&box, 0, "{\"value\":{\"list\":[]}}"),
               "{\"kind\":\"notify\",\"list\":[]}");
    CHECK_TEXT(box_resume(&box, 0, "{\"value\":true}"), "[true]");
    CHECK(box.step.state == SANDBOX_RETURNED);
    box_close(&box);
}

static void test_failed_effect(void)
{
    open_box();
    box_load(&box, "return function(_, ask)\n"
                   "    local ok, message = pcall(ask.value, {kind = 'a'})\n"
                   "    local value = ask.value {kind = 'b', message = message}\n"
                   "    return value\n"
                   "end");
    CHECK_TEXT(box_start(&box, "{}"), "{\"kind\":\"a\"}");
    CHECK_TEXT(box_resume(&box, 0, "{\"error\":{\"code\":\"x\",\"message\":\"denied\"}}"),
               "{\"kind\":\"b\",\"message\":\"t.lua:2: denied\"}");
    CHECK_TEXT(box_resume(&box, 0, "{\"error\":{\"code\":\"x\",\"message\":\"denied\"}}"),
               "t.lua:3: denied");
    CHECK(box.step.state == SANDBOX_RAISED && box.step.line == 3);
    box_close(&box);
}

static const char *start_with(const char *body)
{
    char text[1024];
    snprintf(text, sizeof text, "local effect = require 'effect'\nreturn function(p, ask)\n%s\nend",
             body);
    box_load(&box, text);
    return box_start(&box, "{}");
}

static void test_refused_effects(void)
{
    open_box();
    CHECK_TEXT(start_with("table.sort({1, 2}, function(a, b) ask.value {} end)"),
               "t.lua:3: an effect cannot be asked for from inside table.sort");
    CHECK_TEXT(start_with("('x'):gsub('x', function(a, b) effect.perform {} end)"),
               "t.lua:3: an effect cannot be asked for from inside string.gsub");
    CHECK_TEXT(start_with("tostring(setmetatable({}, {__tostring = function() ask.value {} end}))"),
               "t.lua:3: an effect cannot be asked for from inside tostring");
    CHECK_TEXT(start_with("require 'early'"),
               "early.lua:1: an effect cannot be asked for from inside require");
    CHECK_TEXT(start_with("effect.perform {1, 2}"),
               "t.lua:3: the effect is a list, not a table with names");
    CHECK_TEXT(start_with("effect.perform {kind = 'x', steps = {{f = print}}}"),
               "t.lua:3: the effect: .steps[1].f is a function");
    CHECK_TEXT(start_with("effect.perform(1)"),
               "t.lua:3: bad argument #1 to 'perform' (table expected, got number)");
    CHECK_TEXT(start_with("effect.parallel {print, 1}"),
               "t.lua:3: effect.parallel: item 2 is a number, not a function");
    CHECK_TEXT(start_with("return print"), "the value returned is a function");
    CHECK_TEXT(box_load(&box, "require 'effect'.perform {kind = 'x'}"),
               "t.lua:1: an effect cannot be asked for while the policy is being loaded");
    CHECK_TEXT(box_eval(&box, "require 'effect'.perform {kind = 'x'}"),
               "t.lua:1: an effect cannot be asked for while the policy is being loaded");
    box_close(&box);
}

static void test_parallel(void)
{
    open_box();
    CHECK_TEXT(start_with("local function branch(name) return function()\n"
                          "    local one = ask.value {kind = name, step = 1}\n"
                          "    return name .. one .. ask.value {kind = name, step = 2} end end\n"
                          "local both = effect.parallel {branch 'a', branch 'b'}\n"
                          "return {both = both, none = effect.parallel {}}"),
               "null");
    CHECK(box.step.state == SANDBOX_PARALLEL && box.step.first == 1 && box.step.count == 2);
    CHECK_TEXT(box_resume(&box, 1, NULL), "{\"kind\":\"a\",\"step\":1}");
    CHECK(box.step.branch == 1 && box.step.state == SANDBOX_EFFECT);
    CHECK_TEXT(box_resume(&box, 2, NULL), "{\"kind\":\"b\",\"step\":1}");
    CHECK_TEXT(box_resume(&box, 2, "{\"value\":10}"), "{\"kind\":\"b\",\"step\":2}");
    CHECK_TEXT(box_resume(&box, 1, "{\"value\":20}"), "{\"kind\":\"a\",\"step\":2}");
    CHECK_TEXT(box_resume(&box, 1, "{\"value\":1}"), "\"a201\"");
    CHECK_TEXT(box_resume(&box, 2, "{\"value\":2}"), "\"b102\"");
    CHECK(box.step.state == SANDBOX_RETURNED && box.step.branch == 2);
    CHECK_TEXT(box_resume(&box, 0, "[\"a201\",\"b102\"]"),
               "{\"both\":[\"a201\",\"b102\"],\"none\":[]}");
    box_close(&box);
}

static void test_branches_share_the_budget(void)
{
    open_box();
    start_with("local function f() for i = 1, 300000 do end return 1 end\n"
               "return effect.parallel {f, f, f, f, f, f, f, f, f, f, f, f}");
    int done = 0;
    for (int i = 1; i <= 12 && box.step.state != SANDBOX_SPENT; i++)
        done += (box_resume(&box, i, NULL), box.step.state == SANDBOX_RETURNED);
    CHECK(done > 6 && done < 12);
    CHECK(box.step.state == SANDBOX_SPENT && box.step.line == 3);
    box_close(&box);
}

static void test_too_many_branches(void)
{
    open_box();
    start_with("local list = {} for i = 1, 100000 do list[i] = print end effect.parallel(list)");
    CHECK(box.step.state == SANDBOX_SPENT);
    box_close(&box);
}

static void test_rewind(void)
{
    static const char policy[] =
        "local count = 0\n"
        "return function(p, ask)\n"
        "    count = count + 1\n"
        "    local t = {} for i = 1, 1000 do t['k' .. math.random(1000)] = {i} end\n"
        "    return ask.value {count = count, random = math.random(1000000), n = #t}\n"
        "end";
    char first[ERROR_MESSAGE_MAX] = "";
    int64_t work = 0;
    size_t memory = 0;
    open_box();
    box_load(&box, policy);
    struct error err;
    CHECK(sandbox_mark(box.sandbox, &err));
    for (int i = 0; i < 50; i++) {
        box_rewind(&box);
        CHECK(sandbox_work_used(box.sandbox) == 0);
        sandbox_seed(box.sandbox, 7);
        const char *text = box_start(&box, "{}");
        if (i == 0) {
            snprintf(first, sizeof first, "%s", text);
            work = sandbox_work_used(box.sandbox);
            memory = sandbox_memory_used(box.sandbox);
            CHECK(strstr(first, "\"count\":1,") != NULL);
        }
        CHECK_TEXT(text, first);
        CHECK(sandbox_work_used(box.sandbox) == work);
        CHECK(sandbox_memory_used(box.sandbox) == memory);
        box_resume(&box, 0, i % 2 ? "{\"value\":{\"a\":[1,2,3]}}" : "{\"value\":1}");
    }
    box_rewind(&box);
    sandbox_seed(box.sandbox, 8);
    CHECK(strcmp(box_start(&box, "{}"), first) != 0);
    box_close(&box);
}

static void test_rewind_after_spent(void)
{
    open_box();
    for (int i = 0; i < 20; i++) {
        box_eval(&box, i % 2 ? "local t = {} while true do t[#t + 1] = {} end"
                             : "while true do pcall(string.rep, 'x', 1000) end");
        CHECK(box.step.state == SANDBOX_SPENT);
        CHECK_TEXT(box_eval(&box, "return 1 + 1"), "2");
    }
    box_close(&box);
}

static void test_exact(void)
{
    static const char text[] = "for i = 1, 1000000 do print(i) end";
    char first[4096];
    struct sandbox_limits limits = small;
    limits.print_size = 1 << 20;
    limits.work = 50000;
    box_open(&box, &limits, NULL);
    box_eval(&box, text);
    snprintf(first, sizeof first, "%s", box.printed.data);
    box_close(&box);
    limits.work += 1000;
    box_open(&box, &limits, NULL);
    box_eval(&box, text);
    CHECK(strncmp(box.printed.data, first, strlen(first)) == 0);
    CHECK(strlen(box.printed.data) > strlen(first));
    box_close(&box);
}

static void test_one_at_a_time(void)
{
    struct sandbox *second;
    struct error err;
    open_box();
    struct sandbox_hooks hooks = {NULL, NULL, NULL};
    CHECK(!sandbox_new(&second, &small, &hooks, &err));
    CHECK(strstr(err.message, "0x40000000") != NULL);
    box_close(&box);
    struct sandbox_limits limits = small;
    limits.memory = 4096;
    CHECK(!sandbox_new(&second, &limits, &hooks, &err) && err.code == ERROR_LIMIT);
    limits.memory = (size_t)8 << 30;
    CHECK(!sandbox_new(&second, &limits, &hooks, &err) && err.code == ERROR_INVALID);
}

CHECK_MAIN({"values", test_values}, {"order", test_order}, {"base", test_base},
           {"wrapped", test_wrapped}, {"lines", test_lines}, {"levels", test_levels},
           {"effects", test_effects}, {"failed_effect", test_failed_effect},
           {"refused_effects", test_refused_effects}, {"parallel", test_parallel},
           {"branches_share_the_budget", test_branches_share_the_budget},
           {"too_many_branches", test_too_many_branches}, {"rewind", test_rewind},
           {"rewind_after_spent", test_rewind_after_spent}, {"exact", test_exact},
           {"one_at_a_time", test_one_at_a_time})
