/* Approvals: who may give them, which one is meant, what becomes of it when nobody does, and what
 * is watched meanwhile. The fake world begins at 600000; a put takes 20 ms. */
#include "engine_check.h"

enum { BEGIN = 600000, MINUTE = 60000, HOUR = 60 * MINUTE, FIRST = 3 };

static struct fake_world fake;
static struct engine *engine;
static struct engine_result result;
static struct journal_memory memory;

/* A run that asks for an approval within the hour, as effect 3, with one put before and one after;
 * `more` are fields of the effect. */
static void run(const char *more)
{
    static struct value header = {.kind = VALUE_OBJECT};
    char text[1024];
    struct journal journal;
    journal_memory_clear(&memory);
    journal_memory_init(&memory, 64 << 20);
    journal_init(&journal, &memory.store);
    struct engine_params params = {
        .world = &fake.world,
        .catalogue = &fake.catalogue,
        .script = &script.script,
        .journal = &journal,
        .header = &header,
        .arguments = &header,
    };
    snprintf(text, sizeof text,
             "return function() begin() put(0, 1)\n"
             "  local given = ask{kind='approval', within=3600000, %s}\n"
             "  put(1, given.approved and 2 or 3) end",
             more);
    load(text);
    sandbox_rewind(sandbox);
    sandbox_seed(sandbox, 1);
    engine_run(engine, &params, &result);
    journal_clear(&journal);
}

static bool told(const char *part)
{
    return memmem(memory.bytes.data, memory.bytes.size, part, strlen(part)) != NULL;
}

/* At this time ann asks for it. */
static void answer(enum request request, int64_t approval, int64_t at)
{
    static struct member members[FAKE_ASKED][3];
    struct member *said = members[fake.asked_count];
    said[0] = (struct member){slice_of("approval"), value_integer(approval)};
    said[1] = (struct member){slice_of("by"), value_text("ann on ci-7")};
    said[2] = (struct member){slice_of("why"), value_text("it is quiet")};
    struct value value = {.kind = VALUE_OBJECT, .object = {said, 3}};
    fake.asked[fake.asked_count++] = (struct fake_event){
        {.kind = EVENT_REQUEST, .id = request, .value = value}, at};
}

static bool all_as_before(void)
{
    return fake.registers[0] == 100 && fake.registers[1] == 101;
}

static void test_given(void)
{
    fake_init(&fake);
    answer(REQUEST_APPROVE, FIRST, BEGIN + 5 * MINUTE);
    run("from=effect.array{'bob', 'ann'}");
    CHECK(result.outcome == RUN_PROMOTED && fake.registers[1] == 2);
    CHECK(told("{\"applied\":true,\"approval\":3,\"at\":0,\"by\":\"ann on ci-7\",\"request\":"
               "\"approve\",\"why\":\"it is quiet\"}"));
    CHECK(result.ended < BEGIN + 6 * MINUTE);
}

static void test_rejected(void)
{
    fake_init(&fake);
    answer(REQUEST_REJECT, FIRST, BEGIN + 5 * MINUTE);
    run("");
    CHECK(result.outcome == RUN_ABORTED && all_as_before());
    CHECK_TEXT(result.reason, "ann on ci-7 rejected it: it is quiet");
}

static void test_nobody_answers(void)
{
    fake_init(&fake);
    run("");
    CHECK(result.outcome == RUN_NO_DECISION && result.cause == CAUSE_UNAPPROVED);
    CHECK(all_as_before());
    CHECK_TEXT(result.reason, "nobody approved it within 1h");
    fake_init(&fake);
    run("otherwise='go on'");
    CHECK(result.outcome == RUN_PROMOTED && fake.registers[1] == 3);
}

/* Of somebody else, of another approval, or of one that is over: each comes to nothing. */
static void test_not_meant(void)
{
    fake_init(&fake);
    answer(REQUEST_APPROVE, FIRST, BEGIN + MINUTE);
    run("from=effect.array{'an', 'anna', 'bob'}");
    CHECK(result.outcome == RUN_NO_DECISION && told("\"applied\":false,\"approval\":3"));
    for (int64_t other = FIRST - 1; other <= FIRST + 1; other += 2) {
        fake_init(&fake);
        answer(REQUEST_REJECT, other, BEGIN + MINUTE);
        answer(REQUEST_APPROVE, FIRST, BEGIN + 2 * MINUTE);
        answer(REQUEST_REJECT, FIRST, BEGIN + 2 * MINUTE);
        run("");
        CHECK(result.outcome == RUN_PROMOTED);
        CHECK(told("\"applied\":false"));
    }
}

/* Who cuts waits short has not approved; a pause holds what was approved, and not the time. */
static void test_other_requests(void)
{
    fake_init(&fake);
    fake_ask(&fake, REQUEST_PROMOTE_FULL, BEGIN + MINUTE);
    run("");
    CHECK(result.outcome == RUN_NO_DECISION);
    fake_init(&fake);
    fake_ask(&fake, REQUEST_PAUSE, BEGIN + MINUTE);
    answer(REQUEST_APPROVE, FIRST, BEGIN + 2 * MINUTE);
    fake_ask(&fake, REQUEST_RESUME, BEGIN + 3 * MINUTE);
    run("");
    CHECK(result.outcome == RUN_PROMOTED && result.ended > BEGIN + 3 * MINUTE);
    fake_init(&fake);
    fake_ask(&fake, REQUEST_PAUSE, BEGIN + MINUTE);
    run("");
    CHECK(result.cause == CAUSE_UNAPPROVED && all_as_before());
    fake_init(&fake);
    fake_ask(&fake, REQUEST_ABORT, BEGIN + MINUTE);
    run("");
    CHECK(result.outcome == RUN_ABORTED && all_as_before());
}

static void test_no_approval(void)
{
    static const char *const wrong[] = {
        "from='ann'", "from=effect.array{1}", "from=effect.array{''}", "message=5",
        "within=0",   "within=1e12"};
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        fake_init(&fake);
        run(wrong[i]);
        CHECK(result.outcome == RUN_POLICY_FAILED && all_as_before());
    }
}

/* --- what is watched meanwhile ---------------------------------------------------------------- */

/* A watch of an hour beside what waits, and `wait` in the first branch. */
static void run_beside(const char *wait)
{
    static struct value header = {.kind = VALUE_OBJECT};
    char text[2048];
    struct journal journal;
    journal_memory_clear(&memory);
    journal_memory_init(&memory, 64 << 20);
    journal_init(&journal, &memory.store);
    struct engine_params params = {
        .world = &fake.world,
        .catalogue = &fake.catalogue,
        .script = &script.script,
        .journal = &journal,
        .header = &header,
        .arguments = &header,
    };
    snprintf(text, sizeof text,
             "return function() begin() put(0, 1)\n"
             "  effect.parallel{function() %s end, function()\n"
             "    return ask{kind='watch', ['for']=3600000, every=60000, target=target, share=10,\n"
             "      judges=judges, beside=true}.verdict end}\n"
             "  put(1, 2) end",
             wait);
    load(text);
    sandbox_rewind(sandbox);
    sandbox_seed(sandbox, 1);
    engine_run(engine, &params, &result);
    journal_clear(&journal);
}

static const char approval[] = "ask{kind='approval', within=3600000}";

static void test_watched_meanwhile(void)
{
    fake_init(&fake);
    answer(REQUEST_APPROVE, FIRST, BEGIN + 10 * MINUTE);
    run_beside(approval);
    CHECK(result.outcome == RUN_PROMOTED);
    CHECK(result.ended >= BEGIN + 10 * MINUTE && result.ended < BEGIN + 15 * MINUTE);
    fake_init(&fake);
    fake.harm_after = BEGIN + 3 * MINUTE;
    answer(REQUEST_APPROVE, FIRST, BEGIN + 50 * MINUTE);
    run_beside(approval);
    CHECK(result.outcome == RUN_ROLLED_BACK && result.cause == CAUSE_HARM && all_as_before());
    CHECK(result.ended < BEGIN + 50 * MINUTE);
}

/* What the watch had not seen yet when it ended is judged before the commit. */
static void test_rest_is_judged(void)
{
    fake_init(&fake);
    fake.settle = 5 * MINUTE;
    fake.harm_after = BEGIN + 6 * MINUTE;
    answer(REQUEST_APPROVE, FIRST, BEGIN + 10 * MINUTE);
    run_beside(approval);
    CHECK(result.outcome == RUN_ROLLED_BACK && result.cause == CAUSE_HARM && all_as_before());
    CHECK(result.ended > BEGIN + 10 * MINUTE);
}

/* A wait that is over as it begins, and one that a person cuts short. */
static void test_ends_with_its_wait(void)
{
    fake_init(&fake);
    run_beside("");
    CHECK(result.outcome == RUN_PROMOTED && result.ended < BEGIN + 5 * MINUTE);
    fake_init(&fake);
    fake_ask(&fake, REQUEST_PROMOTE, BEGIN + 4 * MINUTE);
    run_beside("ask{kind='sleep', ['for']=1800000}");
    CHECK(result.outcome == RUN_PROMOTED && result.ended < BEGIN + 10 * MINUTE);
    fake_init(&fake);
    fake_ask(&fake, REQUEST_PROMOTE, BEGIN + 4 * MINUTE);
    answer(REQUEST_APPROVE, FIRST, BEGIN + 20 * MINUTE);
    run_beside(approval);
    CHECK(result.outcome == RUN_PROMOTED && result.ended > BEGIN + 20 * MINUTE);
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

CHECK_MAIN({"set_up", set_up}, {"given", test_given}, {"rejected", test_rejected},
           {"nobody_answers", test_nobody_answers}, {"not_meant", test_not_meant},
           {"other_requests", test_other_requests}, {"no_approval", test_no_approval},
           {"watched_meanwhile", test_watched_meanwhile}, {"rest_is_judged", test_rest_is_judged},
           {"ends_with_its_wait", test_ends_with_its_wait}, {"tear_down", tear_down})
