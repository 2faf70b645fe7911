/* Which lines are told as executed, in chunks, functions, coroutines and after a rewind; and that
 * budgets still end what does not end by itself. */
#include "script/coverage.h"
#include "script_check.h"

static struct coverage coverage;
static struct box box;

static const struct box_module modules[] = {
    {"helpers", "helpers.lua", "local M = {}\nfunction M.f()\n    return 1\nend\nreturn M\n"},
    {"inner", "stdlib/inner.lua", "local M = {}\nfunction M.f(f)\n    return f()\nend\nreturn M\n"},
    {NULL, NULL, NULL},
};

static void set_up(void)
{
    memset(&coverage, 0, sizeof coverage);
    box_open(&box, &sandbox_limits_default, modules);
    sandbox_cover(box.sandbox, &coverage);
    struct error err;
    CHECK(sandbox_mark(box.sandbox, &err));
}

/* {chunk: [line...]} as text. */
static const char *covered(void)
{
    static struct buffer text;
    struct value value;
    struct pool pool;
    struct error err;
    buffer_clear(&text);
    buffer_init(&text, 1 << 20);
    pool_init(&pool, 1 << 20);
    CHECK(coverage_value(&coverage, &value, &pool, &err) && value_write(&value, &text, &err));
    pool_clear(&pool);
    return text.data;
}

static void test_lines(void)
{
    set_up();
    CHECK_TEXT(box_eval(&box, "local a = 1\nif a == 2 then\n    a = 3\nend\nreturn a"), "1");
    CHECK_TEXT(covered(), "{\"t.lua\":[1,2,5]}");
    CHECK_TEXT(box_eval(&box, "local a = 1\nif a == 1 then\n    a = 3\nend\nreturn a"), "3");
    CHECK_TEXT(covered(), "{\"t.lua\":[1,2,3,5]}");
    box_close(&box);
}

static void test_modules(void)
{
    set_up();
    CHECK_TEXT(box_eval(&box, "local h = require \"helpers\"\nreturn require(\"inner\").f(h.f)"),
               "1");
    CHECK_TEXT(covered(), "{\"helpers.lua\":[1,2,3,4,5],\"t.lua\":[1,2]}");
    box_close(&box);
}

/* What a policy makes of text itself stands in no file. */
static void test_own_chunks(void)
{
    set_up();
    CHECK_TEXT(box_eval(&box, "return load(\"\\n\\nreturn 7\")()"), "7");
    CHECK_TEXT(covered(), "{\"t.lua\":[1]}");
    box_close(&box);
}

static void test_far_lines(void)
{
    static char text[COVERAGE_LINES + 64];
    set_up();
    memset(text, '\n', COVERAGE_LINES + 8);
    memcpy(text + COVERAGE_LINES + 8, "return 1", sizeof "return 1");
    CHECK_TEXT(box_eval(&box, text), "1");
    CHECK_TEXT(covered(), "{\"t.lua\":[]}");
    box_close(&box);
}

static void test_budgets(void)
{
    struct sandbox_limits limits = sandbox_limits_default;
    limits.work = 100000;
    memset(&coverage, 0, sizeof coverage);
    box_open(&box, &limits, modules);
    sandbox_cover(box.sandbox, &coverage);
    struct error err;
    CHECK(sandbox_mark(box.sandbox, &err));
    CHECK_TEXT(box_eval(&box, "while true do\n    local a = 1\nend"),
               "t.lua:2: the work budget is spent (100000 units)");
    CHECK(box.step.state == SANDBOX_SPENT);
    CHECK_TEXT(box_eval(&box, "while true do pcall(error) end"),
               "t.lua:1: the work budget is spent (100000 units)");
    box_close(&box);
}

/* Nobody asks: nothing is kept. */
static void test_off(void)
{
    memset(&coverage, 0, sizeof coverage);
    box_open(&box, &sandbox_limits_default, modules);
    CHECK_TEXT(box_eval(&box, "return 1"), "1");
    CHECK(coverage.count == 0);
    box_close(&box);
}

CHECK_MAIN({"lines", test_lines}, {"modules", test_modules}, {"own chunks", test_own_chunks},
           {"far lines", test_far_lines}, {"budgets", test_budgets}, {"off", test_off})
