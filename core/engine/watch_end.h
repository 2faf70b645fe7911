/* When a watch may end, and how long it is waited for what is missing. */
#pragma once

#include "engine/engine_state.h"

/* Whether all of its own time was judged: its periods do not change any more, and its alarms know
 * of it. */
bool watch_is_judged(const struct operation *operation);
/* Whether a doubt may still be waited for. */
bool watch_is_settling(struct engine *engine, const struct operation *operation);
/* Whether more looks may bring what is missing; `brought`: this one brought a period. */
bool watch_is_patient(struct engine *engine, struct operation *operation, bool brought);
