/* Replays of runs that people asked something of, and of those whose policy died: the same bytes,
 * whatever was asked and whenever; and a run cut short anywhere is put back by the next process. */
#include "replay_check.h"

#include <stdio.h>

enum { BEGIN = 600000, STEP = 7 };

static bool all_as_before(void)
{
    bool same = true;
    for (int64_t i = 0; i < FAKE_KEYS; i++)
        same = same && fake.registers[i] == 100 + i;
    return same;
}

static int64_t step_takes; /* ms that pass while the policy takes a step */

/* The first is asked at `at`, the second a while later, and what is paused then goes on. */
static void ask_two(int first, int second, int64_t at)
{
    fake_init(&fake);
    fake.step_takes = step_takes;
    fake_ask(&fake, (enum request)first, at);
    fake_ask(&fake, (enum request)second, at + 90000);
    fake_ask(&fake, REQUEST_RESUME, at + 400000);
}

static void replay_all(const char *policy, int64_t harm)
{
    struct engine_result result;
    load(policy);
    for (int first = REQUEST_ABORT; first <= REQUEST_PROMOTE_FULL; first++) {
        for (int second = REQUEST_PAUSE; second <= REQUEST_PROMOTE_FULL; second++) {
            for (int64_t at = BEGIN; at < BEGIN + 300000; at += at < BEGIN + 100 ? STEP : 29000) {
                ask_two(first, second, at);
                fake.harm_after = harm;
                expect(&run_fake(&result)->bytes, REPLAY_EQUAL, 1);
                CHECK(result.outcome == RUN_PROMOTED || all_as_before());
            }
        }
        pool_reset(&fake_pool);
    }
}

static void test_whatever_was_asked(void)
{
    replay_all(rollout, INT64_MAX);
    replay_all(rollout, 780000);
    replay_all(branches, INT64_MAX);
    replay_all(branches, 780000);
}

#define NOTIFY                                                                                     \
    "local function notify(n) for i = 1, n do ask{kind='notify', message='m' .. i} end end\n"

/* Branches that are never done, some whose steps begin and end others, and what is asked of them
 * meanwhile: which came first is seen by the journal. */
static void test_between_quick_effects(void)
{
    static const char quick[] = NOTIFY
        "return function() begin() put(0, 1)\n"
        "  effect.parallel{\n"
        "    function() notify(5) put(1, 2) notify(40) end,\n"
        "    function() watch(120000) notify(30) end,\n"
        "    function() ask{kind='sleep', ['for']=35} effect.parallel{} put(4, 5) end}\n"
        "end";
    static const char nested[] = NOTIFY
        "return function() begin() effect.parallel{\n"
        "    function() ask{kind='sleep', ['for']=3600000} notify(3) end,\n"
        "    function() for key = 1, 3 do\n"
        "      effect.parallel{function() end, function() notify(1) end} put(key, 2)\n"
        "    end end}\n"
        "end";
    step_takes = STEP;
    replay_all(quick, INT64_MAX);
    replay_all(nested, INT64_MAX);
    step_takes = 3000;
    replay_all(quick, 660000);
    step_takes = 0;
}

/* A policy that dies at its n-th step. */
struct mortal_script {
    struct script script;
    int steps_left;
};

static void mortal_start(struct script *mortal, const struct value *arguments,
                         struct sandbox_step *step, struct pool *own)
{
    ((struct mortal_script *)mortal)->steps_left--;
    script.script.ops->start(&script.script, arguments, step, own);
}

static void mortal_resume(struct script *mortal, int branch, const struct value *answer,
                          struct sandbox_step *step, struct pool *own)
{
    if (((struct mortal_script *)mortal)->steps_left-- > 0) {
        script.script.ops->resume(&script.script, branch, answer, step, own);
        return;
    }
    *step = (struct sandbox_step){.state = SANDBOX_DIED, .branch = branch};
    error_set(&step->error, ERROR_POLICY, "the policy's process was killed by SIGSEGV");
}

static enum run_outcome run_mortal(int steps, struct journal_memory *memory)
{
    static const struct script_ops ops = {mortal_start, mortal_resume};
    struct mortal_script mortal = {{&ops}, steps};
    struct engine_result result;
    struct journal journal;
    journal_memory_init(memory, 16 << 20);
    journal_init(&journal, &memory->store);
    struct engine_params params = params_with(&journal);
    params.script = &mortal.script;
    fake_init(&fake);
    rewind_sandbox();
    engine_run(engine, &params, &result);
    journal_clear(&journal);
    return result.outcome;
}

static void test_policy_dies_at_a_step(void)
{
    for (int i = 0; i < 2; i++) {
        load(i ? branches : rollout);
        for (int steps = 2;; steps++) {
            struct journal_memory memory;
            bool died = run_mortal(steps, &memory) != RUN_PROMOTED;
            expect(&memory.bytes, REPLAY_EQUAL, 1);
            CHECK(!died || all_as_before());
            journal_memory_clear(&memory);
            if (!died)
                break;
        }
    }
}

static void test_policy_dies_while_it_waits(void)
{
    struct engine_result result;
    for (int i = 0; i < 2; i++) {
        load(i ? branches : rollout);
        for (int64_t at = BEGIN; at < BEGIN + 300000; at += at < BEGIN + 100 ? STEP : 29000) {
            fake_init(&fake);
            fake_ask(&fake, REQUEST_PAUSE, at);
            fake_kill_policy(&fake, at + 3);
            expect(&run_fake(&result)->bytes, REPLAY_EQUAL, 1);
            CHECK(result.cause == CAUSE_CRASH && all_as_before());
        }
    }
}

/* A metric that was not there yet when the run was asked to end, in three ways. */
static void test_query_without_answer(void)
{
    struct engine_result result;
    load("return function() begin() put(0, 1)\n"
         "  pcall(ask, {kind='metric', target=target, metric='errors', arm='canary', last=1})\n"
         "  put(1, 2)\n"
         "end");
    for (int i = 0; i < 3; i++) {
        fake_init(&fake);
        fake.unanswered = true;
        if (i == 0)
            fake_ask(&fake, REQUEST_ABORT, BEGIN + 20);
        else if (i == 1)
            fake_kill_policy(&fake, BEGIN + 20);
        else
            fake_ask(&fake, REQUEST_PAUSE, BEGIN + 21);
        fake.interrupt_at = i == 2 ? BEGIN + 20 : INT64_MAX;
        if (i == 2)
            CHECK(fake_timer(&fake.world, 0, BEGIN + 20, &err)); /* for the signal to come before */
        expect(&run_fake(&result)->bytes, REPLAY_EQUAL, 1);
        CHECK(result.outcome != RUN_PROMOTED && all_as_before());
    }
}

/* A metric that nobody answers: the policy goes on without it, or the run ends over it. */
static void test_query_unanswered(void)
{
    struct engine_result result;
    for (int i = 0; i < 2; i++) {
        load(i ? "return function() begin() put(0, 1)\n"
                 "  ask {kind='metric', target=target, metric='errors', arm='baseline', last=1,\n"
                 "    past=true}\n"
                 "end"
               : "return function() begin() put(0, 1)\n"
                 "  pcall(ask, {kind='metric', target=target, metric='errors', arm='canary',\n"
                 "    last=1})\n"
                 "  put(1, 2)\n"
                 "end");
        fake_init(&fake);
        fake.away = true;
        expect(&run_fake(&result)->bytes, REPLAY_EQUAL, 1);
        CHECK(result.outcome == (i ? RUN_NO_DECISION : RUN_PROMOTED));
    }
}

/* Older journals tell of an abort by the rollback alone. */
static void test_abort_without_a_record(void)
{
    struct engine_result result;
    load(rollout);
    fake_init(&fake);
    fake_interrupt(&fake, INTERRUPT_PERSON, BEGIN + 50000);
    expect(&run_fake(&result)->bytes, REPLAY_EQUAL, 1);
    CHECK(result.outcome == RUN_ABORTED && all_as_before());
    CHECK_TEXT(result.reason, "a person asked for it");
}

/* The look with which a watch begins, and its last one; with every wait over or not. */
static void test_look_without_answer(void)
{
    struct engine_result result;
    load("return function() begin() put(0, 1) watch(180000) end");
    for (int i = 0; i < 4; i++) {
        bool last = i >= 2;
        fake_init(&fake);
        fake.drops_from = BEGIN + 20 + (last ? 180000 : 0);
        if (i == 1)
            fake_ask(&fake, REQUEST_PROMOTE_FULL, BEGIN + 15);
        if (i == 3)
            fake_ask(&fake, REQUEST_PAUSE, fake.drops_from - 1);
        fake_ask(&fake, REQUEST_ABORT, fake.drops_from + 1);
        expect(&run_fake(&result)->bytes, REPLAY_EQUAL, 1);
        CHECK(result.outcome == RUN_ABORTED && all_as_before());
    }
}

/* A branch that could go on does not, once a question of another was dropped: what it would write
 * stands between the question and the end. */
static void test_branches_without_answer(void)
{
    static const char *const questions[] = {
        "ask{kind='metric', target=target, metric='errors', arm='canary', last=1}",
        "watch(180000)",
    };
    struct engine_result result;
    char policy[512];
    for (int i = 0; i < 2; i++) {
        snprintf(policy, sizeof policy,
                 "return function() begin() put(0, 1) effect.parallel{function() %s end,\n"
                 "  function() for i = 1, 2 do ask{kind='notify', message='on'} end end} end",
                 questions[i]);
        load(policy);
        fake_init(&fake);
        fake.unanswered = true;
        fake.drops_from = BEGIN + 20;
        fake_ask(&fake, REQUEST_ABORT, BEGIN + 21);
        struct buffer *bytes = &run_fake(&result)->bytes;
        expect(bytes, REPLAY_EQUAL, 1);
        CHECK(result.outcome == RUN_ABORTED && all_as_before());
        CHECK(!memmem(bytes->data, bytes->size, "\"notify\"", strlen("\"notify\"")));
    }
}

/* --- the policy's last step --------------------------------------------------------------------
 */

/* What is asked as soon as a record of this kind is there: the n-th, from 1. What is paused then is
 * asked for something else a while later. */
static struct late {
    enum journal_kind kind;
    int left;
    struct event event;
    enum request then;
} late;

enum { A_WHILE = 90000 };

static void ask_late(void *context, enum journal_kind kind, int64_t at, const struct value *body,
                     struct slice line)
{
    (void)context;
    (void)body;
    (void)line;
    if (kind != late.kind || --late.left != 0)
        return;
    if (late.event.kind == EVENT_REQUEST)
        fake_ask(&fake, (enum request)late.event.id, at);
    if (late.event.kind == EVENT_REQUEST && late.event.id == REQUEST_PAUSE)
        fake_ask(&fake, late.then, at + A_WHILE);
    if (late.event.kind == EVENT_INTERRUPT)
        fake_interrupt(&fake, (enum interrupt)late.event.id, at);
}

static struct engine_result run_late(struct late asks)
{
    static struct journal_memory memory;
    struct engine_result result;
    struct journal journal;
    journal_memory_clear(&memory);
    journal_memory_init(&memory, 16 << 20);
    journal_init(&journal, &memory.store);
    struct engine_params params = params_with(&journal);
    params.observe = ask_late;
    late = asks;
    fake_init(&fake);
    rewind_sandbox();
    engine_run(engine, &params, &result);
    journal_clear(&journal);
    expect(&memory.bytes, REPLAY_EQUAL, 1);
    return result;
}

/* The last change is made, and the policy is about to return: there is no other event. */
static void test_last_step(void)
{
    static const struct {
        struct event event;
        enum run_outcome outcome;
    } rows[] = {
        {{.kind = EVENT_REQUEST, .id = REQUEST_ABORT}, RUN_ABORTED},
        {{.kind = EVENT_INTERRUPT, .id = INTERRUPT_INT}, RUN_INTERRUPTED},
        {{.kind = EVENT_INTERRUPT, .id = INTERRUPT_TERM}, RUN_TERMINATED},
        {{.kind = EVENT_REQUEST, .id = REQUEST_PROMOTE}, RUN_PROMOTED},
        {{.kind = EVENT_REQUEST, .id = REQUEST_RESUME}, RUN_PROMOTED},
    };
    load("return function() begin() put(0, 1) put(1, 2) end");
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct late asks = {JOURNAL_RESULT, 2, rows[i].event, REQUEST_ABORT};
        CHECK(run_late(asks).outcome == rows[i].outcome && fake.asked_count == 0);
        CHECK(all_as_before() == (rows[i].outcome != RUN_PROMOTED));
    }
}

/* Paused in its last step, a run waits before it commits. */
static void test_paused_in_the_last_step(void)
{
    struct event pause = {.kind = EVENT_REQUEST, .id = REQUEST_PAUSE};
    load("return function() begin() put(0, 1) end");
    for (int then = REQUEST_ABORT; then <= REQUEST_PROMOTE_FULL; then++) {
        if (then == REQUEST_PAUSE)
            continue;
        struct late asks = {JOURNAL_RESULT, 1, pause, (enum request)then};
        struct engine_result result = run_late(asks);
        CHECK(result.outcome == (then == REQUEST_ABORT ? RUN_ABORTED : RUN_PROMOTED));
        CHECK(result.ended >= BEGIN + A_WHILE && all_as_before() == (then == REQUEST_ABORT));
    }
}

/* After the COMMIT, and after the END of a rollback, nobody listens. */
static void test_after_the_last_step(void)
{
    static const struct event events[] = {{.kind = EVENT_REQUEST, .id = REQUEST_ABORT},
                                          {.kind = EVENT_INTERRUPT, .id = INTERRUPT_TERM}};
    for (size_t i = 0; i < sizeof events / sizeof *events; i++) {
        struct late asks = {JOURNAL_COMMIT, 1, events[i], REQUEST_ABORT};
        load("return function() begin() put(0, 1) end");
        CHECK(run_late(asks).outcome == RUN_PROMOTED && fake.asked_count == 1);
        asks.kind = JOURNAL_END;
        load("return function() begin() put(0, 1) error 'no' end");
        CHECK(run_late(asks).outcome == RUN_POLICY_FAILED && fake.asked_count == 1);
    }
}

/* --- lives ----------------------------------------------------------------------------------- */

/* The next process; somebody asks for things that come to nothing. */
static bool recover(const struct buffer *bytes, struct killer *killer)
{
    static struct pool own = {.max = 64 << 20};
    struct engine_result result;
    struct journal_scan scan;
    struct journal journal;
    pool_reset(&own);
    if (!CHECK(journal_read(&scan, buffer_slice(bytes), &own, &err)))
        return true;
    CHECK(buffer_append(&killer->memory.bytes, (struct slice){bytes->data, scan.good}, &err));
    journal_init(&journal, &killer->store);
    journal_continue(&journal, &scan);
    struct engine_params params = params_with(&journal);
    fake.event_count = fake.asked_count = 0;
    fake.now += 1000;
    fake_ask(&fake, REQUEST_PAUSE, fake.now + 5);
    fake_ask(&fake, REQUEST_ABORT, fake.now + 15);
    engine_recover(engine, &params, &scan, &result);
    journal_clear(&journal);
    return !result.killed;
}

/* Cut after `first` records, taken up, cut again after `second`, and taken up to its end; true once
 * the second life comes to its end by itself. */
static bool cut_twice(int64_t first, int64_t second, bool *whole)
{
    struct engine_result result;
    struct killer run, again, last;
    ask_two(REQUEST_PAUSE, REQUEST_PROMOTE, BEGIN + 50000);
    fake_ask(&fake, REQUEST_ABORT, BEGIN + 700000);
    killer_init(&run, first, 3, false);
    killer_init(&again, second, 3, false);
    killer_init(&last, INT64_MAX, 0, false);
    run_into(&run.store, &result);
    *whole = !result.killed;
    bool through = *whole || recover(&run.memory.bytes, &again);
    bool done = through || recover(&again.memory.bytes, &last);
    const struct buffer *bytes = *whole    ? &run.memory.bytes
                                 : through ? &again.memory.bytes
                                           : &last.memory.bytes;
    bool nothing = first < 2; /* it had not begun: there is nothing to take up */
    size_t lives = *whole || nothing ? 1 : through || second == 0 ? 2 : 3;
    expect(bytes, nothing ? REPLAY_CUT : REPLAY_EQUAL, lives);
    CHECK(done && all_as_before());
    journal_memory_clear(&run.memory);
    journal_memory_clear(&again.memory);
    journal_memory_clear(&last.memory);
    pool_reset(&fake_pool);
    return through;
}

static void test_cut_everywhere(void)
{
    bool whole = false;
    load(rollout);
    for (int64_t first = 1; !whole; first++) {
        for (int64_t second = 0; !cut_twice(first, second, &whole); second++)
            continue;
    }
}

CHECK_MAIN({"set_up", set_up}, {"whatever_was_asked", test_whatever_was_asked},
           {"between_quick_effects", test_between_quick_effects},
           {"policy_dies_at_a_step", test_policy_dies_at_a_step},
           {"policy_dies_while_it_waits", test_policy_dies_while_it_waits},
           {"query_without_answer", test_query_without_answer},
           {"query_unanswered", test_query_unanswered},
           {"abort_without_a_record", test_abort_without_a_record},
           {"look_without_answer", test_look_without_answer},
           {"branches_without_answer", test_branches_without_answer}, {"last_step", test_last_step},
           {"paused_in_the_last_step", test_paused_in_the_last_step},
           {"after_the_last_step", test_after_the_last_step},
           {"cut_everywhere", test_cut_everywhere}, {"tear_down", tear_down})
