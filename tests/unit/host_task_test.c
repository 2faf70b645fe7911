/* Trusted Lua that waits: what a task asks for, how it is answered, and what ends it. */
#include "check.h"
#include "host/task.h"

#include <lauxlib.h>

static struct host *host;
static struct host_object *object;
static struct pool pool;
static struct error err;

/* Those who carry out: an ask for {"now": value} is answered with it at once, {"later": value} when
 * `answer_all` says so, and anything else cannot be begun. */
static struct task_ask *later[8];
static size_t later_count, dropped;

static bool start(void *context, struct task_ask *ask, struct error *error)
{
    (void)context;
    const struct value *now = value_get(ask->what, "now");
    if (now)
        task_answer(ask, now);
    else if (value_get(ask->what, "later"))
        later[later_count++] = ask;
    else
        return error_set(error, ERROR_INVALID, "nobody does that");
    return true;
}

static void drop(void *context, struct task_ask *ask)
{
    (void)context;
    (void)ask;
    dropped++;
}

static void answer(size_t index)
{
    task_answer(later[index], value_get(later[index]->what, "later"));
}

static const char code[] =
    "local yield = coroutine.yield\n"
    "local M, Object = {}, {}\n"
    "Object.__index = Object\n"
    "function M.new(begin) return setmetatable({ count = begin }, Object) end\n"
    "function Object:add(more) self.count = self.count + more return self.count end\n"
    "function Object:together(asks) return yield(asks) end\n"
    "function Object:rounds(n) for i = 1, n do self:add(yield({ { now = i } })[1]) end\n"
    "    return self.count end\n"
    "function Object:refused() return yield({ { other = 1 } })[1] end\n"
    "function Object:raises() yield({ { now = 1 } }) error 'no' end\n"
    "function Object:invalid() error({ invalid = 'not that' }) end\n"
    "function Object:yields(what) yield(what) end\n"
    "function Object:returns_function() return print end\n"
    "function Object:for_ever() while true do yield({ { now = 1 } }) end end\n"
    "function Object:null() return yield({ { now = 1 }, { later = 2 } }) end\n"
    "package.loaded.made = M\n";

static bool load_code(lua_State *L, void *context, struct error *error)
{
    (void)context;
    (void)error;
    if (luaL_dostring(L, code))
        lua_error(L);
    return true;
}

static void set_up(void)
{
    struct value ten = value_integer(10);
    pool_init(&pool, 64 << 20);
    later_count = dropped = 0;
    CHECK(host_new(&host, &err) && host_protect(host, load_code, NULL, &err));
    CHECK(host_object_new(&object, host, "made", "new", &ten, 1, &err));
}

static void tear_down(void)
{
    host_object_free(object);
    host_free(host);
    pool_clear(&pool);
}

static struct value parse(const char *text)
{
    struct value value = value_null();
    CHECK(value_parse(&value, slice_of(text), false, &pool, &err));
    return value;
}

static struct task *begin(const char *method, const char *argument, struct task_end *end)
{
    static const struct task_ops ops = {start, drop};
    struct task *task = NULL;
    struct value value = parse(argument);
    struct task_params params = {object, method, &value, 1, &ops, NULL, task_ended, end};
    *end = (struct task_end){.pool = &pool};
    if (CHECK(task_new(&task, &params, &err)))
        task_run(task);
    return task;
}

static const char *ending(const struct task_end *end)
{
    struct buffer text;
    struct slice copy = {"", 0};
    if (!end->done)
        return "not done";
    if (!end->ok)
        return end->err.message;
    buffer_init(&text, 1 << 20);
    CHECK(value_write(&end->result, &text, &err) &&
          pool_copy(&pool, buffer_slice(&text), &copy, &err));
    buffer_clear(&text);
    return copy.data;
}

static void test_an_object_remembers(void)
{
    struct value two = value_integer(2);
    struct value sum;
    set_up();
    for (int i = 1; i <= 3; i++) {
        CHECK(host_object_call(object, "add", &two, 1, &sum, &pool, &err));
        CHECK(sum.integer == 10 + 2 * i);
    }
    CHECK(!host_object_call(object, "nothing", &two, 1, &sum, &pool, &err));
    CHECK(strstr(err.message, "has no method nothing"));
    tear_down();
}

static void test_answers_at_once(void)
{
    struct task_end end;
    set_up();
    struct task *task = begin("rounds", "100", &end);
    CHECK_TEXT(ending(&end), "5060");
    task_free(task);
    tear_down();
}

/* They come in any order, and stand in that of the asks. */
static void test_answers_later(void)
{
    struct task_end end;
    set_up();
    struct task *task = begin("together", "[{\"later\":\"a\"},{\"now\":{\"b\":[]}},{\"later\":3}]",
                              &end);
    CHECK(!end.done && later_count == 2);
    answer(1);
    CHECK(!end.done);
    answer(0);
    CHECK_TEXT(ending(&end), "[\"a\",{\"b\":[]},3]");
    task_free(task);
    CHECK(dropped == 0);
    tear_down();
}

static void test_what_cannot_be_begun(void)
{
    struct task_end end;
    set_up();
    struct task *task = begin("refused", "0", &end);
    CHECK_TEXT(ending(&end), "{\"lost\":true,\"message\":\"nobody does that\",\"refused\":true,"
                             "\"sent\":false}");
    task_free(task);
    tear_down();
}

static void test_dropped(void)
{
    struct task_end end;
    set_up();
    struct task *task = begin("together", "[{\"later\":1},{\"later\":2},{\"now\":3}]", &end);
    answer(0);
    task_free(task);
    CHECK(dropped == 1 && !end.done);
    tear_down();
}

/* Whatever goes wrong in Lua ends the task, and is told. */
static void test_errors(void)
{
    static const struct {
        const char *method, *argument, *message;
        enum error_code code;
    } cases[] = {
        {"raises", "0", ": no | ", ERROR_INTERNAL},
        {"invalid", "0", "not that", ERROR_INVALID},
        {"yields", "1", "yields: a task yields a list of what it asks for", ERROR_INTERNAL},
        {"yields", "[]", "yields: a task yields a list of what it asks for", ERROR_INTERNAL},
        {"returns_function", "0", "is a function", ERROR_INTERNAL},
        {"for_ever", "0", "for_ever: asks for more than", ERROR_LIMIT},
        {"not_there", "0", "has no method not_there", ERROR_INTERNAL},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct task_end end;
        struct task *task = NULL;
        static const struct task_ops ops = {start, drop};
        set_up();
        struct value value = parse(cases[i].argument);
        struct task_params params = {object, cases[i].method, &value, 1, &ops,
                                     NULL,   task_ended,      &end};
        end = (struct task_end){.pool = &pool};
        if (task_new(&task, &params, &end.err))
            task_run(task);
        CHECK(!end.ok && end.err.code == cases[i].code);
        if (!CHECK(strstr(end.err.message, cases[i].message)))
            fprintf(stderr, "%s: %s\n", cases[i].method, end.err.message);
        task_free(task);
        tear_down();
    }
}

/* An answer that cannot be handed over is an error of the task's, once the others are there. */
static void test_an_answer_with_a_hole(void)
{
    struct task_end end;
    set_up();
    struct task *task = begin("together", "[{\"later\":1},{\"later\":2}]", &end);
    struct value hole = parse("[1,null]");
    task_answer(later[0], &hole);
    CHECK(!end.done);
    answer(1);
    CHECK(end.done && !end.ok && strstr(end.err.message, "item 2 of a list is null"));
    task_free(task);
    tear_down();
}

static void test_how_long_a_wait_is(void)
{
    int64_t ms;
    struct value good[] = {value_integer(0), value_integer(TASK_WAIT_MAX)};
    struct value bad[] = {value_integer(-1), value_integer(TASK_WAIT_MAX + 1), value_float(1.0),
                          value_null()};
    for (size_t i = 0; i < sizeof good / sizeof *good; i++)
        CHECK(task_wait(&good[i], &ms, &err) && ms == good[i].integer);
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        CHECK(!task_wait(&bad[i], &ms, &err) && err.code == ERROR_INTERNAL);
}

static void free_itself(void *context, const struct value *result, const struct error *error)
{
    struct task **task = context;
    (void)error;
    CHECK(result && result->integer == 10);
    task_free(*task);
    *task = NULL;
}

static void test_freed_by_its_end(void)
{
    static const struct task_ops ops = {start, drop};
    static struct task *task;
    set_up();
    struct value none = value_integer(0);
    struct task_params params = {object, "rounds", &none, 1, &ops, NULL, free_itself, &task};
    CHECK(task_new(&task, &params, &err));
    task_run(task);
    CHECK(task == NULL);
    tear_down();
}

CHECK_MAIN({"an_object_remembers", test_an_object_remembers},
           {"answers_at_once", test_answers_at_once}, {"answers_later", test_answers_later},
           {"what_cannot_be_begun", test_what_cannot_be_begun}, {"dropped", test_dropped},
           {"errors", test_errors}, {"an_answer_with_a_hole", test_an_answer_with_a_hole},
           {"how_long_a_wait_is", test_how_long_a_wait_is},
           {"freed_by_its_end", test_freed_by_its_end})
