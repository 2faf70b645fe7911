/* What runs leave behind for those that come after them on the same resources. */
#pragma once

#include "cli/state.h"
#include "journal/holder.h"

/* Whether the run that held a lock last left its resource in order. ERROR_CONFLICT says what is to
 * be done first. */
bool state_check_left(const struct state *state, const struct holder *before, struct error *err);

/* A person says that a run is over as things are: it holds nobody up any more. */
bool state_leave(const struct state *state, const char *run, const char *person, struct error *err);
