/* How many resources go back: side by side where they were changed side by side, in reverse where
 * one was changed after the other, and whoever has to wait keeps nobody else waiting. And requests
 * whose answers were lost, which land late. */
#include "engine_check.h"

static struct fake_world fake;
static struct engine *engine;
static struct engine_result result;
static struct journal_memory memory;

enum { SECOND = 1000, MINUTE = 60 * SECOND };

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

static bool all_as_before(void)
{
    bool same = true;
    for (int64_t i = 0; i < FAKE_KEYS; i++)
        same = same && fake.registers[i] == 100 + i;
    return same;
}

/* The order in which undos were sent: "r2 r0 ...". */
static const char *undos(void)
{
    static char text[256];
    static struct pool pool = {.max = 16 << 20};
    struct journal_scan scan;
    size_t size = 0;
    pool_reset(&pool);
    text[0] = '\0';
    if (!CHECK(journal_read(&scan, buffer_slice(&memory.bytes), &pool, &err)))
        return text;
    for (size_t i = 0; i < scan.count; i++) {
        struct slice identity = value_get_slice(&scan.records[i].body, "identity", "");
        if (scan.records[i].kind == JOURNAL_UNDO)
            size += (size_t)snprintf(text + size, sizeof text - size, "%s%.*s", size ? " " : "",
                                     (int)identity.size, identity.data);
    }
    return text;
}

/* A policy; in what order its resources go back, and how many calls are under way at most. */
static void test_order(void)
{
    static const struct {
        const char *policy, *order;
        int at_a_time; /* calls under way, at most */
        int64_t takes; /* ms, the calls of 10 ms each */
    } rows[] = {
        {"put(0, 1) put(1, 1) put(2, 1)", "r2 r1 r0", 1, 90},
        {"effect.parallel{function() put(0, 1) end, function() put(1, 1) end,"
         "  function() put(2, 1) end}",
         "r2 r1 r0", 3, 30},
        {"effect.parallel{function() put(0, 1) put(1, 1) end, function() put(2, 1) put(3, 1) end}",
         "r3 r1 r2 r0", 2, 60},
        {"put(4, 1) effect.parallel{function() put(0, 1) end, function() put(1, 1) end} put(5, 1)",
         "r5 r1 r0 r4", 2, 90},
        {"effect.parallel{function() put(0, 1) end, function() put(1, 1) end}"
         " effect.parallel{function() put(2, 1) end, function() put(3, 1) end}",
         "r3 r2 r1 r0", 2, 60},
        {"effect.parallel{function() put(0, 1)"
         "    effect.parallel{function() put(1, 1) end, function() put(2, 1) end} end,"
         "  function() put(3, 1) end}",
         "r2 r1 r3 r0", 3, 60},
        /* one that both have changed goes back where it was changed first */
        {"put(0, 1) effect.parallel{function() put(0, 2) put(1, 1) end, function() put(2, 1) end}",
         "r1 r2 r0", 2, 60},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        char policy[512];
        snprintf(policy, sizeof policy,
                 "return function() begin() %s ask{kind='rollback', reason='no'} end",
                 rows[i].policy);
        fake_init(&fake);
        run(policy);
        int64_t began = 0;
        struct journal_scan scan;
        static struct pool pool = {.max = 16 << 20};
        pool_reset(&pool);
        CHECK(journal_read(&scan, buffer_slice(&memory.bytes), &pool, &err));
        for (size_t k = 0; k < scan.count; k++)
            began = scan.records[k].kind == JOURNAL_ROLLBACK ? scan.records[k].at : began;
        CHECK(result.outcome == RUN_ROLLED_BACK && all_as_before());
        CHECK_TEXT(undos(), rows[i].order);
        CHECK(fake.busy_most == rows[i].at_a_time);
        if (!CHECK(result.ended - began == rows[i].takes))
            fprintf(stderr, "row %zu: %lld ms\n", i, (long long)(result.ended - began));
    }
}

/* What AWS does not answer for is waited for by itself: the rest is back at once. */
static void test_an_outage_of_one(void)
{
    fake_init(&fake);
    fake.outage_from = fake.now + 75;
    fake.outage_until = fake.outage_from + 10 * MINUTE;
    fake.outage_of_one = true;
    run("return function() begin() put(0, 1) put(1, 1)\n"
        "  effect.parallel{function() put(2, 1) end, function() put(3, 1) end} error 'no' end");
    CHECK(result.outcome == RUN_POLICY_FAILED && all_as_before());
    struct journal_scan scan;
    static struct pool pool = {.max = 16 << 20};
    pool_reset(&pool);
    CHECK(journal_read(&scan, buffer_slice(&memory.bytes), &pool, &err));
    int64_t began = 0;
    size_t soon = 0;
    for (size_t i = 0; i < scan.count; i++) {
        began = scan.records[i].kind == JOURNAL_ROLLBACK ? scan.records[i].at : began;
        soon += scan.records[i].kind == JOURNAL_VERIFIED && scan.records[i].at < began + SECOND;
    }
    CHECK(soon == 3);
}

/* A change whose answer was lost lands within the lateness: it is seen, and put back, whatever had
 * been put back before. */
static void test_late_landings(void)
{
    static const int64_t lates[] = {500,   2900,   3100,       4000,       10000,
                                    30000, MINUTE, 2 * MINUTE, 4 * MINUTE, 299 * SECOND};
    for (size_t i = 0; i < sizeof lates / sizeof *lates; i++) {
        for (int at = 1; at <= 3; at++) {
            fake_init(&fake);
            fake.fault_at = at;
            fake.fault = FAKE_LOST_NOT_LANDED;
            fake.lands_late = lates[i];
            run("return function() begin() put(0, 1) put(0, 2) put(1, 3) end");
            bool ok = CHECK(result.outcome == RUN_POLICY_FAILED && all_as_before());
            if (!CHECK(fake.late_at == INT64_MAX) || !ok)
                fprintf(stderr, "put %d lands %lld ms late\n", at, (long long)lates[i]);
        }
    }
}

/* How long that is, the operator says, and the journal. */
static void test_lateness_is_said(void)
{
    struct journal journal;
    for (int i = 0; i < 2; i++) {
        load("return function() begin() put(0, 1) end");
        fake_init(&fake);
        fake.fault_at = 1;
        fake.fault = FAKE_LOST_NOT_LANDED;
        journal_memory_clear(&memory);
        journal_memory_init(&memory, 64 << 20);
        journal_init(&journal, &memory.store);
        struct engine_params params = params_with(&journal);
        params.lateness = i ? 20 * SECOND : 0;
        sandbox_rewind(sandbox);
        int64_t start = fake.now;
        engine_run(engine, &params, &result);
        journal_clear(&journal);
        int64_t length = i ? 20 * SECOND : 5 * MINUTE;
        CHECK(result.ended >= start + length && result.ended < start + length + SECOND);
        CHECK((memmem(memory.bytes.data, memory.bytes.size, "\"lateness\":20000", 16) != NULL) ==
              (i == 1));
    }
}

/* A disk that knows what is not durable yet. */
struct slow_disk {
    struct journal_store store;
    struct journal_memory memory;
    size_t records, unsynced, syncs, sent_early;
};

static struct slow_disk slow;

static bool slow_append(struct journal_store *store, struct slice bytes, struct error *error)
{
    (void)store;
    slow.records++;
    slow.unsynced++;
    return buffer_append(&slow.memory.bytes, bytes, error);
}

static bool slow_sync(struct journal_store *store, struct error *error)
{
    (void)store, (void)error;
    slow.syncs++;
    slow.unsynced = 0;
    return true;
}

static bool call_when_durable(struct world *world, int64_t id, const struct value *request,
                              struct error *error)
{
    slow.sent_early += slow.unsynced > 0;
    return fake_ops.call(world, id, request, error);
}

/* Nothing leaves before all that was written is durable; what is sent side by side waits for one
 * sync, and so does its end. */
static void test_written_before_sent(void)
{
    struct world_ops ops = fake_ops;
    struct journal journal;
    ops.call = call_when_durable;
    load("return function() begin() effect.parallel{function() put(0, 1) end,\n"
         "  function() put(1, 1) end, function() put(2, 1) end, function() put(3, 1) end}\n"
         "  ask{kind='rollback', reason='no'} end");
    slow = (struct slow_disk){.store = {slow_append, slow_sync, NULL}};
    journal_memory_init(&slow.memory, 64 << 20);
    fake_init(&fake);
    fake.world.ops = &ops;
    journal_init(&journal, &slow.store);
    struct engine_params params = params_with(&journal);
    sandbox_rewind(sandbox);
    engine_run(engine, &params, &result);
    CHECK(result.outcome == RUN_ROLLED_BACK && all_as_before());
    CHECK(slow.sent_early == 0 && slow.unsynced == 0);
    enum { BACK = 4 * 5, GROUPS = 3 }; /* of each: PROBE, UNDO; UNDONE; PROBE, VERIFIED */
    CHECK(slow.records - slow.syncs == BACK - GROUPS);
    journal_clear(&journal);
    journal_memory_clear(&slow.memory);
}

/* A disk with so much space: what is set aside is taken from it, and never refused later. */
struct small_disk {
    struct journal_store store;
    struct journal_memory memory;
    size_t space, reserved; /* left, of which so much is set aside */
};

static bool small_reserve(struct journal_store *store, size_t size, struct error *error)
{
    struct small_disk *disk = (struct small_disk *)store;
    if (size > disk->space)
        return error_set(error, ERROR_IO, "no space left");
    disk->reserved = size;
    return true;
}

static bool small_append(struct journal_store *store, struct slice bytes, struct error *error)
{
    struct small_disk *disk = (struct small_disk *)store;
    if (bytes.size > disk->reserved)
        return error_set(error, ERROR_IO, "no space left");
    disk->space -= bytes.size;
    disk->reserved -= bytes.size;
    return buffer_append(&disk->memory.bytes, bytes, error);
}

static bool small_sync(struct journal_store *store, struct error *error)
{
    (void)store, (void)error;
    return true;
}

/* However little space there is, a run ends as if it had not begun, or with all put back, or well:
 * the records of the way back always have theirs. */
static void test_a_small_disk(void)
{
    bool seen[3] = {false};
    load("return function() begin() put(0, 1) put(1, 1) put(0, 2) watch(6000000)\n"
         "  effect.parallel{function() put(2, 1) put(3, 1) end, function() put(4, 1) end} end");
    for (size_t space = 0; space < 800 << 10; space += 1777) {
        struct small_disk disk = {.store = {small_append, small_sync, small_reserve},
                                  .space = space};
        struct journal journal;
        journal_memory_init(&disk.memory, 64 << 20);
        fake_init(&fake);
        journal_init(&journal, &disk.store);
        struct engine_params params = params_with(&journal);
        sandbox_rewind(sandbox);
        engine_run(engine, &params, &result);
        bool promoted = result.outcome == RUN_PROMOTED;
        int how = promoted ? 2 : result.undone > 0;
        if (!CHECK(promoted || (result.outcome == RUN_TOOL_FAILED && all_as_before())))
            fprintf(stderr, "%zu bytes: %s\n", space, run_outcome_name(result.outcome));
        seen[how] = true;
        journal_clear(&journal);
        journal_memory_clear(&disk.memory);
    }
    CHECK(seen[0] && seen[1] && seen[2]);
}

CHECK_MAIN({"set_up", set_up}, {"order", test_order}, {"an_outage_of_one", test_an_outage_of_one},
           {"late_landings", test_late_landings}, {"lateness_is_said", test_lateness_is_said},
           {"written_before_sent", test_written_before_sent}, {"a_small_disk", test_a_small_disk},
           {"tear_down", tear_down})
