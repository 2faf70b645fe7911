/* The members that changes name, and what they were: of each member the latest change that names it
 * tells what it was made, and the first one what it was before the run. */
#include "engine/governed.h"

static bool names_it(const struct ledger_change *change, struct slice name)
{
    return value_find(change->before, name) || value_find(change->after, name);
}

static bool is_whole(const struct ledger_change *change)
{
    return change->before->kind != VALUE_OBJECT || change->after->kind != VALUE_OBJECT;
}

static bool same(const struct value *a, const struct value *b)
{
    return a && b ? value_equal(a, b) : a == b;
}

static const struct value *side_of(const struct ledger_change *change, enum governed_when when)
{
    return when == GOVERNED_BEFORE ? change->before : change->after;
}

const struct value *governed_member(const struct ledger *ledger, const struct ledger_change *change,
                                    enum governed_when when, struct slice name)
{
    const struct ledger_change *by = change;
    while (by && !names_it(by, name))
        by = ledger_previous(ledger, by);
    if (by)
        return value_find(side_of(by, by == change ? when : GOVERNED_AFTER), name);
    for (by = ledger_next(ledger, change); by && !names_it(by, name);)
        by = ledger_next(ledger, by);
    return by ? value_find(by->before, name) : NULL;
}

/* --- comparing ------------------------------------------------------------------------------- */

/* Whether a member that `named` has, and the state has not, was there. */
static bool misses(const struct ledger *ledger, const struct ledger_change *change,
                   enum governed_when when, const struct value *named, const struct value *state)
{
    bool any = false;
    for (size_t i = 0; !any && i < named->object.count; i++) {
        struct slice name = named->object.members[i].name;
        any = !value_find(state, name) && governed_member(ledger, change, when, name);
    }
    return any;
}

bool governed_shows(const struct ledger *ledger, const struct ledger_change *change,
                    enum governed_when when, const struct value *state)
{
    if (state->kind != VALUE_OBJECT || is_whole(change))
        return value_equal(side_of(change, when), state);
    bool shown = true;
    for (size_t i = 0; shown && i < state->object.count; i++) {
        const struct member *member = &state->object.members[i];
        shown = same(governed_member(ledger, change, when, member->name), &member->value);
    }
    const struct ledger_change *other = ledger_last(ledger, change->identity);
    for (; shown && other; other = ledger_previous(ledger, other))
        shown = !is_whole(other) && !misses(ledger, change, when, other->before, state) &&
                !misses(ledger, change, when, other->after, state);
    return shown;
}

/* Whether the members of `named` are after the last change what they were before the first. */
static bool are_round(const struct ledger *ledger, const struct ledger_change *first,
                      const struct ledger_change *last, const struct value *named)
{
    bool round = true;
    for (size_t i = 0; round && i < named->object.count; i++) {
        struct slice name = named->object.members[i].name;
        round = same(governed_member(ledger, first, GOVERNED_BEFORE, name),
                     governed_member(ledger, last, GOVERNED_AFTER, name));
    }
    return round;
}

bool governed_is_round(const struct ledger *ledger, const struct ledger_change *last)
{
    const struct ledger_change *first = ledger_first(ledger, last->identity);
    bool round = true;
    if (is_whole(first) || is_whole(last))
        return value_equal(first->before, last->after);
    for (const struct ledger_change *by = last; round && by; by = ledger_previous(ledger, by))
        round = !is_whole(by) && are_round(ledger, first, last, by->before) &&
                are_round(ledger, first, last, by->after);
    return round;
}

static bool shows_members(const struct ledger_change *change, const struct value *named,
                          const struct value *state)
{
    bool shown = true;
    for (size_t i = 0; shown && i < named->object.count; i++) {
        struct slice name = named->object.members[i].name;
        shown = same(value_find(change->after, name), value_find(state, name));
    }
    return shown;
}

bool governed_landed(const struct ledger_change *change, const struct value *state)
{
    if (is_whole(change))
        return value_equal(change->after, state);
    return shows_members(change, change->before, state) &&
           shows_members(change, change->after, state);
}

/* --- a state and an undo --------------------------------------------------------------------- */

static bool is_named(const struct ledger *ledger, const struct ledger_change *last,
                     struct slice name)
{
    while (last && !is_whole(last) && !names_it(last, name))
        last = ledger_previous(ledger, last);
    return last != NULL;
}

bool governed_cut(const struct ledger *ledger, struct slice identity, const struct value *state,
                  struct value *out, struct pool *pool, struct error *err)
{
    const struct ledger_change *last = ledger_last(ledger, identity);
    size_t kept = 0;
    for (size_t i = 0; state->kind == VALUE_OBJECT && i < state->object.count; i++)
        kept += is_named(ledger, last, state->object.members[i].name);
    *out = *state;
    if (state->kind != VALUE_OBJECT || kept == state->object.count)
        return true;
    if (!value_object(out, kept, pool, err))
        return false;
    kept = 0;
    for (size_t i = 0; i < state->object.count; i++) {
        if (is_named(ledger, last, state->object.members[i].name))
            out->object.members[kept++] = state->object.members[i];
    }
    return true;
}

/* Whether a change names a member that none before it did. */
static bool names_more(const struct ledger *ledger, const struct ledger_change *change,
                       const struct value *named)
{
    const struct ledger_change *previous = ledger_previous(ledger, change);
    bool more = false;
    for (size_t i = 0; named->kind == VALUE_OBJECT && !more && i < named->object.count; i++)
        more = !is_named(ledger, previous, named->object.members[i].name);
    return more;
}

bool governed_undo(struct catalogue *catalogue, const struct ledger *ledger,
                   const struct ledger_change *first, struct value *out, struct pool *pool,
                   struct error *err)
{
    const struct ledger_change *later = first;
    *out = *first->undo;
    while ((later = ledger_next(ledger, later))) {
        struct value undo = *out;
        bool more = names_more(ledger, later, later->before) ||
                    names_more(ledger, later, later->after);
        if (more && later->undo->kind == VALUE_OBJECT &&
            !catalogue->ops->join(catalogue, first->operation, &undo, later->undo, out, pool, err))
            return false;
    }
    return true;
}
