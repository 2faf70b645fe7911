/* The locks of a live run: on every target as it begins, on everything else before it is changed
 * for the first time, and on all of these where a run is put back. */
#pragma once

#include "cli/supervisor_state.h"

/* Whether each is a target that the operator allows to be shifted; nothing is asked of AWS, and no
 * lock taken. A list. */
bool supervisor_check_targets(const struct supervisor *supervisor, const struct value *targets,
                              const struct value *home, struct error *err);
/* The same, and takes the locks of a run's targets; ERROR_CONFLICT says which other run holds one.
 */
bool supervisor_lock(struct supervisor *supervisor, const struct value *targets, struct error *err);
/* One more, of a resource that is about to be changed. */
bool supervisor_lock_more(struct supervisor *supervisor, struct slice identity, struct error *err);
/* Those of a run that is taken up: its targets, and what its records say that it changed. */
bool supervisor_lock_run(struct supervisor *supervisor, const struct journal_scan *scan,
                         struct error *err);
