/* Kills a run at every point where a process may die, recovers it, and compares the account. */
#include "cli/crash_test.h"

#include "cli/crash_injector.h"
#include "engine/record.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    JOURNAL_MAX = 1 << 30,
    POOL_MAX = 1 << 30,
    LANDED_AFTER = 60000, /* ms that nobody is there, for what was sent to land in */
    SHOWN_MAX = 10,       /* failures told in full */
};

/* Where the engine dies: in its first life, and in the recovery that follows. */
struct point {
    enum crash_kind first, second;
    size_t records, more;
};

struct count {
    int64_t tried, restored;
};

struct crash_test {
    struct simulation *simulation;
    int64_t seed;
    struct buffer disk; /* the journal's file */
    struct buffer read; /* what a recovery has read of it */
    struct pool pool;
    struct count once[CRASH_KIND_COUNT], twice[CRASH_KIND_COUNT];
    int64_t shown;
};

/* The engine has just died as `kind` says: what was sent lands, or never does, before anybody
 * comes back. */
static bool pass_time(struct crash_test *test, enum crash_kind kind, struct error *err)
{
    struct simulated *simulated = test->simulation->simulated;
    simulated_drop_inflight(simulated, kind == CRASH_LATE || kind == CRASH_LANDED);
    return kind != CRASH_LANDED || simulated_pass(simulated, LANDED_AFTER, err);
}

static bool read_disk(struct crash_test *test, struct journal_scan *scan, struct error *err)
{
    buffer_empty(&test->read);
    pool_reset(&test->pool);
    if (!buffer_append(&test->read, buffer_slice(&test->disk), err) ||
        !journal_read(scan, buffer_slice(&test->read), &test->pool, err))
        return false;
    test->disk.size = scan->good; /* a torn record never happened */
    return true;
}

/* Another process takes the run up, and dies as `kind` says after so many records of its own. */
static bool recover(struct crash_test *test, enum crash_kind kind, size_t records,
                    struct engine_result *result, bool *committed, struct error *err)
{
    struct crash_injector injector;
    struct journal journal;
    struct journal_scan scan;
    if (!read_disk(test, &scan, err))
        return false;
    crash_injector_init(&injector, simulated_world(test->simulation->simulated), &test->disk, kind,
                        records);
    journal_init(&journal, &injector.store);
    journal_continue(&journal, &scan);
    struct simulation_run run = {.journal = &journal, .world = &injector.world};
    simulation_recover(test->simulation, &scan, &run, result);
    *committed = false;
    for (size_t i = 0; i < scan.count; i++)
        *committed = *committed || scan.records[i].kind == JOURNAL_COMMIT;
    journal_clear(&journal);
    return true;
}

static bool first_life(struct crash_test *test, enum crash_kind kind, size_t records,
                       struct engine_result *result, struct error *err)
{
    struct crash_injector injector;
    struct journal journal;
    buffer_empty(&test->disk);
    crash_injector_init(&injector, simulated_world(test->simulation->simulated), &test->disk, kind,
                        records);
    journal_init(&journal, &injector.store);
    struct simulation_run run = {.journal = &journal, .world = &injector.world};
    bool ok = simulation_start(test->simulation, test->seed, &run, result, err);
    journal_clear(&journal);
    return ok;
}

static void show_failure(struct crash_test *test, const struct point *point,
                         struct slice difference, const struct engine_result *result)
{
    if (test->shown++ >= SHOWN_MAX)
        return;
    fprintf(stderr, "after %zu records, %s", point->records, crash_kind_text(point->first));
    if (point->second != CRASH_NEVER)
        fprintf(stderr, "; then after %zu of the recovery, %s", point->more,
                crash_kind_text(point->second));
    fprintf(stderr, ": the account differs at %.*s (the recovery ended as: %s)\n",
            (int)difference.size, difference.data, run_outcome_name(result->outcome));
}

/* A run that had committed must keep what it made; every other goes back. */
static bool compare(struct crash_test *test, const struct point *point, struct count *count,
                    const struct account_state *at_death, bool committed,
                    const struct engine_result *result, struct error *err)
{
    struct simulated *simulated = test->simulation->simulated;
    const struct account_state *origin = simulated_origin(simulated);
    const struct account_state *expected = committed ? at_death : origin;
    struct slice difference = slice_of("");
    bool equal = true;
    if (origin && !simulated_equal(simulated, expected, simulated_snapshot(simulated), &equal,
                                   &difference, &test->pool, err))
        return false;
    if (result->outcome == RUN_NOT_RESTORED) {
        difference = equal ? slice_of("nothing, but that is not what was said") : difference;
        equal = false;
    }
    count->tried++;
    count->restored += equal;
    if (!equal)
        show_failure(test, point, difference, result);
    return true;
}

/* *reached is false if the run, or its recovery, came to its end before the point. */
static bool try_point(struct crash_test *test, const struct point *point, bool *reached,
                      struct error *err)
{
    struct engine_result result;
    bool committed = false;
    bool twice = point->second != CRASH_NEVER;
    *reached = false;
    if (!first_life(test, point->first, point->records, &result, err))
        return false;
    if (!result.killed)
        return true;
    const struct account_state *at_death = simulated_snapshot(test->simulation->simulated);
    if (!pass_time(test, point->first, err) ||
        !recover(test, point->second, point->more, &result, &committed, err))
        return false;
    if (twice && !result.killed)
        return true;
    if (twice && (!pass_time(test, point->second, err) ||
                  !recover(test, CRASH_NEVER, 0, &result, &committed, err)))
        return false;
    *reached = true;
    struct count *count = twice ? &test->twice[point->second] : &test->once[point->first];
    return compare(test, point, count, at_death, committed, &result, err);
}

static bool kill_twice(struct crash_test *test, size_t records, struct error *err)
{
    static const enum crash_kind firsts[] = {CRASH_BEFORE_SENDING, CRASH_LATE};
    static const enum crash_kind seconds[] = {CRASH_BEFORE_SENDING, CRASH_LOST, CRASH_LATE,
                                              CRASH_TORN_HALF};
    for (size_t i = 0; i < RECORD_COUNT(firsts) * RECORD_COUNT(seconds); i++) {
        struct point point = {firsts[i / RECORD_COUNT(seconds)], seconds[i % RECORD_COUNT(seconds)],
                              records, 1};
        for (bool reached = true; reached; point.more++) {
            if (!try_point(test, &point, &reached, err))
                return false;
        }
    }
    return true;
}

static bool kill_everywhere(struct crash_test *test, size_t records, struct error *err)
{
    for (size_t k = 1; k <= records; k++) {
        for (int kind = CRASH_NEVER + 1; kind < CRASH_KIND_COUNT; kind++) {
            struct point point = {(enum crash_kind)kind, CRASH_NEVER, k, 0};
            bool reached;
            if (!try_point(test, &point, &reached, err))
                return false;
        }
        if (!kill_twice(test, k, err))
            return false;
    }
    return true;
}

static size_t count_records(const struct crash_test *test)
{
    size_t lines = 0;
    for (size_t i = 0; i < test->disk.size; i++)
        lines += test->disk.data[i] == '\n';
    return lines;
}

static struct count add_up(const struct crash_test *test)
{
    struct count all = {0, 0};
    for (int kind = 0; kind < CRASH_KIND_COUNT; kind++) {
        all.tried += test->once[kind].tried + test->twice[kind].tried;
        all.restored += test->once[kind].restored + test->twice[kind].restored;
    }
    return all;
}

static void print_counts(const char *title, const struct count *counts)
{
    printf("%s\n", title);
    for (int kind = CRASH_NEVER + 1; kind < CRASH_KIND_COUNT; kind++) {
        const struct count *count = &counts[kind];
        if (count->tried)
            printf("  %-68s %7" PRId64 " tried %7" PRId64 " restored\n",
                   crash_kind_text((enum crash_kind)kind), count->tried, count->restored);
    }
}

static bool report(const struct crash_test *test, size_t records, const char *outcome,
                   enum format format, struct error *err)
{
    struct count all = add_up(test);
    struct member members[] = {
        {slice_of("outcome"), value_text(outcome)},
        {slice_of("records"), value_integer((int64_t)records)},
        {slice_of("restored"), value_integer(all.restored)},
        {slice_of("seed"), value_integer(test->seed)},
        {slice_of("tried"), value_integer(all.tried)},
    };
    if (format != FORMAT_TEXT)
        return verb_print(
            &(struct value){.kind = VALUE_OBJECT, .object = {members, RECORD_COUNT(members)}}, err);
    printf("the run as it goes undisturbed: %s, %zu records\n", outcome, records);
    print_counts("killed once", test->once);
    print_counts("killed again in the recovery", test->twice);
    printf("points tried %" PRId64 ", points restored %" PRId64 "\n", all.tried, all.restored);
    return true;
}

static bool run_test(struct crash_test *test, enum format format, struct error *err)
{
    struct engine_result result;
    if (!first_life(test, CRASH_NEVER, 0, &result, err))
        return false;
    size_t records = count_records(test);
    if (records == 0)
        return error_set(err, ERROR_INVALID, "%s", result.reason);
    return kill_everywhere(test, records, err) &&
           report(test, records, run_outcome_name(result.outcome), format, err);
}

int crash_test_run(struct simulation *simulation, int64_t seed, enum format format)
{
    struct crash_test test = {.simulation = simulation, .seed = seed};
    struct error err;
    simulation->muted = true;
    buffer_init(&test.disk, JOURNAL_MAX);
    buffer_init(&test.read, JOURNAL_MAX);
    pool_init(&test.pool, POOL_MAX);
    bool ok = run_test(&test, format, &err);
    struct count all = add_up(&test);
    buffer_clear(&test.disk);
    buffer_clear(&test.read);
    pool_clear(&test.pool);
    if (!ok)
        return verb_fail("simulate", &err);
    return all.tried == all.restored ? EXIT_DONE : run_outcome_exit(RUN_NOT_RESTORED);
}
