/* Whether later runs have changed what a run is about to put back. A resource may show again what
 * the run made of it because a later one wanted the same: AWS cannot tell, the state folder can. */
#pragma once

#include "cli/state.h"
#include "journal/journal.h"

/* ERROR_CONFLICT names the run that changed one of its resources last and has not put it back.
 * `scan` is the journal of `run`. */
bool overtaken_check(const struct state *state, const char *run, const struct journal_scan *scan,
                     struct error *err);
