/* Journals with records that no run writes: whatever one of them holds, the others are put back,
 * and what is not known to be back is never called so. */
#include "engine_check.h"

static struct fake_world fake;
static struct engine *engine;
static struct engine_result result;

static const char policy[] =
    "return function() begin() put(0, 1) put(1, 2) watch(120000) put(0, 3) put(2, 4) watch(600000) "
    "end";

static struct engine_params params_with(struct journal *journal)
{
    static struct value header = {.kind = VALUE_OBJECT};
    return (struct engine_params){.world = &fake.world,
                                  .catalogue = &fake.catalogue,
                                  .script = &script.script,
                                  .journal = journal,
                                  .header = &header,
                                  .arguments = &header};
}

/* The run's journal up to `records` of them, in the pool of `scan`. */
static void run_killed(int64_t records, struct journal_scan *scan, struct pool *pool)
{
    static struct killer killer;
    struct journal journal;
    fake_init(&fake);
    load(policy);
    killer_init(&killer, records, 0, true);
    journal_init(&journal, &killer.store);
    struct engine_params params = params_with(&journal);
    engine_run(engine, &params, &result);
    journal_clear(&journal);
    CHECK(result.killed);
    CHECK(journal_read(scan, buffer_slice(&killer.memory.bytes), pool, &err));
}

static bool is_back(size_t key)
{
    return fake.registers[key] == 100 + (int64_t)key;
}

/* Never less than this: no error of ours, the rest is put back, and exit 14 where one is not. */
static void recover(const struct journal_scan *scan, const char *what, size_t line)
{
    static struct journal_memory memory;
    struct journal journal;
    journal_memory_init(&memory, 64 << 20);
    journal_init(&journal, &memory.store);
    struct engine_params params = params_with(&journal);
    int64_t registers[3] = {3, 2, 4};
    memcpy(fake.registers, registers, sizeof registers);
    fake.event_count = 0;
    engine_recover(engine, &params, scan, &result);
    size_t back = 0;
    for (size_t key = 0; key < 3; key++)
        back += is_back(key);
    bool said = result.outcome == RUN_NOT_RESTORED;
    if (!CHECK(result.cause != CAUSE_TOOL && back >= 2 && (back == 3 || said)))
        fprintf(stderr, "line %zu, %s: %zu back, %s, %s\n", line + 1, what, back,
                run_outcome_name(result.outcome), result.reason);
    journal_clear(&journal);
    journal_memory_clear(&memory);
}

static const char *const others[] = {"null",
                                     "7",
                                     "-1",
                                     "true",
                                     "\"7\"",
                                     "\"x\"",
                                     "{}",
                                     "[]",
                                     "[[[[[[[[1]]]]]]]]",
                                     "{\"a\":{\"b\":[null]}}",
                                     "9223372036854775807",
                                     "1e+308"};

static void recover_without(struct value *object, size_t at, const struct journal_scan *scan,
                            size_t line)
{
    struct member *members = object->object.members;
    struct member kept = members[at];
    size_t after = (--object->object.count - at) * sizeof kept;
    memmove(members + at, members + at + 1, after);
    recover(scan, "no such member", line);
    memmove(members + at + 1, members + at, after);
    members[at] = kept;
    object->object.count++;
}

/* Each member of the value, one after the other: another in its place, and none. An undo of null is
 * not odd (the change stays); what stands in one is for the catalogue to judge. */
static void change_each(struct value *value, const struct journal_scan *scan, size_t line)
{
    static struct pool pool = {.max = 1 << 20};
    for (size_t i = 0; value->kind == VALUE_OBJECT && i < value->object.count; i++) {
        struct member *member = &value->object.members[i];
        struct member kept = *member;
        bool undo = slice_is(member->name, "undo");
        for (size_t k = undo; k < sizeof others / sizeof *others; k++) {
            pool_reset(&pool);
            CHECK(value_parse(&member->value, slice_of(others[k]), true, &pool, &err));
            recover(scan, others[k], line);
        }
        *member = kept;
        recover_without(value, i, scan, line);
        if (!undo)
            change_each(&member->value, scan, line);
    }
}

/* The mutations' own records, those of the watch between them, and the answers. */
static void test_every_member(void)
{
    static struct pool pool = {.max = 64 << 20};
    struct journal_scan scan;
    CHECK(engine_new(&engine, &err));
    run_killed(16, &scan, &pool);
    CHECK(scan.count == 16);
    for (size_t i = 0; i < scan.count; i++)
        change_each(&scan.records[i].body, &scan, i);
    for (size_t i = 0; i < scan.count; i++) {
        struct value kept = scan.records[i].body;
        scan.records[i].body = (struct value){.kind = VALUE_OBJECT};
        recover(&scan, "nothing in it", i);
        scan.records[i].body = kept;
    }
    recover(&scan, "as it was", 0);
    CHECK(result.outcome == RUN_CUT_SHORT && is_back(0) && is_back(1) && is_back(2));
    engine_free(engine);
    sandbox_free(sandbox);
    pool_clear(&pool);
    pool_clear(&load_pool);
    pool_clear(&fake_pool);
}

CHECK_MAIN({"every_member", test_every_member})
