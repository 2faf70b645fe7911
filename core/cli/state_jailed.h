/* Has the journals of a state folder read by a process that is locked in: they may be a stranger's.
 * This one opens them and waits. */
#pragma once

#include "cli/state_runs.h"

/* Looks at one run's journal in that process; `index` is its place among the names. */
typedef bool state_reader_fn(void *context, size_t index, const struct state_file *file,
                             struct error *err);

/* Has `read` look at one journal after the other. *done is how many it has looked at, also where
 * one of them could not be; ERROR_POLICY: the reader was killed over it; ERROR_ENDED:
 * nobody takes what it writes, which it has told. */
bool state_jailed_each(const struct state *state, const state_name *names, size_t count,
                       state_reader_fn *read, void *context, size_t *done, struct error *err);

/* How these runs are doing. Whose journal ends its reader cannot be read, and hides no other. */
bool state_jailed_look(const struct state *state, const state_name *names, size_t count,
                       bool glance, struct state_run *runs, struct error *err);
