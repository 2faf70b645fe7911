/* What people ask of a run: abort, pause, resume, promote, approve, reject. */
#pragma once

#include "engine/engine_state.h"

/* An EVENT_REQUEST: it is written down, and then done, unless it comes to nothing (a pause of a
 * paused run, anything of a run that is rolled back). A run that has not begun has no records. */
bool requests_take(struct engine *engine, const struct event *event, struct error *err);
