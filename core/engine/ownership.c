/* The only state that a run takes for its own is the last that it made. Which one that is may be
 * open: the answer to the last change was lost, or branches changed the resource at the same time.
 * Then it is one of a few, or a mixture of their parts. */
#include "engine/ownership.h"

#include <stdio.h>

/* The changes whose effect may be the last are the last one and, while a change was sent before
 * the one in front of it was answered, that one, too. */
static const struct ledger_change *next_open(const struct ledger *ledger,
                                             const struct ledger_change *change)
{
    return change->overlapped ? ledger_previous(ledger, change) : NULL;
}

/* A change of unknown outcome may not have happened: what was there before it is ours as well. */
static bool may_show(const struct ledger_change *change, const struct value *state)
{
    return value_equal(change->after, state) ||
           (change->outcome == OUTCOME_UNKNOWN && value_equal(change->before, state));
}

/* --- mixtures -------------------------------------------------------------------------------- */

static const struct value *part_of(const struct value *state, struct slice name)
{
    for (size_t i = 0; state->kind == VALUE_OBJECT && i < state->object.count; i++) {
        if (slice_equal(state->object.members[i].name, name))
            return &state->object.members[i].value;
    }
    return NULL;
}

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
    bool known = same_part(part_of(first->before, name), part);
    for (; !known && last; last = next_open(ledger, last))
        known = same_part(part_of(last->before, name), part) ||
                same_part(part_of(last->after, name), part);
    return known;
}

static bool any_open(const struct ledger *ledger, const struct ledger_change *last)
{
    bool open = last->overlapped;
    for (; !open && last; last = next_open(ledger, last))
        open = last->outcome == OUTCOME_UNKNOWN;
    return open;
}

/* A request whose answer was lost can land after its resource was put back, or beside another, and
 * changes only the parts that it names. The state is then none that was recorded, but all of its
 * parts were. */
static bool is_mixture(const struct ledger *ledger, const struct ledger_change *last,
                       const struct value *state)
{
    const struct value *before = ledger_first(ledger, last->identity)->before;
    bool known = before->kind == VALUE_OBJECT && state->kind == VALUE_OBJECT &&
                 any_open(ledger, last);
    for (size_t i = 0; known && i < state->object.count; i++) {
        const struct member *member = &state->object.members[i];
        known = part_known(ledger, last, member->name, &member->value);
    }
    for (size_t i = 0; known && i < before->object.count; i++) {
        struct slice name = before->object.members[i].name;
        known = part_of(state, name) || part_known(ledger, last, name, NULL);
    }
    return known;
}

/* --- the whole ------------------------------------------------------------------------------- */

bool ownership_is_last(const struct ledger *ledger, struct slice identity,
                       const struct value *state)
{
    const struct ledger_change *last = ledger_last(ledger, identity);
    bool shown = false;
    for (const struct ledger_change *open = last; open && !shown; open = next_open(ledger, open))
        shown = may_show(open, state);
    return shown || (last && is_mixture(ledger, last, state));
}

static bool was_shown(const struct ledger *ledger, struct slice identity, const struct value *state)
{
    const struct ledger_change *change = ledger_last(ledger, identity);
    while (change && !value_equal(change->before, state) && !value_equal(change->after, state))
        change = ledger_previous(ledger, change);
    return change != NULL;
}

enum ownership ownership_of(const struct ledger *ledger, struct slice identity,
                            const struct value *state)
{
    const struct ledger_change *first = ledger_first(ledger, identity);
    if (first && value_equal(first->before, state))
        return OWNERSHIP_BEFORE;
    if (ownership_is_last(ledger, identity, state))
        return OWNERSHIP_OURS;
    return was_shown(ledger, identity, state) ? OWNERSHIP_EARLIER : OWNERSHIP_FOREIGN;
}

/* --- for people ------------------------------------------------------------------------------ */

enum { SHOWN_MAX = 120 };

/* A state as text; cut where it is long, but not within a character. */
static void show(const struct value *state, char out[SHOWN_MAX + 4])
{
    struct error ignored;
    struct buffer text;
    buffer_init(&text, JOURNAL_RECORD_SIZE_MAX);
    bool ok = value_write(state, &text, &ignored);
    size_t size = ok && text.size <= SHOWN_MAX ? text.size : SHOWN_MAX;
    while (ok && size < text.size && size > 0 && ((unsigned char)text.data[size] & 0xC0) == 0x80)
        size--;
    snprintf(out, SHOWN_MAX + 4, "%.*s%s", ok ? (int)size : 0, ok ? text.data : "",
             ok && size < text.size ? "..." : "");
    buffer_clear(&text);
}

void ownership_tell(const struct ledger *ledger, struct slice identity, const struct value *state,
                    char *out, size_t size)
{
    char shown[SHOWN_MAX + 4];
    char found[SHOWN_MAX + 4];
    char made[SHOWN_MAX + 4];
    show(state, shown);
    show(ledger_first(ledger, identity)->before, found);
    show(ledger_last(ledger, identity)->after, made);
    snprintf(out, size, "it shows %s; the run found %s and made %s", shown, found, made);
}
