/* What a table of faults does to calls, deeds and an engine's life, over a fake account. */
#include "check.h"
#include "cli/injector.h"
#include "fake_account.h"
#include "host/host.h"
#include "world/recording_read.h"

#include <lauxlib.h>

#include <stdint.h>

enum { START = 1020000 };

static struct host *host;
static struct catalogue *catalogue;
static struct recording *recording;
static struct simulated *simulated;
static struct injector injector;
static struct injection injection;
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

static struct value parse(const char *text)
{
    struct value value = value_null();
    if (!CHECK(value_parse(&value, slice_of(text), false, &pool, &err)))
        fprintf(stderr, "%s: %s\n", text, err.message);
    return value;
}

static const char recorded[] =
    "{\"format\":\"tidelock-recording\",\"series\":[{\"arm\":\"service\",\"id\":1,"
    "\"metric\":\"requests\",\"period\":60000,\"statistic\":\"sum\"}],"
    "\"source\":\"test\",\"version\":1}\n"
    "{\"s\":1,\"t\":1020000,\"v\":1000000}\n{\"s\":1,\"t\":1080000,\"v\":1000000}\n";

static void set_up(void)
{
    pool_init(&pool, 64 << 20);
    CHECK(host_new(&host, &err) && host_catalogue(host, &catalogue, &err));
    CHECK(host_protect(host, run_code, (void *)(uintptr_t)fake_account, &err));
    CHECK(recording_open(&recording, slice_of(recorded), &err));
    struct simulated_params params = {
        .host = host, .traffic = {.recording = recording}, .start = START, .seed = 1};
    CHECK(simulated_new(&simulated, &params, &err));
    injector_init(&injector, simulated, catalogue);
    injector_live(&injector, NULL, (struct death){CRASH_NEVER, 0});
    world = &injector.world;
    injection = (struct injection){.call_count = 0};
}

static void tear_down(void)
{
    injector_clear(&injector);
    simulated_free(simulated);
    host_catalogue_free(catalogue);
    host_free(host);
    recording_free(recording);
    pool_clear(&pool);
}

static void begin(void)
{
    static struct value targets, home;
    targets = parse("[{\"name\":\"a\"},{\"name\":\"b\"}]");
    injector_set(&injector, &injection);
    CHECK(world->ops->begin(world, &targets, &home, &err));
}

static bool call(int64_t id, const char *operation)
{
    struct member members[] = {{slice_of("input"), parse("{\"name\":\"a\"}")},
                               {slice_of("operation"), value_text(operation)}};
    struct value request = {.kind = VALUE_OBJECT, .object = {members, 2}};
    return world->ops->call(world, id, &request, &err);
}

/* "ID at TIME: OUTCOME CODE" of what happens next. */
static const char *next(void)
{
    static char text[256];
    struct event event;
    if (!world->ops->next(world, &event, &pool, &err))
        return err.message;
    struct slice code = value_get_slice(&event.value, "code", "");
    struct slice by = value_get_slice(&event.value, "by", "");
    snprintf(text, sizeof text, "%d at %d: %s%s%.*s%.*s", (int)event.id,
             (int)(world->ops->now(world) - START),
             event.kind == EVENT_TIMER     ? "timer"
             : event.kind == EVENT_REQUEST ? request_name((enum request)event.id)
                                           : outcome_name(event.outcome),
             code.size + by.size ? " " : "", (int)code.size, code.data, (int)by.size, by.data);
    return text;
}

/* The calls 1 to `count` of this operation, one after the other: a letter for each, "." for one
 * that nothing befell. */
static const char *fates_of(const char *operation, int count)
{
    static char text[64];
    for (int i = 0; i < count; i++) {
        struct event event;
        CHECK(call(i + 1, operation) && world->ops->next(world, &event, &pool, &err));
        struct slice code = value_get_slice(&event.value, "code", "");
        text[i] = slice_is(code, "ThrottlingException")     ? 'T'
                  : slice_is(code, "AccessDeniedException") ? 'R'
                                                            : '.';
    }
    text[count] = '\0';
    return text;
}

static void add_call(struct call_fault fault)
{
    injection.calls[injection.call_count++] = fault;
}

static void test_names(void)
{
    for (int i = 0; i < FATE_COUNT; i++) {
        enum fate fate;
        CHECK(fate_parse(&fate, slice_of(fate_name((enum fate)i))) && (int)fate == i);
        CHECK(*fate_sentence(fate) && fate_of_call(fate)->answer_after > 0);
    }
    for (int i = 0; i < METRIC_FATE_COUNT; i++) {
        enum metric_fate fate;
        CHECK(metric_fate_parse(&fate, slice_of(metric_fate_name((enum metric_fate)i))) &&
              (int)fate == i);
    }
    for (int i = CRASH_NEVER + 1; i < CRASH_KIND_COUNT; i++) {
        enum crash_kind kind;
        CHECK(crash_kind_parse(&kind, slice_of(crash_kind_name((enum crash_kind)i))) &&
              (int)kind == i && *crash_kind_text(kind));
    }
    enum fate fate;
    enum crash_kind kind;
    CHECK(!fate_parse(&fate, slice_of("late")) && !crash_kind_parse(&kind, slice_of("")));
}

static void test_which_calls(void)
{
    set_up();
    add_call((struct call_fault){.fate = FATE_THROTTLED, .nth = 2, .times = 2});
    begin();
    CHECK_TEXT(fates_of("fake.read", 6), ".TT...");
    CHECK(injector.calls[0].met == 2 && injector.calls[0].seen == 6);
    tear_down();
    set_up();
    add_call((struct call_fault){
        .fate = FATE_REFUSED, .operation = slice_of("fake.other"), .nth = 1, .times = 1});
    add_call((struct call_fault){.fate = FATE_THROTTLED, .nth = 3});
    begin();
    CHECK_TEXT(fates_of("fake.read", 4), "..TT");
    CHECK_TEXT(fates_of("fake.other", 2), "RT");
    tear_down();
}

static void test_when(void)
{
    set_up();
    add_call((struct call_fault){.fate = FATE_THROTTLED, .nth = 1, .from = 1000, .length = 150});
    begin();
    CHECK(call(1, "fake.read"));
    next();
    CHECK(injector.calls[0].met == 0);
    CHECK(world->ops->timer(world, 2, START + 1000, &err));
    CHECK_TEXT(next(), "2 at 1000: timer");
    CHECK_TEXT(fates_of("fake.read", 4), "TT.."); /* at 1000, at 1100; over at 1150 */
    tear_down();
}

static void test_answers(void)
{
    set_up();
    add_call((struct call_fault){.fate = FATE_UNREACHED, .nth = 1, .times = 1});
    add_call((struct call_fault){.fate = FATE_EXPIRED, .nth = 2, .times = 1});
    begin();
    CHECK(call(1, "fake.read") && call(2, "fake.read"));
    CHECK_TEXT(next(), "1 at 100: rejected NotSent");
    CHECK_TEXT(next(), "2 at 100: rejected ExpiredTokenException");
    tear_down();
}

static void test_hands(void)
{
    set_up();
    injection.deed_count = 2;
    injection.deeds[0] = (struct deed){.at = 500, .request = REQUEST_PAUSE, .by = slice_of("ann")};
    injection.deeds[1] = (struct deed){.at = 0, .request = REQUEST_ABORT, .by = slice_of("bob")};
    begin();
    CHECK(world->ops->timer(world, 7, START + 200, &err));
    CHECK_TEXT(next(), "0 at 0: abort bob");
    CHECK_TEXT(next(), "7 at 200: timer");
    CHECK_TEXT(next(), "1 at 500: pause ann");
    CHECK(injector.deeds[0].met == 1 && injector.deeds[1].met == 1);
    tear_down();
}

static void test_death(void)
{
    struct buffer bytes;
    buffer_init(&bytes, 1 << 20);
    set_up();
    begin();
    injector_live(&injector, &bytes, (struct death){CRASH_BEFORE_SENDING, 2});
    struct journal_store *store = &injector.store;
    CHECK(store->append(store, slice_of("one\n"), &err) && store->sync(store, &err));
    CHECK(store->append(store, slice_of("two\n"), &err) && !store->sync(store, &err));
    CHECK(err.code == ERROR_KILLED && slice_is(buffer_slice(&bytes), "one\ntwo\n"));
    CHECK(!store->append(store, slice_of("three\n"), &err) && err.code == ERROR_KILLED);
    buffer_empty(&bytes);
    injector_live(&injector, &bytes, (struct death){CRASH_TORN_HALF, 0});
    CHECK(!store->append(store, slice_of("123456"), &err));
    CHECK(slice_is(buffer_slice(&bytes), "123"));
    buffer_empty(&bytes);
    injector_live(&injector, &bytes, (struct death){CRASH_LOST, 0});
    CHECK(!world->ops->next(world, &(struct event){.id = 0}, &pool, &err));
    CHECK(err.code == ERROR_KILLED);
    buffer_clear(&bytes);
    tear_down();
}

CHECK_MAIN({"names", test_names}, {"which calls", test_which_calls}, {"when", test_when},
           {"answers", test_answers}, {"hands", test_hands}, {"death", test_death})
