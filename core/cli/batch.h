/* Many runs of one simulation with seeds derived from the first: how they ended, counted, each with
 * the seed that runs it again alone. */
#pragma once

#include "cli/simulation.h"
#include "cli/verb.h"

/* Prints the counts (text), one document (json), or a line per run (jsonl) on standard output. The
 * exit status is 0 when every run came to an end of its own, whatever it was; otherwise that of the
 * worst: not restored, refused, or a failure of ours. */
int batch_run(struct simulation *simulation, int64_t seed, int64_t runs, enum format format);
