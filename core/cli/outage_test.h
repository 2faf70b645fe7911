/* The outage test of one run: AWS is away from every call of the run and of its rollback on, in
 * every way and for 1 s to 10 min, and the account is compared with the one before; then the same
 * from every call of a recovery on, the run having been killed after each record that tells of a
 * change. What is promoted nevertheless is taken back, and has to be as before, too. */
#pragma once

#include "cli/simulation.h"
#include "cli/verb.h"

/* Prints outages tried and restored; exit status 0 only if they are equal. */
int outage_test_run(struct simulation *simulation, int64_t seed, int64_t one_in,
                    enum format format);
