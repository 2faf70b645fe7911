/* Counts runs by how they ended. */
#include "cli/batch_tally.h"

#include "engine/record.h"

#include <stdlib.h>

bool batch_tally_add(struct batch_tally *all, int64_t seed, const struct batch_result *result,
                     struct error *err)
{
    struct tally *tally = &all->outcomes[result->outcome];
    if ((size_t)tally->count == tally->capacity) {
        size_t capacity = tally->capacity ? tally->capacity * 2 : 64;
        int64_t *durations = realloc(tally->durations, capacity * sizeof *durations);
        if (!durations)
            return error_set(err, ERROR_LIMIT, "out of memory for the results");
        tally->durations = durations;
        tally->capacity = capacity;
    }
    if (tally->count == 0)
        tally->first_seed = seed;
    tally->durations[tally->count++] = result->duration;
    tally->peak += result->peak_share;
    all->runs++;
    return true;
}

void batch_tally_clear(struct batch_tally *tally)
{
    for (size_t i = 0; i < BATCH_OUTCOMES; i++)
        free(tally->outcomes[i].durations);
    *tally = (struct batch_tally){.runs = 0};
}

static int compare(const void *a, const void *b)
{
    int64_t x = *(const int64_t *)a;
    int64_t y = *(const int64_t *)b;
    return (x > y) - (x < y);
}

void batch_tally_sort(struct batch_tally *all)
{
    for (size_t i = 0; i < BATCH_OUTCOMES; i++) {
        struct tally *tally = &all->outcomes[i];
        if (tally->count)
            qsort(tally->durations, (size_t)tally->count, sizeof *tally->durations, compare);
    }
}

int64_t tally_percentile(const struct tally *tally, int percent)
{
    return tally->durations[(tally->count - 1) * percent / 100];
}

static bool tally_value(const struct tally *tally, struct value *out, struct pool *pool,
                        struct error *err)
{
    struct member members[] = {
        {slice_of("duration_median"), value_integer(tally_percentile(tally, 50))},
        {slice_of("duration_p95"), value_integer(tally_percentile(tally, 95))},
        {slice_of("first_seed"), value_integer(tally->first_seed)},
        {slice_of("peak_share_mean"), value_float(tally->peak / (double)tally->count)},
        {slice_of("runs"), value_integer(tally->count)},
    };
    return record_object(out, members, RECORD_COUNT(members), pool, err);
}

bool batch_tally_value(struct batch_tally *all, struct value *out, struct pool *pool,
                       struct error *err)
{
    struct member ended[BATCH_OUTCOMES];
    size_t count = 0;
    batch_tally_sort(all);
    for (size_t i = 0; i < BATCH_OUTCOMES; i++) {
        if (!all->outcomes[i].count)
            continue;
        ended[count].name = slice_of(run_outcome_name((enum run_outcome)i));
        if (!tally_value(&all->outcomes[i], &ended[count++].value, pool, err))
            return false;
    }
    return record_object(out, ended, count, pool, err);
}
