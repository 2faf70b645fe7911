/* What of a policy only AWS and its metrics can tell: `check --live`. It asks, and changes nothing.
 */
#pragma once

#include "cli/options.h"
#include "cli/planning.h"

/* The options that say where, and as whom. */
#define CHECK_LIVE_OPTIONS LIVE_POLICY_OPTIONS, SUPERVISOR_OPTIONS

/* { outcome, reason, preflight [...], flags [{ target, percent, since }...] }, in the pool. False:
 * it could not be asked; *status is what to end with where a signal cut it short, or 0. To be
 * called in a process of its own, since credentials are in its memory from here on. */
bool check_live_ask(const struct options *options, struct value *out, int *status,
                    struct pool *pool, struct error *err);
