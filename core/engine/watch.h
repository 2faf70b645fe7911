/* Effects of kind watch. */
#pragma once

#include "engine/engine_state.h"

/* Whether what a watch could not see yet is still to be judged. */
bool watch_any_rest(const struct engine *engine);
/* Waits until what the watches so far could not see yet has been judged. */
bool watch_judged_begin(struct engine *engine, struct operation *operation, struct error *err);
/* The first branch of a group has returned: the watches beside it are over. */
bool watch_end_beside(struct engine *engine, int group, struct error *err);
bool watch_begin(struct engine *engine, struct operation *operation, struct error *err);
