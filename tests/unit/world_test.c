/* The simulated world over a fake account. */
#include "check.h"
#include "fake_account.h"
#include "host/host.h"
#include "judge/judge.h"
#include "world/queue.h"
#include "world/recording_read.h"
#include "world/simulated.h"

#include <lauxlib.h>

#include <stdint.h>

enum { START = 1020000 };

static struct host *host;
static struct recording *recording;
static struct simulated *simulated;
static struct world *world;
static struct pool pool;
static struct error err;

static bool run_code(lua_State *L, void *context, struct error *error)
{
    (void)error;
    if (luaL_dostring(L, context))
        lua_error(L);
    return true;
}

static void run(const char *code)
{
    if (!CHECK(host_protect(host, run_code, (void *)(uintptr_t)code, &err)))
        fprintf(stderr, "%s\n", err.message);
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

/* How often the fake account was entered. */
static int64_t lua_calls(void)
{
    struct value back = value_null();
    CHECK(host_call(host, "simulation.account", "calls", NULL, 0, &back, &pool, &err));
    return back.integer;
}

static const char recorded[] =
    "{\"format\":\"tidelock-recording\",\"series\":[{\"arm\":\"service\",\"id\":1,"
    "\"metric\":\"requests\",\"period\":60000,\"statistic\":\"sum\"}],"
    "\"source\":\"test\",\"version\":1}\n"
    "{\"s\":1,\"t\":960000,\"v\":1000000000}\n"
    "{\"s\":1,\"t\":1020000,\"v\":1000000000}\n"
    "{\"s\":1,\"t\":1080000,\"v\":1000000000}\n"
    "{\"s\":1,\"t\":1140000,\"v\":1000000000}\n";

static void set_up(void)
{
    pool_init(&pool, 64 << 20);
    CHECK(host_new(&host, &err));
    run(fake_account);
    CHECK(recording_open(&recording, slice_of(recorded), &err));
    struct simulated_params params = {
        .host = host, .traffic = {.recording = recording}, .start = START, .seed = 1};
    if (!CHECK(simulated_new(&simulated, &params, &err)))
        fprintf(stderr, "%s\n", err.message);
    world = simulated_world(simulated);
}

static void tear_down(void)
{
    simulated_free(simulated);
    host_free(host);
    recording_free(recording);
    pool_clear(&pool);
}

static struct value targets, home;

static void begin(void)
{
    targets = parse("[{\"name\":\"a\"},{\"name\":\"b\"}]");
    if (!CHECK(world->ops->begin(world, &targets, &home, &err)))
        fprintf(stderr, "%s\n", err.message);
}

static bool call(int64_t id, const char *operation, const char *input)
{
    struct member members[] = {{slice_of("input"), parse(input)},
                               {slice_of("operation"), value_text(operation)}};
    struct value request = {.kind = VALUE_OBJECT, .object = {members, 2}};
    return world->ops->call(world, id, &request, &err);
}

/* "ID at TIME: OUTCOME VALUE" of what happens next; times count from the start. */
static const char *next(void)
{
    static const char *const outcomes[] = {"ok", "rejected", "unknown"};
    static char text[256];
    struct event event;
    if (!world->ops->next(world, &event, &pool, &err))
        return err.message;
    snprintf(
        text, sizeof text, "%d at %d: %s %s", (int)event.id, (int)(world->ops->now(world) - START),
        event.kind == EVENT_TIMER ? "timer" : outcomes[event.outcome], write_value(&event.value));
    return text;
}

static void test_queue(void)
{
    static const struct queued items[] = {
        {.at = 5, .id = 2}, {.at = 5, .id = 1},  {.at = 3, .id = 9}, {.at = 9, .id = 0},
        {.at = 5, .id = 1}, {.at = 1, .id = 10}, {.at = 7, .id = 3}, {.at = 3, .id = 8}};
    static const int order[] = {10, 8, 9, 1, 1, 2, 3, 0};
    struct queue queue;
    struct queued item;
    uint64_t before = 0;
    queue_init(&queue);
    CHECK(!queue_take(&queue, &item));
    for (size_t i = 0; i < 8; i++)
        CHECK(queue_add(&queue, items[i], &err));
    for (size_t i = 0; i < 8; i++) {
        CHECK(queue_take(&queue, &item) && item.id == order[i]);
        CHECK(item.id != 1 || item.order >= before);
        before = item.id == 1 ? item.order : before;
    }
    CHECK(!queue_take(&queue, &item));
    for (int64_t i = 0; i < 100; i++)
        CHECK(queue_add(&queue, (struct queued){.at = i * 37 % 101, .id = i}, &err));
    for (int64_t i = 0, last = -1; i < 100; i++) {
        CHECK(queue_take(&queue, &item) && item.at > last);
        last = item.at;
    }
    queue_clear(&queue);
}

static void test_time(void)
{
    set_up();
    begin();
    CHECK(world->ops->now(world) == START);
    CHECK_TEXT(next(), "nothing was started, nothing can be waited for");
    CHECK(world->ops->timer(world, 3, START + 50, &err));
    CHECK(call(1, "kv.put", "{\"name\":\"a\",\"to\":10}"));
    CHECK(call(2, "kv.get", "{\"name\":\"a\"}"));
    CHECK(call(4, "kv.get", "{\"name\":\"none\"}"));
    CHECK_TEXT(next(), "2 at 10: ok {\"at\":1020010,\"is\":0}");
    CHECK_TEXT(next(), "4 at 10: rejected {\"code\":\"NotFound\",\"message\":\"no none\"}");
    CHECK_TEXT(next(), "3 at 50: timer null");
    CHECK_TEXT(next(), "1 at 100: ok {\"is\":10}");
    CHECK(call(5, "kv.get", "{\"name\":\"a\"}"));
    CHECK(world->ops->timer(world, 6, START, &err));
    CHECK_TEXT(next(), "6 at 100: timer null");
    CHECK_TEXT(next(), "5 at 110: ok {\"at\":1020110,\"is\":10}");
    tear_down();
}

/* What counts is when a call lands, not when it was sent. */
static void test_landing_order(void)
{
    set_up();
    begin();
    CHECK(call(1, "kv.put", "{\"name\":\"a\",\"to\":1,\"slow\":500}"));
    CHECK(call(2, "kv.put", "{\"name\":\"a\",\"to\":2}"));
    CHECK_TEXT(next(), "2 at 100: ok {\"is\":2}");
    CHECK_TEXT(next(), "1 at 500: ok {\"is\":1}");
    CHECK(call(3, "kv.get", "{\"name\":\"a\"}"));
    CHECK_TEXT(next(), "3 at 510: ok {\"at\":1020510,\"is\":1}");
    tear_down();
}

/* The account is asked once, when the call lands: not to see how long it will take. */
static void test_performed_once(void)
{
    set_up();
    begin();
    int64_t calls = lua_calls();
    CHECK(call(1, "kv.put", "{\"name\":\"a\",\"to\":10}"));
    CHECK(lua_calls() == calls);
    CHECK_TEXT(next(), "1 at 100: ok {\"is\":10}");
    CHECK(lua_calls() == calls + 1);
    tear_down();
}

static void test_errors(void)
{
    set_up();
    struct value bad = parse("[{\"title\":\"a\"}]");
    CHECK(!call(1, "kv.get", "{\"name\":\"a\"}") && err.code == ERROR_INTERNAL);
    CHECK(!world->ops->begin(world, &bad, &home, &err) && err.code == ERROR_INVALID);
    CHECK_TEXT(err.message, "a target needs a name");
    begin();
    CHECK(call(1, "kv.break", "{\"name\":\"a\"}"));
    const char *told = next();
    CHECK(err.code == ERROR_INTERNAL);
    CHECK(strncmp(told, "kv.break: ", 10) == 0 && strstr(told, "broken"));
    CHECK(call(1, "kv.get", "{\"name\":\"b\"}"));
    CHECK_TEXT(next(), "1 at 110: ok {\"at\":1020110,\"is\":0}");
    tear_down();
}

static bool sample_of(const struct value *target, int64_t after, struct sample *sample)
{
    struct slice metric = slice_of("requests");
    struct sample_request request = {target, &metric, 1, after, 0, NULL};
    *sample = (struct sample){0};
    return world->ops->sample(world, &request, sample, &err);
}

/* Percent of the requests that the canary got. */
static double canary_percent(const struct value *target, int64_t after)
{
    struct sample sample;
    if (!CHECK(sample_of(target, after, &sample)) || !CHECK(sample.ready))
        return -1;
    return sample.canary[0].value * 100 / (sample.canary[0].value + sample.baseline[0].value);
}

static bool is_near(double value, double expected)
{
    return value > expected - 0.02 && value < expected + 0.02;
}

static void wait_until(int64_t at)
{
    struct event event;
    CHECK(world->ops->timer(world, 1000, START + at, &err));
    do
        CHECK(world->ops->next(world, &event, &pool, &err));
    while (event.id != 1000);
}

static void test_shares(void)
{
    struct sample sample;
    set_up();
    begin();
    const struct value *a = &targets.array.items[0];
    const struct value *b = &targets.array.items[1];
    CHECK(sample_of(a, START, &sample) && !sample.ready);
    wait_until(14900);
    CHECK(call(1, "kv.put",
               "{\"name\":\"a\",\"to\":40}")); /* lands at 15 s, carries traffic at 16 s */
    wait_until(29900);
    CHECK(call(2, "kv.put",
               "{\"name\":\"a\",\"to\":100}")); /* lands at 30 s, carries traffic at 31 s */
    wait_until(120000);
    CHECK(is_near(canary_percent(a, START), (15 * 40 + 29 * 100) / 60.0));
    CHECK(is_near(canary_percent(b, START), 0));
    CHECK(is_near(canary_percent(a, START + 1), 100));
    CHECK(is_near(canary_percent(a, START), (15 * 40 + 29 * 100) / 60.0));
    struct value asked = parse("{\"metric\":\"requests\",\"arm\":\"baseline\",\"from\":900000,"
                               "\"to\":1080000,\"target\":{\"name\":\"b\"}}");
    struct value points;
    CHECK(world->ops->query(world, &asked, &points, &pool, &err));
    CHECK(value_get(&points, "points")->array.count > 0);
    struct value stranger = parse("{\"name\":\"z\"}");
    CHECK(!sample_of(&stranger, START, &sample) && strstr(err.message, "no target z"));
    CHECK(is_near(canary_percent(a, START + 1), 100));
    tear_down();
}

static const char *one_run(void)
{
    static char text[1024];
    begin();
    CHECK(call(1, "kv.put", "{\"name\":\"a\",\"to\":40}"));
    int size = snprintf(text, sizeof text, "%s;", next());
    wait_until(60000);
    CHECK(call(2, "kv.put", "{\"name\":\"a\",\"to\":0}"));
    size += snprintf(text + size, sizeof text - (size_t)size, "%s;", next());
    CHECK(call(3, "kv.get", "{\"name\":\"a\"}"));
    size += snprintf(text + size, sizeof text - (size_t)size, "%s;", next());
    wait_until(120000);
    snprintf(text + size, sizeof text - (size_t)size, "%.6f %.6f",
             canary_percent(&targets.array.items[0], START),
             canary_percent(&targets.array.items[0], START + 1));
    return text;
}

static void test_runs_are_alike(void)
{
    char first[1024];
    set_up();
    snprintf(first, sizeof first, "%s", one_run());
    int64_t calls = lua_calls();
    CHECK(simulated_reset(simulated, 2, &err));
    CHECK(strcmp(first, one_run()) != 0);
    CHECK(simulated_reset(simulated, 1, &err));
    CHECK_TEXT(one_run(), first);
    CHECK(lua_calls() == calls);
    tear_down();
}

static const char *difference(void)
{
    struct slice text = slice_of("");
    bool equal = false;
    CHECK(simulated_equal(simulated, simulated_origin(simulated), simulated_snapshot(simulated),
                          &equal, &text, &pool, &err));
    CHECK(equal == (text.size == 0));
    return text.data;
}

static void crash(bool land)
{
    set_up();
    CHECK(!simulated_snapshot(simulated) && !simulated_origin(simulated));
    begin();
    CHECK_TEXT(difference(), "");
    CHECK(call(1, "kv.put", "{\"name\":\"b\",\"to\":7}"));
    CHECK(world->ops->timer(world, 2, START + 10, &err));
    simulated_drop_inflight(simulated, land);
    CHECK(simulated_pass(simulated, 99, &err) && world->ops->now(world) == START + 99);
    CHECK_TEXT(difference(), "");
    CHECK(call(3, "kv.get", "{\"name\":\"b\"}"));
    CHECK_TEXT(next(), land ? "3 at 109: ok {\"at\":1020109,\"is\":7}"
                            : "3 at 109: ok {\"at\":1020109,\"is\":0}");
    CHECK_TEXT(difference(), land ? "numbers.b" : "");
    CHECK(simulated_restore(simulated, simulated_origin(simulated), &err));
    CHECK_TEXT(difference(), "");
    tear_down();
}

/* It lands in its time, also for who waits for something else, and nobody is told. */
static void test_call_unheard(void)
{
    struct member members[] = {{slice_of("input"), value_null()},
                               {slice_of("operation"), value_text("kv.put")}};
    struct value request = {.kind = VALUE_OBJECT, .object = {members, 2}};
    set_up();
    members[0].value = parse("{\"name\":\"b\",\"to\":7}");
    CHECK(!simulated_call_unheard(simulated, &request, 400, &err)); /* nothing has begun */
    begin();
    CHECK(simulated_call_unheard(simulated, &request, 400, &err));
    CHECK(call(1, "kv.get", "{\"name\":\"b\"}"));
    CHECK(world->ops->timer(world, 2, START + 600, &err));
    CHECK_TEXT(next(), "1 at 10: ok {\"at\":1020010,\"is\":0}");
    CHECK(simulated_pass(simulated, 489, &err));
    CHECK_TEXT(difference(), "");
    CHECK(simulated_pass(simulated, 1, &err));
    CHECK_TEXT(difference(), "numbers.b");
    tear_down();
}

static void test_crash_lost(void)
{
    crash(false);
}

static void test_crash_landed(void)
{
    crash(true);
}

/* What policies can ask for and what there is: one judge of each name in stdlib/ and in core/judge.
 */
static void test_judges_of_the_stdlib(void)
{
    static const char prefix[] = "stdlib/judge_";
    size_t count = 0;
    for (; judge_at(count); count++) {
        char path[64];
        struct slice text;
        snprintf(path, sizeof path, "%s%s.lua", prefix, judge_at(count)->name);
        if (!CHECK(host_file(path, &text)))
            fprintf(stderr, "%s\n", path);
    }
    CHECK(host_file_name(prefix, count - 1) && !host_file_name(prefix, count));
}

CHECK_MAIN({"queue", test_queue}, {"time", test_time}, {"landing_order", test_landing_order},
           {"performed_once", test_performed_once}, {"errors", test_errors},
           {"shares", test_shares}, {"runs_are_alike", test_runs_are_alike},
           {"call_unheard", test_call_unheard}, {"crash_lost", test_crash_lost},
           {"crash_landed", test_crash_landed}, {"judges_of_the_stdlib", test_judges_of_the_stdlib})
