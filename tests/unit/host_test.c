/* The trusted Lua state: values across the border, errors, lent modules, embedded files, the
 * catalogue. */
#include "check.h"
#include "engine/catalogue.h"
#include "host/host.h"
#include "host/memo.h"

#include <lauxlib.h>

#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

static struct host *host;
static struct pool pool;
static struct error err;

static void set_up(void)
{
    pool_init(&pool, 64 << 20);
    CHECK(host_new(&host, &err));
}

static void tear_down(void)
{
    host_free(host);
    host = NULL;
    pool_clear(&pool);
}

static struct value parse(const char *text)
{
    struct value value = value_null();
    if (!CHECK(value_parse(&value, slice_of(text), false, &pool, &err)))
        fprintf(stderr, "%s: %s\n", text, err.message);
    return value;
}

static const char *write_value(const struct value *value)
{
    struct buffer text;
    struct slice copy = {"", 0};
    buffer_init(&text, 1 << 20);
    CHECK(value_write(value, &text, &err));
    CHECK(pool_copy(&pool, buffer_slice(&text), &copy, &err));
    buffer_clear(&text);
    return copy.data;
}

/* Runs Lua code, for what modules alone cannot show. */
static bool run_code(lua_State *L, void *context, struct error *error)
{
    (void)error;
    if (luaL_dostring(L, context))
        lua_error(L);
    return true;
}

static bool run(const char *code)
{
    return host_protect(host, run_code, (void *)(uintptr_t)code, &err);
}

struct taking {
    const char *code;
    struct value value;
};

static bool take_code(lua_State *L, void *context, struct error *error)
{
    struct taking *taking = context;
    if (luaL_dostring(L, taking->code))
        lua_error(L);
    return host_take(L, -1, &taking->value, &pool, error);
}

static const char *take(const char *code)
{
    struct taking taking = {.code = code};
    return host_protect(host, take_code, &taking, &err) ? write_value(&taking.value) : err.message;
}

static void test_round_trip(void)
{
    static const char *const texts[] = {
        "true",
        "1",
        "1.0",
        "-0.0",
        "9223372036854775807",
        "\"a\\u0000b\\n\"",
        "[]",
        "{}",
        "[[],{},[{}]]",
        "{\"a\":[1,2.5,\"x\"],\"b\":{\"c\":[]}}",
    };
    set_up();
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        struct value value = parse(texts[i]);
        struct value array = {.kind = VALUE_ARRAY, .array = {&value, 1}};
        struct value back;
        if (!CHECK(host_call(host, "table", "unpack", &array, 1, &back, &pool, &err)))
            fprintf(stderr, "%s\n", err.message);
        else
            CHECK_TEXT(write_value(&back), texts[i]);
    }
    tear_down();
}

static void test_nulls(void)
{
    struct value back;
    set_up();
    struct value object = parse("[{\"a\":null,\"b\":1}]");
    CHECK(host_call(host, "table", "unpack", &object, 1, &back, &pool, &err));
    CHECK_TEXT(write_value(&back), "{\"b\":1}");
    struct value list = parse("[1,null]");
    CHECK(!host_call(host, "table", "unpack", &list, 1, &back, &pool, &err));
    CHECK(strstr(err.message, "item 2 of a list is null"));
    CHECK_TEXT(take("return nil"), "null");
    tear_down();
}

static void test_taking(void)
{
    static const struct {
        const char *code, *got;
    } cases[] = {
        {"return {}", "{}"},
        {"return {1, 2}", "[1,2]"},
        {"return {b = 1, a = 2}", "{\"a\":2,\"b\":1}"},
        {"return require('canonical').array {}", "[]"},
        {"return {a = {b = {print}}}", "a value from Lua: .a.b[1] is a function"},
        {"return {1, nil, 3}", "a value from Lua is a list with holes"},
        {"return {x = {1, a = 2}}", "a value from Lua: .x has both names and list items"},
        {"return {[1.5] = 1}",
         "a value from Lua has a key that is neither a name nor a place in a list"},
        {"return {[0] = 1}",
         "a value from Lua has a key that is neither a name nor a place in a list"},
        {"return 0/0", "a value from Lua is not a number (NaN)"},
        {"return {s = '\\xff'}", "a value from Lua: .s is not UTF-8 text"},
        {"local t = {} t.t = t return t == nil or {t.t.t == t}", "[true]"},
        {"return setmetatable({}, {__index = {a = 1}})", "{}"},
    };
    set_up();
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        CHECK_TEXT(take(cases[i].code), cases[i].got);
    CHECK(
        strstr(take("local t = {} t.t = t return t"), "is nested too deeply, or contains itself"));
    tear_down();
}

static void test_errors(void)
{
    struct value back;
    set_up();
    struct value invalid = parse("{\"invalid\":\"steps must rise\"}");
    CHECK(!host_call(host, "_G", "error", &invalid, 1, &back, &pool, &err));
    CHECK(err.code == ERROR_INVALID);
    CHECK_TEXT(err.message, "steps must rise");
    struct value text = value_text("boom");
    CHECK(!host_call(host, "_G", "error", &text, 1, &back, &pool, &err));
    CHECK(err.code == ERROR_INTERNAL && strncmp(err.message, "boom", 4) == 0);
    CHECK(!host_call(host, "no.such", "f", NULL, 0, &back, &pool, &err));
    CHECK(err.code == ERROR_INTERNAL && strstr(err.message, "lua/no.such.lua"));
    CHECK(!host_call(host, "string", "nothing", NULL, 0, &back, &pool, &err));
    CHECK(strstr(err.message, "module string has no function nothing"));
    CHECK(!run("local function deep() error('inside') end local function f() deep() end f()"));
    CHECK(strstr(err.message, "inside | ") && !strchr(err.message, '\n'));
    CHECK(run("x = 1") && run("assert(x == 1)"));
    tear_down();
}

static void test_package_is_closed(void)
{
    set_up();
    CHECK(run("assert(package.path == '' and package.cpath == '' and #package.searchers == 2)"));
    CHECK(run("assert(require('cjson').encode({1}) == '[1]')"));
    tear_down();
}

static void test_lent(void)
{
    static const struct {
        const char *code, *got;
    } cases[] = {
        {"return require('canonical').encode {b = 1, a = {0.1, 1e300}}",
         "\"{\\\"a\\\":[0.1,1e+300],\\\"b\\\":1}\""},
        {"return require('canonical').decode ' {\"a\" : [ ]} '", "{\"a\":[]}"},
        {"return require('digest').sha256 'abc'",
         "\"ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad\""},
        {"return require('instant').parse '2026-11-24T08:51:00.250+01:00'", "1795506660250"},
        {"return require('instant').format(1795506660250)", "\"2026-11-24T07:51:00.250Z\""},
        {"return require('instant').duration '1h30m'", "5400000"},
    };
    set_up();
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        CHECK_TEXT(take(cases[i].code), cases[i].got);
    CHECK(!run("require('canonical').decode('{\"b\":1,\"a\":2}', true)"));
    CHECK(err.code == ERROR_INVALID);
    CHECK(!run("require('instant').parse 'yesterday'") && err.code == ERROR_INVALID);
    CHECK(!run("require('instant').duration '3 moons'") && err.code == ERROR_INVALID);
    CHECK(!run("require('canonical').encode {print}") && err.code == ERROR_INTERNAL);
    CHECK(
        run("local ok, e = pcall(require('instant').parse, 'x') assert(tostring(e) == e.invalid)"));
    tear_down();
}

static void test_files(void)
{
    struct slice text;
    const char *name = NULL;
    CHECK(host_open_files(&err));
    CHECK(host_file("stdlib/rollout.lua", &text) && text.size > 0 && text.data[text.size] == '\0');
    CHECK(!host_file("stdlib/nothing.lua", &text));
    CHECK(host_file_name("no/such/folder", 0) == NULL);
    size_t count = 0;
    for (const char *before = ""; (name = host_file_name("policies/", count)); before = name) {
        CHECK(strncmp(name, "policies/", 9) == 0 && strcmp(before, name) < 0);
        CHECK(host_file(name, &text));
        count++;
    }
    CHECK(count >= 3);
}

static void test_modules(void)
{
    set_up();
    CHECK_TEXT(take("local list = require('modules').list\n"
                    "return {list 'no.such', list 'simulation'}"),
               "[{},[\"account\",\"learned\",\"rehearsal\",\"tables\"]]");
    CHECK(run("local found = {}\n"
              "for _, name in ipairs(require('modules').list('services')) do\n"
              "  assert(not found[name], name)\n"
              "  found[name] = true\n"
              "  require('services.' .. name)\n"
              "end\n"
              "assert(found.sts and found.elbv2)"));
    CHECK(!run("require('modules').list(('x'):rep(200))"));
    tear_down();
}

/* The catalogue and the client, with all that they know, load nothing of the simulation. */
static void test_live_modules(void)
{
    set_up();
    CHECK(run("local client = require 'aws.client'\n"
              "for _, name in ipairs(require('aws.catalogue').names()) do client.where(name) end\n"
              "for name in pairs(package.loaded) do\n"
              "  assert(not name:find '^simulation' and not name:find '%.simulated', name)\n"
              "  assert(not name:find '%.rehearsal$', name)\n"
              "end"));
    tear_down();
}

/* Runs this program again with another environment: the folder is looked up once per process. */
static int run_again(const char *folder, const char *test)
{
    int status = -1;
    pid_t child = fork();
    if (child == 0) {
        setenv("TIDELOCK_LUA_DIR", folder, 1);
        if (!freopen("/dev/null", "w", stderr) || !freopen("/dev/null", "w", stdout))
            _exit(99);
        execl("/proc/self/exe", "host_test", test, (char *)NULL);
        _exit(99);
    }
    waitpid(child, &status, 0);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static void make_file(const char *path, const char *text)
{
    FILE *out = fopen(path, "w");
    if (CHECK(out)) {
        fputs(text, out);
        fclose(out);
    }
}

static void check_overridden(void)
{
    struct slice text;
    set_up();
    CHECK_TEXT(take("return require('own.module').value"), "7");
    CHECK(!host_file("stdlib/rollout.lua", &text));
    CHECK(!run("require('own.bad')") && strstr(err.message, "lua/own/bad.lua:1:"));
    CHECK(!run("require('own.compiled')") && strstr(err.message, "binary chunk (mode is 't')"));
    tear_down();
}

static void test_override(void)
{
    char folder[] = "/tmp/host_test.XXXXXX";
    char path[64];
    if (getenv("TIDELOCK_LUA_DIR")) {
        check_overridden();
        return;
    }
    CHECK(mkdtemp(folder));
    CHECK(run_again(folder, "override") == 1);
    snprintf(path, sizeof path, "%s/lua", folder);
    CHECK(mkdir(path, 0700) == 0);
    snprintf(path, sizeof path, "%s/lua/own", folder);
    CHECK(mkdir(path, 0700) == 0);
    snprintf(path, sizeof path, "%s/lua/own/module.lua", folder);
    make_file(path, "return {value = 7}");
    snprintf(path, sizeof path, "%s/lua/own/bad.lua", folder);
    make_file(path, "return nil + 1");
    snprintf(path, sizeof path, "%s/lua/own/compiled.lua", folder);
    make_file(path, "\x1bLua");
    CHECK(run_again(folder, "override") == 0);
    static const char *const made[] = {
        "/lua/own/bad.lua", "/lua/own/compiled.lua", "/lua/own/module.lua", "/lua/own", "/lua", ""};
    for (size_t i = 0; i < sizeof made / sizeof *made; i++) {
        snprintf(path, sizeof path, "%s%s", folder, made[i]);
        CHECK(remove(path) == 0);
    }
}

static void test_memo(void)
{
    static struct memo memo;
    pool_init(&pool, 1 << 20);
    memo_init(&memo, 4096);
    struct value input = parse("{\"a\":[1,\"text of some length\"],\"b\":1.5}");
    struct value like = parse("{\"a\":[1,\"text of some length\"],\"b\":1.5}");
    struct value other = parse("{\"a\":[1,\"text of some length\"],\"b\":1.25}");
    struct memo_question asked = {1, slice_of("op"), {&input}, 1};
    struct value answer = value_text("yes");
    CHECK(!memo_find(&memo, &asked));
    CHECK(memo_add(&memo, &asked, &answer, 1));
    const struct memo_entry *entry = memo_find(
        &memo, &(struct memo_question){1, slice_of("op"), {&like}, 1});
    CHECK(entry && value_is_text(&entry->answers[0], "yes"));
    CHECK(!memo_find(&memo, &(struct memo_question){1, slice_of("op"), {&other}, 1}));
    CHECK(!memo_find(&memo, &(struct memo_question){2, slice_of("op"), {&input}, 1}));
    CHECK(!memo_find(&memo, &(struct memo_question){1, slice_of("po"), {&input}, 1}));
    bool full = false;
    for (int64_t i = 0; i < 100 && !full; i++) {
        struct value number = value_integer(i);
        full = !memo_add(&memo, &(struct memo_question){1, slice_of("op"), {&number}, 1}, &answer,
                         1);
    }
    CHECK(full && memo_find(&memo, &asked));
    memo_clear(&memo);
    CHECK(!memo_find(&memo, &asked));
    pool_clear(&pool);
}

static const char fake_catalogue[] =
    "local M = {}\n"
    "calls = 0\n"
    "function M.plan(operation, input, home, region)\n"
    "  calls = calls + 1\n"
    "  if operation ~= 'kv.put' then error({invalid = 'there is no operation ' .. operation}) end\n"
    "  return {mutation = true, identity = 'kv/' .. input.key, settle = 5,\n"
    "    region = region or home and home.region,\n"
    "    observe = {operation = 'kv.get', input = {key = input.key}}}\n"
    "end\n"
    "function M.prepare(operation, input, observed)\n"
    "  calls = calls + 1\n"
    "  return observed.value, input.value,\n"
    "    {operation = operation, input = {key = input.key, value = observed.value}}\n"
    "end\n"
    "function M.state(operation, input, observed) calls = calls + 1 return observed.value end\n"
    "function M.guard(operation, undo, observed, now)\n"
    "  assert(now == 5)\n"
    "  calls = calls + 1\n"
    "  return {operation = undo.operation, input = undo.input, tag = observed.tag}\n"
    "end\n"
    "function M.steady(operation, input, observed) \n"
    "  calls = calls + 1\n"
    "  return operation == 'kv.put' and 7 or 7.5\n"
    "end\n"
    "function M.passes(code) return code == 'Throttled' end\n"
    "function M.steps(operation) return operation == 'kv.put' end\n"
    "function M.join(operation, undo, later) return {undo.operation, later.operation} end\n"
    "package.preload['aws.catalogue'] = function() return M end\n";

static void test_catalogue(void)
{
    struct catalogue *catalogue = NULL;
    struct plan plan;
    struct value before, after, undo, state, guarded;
    struct slice put = slice_of("kv.put");
    int64_t wait = 0;
    set_up();
    CHECK(run(fake_catalogue) && host_catalogue(host, &catalogue, &err));
    struct value request = parse("{\"input\":{\"key\":\"a\",\"value\":2},"
                                 "\"operation\":\"kv.put\"}");
    struct value burn = parse("{\"input\":{},\"operation\":\"kv.burn\"}");
    struct value home = parse("{\"region\":\"here\"}");
    struct value input = *value_get(&request, "input");
    struct value observed = parse("{\"value\":1,\"tag\":\"t\"}");
    for (int round = 0; round < 2; round++) {
        CHECK(catalogue->ops->plan(catalogue, &request, &home, &plan, &pool, &err));
        CHECK(plan.mutation && slice_is(plan.identity, "kv/a") && plan.settle == 5);
        CHECK(slice_is(plan.region, "here"));
        CHECK_TEXT(write_value(&plan.observe),
                   "{\"input\":{\"key\":\"a\"},\"operation\":\"kv.get\"}");
        CHECK(catalogue->ops->prepare(catalogue, &request, &plan, &observed, &before, &after, &undo,
                                      &pool, &err));
        CHECK_TEXT(write_value(&before), "1");
        CHECK_TEXT(write_value(&after), "2");
        CHECK_TEXT(write_value(&undo),
                   "{\"input\":{\"key\":\"a\",\"value\":1},\"operation\":\"kv.put\"}");
        CHECK(catalogue->ops->state(catalogue, put, &input, &observed, &state, &pool, &err));
        CHECK_TEXT(write_value(&state), "1");
        CHECK(catalogue->ops->guard(catalogue, put, &undo, &observed, 5, &guarded, &pool, &err));
        CHECK(value_is_text(value_get(&guarded, "tag"), "t"));
        CHECK(catalogue->ops->steady(catalogue, put, &input, &observed, &wait, &pool, &err));
        CHECK(wait == 7);
    }
    CHECK(run("assert(calls == 6)")); /* the guard is asked anew each time */
    CHECK(!catalogue->ops->plan(catalogue, &burn, NULL, &plan, &pool, &err));
    CHECK(err.code == ERROR_INVALID);
    CHECK_TEXT(err.message, "there is no operation kv.burn");
    CHECK(!catalogue->ops->steady(catalogue, slice_of("kv.get"), &input, &observed, &wait, &pool,
                                  &err));
    CHECK(err.code == ERROR_INTERNAL);
    CHECK_TEXT(err.message, "the catalogue does not say whether kv.get was carried out");
    struct value throttled = parse("{\"code\":\"Throttled\"}");
    struct value denied = parse("{\"code\":\"AccessDenied\"}");
    CHECK(catalogue->ops->passes(catalogue, &throttled));
    CHECK(!catalogue->ops->passes(catalogue, &denied));
    CHECK(catalogue->ops->steps(catalogue, put));
    CHECK(!catalogue->ops->steps(catalogue, slice_of("kv.get")));
    CHECK(catalogue->ops->join(catalogue, put, &undo, &request, &state, &pool, &err));
    CHECK_TEXT(write_value(&state), "[\"kv.put\",\"kv.put\"]");
    host_catalogue_free(catalogue);
    tear_down();
}

CHECK_MAIN({"round_trip", test_round_trip}, {"nulls", test_nulls}, {"taking", test_taking},
           {"errors", test_errors}, {"package_is_closed", test_package_is_closed},
           {"lent", test_lent}, {"files", test_files}, {"override", test_override},
           {"modules", test_modules}, {"live_modules", test_live_modules}, {"memo", test_memo},
           {"catalogue", test_catalogue})
