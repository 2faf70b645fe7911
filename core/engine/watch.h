/* Effects of kind watch. */
#pragma once

#include "engine/engine_state.h"

/* Whether what a watch could not see yet is still to be judged. */
bool watch_any_rest(const struct engine *engine);
bool watch_begin(struct engine *engine, struct operation *operation, struct error *err);
