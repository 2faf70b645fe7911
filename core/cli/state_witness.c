/* Compares what the locks say that a run changed with what its journal tells. */
#include "cli/state_witness.h"

#include "base/array.h"
#include "journal/holder.h"

#include <stdio.h>
#include <string.h>

static bool grow(struct state_witness *witness, struct error *err)
{
    size_t capacity = witness->capacity ? witness->capacity * 2 : 8;
    if (witness->count < witness->capacity)
        return true;
    struct state_change *locks = pool_alloc(witness->pool, capacity * sizeof *locks, err);
    if (!locks)
        return false;
    if (witness->count)
        memcpy(locks, witness->locks, witness->count * sizeof *locks);
    witness->locks = locks;
    witness->capacity = capacity;
    return true;
}

static bool add(void *context, const struct holder *holder, struct error *err)
{
    struct state_witness *witness = context;
    struct state_change change = {.record = holder->changed};
    if (!grow(witness, err) ||
        !pool_copy(witness->pool, slice_of(holder->target), &change.identity, err) ||
        !pool_copy(witness->pool, slice_of(holder->label), &change.label, err))
        return false;
    witness->locks[witness->count++] = change;
    witness->last = change.record > witness->last ? change.record : witness->last;
    snprintf(witness->ended, sizeof witness->ended, "%s", holder->ended);
    return true;
}

bool state_witness(const struct state *state, const char *run, struct state_witness *out,
                   struct pool *pool, struct error *err)
{
    char folder[PATH_MAX];
    *out = (struct state_witness){.last = -1, .pool = pool};
    return state_locks(state, folder, err) && holder_each(folder, run, add, out, err);
}

bool state_is_cut(const struct state_witness *witness, const struct journal_scan *scan)
{
    return scan->tail == JOURNAL_DAMAGED || witness->last >= scan->next_seq;
}

static bool tells_of(const struct journal_scan *scan, struct slice identity)
{
    for (size_t i = 0; i < scan->count; i++) {
        const struct journal_record *record = &scan->records[i];
        if (record->kind == JOURNAL_EFFECT &&
            slice_equal(value_get_slice(&record->body, "identity", ""), identity))
            return true;
    }
    return false;
}

static bool is_witnessed(const struct state_witness *witness, struct slice identity)
{
    for (size_t i = 0; i < witness->count; i++) {
        if (slice_equal(witness->locks[i].identity, identity))
            return true;
    }
    return false;
}

/* Whether a lock tells of all that the intact part has changed: then they tell of the rest, too. */
static bool is_trusted(const struct state_witness *witness, const struct journal_scan *scan)
{
    for (size_t i = 0; i < scan->count; i++) {
        struct slice identity = value_get_slice(&scan->records[i].body, "identity", "");
        if (scan->records[i].kind == JOURNAL_EFFECT && identity.size > 0 &&
            !is_witnessed(witness, identity))
            return false;
    }
    return witness->count > 0;
}

bool state_lost(const struct state_witness *witness, const struct journal_scan *scan,
                struct state_change **lost, size_t *count, struct error *err)
{
    *count = 0;
    *lost = pool_alloc(witness->pool, (witness->count + 1) * sizeof **lost, err);
    if (!*lost)
        return false;
    for (size_t i = 0; i < witness->count; i++) {
        const struct state_change *change = &witness->locks[i];
        if (change->record >= 0 && !tells_of(scan, change->identity))
            (*lost)[(*count)++] = *change;
    }
    if (scan->tail == JOURNAL_DAMAGED && !is_trusted(witness, scan))
        (*lost)[(*count)++] = (struct state_change){slice_of(""), slice_of(""), -1};
    return true;
}
