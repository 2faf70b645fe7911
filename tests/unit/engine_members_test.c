/* A resource of several members, of which a run changes some: those are compared and put back, and
 * nobody's hand on another stands in the way. Here "r0" has the registers 0 and 1 as its members
 * "a" and "b". */
#include "engine_check.h"

static struct fake_world fake;
static struct engine *engine;
static struct engine_result result;
static struct journal_memory memory;

enum { SECOND = 1000, MINUTE = 60 * SECOND };

/* --- a catalogue of two members -------------------------------------------------------------- */

static bool plan_both(struct catalogue *catalogue, const struct value *request,
                      const struct value *home, struct plan *plan, struct pool *pool,
                      struct error *error)
{
    bool ok = fake_plan(catalogue, request, home, plan, pool, error);
    if (ok && plan->mutation)
        plan->identity = slice_of("r0");
    return ok;
}

/* All of it, whichever was asked for. */
static bool state_both(struct catalogue *catalogue, struct slice operation,
                       const struct value *input, const struct value *observed, struct value *state,
                       struct pool *pool, struct error *error)
{
    (void)catalogue, (void)operation, (void)input, (void)observed;
    if (!value_object(state, 2, pool, error))
        return false;
    state->object.members[0] = (struct member){slice_of("a"), value_integer(fake.registers[0])};
    state->object.members[1] = (struct member){slice_of("b"), value_integer(fake.registers[1])};
    return true;
}

static bool prepare_one(struct catalogue *catalogue, const struct value *request,
                        const struct plan *plan, const struct value *observed, struct value *before,
                        struct value *after, struct value *undo, struct pool *pool,
                        struct error *error)
{
    struct value whole;
    int64_t key = fake_key(value_get(request, "input"));
    const char *name = key == 0 ? "a" : "b";
    struct value shown = fake_member(pool, "is", value_integer(fake.registers[key]));
    (void)observed;
    state_both(catalogue, slice_of(""), NULL, NULL, &whole, pool, error);
    bool ok = fake_prepare(catalogue, request, plan, &shown, before, after, undo, pool, error);
    *before = fake_member(pool, name, *value_get(&whole, name));
    *after = fake_member(pool, name, *after);
    return ok;
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

static void fresh(void)
{
    static const struct catalogue_ops ops = {plan_both,   prepare_one, state_both, fake_guard,
                                             fake_steady, fake_passes, fake_steps, fake_join};
    fake_init(&fake);
    fake.catalogue.ops = &ops;
}

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

static void run_into(const char *policy, struct journal_store *store)
{
    struct journal journal;
    load(policy);
    journal_init(&journal, store);
    struct engine_params params = params_with(&journal);
    sandbox_rewind(sandbox);
    sandbox_seed(sandbox, 1);
    engine_run(engine, &params, &result);
    journal_clear(&journal);
}

static void run(const char *policy)
{
    journal_memory_clear(&memory);
    journal_memory_init(&memory, 64 << 20);
    run_into(policy, &memory.store);
}

/* --- what is tried --------------------------------------------------------------------------- */

static const char one_member[] = "return function() begin()\n"
                                 "  for i = 1, 4 do put(0, i) watch(60000) end\n"
                                 "  %s\n"
                                 "end";

static void run_one_member(const char *end)
{
    char policy[256];
    snprintf(policy, sizeof policy, one_member, end);
    run(policy);
}

/* Somebody's hand on the other member, at any moment: the run goes on, and on its way back leaves
 * that as it is. */
static void test_a_hand_on_another_member(void)
{
    for (int64_t at = 15; at < 4 * MINUTE + 10 * SECOND; at += 1717) {
        for (int fails = 0; fails < 2; fails++) {
            fresh();
            fake.hand_at = fake.now + at;
            fake.hand_key = 1;
            fake.hand_writes = 777;
            run_one_member(fails ? "error 'no'" : "");
            bool touched = fake.hand_at == INT64_MAX;
            bool ok = CHECK(result.outcome == (fails ? RUN_POLICY_FAILED : RUN_PROMOTED));
            ok = CHECK(fake.registers[0] == (fails ? 100 : 4)) && ok;
            ok = CHECK(fake.registers[1] == (touched ? 777 : 101)) && ok;
            if (!ok)
                fprintf(stderr, "at %lld: %s\n", (long long)at, result.reason);
        }
        pool_reset(&fake_pool);
    }
}

/* The same member stays a conflict. */
static void test_a_hand_on_the_member(void)
{
    for (int64_t at = 15; at < 4 * MINUTE; at += 1717) {
        fresh();
        fake.hand_at = fake.now + at;
        fake.hand_writes = 777;
        run_one_member("");
        CHECK(result.outcome == RUN_NOT_RESTORED && fake.registers[0] == 777);
        pool_reset(&fake_pool);
    }
}

/* Both are the run's where it changes both, in one undo; each goes back to what it was before the
 * first change that names it. */
static void test_both_members(void)
{
    fresh();
    run("return function() begin() put(0, 1) put(1, 2) put(0, 3) error 'no' end");
    CHECK(result.outcome == RUN_POLICY_FAILED && result.undone == 1 && fake.puts == 4);
    CHECK(fake.registers[0] == 100 && fake.registers[1] == 101);
    for (int64_t key = 0; key < 2; key++) {
        fresh();
        fake.hand_key = key;
        fake.hand_at = fake.now + 30 * SECOND;
        fake.hand_writes = 777;
        run("return function() begin() put(0, 1) put(1, 2) watch(60000) end");
        CHECK(result.outcome == RUN_NOT_RESTORED && fake.registers[key] == 777);
        CHECK(strstr(result.reason, key ? "b: it shows 777; the run found 101 and made 2"
                                        : "a: it shows 777; the run found 100 and made 1"));
    }
}

/* What a hand made of a member before the run changed it, too, is what that goes back to. */
static void test_a_member_that_comes_later(void)
{
    fresh();
    fake.hand_key = 1;
    fake.hand_at = fake.now + 30 * SECOND;
    fake.hand_writes = 777;
    run("return function() begin() put(0, 1) watch(60000) put(1, 2) error 'no' end");
    CHECK(result.outcome == RUN_POLICY_FAILED);
    CHECK(fake.registers[0] == 100 && fake.registers[1] == 777);
}

/* A change that AWS refused governs nothing; one whose answer was lost may. */
static void test_faults(void)
{
    for (int fault = FAKE_REJECTED; fault <= FAKE_LOST_NOT_LANDED; fault++) {
        for (int at = 1; at <= 3; at++) {
            fresh();
            fake.fault_at = at;
            fake.fault = (enum fake_fault)fault;
            run("return function() begin() put(0, 1) put(1, 2) put(0, 3) error 'no' end");
            CHECK(result.outcome == RUN_POLICY_FAILED);
            CHECK(fake.registers[0] == 100 && fake.registers[1] == 101);
        }
    }
    fresh();
    fake.fault_at = 2;
    fake.fault = FAKE_REJECTED;
    fake.hand_key = 1;
    fake.hand_at = fake.now + 30 * SECOND;
    fake.hand_writes = 777;
    run("return function() begin() put(0, 1) pcall(put, 1, 2) watch(60000) end");
    CHECK(result.outcome == RUN_PROMOTED && fake.registers[1] == 777);
}

static void recover(const struct buffer *bytes)
{
    static struct pool pool = {.max = 64 << 20};
    struct journal_scan scan;
    struct journal journal;
    pool_reset(&pool);
    CHECK(journal_read(&scan, buffer_slice(bytes), &pool, &err));
    journal_memory_clear(&memory);
    journal_memory_init(&memory, 64 << 20);
    CHECK(buffer_append(&memory.bytes, (struct slice){bytes->data, scan.good}, &err));
    journal_init(&journal, &memory.store);
    journal_continue(&journal, &scan);
    struct engine_params params = params_with(&journal);
    fake.event_count = 0;
    engine_recover(engine, &params, &scan, &result);
    journal_clear(&journal);
    pool_clear(&pool);
}

/* Cut short after any record, and taken up: both are back, and what a hand made of the other
 * member stays. */
static void test_cut_everywhere(void)
{
    static const char *const policies[] = {
        "return function() begin() put(0, 1) put(1, 2) put(0, 3) error 'no' end",
        "return function() begin() put(0, 1) put(0, 3) error 'no' end"};
    for (size_t i = 0; i < 2; i++) {
        int64_t records = 1;
        do {
            struct killer killer;
            fresh();
            fake.registers[1] = i == 0 ? 101 : 777;
            killer_init(&killer, records, 0, false);
            run_into(policies[i], &killer.store);
            if (result.killed) {
                fake.registers[1] = i == 0 ? fake.registers[1] : 778;
                recover(&killer.memory.bytes);
                CHECK(fake.registers[0] == 100 && fake.registers[1] == (i == 0 ? 101 : 778));
                result.killed = true;
            }
            journal_memory_clear(&killer.memory);
        } while (result.killed && records++ < 64);
        CHECK(!result.killed && records > 10 && fake.registers[0] == 100);
    }
}

CHECK_MAIN({"set_up", set_up}, {"a_hand_on_another_member", test_a_hand_on_another_member},
           {"a_hand_on_the_member", test_a_hand_on_the_member}, {"both_members", test_both_members},
           {"a_member_that_comes_later", test_a_member_that_comes_later}, {"faults", test_faults},
           {"cut_everywhere", test_cut_everywhere}, {"tear_down", tear_down})
