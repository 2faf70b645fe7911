/* Has AWS away at every point of a run, for every time and in every way, and compares the account.
 */
#include "cli/outage_test.h"

#include "cli/trial.h"
#include "engine/record.h"
#include "journal/journal.h"

#include <inttypes.h>
#include <stdio.h>

enum { SHOWN_MAX = 10 }; /* failures told in full */

static const int seconds[] = {1, 5, 12, 30, 120, 600};
enum { LENGTHS = sizeof seconds / sizeof *seconds };

struct count {
    int64_t tried, restored;
};

/* Who meets the outage: the run, or who takes it up. */
enum phase { PHASE_RUN, PHASE_RECOVERY, PHASES };

struct outage_test {
    struct trial trial;
    struct injection injection; /* the outage that is met, if one is */
    struct count counts[PHASES][FATE_OUTAGES];
    int64_t shown;
};

/* AWS is away for so many ms, from a call on: 1, 2, ...; 0: from none. */
struct outage {
    enum fate kind;
    size_t from;
    int64_t length;
};

/* `killed`: after how many records; 0: it is not. */
struct point {
    size_t killed;
    struct outage outage;
};

static void show_failure(struct outage_test *test, const struct point *point,
                         struct slice difference, const struct engine_result *result)
{
    if (test->shown++ >= SHOWN_MAX)
        return;
    if (point->killed)
        fprintf(stderr, "killed after %zu records; in the recovery, ", point->killed);
    fprintf(stderr,
            "from call %zu on and for %" PRId64 " s AWS %s: the account differs at %.*s (%s)\n",
            point->outage.from, point->outage.length / 1000, fate_sentence(point->outage.kind),
            (int)difference.size, difference.data, run_outcome_name(result->outcome));
}

static bool compare(struct outage_test *test, const struct point *point,
                    const struct engine_result *result, struct error *err)
{
    struct slice difference;
    struct count *count =
        &test->counts[point->killed ? PHASE_RECOVERY : PHASE_RUN][point->outage.kind];
    bool equal;
    /* What is still on its way lands. */
    if (!trial_pass_time(&test->trial, CRASH_LANDED, err) ||
        !trial_compare(&test->trial, NULL, result, &equal, &difference, err))
        return false;
    count->tried++;
    count->restored += equal;
    if (!equal)
        show_failure(test, point, difference, result);
    return true;
}

/* From now on; calls are counted anew. */
static void set_outage(struct outage_test *test, struct outage outage)
{
    test->injection = (struct injection){.call_count = 1};
    test->injection.calls[0] = (struct call_fault){
        .fate = outage.kind, .nth = outage.from, .length = outage.length};
    injector_set(&test->trial.injector, outage.from ? &test->injection : NULL);
}

static bool undo_promoted(struct outage_test *test, struct engine_result *result, struct error *err)
{
    set_outage(test, (struct outage){0});
    return trial_undo(&test->trial, result, err);
}

/* The life that meets the outage; the one before, if there is one, was killed. *met is false if it
 * has fewer calls. */
static bool live(struct outage_test *test, const struct point *point, bool *met,
                 struct engine_result *result, bool *promoted, struct error *err)
{
    struct death never = {CRASH_NEVER, 0}, death = {CRASH_LANDED, point->killed};
    set_outage(test, point->killed ? (struct outage){0} : point->outage);
    *met = false;
    if (!trial_start(&test->trial, point->killed ? death : never, result, err))
        return false;
    *promoted = result->outcome == RUN_PROMOTED;
    if (point->killed && !result->killed)
        return true;
    if (point->killed) {
        set_outage(test, point->outage);
        if (!trial_pass_time(&test->trial, CRASH_LANDED, err) ||
            !trial_recover(&test->trial, never, result, promoted, err))
            return false;
    }
    *met = test->trial.injector.calls[0].seen >= point->outage.from;
    return true;
}

static bool try_point(struct outage_test *test, const struct point *point, bool *met,
                      struct error *err)
{
    struct engine_result result;
    bool promoted;
    return live(test, point, met, &result, &promoted, err) &&
           (!*met || ((!promoted || undo_promoted(test, &result, err)) &&
                      compare(test, point, &result, err)));
}

/* From every call on; `killed` as in a point. */
static bool try_calls(struct outage_test *test, size_t killed, struct error *err)
{
    bool met = true;
    for (size_t from = 1; met; from++) {
        for (size_t i = 0; met && i < FATE_OUTAGES * LENGTHS; i++) {
            struct outage outage = {(enum fate)(i / LENGTHS), from,
                                    INT64_C(1000) * seconds[i % LENGTHS]};
            if (trial_takes(&test->trial) &&
                !try_point(test, &(struct point){killed, outage}, &met, err))
                return false;
        }
    }
    return true;
}

static struct count add_up(const struct outage_test *test)
{
    struct count all = {0, 0};
    for (int i = 0; i < PHASES * FATE_OUTAGES; i++) {
        const struct count *count = &test->counts[i / FATE_OUTAGES][i % FATE_OUTAGES];
        all.tried += count->tried;
        all.restored += count->restored;
    }
    return all;
}

static void print_counts(const char *title, const struct count *counts)
{
    printf("%s\n", title);
    for (int kind = 0; kind < FATE_OUTAGES; kind++) {
        printf("  %-56s %7" PRId64 " tried %7" PRId64 " restored\n", fate_sentence((enum fate)kind),
               counts[kind].tried, counts[kind].restored);
    }
}

static bool report(const struct outage_test *test, const char *outcome, enum format format,
                   struct error *err)
{
    struct count all = add_up(test);
    struct member members[] = {
        {slice_of("outcome"), value_text(outcome)},
        {slice_of("restored"), value_integer(all.restored)},
        {slice_of("seed"), value_integer(test->trial.seed)},
        {slice_of("tried"), value_integer(all.tried)},
    };
    if (format != FORMAT_TEXT)
        return verb_print(
            &(struct value){.kind = VALUE_OBJECT, .object = {members, RECORD_COUNT(members)}}, err);
    printf("the run as it goes undisturbed: %s\n", outcome);
    print_counts("from a call of the run on, AWS", test->counts[PHASE_RUN]);
    print_counts("the run was killed, and from a call of the recovery on, AWS",
                 test->counts[PHASE_RECOVERY]);
    printf("outages tried %" PRId64 ", outages restored %" PRId64 "\n", all.tried, all.restored);
    return true;
}

/* Whether who takes the run up after this record knows more of what to put back than after the
 * one before: ticks, and what becomes of reads and waits, say nothing of it. */
static bool tells_of_changes(const struct journal_scan *scan, size_t at)
{
    const struct journal_record *record = &scan->records[at];
    int64_t id = value_get_integer(&record->body, "id", 0);
    if (record->kind != JOURNAL_RESULT && record->kind != JOURNAL_EFFECT)
        return record->kind != JOURNAL_TICK;
    for (size_t i = 0; i <= at; i++) {
        const struct value *body = &scan->records[i].body;
        if (scan->records[i].kind == JOURNAL_EFFECT && value_get_integer(body, "id", 0) == id)
            return value_get(body, "identity") != NULL;
    }
    return true;
}

static bool kill_everywhere(struct outage_test *test, const struct journal_scan *scan,
                            struct error *err)
{
    for (size_t i = 0; i < scan->count; i++) {
        if (tells_of_changes(scan, i) && !try_calls(test, i + 1, err))
            return false;
    }
    return true;
}

static bool try_undisturbed(struct outage_test *test, struct journal_scan *scan,
                            struct engine_result *result, struct pool *pool, struct error *err)
{
    struct slice bytes;
    set_outage(test, (struct outage){0});
    return trial_start(&test->trial, (struct death){CRASH_NEVER, 0}, result, err) &&
           pool_copy(pool, buffer_slice(&test->trial.disk), &bytes, err) &&
           journal_read(scan, bytes, pool, err) &&
           (scan->count > 0 || error_set(err, ERROR_INVALID, "%s", result->reason));
}

static bool run_test(struct outage_test *test, enum format format, struct error *err)
{
    enum { POOL_MAX = 1 << 30 };
    struct engine_result result;
    struct journal_scan scan;
    struct pool pool;
    pool_init(&pool, POOL_MAX);
    bool ok = try_undisturbed(test, &scan, &result, &pool, err) && try_calls(test, 0, err) &&
              kill_everywhere(test, &scan, err);
    pool_clear(&pool);
    return ok && report(test, run_outcome_name(result.outcome), format, err);
}

int outage_test_run(struct simulation *simulation, int64_t seed, int64_t one_in, enum format format)
{
    struct outage_test test = {.shown = 0};
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
