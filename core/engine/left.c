/* The last change of each resource, and whether a look still shows it. */
#include "engine/left.h"

#include "engine/governed.h"
#include "engine/look.h"

bool left_changes(const struct engine *engine, const struct ledger_change ***changes, size_t *count,
                  struct pool *pool, struct error *err)
{
    const struct ledger *ledger = &engine->ledger;
    *changes = pool_alloc(pool, (ledger->count + 1) * sizeof **changes, err);
    *count = *changes ? ledger_pending(ledger, *changes) : 0;
    return *changes != NULL;
}

bool left_shows(const struct engine *engine, const struct ledger_change *change,
                const struct value *answer, struct pool *pool)
{
    struct value state;
    struct error ignored;
    const struct ledger *ledger = &engine->ledger;
    bool known = look_state(engine, change, answer, &state, pool, &ignored);
    bool unanswered = change->outcome == OUTCOME_UNKNOWN;
    return change->fleeting ||
           (known && (governed_shows(ledger, change, GOVERNED_AFTER, &state) ||
                      (unanswered && governed_shows(ledger, change, GOVERNED_BEFORE, &state))));
}
