/* The only state that a run takes for its own is the last that it made. Which one that is may be
 * open: the answer to the last change was lost, or branches changed the resource at the same time.
 * Then it is one of a few, or a mixture of their parts. */
#include "engine/ownership.h"

#include "engine/governed.h"

/* The changes whose effect may be the last are the last one and, while a change was sent before
 * the one in front of it was answered, that one, too. */
static const struct ledger_change *next_open(const struct ledger *ledger,
                                             const struct ledger_change *change)
{
    return change->overlapped ? ledger_previous(ledger, change) : NULL;
}

/* A change of unknown outcome may not have happened: what was there before it is ours as well. */
static bool may_show(const struct ledger *ledger, const struct ledger_change *change,
                     const struct value *state)
{
    return governed_shows(ledger, change, GOVERNED_AFTER, state) ||
           (change->outcome == OUTCOME_UNKNOWN &&
            governed_shows(ledger, change, GOVERNED_BEFORE, state));
}

/* --- mixtures -------------------------------------------------------------------------------- */

static bool same_part(const struct value *a, const struct value *b)
{
    return a && b ? value_equal(a, b) : a == b;
}

/* Whether an open change found or made this part of the state (NULL: its absence), or the run
 * began with it. */
static bool part_known(const struct ledger *ledger, const struct ledger_change *last,
                       struct slice name, const struct value *part)
{
    const struct ledger_change *first = ledger_first(ledger, last->identity);
    bool known = same_part(governed_member(ledger, first, GOVERNED_BEFORE, name), part);
    for (; !known && last; last = next_open(ledger, last))
        known = same_part(governed_member(ledger, last, GOVERNED_BEFORE, name), part) ||
                same_part(governed_member(ledger, last, GOVERNED_AFTER, name), part);
    return known;
}

static bool any_open(const struct ledger *ledger, const struct ledger_change *last)
{
    bool open = last->overlapped;
    for (; !open && last; last = next_open(ledger, last))
        open = last->outcome == OUTCOME_UNKNOWN;
    return open;
}

/* A part that some change found, and the state has not, may be missing. */
static bool absent_known(const struct ledger *ledger, const struct ledger_change *last,
                         const struct value *before, const struct value *state)
{
    bool known = before->kind == VALUE_OBJECT;
    for (size_t i = 0; known && i < before->object.count; i++) {
        struct slice name = before->object.members[i].name;
        known = value_find(state, name) || part_known(ledger, last, name, NULL);
    }
    return known;
}

/* A request whose answer was lost can land after its resource was put back, or beside another, and
 * changes only the parts that it names. The state is then none that was recorded, but all of its
 * parts were. */
static bool is_mixture(const struct ledger *ledger, const struct ledger_change *last,
                       const struct value *state)
{
    bool known = state->kind == VALUE_OBJECT && any_open(ledger, last);
    for (size_t i = 0; known && i < state->object.count; i++) {
        const struct member *member = &state->object.members[i];
        known = part_known(ledger, last, member->name, &member->value);
    }
    for (const struct ledger_change *by = last; known && by; by = ledger_previous(ledger, by))
        known = absent_known(ledger, last, by->before, state);
    return known;
}

/* --- the whole ------------------------------------------------------------------------------- */

bool ownership_is_last(const struct ledger *ledger, struct slice identity,
                       const struct value *state)
{
    const struct ledger_change *last = ledger_last(ledger, identity);
    bool shown = false;
    for (const struct ledger_change *open = last; open && !shown; open = next_open(ledger, open))
        shown = may_show(ledger, open, state);
    return shown || (last && is_mixture(ledger, last, state));
}

static bool was_shown(const struct ledger *ledger, struct slice identity, const struct value *state)
{
    const struct ledger_change *change = ledger_last(ledger, identity);
    while (change && !governed_shows(ledger, change, GOVERNED_BEFORE, state) &&
           !governed_shows(ledger, change, GOVERNED_AFTER, state))
        change = ledger_previous(ledger, change);
    return change != NULL;
}

enum ownership ownership_of(const struct ledger *ledger, struct slice identity,
                            const struct value *state)
{
    const struct ledger_change *first = ledger_first(ledger, identity);
    if (first && governed_shows(ledger, first, GOVERNED_BEFORE, state))
        return OWNERSHIP_BEFORE;
    if (ownership_is_last(ledger, identity, state))
        return OWNERSHIP_OURS;
    return was_shown(ledger, identity, state) ? OWNERSHIP_EARLIER : OWNERSHIP_FOREIGN;
}
