/* What of a resource is the run's: the members of its state that the run's changes of it name. Of
 * several changes each may name others, and all of them together are put back. What no change names
 * may be anybody's: it is neither compared nor sent. */
#pragma once

#include "engine/catalogue.h"
#include "engine/ledger.h"

enum governed_when { GOVERNED_BEFORE, GOVERNED_AFTER };

/* A member as it was right before or after a change, also one that only other changes name; NULL:
 * there was none. */
const struct value *governed_member(const struct ledger *ledger, const struct ledger_change *change,
                                    enum governed_when when, struct slice name);

/* Whether a state, cut to what is governed, is that from right before or after a change. */
bool governed_shows(const struct ledger *ledger, const struct ledger_change *change,
                    enum governed_when when, const struct value *state);
/* Whether the last change of the resource left it as the first one found it. */
bool governed_is_round(const struct ledger *ledger, const struct ledger_change *last);

/* The same of the members alone that the change itself names; `state` may have others. */
bool governed_landed(const struct ledger_change *change, const struct value *state);

/* The members of a state that a change of the resource names. */
bool governed_cut(const struct ledger *ledger, struct slice identity, const struct value *state,
                  struct value *out, struct pool *pool, struct error *err);

/* The one request that undoes all changes of the resource, whose first is given. */
bool governed_undo(struct catalogue *catalogue, const struct ledger *ledger,
                   const struct ledger_change *first, struct value *out, struct pool *pool,
                   struct error *err);
