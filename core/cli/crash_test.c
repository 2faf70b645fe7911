/* Kills a run at every point where a process may die, recovers it, and compares the account. */
#include "cli/crash_test.h"

#include "cli/trial.h"
#include "engine/record.h"

#include <inttypes.h>
#include <stdio.h>

enum { SHOWN_MAX = 10 }; /* failures told in full */

/* Where the engine dies: in its first life, and in the recovery that follows. */
struct point {
    enum crash_kind first, second;
    size_t records, more;
};

struct count {
    int64_t tried, restored;
};

struct crash_test {
    struct trial trial;
    struct count once[CRASH_KIND_COUNT], twice[CRASH_KIND_COUNT];
    int64_t shown;
};

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

/* *reached is false if the run, or its recovery, came to its end before the point. */
static bool try_point(struct crash_test *test, const struct point *point, bool *reached,
                      struct error *err)
{
    struct trial_end end;
    bool twice = point->second != CRASH_NEVER;
    struct count *count = twice ? &test->twice[point->second] : &test->once[point->first];
    if (!trial_die(&test->trial, (struct death){point->first, point->records},
                   (struct death){point->second, point->more}, &end, err))
        return false;
    *reached = end.reached;
    count->tried += end.reached;
    count->restored += end.reached && end.equal;
    if (end.reached && !end.equal)
        show_failure(test, point, end.difference, &end.result);
    return true;
}

static bool kill_twice(struct crash_test *test, size_t records, struct error *err)
{
    static const enum crash_kind firsts[] = {CRASH_BEFORE_SENDING, CRASH_LATE};
    static const enum crash_kind seconds[] = {CRASH_BEFORE_SENDING, CRASH_LOST, CRASH_LATE,
                                              CRASH_TORN_HALF};
    for (size_t i = 0; i < RECORD_COUNT(firsts) * RECORD_COUNT(seconds); i++) {
        struct point point = {firsts[i / RECORD_COUNT(seconds)], seconds[i % RECORD_COUNT(seconds)],
                              records, 1};
        for (bool reached = trial_takes(&test->trial); reached; point.more++) {
            if (trial_takes(&test->trial) && !try_point(test, &point, &reached, err))
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
            if (trial_takes(&test->trial) && !try_point(test, &point, &reached, err))
                return false;
        }
        if (!kill_twice(test, k, err))
            return false;
    }
    return true;
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
        {slice_of("seed"), value_integer(test->trial.seed)},
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
    if (!trial_start(&test->trial, (struct death){CRASH_NEVER, 0}, &result, err))
        return false;
    size_t records = trial_count_records(&test->trial);
    if (records == 0)
        return error_set(err, ERROR_INVALID, "%s", result.reason);
    return kill_everywhere(test, records, err) &&
           report(test, records, run_outcome_name(result.outcome), format, err);
}

int crash_test_run(struct simulation *simulation, int64_t seed, int64_t one_in, enum format format)
{
    struct crash_test test = {.shown = 0};
    struct error err;
    simulation->muted = true;
    trial_init(&test.trial, simulation, seed, one_in);
    bool ok = run_test(&test, format, &err);
    struct count all = add_up(&test);
    trial_clear(&test.trial);
    if (!ok)
        return verb_fail("simulate", &err);
    return all.tried == all.restored ? EXIT_DONE : run_outcome_exit(RUN_NOT_RESTORED);
}
