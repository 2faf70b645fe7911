/* What a journal says of the changes of a run is computed again before anything of it is put back.
 * A file in the state folder may be a stranger's: it is believed only where it can be recomputed,
 * and nothing is sent that stands in it as a request. */
#pragma once

#include "engine/catalogue.h"
#include "journal/journal.h"

struct recompute {
    struct catalogue *catalogue; /* with what the operator allows in front of it */
    const char *world;           /* that a run must have been in: "live" */
    const char *version;         /* of this program */
};

/* From the request and the observation of each change: its resource, the look, the states before
 * and after, the undo and the settling window. The bodies of the scan then hold what was computed,
 * in `pool`. ERROR_INVALID names the line, and what there is not what it must be. What another
 * version wrote may differ but in the resource: the request is still the run's, and what is sent is
 * what this version makes of it. */
bool recompute_changes(const struct recompute *recompute, struct journal_scan *scan,
                       struct pool *pool, struct error *err);
