/* How many runs ended: counted by outcome, each with the seed that shows it. */
#pragma once

#include "cli/batch_workers.h"

enum {
#define X(name, text, exit) BATCH_OUTCOME_##name,
    RUN_OUTCOMES(X)
#undef X
        BATCH_OUTCOMES
};

/* How the runs of one outcome went. */
struct tally {
    int64_t count;
    int64_t first_seed; /* of the first of them */
    int64_t *durations; /* ms, one per run */
    size_t capacity;
    double peak; /* sum of the largest shares */
};

struct batch_tally {
    struct tally outcomes[BATCH_OUTCOMES]; /* in the order of enum run_outcome */
    int64_t runs;
};

bool batch_tally_add(struct batch_tally *tally, int64_t seed, const struct batch_result *result,
                     struct error *err);
void batch_tally_clear(struct batch_tally *tally);

/* Once all are there: the smallest duration that `percent` of the runs did not pass. */
void batch_tally_sort(struct batch_tally *tally);
int64_t tally_percentile(const struct tally *tally, int percent);

/* {outcome: {"duration_median","duration_p95","first_seed","peak_share_mean","runs"}}, sorted or
 * not. */
bool batch_tally_value(struct batch_tally *tally, struct value *out, struct pool *pool,
                       struct error *err);
