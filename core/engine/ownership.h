/* Whose state it is that a resource shows: the one to go back to, the last that this run made, an
 * earlier one of this run, or somebody else's. */
#pragma once

#include "engine/ledger.h"

enum ownership {
    OWNERSHIP_BEFORE,  /* what the run found */
    OWNERSHIP_OURS,    /* what its last change made, or may have made */
    OWNERSHIP_EARLIER, /* what it found or made before its last change: somebody put that back, or
                        * the read lags behind the write */
    OWNERSHIP_FOREIGN,
};

enum ownership ownership_of(const struct ledger *ledger, struct slice identity,
                            const struct value *state);

/* Whether the state is what the last change of the resource made, or may have made; that may be
 * what the run found, too. */
bool ownership_is_last(const struct ledger *ledger, struct slice identity,
                       const struct value *state);

/* "MEMBER: it shows X; the run found Y and made Z", for people, of each member of its state that is
 * not as the run made it, cut to the size: where texts are long, of the innermost place that
 * differs, so that X and Z never read the same. */
void ownership_tell(const struct ledger *ledger, struct slice identity, const struct value *state,
                    char *out, size_t size);
