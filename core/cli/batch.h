/* Many runs of one simulation with seeds derived from the first: how they ended, counted, each with
 * the seed that runs it again alone. */
#pragma once

#include "cli/requirement.h"
#include "cli/simulation.h"
#include "cli/verb.h"

struct batch {
    const struct simulation_input *input;
    int64_t seed, runs;
    enum format format;
    size_t jobs; /* how many processes share the runs (cli/batch_workers.h) */
    const struct requirement *requirements;
    size_t requirement_count;
};

/* Prints the counts (text), one document (json), or a line per run (jsonl) on standard output: the
 * same whatever the number of processes. The exit status is 0 when every run came to an end of its
 * own, whatever it was, and every requirement is met; 3 where one is not; otherwise that of the
 * worst: not restored, refused, or a failure of ours.
 */
int batch_run(const struct batch *batch);
