/* What undoing may meet: no way back, nothing to undo, an undo that takes its time; and a person
 * who takes back a run that was promoted. */
#include "engine_check.h"

static struct fake_world fake;
static struct engine *engine;
static struct engine_result result;
static struct journal_memory memory;

static struct engine_params params_with(struct journal *journal)
{
    static struct value header = {.kind = VALUE_OBJECT};
    return (struct engine_params){
        .world = &fake.world,
        .catalogue = &fake.catalogue,
        .script = &script.script,
        .journal = journal,
        .header = &header,
        .arguments = &header,
    };
}

static void run(const char *policy)
{
    struct journal journal;
    load(policy);
    journal_memory_clear(&memory);
    journal_memory_init(&memory, 64 << 20);
    journal_init(&journal, &memory.store);
    struct engine_params params = params_with(&journal);
    sandbox_rewind(sandbox);
    sandbox_seed(sandbox, 1);
    engine_run(engine, &params, &result);
    journal_clear(&journal);
}

static void set_up(void)
{
    CHECK(engine_new(&engine, &err));
}

static void tear_down(void)
{
    engine_free(engine);
    sandbox_free(sandbox);
    journal_memory_clear(&memory);
    pool_clear(&load_pool);
    pool_clear(&fake_pool);
}

static size_t place_of(const char *text)
{
    struct slice all = {memory.bytes.data, memory.bytes.size};
    size_t length = strlen(text);
    for (size_t i = 0; i + length <= all.size; i++) {
        if (memcmp(all.data + i, text, length) == 0)
            return i;
    }
    return SIZE_MAX;
}

static bool is_written(const char *text)
{
    return place_of(text) < memory.bytes.size;
}

static bool no_guard(struct catalogue *catalogue, struct slice operation, const struct value *undo,
                     const struct value *observed, int64_t now, struct value *guarded,
                     struct pool *pool, struct error *error)
{
    if (value_get_integer(value_get(undo, "input"), "key", 0) == 1)
        return error_set(error, ERROR_INVALID, "no way back");
    return fake_guard(catalogue, operation, undo, observed, now, guarded, pool, error);
}

/* One resource that cannot be put back does not keep the others from it. */
static void test_one_undo_is_impossible(void)
{
    static const struct catalogue_ops ops = {fake_plan,   fake_prepare, fake_state, no_guard,
                                             fake_steady, fake_passes,  fake_steps, fake_join};
    fake_init(&fake);
    fake.catalogue.ops = &ops;
    run("return function() begin() put(0, 1) put(1, 2) put(2, 3) error 'no' end");
    CHECK(result.outcome == RUN_NOT_RESTORED && result.conflicts == 1 && result.undone == 2);
    CHECK(fake.registers[0] == 100 && fake.registers[1] == 2 && fake.registers[2] == 102);
    CHECK(
        is_written("\"identity\":\"r1\",\"restored\":false,\"state\":2,\"why\":\"no way back\"}"));
    CHECK(is_written("\"identity\":\"r0\",\"restored\":true,\"state\":100}"));
}

static bool prepare_inert(struct catalogue *catalogue, const struct value *request,
                          const struct plan *plan, const struct value *observed,
                          struct value *before, struct value *after, struct value *undo,
                          struct pool *pool, struct error *error)
{
    bool ok = fake_prepare(catalogue, request, plan, observed, before, after, undo, pool, error);
    if (value_get_integer(value_get(request, "input"), "key", 0) == 1)
        *undo = value_null();
    return ok;
}

/* What does nothing by itself has no undo, and is no failure of the rollback. */
static void test_what_stays(void)
{
    static const struct catalogue_ops ops = {fake_plan,   prepare_inert, fake_state, fake_guard,
                                             fake_steady, fake_passes,   fake_steps, fake_join};
    fake_init(&fake);
    fake.catalogue.ops = &ops;
    run("return function() begin() put(0, 1) put(1, 2) put(2, 3) error 'no' end");
    CHECK(result.outcome == RUN_POLICY_FAILED && result.conflicts == 0 && result.undone == 2);
    CHECK(fake.registers[0] == 100 && fake.registers[1] == 2 && fake.registers[2] == 102);
}

static int waits;

static bool guard_waits(struct catalogue *catalogue, struct slice operation,
                        const struct value *undo, const struct value *observed, int64_t now,
                        struct value *guarded, struct pool *pool, struct error *error)
{
    if (waits-- > 0) {
        *guarded = fake_member(pool, "wait", value_integer(60000));
        return true;
    }
    return fake_guard(catalogue, operation, undo, observed, now, guarded, pool, error);
}

/* An undo that somebody is at work on takes its time, but not for ever. */
static void test_undo_takes_time(void)
{
    static const struct catalogue_ops ops = {fake_plan,   fake_prepare, fake_state, guard_waits,
                                             fake_steady, fake_passes,  fake_steps, fake_join};
    for (int long_enough = 0; long_enough < 2; long_enough++) {
        fake_init(&fake);
        fake.catalogue.ops = &ops;
        waits = long_enough ? INT32_MAX : 20;
        int64_t start = fake.now;
        run("return function() begin() put(0, 1) error 'no' end");
        CHECK(result.outcome == (long_enough ? RUN_NOT_RESTORED : RUN_POLICY_FAILED));
        CHECK(fake.registers[0] == (long_enough ? 1 : 100) && fake.puts == 2 - long_enough);
        CHECK(fake.now - start >= 20 * 60000 && fake.now - start < 2 * 60 * 60000);
    }
}

/* Register 1 takes its time to become what it shows, or never does. */
static bool steady_late(struct catalogue *catalogue, struct slice operation,
                        const struct value *input, const struct value *observed, int64_t *wait,
                        struct pool *pool, struct error *error)
{
    if (value_get_integer(input, "key", 0) != 1)
        return fake_steady(catalogue, operation, input, observed, wait, pool, error);
    *wait = waits > 0 ? 60000 : 0;
    return waits-- >= 0 || error_set(error, ERROR_INVALID, "given up");
}

/* "As it was" is said when AWS has carried it out, which may take an hour; meanwhile the others are
 * put back, though they were changed before. */
static void test_put_back_and_carried_out(void)
{
    static const struct catalogue_ops ops = {fake_plan,   fake_prepare, fake_state, fake_guard,
                                             steady_late, fake_passes,  fake_steps, fake_join};
    static const struct {
        int waits;
        enum run_outcome outcome;
        int64_t least;
    } cases[] = {{20, RUN_POLICY_FAILED, 20 * 60000},
                 {INT32_MAX, RUN_NOT_RESTORED, 60 * 60000},
                 {-1, RUN_NOT_RESTORED, 0}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        fake_init(&fake);
        fake.catalogue.ops = &ops;
        waits = cases[i].waits;
        int64_t start = fake.now;
        run("return function() begin() put(0, 1) put(1, 2) error 'no' end");
        CHECK(result.outcome == cases[i].outcome);
        CHECK(fake.registers[0] == 100 && fake.registers[1] == 101 && fake.puts == 4);
        CHECK(fake.now - start >= cases[i].least);
        CHECK(fake.now - start < cases[i].least + 60000);
        CHECK(is_written("\"found\":\"unsteady\""));
        CHECK(is_written("\"restored\":false,\"state\":101,\"why\":\"given up\"}") ==
              (cases[i].waits < 0));
        CHECK((place_of("\"identity\":\"r0\",\"restored\":true") <
               place_of("\"identity\":\"r1\",\"restored\"")) == (cases[i].waits > 0));
    }
}

static bool state_stays(struct catalogue *catalogue, struct slice operation,
                        const struct value *input, const struct value *observed,
                        struct value *state, struct pool *pool, struct error *error)
{
    (void)catalogue, (void)operation, (void)input, (void)observed, (void)pool, (void)error;
    *state = value_integer(fake.puts > 0 ? 1 : 100);
    return true;
}

static int lags, truths;

static bool state_lags(struct catalogue *catalogue, struct slice operation,
                       const struct value *input, const struct value *observed, struct value *state,
                       struct pool *pool, struct error *error)
{
    if (truths-- <= 0 && lags-- > 0) {
        *state = value_integer(100);
        return true;
    }
    return fake_state(catalogue, operation, input, observed, state, pool, error);
}

/* A look at what was just written may show what was there before: it counts for nothing unless it
 * holds. Where somebody did put it back it holds, and nothing is sent. */
static void test_a_read_that_lags(void)
{
    static const struct catalogue_ops ops = {fake_plan,   fake_prepare, state_lags, fake_guard,
                                             fake_steady, fake_passes,  fake_steps, fake_join};
    for (int for_ever = 0; for_ever < 2; for_ever++) {
        fake_init(&fake);
        fake.catalogue.ops = &ops;
        lags = for_ever ? INT32_MAX : 1;
        truths = 0;
        int64_t start = fake.now;
        run("return function() begin() put(0, 1) error 'no' end");
        CHECK(result.outcome == RUN_POLICY_FAILED);
        CHECK(fake.puts == 2 - for_ever && fake.registers[0] == (for_ever ? 1 : 100));
        CHECK(fake.now - start >= 3000 && fake.now - start < 6000);
    }
    fake_init(&fake); /* a run that went back by itself is no surprise */
    int64_t start = fake.now;
    run("return function() begin() put(0, 1) put(0, 100) error 'no' end");
    CHECK(fake.puts == 2 && fake.now - start < 3000);
}

/* However long refusals last, what was sent to undo a change is read back: what is as it was is
 * said to be, and nothing else is. */
static void test_an_undo_is_read_back(void)
{
    for (int64_t length = 0; length < 12000; length += 50) {
        fake_init(&fake);
        fake.outage_from = fake.now + 15;
        fake.outage_until = fake.outage_from + length;
        fake.outage_code = "AccessDenied";
        run("return function() begin() put(0, 1) error 'no' end");
        CHECK((fake.registers[0] == 100) == (result.conflicts == 0));
        CHECK((fake.registers[0] == 100) == (result.outcome == RUN_POLICY_FAILED));
    }
}

enum { SECOND = 1000, PATIENCE = 30 * 60 * SECOND };

static const char three[] =
    "return function() begin() put(0, 1) put(1, 2) put(2, 3) error 'no' end";

static bool all_as_before(void)
{
    return fake.registers[0] == 100 && fake.registers[1] == 101 && fake.registers[2] == 102;
}

/* An outage of any length below the patience, from any call of the rollback on: all is put back. */
static void test_outages_are_waited_for(void)
{
    static const int seconds[] = {1, 5, 12, 30, 120, 600, 1700};
    static const char *const codes[] = {WORLD_NOT_SENT, WORLD_LOST, "Throttling"};
    enum { LENGTHS = sizeof seconds / sizeof *seconds, CODES = 3, FORWARD = 60, BACK = 90 };
    for (int i = 0; i < LENGTHS * CODES * 2; i++) {
        for (int64_t at = FORWARD; at <= FORWARD + BACK; at += 10) {
            fake_init(&fake);
            fake.outage_from = fake.now + at;
            fake.outage_until = fake.outage_from + (int64_t)seconds[i % LENGTHS] * SECOND;
            fake.outage_code = codes[i / LENGTHS % CODES];
            fake.outage_lands = i >= LENGTHS * CODES;
            run(three);
            CHECK(result.outcome == RUN_POLICY_FAILED && all_as_before());
            CHECK(result.ended < fake.outage_until + 100 * SECOND);
        }
        pool_reset(&fake_pool);
    }
}

/* One that lasts longer is waited for until the patience is over, and no longer; what it does not
 * concern is put back meanwhile. */
static void test_patience_ends(void)
{
    fake_init(&fake);
    fake.outage_from = fake.now + 60;
    fake.outage_until = INT64_MAX;
    fake.outage_of_one = true;
    int64_t start = fake.now;
    run(three);
    CHECK(result.outcome == RUN_NOT_RESTORED && result.conflicts == 1);
    CHECK(result.ended >= start + PATIENCE && result.ended < start + PATIENCE + SECOND);
    CHECK(fake.registers[0] == 100 && fake.registers[1] == 2 && fake.registers[2] == 102);
    CHECK(place_of("\"identity\":\"r0\",\"restored\":true") <
          place_of("\"identity\":\"r1\",\"restored\""));
    CHECK(is_written("\"why\":\"nobody could say how it is for 30m (NotSent)\""));
}

/* What AWS cannot say before anything was touched is no fault of the policy's. */
static void test_refused_or_not_asked(void)
{
    static const struct {
        const char *code;
        enum run_outcome outcome;
    } rows[] = {{WORLD_NOT_SENT, RUN_TOOL_FAILED},
                {WORLD_LOST, RUN_TOOL_FAILED},
                {"Throttling", RUN_TOOL_FAILED},
                {"AccessDenied", RUN_REFUSED}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        fake_init(&fake);
        fake.outage_from = fake.now;
        fake.outage_until = INT64_MAX;
        fake.outage_code = rows[i].code;
        run(three);
        CHECK(result.outcome == rows[i].outcome && fake.puts == 0);
    }
}

/* A definite refusal is no outage: it is tried again a few times, when the others had their turn.
 */
static void test_refusals_are_not_waited_for(void)
{
    fake_init(&fake);
    fake.outage_from = fake.now + 60;
    fake.outage_until = INT64_MAX;
    fake.outage_of_one = true;
    fake.outage_code = "AccessDenied";
    int64_t start = fake.now;
    run(three);
    CHECK(result.outcome == RUN_NOT_RESTORED && result.conflicts == 1);
    CHECK(result.ended < start + 30 * SECOND && !is_written("\"again\":"));
    CHECK(place_of("\"identity\":\"r0\",\"restored\":true") <
          place_of("\"identity\":\"r1\",\"restored\""));
}

/* An undo that takes no effect, though AWS says that it does, is not sent for ever. */
static void test_an_undo_without_effect(void)
{
    static const struct catalogue_ops ops = {fake_plan,   fake_prepare, state_stays, fake_guard,
                                             fake_steady, fake_passes,  fake_steps,  fake_join};
    fake_init(&fake);
    fake.catalogue.ops = &ops;
    run("return function() begin() put(0, 1) error 'no' end");
    CHECK(result.outcome == RUN_NOT_RESTORED && fake.puts == 6);
    CHECK(is_written("\"why\":\"it was undone 5 times, and still shows what the run made\""));
}

/* The world hears of it before anything is put back, and of no commit. */
static void test_the_world_is_told(void)
{
    fake_init(&fake);
    run("return function() begin() put(0, 1) error 'no' end");
    CHECK(fake.halts == 1);
    fake_init(&fake);
    run("return function() begin() put(0, 1) end");
    CHECK(fake.halts == 0);
}

/* Neither is an undo that AWS refused a reason to believe a look that shows what was before. */
static void test_an_undo_that_is_refused(void)
{
    static const struct catalogue_ops ops = {fake_plan,   fake_prepare, state_lags, fake_guard,
                                             fake_steady, fake_passes,  fake_steps, fake_join};
    for (int fault = FAKE_REJECTED; fault <= FAKE_LOST_NOT_LANDED; fault++) {
        fake_init(&fake);
        fake.catalogue.ops = &ops;
        fake.fault_at = 2;
        fake.fault = (enum fake_fault)fault;
        truths = 1;
        lags = 1;
        run("return function() begin() put(0, 1) error 'no' end");
        CHECK(result.outcome == RUN_POLICY_FAILED && result.conflicts == 0);
        CHECK(fake.registers[0] == 100);
    }
}

typedef void take_fn(struct engine *engine, const struct engine_params *params,
                     const struct journal_scan *scan, struct engine_result *result);

/* Another process takes up the first `keep` records (all: SIZE_MAX). */
static void take(take_fn *how, size_t keep)
{
    static struct pool pool = {.max = 64 << 20};
    static struct journal_memory copy;
    struct journal_scan scan;
    struct journal journal;
    journal_memory_clear(&copy);
    journal_memory_init(&copy, 64 << 20);
    size_t size = 0;
    for (size_t lines = 0; size < memory.bytes.size && lines < keep; size++)
        lines += memory.bytes.data[size] == '\n';
    CHECK(buffer_append(&copy.bytes, (struct slice){memory.bytes.data, size}, &err));
    pool_reset(&pool);
    CHECK(journal_read(&scan, (struct slice){memory.bytes.data, size}, &pool, &err));
    journal_init(&journal, &copy.store);
    journal_continue(&journal, &scan);
    struct engine_params params = params_with(&journal);
    how(engine, &params, &scan, &result);
    journal_clear(&journal);
}

static size_t count_records(void)
{
    size_t count = 0;
    for (size_t i = 0; i < memory.bytes.size; i++)
        count += memory.bytes.data[i] == '\n';
    return count;
}

static const char promoted[] = "return function() begin() put(0, 1) put(1, 2) end";

static void test_a_promoted_run_is_taken_back(void)
{
    fake_init(&fake);
    run(promoted);
    CHECK(result.outcome == RUN_PROMOTED && fake.registers[0] == 1);
    take(engine_undo, SIZE_MAX);
    CHECK(result.outcome == RUN_ABORTED && result.undone == 2);
    CHECK(fake.registers[0] == 100 && fake.registers[1] == 101);
}

/* Between its commit and its end a run is promoted already: to recover it is to say so. */
static void test_a_committed_run_stays(void)
{
    fake_init(&fake);
    run(promoted);
    size_t records = count_records();
    take(engine_recover, records - 1);
    CHECK(result.outcome == RUN_PROMOTED && result.undone == 0);
    take(engine_recover, records);
    CHECK(fake.registers[0] == 1 && fake.registers[1] == 2);
}

static void test_what_was_rolled_back_is_left(void)
{
    fake_init(&fake);
    run("return function() begin() put(0, 1) error 'no' end");
    int puts = fake.puts;
    take(engine_undo, SIZE_MAX);
    CHECK(fake.puts == puts && fake.registers[0] == 100);
}

CHECK_MAIN({"set_up", set_up}, {"one_undo_is_impossible", test_one_undo_is_impossible},
           {"what_stays", test_what_stays}, {"undo_takes_time", test_undo_takes_time},
           {"put_back_and_carried_out", test_put_back_and_carried_out},
           {"a_read_that_lags", test_a_read_that_lags},
           {"an_undo_is_read_back", test_an_undo_is_read_back},
           {"outages_are_waited_for", test_outages_are_waited_for},
           {"patience_ends", test_patience_ends},
           {"refusals_are_not_waited_for", test_refusals_are_not_waited_for},
           {"an_undo_without_effect", test_an_undo_without_effect},
           {"the_world_is_told", test_the_world_is_told},
           {"an_undo_that_is_refused", test_an_undo_that_is_refused},
           {"promoted_is_taken_back", test_a_promoted_run_is_taken_back},
           {"committed_stays", test_a_committed_run_stays},
           {"rolled_back_is_left", test_what_was_rolled_back_is_left},
           {"refused_or_not_asked", test_refused_or_not_asked}, {"tear_down", tear_down})
