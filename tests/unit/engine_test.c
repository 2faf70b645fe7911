/* The engine over a fake world: every way a run can end, and every place it can be cut. */
#include "engine_check.h"

#include <stdio.h>

static struct fake_world fake;
static struct journal_memory memory;
static struct engine_result result;
static struct engine *engine;

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

static void run_into(struct journal_store *store)
{
    struct journal journal;
    journal_init(&journal, store);
    struct engine_params params = params_with(&journal);
    sandbox_rewind(sandbox);
    sandbox_seed(sandbox, 1);
    engine_run(engine, &params, &result);
    journal_clear(&journal);
}

static void run(const char *policy)
{
    load(policy);
    journal_memory_clear(&memory);
    journal_memory_init(&memory, 64 << 20);
    run_into(&memory.store);
}

static bool all_as_before(void)
{
    for (int64_t i = 0; i < FAKE_KEYS; i++) {
        if (fake.registers[i] != 100 + i)
            return false;
    }
    return true;
}

static void test_promotes(void)
{
    fake_init(&fake);
    run("return function() begin() put(0, 5) put(0, 10) watch(300000) end");
    CHECK(result.outcome == RUN_PROMOTED);
    CHECK(fake.registers[0] == 10);
    CHECK(result.mutations == 2 && result.undone == 0);
}

#define ASKS(metric)                                                                               \
    "return function() ask{kind='begin', policy={name='t'}, params={}, "                           \
    "targets=effect.array{target}, asks=effect.array{effect.array{{metric='" metric                \
    "'}}}} put(0, 5) end"

/* What could not be judged is refused while nothing is changed; what came stands in the journal. */
static void test_preflight(void)
{
    fake_init(&fake);
    run(ASKS("unknown"));
    CHECK(result.outcome == RUN_REFUSED && fake.puts == 0);
    CHECK_TEXT(result.reason, "policy.lua:4: there is no metric \"unknown\"");
    run(ASKS("unreachable"));
    CHECK(result.outcome == RUN_TOOL_FAILED && fake.puts == 0);
    CHECK_TEXT(result.reason, "nobody answers; nothing was changed");
    run(ASKS("errors"));
    CHECK(result.outcome == RUN_PROMOTED && fake.puts == 1);
    CHECK(strstr(memory.bytes.data, "\"preflight\":[[{\"metric\":\"errors\"}]]"));
}

static void test_endings(void)
{
    static const struct {
        const char *policy;
        enum run_outcome outcome;
        const char *reason;
        int line;
    } rows[] = {
        {"return function() begin() put(0, 5) error('no') end", RUN_POLICY_FAILED,
         "policy.lua:19: no", 19},
        {"return function() begin() put(0, 5) while true do pcall(put) end end", RUN_POLICY_FAILED,
         "the policy asked for more than 10000 effects", 0},
        {"return function() begin() put(0, 5) pcall(function() while true do end end) end",
         RUN_POLICY_FAILED, NULL, 19},
        {"return function() begin() error('no') end", RUN_REFUSED, "policy.lua:19: no", 19},
        {"return function() error('no') end", RUN_REFUSED, "policy.lua:19: no", 19},
        {"return function() begin() put(0, 5) ask{kind='rollback', reason='enough'} end",
         RUN_ROLLED_BACK, "enough", 0},
        {"return function() put(0, 5) end", RUN_REFUSED,
         "policy.lua:4: the run has not begun: nothing may be asked for yet", 0},
        {"return function() ask{kind='begin', policy=1, params={}, targets=effect.array{}} end",
         RUN_REFUSED,
         "policy.lua:4: begin needs the objects params and policy and the list targets", 0},
        {"return function() begin() put(0, 1) ask{kind='nonsense'} end", RUN_POLICY_FAILED,
         "policy.lua:4: there is no effect of kind \"nonsense\"", 0},
        {"return function() begin() put(0, 1) watch(math.maxinteger) end", RUN_POLICY_FAILED,
         "policy.lua:4: watch: \"for\" and \"every\" must be durations above 0, at most 366 days",
         0},
        {"return function() begin() put(0, 1) ask{kind='sleep', ['for']=-1} end", RUN_POLICY_FAILED,
         "policy.lua:4: sleep: \"for\" must be a duration in ms, 0 to 366 days", 0},
        {"return function() begin() put(0, 1) ask{kind='aws', operation='kv.x', input={}} end",
         RUN_POLICY_FAILED, "policy.lua:4: there is no operation kv.x", 0},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        fake_init(&fake);
        run(rows[i].policy);
        if (!CHECK(result.outcome == rows[i].outcome && all_as_before()))
            fprintf(stderr, "row %zu: %s\n", i, result.reason);
        if (rows[i].reason)
            CHECK_TEXT(result.reason, rows[i].reason);
        if (rows[i].line)
            CHECK(result.line == rows[i].line);
    }
}

static const char rollout[] =
    "return function() begin()\n"
    "  put(0, 1) watch(120000) put(1, 2) put(0, 3) watch(180000) put(2, 9) watch(600000)\n"
    "end";

static void test_harm(void)
{
    fake_init(&fake);
    fake.harm_after = 720000;
    run(rollout);
    CHECK(result.outcome == RUN_ROLLED_BACK && result.cause == CAUSE_HARM);
    CHECK(all_as_before());
    CHECK(strncmp(result.reason, "errors: canary ", 15) == 0);
    CHECK(result.undone == 1 || result.undone == 2 || result.undone == 3);
}

/* pcall around a watch does not outlive a verdict of harm. */
static void test_harm_cannot_be_caught(void)
{
    fake_init(&fake);
    fake.harm_after = 0;
    run("return function() begin() put(0, 1) pcall(watch, 600000) put(0, 2) end");
    CHECK(result.outcome == RUN_ROLLED_BACK && all_as_before());
    CHECK(fake.puts == 2);
}

static void test_no_data(void)
{
    fake_init(&fake);
    fake.silent = true;
    run(rollout);
    CHECK(result.outcome == RUN_NO_DECISION && all_as_before());
    CHECK_TEXT(result.reason, "no requests were seen in either arm for 3 periods");
}

static void test_parallel(void)
{
    fake_init(&fake);
    run("return function() begin()\n"
        "  local r = effect.parallel{function() put(0, 1) return 'a' end,\n"
        "                            function() put(1, 2) put(1, 3) return 'b' end}\n"
        "  if r[1] .. r[2] ~= 'ab' then error 'order' end\n"
        "end");
    CHECK(result.outcome == RUN_PROMOTED);
    CHECK(fake.registers[0] == 1 && fake.registers[1] == 3);
    fake_init(&fake);
    run("return function() begin()\n"
        "  effect.parallel{function() put(0, 1) error 'one branch' end,\n"
        "                  function() put(1, 2) put(1, 3) put(1, 4) end}\n"
        "end");
    CHECK(result.outcome == RUN_POLICY_FAILED && all_as_before());
}

/* The kinds of the journal's records from number `from` on, as one text: "rollback probe undo ...".
 */
static const char *kinds_from(size_t from)
{
    static char text[4096];
    static struct pool pool = {.max = 16 << 20};
    struct journal_scan scan;
    pool_reset(&pool);
    text[0] = '\0';
    if (!CHECK(journal_read(&scan, buffer_slice(&memory.bytes), &pool, &err)))
        return text;
    for (size_t i = from; i < scan.count; i++) {
        size_t size = strlen(text);
        snprintf(text + size, sizeof text - size, "%s%s", i > from ? " " : "",
                 journal_kind_name(scan.records[i].kind));
    }
    return text;
}

/* One branch fails while another's mutation is on its way and a third has just looked at what it
 * means to change: the first is waited for, the other is not sent. */
static void test_nothing_is_sent_after_the_stop(void)
{
    fake_init(&fake);
    run("return function() begin()\n"
        "  effect.parallel{function() put(0, 1) end,\n"
        "    function() ask{kind='sleep', ['for']=5} put(1, 2) end,\n"
        "    function() ask{kind='sleep', ['for']=12} error 'no' end}\n"
        "end");
    CHECK(result.outcome == RUN_POLICY_FAILED && all_as_before());
    CHECK(result.mutations == 1 && fake.puts == 2);
    CHECK_TEXT(kinds_from(2),
               "effect effect result effect result rollback result probe undo undone "
               "probe verified end");
}

static void test_signal(void)
{
    for (int64_t at = 600000; at < 601000; at += 5) {
        fake_init(&fake);
        fake.interrupt_at = at;
        run(rollout);
        CHECK(result.outcome == RUN_INTERRUPTED && all_as_before());
        CHECK_TEXT(result.reason, "a signal asked for it");
    }
}

/* An answer that was lost for good is a record of its own. */
static void test_unknown_is_recorded(void)
{
    fake_init(&fake);
    fake.fault_at = 1;
    fake.fault = FAKE_LOST_NOT_LANDED;
    run("return function() begin() put(0, 1) end");
    CHECK(result.outcome == RUN_POLICY_FAILED && all_as_before());
    CHECK_TEXT(kinds_from(2), "effect result rollback probe probe probe probe probe probe probe "
                              "probe probe probe probe verified end");
}

/* Somebody else's change is seen before it is written over, and what was seen is kept. */
static void test_conflict_going_forward(void)
{
    fake_init(&fake);
    fake.gets_until_stranger = 1;
    run("return function() begin() put(0, 1) put(0, 2) end");
    CHECK(result.cause == CAUSE_CONFLICT && result.outcome == RUN_NOT_RESTORED);
    CHECK(fake.registers[0] == 777 && fake.puts == 1);
    CHECK_TEXT(result.reason, "r0 was changed by somebody else meanwhile: it shows 777; the run "
                              "found 100 and made 1");
    CHECK_TEXT(kinds_from(4), "effect result rollback probe verified end");
}

static void test_faults_while_going_forward(void)
{
    enum { PUTS = 4 };
    for (int at = 1; at <= PUTS + 1; at++) {
        for (int fault = FAKE_REJECTED; fault <= FAKE_LOST_NOT_LANDED; fault++) {
            fake_init(&fake);
            fake.fault_at = at;
            fake.fault = (enum fake_fault)fault;
            run(rollout);
            bool promoted = result.outcome == RUN_PROMOTED;
            CHECK(promoted == (fault == FAKE_LOST_LANDED || at > PUTS));
            CHECK(promoted || all_as_before());
        }
    }
}

static void test_faults_while_going_back(void)
{
    enum { FIRST_UNDO = 5, LAST_UNDO = 7 };
    for (int at = FIRST_UNDO; at <= LAST_UNDO; at++) {
        for (int fault = FAKE_REJECTED; fault <= FAKE_LOST_NOT_LANDED; fault++) {
            fake_init(&fake);
            fake.harm_after = 900000;
            fake.fault_at = at;
            fake.fault = (enum fake_fault)fault;
            run(rollout);
            CHECK(result.outcome == RUN_ROLLED_BACK && all_as_before());
        }
    }
}

static void test_stranger_is_not_overwritten(void)
{
    for (int gets = 1; gets < 8; gets++) {
        fake_init(&fake);
        fake.gets_until_stranger = gets;
        fake.harm_after = 900000;
        run(rollout);
        CHECK(fake.registers[0] == 777);
        CHECK(fake.registers[1] == 101 && fake.registers[2] == 102);
        CHECK(result.outcome == RUN_NOT_RESTORED && result.conflicts == 1);
    }
}

/* Takes up what is in `bytes`; returns false if that was stopped too. */
static bool recover(struct buffer *bytes, struct killer *killer)
{
    static struct pool pool = {.max = 64 << 20};
    struct journal_scan scan;
    struct journal journal;
    pool_reset(&pool);
    if (!CHECK(journal_read(&scan, buffer_slice(bytes), &pool, &err)))
        return true;
    killer->memory.bytes.size = 0;
    CHECK(buffer_append(&killer->memory.bytes, (struct slice){bytes->data, scan.good}, &err));
    journal_init(&journal, &killer->store);
    journal_continue(&journal, &scan);
    struct engine_params params = params_with(&journal);
    fake.event_count = 0;
    engine_recover(engine, &params, &scan, &result);
    journal_clear(&journal);
    return !result.killed;
}

static size_t count_records(const struct buffer *bytes)
{
    size_t count = 0;
    for (size_t i = 0; i < bytes->size; i++)
        count += bytes->data[i] == '\n';
    return count;
}

/* One cut in the run, then cuts in the rollback until one recovery goes through. */
static void cut_twice(int64_t first, size_t torn, bool at_sync, int64_t harm_after)
{
    for (int64_t second = 1; second < 100; second++) {
        struct killer killer;
        struct killer again;
        fake_init(&fake);
        fake.harm_after = harm_after;
        killer_init(&killer, first, torn, at_sync);
        run_into(&killer.store);
        CHECK(result.killed);
        killer_init(&again, second, torn, at_sync);
        bool through = recover(&killer.memory.bytes, &again);
        if (!through) {
            struct killer last;
            killer_init(&last, INT64_MAX, 0, false);
            CHECK(recover(&again.memory.bytes, &last));
            journal_memory_clear(&last.memory);
        }
        bool committed = result.outcome == RUN_PROMOTED || result.outcome == RUN_REFUSED;
        if (!CHECK(all_as_before() || committed))
            fprintf(stderr, "cut after %lld (%zu bytes), again after %lld\n", (long long)first,
                    torn, (long long)second);
        journal_memory_clear(&killer.memory);
        journal_memory_clear(&again.memory);
        if (through)
            return;
    }
}

static void test_cut_everywhere(void)
{
    static const int64_t harm[] = {INT64_MAX, 900000};
    for (size_t h = 0; h < 2; h++) {
        fake_init(&fake);
        fake.harm_after = harm[h];
        run(rollout);
        int64_t count = (int64_t)count_records(&memory.bytes);
        CHECK(count > 15);
        for (int64_t first = 1; first < count; first++) {
            cut_twice(first, 0, true, harm[h]);
            cut_twice(first, 0, false, harm[h]);
            cut_twice(first, 1, false, harm[h]);
            cut_twice(first, 100, false, harm[h]);
        }
    }
}

/* The cause that a rollback began with outlives the process that began it. */
static void test_cause_outlives_the_process(void)
{
    struct killer killer;
    struct killer last;
    fake_init(&fake);
    fake.harm_after = 900000;
    run(rollout);
    CHECK(result.cause == CAUSE_HARM);
    char reason[ERROR_MESSAGE_MAX];
    memcpy(reason, result.reason, sizeof reason);
    size_t count = count_records(&memory.bytes);
    fake_init(&fake);
    fake.harm_after = 900000;
    killer_init(&killer, (int64_t)count - 2, 0, false);
    run_into(&killer.store);
    killer_init(&last, INT64_MAX, 0, false);
    CHECK(result.killed && recover(&killer.memory.bytes, &last));
    CHECK(result.outcome == RUN_ROLLED_BACK && result.cause == CAUSE_HARM && all_as_before());
    CHECK_TEXT(result.reason, reason);
    journal_memory_clear(&killer.memory);
    journal_memory_clear(&last.memory);
}

static int64_t last_id(const struct buffer *bytes)
{
    static struct pool pool = {.max = 16 << 20};
    struct journal_scan scan;
    pool_reset(&pool);
    CHECK(journal_read(&scan, buffer_slice(bytes), &pool, &err));
    for (size_t i = scan.count; i-- > 0;) {
        int64_t id = value_get_integer(&scan.records[i].body, "id", -1);
        if (id >= 0)
            return id;
    }
    return -1;
}

/* Whatever was begun under an id by the process that died, another never answers to it. */
static void test_ids_of_another_life(void)
{
    fake_init(&fake);
    run("return function() begin() put(0, 1) error 'no' end");
    int64_t count = (int64_t)count_records(&memory.bytes);
    for (int64_t cut = 5; cut < count - 1; cut++) {
        struct killer killer;
        struct killer last;
        fake_init(&fake);
        killer_init(&killer, cut, 0, false);
        run_into(&killer.store);
        int64_t before = last_id(&killer.memory.bytes);
        killer_init(&last, INT64_MAX, 0, false);
        CHECK(result.killed && recover(&killer.memory.bytes, &last) && all_as_before());
        CHECK(last_id(&last.memory.bytes) > before);
        journal_memory_clear(&killer.memory);
        journal_memory_clear(&last.memory);
    }
}

static void test_quiet_run_is_the_same(void)
{
    fake_init(&fake);
    fake.harm_after = 900000;
    run(rollout);
    struct engine_result loud = result;
    fake_init(&fake);
    fake.harm_after = 900000;
    struct engine_params params = params_with(NULL);
    sandbox_rewind(sandbox);
    sandbox_seed(sandbox, 1);
    engine_run(engine, &params, &result);
    CHECK(result.outcome == loud.outcome && result.ended == loud.ended);
    CHECK_TEXT(result.reason, loud.reason);
    CHECK(all_as_before());
}

static void test_same_bytes_again(void)
{
    static struct buffer first = {.max = 64 << 20};
    fake_init(&fake);
    run(rollout);
    CHECK(buffer_append(&first, buffer_slice(&memory.bytes), &err));
    fake_init(&fake);
    run(rollout);
    CHECK(slice_equal(buffer_slice(&first), buffer_slice(&memory.bytes)));
    buffer_clear(&first);
}

static void set_up(void)
{
    if (!engine)
        CHECK(engine_new(&engine, &err));
}

static void tear_down(void)
{
    engine_free(engine);
    sandbox_free(sandbox);
    journal_memory_clear(&memory);
}

CHECK_MAIN({"set_up", set_up}, {"promotes", test_promotes}, {"preflight", test_preflight},
           {"endings", test_endings}, {"harm", test_harm},
           {"harm_cannot_be_caught", test_harm_cannot_be_caught}, {"no_data", test_no_data},
           {"parallel", test_parallel},
           {"nothing_is_sent_after_the_stop", test_nothing_is_sent_after_the_stop},
           {"signal", test_signal}, {"unknown_is_recorded", test_unknown_is_recorded},
           {"conflict_going_forward", test_conflict_going_forward},
           {"cause_outlives_the_process", test_cause_outlives_the_process},
           {"ids_of_another_life", test_ids_of_another_life},
           {"faults_forward", test_faults_while_going_forward},
           {"faults_back", test_faults_while_going_back},
           {"stranger", test_stranger_is_not_overwritten}, {"cut_everywhere", test_cut_everywhere},
           {"quiet", test_quiet_run_is_the_same}, {"same_bytes_again", test_same_bytes_again},
           {"tear_down", tear_down})
