/* Right before a commit every resource that the run changed must show what the run made.
 *
 *   idle --begin--> looking at all of them at once --> all are the run's ----> confirmed
 *                     ^   |                        --> one is somebody's ----> the run stops
 *                     |   v one cannot be read, or shows an earlier state: the read may lag
 *                     waiting
 *
 * After a wait all are looked at again, so that what is committed was seen in one go. */
#pragma once

#include "engine/engine_state.h"

bool confirm_is_idle(const struct engine *engine);
bool confirm_is_done(const struct engine *engine);
/* Looks at all resources, from the beginning. */
bool confirm_begin(struct engine *engine, struct error *err);
/* What was seen counts no more, and what is on its way does not either. */
void confirm_drop(struct engine *engine);
/* Answers and timers that are none of it are left alone. */
bool confirm_take(struct engine *engine, const struct event *event, struct error *err);
