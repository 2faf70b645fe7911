/* What a run under way has left in AWS so far, for who must know whether it is still there. */
#pragma once

#include "engine/engine.h"
#include "engine/ledger.h"

/* The last change of each resource that is to be put back if it comes to that; its `observe` is the
 * read that shows the resource. In the pool; they last until the run goes on. */
bool left_changes(const struct engine *engine, const struct ledger_change ***changes, size_t *count,
                  struct pool *pool, struct error *err);
/* Whether the answer to that read shows what the run left. A change whose answer is not known may
 * have been made or not. */
bool left_shows(const struct engine *engine, const struct ledger_change *change,
                const struct value *answer, struct pool *pool);
