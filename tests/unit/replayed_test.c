/* Replays: whatever a run met, its journal carries it out again to the same bytes; and a changed
 * policy is told at the first record that shows it. */
#include "replay_check.h"

#include <stdio.h>

static const char *const policies[] = {
    rollout,
    branches,
    "return function() begin() end",
    "return function() begin() put(0, 5) error 'no' end",
    "return function() begin() error 'no' end",
    "return function() begin() put(0, 5) ask{kind='rollback', reason='enough'} end",
    "return function() begin() put(0, 1)\n"
    "  pcall(ask, {kind='watch', ['for']=9, every=9, target=target, share=10, "
    "judges=effect.array{\n"
    "    {judge='threshold', metric='unknown', above=1}}}) watch(60000)\n"
    "end",
    "return function() begin() pcall(ask, {kind='nonsense'}) pcall(put, 'x', 1) watch(60000) end",
    "return function() begin()\n"
    "  effect.parallel{function() put(0, 1) end,\n"
    "    function() ask{kind='sleep', ['for']=5} put(1, 2) end,\n"
    "    function() ask{kind='sleep', ['for']=12} error 'no' end}\n"
    "end",
};

enum { POLICIES = sizeof policies / sizeof *policies };

static void replay_everything_of(const char *policy)
{
    struct engine_result result;
    load(policy);
    for (int at = 0; at <= 7; at++) {
        for (int fault = FAKE_WELL; fault <= FAKE_LOST_NOT_LANDED; fault++) {
            for (int harm = 0; harm < 2; harm++) {
                fake_init(&fake);
                fake.fault_at = at;
                fake.fault = (enum fake_fault)fault;
                fake.harm_after = harm ? 780000 : INT64_MAX;
                expect(&run_fake(&result)->bytes, REPLAY_EQUAL, 1);
            }
        }
    }
}

static void test_equal_whatever_happened(void)
{
    for (size_t i = 0; i < POLICIES; i++)
        replay_everything_of(policies[i]);
}

static void test_equal_after_a_spent_budget(void)
{
    struct engine_result result;
    load("return function() begin() put(0, 5) pcall(function() while true do end end) end");
    fake_init(&fake);
    expect(&run_fake(&result)->bytes, REPLAY_EQUAL, 1);
    CHECK(result.cause == CAUSE_BUDGET);
    load("return function() begin() put(0, 5) while true do pcall(put, 0, 1) end end");
    fake_init(&fake);
    expect(&run_fake(&result)->bytes, REPLAY_EQUAL, 1);
    CHECK(result.cause == CAUSE_BUDGET);
}

static void test_equal_whatever_the_metrics(void)
{
    struct engine_result result;
    load(rollout);
    for (int which = 0; which < 4; which++) {
        fake_init(&fake);
        fake.silent = which == 0;
        fake.mute = which == 1;
        fake.ended_after = which == 2 ? 780000 : INT64_MAX;
        fake.settle = which == 3 ? 3600000 : 0;
        expect(&run_fake(&result)->bytes, REPLAY_EQUAL, 1);
        CHECK(result.outcome == RUN_NO_DECISION);
    }
}

static void test_strangers(void)
{
    struct engine_result result;
    load(rollout);
    for (int gets = 0; gets < 10; gets++) {
        fake_init(&fake);
        fake.gets_until_stranger = gets;
        fake.harm_after = 900000;
        expect(&run_fake(&result)->bytes, REPLAY_EQUAL, 1);
    }
}

/* Hands at any time, and reads that lag: the looks at what is odd, before the next change, before
 * the commit and going back, are the same again. */
static void test_hands_and_lags(void)
{
    static const int64_t writes[] = {100, 1, 2, 777};
    struct engine_result result;
    load("return function() begin()\n"
         "  effect.parallel{function() put(0, 1) put(0, 2) watch(60000) end,\n"
         "    function() put(1, 1) watch(60000) put(2, 1) end}\n"
         "  put(0, 3) watch(60000) put(3, 1)\n"
         "end");
    for (int64_t i = 0; i < 400; i++) {
        fake_init(&fake);
        fake.hand_at = fake.now + i / 4 * 2500 + i % 7 * 10;
        fake.hand_writes = writes[i % 4];
        fake.lag = i % 3 * 1200;
        fake.harm_after = i % 5 ? INT64_MAX : 720000;
        expect(&run_fake(&result)->bytes, REPLAY_EQUAL, 1);
    }
}

/* Requests that land late, beside others that are put back. */
static void test_late_landings(void)
{
    struct engine_result result;
    load("return function() begin()\n"
         "  effect.parallel{function() put(0, 1) put(3, 1) end, function() put(1, 1) put(2, 1) end,"
         "    function() ask{kind='sleep', ['for']=2000} put(4, 1) end}\n"
         "end");
    for (int at = 1; at <= 5; at++) {
        for (int64_t late = 50; late < 300000; late = late * 3 + 11) {
            fake_init(&fake);
            fake.fault_at = at;
            fake.fault = FAKE_LOST_NOT_LANDED;
            fake.lands_late = late;
            expect(&run_fake(&result)->bytes, REPLAY_EQUAL, 1);
        }
    }
}

static void test_signals(void)
{
    struct engine_result result;
    for (size_t i = 0; i < 2; i++) {
        load(policies[i]);
        for (int64_t at = 600000; at < 601000; at += 5) {
            fake_init(&fake);
            fake.interrupt_at = at;
            expect(&run_fake(&result)->bytes, REPLAY_EQUAL, 1);
            CHECK(result.outcome == RUN_INTERRUPTED);
        }
    }
}

/* Rollbacks that wait, with their pauses, and give up when the operator said. */
static void test_outages(void)
{
    static const int64_t lengths[] = {1000, 30000, 600000, INT64_MAX - 1000000};
    struct engine_result result;
    load("return function() begin() put(0, 1) put(1, 2) put(2, 3) error 'no' end");
    for (size_t i = 0; i < 2 * sizeof lengths / sizeof *lengths; i++) {
        for (int64_t at = 600060; at < 600150; at += 10) {
            fake_init(&fake);
            fake.outage_from = at;
            fake.outage_until = at + lengths[i / 2];
            fake.outage_of_one = fake.outage_lands = i % 2;
            patience = i % 2 ? 300000 : 0;
            expect(&run_fake(&result)->bytes, REPLAY_EQUAL, 1);
            bool outlasted = lengths[i / 2] > (patience ? patience : ENGINE_PATIENCE);
            CHECK((result.conflicts > 0) == outlasted || fake.outage_of_one);
        }
        pool_reset(&fake_pool);
    }
    patience = 0;
}

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
    fake.event_count = 0;
    fake.now += 1000;
    engine_recover(engine, &params, &scan, &result);
    journal_clear(&journal);
    return !result.killed;
}

/* A run cut after `first` records, taken up, cut again after `second`, and taken up to its end. */
static bool replay_lives(int64_t first, int64_t second)
{
    struct engine_result result;
    struct killer run;
    struct killer again;
    struct killer last;
    fake_init(&fake);
    fake.harm_after = 780000;
    killer_init(&run, first, 3, false);
    run_into(&run.store, &result);
    bool whole = !result.killed;
    expect(&run.memory.bytes, whole ? REPLAY_EQUAL : REPLAY_CUT, 1);
    killer_init(&again, second, 3, false);
    bool through = whole || recover(&run.memory.bytes, &again);
    killer_init(&last, INT64_MAX, 0, false);
    if (!whole && through)
        expect(&again.memory.bytes, first < 2 ? REPLAY_CUT : REPLAY_EQUAL, first < 2 ? 1 : 2);
    if (!through && recover(&again.memory.bytes, &last))
        expect(&last.memory.bytes, REPLAY_EQUAL, second == 0 ? 2 : 3);
    journal_memory_clear(&run.memory);
    journal_memory_clear(&again.memory);
    journal_memory_clear(&last.memory);
    return through;
}

static void test_lives(void)
{
    load(rollout);
    for (int64_t first = 1; first < 40; first += 1) {
        int64_t second = 0;
        while (!replay_lives(first, second))
            second++;
    }
}

/* Committed, and cut before the end was written. */
static void test_ended_by_another(void)
{
    struct engine_result result;
    struct killer run;
    struct killer last;
    load("return function() begin() put(0, 1) end");
    fake_init(&fake);
    killer_init(&run, 6, 0, false);
    run_into(&run.store, &result);
    killer_init(&last, INT64_MAX, 0, false);
    CHECK(result.killed && recover(&run.memory.bytes, &last));
    expect(&last.memory.bytes, REPLAY_EQUAL, 2);
    journal_memory_clear(&run.memory);
    journal_memory_clear(&last.memory);
}

static void expect_now(size_t index, const char *kind, const char *part)
{
    static struct pool own = {.max = 1 << 20};
    struct value value;
    pool_reset(&own);
    struct slice now = report.differences[index].now;
    if (!CHECK(report.difference_count == index + 1 && now.size > 0) ||
        !CHECK(value_parse(&value, now, true, &own, &err)))
        return;
    CHECK(value_is_text(value_get(&value, "kind"), kind));
    if (!CHECK(memmem(now.data, now.size, part, strlen(part)) != NULL))
        fprintf(stderr, "%.*s lacks %s\n", (int)now.size, now.data, part);
}

static void test_changed_policy(void)
{
    static const struct {
        const char *policy;
        size_t records;
        const char *kind, *part;
    } rows[] = {
        {"return function() begin() put(0, 2) watch(120000) put(1, 2) end", 2, "effect",
         "\"to\":2"},
        {"return function() begin() put(5, 1) watch(120000) put(1, 2) end", 2, "effect",
         "\"key\":5"},
        {"return function() begin() put(0, 1) watch(180000) put(1, 2) end", 4, "effect", "180000"},
        {"return function() begin() put(0, 1) watch(120000) end", 8, "probe", "\"r0\""},
        {"return function() begin() put(0, 1) watch(120000) error 'no' end", 8, "rollback", "no"},
        {"return function() begin() put(0, 1) watch(120000) put(1, 2) put(1, 3) end", 10, "effect",
         "\"to\":3"},
        {"return function() begin() ask{kind='sleep', ['for']=1} end", 2, "effect", "sleep"},
    };
    static struct buffer kept = {.max = 1 << 20};
    struct engine_result result;
    load("return function() begin() put(0, 1) watch(120000) put(1, 2) end");
    fake_init(&fake);
    buffer_empty(&kept);
    CHECK(buffer_append(&kept, buffer_slice(&run_fake(&result)->bytes), &err));
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        load(rows[i].policy);
        expect(&kept, REPLAY_DIFFERENT, 1);
        if (!CHECK(report.records == rows[i].records))
            fprintf(stderr, "row %zu: %zu\n", i, report.records);
        expect_now(0, rows[i].kind, rows[i].part);
    }
    load("return function() error 'refused' end");
    expect(&kept, REPLAY_DIFFERENT, 1);
    CHECK(report.records == 0 && report.difference_count == 1);
    CHECK(report.differences[0].now.size == 0 && report.differences[0].recorded.size > 0);
    CHECK_TEXT(report.why, "policy.lua:19: refused");
    buffer_clear(&kept);
}

/* Another declaration does not hide what is done otherwise; done the same, it is the difference. */
static void test_changed_declaration(void)
{
    static const char other[] =
        "return function()\n"
        "  ask{kind='begin', policy={name='t'}, params={a=%d}, targets=effect.array{target}}\n"
        "  put(0, 1) watch(120000) put(1, %d)\n"
        "end";
    struct engine_params params = params_with(NULL);
    struct engine_result result;
    struct journal_scan scan;
    char policy[512];
    for (int to = 2; to <= 3; to++) {
        snprintf(policy, sizeof policy, other, 1, 2);
        load(policy);
        fake_init(&fake);
        CHECK(read_journal(&scan, &run_fake(&result)->bytes));
        snprintf(policy, sizeof policy, other, 2, to);
        load(policy);
        rewind_sandbox();
        replayed_free(replayed);
        CHECK(replayed_new(&replayed, &scan, &err));
        params.script = &script.script;
        replayed_run(replayed, engine, &params, true, &report);
        CHECK(report.end == REPLAY_DIFFERENT && report.differences[0].record == 1);
        CHECK(report.records == (to == 2 ? scan.count : 8));
        if (to == 2)
            expect_now(0, "begin", "{\"a\":2}");
        else
            expect_now(1, "effect", "\"to\":3");
    }
}

CHECK_MAIN({"set_up", set_up}, {"equal_whatever_happened", test_equal_whatever_happened},
           {"equal_after_a_spent_budget", test_equal_after_a_spent_budget},
           {"equal_whatever_the_metrics", test_equal_whatever_the_metrics},
           {"strangers", test_strangers}, {"hands_and_lags", test_hands_and_lags},
           {"late_landings", test_late_landings}, {"signals", test_signals},
           {"outages", test_outages}, {"lives", test_lives},
           {"ended_by_another", test_ended_by_another}, {"changed_policy", test_changed_policy},
           {"changed_declaration", test_changed_declaration}, {"tear_down", tear_down})
