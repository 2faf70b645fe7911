/* The last change of each resource, and whether a look still shows it. */
#include "engine/left.h"

#include "engine/engine_state.h"

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
    struct catalogue *catalogue = engine->params.catalogue;
    bool known = catalogue->ops->state(catalogue, change->operation, change->input, answer, &state,
                                       pool, &ignored);
    bool unanswered = change->outcome == OUTCOME_UNKNOWN;
    return change->fleeting || (known && (value_equal(change->after, &state) ||
                                          (unanswered && value_equal(change->before, &state))));
}
