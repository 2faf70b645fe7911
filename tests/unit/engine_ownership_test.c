/* Whose state a resource shows: what somebody else put there is never written over, be it what the
 * run found or an earlier state of its own; and a read that lags is nobody's hand. */
#include "engine_check.h"

static struct fake_world fake;
static struct engine *engine;
static struct engine_result result;
static struct journal_memory memory;

enum { SECOND = 1000, MINUTE = 60 * SECOND, SETTLE = 3 * SECOND };

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

static bool is_written(const char *text)
{
    return memmem(memory.bytes.data, memory.bytes.size, text, strlen(text)) != NULL;
}

/* Minutes 0 to 4 of the run, at 1, 2, 3 and 4; the register had 100. */
static const char steps[] = "return function() begin()\n"
                            "  for i = 1, 4 do put(0, i) watch(60000) end\n"
                            "end";

/* At any moment of the run somebody puts the register back to what it was, to an earlier state of
 * the run, or to something else: nothing of that is written over, and nothing is committed. */
static void test_a_hand_at_any_moment(void)
{
    static const int64_t writes[] = {100, 1, 2, 3, 777};
    for (size_t i = 0; i < sizeof writes / sizeof *writes; i++) {
        for (int64_t at = 15; at < 4 * MINUTE; at += 1717) {
            fake_init(&fake);
            fake.hand_at = fake.now + at;
            fake.hand_writes = writes[i];
            run(steps);
            if (fake.hand_at == INT64_MAX && writes[i] == fake.hand_found)
                continue; /* what the run had made: nobody sees a difference */
            bool ok = CHECK(fake.registers[0] == writes[i] && result.cause == CAUSE_CONFLICT);
            ok = CHECK(result.outcome == (writes[i] == 100 ? RUN_NO_DECISION : RUN_NOT_RESTORED)) &&
                 ok;
            if (!ok)
                fprintf(stderr, "%lld at %lld: %lld, %s\n", (long long)writes[i], (long long)at,
                        (long long)fake.registers[0], result.reason);
        }
        pool_reset(&fake_pool);
    }
}

/* Nor does it matter that an undo was sent: an earlier state that shows after it is somebody's. */
static void test_a_hand_on_the_way_back(void)
{
    static const char policy[] = "return function() begin()\n"
                                 "  put(0, 1) put(0, 2) put(0, 3) error 'no' end";
    int overwritten = 0, kept = 0;
    fake_init(&fake);
    int64_t start = fake.now;
    run(policy);
    int64_t end = result.ended;
    for (int64_t at = start; at <= end; at++) {
        for (int64_t writes = 1; writes <= 2; writes++) {
            fake_init(&fake);
            fake.hand_at = at;
            fake.hand_writes = writes;
            run(policy);
            bool seen = fake.hand_at == INT64_MAX && fake.hand_found == 100 && fake.puts == 4;
            kept += seen && fake.registers[0] == writes && result.outcome == RUN_NOT_RESTORED;
            overwritten += fake.hand_at == INT64_MAX && fake.puts > 4;
        }
        pool_reset(&fake_pool);
    }
    CHECK(overwritten == 0 && kept > 0);
}

static bool in_steps(struct catalogue *catalogue, struct slice operation)
{
    (void)catalogue;
    (void)operation;
    return true;
}

static void init_in_steps(void)
{
    static struct catalogue_ops ops;
    fake_init(&fake);
    ops = fake_catalogue_ops;
    ops.steps = in_steps;
    fake.catalogue.ops = &ops;
    fake.steps = true;
}

/* Where AWS undoes in steps, such a state is one of them. */
static void test_a_way_back_in_steps(void)
{
    init_in_steps();
    run("return function() begin() put(0, 1) put(0, 2) put(0, 3) error 'no' end");
    CHECK(result.outcome == RUN_POLICY_FAILED && fake.registers[0] == 100);
    init_in_steps();
    fake.lag = SETTLE - 1;
    run("return function() begin() put(0, 1) put(0, 2) put(0, 3) error 'no' end");
    CHECK(result.outcome == RUN_POLICY_FAILED && fake.registers[0] == 100);
}

/* A policy may go to and fro: what counts is the last state, however often it was there before. */
static void test_to_and_fro(void)
{
    static const char policy[] = "return function() begin()\n"
                                 "  put(0, 10) put(0, 20) put(0, 10) watch(60000)\n"
                                 "end";
    fake_init(&fake);
    run(policy);
    CHECK(result.outcome == RUN_PROMOTED && fake.registers[0] == 10);
    for (int64_t to = 20; to <= 100; to += 80) {
        fake_init(&fake);
        fake.hand_at = fake.now + 30 * SECOND;
        fake.hand_writes = to;
        run(policy);
        CHECK(result.cause == CAUSE_CONFLICT && fake.registers[0] == to && fake.puts == 3);
    }
    fake_init(&fake); /* and back where it began */
    run("return function() begin() put(0, 10) put(0, 100) end");
    CHECK(result.outcome == RUN_PROMOTED && fake.registers[0] == 100);
}

/* Reads lag for less than the settling window: nobody is taken for a stranger, going forward,
 * before the commit and going back. */
static void test_reads_that_lag(void)
{
    for (int64_t lag = 5; lag < SETTLE; lag += 50) {
        fake_init(&fake);
        fake.lag = lag;
        run("return function() begin() put(0, 10) put(0, 20) put(0, 30) end");
        CHECK(result.outcome == RUN_PROMOTED && fake.registers[0] == 30 && fake.puts == 3);
        fake_init(&fake);
        fake.lag = lag;
        run("return function() begin() put(0, 10) put(0, 20) error 'no' end");
        CHECK(result.outcome == RUN_POLICY_FAILED && fake.registers[0] == 100);
        CHECK(result.conflicts == 0);
    }
}

/* Branches that change one resource at the same time made both of its states. */
static void test_branches_on_one_resource(void)
{
    for (int delay = 0; delay < 40; delay += 3) {
        char policy[256];
        snprintf(policy, sizeof policy,
                 "return function() begin() effect.parallel{function() put(0, 1) end,\n"
                 "  function() ask{kind='sleep', ['for']=%d} put(0, 2) end} end",
                 delay);
        fake_init(&fake);
        run(policy);
        CHECK(result.outcome == RUN_PROMOTED && fake.registers[0] <= 2);
    }
}

/* Every other resource is put back, though one is somebody else's. */
static void test_the_rest_is_put_back(void)
{
    fake_init(&fake);
    fake.hand_at = fake.now + MINUTE;
    fake.hand_writes = 777;
    run("return function() begin() put(0, 1) put(1, 2) put(2, 3) watch(120000) end");
    CHECK(result.outcome == RUN_NOT_RESTORED && result.conflicts == 1);
    CHECK(fake.registers[0] == 777 && fake.registers[1] == 101 && fake.registers[2] == 102);
    CHECK(is_written("\"restored\":false,\"state\":777,\"why\":\"somebody else changed it\"}"));
    CHECK_TEXT(result.reason, "r0 was changed by somebody else meanwhile: it shows 777; the run "
                              "found 100 and made 1");
}

/* Nobody can say before the commit what a resource shows: an outage is waited for, and a refusal is
 * no commit. */
static void test_an_outage_before_the_commit(void)
{
    for (int64_t seconds = 1; seconds <= 900; seconds = seconds * 3 + 1) {
        fake_init(&fake);
        fake.outage_from = fake.now + 30;
        fake.outage_until = fake.outage_from + seconds * SECOND;
        run("return function() begin() put(0, 1) ask{kind='sleep', ['for']=20} end");
        CHECK(result.outcome == RUN_PROMOTED && fake.registers[0] == 1);
    }
    fake_init(&fake);
    fake.outage_from = fake.now + 30;
    fake.outage_until = fake.outage_from + 20 * SECOND;
    fake.outage_code = "AccessDenied";
    run("return function() begin() put(0, 1) ask{kind='sleep', ['for']=20} end");
    CHECK(result.outcome == RUN_NOT_RESTORED || result.outcome == RUN_NO_DECISION);
    CHECK(result.cause == CAUSE_UNCONFIRMED);
    CHECK_TEXT(result.reason, "r0 could not be read before the commit, so nobody knows whether it "
                              "is as the run made it: AccessDenied");
}

/* What is asked while it is looked at, is done; and it is looked at again after a pause. */
static void test_asked_before_the_commit(void)
{
    for (int64_t at = 20; at < 31; at++) {
        fake_init(&fake);
        fake.interrupt_at = fake.now + at;
        run("return function() begin() put(0, 1) end");
        CHECK(result.outcome == RUN_INTERRUPTED ? fake.registers[0] == 100
                                                : result.outcome == RUN_PROMOTED && at == 30);
        fake_init(&fake);
        fake_ask(&fake, REQUEST_PAUSE, fake.now + at);
        fake_ask(&fake, REQUEST_RESUME, fake.now + MINUTE);
        fake.hand_at = fake.now + 30 * SECOND;
        fake.hand_writes = 100;
        run("return function() begin() put(0, 1) end");
        CHECK(result.cause == CAUSE_CONFLICT || at == 30);
        CHECK(fake.puts == 1);
    }
}

CHECK_MAIN({"set_up", set_up}, {"a_hand_at_any_moment", test_a_hand_at_any_moment},
           {"a_hand_on_the_way_back", test_a_hand_on_the_way_back},
           {"a_way_back_in_steps", test_a_way_back_in_steps}, {"to_and_fro", test_to_and_fro},
           {"reads_that_lag", test_reads_that_lag},
           {"branches_on_one_resource", test_branches_on_one_resource},
           {"the_rest_is_put_back", test_the_rest_is_put_back},
           {"an_outage_before_the_commit", test_an_outage_before_the_commit},
           {"asked_before_the_commit", test_asked_before_the_commit}, {"tear_down", tear_down})
