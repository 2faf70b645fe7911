/* The replayed world's side of the engine: what it answers from the place in the journal that the
 * run has come to. */
#pragma once

#include "world/replayed_state.h"

extern const struct world_ops replayed_ops;

/* Whether it tells that the policy's process was found dead. */
bool replayed_is_death(const struct journal_record *record);
/* Both fail with ERROR_KILLED: the engine is stopped as a crash would stop it. */
bool replayed_stop_life(struct error *err);
bool replayed_differ(struct replayed *replayed, struct error *err, const char *why);
