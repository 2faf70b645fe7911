/* What a person asks of a run: pause, resume, promote, abort; and the death of its policy. The fake
 * world begins at 600000; a put takes 20 ms, a watch looks every minute. */
#include "engine_check.h"

enum { BEGIN = 600000, MINUTE = 60000, HOUR = 60 * MINUTE };
enum { LOOK = 10 }; /* right before a commit */

static struct fake_world fake;
static struct engine *engine;
static struct engine_result result;
static struct journal_memory memory;

static void run_into(struct journal *journal, const char *policy)
{
    static struct value header = {.kind = VALUE_OBJECT};
    char text[1024];
    struct engine_params params = {
        .world = &fake.world,
        .catalogue = &fake.catalogue,
        .script = &script.script,
        .journal = journal,
        .header = &header,
        .arguments = &header,
    };
    snprintf(text, sizeof text, "return function() begin() %s end", policy);
    load(text);
    sandbox_rewind(sandbox);
    sandbox_seed(sandbox, 1);
    engine_run(engine, &params, &result);
}

static void run(const char *policy)
{
    struct journal journal;
    journal_memory_clear(&memory);
    journal_memory_init(&memory, 64 << 20);
    journal_init(&journal, &memory.store);
    run_into(&journal, policy);
    journal_clear(&journal);
}

static bool told(const char *part)
{
    return memmem(memory.bytes.data, memory.bytes.size, part, strlen(part)) != NULL;
}

static void check_end(enum run_outcome outcome, int64_t ended)
{
    CHECK(result.outcome == outcome);
    if (!CHECK(result.ended == ended))
        fprintf(stderr, "ended at %lld (%s)\n", (long long)result.ended, result.reason);
}

static bool all_as_before(void)
{
    bool same = true;
    for (int64_t i = 0; i < FAKE_KEYS; i++)
        same = same && fake.registers[i] == 100 + i;
    return same;
}

/* --- pause and resume ------------------------------------------------------------------------ */

/* The time of a watch passes in the pause: it ends at its next look after it. */
static void test_pause_holds_a_watch(void)
{
    fake_init(&fake);
    fake_ask(&fake, REQUEST_PAUSE, BEGIN + 50000);
    fake_ask(&fake, REQUEST_RESUME, BEGIN + 400000);
    run("put(0, 1) watch(120000) put(1, 2)");
    check_end(RUN_PROMOTED, BEGIN + 20 + 7 * MINUTE + 20 + LOOK);
    CHECK(fake.registers[1] == 2);
    CHECK(told("{\"applied\":true,\"at\":0,\"by\":\"ann on ci-7\",\"request\":\"pause\"}"));
}

static void test_pause_holds_what_slept(void)
{
    fake_init(&fake);
    fake_ask(&fake, REQUEST_PAUSE, BEGIN + 10);
    fake_ask(&fake, REQUEST_RESUME, BEGIN + 9000);
    run("ask{kind='sleep', ['for']=1000} put(1, 2)");
    check_end(RUN_PROMOTED, BEGIN + 9020 + LOOK);
}

/* A branch that waits for nothing but its turn is not resumed either. */
static void test_pause_holds_all_branches(void)
{
    fake_init(&fake);
    fake_ask(&fake, REQUEST_PAUSE, BEGIN + 15);
    fake_ask(&fake, REQUEST_RESUME, BEGIN + 9000);
    run("effect.parallel{function() put(0, 1) put(1, 2) end,\n"
        "function() ask{kind='sleep', ['for']=100} put(2, 3) end}");
    check_end(RUN_PROMOTED, BEGIN + 9020 + LOOK);
}

/* Paused before a change was sent: it is not sent, and the resource is looked at again. */
static void test_pause_holds_a_change(void)
{
    fake_init(&fake);
    fake.gets_until_stranger = 1; /* register 0 is 777 at the second look */
    fake_ask(&fake, REQUEST_PAUSE, BEGIN + 5);
    fake_ask(&fake, REQUEST_RESUME, BEGIN + 9000);
    run("put(0, 1) error 'no'");
    CHECK(result.outcome == RUN_POLICY_FAILED && result.mutations == 1);
    CHECK(fake.registers[0] == 777 && result.ended > BEGIN + 9020);
}

static void test_paused_and_resumed_twice(void)
{
    fake_init(&fake);
    fake_ask(&fake, REQUEST_RESUME, BEGIN + 30000);
    fake_ask(&fake, REQUEST_PAUSE, BEGIN + 40000);
    fake_ask(&fake, REQUEST_PAUSE, BEGIN + 50000);
    fake_ask(&fake, REQUEST_RESUME, BEGIN + 150000);
    run("put(0, 1) watch(120000)");
    check_end(RUN_PROMOTED, BEGIN + 20 + 3 * MINUTE + LOOK);
    CHECK(told("{\"applied\":false,\"at\":0,\"by\":\"ann on ci-7\",\"request\":\"resume\"}"));
    CHECK(told("{\"applied\":false,\"at\":0,\"by\":\"ann on ci-7\",\"request\":\"pause\"}"));
}

static void pause_and_run(enum run_outcome outcome, enum run_cause cause)
{
    fake_ask(&fake, REQUEST_PAUSE, BEGIN + 50000);
    run("put(0, 1) watch(120000) put(1, 2)");
    CHECK(result.outcome == outcome && result.cause == cause && all_as_before());
}

static void test_a_paused_run_still_ends(void)
{
    fake_init(&fake);
    fake.harm_after = BEGIN + 5 * MINUTE;
    pause_and_run(RUN_ROLLED_BACK, CAUSE_HARM);
    fake_init(&fake);
    fake.silent = true;
    pause_and_run(RUN_NO_DECISION, CAUSE_NO_DATA);
    fake_init(&fake);
    fake.mute = true;
    pause_and_run(RUN_NO_DECISION, CAUSE_PROVIDER_ERROR);
    fake_init(&fake);
    fake.interrupt_at = BEGIN + 5 * MINUTE;
    pause_and_run(RUN_INTERRUPTED, CAUSE_SIGINT);
    fake_init(&fake);
    fake_ask(&fake, REQUEST_ABORT, BEGIN + 55000);
    fake.asked[0].at = BEGIN + 40000;
    pause_and_run(RUN_ABORTED, CAUSE_PERSON);
    CHECK_TEXT(result.reason, "ann on ci-7 asked for it");
}

/* The limit of looks is for policies that went astray, not for people who take their time. */
static void test_a_long_pause(void)
{
    enum { LOOKS = 26000 };
    fake_init(&fake);
    fake_ask(&fake, REQUEST_PAUSE, BEGIN + 50000);
    fake_ask(&fake, REQUEST_RESUME, BEGIN + (int64_t)LOOKS * MINUTE);
    run_into(NULL, "put(0, 1) watch(120000) put(1, 2)");
    CHECK(result.outcome == RUN_PROMOTED);
}

/* --- promote --------------------------------------------------------------------------------- */

static void test_promote_ends_a_watch(void)
{
    fake_init(&fake);
    fake_ask(&fake, REQUEST_PROMOTE, BEGIN + 100000);
    run("put(0, 1) if watch(3600000).verdict ~= 'undecided' then error 'no' end\n"
        "put(1, 2) watch(120000)");
    check_end(RUN_PROMOTED, BEGIN + 100020 + 2 * MINUTE + LOOK);
}

static void test_promote_ends_a_sleep_and_a_pause(void)
{
    fake_init(&fake);
    fake_ask(&fake, REQUEST_PAUSE, BEGIN + 10000);
    fake_ask(&fake, REQUEST_PROMOTE, BEGIN + 20000);
    run("effect.parallel{function() ask{kind='sleep', ['for']=3600000} put(0, 1) end,\n"
        "function() watch(3600000) put(1, 2) end}");
    check_end(RUN_PROMOTED, BEGIN + 20020 + LOOK);
}

/* It is not remembered for the next wait. */
static void test_promote_comes_to_nothing(void)
{
    fake_init(&fake);
    fake_ask(&fake, REQUEST_PROMOTE, BEGIN + 15);
    run("put(0, 1) watch(120000)");
    check_end(RUN_PROMOTED, BEGIN + 20 + 2 * MINUTE + LOOK);
    CHECK(told("{\"applied\":false,\"at\":0,\"by\":\"ann on ci-7\",\"request\":\"promote\"}"));
}

static void test_promote_in_full(void)
{
    fake_init(&fake);
    fake_ask(&fake, REQUEST_PROMOTE_FULL, BEGIN + 15);
    run("put(0, 1) watch(3600000) put(1, 2) ask{kind='sleep', ['for']=3600000} watch(120000)");
    check_end(RUN_PROMOTED, BEGIN + 40 + LOOK);
    fake_init(&fake);
    fake_ask(&fake, REQUEST_PROMOTE_FULL, BEGIN + 100000);
    run("put(0, 1) watch(3600000) put(1, 2) watch(3600000)");
    check_end(RUN_PROMOTED, BEGIN + 100020 + LOOK);
}

/* --- the way back ---------------------------------------------------------------------------- */

/* Nothing that is asked of a rollback changes what it does; each is written down. */
static void test_asked_of_a_rollback(void)
{
    for (int i = REQUEST_ABORT; i <= REQUEST_PROMOTE_FULL; i++) {
        fake_init(&fake);
        fake_ask(&fake, (enum request)i, BEGIN + 25);
        run("put(0, 1) error 'no'");
        CHECK(result.outcome == RUN_POLICY_FAILED && all_as_before() && fake.asked_count == 0);
        CHECK(told("{\"applied\":false,\"at\":0,\"by\":\"ann on ci-7\""));
    }
}

/* A change that is on its way when the run is aborted is waited for, and what is asked meanwhile
 * sends nothing forward. */
static void test_asked_while_it_drains(void)
{
    fake_init(&fake);
    fake_ask(&fake, REQUEST_PAUSE, BEGIN + 5);
    fake_ask(&fake, REQUEST_RESUME, BEGIN + 6);
    fake_ask(&fake, REQUEST_ABORT, BEGIN + 12);
    fake_ask(&fake, REQUEST_PROMOTE_FULL, BEGIN + 13);
    run("effect.parallel{function() put(0, 1) put(1, 2) end, function() watch(3600000) put(2, 3) "
        "end}");
    CHECK(result.outcome == RUN_ABORTED && all_as_before());
    CHECK(fake.puts <= 2); /* one there, one back */
}

static void test_policy_dies(void)
{
    fake_init(&fake);
    fake_kill_policy(&fake, BEGIN + 1000);
    run("put(0, 1) ask{kind='sleep', ['for']=3600000}");
    CHECK(result.outcome == RUN_POLICY_FAILED && result.cause == CAUSE_CRASH && all_as_before());
    CHECK(result.ended < BEGIN + MINUTE);
    CHECK_TEXT(result.reason, "the policy's process was killed by SIGKILL");
    fake_init(&fake); /* it is of no use to a rollback */
    fake_kill_policy(&fake, BEGIN + 25);
    run("put(0, 1) error 'no'");
    CHECK(result.cause == CAUSE_ERROR && all_as_before());
}

/* The run is asked to end while a metric is waited for: the policy is not given an answer that is
 * none. */
static void test_query_without_answer(void)
{
    fake_init(&fake);
    fake.unanswered = true;
    fake_ask(&fake, REQUEST_ABORT, BEGIN + 20);
    run("put(0, 1)\n"
        "pcall(ask, {kind='metric', target=target, metric='errors', arm='canary', last=1})\n"
        "put(1, 2)");
    CHECK(result.outcome == RUN_ABORTED && all_as_before() && result.mutations == 1);
}

/* Nobody answers: a policy may go on without, what judges learn by it ends the run. */
static void test_query_unanswered(void)
{
    const char *without = "put(0, 1)\n"
                          "assert(not pcall(ask, {kind='metric', target=target,\n"
                          "  metric='errors', arm='canary', last=1}))";
    const char *learns = "put(0, 1)\n"
                         "pcall(ask, {kind='metric', target=target, metric='errors',\n"
                         "  arm='baseline', last=1, past=true})\n"
                         "put(1, 2)";
    fake_init(&fake);
    fake.away = true;
    run(without);
    CHECK(result.outcome == RUN_PROMOTED && told("\"code\":\"unanswered\""));
    fake_init(&fake);
    fake.away = true;
    run(learns);
    CHECK(result.outcome == RUN_NO_DECISION && result.cause == CAUSE_PROVIDER_ERROR);
    CHECK_TEXT(result.reason, "errors cannot be read: the provider is away");
    CHECK(result.mutations == 1 && all_as_before());
}

/* The same for a look of a watch, its last, and for one that begins when no wait is to be waited
 * for: neither ends well for it. */
static void test_look_without_answer(void)
{
    fake_init(&fake);
    fake.drops_from = BEGIN + 20 + 3 * MINUTE;
    fake_ask(&fake, REQUEST_ABORT, fake.drops_from + 1);
    run("put(0, 1) watch(180000)");
    CHECK(result.outcome == RUN_ABORTED && all_as_before());
    CHECK(told("\"tick\":2") && !told("\"tick\":3"));
    fake_init(&fake);
    fake.drops_from = BEGIN + 20;
    fake_ask(&fake, REQUEST_PROMOTE_FULL, BEGIN + 15);
    fake_ask(&fake, REQUEST_ABORT, BEGIN + 21);
    run("put(0, 1) watch(120000)");
    CHECK(result.outcome == RUN_ABORTED && all_as_before());
}

/* Asked to end before it has begun: it ends for that, and leaves no record. */
static void test_asked_before_it_begins(void)
{
    static const struct {
        enum interrupt interrupt;
        enum run_outcome outcome;
    } rows[] = {{INTERRUPT_INT, RUN_INTERRUPTED},
                {INTERRUPT_TERM, RUN_TERMINATED},
                {INTERRUPT_DEATH, RUN_REFUSED}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        fake_init(&fake);
        fake.ends_begin = true;
        fake_interrupt(&fake, rows[i].interrupt, BEGIN);
        run("put(0, 1)");
        CHECK(result.outcome == rows[i].outcome && memory.bytes.size == 0 && fake.puts == 0);
    }
    fake_init(&fake);
    fake.ends_begin = true;
    fake_ask(&fake, REQUEST_ABORT, BEGIN);
    run("put(0, 1)");
    CHECK(result.outcome == RUN_ABORTED && memory.bytes.size == 0 && fake.puts == 0);
    CHECK_TEXT(result.reason, "ann on ci-7 asked for it");
}

/* --- effects that finish at once -------------------------------------------------------------- */

static const char notifies[] = "for i = 1, 9900 do ask{kind='notify', message='m'} end";

static size_t records(void)
{
    size_t count = 0;
    for (size_t i = 0; i < memory.bytes.size; i++)
        count += memory.bytes.data[i] == '\n';
    return count;
}

/* What is asked is heard between two of them, not after the last. */
static void test_asked_among_quick_effects(void)
{
    static const enum run_outcome outcomes[] = {RUN_ABORTED, RUN_TERMINATED, RUN_POLICY_FAILED};
    for (size_t i = 0; i < sizeof outcomes / sizeof *outcomes; i++) {
        fake_init(&fake);
        fake.step_takes = 1;
        if (i == 0)
            fake_ask(&fake, REQUEST_ABORT, BEGIN + 10);
        else
            fake_interrupt(&fake, i == 1 ? INTERRUPT_TERM : INTERRUPT_DEATH, BEGIN + 10);
        run(notifies);
        CHECK(result.outcome == outcomes[i]);
        CHECK(records() < 30);
        CHECK(!told("\"kind\":\"commit\""));
    }
}

static void test_paused_among_quick_effects(void)
{
    fake_init(&fake);
    fake.step_takes = 1;
    fake_ask(&fake, REQUEST_PAUSE, BEGIN + 10);
    fake_ask(&fake, REQUEST_ABORT, BEGIN + HOUR);
    run(notifies);
    CHECK(result.outcome == RUN_ABORTED && result.ended == BEGIN + HOUR && records() < 30);
}

/* A watch looks every minute though another branch is never done: a step takes a second here. */
static void test_branches_take_turns(void)
{
    char text[512];
    fake_init(&fake);
    fake.step_takes = 1000;
    snprintf(text, sizeof text, "effect.parallel{function() watch(120000) end, function() %s end}",
             notifies);
    run(text);
    CHECK(result.outcome == RUN_PROMOTED);
    const char *tick = memmem(memory.bytes.data, memory.bytes.size, "\"kind\":\"tick\"", 13);
    const char *last = memmem(memory.bytes.data, memory.bytes.size, "\"id\":200,", 9);
    CHECK(tick && last && tick < last);
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

CHECK_MAIN({"set_up", set_up}, {"pause_holds_a_watch", test_pause_holds_a_watch},
           {"pause_holds_what_slept", test_pause_holds_what_slept},
           {"pause_holds_all_branches", test_pause_holds_all_branches},
           {"pause_holds_a_change", test_pause_holds_a_change},
           {"paused_and_resumed_twice", test_paused_and_resumed_twice},
           {"a_paused_run_still_ends", test_a_paused_run_still_ends},
           {"a_long_pause", test_a_long_pause}, {"promote_ends_a_watch", test_promote_ends_a_watch},
           {"promote_ends_a_sleep_and_a_pause", test_promote_ends_a_sleep_and_a_pause},
           {"promote_comes_to_nothing", test_promote_comes_to_nothing},
           {"promote_in_full", test_promote_in_full},
           {"asked_of_a_rollback", test_asked_of_a_rollback},
           {"asked_while_it_drains", test_asked_while_it_drains}, {"policy_dies", test_policy_dies},
           {"query_without_answer", test_query_without_answer},
           {"query_unanswered", test_query_unanswered},
           {"look_without_answer", test_look_without_answer},
           {"asked_before_it_begins", test_asked_before_it_begins},
           {"asked_among_quick_effects", test_asked_among_quick_effects},
           {"paused_among_quick_effects", test_paused_among_quick_effects},
           {"branches_take_turns", test_branches_take_turns}, {"tear_down", tear_down})
