/* The processes that carry out a batch. Each is locked in as that of a single run is, and worker k
 * of n carries out the runs k, k + n, k + 2n...; what became of each comes through a pipe. Results
 * are taken in the order of the runs, so that nothing made of them depends on how many processes
 * there are, or on which of them is the fastest. */
#pragma once

#include "cli/simulation.h"

enum { BATCH_JOBS_MAX = 256 };

/* One for each processor that this process may use, and fewer where the runs are so few that the
 * processes would spend their time on starting. */
size_t batch_workers_count(int64_t runs);

/* What became of one run. It comes from a process in which a policy ran: whatever is in it has been
 * checked to be in its range, and nothing more may be believed of it. */
struct batch_result {
    enum run_outcome outcome;
    enum run_cause cause;
    int64_t duration; /* ms */
    double peak_share;
    char reason[ERROR_MESSAGE_MAX];
};

/* False ends the batch. */
typedef bool batch_take_fn(void *context, int64_t run, int64_t seed,
                           const struct batch_result *result, struct error *err);

/* Carries out the runs 0 to `runs` - 1, and hands each to `take`. The first run, by its number,
 * that could not be carried out ends it; *died: because the process that had it is gone. */
bool batch_workers_run(const struct simulation_input *input, int64_t seed, int64_t runs,
                       size_t jobs, batch_take_fn *take, void *context, bool *died,
                       struct error *err);
