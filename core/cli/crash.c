#include "cli/crash.h"

#include "cli/mortal.h"
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
    enum death first, second;
    size_t records, more;
};

struct count {
    int64_t tried, restored;
};

struct tour {
    struct simulation *simulation;
    int64_t seed;
    struct buffer disk; /* the journal's file */
    struct buffer read; /* what a recovery has read of it */
    struct pool pool;
    struct count once[DEATH_COUNT], twice[DEATH_COUNT];
    int64_t shown;
};

/* The engine has just died as `death` says. */
static bool leave(struct tour *tour, enum death death, struct error *err)
{
    struct simulated *simulated = tour->simulation->simulated;
    simulated_drop_inflight(simulated, death == DEATH_LATE || death == DEATH_LANDED);
    return death != DEATH_LANDED || simulated_pass(simulated, LANDED_AFTER, err);
}

static bool read_disk(struct tour *tour, struct journal_scan *scan, struct error *err)
{
    buffer_empty(&tour->read);
    pool_reset(&tour->pool);
    if (!buffer_append(&tour->read, buffer_slice(&tour->disk), err) ||
        !journal_read(scan, buffer_slice(&tour->read), &tour->pool, err))
        return false;
    tour->disk.size = scan->good; /* a torn record never happened */
    return true;
}

/* Another process takes the run up, and dies as `death` says after so many records of its own. */
static bool recover(struct tour *tour, enum death death, size_t records,
                    struct engine_result *result, bool *committed, struct error *err)
{
    struct mortal mortal;
    struct journal journal;
    struct journal_scan scan;
    if (!read_disk(tour, &scan, err))
        return false;
    mortal_init(&mortal, simulated_world(tour->simulation->simulated), &tour->disk, death, records);
    journal_init(&journal, &mortal.store);
    journal_continue(&journal, &scan);
    struct simulation_run run = {.journal = &journal, .world = &mortal.world};
    simulation_recover(tour->simulation, &scan, &run, result);
    *committed = false;
    for (size_t i = 0; i < scan.count; i++)
        *committed = *committed || scan.records[i].kind == JOURNAL_COMMIT;
    journal_clear(&journal);
    return true;
}

static bool first_life(struct tour *tour, enum death death, size_t records,
                       struct engine_result *result, struct error *err)
{
    struct mortal mortal;
    struct journal journal;
    buffer_empty(&tour->disk);
    mortal_init(&mortal, simulated_world(tour->simulation->simulated), &tour->disk, death, records);
    journal_init(&journal, &mortal.store);
    struct simulation_run run = {.journal = &journal, .world = &mortal.world};
    bool ok = simulation_start(tour->simulation, tour->seed, &run, result, err);
    journal_clear(&journal);
    return ok;
}

static void show_failure(struct tour *tour, const struct point *point, struct slice difference,
                         const struct engine_result *result)
{
    if (tour->shown++ >= SHOWN_MAX)
        return;
    fprintf(stderr, "after %zu records, %s", point->records, death_text(point->first));
    if (point->second != DEATH_NEVER)
        fprintf(stderr, "; then after %zu of the recovery, %s", point->more,
                death_text(point->second));
    fprintf(stderr, ": the account differs at %.*s (the recovery ended as: %s)\n",
            (int)difference.size, difference.data, run_outcome_name(result->outcome));
}

/* A run that had committed must keep what it made; every other goes back. */
static bool judge(struct tour *tour, const struct point *point, struct count *count,
                  const struct account_state *at_death, bool committed,
                  const struct engine_result *result, struct error *err)
{
    struct simulated *simulated = tour->simulation->simulated;
    const struct account_state *origin = simulated_origin(simulated);
    const struct account_state *expected = committed ? at_death : origin;
    struct slice difference = slice_of("");
    bool equal = true;
    if (origin && !simulated_equal(simulated, expected, simulated_snapshot(simulated), &equal,
                                   &difference, &tour->pool, err))
        return false;
    if (result->outcome == RUN_NOT_RESTORED) {
        difference = equal ? slice_of("nothing, but that is not what was said") : difference;
        equal = false;
    }
    count->tried++;
    count->restored += equal;
    if (!equal)
        show_failure(tour, point, difference, result);
    return true;
}

/* *reached is false if the run, or its recovery, came to its end before the point. */
static bool try_point(struct tour *tour, const struct point *point, bool *reached,
                      struct error *err)
{
    struct engine_result result;
    bool committed = false;
    bool twice = point->second != DEATH_NEVER;
    *reached = false;
    if (!first_life(tour, point->first, point->records, &result, err))
        return false;
    if (!result.killed)
        return true;
    const struct account_state *at_death = simulated_snapshot(tour->simulation->simulated);
    if (!leave(tour, point->first, err) ||
        !recover(tour, point->second, point->more, &result, &committed, err))
        return false;
    if (twice && !result.killed)
        return true;
    if (twice && (!leave(tour, point->second, err) ||
                  !recover(tour, DEATH_NEVER, 0, &result, &committed, err)))
        return false;
    *reached = true;
    struct count *count = twice ? &tour->twice[point->second] : &tour->once[point->first];
    return judge(tour, point, count, at_death, committed, &result, err);
}

static bool kill_twice(struct tour *tour, size_t records, struct error *err)
{
    static const enum death firsts[] = {DEATH_BEFORE_SENDING, DEATH_LATE};
    static const enum death seconds[] = {DEATH_BEFORE_SENDING, DEATH_LOST, DEATH_LATE,
                                         DEATH_TORN_HALF};
    for (size_t i = 0; i < RECORD_COUNT(firsts) * RECORD_COUNT(seconds); i++) {
        struct point point = {firsts[i / RECORD_COUNT(seconds)], seconds[i % RECORD_COUNT(seconds)],
                              records, 1};
        for (bool reached = true; reached; point.more++) {
            if (!try_point(tour, &point, &reached, err))
                return false;
        }
    }
    return true;
}

static bool kill_everywhere(struct tour *tour, size_t records, struct error *err)
{
    for (size_t k = 1; k <= records; k++) {
        for (int death = DEATH_NEVER + 1; death < DEATH_COUNT; death++) {
            struct point point = {(enum death)death, DEATH_NEVER, k, 0};
            bool reached;
            if (!try_point(tour, &point, &reached, err))
                return false;
        }
        if (!kill_twice(tour, k, err))
            return false;
    }
    return true;
}

static size_t count_records(const struct tour *tour)
{
    size_t lines = 0;
    for (size_t i = 0; i < tour->disk.size; i++)
        lines += tour->disk.data[i] == '\n';
    return lines;
}

static struct count add_up(const struct tour *tour)
{
    struct count all = {0, 0};
    for (int death = 0; death < DEATH_COUNT; death++) {
        all.tried += tour->once[death].tried + tour->twice[death].tried;
        all.restored += tour->once[death].restored + tour->twice[death].restored;
    }
    return all;
}

static void print_counts(const char *title, const struct count *counts)
{
    printf("%s\n", title);
    for (int death = DEATH_NEVER + 1; death < DEATH_COUNT; death++) {
        const struct count *count = &counts[death];
        if (count->tried)
            printf("  %-68s %7" PRId64 " tried %7" PRId64 " restored\n",
                   death_text((enum death)death), count->tried, count->restored);
    }
}

static bool report(const struct tour *tour, size_t records, const char *outcome, enum format format,
                   struct error *err)
{
    struct count all = add_up(tour);
    struct member members[] = {
        {slice_of("outcome"), value_text(outcome)},
        {slice_of("records"), value_integer((int64_t)records)},
        {slice_of("restored"), value_integer(all.restored)},
        {slice_of("seed"), value_integer(tour->seed)},
        {slice_of("tried"), value_integer(all.tried)},
    };
    if (format != FORMAT_TEXT)
        return verb_print(
            &(struct value){.kind = VALUE_OBJECT, .object = {members, RECORD_COUNT(members)}}, err);
    printf("the run as it goes undisturbed: %s, %zu records\n", outcome, records);
    print_counts("killed once", tour->once);
    print_counts("killed again in the recovery", tour->twice);
    printf("points tried %" PRId64 ", points restored %" PRId64 "\n", all.tried, all.restored);
    return true;
}

static bool go_round(struct tour *tour, enum format format, struct error *err)
{
    struct engine_result result;
    if (!first_life(tour, DEATH_NEVER, 0, &result, err))
        return false;
    size_t records = count_records(tour);
    if (records == 0)
        return error_set(err, ERROR_INVALID, "%s", result.reason);
    return kill_everywhere(tour, records, err) &&
           report(tour, records, run_outcome_name(result.outcome), format, err);
}

int crash_everywhere(struct simulation *simulation, int64_t seed, enum format format)
{
    struct tour tour = {.simulation = simulation, .seed = seed};
    struct error err;
    simulation->muted = true;
    buffer_init(&tour.disk, JOURNAL_MAX);
    buffer_init(&tour.read, JOURNAL_MAX);
    pool_init(&tour.pool, POOL_MAX);
    bool ok = go_round(&tour, format, &err);
    struct count all = add_up(&tour);
    buffer_clear(&tour.disk);
    buffer_clear(&tour.read);
    pool_clear(&tour.pool);
    if (!ok)
        return verb_fail("simulate", &err);
    return all.tried == all.restored ? EXIT_DONE : run_outcome_exit(RUN_NOT_RESTORED);
}
