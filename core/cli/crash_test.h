/* The crash test of one run: killed after every record of its journal and in the middle of writing
 * the next, taken up from the journal alone, and the account compared with the one before; then the
 * same with a second kill at every record of the rollback. */
#pragma once

#include "cli/simulation.h"
#include "cli/verb.h"

/* Prints points tried and points restored; exit status 0 only if they are equal. */
int crash_test_run(struct simulation *simulation, int64_t seed, int64_t one_in, enum format format);
