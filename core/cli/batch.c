/* Many runs of one simulation: counts them by outcome and prints what became of them. */
#include "cli/batch.h"

#include "base/time.h"
#include "cli/batch_tally.h"
#include "cli/github.h"
#include "engine/record.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

/* For people, in whole seconds. */
static void format_percentile(char text[32], const struct tally *tally, int percent)
{
    enum { SECOND = 1000 };
    time_format_duration(text, (tally_percentile(tally, percent) + SECOND / 2) / SECOND * SECOND);
}

static bool print_line(int64_t run, int64_t seed, const struct batch_result *result,
                       struct error *err)
{
    struct member members[] = {
        {slice_of("cause"), value_text(run_cause_name(result->cause))},
        {slice_of("duration"), value_integer(result->duration)},
        {slice_of("exit"), value_integer(run_outcome_exit(result->outcome))},
        {slice_of("outcome"), value_text(run_outcome_name(result->outcome))},
        {slice_of("peak_share"), value_float(result->peak_share)},
        {slice_of("reason"), value_text(result->reason)},
        {slice_of("run"), value_integer(run)},
        {slice_of("seed"), value_integer(seed)},
    };
    struct value line = {.kind = VALUE_OBJECT, .object = {members, RECORD_COUNT(members)}};
    return verb_print(&line, err);
}

static void print_table(const struct batch_tally *all)
{
    printf("%-14s %10s %9s  %-10s %-10s %6s  %s\n", "outcome", "runs", "share", "median", "95 %",
           "peak", "again with");
    for (size_t i = 0; i < BATCH_OUTCOMES; i++) {
        const struct tally *tally = &all->outcomes[i];
        char median[32];
        char most[32];
        if (!tally->count)
            continue;
        format_percentile(median, tally, 50);
        format_percentile(most, tally, 95);
        printf("%-14s %10" PRId64 " %7.2f %%  %-10s %-10s %4.3g %%  --seed %" PRId64 "\n",
               run_outcome_name((enum run_outcome)i), tally->count,
               100 * (double)tally->count / (double)all->runs, median, most,
               tally->peak / (double)tally->count, tally->first_seed);
    }
    printf("%-14s %10" PRId64 "\n", "all", all->runs);
}

/* --- what is required of them ---------------------------------------------------------------- */

enum { LINE_SIZE = 512 };

static bool all_met(const struct batch *batch, const struct batch_tally *tally)
{
    for (size_t i = 0; i < batch->requirement_count; i++) {
        const struct requirement *one = &batch->requirements[i];
        if (requirement_judge(one, tally->outcomes[one->outcome].count, batch->runs) !=
            REQUIREMENT_MET)
            return false;
    }
    return true;
}

static void tell_line(struct slice line, const struct batch *batch, const struct requirement *one,
                      const struct batch_tally *tally, FILE *out)
{
    char text[LINE_SIZE];
    int64_t hits = tally->outcomes[one->outcome].count;
    snprintf(text, sizeof text, "%.*s", (int)line.size - 1, line.data);
    fprintf(out, "%s\n", text);
    github_annotate(requirement_judge(one, hits, batch->runs) != REQUIREMENT_MET,
                    "tidelock simulate --require", text);
}

static bool tell_required(const struct batch *batch, const struct batch_tally *tally, FILE *out,
                          struct error *err)
{
    for (size_t i = 0; i < batch->requirement_count; i++) {
        const struct requirement *one = &batch->requirements[i];
        struct buffer line;
        buffer_init(&line, LINE_SIZE);
        bool ok = requirement_tell(one, tally->outcomes[one->outcome].count, batch->runs, &line,
                                   err);
        if (ok)
            tell_line(buffer_slice(&line), batch, one, tally, out);
        buffer_clear(&line);
        if (!ok)
            return false;
    }
    return true;
}

static bool required_value(const struct batch *batch, const struct batch_tally *tally,
                           struct value *out, struct pool *pool, struct error *err)
{
    bool ok = value_array(out, batch->requirement_count, pool, err);
    for (size_t i = 0; ok && i < batch->requirement_count; i++) {
        const struct requirement *one = &batch->requirements[i];
        ok = requirement_value(one, tally->outcomes[one->outcome].count, batch->runs,
                               &out->array.items[i], pool, err);
    }
    return ok;
}

/* --------------------------------------------------------------------------------------------- */

static bool print_document(const struct batch *batch, struct batch_tally *tally, struct pool *pool,
                           struct error *err)
{
    struct value required, outcomes;
    if (!batch_tally_value(tally, &outcomes, pool, err) ||
        !required_value(batch, tally, &required, pool, err))
        return false;
    bool asked = batch->requirement_count > 0;
    struct member members[] = {{slice_of("outcomes"), outcomes},
                               {slice_of("required"), required},
                               {slice_of("runs"), value_integer(batch->runs)},
                               {slice_of("seed"), value_integer(batch->seed)}};
    if (!asked) {
        members[1] = members[2];
        members[2] = members[3];
    }
    return verb_print(&(struct value){.kind = VALUE_OBJECT, .object = {members, asked ? 4 : 3}},
                      err);
}

/* 0 unless some run came to an end that no run should come to. */
static int exit_status(const struct batch *batch, const struct batch_tally *tally)
{
    static const enum run_outcome worst[] = {RUN_NOT_RESTORED, RUN_TOOL_FAILED, RUN_REFUSED};
    for (size_t i = 0; i < sizeof worst / sizeof *worst; i++) {
        if (tally->outcomes[worst[i]].count)
            return run_outcome_exit(worst[i]);
    }
    return all_met(batch, tally) ? EXIT_DONE : EXIT_DIFFERENT;
}

struct counts {
    const struct batch *batch;
    struct batch_tally tally;
};

/* A batch_take_fn. */
static bool take(void *context, int64_t run, int64_t seed, const struct batch_result *result,
                 struct error *err)
{
    struct counts *counts = context;
    if (!batch_tally_add(&counts->tally, seed, result, err) ||
        (counts->batch->format == FORMAT_JSONL && !print_line(run, seed, result, err)))
        return false;
    if (ferror(stdout)) /* verb_flush() says whether that is worth telling */
        return error_set(err, ERROR_ENDED, "nobody reads on");
    return run > 0 || result->outcome != RUN_REFUSED ||
           error_set(err, ERROR_INVALID, "%s", result->reason);
}

static bool finish(struct counts *counts, struct error *err)
{
    enum { POOL_MAX = 1 << 20 };
    struct pool pool;
    bool ok = true;
    const struct batch *batch = counts->batch;
    batch_tally_sort(&counts->tally);
    pool_init(&pool, POOL_MAX);
    if (batch->format == FORMAT_TEXT)
        print_table(&counts->tally);
    if (batch->format == FORMAT_JSON)
        ok = print_document(batch, &counts->tally, &pool, err);
    else
        ok = tell_required(batch, &counts->tally, batch->format == FORMAT_TEXT ? stdout : stderr,
                           err);
    pool_clear(&pool);
    return ok;
}

int batch_run(const struct batch *batch)
{
    struct counts counts = {.batch = batch};
    struct error err;
    bool died = false;
    bool ok = batch_workers_run(batch->input, batch->seed, batch->runs, batch->jobs, take, &counts,
                                &died, &err) &&
              finish(&counts, &err);
    bool unread = !ok && err.code == ERROR_ENDED;
    int status = ok       ? exit_status(batch, &counts.tally)
                 : unread ? EXIT_DONE
                          : verb_fail("simulate", &err);
    if (died) /* whatever killed it, the policy ran in it */
        status = run_outcome_exit(RUN_POLICY_FAILED);
    batch_tally_clear(&counts.tally);
    return status;
}
