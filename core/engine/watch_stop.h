/* How a watch ends the run: each says why, once and for all. */
#pragma once

#include "engine/watch_tick.h"

/* CAUSE_NONE for a verdict that lets the policy go on. */
enum run_cause watch_cause(enum verdict verdict);
/* For a verdict of this cause. */
bool watch_stop(struct engine *engine, struct operation *operation, const struct tick *tick,
                enum run_cause cause);
/* Before it begins: it will not see what it is asked to, however long it waits. False: it may. */
bool watch_stop_if_hopeless(struct engine *engine, struct operation *operation);
/* It could not have seen what it is asked to. */
bool watch_stop_undecided(struct engine *engine, struct operation *operation);
/* The last periods of its time did not come. */
bool watch_stop_unfinished(struct engine *engine, struct operation *operation);
/* They are still in doubt, after all the time that a doubt may take. */
bool watch_stop_in_doubt(struct engine *engine, struct operation *operation, const char *doubt);
