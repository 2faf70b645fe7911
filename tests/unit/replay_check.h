/* What the tests of replays share: a run in the fake world, and its journal carried out again. */
#pragma once

#include "engine_check.h"
#include "world/replayed.h"

#include <stdlib.h>

static struct fake_world fake;
static struct engine *engine;
static struct pool pool = {.max = 64 << 20};
static struct replay_report report;
static struct replayed *replayed;

static int64_t patience; /* of rollbacks, ms; 0: as usual. A replay takes it from the journal. */

static inline struct engine_params params_with(struct journal *journal)
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

static inline void rewind_sandbox(void)
{
    sandbox_rewind(sandbox);
    sandbox_seed(sandbox, 1);
}

/* Replays what was scanned; the report lives until the next one. */
static inline void replay_scan(const struct journal_scan *scan)
{
    struct engine_params params = params_with(NULL);
    rewind_sandbox();
    replayed_free(replayed);
    replayed = NULL;
    if (CHECK(replayed_new(&replayed, scan, &err)))
        replayed_run(replayed, engine, &params, false, &report);
}

static inline bool read_journal(struct journal_scan *scan, const struct buffer *bytes)
{
    pool_reset(&pool);
    return journal_read(scan, buffer_slice(bytes), &pool, &err);
}

static inline void expect(const struct buffer *bytes, enum replay_end end, size_t lives)
{
    struct journal_scan scan;
    if (!CHECK(read_journal(&scan, bytes)))
        return;
    replay_scan(&scan);
    bool equal = end != REPLAY_DIFFERENT;
    if (!CHECK(report.end == end && report.lives == lives &&
               (!equal || report.records == scan.count)))
        fprintf(stderr, "record %zu of %zu, life %zu, why %s\n journal: %.*s\n now:     %.*s\n",
                report.records, scan.count, report.lives, report.why,
                (int)report.differences[0].recorded.size, report.differences[0].recorded.data,
                (int)report.differences[0].now.size, report.differences[0].now.data);
}

static inline void run_into(struct journal_store *store, struct engine_result *result)
{
    struct journal journal;
    journal_init(&journal, store);
    struct engine_params params = params_with(&journal);
    params.patience = patience;
    rewind_sandbox();
    engine_run(engine, &params, result);
    journal_clear(&journal);
}

/* The journal of a run in the fake world as it stands now. */
static inline struct journal_memory *run_fake(struct engine_result *result)
{
    static struct journal_memory memory;
    journal_memory_clear(&memory);
    journal_memory_init(&memory, 64 << 20);
    run_into(&memory.store, result);
    return &memory;
}

static const char rollout[] =
    "return function() begin()\n"
    "  put(0, 1) watch(120000) put(1, 2) put(0, 3) watch(180000) put(2, 9) watch(600000)\n"
    "end";

static const char branches[] =
    "return function() begin()\n"
    "  effect.parallel{function() put(0, 1) watch(180000) put(0, 2) end,\n"
    "    function() ask{kind='sleep', ['for']=60005} put(1, 2) watch(60000) end,\n"
    "    function()\n"
    "      local r = ask{kind='aws', operation='kv.get', input={key=3}}\n"
    "      ask{kind='sleep', ['for']=200000} put(2, r.is + 1)\n"
    "    end}\n"
    "  ask{kind='notify', message='half way'}\n"
    "  ask{kind='metric', target=target, metric='errors', arm='canary', from=0, to=1}\n"
    "  put(3, 9) watch(300000)\n"
    "end";

static inline void set_up(void)
{
    CHECK(engine_new(&engine, &err));
}

static inline void tear_down(void)
{
    replayed_free(replayed);
    engine_free(engine);
    sandbox_free(sandbox);
    pool_clear(&pool);
}
